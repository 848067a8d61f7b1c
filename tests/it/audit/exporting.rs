//! A long audit as a file: all of it, each record once, in its order; a part is never taken for the whole.

use std::collections::BTreeSet;

use hufu::domain::ids::TenantId;
use hufu::domain::role::Role;
use hufu::service::export_audit::AT_ONCE;

use crate::harness::{Database, Kind, Portal};

/// More than two pieces.
const MANY: usize = 2 * AT_ONCE + 100;

/// Records of a tenant, twenty in a second, by somebody whose name is a formula; every second one is another deed.
async fn fill(db: &Database, tenant: &TenantId, from: usize) {
    db.execute_text(format!(
        "INSERT INTO audit SELECT {from} + i, 1800000000 + i / 20, '{tenant}', 'user', 'u{tenant}', '=1+1', NULL, '', \
         CASE WHEN i % 2 = 0 THEN 'authorizer.paused' ELSE 'authorizer.resumed' END, 'tenant', '{tenant}', NULL, '{{}}', \
         'x', 'y' FROM (WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i + 1 < {MANY}) \
         SELECT i FROM n) AS numbers"
    ))
    .await;
}

on_both_databases!(a_long_audit_is_exported_whole_in_its_order_and_by_its_conditions, |db| async {
    let portal = Portal::start(&db).await;
    let (acme, rival) = (portal.tenant("acme").await, portal.tenant("rival").await);
    portal.user("ann", Some((&acme, Role::Owner))).await;
    fill(&db, &acme, 1_000_000).await;
    fill(&db, &rival, 2_000_000).await;
    let mut ann = portal.signed_in("ann").await;
    ann.get("/audit").await;

    let csv = ann.post("/audit/export", &[("format", "csv")]).await;
    assert_eq!((csv.status, csv.header("cache-control")), (200, "no-store"));
    assert_eq!((csv.header("transfer-encoding"), csv.header("content-length")), ("chunked", ""));
    assert!(!csv.body.contains(rival.as_str()), "another tenant's record");
    assert!(!csv.body.contains(",\"=1+1\"") && csv.body.contains(",\"'=1+1\""), "a formula");
    let lines: Vec<&str> = csv.body.lines().skip(1).filter(|line| line.contains("authorizer.")).collect();
    let numbers: Vec<u64> =
        lines.iter().map(|line| line.split('"').nth(1).unwrap().parse().unwrap()).collect();
    assert_eq!((numbers.len(), numbers.iter().collect::<BTreeSet<_>>().len()), (MANY, MANY));
    assert!(numbers.is_sorted_by(|one, next| one > next), "the newest first");

    ann.get("/audit").await;
    let narrow = [("format", "json"), ("action", "authorizer.paused"), ("who", &format!("u{acme}"))];
    let json = ann.post("/audit/export", &narrow).await;
    let list: serde_json::Value = serde_json::from_str(&json.body).unwrap();
    let list = list.as_array().unwrap();
    assert_eq!(list.len(), MANY / 2);
    assert!(list.iter().all(|one| one["action"] == "authorizer.paused" && one["tenant_id"] == acme.as_str()));

    ann.get("/audit").await;
    let none = [("format", "json"), ("until", "2020-01-01")];
    assert_eq!(ann.post("/audit/export", &none).await.body.replace('\n', ""), "[]");
    let told = db.texts("SELECT detail FROM audit WHERE action = 'audit.exported' ORDER BY seq").await;
    assert_eq!(told.len(), 3, "{told:?}");
    assert!(told[1].contains("authorizer.paused") && told[1].contains(&format!("u{acme}")), "{}", told[1]);
    portal.stop().await;
});

/// A value that nobody can read stands in for a database that goes away; PostgreSQL takes no such value.
#[tokio::test]
async fn a_file_that_cannot_be_finished_breaks_off() {
    crate::harness::run(Kind::Sqlite, |db| async move {
        let portal = Portal::start(&db).await;
        let acme = portal.tenant("acme").await;
        portal.admin("boss").await;
        fill(&db, &acme, 1_000_000).await;
        db.execute_text(
            "INSERT INTO audit SELECT 999999, 1800000000, tenant_id, actor_kind, actor_id, actor_name, address, x'ff', \
             action, subject_kind, subject_id, subject_name, detail, prev_hash, hash FROM audit WHERE seq = 1000000"
                .to_owned(),
        )
        .await;
        let mut boss = portal.signed_in("boss").await;
        boss.get("/admin/audit").await;

        let form = [("csrf", boss.csrf.clone()), ("format", "csv".to_owned())];
        let body = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(form).finish();
        let cookies: Vec<String> = boss.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let request = reqwest::Client::new()
            .post(format!("{}admin/audit/export", portal.running.url))
            .header("cookie", cookies.join("; "))
            .header("content-type", "application/x-www-form-urlencoded");
        let answer = request.body(body).send().await.unwrap();

        assert_eq!(answer.status(), 200, "it began well");
        assert!(answer.bytes().await.is_err(), "a part was sent as if it were the whole");
        portal.stop().await;
    })
    .await;
}
