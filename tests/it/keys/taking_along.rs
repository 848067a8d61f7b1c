//! What a tenant takes along before it goes: everything that is its own, nothing that opens anything, nothing of anybody
//! else.

use std::collections::{BTreeMap, BTreeSet};

use hufu::domain::ids::TenantId;
use hufu::domain::role::Role;
use hufu::service::export_tenant::AT_ONCE;
use hufu::store::tenant_export::{self, LEFT_OUT, SHEETS, Sheet};
use hufu::store::tenant_purge::TENANT_TABLES;
use serde_json::Value;

use crate::engine::world::{SHOP, World};
use crate::harness::{Browser, Database, Kind};

const FOREIGN: &str = "wxf0000000000000f1";

on_both_databases!(about_every_column_of_a_tenant_somebody_has_decided, |db| async {
    let mut there: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for (table, column) in db.columns().await {
        there.entry(table).or_default().insert(column);
    }
    let of_tenants = TENANT_TABLES.iter().map(|(name, _, _)| name.trim_matches('"'));
    for table in of_tenants.chain(["tenant", "audit"]) {
        let sheet = SHEETS.iter().find(|sheet| sheet.table == table);
        let excused = LEFT_OUT.iter().find(|(name, _)| *name == table);
        let Some(sheet) = sheet else {
            let (_, why) = excused.unwrap_or_else(|| panic!("{table}: name it in store/tenant_export"));
            assert!(why.len() > 20, "{table}: why?");
            continue;
        };
        assert!(excused.is_none(), "{table} is taken along and left out");
        let told = |column: &str| sheet.columns.iter().any(|(name, _)| *name == column);
        for column in &there[table] {
            let is_left_out = sheet.left_out.contains(&column.as_str());
            assert!(told(column) != is_left_out, "{table}.{column}: take it along, or leave it out");
        }
        for (column, _) in sheet.columns {
            let opens = ["sealed", "hash", "secret"].iter().any(|word| column.contains(word));
            assert!(!opens || table == "audit", "{table}.{column} is taken along");
        }
        for column in sheet.left_out {
            assert!(there[table].contains(*column), "{table}.{column} is gone");
        }
    }
});

/// What a column of a made-up row says.
fn made_up(table: &str, column: &str, of: &TenantId) -> String {
    match column {
        "component_appid" => hufu::sandbox::NEWCOMER_APPID.to_owned(),
        "tenant_id" | "held_for_tenant" => of.to_string(),
        "authorizer_appid" => format!("wx-{of}"),
        "link_id" => format!("merchant_link-id-{of}"),
        "func_info" | "authorizers" | "networks" | "detail" => format!("[\"{table}-{column}-{of}\"]"),
        _ => format!("{table}-{column}-{of}"),
    }
}

/// A row in each table of the tenant's, every column of it with a text of its own.
async fn furnish(db: &Database, of: &TenantId) {
    let kinds = match db.kind {
        Kind::Sqlite => {
            "SELECT m.name || '/' || c.name || '/' || c.type FROM sqlite_master AS m \
             JOIN pragma_table_info(m.name) AS c WHERE m.type = 'table' ORDER BY c.cid"
        }
        Kind::Postgres => {
            "SELECT table_name || '/' || column_name || '/' || data_type FROM information_schema.columns \
             WHERE table_schema = current_schema() ORDER BY ordinal_position"
        }
    };
    let kinds = db.texts(kinds).await;
    // As they are emptied, backwards: what is referred to comes first.
    for (quoted, _, rows) in TENANT_TABLES.iter().rev() {
        let table = quoted.trim_matches('"');
        let there = format!("SELECT 'x' FROM {quoted} WHERE {}", rows.replace("$1", &format!("'{of}'")));
        if table == "membership" || (table == "authorizer_count" && !db.texts(&there).await.is_empty()) {
            continue;
        }
        let columns: Vec<(&str, bool)> = kinds
            .iter()
            .filter_map(|line| line.strip_prefix(table)?.strip_prefix('/')?.split_once('/'))
            .map(|(column, kind)| (column, kind.eq_ignore_ascii_case("text")))
            .collect();
        let names: Vec<&str> = columns.iter().map(|(column, _)| *column).collect();
        let cells = columns.iter().map(|(column, is_text)| match is_text {
            true => format!("'{}'", made_up(table, column, of)),
            false => "7".to_owned(),
        });
        let cells: Vec<String> = cells.collect();
        db.execute_text(format!(
            "INSERT INTO {quoted} ({}) VALUES ({})",
            names.iter().map(|name| format!("\"{name}\"")).collect::<Vec<_>>().join(", "),
            cells.join(", ")
        ))
        .await;
    }
    db.execute_text(format!(
        "INSERT INTO history SELECT 'h{of}' || i, 'wxc', 'wxa', '{of}', i, 'authorized', '{{}}', i FROM \
         (WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {}) SELECT i FROM n) AS numbers",
        2 * AT_ONCE + 1
    ))
    .await;
}

