//! The end of a tenant: asked for, undone, or done in small batches. Its data key goes last, in one step with its row,
//! and with it whatever copies of its secrets there still are. A test holds the list of tables against the schema.

use crate::clock::Timestamp;
use crate::domain::ids::TenantId;
use crate::domain::tenant_life::Purged;

use super::{Reader, StoreError, Writer, key_rotation};

/// Tables with rows of a tenant, what tells their rows apart, and which are the tenant's, in the order in which they
/// are emptied. The audit is not among them: its chain tells what was done, the deletion included.
pub const TENANT_TABLES: &[(&str, &str, &str)] = &[
    ("letter", "id", OF_TENANT),
    ("\"authorization\"", "id", OF_TENANT),
    (
        "merchant_link_visit",
        "link_id, visit_hash",
        "link_id IN (SELECT id FROM merchant_link WHERE tenant_id = $1)",
    ),
    ("merchant_link", "id", OF_TENANT),
    ("tenant_logo", "tenant_id", OF_TENANT),
    ("attempt", "id", OF_TENANT),
    ("token_read", "api_key_id, hour, holder", OF_TENANT),
    ("api_key", "id", OF_TENANT),
    ("authorizer", "component_appid, authorizer_appid", OF_TENANT),
    ("history", "id", OF_TENANT),
    ("refresh_tally", "hour, component_appid, outcome, class", OF_TENANT),
    ("time_left_tally", "tenant_id", OF_TENANT),
    ("authorizer_count", "component_appid, health_rank, amount", OF_TENANT),
    ("invitation", "id", OF_TENANT),
    ("membership", "user_id", OF_TENANT),
    ("mfa_policy", "tenant_id", OF_TENANT),
    ("grant_code", "id", "held_for_tenant = $1"),
];
const OF_TENANT: &str = "tenant_id = $1";

/// From `purge_at` on the tenant's rows are deleted; until then nothing of it moves. Whether there was such a tenant
/// that was not to be deleted already.
pub async fn request(
    tx: &mut Writer,
    tenant: &TenantId,
    (now, purge_at): (Timestamp, Timestamp),
) -> Result<bool, StoreError> {
    tx.tell_all();
    let changed = on!(tx, |c| {
        sqlx::query(
            "UPDATE tenant SET deletion_requested_at = $2, purge_at = $3, \
             suspended_at = COALESCE(suspended_at, $2) WHERE id = $1 AND purge_at IS NULL",
        )
        .bind(tenant.as_str())
        .bind(now.unix())
        .bind(purge_at.unix())
        .execute(c)
        .await
        .map(|done| done.rows_affected())
    })?;
    Ok(changed == 1)
}

/// Takes the request back; the tenant stays suspended, and its accounts are refreshed again. `false` when it is too late.
pub async fn undo(tx: &mut Writer, tenant: &TenantId, now: Timestamp) -> Result<bool, StoreError> {
    let changed = on!(tx, |c| {
        sqlx::query(
            "UPDATE tenant SET deletion_requested_at = NULL, purge_at = NULL \
             WHERE id = $1 AND purge_at IS NOT NULL AND purge_began_at IS NULL",
        )
        .bind(tenant.as_str())
        .execute(c)
        .await
        .map(|done| done.rows_affected())
    })?;
    if changed == 0 {
        return Ok(false);
    }
    on!(tx, |c| {
        sqlx::query(
            "UPDATE authorizer SET next_refresh_at = CASE WHEN not_before > $2 THEN not_before ELSE $2 END \
             WHERE tenant_id = $1 AND next_refresh_at IS NULL \
             AND health IN ('healthy', 'retrying', 'expired_retrying', 'recovering', 'blocked_upstream')",
        )
        .bind(tenant.as_str())
        .bind(now.unix())
        .execute(c)
        .await
        .map(drop)
    })?;
    Ok(true)
}

/// Whether any tenant is to be deleted.
pub async fn any_requested(tx: &mut Reader) -> Result<bool, StoreError> {
    let (any,): (bool,) = on!(tx, |c| {
        sqlx::query_as("SELECT EXISTS (SELECT 1 FROM tenant WHERE purge_at IS NOT NULL)").fetch_one(c).await
    })?;
    Ok(any)
}

