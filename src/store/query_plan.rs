//! How SQLite would go about a statement: what an index is for shows in a plan, long before it shows in a page's time.
//! PostgreSQL weighs its plans anew by what is in the tables; `hufu bench list` is its witness.

use super::Store;

/// The lines of the plan, in the tables as a new database has them.
pub(super) async fn query_plan(sql: &str) -> Vec<String> {
    let folder = tempfile::tempdir().unwrap();
    let url = format!("sqlite:{}", folder.path().join("hufu.db").display());
    let store = Store::connect(&url).await.unwrap();
    let mut tx = store.read().await.unwrap();
    let sql = format!("EXPLAIN QUERY PLAN {sql}");
    let rows: Vec<(i64, i64, i64, String)> =
        on!(tx, |c| sqlx::query_as(sqlx::AssertSqlSafe(sql)).fetch_all(c).await).unwrap();
    drop(tx);
    store.close().await;
    rows.into_iter().map(|(_, _, _, line)| line).collect()
}
