//! Who reads of whom, what narrows the list, and what is taken along.

use hufu::domain::role::Role;

use crate::harness::Portal;

on_both_databases!(an_owner_reads_of_their_own_tenant_and_the_platform_of_all, |db| async {
    let portal = Portal::start(&db).await;
    let (acme, rival) = (portal.tenant("acme").await, portal.tenant("rival").await);
    portal.user("owner", Some((&acme, Role::Owner))).await;
    portal.user("operator", Some((&acme, Role::Operator))).await;
    portal.admin("boss").await;
    let mut owner = portal.signed_in("owner").await;
    let mut boss = portal.signed_in("boss").await;

    let page = owner.get("/audit").await;
    assert_eq!(page.status, 200);
    assert!(page.body.contains("公司 acme") && !page.body.contains("公司 rival"));
    assert_eq!(portal.signed_in("operator").await.get("/audit").await.status, 403);
    assert_eq!(owner.get("/admin/audit").await.status, 403);
    let page = boss.get("/admin/audit").await;
    assert!(page.body.contains("公司 acme") && page.body.contains("公司 rival"));
    let page = boss.get(&format!("/admin/audit?tenant={rival}&action=tenant.created")).await;
    assert!(!page.body.contains("owner@example.com"));
    let none = boss.get("/admin/audit?until=2020-01-01").await;
    assert!(!none.body.contains("owner@example.com"));
    let by_address = boss.get("/admin/audit?who=owner@example.com").await;
    assert!(by_address.body.contains("owner@example.com"));

    owner.get("/audit").await;
    let csv = owner.post("/audit/export", &[("format", "csv")]).await;
    assert_eq!((csv.status, csv.header("content-type")), (200, "text/csv; charset=utf-8"));
    assert!(csv.header("content-disposition").contains("hufu-audit.csv"));
    assert!(csv.body.contains("tenant.created") && !csv.body.contains(rival.as_str()));
    boss.get("/admin/audit").await;
    let json = boss.post("/admin/audit/export", &[("format", "json")]).await;
    let list: serde_json::Value = serde_json::from_str(&json.body).unwrap();
    assert!(
        list.as_array().unwrap().iter().any(|one| one["action"] == "audit.exported"),
        "exporting is told, too"
    );
    portal.stop().await;
});
