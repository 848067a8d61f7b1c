//! The audit: numbered without gaps, chained, only ever added to.

use futures_util::future::join_all;
use hufu::domain::audit::{Action, Actor, Detail, Entry, GENESIS, Record, Said, Subject};
use hufu::store::{Store, audit};

use super::fixtures::{a_tenant, a_user, at, tenant_id};

async fn renamed(store: &Store, seconds: i64, name: &str) {
    let entry = Entry::of(&tenant_id("acme"), Action::TenantRenamed, Subject::tenant_id(&tenant_id("acme")))
        .with(Detail::none().change("name", Said("before"), Said(name)));
    let mut tx = store.write().await.unwrap();
    audit::append(&mut tx, at(seconds), &Actor::cli(), &entry).await.unwrap();
    tx.commit().await.unwrap();
}

on_both_databases!(records_are_numbered_without_gaps_and_chained, |db| async {
    a_tenant(db.store(), "acme", at(0)).await;
    let ann = a_user(db.store(), "ann", false).await;
    renamed(db.store(), 10, "A").await;
    // What is not committed leaves no gap.
    let mut tx = db.store().write().await.unwrap();
    let entry = Entry::platform(Action::UserDisabled, Subject::user(&ann));
    audit::append(&mut tx, at(20), &Actor::cli(), &entry).await.unwrap();
    drop(tx);
    join_all((0..20).map(|number| renamed(db.store(), 30 + number, "B"))).await;
    let mut tx = db.store().write().await.unwrap();
    let by = Actor::user(&ann, Some("203.0.113.7".parse().unwrap()), "trace");
    audit::append(&mut tx, at(60), &by, &entry).await.unwrap();
    tx.commit().await.unwrap();

    let records = audit::chain(&mut db.store().read().await.unwrap(), 0, 100).await.unwrap();

    assert_eq!(records.iter().map(|record| record.seq).collect::<Vec<_>>(), (1..=22).collect::<Vec<_>>());
    let mut before = GENESIS.to_owned();
    for record in &records {
        assert_eq!(record.prev_hash, before);
        assert_eq!(record.hash, record.computed_hash());
        before.clone_from(&record.hash);
    }
    let head = audit::head(&mut db.store().read().await.unwrap()).await.unwrap();
    assert_eq!(head, (22, before.clone()));
    let Record { actor_id, actor_name, address, trace, tenant, subject_name, .. } = &records[21];
    assert_eq!((actor_id.as_deref(), actor_name.as_deref()), (Some("ann"), Some("ann@example.com")));
    assert_eq!((address.as_deref(), trace.as_str()), (Some("203.0.113.7"), "trace"));
    assert_eq!((tenant.as_deref(), subject_name.as_deref()), (None, Some("ann@example.com")));
    let rest = audit::chain(&mut db.store().read().await.unwrap(), 20, 1).await.unwrap();
    assert_eq!(rest, [records[20].clone()]);
});

on_both_databases!(records_are_neither_changed_nor_removed, |db| async {
    renamed(db.store(), 10, "A").await;
    for statement in [
        "UPDATE audit SET detail = '{}'",
        "DELETE FROM audit",
        "UPDATE audit_head SET seq = 0",
        "UPDATE audit_head SET id = 2",
        "DELETE FROM audit_head",
        "INSERT INTO audit_head (id, seq, hash) VALUES (2, 0, '')",
    ] {
        let refused = db.execute(statement).await.unwrap_err().to_string();
        assert!(refused.contains("append-only"), "{statement}: {refused}");
    }
    let statement = match db.kind {
        crate::harness::Kind::Sqlite => "REPLACE INTO audit SELECT * FROM audit",
        crate::harness::Kind::Postgres => "TRUNCATE audit",
    };
    let refused = db.execute(statement).await.unwrap_err().to_string();
    assert!(refused.contains("append-only"), "{statement}: {refused}");
    assert_eq!(audit::chain(&mut db.store().read().await.unwrap(), 0, 9).await.unwrap().len(), 1);
});
