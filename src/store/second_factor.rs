//! What a user has besides the password, and who must have something.

use crate::clock::Timestamp;
use crate::domain::ids::{TenantId, UserId};
use crate::domain::second_factor::Factors;

use super::{Reader, StoreError, Writer};

/// # Errors
/// `Database`.
pub async fn of_user(tx: &mut Reader, user: &UserId) -> Result<Factors, StoreError> {
    let (app_since, passkeys, codes_left): (Option<i64>, i64, i64) = on!(tx, |c| {
        sqlx::query_as(
            "SELECT (SELECT confirmed_at FROM totp WHERE user_id = $1), \
             (SELECT COUNT(*) FROM passkey WHERE user_id = $1), \
             (SELECT COUNT(*) FROM recovery_code WHERE user_id = $1 AND used_at IS NULL)",
        )
        .bind(user.as_str())
        .fetch_one(c)
        .await
    })?;
    Ok(Factors { app_since: app_since.map(Timestamp::from_unix), passkeys, codes_left })
}

/// Of these users, those who have a second factor.
///
/// # Errors
/// `Database`, `Corrupt`.
pub async fn holders(tx: &mut Reader, limit: i64) -> Result<Vec<UserId>, StoreError> {
    let rows: Vec<(String,)> = on!(tx, |c| {
        sqlx::query_as(
            "SELECT user_id FROM totp WHERE confirmed_at IS NOT NULL UNION SELECT user_id FROM passkey LIMIT $1",
        )
        .bind(limit)
        .fetch_all(c)
        .await
    })?;
    let id = |(id,): (String,)| UserId::parse(&id).map_err(|_| StoreError::corrupt("totp", "user_id", id));
    rows.into_iter().map(id).collect()
}

/// Since when the members of a tenant must have one.
///
/// # Errors
/// `Database`.
pub async fn required_since(tx: &mut Reader, tenant: &TenantId) -> Result<Option<Timestamp>, StoreError> {
    let row: Option<(i64,)> = on!(tx, |c| {
        sqlx::query_as("SELECT required_at FROM mfa_policy WHERE tenant_id = $1")
            .bind(tenant.as_str())
            .fetch_optional(c)
            .await
    })?;
    Ok(row.map(|(at,)| Timestamp::from_unix(at)))
}

/// From now on the members must have one.
///
/// # Errors
/// `Database`.
pub async fn require(tx: &mut Writer, tenant: &TenantId, now: Timestamp) -> Result<(), StoreError> {
    on!(tx, |c| {
        sqlx::query(
            "INSERT INTO mfa_policy (tenant_id, required_at) VALUES ($1, $2) ON CONFLICT (tenant_id) DO NOTHING",
        )
        .bind(tenant.as_str())
        .bind(now.unix())
        .execute(c)
        .await
        .map(drop)
    })?;
    Ok(())
}

/// The members may do without again.
///
/// # Errors
/// `Database`.
pub async fn waive(tx: &mut Writer, tenant: &TenantId) -> Result<(), StoreError> {
    on!(tx, |c| {
        sqlx::query("DELETE FROM mfa_policy WHERE tenant_id = $1")
            .bind(tenant.as_str())
            .execute(c)
            .await
            .map(drop)
    })?;
    Ok(())
}
