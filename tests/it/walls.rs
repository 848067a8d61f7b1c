//! The second wall between tenants, on PostgreSQL: a query that forgets to name its tenant finds nothing of another's.
//! SQLite has no row-level security; there the same things are refused by the queries alone, and `routes` shows it.

use hufu::domain::ids::{AuthorizerAppid, TenantId};
use hufu::store::{Reader, Store, StoreError, authorizer, authorizer_count, membership, tenant};
use sqlx::{Connection as _, PgConnection};

use crate::engine::world::{SHOP, World};
use crate::harness::{Database, Kind};

on_both_databases!(a_handler_that_forgets_the_filter_gets_no_rows, |db| async {
    let world = World::new(&db).await;
    world.authorize(&world.acme, SHOP).await;
    let shop = AuthorizerAppid::parse(SHOP).unwrap();
    let seen = async |tx: &mut Reader| {
        // Each of these names a tenant that is not the viewer's, as a handler would that takes it from the address.
        let account = authorizer::find(tx, &world.acme, &shop).await.unwrap().is_some();
        let counts = authorizer_count::of_tenant(tx, &world.acme).await.unwrap().len();
        let row = tenant::find(tx, &world.acme).await.unwrap().is_some();
        let all = tenant::list(tx, 100).await.unwrap().len();
        (account, counts > 0, row, all)
    };

    let own = seen(&mut world.cx().store.read_for(&world.acme).await.unwrap()).await;
    let foreign = seen(&mut world.cx().store.read_for(&world.rival).await.unwrap()).await;
    let everything = seen(&mut world.cx().store.read().await.unwrap()).await;

    assert_eq!(everything, (true, true, true, 2));
    match db.kind {
        Kind::Postgres => {
            assert_eq!(own, (true, true, true, 1));
            assert_eq!(foreign, (false, false, false, 1));
        }
        Kind::Sqlite => assert_eq!((own, foreign), (everything, everything), "SQLite has no such wall"),
    }
    world.end().await;
});

on_both_databases!(a_use_case_that_forgets_the_filter_changes_nothing_of_another_tenant, |db| async {
    let world = World::new(&db).await;
    let name = async |of: &TenantId| {
        tenant::find(&mut world.cx().store.read().await.unwrap(), of).await.unwrap().unwrap().name
    };
    let before = name(&world.acme).await;

    let mut tx = world.cx().store.write_for(&world.rival).await.unwrap();
    let renamed = tenant::rename(&mut tx, &world.acme, "stolen").await;
    tx.commit().await.unwrap();

    match db.kind {
        Kind::Postgres => {
            assert_eq!((name(&world.acme).await, renamed.is_ok_and(|done| done)), (before, false));
        }
        Kind::Sqlite => assert_eq!(name(&world.acme).await, "stolen", "SQLite has no such wall"),
    }
    world.end().await;
});

on_both_databases!(the_wall_ends_with_its_transaction, |db| async {
    let world = World::new(&db).await;
    let (store, cx) = (Store::connect_with(db.url(), 2).await.unwrap(), world.cx());
    for _ in 0..8 {
        drop(store.read_for(&world.rival).await.unwrap());
        let mut tx = store.write_for(&world.rival).await.unwrap();
        membership::list_of_tenant(&mut tx, &world.rival).await.unwrap();
        tx.commit().await.unwrap();
        let all = tenant::list(&mut store.read().await.unwrap(), 100).await.unwrap();
        assert_eq!(all.len(), 2, "a connection is used again without the wall of the one before");
    }
    assert_eq!(tenant::list(&mut cx.store.read().await.unwrap(), 100).await.unwrap().len(), 2);
    store.close().await;
    world.end().await;
});

/// Tables with a tenant that members have no business with at all: without a grant, whatever is asked is refused.
const OUT_OF_REACH: &[&str] = &[];

on_both_databases!(every_table_with_a_tenant_is_behind_the_wall, |db| async {
    if db.kind == Kind::Sqlite {
        return;
    }
    let bare = bare_tables(&db).await;
    assert!(
        bare.is_empty(),
        "\n{bare:?} name a tenant, but PostgreSQL lets every tenant see their rows. For each, add a migration to \
         migrations/postgres/ with\n\n    SELECT hufu_wall('its_name');\n\n"
    );
});

