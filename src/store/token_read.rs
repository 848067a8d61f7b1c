//! Token reads of the hours that are not in the audit yet. Each process keeps a row for each key and hour.

use crate::domain::ids::{ApiKeyId, TenantId};

use super::{Reader, StoreError, Writer};

/// What one process counted of one key in one hour.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reads {
    pub key: ApiKeyId,
    pub key_name: String,
    pub tenant: TenantId,
    /// Unix seconds at which the hour begins.
    pub hour: i64,
    pub reads: i64,
    /// Appids, and addresses, in their order, blanks between.
    pub accounts: String,
    pub addresses: String,
}

/// Puts what a process has counted so far.
///
/// # Errors
/// `Database`.
pub async fn put(tx: &mut Writer, holder: &str, counted: &Reads) -> Result<(), StoreError> {
    on!(tx, |c| {
        sqlx::query(
            "INSERT INTO token_read (api_key_id, hour, holder, tenant_id, key_name, reads, accounts, addresses) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT (api_key_id, hour, holder) DO UPDATE \
             SET reads = excluded.reads, accounts = excluded.accounts, addresses = excluded.addresses",
        )
        .bind(counted.key.as_str())
        .bind(counted.hour)
        .bind(holder)
        .bind(counted.tenant.as_str())
        .bind(&counted.key_name)
        .bind(counted.reads)
        .bind(&counted.accounts)
        .bind(&counted.addresses)
        .execute(c)
        .await
        .map(drop)
    })?;
    Ok(())
}

/// A key and an hour that began before a moment, the oldest first.
///
/// # Errors
/// `Database`, `Corrupt`.
pub async fn oldest(tx: &mut Reader, before: i64) -> Result<Option<(ApiKeyId, i64)>, StoreError> {
    let row: Option<(String, i64)> = on!(tx, |c| {
        sqlx::query_as(
            "SELECT api_key_id, hour FROM token_read WHERE hour < $1 ORDER BY hour, api_key_id LIMIT 1",
        )
        .bind(before)
        .fetch_optional(c)
        .await
    })?;
    let Some((key, hour)) = row else { return Ok(None) };
    let id = ApiKeyId::parse(&key).map_err(|_| StoreError::corrupt("token_read", "api_key_id", key))?;
    Ok(Some((id, hour)))
}

/// Takes what all processes counted of a key in an hour; nothing when somebody else has taken it.
///
/// # Errors
/// `Database`, `Corrupt`.
pub async fn take(tx: &mut Writer, key: &ApiKeyId, hour: i64) -> Result<Vec<Reads>, StoreError> {
    type Row = (String, String, i64, String, String);
    let rows: Vec<Row> = on!(tx, |c| {
        sqlx::query_as(
            "DELETE FROM token_read WHERE api_key_id = $1 AND hour = $2 \
             RETURNING tenant_id, key_name, reads, accounts, addresses",
        )
        .bind(key.as_str())
        .bind(hour)
        .fetch_all(c)
        .await
    })?;
    rows.into_iter()
        .map(|(tenant, key_name, reads, accounts, addresses)| {
            let tenant = TenantId::parse(&tenant)
                .map_err(|_| StoreError::corrupt("token_read", "tenant_id", key.to_string()))?;
            Ok(Reads { key: key.clone(), key_name, tenant, hour, reads, accounts, addresses })
        })
        .collect()
}
