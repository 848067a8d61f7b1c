//! What replaces master keys and data keys, in small steps that may be broken off and begun again.

use std::collections::BTreeMap;

use crate::clock::Timestamp;
use crate::vault::{Vault, Wrapped};

use super::{Reader, StoreError, Writer, data_key};

/// A master key as far as the database knows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MasterKey {
    pub id: String,
    /// It wraps new data keys.
    pub is_active: bool,
    pub activated_at: Option<Timestamp>,
    pub retired_at: Option<Timestamp>,
    /// How many data keys it wraps.
    pub wraps: i64,
}

/// Every master key that was ever used here, the newest first.
pub async fn list_masters(tx: &mut Reader) -> Result<Vec<MasterKey>, StoreError> {
    let rows: Vec<(String, bool, i64, Option<i64>, i64)> = on!(tx, |c| {
        sqlx::query_as(
            "SELECT id, EXISTS (SELECT 1 FROM key_state WHERE key_state.master_key = master_key.id), activated_at, \
             retired_at, (SELECT COUNT(*) FROM data_key WHERE data_key.master_key = master_key.id) \
             FROM master_key ORDER BY activated_at DESC, id",
        )
        .fetch_all(c)
        .await
    })?;
    let moment = |at: i64| (at > 0).then(|| Timestamp::from_unix(at));
    let key = |(id, is_active, at, retired_at, wraps): (String, bool, i64, Option<i64>, i64)| MasterKey {
        id,
        is_active,
        activated_at: moment(at),
        retired_at: retired_at.map(Timestamp::from_unix),
        wraps,
    };
    Ok(rows.into_iter().map(key).collect())
}

/// Writes a master key down that this database may have used before that was written down.
pub async fn note_master(tx: &mut Writer, id: &str) -> Result<(), StoreError> {
    on!(tx, |c| {
        sqlx::query("INSERT INTO master_key (id, activated_at) VALUES ($1, 0) ON CONFLICT (id) DO NOTHING")
            .bind(id)
            .execute(c)
            .await
            .map(drop)
    })?;
    Ok(())
}

/// From now on this master key wraps.
pub async fn activate(tx: &mut Writer, id: &str, now: Timestamp) -> Result<(), StoreError> {
    on!(tx, |c| {
        sqlx::query(
            "INSERT INTO master_key (id, activated_at) VALUES ($1, $2) \
             ON CONFLICT (id) DO UPDATE SET activated_at = excluded.activated_at, retired_at = NULL",
        )
        .bind(id)
        .bind(now.unix())
        .execute(c)
        .await
        .map(drop)
    })?;
    on!(tx, |c| {
        sqlx::query("UPDATE key_state SET master_key = $1, generation = generation + 1")
            .bind(id)
            .execute(c)
            .await
            .map(drop)
    })?;
    Ok(())
}

/// This master key is gone for good.
pub async fn retire(tx: &mut Writer, id: &str, now: Timestamp) -> Result<(), StoreError> {
    on!(tx, |c| {
        sqlx::query(
            "INSERT INTO master_key (id, activated_at, retired_at) VALUES ($1, 0, $2) \
             ON CONFLICT (id) DO UPDATE SET retired_at = excluded.retired_at",
        )
        .bind(id)
        .bind(now.unix())
        .execute(c)
        .await
        .map(drop)
    })?;
    Ok(())
}

/// Wraps some data keys anew that another master key than `master` wraps. Tells how many there were.
pub async fn rewrap(tx: &mut Writer, vault: &Vault, master: &str, limit: i64) -> Result<usize, StoreError> {
    let sql = format!(
        "SELECT id, version, scope, master_key, wrapped FROM data_key WHERE master_key <> $1 \
         ORDER BY scope, version LIMIT $2{}",
        tx.skip_locked()
    );
    let rows: Vec<data_key::Row> = on!(tx, |c| {
        sqlx::query_as(sqlx::AssertSqlSafe(sql)).bind(master).bind(limit).fetch_all(c).await
    })?;
    let rows: Vec<Wrapped> = rows.into_iter().map(Wrapped::from).collect();
    for row in &rows {
        let new = vault.rewrap(row, master)?;
        on!(tx, |c| {
            sqlx::query(
                "UPDATE data_key SET master_key = $3, wrapped = $4 \
                 WHERE scope = $1 AND version = $2 AND wrapped = $5",
            )
            .bind(&row.scope)
            .bind(row.version)
            .bind(&new.master)
            .bind(&new.wrapped)
            .bind(&row.wrapped)
            .execute(c)
            .await
            .map(drop)
        })?;
    }
    Ok(rows.len())
}

/// Makes a new version of some data keys that have none but the first of this rotation. Tells how many.
pub async fn supersede(
    tx: &mut Writer,
    vault: &Vault,
    now: Timestamp,
    limit: i64,
) -> Result<usize, StoreError> {
    let rows: Vec<(String, String, i64)> = on!(tx, |c| {
        sqlx::query_as(
            "SELECT scope, id, version FROM data_key AS newest WHERE superseded_at IS NULL AND NOT EXISTS \
             (SELECT 1 FROM data_key AS old WHERE old.scope = newest.scope AND old.superseded_at IS NOT NULL) \
             ORDER BY scope LIMIT $1",
        )
        .bind(limit)
        .fetch_all(c)
        .await
    })?;
    let Some(state) = data_key::state(tx).await? else { return Ok(0) };
    for (scope, id, version) in &rows {
        let new = vault.make(scope, (id, version + 1), &state.master_key)?;
        if !data_key::insert(tx, &new).await? {
            continue;
        }
        on!(tx, |c| {
            sqlx::query("UPDATE data_key SET superseded_at = $3 WHERE scope = $1 AND version <= $2")
                .bind(scope)
                .bind(version)
                .bind(now.unix())
                .execute(c)
                .await
                .map(drop)
        })?;
    }
    raise(tx).await?;
    Ok(rows.len())
}

/// Destroys the data keys that newer ones replaced: whatever they sealed is sealed anew. Tells how many.
pub async fn destroy_superseded(tx: &mut Writer) -> Result<u64, StoreError> {
    let destroyed = on!(tx, |c| {
        sqlx::query("DELETE FROM data_key WHERE superseded_at IS NOT NULL")
            .execute(c)
            .await
            .map(|done| done.rows_affected())
    })?;
    raise(tx).await?;
    Ok(destroyed)
}

/// Tells every process to forget the data keys that it has in memory.
pub async fn raise(tx: &mut Writer) -> Result<(), StoreError> {
    on!(tx, |c| {
        sqlx::query("UPDATE key_state SET generation = generation + 1").execute(c).await.map(drop)
    })?;
    Ok(())
}

/// The name of every data key that seals, by its scope.
pub async fn list_newest(tx: &mut Reader) -> Result<BTreeMap<String, (String, i64)>, StoreError> {
    let rows: Vec<(String, String, i64)> = on!(tx, |c| {
        sqlx::query_as("SELECT scope, id, version FROM data_key WHERE superseded_at IS NULL")
            .fetch_all(c)
            .await
    })?;
    Ok(rows.into_iter().map(|(scope, id, version)| (scope, (id, version))).collect())
}

/// How many data keys seal, and how many that were replaced are still there.
pub async fn count(tx: &mut Reader) -> Result<(i64, i64), StoreError> {
    Ok(on!(tx, |c| {
        sqlx::query_as("SELECT COUNT(*) - COUNT(superseded_at), COUNT(superseded_at) FROM data_key")
            .fetch_one(c)
            .await
    })?)
}
