//! The end of a tenant: what is deleted, what can be undone, and what an old backup is worth afterwards.

use std::time::Duration;

use hufu::domain::audit::Actor;
use hufu::domain::health::Health;
use hufu::domain::tenant_life::GRACE;
use hufu::service::{ServiceError, delete_tenant, rotate_keys};
use hufu::store::tenant_purge::{self, TENANT_TABLES};
use hufu::store::{authorizer_token, tenant, tenant_life};
use hufu::vault::{KeySource, Vault};

use crate::engine::crowd;
use crate::engine::world::{World, key};
use crate::harness::{Database, Kind};

on_both_databases!(every_table_with_rows_of_a_tenant_is_emptied, |db| async {
    let named = |column: &str| matches!(column, "tenant_id" | "held_for_tenant");
    let columns = db.columns().await;
    let mut there: Vec<String> =
        columns.into_iter().filter(|(_, column)| named(column)).map(|(table, _)| table).collect();
    there.retain(|table| table != "audit");
    for table in there {
        let known = TENANT_TABLES.iter().any(|(name, _, _)| name.trim_matches('"') == table);
        assert!(known, "{table} has rows of tenants: name it in store/tenant_purge.rs");
    }
});

/// Every row that names the tenant, but for the audit's.
async fn rows_of(db: &Database, tenant: &str) -> Vec<String> {
    let mut found = Vec::new();
    for (table, column) in db.columns().await {
        if table == "audit" || table == "purged_tenant" {
            continue;
        }
        let query = format!(
            "SELECT '{table}.{column}' FROM \"{table}\" WHERE CAST(\"{column}\" AS TEXT) = '{tenant}'"
        );
        found.extend(db.texts(&query).await);
    }
    found
}

on_both_databases!(a_tenant_is_deleted_after_its_days_of_grace_and_until_then_nothing_is, |db| async move {
    let world = World::new(&db).await;
    let accounts = crowd::gather(&world, &db, &[&world.acme, &world.rival], 8).await;
    let by = Actor::system();
    let (cx, acme) = (world.cx(), &world.acme);

    let typo = delete_tenant::request(cx, world.now(), &by, acme, "rival").await;
    assert!(matches!(typo, Err(ServiceError::Conflict(_))), "{typo:?}");
    delete_tenant::request(cx, world.now(), &by, acme, " acme ").await.unwrap();
    assert!(delete_tenant::request(cx, world.now(), &by, acme, "acme").await.is_err(), "asked twice");

    // Everything of it stands still, and the other tenant goes on.
    world.tick().await;
    world.after(crowd::DUE + 60).await;
    let health = async |account: &str| {
        let mut tx = cx.store.read().await.unwrap();
        authorizer_token::find(&mut tx, &cx.vault, &key(account)).await.unwrap().unwrap()
    };
    assert_eq!(health(&accounts[0]).await.generation, 1, "refreshed although it is to be deleted");
    assert_eq!(health(&accounts[1]).await.generation, 2, "the neighbour is not refreshed");
    let early = db.execute("UPDATE tenant SET purge_began_at = 1 WHERE slug = 'acme'").await;
    assert!(early.is_err(), "the database lets nobody begin early");
    db.execute(
        "INSERT INTO history (id, component_appid, authorizer_appid, tenant_id, at, event, detail, seq) \
         SELECT id, 'wxc', 'wxa', id, 1, 'authorized', '{}', 1 FROM tenant",
    )
    .await
    .unwrap();
    assert!(db.execute("DELETE FROM history").await.is_err(), "the history can be deleted");

    // Undone: it goes on where it was.
    delete_tenant::undo(cx, world.now(), &by, acme).await.unwrap();
    world.after(1).await;
    world.after(60).await;
    let held = health(&accounts[0]).await;
    assert_eq!((held.generation, held.health), (2, Health::Healthy));

    let purge_at = delete_tenant::request(cx, world.now(), &by, acme, "acme").await.unwrap();
    world.skip(GRACE.as_secs() - 10);
    world.tick().await;
    assert!(purge_at > world.now() && !rows_of(&db, acme.as_str()).await.is_empty(), "too early");
    world.after(20).await;
    world.after(1).await;

    assert_eq!(rows_of(&db, acme.as_str()).await, Vec::<String>::new());
    assert!(tenant::find(&mut cx.store.read().await.unwrap(), acme).await.unwrap().is_none());
    assert!(health(&accounts[1]).await.refresh_token.is_some(), "the neighbour lost a token");
    let undone = delete_tenant::undo(cx, world.now(), &by, acme).await;
    assert!(matches!(undone, Err(ServiceError::NotFound)), "{undone:?}");
    let purged = tenant_purge::list_purged(&mut cx.store.read().await.unwrap(), 9).await.unwrap();
    assert_eq!((purged[0].slug.as_str(), purged[0].keys_left.len()), ("acme", 1));
    world.end().await;
});

