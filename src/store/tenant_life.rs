//! How a tenant stands, and what it may have.

use crate::clock::Timestamp;
use crate::domain::ids::TenantId;
use crate::domain::tenant_life::{Life, Quota, Usage};

use super::{Reader, StoreError, Writer};

/// Shuts a tenant's members and keys out; whether it was open before.
pub async fn suspend(tx: &mut Writer, tenant: &TenantId, now: Timestamp) -> Result<bool, StoreError> {
    tx.tell_all();
    let changed = on!(tx, |c| {
        sqlx::query("UPDATE tenant SET suspended_at = $2 WHERE id = $1 AND suspended_at IS NULL")
            .bind(tenant.as_str())
            .bind(now.unix())
            .execute(c)
            .await
            .map(|done| done.rows_affected())
    })?;
    Ok(changed == 1)
}

/// Lets them in again; not while the tenant is to be deleted.
pub async fn resume(tx: &mut Writer, tenant: &TenantId) -> Result<bool, StoreError> {
    tx.tell_all();
    let changed = on!(tx, |c| {
        sqlx::query(
            "UPDATE tenant SET suspended_at = NULL WHERE id = $1 AND suspended_at IS NOT NULL AND purge_at IS NULL",
        )
        .bind(tenant.as_str())
        .execute(c)
        .await
        .map(|done| done.rows_affected())
    })?;
    Ok(changed == 1)
}

/// Suspended, deletion requested, due, begun.
type Moments = (Option<i64>, Option<i64>, Option<i64>, Option<i64>);

/// `None` when there is no such tenant.
pub async fn find(tx: &mut Reader, tenant: &TenantId) -> Result<Option<Life>, StoreError> {
    let row: Option<Moments> = on!(tx, |c| {
        sqlx::query_as(
            "SELECT suspended_at, deletion_requested_at, purge_at, purge_began_at FROM tenant WHERE id = $1",
        )
        .bind(tenant.as_str())
        .fetch_optional(c)
        .await
    })?;
    let at = |moment: Option<i64>| moment.map(Timestamp::from_unix);
    Ok(row.map(|(suspended, requested, purge, began)| Life {
        suspended_at: at(suspended),
        deletion_requested_at: at(requested),
        purge_at: at(purge),
        purge_began_at: at(began),
    }))
}

pub async fn quota(tx: &mut Reader, tenant: &TenantId) -> Result<Quota, StoreError> {
    let row: Option<(Option<i64>, Option<i64>, Option<i64>)> = on!(tx, |c| {
        sqlx::query_as("SELECT most_authorizers, most_members, most_keys FROM tenant WHERE id = $1")
            .bind(tenant.as_str())
            .fetch_optional(c)
            .await
    })?;
    let (authorizers, members, keys) = row.unwrap_or_default();
    Ok(Quota { authorizers, members, keys })
}

/// The tenant's quota, which nobody else sees until this transaction ends: two that take the last place wait for each
/// other.
pub async fn lock_quota(tx: &mut Writer, tenant: &TenantId) -> Result<Quota, StoreError> {
    on!(tx, |c| {
        sqlx::query("UPDATE tenant SET name = name WHERE id = $1")
            .bind(tenant.as_str())
            .execute(c)
            .await
            .map(drop)
    })?;
    quota(tx, tenant).await
}

/// Whether there was such a tenant.
pub async fn set_quota(tx: &mut Writer, tenant: &TenantId, quota: &Quota) -> Result<bool, StoreError> {
    let changed = on!(tx, |c| {
        sqlx::query(
            "UPDATE tenant SET most_authorizers = $2, most_members = $3, most_keys = $4 WHERE id = $1",
        )
        .bind(tenant.as_str())
        .bind(quota.authorizers)
        .bind(quota.members)
        .bind(quota.keys)
        .execute(c)
        .await
        .map(|done| done.rows_affected())
    })?;
    Ok(changed == 1)
}

/// Keys are counted while they live.
pub async fn usage(tx: &mut Reader, tenant: &TenantId, now: Timestamp) -> Result<Usage, StoreError> {
    let (authorizers, members, keys): (i64, i64, i64) = on!(tx, |c| {
        sqlx::query_as(
            "SELECT (SELECT COALESCE(CAST(SUM(amount) AS BIGINT), 0) FROM authorizer_count WHERE tenant_id = $1), \
             (SELECT COUNT(*) FROM membership WHERE tenant_id = $1), \
             (SELECT COUNT(*) FROM api_key WHERE tenant_id = $1 AND revoked_at IS NULL \
             AND (expires_at IS NULL OR expires_at > $2))",
        )
        .bind(tenant.as_str())
        .bind(now.unix())
        .fetch_one(c)
        .await
    })?;
    Ok(Usage { authorizers, members, keys })
}
