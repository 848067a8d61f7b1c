//! Databases from before there were data keys, and the list of sealed columns.

use std::collections::BTreeSet;
use std::time::Duration;

use hufu::secret::SealedBody;
use hufu::service::rotate_keys;
use hufu::store::sealed_column::SEALED_COLUMNS;
use hufu::store::{authorizer_token, component, data_key};
use hufu::vault::Place;

use crate::engine::crowd;
use crate::engine::world::{World, key};

on_both_databases!(every_column_that_holds_sealed_texts_is_known_to_the_rotation, |db| async {
    let named = |name: &str| name.ends_with("_sealed") || name == "sealed";
    let columns = db.columns().await;
    let there: BTreeSet<(String, String)> = columns.into_iter().filter(|(_, name)| named(name)).collect();
    let known: BTreeSet<(String, String)> = SEALED_COLUMNS
        .iter()
        .map(|one| (one.table.trim_matches('"').to_owned(), one.column.to_owned()))
        .collect();
    assert_eq!(there, known, "what the rotation does not know is lost with its key");
});

/// Texts as they were before: sealed by the master key itself, bound to no tenant.
async fn put_back(world: &World, db: &crate::harness::Database) {
    let vault = &world.cx().vault;
    let master = data_key::first_master(vault).unwrap();
    for column in SEALED_COLUMNS.iter().filter(|one| matches!(one.table, "authorizer" | "component")) {
        let (table, name, accounts) = (column.table, column.column, column.table == "authorizer");
        let place_column = if accounts && name.contains("refresh") { "refresh_token" } else { name };
        let place_column =
            if accounts && name == "access_token_sealed" { "access_token" } else { place_column };
        let row = if accounts { "component_appid || '/' || authorizer_appid" } else { "appid" };
        let tenant = if accounts { "tenant_id" } else { "''" };
        let query =
            format!("SELECT {row} || ' ' || {tenant} || ' ' || {name} FROM {table} WHERE {name} IS NOT NULL");
        for line in db.texts(&query).await {
            let [row, tenant, sealed] = line.split(' ').collect::<Vec<_>>().try_into().unwrap();
            let tenant = (!tenant.is_empty()).then_some(tenant);
            let place = Place { tenant, table, column: place_column, row };
            let mut tx = world.cx().store.read().await.unwrap();
            let secret: SealedBody = data_key::open(&mut tx, vault, sealed, place).await.unwrap();
            drop(tx);
            let old = vault.seal_directly(&secret, place, &master).unwrap();
            let sql = format!("UPDATE {table} SET {name} = '{old}' WHERE {name} = '{sealed}'");
            db.execute_text(sql).await;
        }
    }
}

async fn direct(db: &crate::harness::Database) -> usize {
    let mut count = 0;
    for column in SEALED_COLUMNS.iter().filter(|one| one.table != "vault_check") {
        let (table, name) = (column.table, column.column);
        let texts = db.texts(&format!("SELECT {name} FROM {table} WHERE {name} IS NOT NULL")).await;
        count += texts.iter().filter(|text| !text.starts_with("2.")).count();
    }
    count
}

on_both_databases!(
    a_database_from_before_data_keys_goes_on_and_is_sealed_anew_by_a_rotation,
    |db| async move {
        let world = World::new(&db).await;
        let accounts = crowd::gather(&world, &db, &[&world.acme, &world.rival], 6).await;
        put_back(&world, &db).await;
        assert!(direct(&db).await >= 12 + 4);
        let master = data_key::first_master(&world.cx().vault).unwrap();

        // Everything opens and goes on.
        world.after(crowd::DUE).await;
        let mut tx = world.cx().store.read().await.unwrap();
        let held =
            authorizer_token::find(&mut tx, &world.cx().vault, &key(&accounts[0])).await.unwrap().unwrap();
        assert!(held.refresh_token.is_some() && held.previous_refresh_token.is_some() || held.failures == 0);
        drop(tx);
        put_back(&world, &db).await;

        let new = rotate_keys::master(world.cx(), Duration::from_millis(10), &|_| ()).await.unwrap();

        assert_ne!(new, master);
        assert_eq!(direct(&db).await, 0);
        rotate_keys::retire(world.cx(), world.now(), &master).await.unwrap();
        let portal = world.portal.restart().await;
        let mut tx = portal.cx().store.read().await.unwrap();
        for account in &accounts {
            let held =
                authorizer_token::find(&mut tx, &portal.cx().vault, &key(account)).await.unwrap().unwrap();
            assert!(held.refresh_token.is_some(), "{account} lost its token");
        }
        let appid = key(&accounts[0]).component;
        assert!(component::config(&mut tx, &portal.cx().vault, &appid).await.unwrap().is_some());
        drop(tx);
        portal.stop().await;
        world.sandbox.stop().await;
    }
);