/// What a backup holds of sealed texts and data keys, put back beside the living database.
#[tokio::test]
async fn an_old_backup_opens_with_nothing_once_its_master_key_is_retired() {
    crate::harness::run(Kind::Sqlite, |db| async move {
        let world = World::new(&db).await;
        let accounts = crowd::gather(&world, &db, &[&world.acme], 3).await;
        let cx = world.cx();
        let folder = tempfile::TempDir::new().unwrap();
        let backup = folder.path().join("backup.sqlite");
        db.execute_text(format!("VACUUM INTO '{}'", backup.display())).await;
        let file = cx.vault.source().file().unwrap().to_owned();
        let old = cx.vault.master_keys()[0].clone();

        delete_tenant::request(cx, world.now(), &Actor::system(), &world.acme, "acme").await.unwrap();
        world.skip(GRACE.as_secs() + 1);
        world.tick().await;
        world.after(1).await;

        // The data key is gone from here, but the backup has it, wrapped.
        let restored = hufu::store::Store::connect(&format!("sqlite:{}", backup.display())).await.unwrap();
        let opens = async || {
            let vault = Vault::open(KeySource::File(file.clone()), hufu::random::Random::system()).unwrap();
            let mut tx = restored.read().await.unwrap();
            let mut open = 0;
            for account in &accounts {
                let held = authorizer_token::find(&mut tx, &vault, &key(account)).await.unwrap().unwrap();
                open += usize::from(held.refresh_token.is_some());
            }
            open
        };
        assert_eq!(opens().await, 3, "that is why the master key must go, too");

        rotate_keys::master(cx, Duration::from_millis(10), &|_| ()).await.unwrap();
        assert_eq!(opens().await, 3, "the old key is still there");
        let left = tenant_purge::list_purged(&mut cx.store.read().await.unwrap(), 9).await.unwrap();
        assert_eq!(left[0].keys_left, std::slice::from_ref(&old));
        rotate_keys::retire(cx, world.now(), &old).await.unwrap();

        assert_eq!(opens().await, 0, "a shredded tenant's secret opened from a backup");
        let left = tenant_purge::list_purged(&mut cx.store.read().await.unwrap(), 9).await.unwrap();
        assert!(left[0].keys_left.is_empty());
        let source = KeySource::File(file.clone());
        let started =
            hufu::service::open_vault::run(&restored, &source, &hufu::random::Random::system()).await;
        assert!(started.is_err(), "a portal started on the old backup");
        restored.close().await;
        world.end().await;
    })
    .await;
}

on_both_databases!(a_suspended_tenants_accounts_stay_fresh_and_its_people_are_told, |db| async move {
    let world = World::new(&db).await;
    let accounts = crowd::gather(&world, &db, &[&world.acme], 1).await;
    world.portal.user("ann", Some((&world.acme, hufu::domain::role::Role::Owner))).await;
    world.portal.admin("root").await;
    let mut ann = world.portal.signed_in("ann").await;
    let mut root = world.portal.signed_in("root").await;
    let page = format!("/admin/tenants/{}", world.acme);
    root.get(&page).await;

    assert_eq!(root.post(&format!("{page}/suspend"), &[]).await.status, 303);
    let told = ann.get("/authorizers").await;
    assert_eq!(told.status, 403, "{}", told.body);
    assert!(told.body.contains("租户已停用"), "{}", told.body);
    assert!(!told.body.contains(&accounts[0]));
    assert_eq!(ann.get("/api-keys").await.status, 403);
    world.after(crowd::DUE + 60).await;
    let mut tx = world.cx().store.read().await.unwrap();
    let held = authorizer_token::find(&mut tx, &world.cx().vault, &key(&accounts[0])).await.unwrap().unwrap();
    assert_eq!(held.generation, 2, "not refreshed while suspended");
    drop(tx);

    root.get(&page).await;
    assert_eq!(root.post(&format!("{page}/resume"), &[]).await.status, 303);
    assert_eq!(ann.get("/authorizers").await.status, 200);
    let mut tx = world.cx().store.read().await.unwrap();
    assert!(tenant_life::find(&mut tx, &world.acme).await.unwrap().unwrap().suspended_at.is_none());
    drop(tx);
    world.end().await;
});
