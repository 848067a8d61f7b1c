//! The database's own clock: the one that every process on a shared database sees.

use std::time::Duration;

use super::db::Tx;
use super::{Reader, StoreError, patience};

/// Unix time at this moment; `None` for a database that has no clock of its own, being part of this process.
pub async fn read(tx: &mut Reader) -> Result<Option<Duration>, StoreError> {
    match &mut tx.0 {
        Tx::Sqlite(_) => Ok(None),
        Tx::Postgres(tx, patience) => {
            let sql = "SELECT CAST(EXTRACT(EPOCH FROM clock_timestamp()) * 1000 AS BIGINT)";
            let asked = sqlx::query_as(sql);
            let (milliseconds,): (i64,) = patience::within(*patience, asked.fetch_one(&mut **tx)).await?;
            Ok(Some(Duration::from_millis(u64::try_from(milliseconds).unwrap_or(0))))
        }
    }
}
