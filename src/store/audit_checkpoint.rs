//! Signed statements of how the audit's chain stood. Only ever added to.

use crate::clock::Timestamp;
use crate::domain::audit::Checkpoint;

use super::{Reader, StoreError, Writer};

/// Keeps what is there already for the same record.
///
/// # Errors
/// `Database`.
pub async fn insert(tx: &mut Writer, checkpoint: &Checkpoint) -> Result<(), StoreError> {
    on!(tx, |c| {
        sqlx::query(
            "INSERT INTO audit_checkpoint (seq, at, hash, key_id, mac) \
             SELECT $1, $2, $3, $4, $5 WHERE NOT EXISTS (SELECT 1 FROM audit_checkpoint WHERE seq = $1)",
        )
        .bind(checkpoint.seq)
        .bind(checkpoint.at.unix())
        .bind(&checkpoint.hash)
        .bind(&checkpoint.key_id)
        .bind(&checkpoint.mac)
        .execute(c)
        .await
        .map(drop)
    })?;
    Ok(())
}

/// The newest.
///
/// # Errors
/// `Database`.
pub async fn last(tx: &mut Reader) -> Result<Option<Checkpoint>, StoreError> {
    let row: Option<Row> = on!(tx, |c| {
        sqlx::query_as("SELECT * FROM audit_checkpoint ORDER BY seq DESC LIMIT 1").fetch_optional(c).await
    })?;
    Ok(row.map(Checkpoint::from))
}

/// Those of the records after a number, in their order.
///
/// # Errors
/// `Database`.
pub async fn list(tx: &mut Reader, after: i64, limit: i64) -> Result<Vec<Checkpoint>, StoreError> {
    let rows: Vec<Row> = on!(tx, |c| {
        sqlx::query_as("SELECT * FROM audit_checkpoint WHERE seq > $1 ORDER BY seq LIMIT $2")
            .bind(after)
            .bind(limit)
            .fetch_all(c)
            .await
    })?;
    Ok(rows.into_iter().map(Checkpoint::from).collect())
}

#[derive(sqlx::FromRow)]
struct Row {
    seq: i64,
    at: i64,
    hash: String,
    key_id: String,
    mac: String,
}

impl From<Row> for Checkpoint {
    fn from(row: Row) -> Self {
        let Row { seq, at, hash, key_id, mac } = row;
        Self { seq, at: Timestamp::from_unix(at), hash, key_id, mac }
    }
}