async fn count(db: &Database, sheet: &Sheet, of: &TenantId) -> usize {
    let column = match sheet.table {
        "tenant" => "id",
        "grant_code" => "held_for_tenant",
        _ => "tenant_id",
    };
    let table = sheet.table;
    db.texts(&format!("SELECT 'x' FROM \"{table}\" WHERE {column} = '{of}'")).await.len()
}

/// The lines of the file, after it has been looked through.
async fn look_through(db: &Database, file: &str, (own, other): (&TenantId, &TenantId)) -> Vec<Value> {
    let lines: Vec<Value> = file.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let (head, end) = (&lines[0], &lines[lines.len() - 1]);
    assert_eq!((&head["record"], &head["tenant_id"]), (&"export".into(), &own.as_str().into()));
    assert_eq!((&end["record"], &end["lines"]), (&"end".into(), &(lines.len() - 2).into()));
    for sheet in SHEETS {
        let of_sheet = lines.iter().filter(|line| line["record"] == sheet.record).count();
        assert_eq!(of_sheet, count(db, sheet, own).await, "{}", sheet.record);
        for column in sheet.left_out.iter().filter(|column| made_up(sheet.table, column, own).contains('-')) {
            let text = made_up(sheet.table, column, own);
            assert!(text == own.as_str() || !file.contains(&text), "{}.{column} is taken along", sheet.table);
        }
    }
    assert!(!file.contains(other.as_str()) && !file.contains(FOREIGN), "something of another tenant");
    assert!(!file.contains("rob@example.com"));
    lines
}

async fn fetch(browser: &mut Browser, page: &str, path: &str) -> String {
    let shown = browser.get(page).await;
    assert!(shown.body.contains(&format!("action=\"{path}\"")), "{page} does not offer it");
    let answer = browser.post(path, &[]).await;
    assert_eq!((answer.status, answer.header("content-type")), (200, "application/x-ndjson"));
    assert!(answer.header("content-disposition").contains("hufu-acme.ndjson"));
    assert_eq!(answer.header("cache-control"), "no-store");
    answer.body
}

on_both_databases!(everything_of_a_tenant_is_taken_along_and_nothing_of_anybody_else, |db| async {
    let world = World::new(&db).await;
    let (acme, rival) = (world.acme.clone(), world.rival.clone());
    world.account(FOREIGN);
    world.authorize(&acme, SHOP).await;
    world.authorize(&rival, FOREIGN).await;
    world.portal.user("ann", Some((&acme, Role::Owner))).await;
    world.portal.user("rob", Some((&rival, Role::Owner))).await;
    world.portal.admin("root").await;
    let mut ann = world.portal.signed_in("ann").await;
    let mut root = world.portal.signed_in("root").await;
    let own = fetch(&mut ann, "/audit", "/export").await;
    look_through(&db, &own, (&acme, &rival)).await;
    for tenant in [&acme, &rival] {
        furnish(&db, tenant).await;
    }

    // Suspended and about to be deleted.
    let page = format!("/admin/tenants/{acme}");
    root.get(&page).await;
    assert_eq!(root.post(&format!("{page}/delete"), &[("slug", "acme")]).await.status, 303);
    let file = fetch(&mut root, &page, &format!("{page}/export")).await;
    let lines = look_through(&db, &file, (&acme, &rival)).await;
    for sheet in SHEETS {
        assert!(lines.iter().any(|line| line["record"] == sheet.record), "nobody has a {}", sheet.record);
    }
    let history: BTreeSet<&str> = lines
        .iter()
        .filter(|line| line["record"] == "history")
        .map(|line| line["id"].as_str().unwrap())
        .collect();
    assert_eq!(history.len(), lines.iter().filter(|line| line["record"] == "history").count(), "one twice");
    for sheet in SHEETS.iter().filter(|sheet| !["tenant", "membership", "audit"].contains(&sheet.table)) {
        for (column, _) in sheet.columns.iter().filter(|(_, holds)| *holds != tenant_export::Holds::Number) {
            let text = made_up(sheet.table, column, &acme);
            let text = text.trim_matches(['[', ']', '"']);
            assert!(file.contains(text), "{}.{column} is not taken along", sheet.table);
        }
    }
    assert!(file.contains("ann@example.com") && file.contains(SHOP));
    let told = db.texts("SELECT tenant_id FROM audit WHERE action = 'tenant.exported'").await;
    assert_eq!(told, [acme.as_str(), acme.as_str()]);

    if db.kind == Kind::Postgres {
        // The second wall: whoever reads for one tenant gets nothing of another, whatever is asked for.
        for sheet in SHEETS {
            let mut tx = world.cx().store.read_for(&acme).await.unwrap();
            let (rows, _) = tenant_export::page(&mut tx, &rival, (sheet, None), 10).await.unwrap();
            assert!(rows.is_empty(), "{}", sheet.record);
        }
    }
    world.end().await;
});
