//! Logos of tenants, served to anybody under a name that changes with the picture.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::clock::Timestamp;
use crate::domain::ids::TenantId;
use crate::domain::logo::Logo;

use super::{Reader, StoreError, Writer};

/// Replaces the tenant's logo.
///
/// # Errors
/// `Database`.
pub async fn put(tx: &mut Writer, tenant: &TenantId, logo: &Logo, now: Timestamp) -> Result<(), StoreError> {
    on!(tx, |c| {
        sqlx::query(
            "INSERT INTO tenant_logo (tenant_id, name, bytes, created_at) VALUES ($1, $2, $3, $4) \
             ON CONFLICT (tenant_id) DO UPDATE SET name = $2, bytes = $3, created_at = $4",
        )
        .bind(tenant.as_str())
        .bind(&logo.name)
        .bind(STANDARD.encode(&logo.bytes))
        .bind(now.unix())
        .execute(c)
        .await
        .map(drop)
    })?;
    Ok(())
}

/// Whether there was one.
///
/// # Errors
/// `Database`.
pub async fn forget(tx: &mut Writer, tenant: &TenantId) -> Result<bool, StoreError> {
    let touched = on!(tx, |c| {
        sqlx::query("DELETE FROM tenant_logo WHERE tenant_id = $1")
            .bind(tenant.as_str())
            .execute(c)
            .await
            .map(|done| done.rows_affected())
    })?;
    Ok(touched == 1)
}

/// The name of the tenant's logo, when it has one.
///
/// # Errors
/// `Database`.
pub async fn name_of(tx: &mut Reader, tenant: &TenantId) -> Result<Option<String>, StoreError> {
    let row: Option<(String,)> = on!(tx, |c| {
        sqlx::query_as("SELECT name FROM tenant_logo WHERE tenant_id = $1")
            .bind(tenant.as_str())
            .fetch_optional(c)
            .await
    })?;
    Ok(row.map(|(name,)| name))
}

/// The bytes of the logo with this name, whosever it is: its name is no secret, and nothing else is told.
///
/// # Errors
/// `Database`, `Corrupt`.
pub async fn find(tx: &mut Reader, name: &str) -> Result<Option<Vec<u8>>, StoreError> {
    let row: Option<(String,)> = on!(tx, |c| {
        sqlx::query_as("SELECT bytes FROM tenant_logo WHERE name = $1 LIMIT 1")
            .bind(name)
            .fetch_optional(c)
            .await
    })?;
    row.map(|(bytes,)| STANDARD.decode(bytes).map_err(|_| StoreError::corrupt("tenant_logo", "bytes", name)))
        .transpose()
}