/// Takes some accounts of tenants that are to be deleted out of the refresher's plan. Tells how many.
pub async fn stop_refreshes(tx: &mut Writer, limit: i64) -> Result<u64, StoreError> {
    let sql = format!(
        "WITH due AS MATERIALIZED (SELECT component_appid, authorizer_appid FROM authorizer \
         WHERE next_refresh_at IS NOT NULL AND tenant_id IN (SELECT id FROM tenant WHERE purge_at IS NOT NULL) \
         LIMIT $1{}) UPDATE authorizer SET next_refresh_at = NULL \
         WHERE (component_appid, authorizer_appid) IN (SELECT component_appid, authorizer_appid FROM due)",
        tx.skip_locked()
    );
    Ok(on!(tx, |c| {
        sqlx::query(sqlx::AssertSqlSafe(sql)).bind(limit).execute(c).await.map(|done| done.rows_affected())
    })?)
}

/// A tenant whose days of grace are over.
pub async fn next_due(tx: &mut Reader, now: Timestamp) -> Result<Option<TenantId>, StoreError> {
    let row: Option<(String,)> = on!(tx, |c| {
        sqlx::query_as("SELECT id FROM tenant WHERE purge_at <= $1 ORDER BY purge_at, id LIMIT 1")
            .bind(now.unix())
            .fetch_optional(c)
            .await
    })?;
    row.map(|(id,)| TenantId::parse(&id).map_err(|_| StoreError::corrupt("tenant", "id", id))).transpose()
}

/// Opens the door in the history. There is no way back from here.
pub async fn begin(tx: &mut Writer, tenant: &TenantId, now: Timestamp) -> Result<(), StoreError> {
    on!(tx, |c| {
        sqlx::query("UPDATE tenant SET purge_began_at = $2 WHERE id = $1 AND purge_began_at IS NULL")
            .bind(tenant.as_str())
            .bind(now.unix())
            .execute(c)
            .await
            .map(drop)
    })?;
    Ok(())
}

/// Deletes some rows of the first table that has any. Tells how many; none when there is nothing left.
pub async fn delete_some(tx: &mut Writer, tenant: &TenantId, limit: i64) -> Result<u64, StoreError> {
    for (table, key, of) in TENANT_TABLES {
        let sql = format!(
            "DELETE FROM {table} WHERE {of} AND ({key}) IN (SELECT {key} FROM {table} WHERE {of} LIMIT $2)"
        );
        let deleted = on!(tx, |c| {
            sqlx::query(sqlx::AssertSqlSafe(sql))
                .bind(tenant.as_str())
                .bind(limit)
                .execute(c)
                .await
                .map(|done| done.rows_affected())
        })?;
        if deleted > 0 {
            return Ok(deleted);
        }
    }
    Ok(0)
}

/// Destroys the tenant's data key and its row.
pub async fn finish(tx: &mut Writer, tenant: &TenantId, now: Timestamp) -> Result<(), StoreError> {
    on!(tx, |c| {
        sqlx::query("DELETE FROM data_key WHERE scope = $1").bind(tenant.as_str()).execute(c).await.map(drop)
    })?;
    on!(tx, |c| {
        sqlx::query(
            "INSERT INTO purged_tenant (id, slug, requested_at, purged_at) \
             SELECT id, slug, COALESCE(deletion_requested_at, $2), $2 FROM tenant WHERE id = $1",
        )
        .bind(tenant.as_str())
        .bind(now.unix())
        .execute(c)
        .await
        .map(drop)
    })?;
    on!(tx, |c| {
        sqlx::query("DELETE FROM tenant WHERE id = $1 AND purge_began_at IS NOT NULL")
            .bind(tenant.as_str())
            .execute(c)
            .await
            .map(drop)
    })?;
    tx.tell_all();
    key_rotation::raise(tx).await
}

/// The tenants that were purged last, and which master keys of their time are not retired.
pub async fn list_purged(tx: &mut Reader, limit: i64) -> Result<Vec<Purged>, StoreError> {
    let rows: Vec<(String, i64)> = on!(tx, |c| {
        sqlx::query_as("SELECT slug, purged_at FROM purged_tenant ORDER BY purged_at DESC, id LIMIT $1")
            .bind(limit)
            .fetch_all(c)
            .await
    })?;
    let keys: Vec<(String, i64)> = on!(tx, |c| {
        sqlx::query_as(
            "SELECT id, activated_at FROM master_key WHERE retired_at IS NULL ORDER BY activated_at, id",
        )
        .fetch_all(c)
        .await
    })?;
    let left = |at: i64| keys.iter().filter(|(_, since)| *since <= at).map(|(id, _)| id.clone()).collect();
    let purged =
        |(slug, at): (String, i64)| Purged { keys_left: left(at), slug, purged_at: Timestamp::from_unix(at) };
    Ok(rows.into_iter().map(purged).collect())
}