async fn bare_tables(db: &Database) -> Vec<String> {
    let mut connection = PgConnection::connect(db.url()).await.unwrap();
    let names: Vec<(String,)> = sqlx::query_as(
        "SELECT c.relname::text FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid \
         WHERE a.attname = 'tenant_id' AND NOT a.attisdropped AND c.relkind = 'r' \
         AND c.relnamespace = current_schema()::regnamespace AND NOT (c.relrowsecurity AND EXISTS \
         (SELECT 1 FROM pg_policy p WHERE p.polrelid = c.oid AND \
         pg_get_expr(p.polqual, p.polrelid) LIKE '%current_setting(''hufu.tenant''%')) ORDER BY 1",
    )
    .fetch_all(&mut connection)
    .await
    .unwrap();
    connection.close().await.unwrap();
    names.into_iter().map(|(name,)| name).filter(|name| !OUT_OF_REACH.contains(&name.as_str())).collect()
}

on_both_databases!(a_new_table_without_the_wall_is_told, |db| async {
    if db.kind == Kind::Sqlite {
        return;
    }
    db.execute("CREATE TABLE secret_plan (id TEXT PRIMARY KEY, tenant_id TEXT NOT NULL)").await.unwrap();
    assert_eq!(bare_tables(&db).await, ["secret_plan"]);
    db.execute("SELECT hufu_wall('secret_plan')").await.unwrap();
    assert!(bare_tables(&db).await.is_empty());
});

/// What the role of tenants may read of tables without a tenant, and write at all. A line more is a decision.
const WINDOWS: &[&str] =
    &["app_user", "component", "component_ticket", "grant_code", "incident", "key_state", "pulse"];

on_both_databases!(nothing_else_of_the_database_is_open_to_a_tenant, |db| async {
    if db.kind == Kind::Sqlite {
        return;
    }
    let mut connection = PgConnection::connect(db.url()).await.unwrap();
    let open: Vec<(String, String)> = sqlx::query_as(
        "SELECT DISTINCT table_name::text, privilege_type::text FROM information_schema.column_privileges \
         WHERE grantee = 'hufu_tenant' AND table_schema = current_schema() AND NOT EXISTS \
         (SELECT 1 FROM information_schema.role_table_grants g WHERE g.grantee = 'hufu_tenant' \
         AND g.table_schema = current_schema() AND g.table_name = column_privileges.table_name) ORDER BY 1",
    )
    .fetch_all(&mut connection)
    .await
    .unwrap();
    let secret: Vec<(String, String)> = sqlx::query_as(
        "SELECT table_name::text, column_name::text FROM information_schema.column_privileges \
         WHERE grantee = 'hufu_tenant' AND table_schema = current_schema() \
         AND table_name IN ('app_user', 'component', 'component_ticket', 'grant_code') \
         AND (column_name LIKE '%sealed%' OR column_name LIKE '%hash%' OR column_name LIKE '%secret%')",
    )
    .fetch_all(&mut connection)
    .await
    .unwrap();
    connection.close().await.unwrap();

    assert_eq!(open.iter().map(|(table, _)| table.as_str()).collect::<Vec<_>>(), WINDOWS);
    assert!(open.iter().all(|(_, privilege)| privilege == "SELECT"), "{open:?}");
    assert!(secret.is_empty(), "secrets that a tenant's query could read: {secret:?}");
});

on_both_databases!(a_database_user_without_the_right_is_told_what_to_ask_for, |db| async {
    if db.kind == Kind::Sqlite {
        return;
    }
    let name = db.url().rsplit("%3D").next().unwrap().to_owned();
    db.execute_text(format!("CREATE ROLE {name} LOGIN PASSWORD 'plain'")).await;
    db.execute_text(format!("CREATE SCHEMA {name}_own AUTHORIZATION {name}")).await;
    let url = format!("{}_own", db.url().replacen("postgres@", &format!("{name}:plain@"), 1));

    let refused = Store::connect(&url).await.map(drop).unwrap_err();
    db.execute_text(format!("GRANT hufu_tenant TO {name}")).await;
    let taken = Store::connect(&url).await;

    let told = chain(&refused);
    assert!(told.contains(&format!("GRANT hufu_tenant TO {name}")), "{told}");
    taken.unwrap().close().await;
    db.execute_text(format!("DROP SCHEMA {name}_own CASCADE; DROP OWNED BY {name}; DROP ROLE {name}")).await;
});

fn chain(error: &StoreError) -> String {
    let mut text = error.to_string();
    let mut source = std::error::Error::source(error);
    while let Some(cause) = source {
        text = format!("{text}: {cause}");
        source = cause.source();
    }
    text
}
