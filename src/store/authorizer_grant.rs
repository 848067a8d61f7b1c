//! What a grant makes of an account: its first row, and tokens that replace all older ones.

use crate::clock::Timestamp;
use crate::domain::health::Health;
use crate::domain::ids::{AuthorizerKey, TenantId};
use crate::domain::reason::Reason;
use crate::vault::Vault;

use super::authorizer_token::{ACCESS, NewTokens, REFRESH, place};
use super::{StoreError, Writer, data_key};

/// WeChat's own time of a grant, told by a push; an older one changes nothing.
pub async fn note_grant_time(
    tx: &mut Writer,
    key: &AuthorizerKey,
    granted_at: Timestamp,
) -> Result<(), StoreError> {
    on!(tx, |c| {
        sqlx::query(
            "UPDATE authorizer SET grant_time = $3 WHERE component_appid = $1 AND authorizer_appid = $2 \
             AND (grant_time IS NULL OR grant_time < $3)",
        )
        .bind(key.component.as_str())
        .bind(key.authorizer.as_str())
        .bind(granted_at.unix())
        .execute(c)
        .await
        .map(|_| ())
    })?;
    Ok(())
}

/// Writes the first row of an account; `false` when there is one already.
pub async fn insert(
    tx: &mut Writer,
    key: &AuthorizerKey,
    tenant: &TenantId,
    now: Timestamp,
) -> Result<bool, StoreError> {
    let changed = on!(tx, |c| {
        sqlx::query(
            "INSERT INTO authorizer (component_appid, authorizer_appid, tenant_id, kind, func_info, search, \
             info_failures, next_info_at, authorized_at, generation, next_refresh_at, failures, lease_until, epoch, \
             health, health_rank, health_since, attention_at, reason, created_at) \
             VALUES ($1, $2, $3, 'unknown', '[]', $4, 0, $5, $5, 0, $5, 0, 0, 0, 'recovering', $6, $5, $5, \
             'first_token_pending', $5) ON CONFLICT (component_appid, authorizer_appid) DO NOTHING",
        )
        .bind(key.component.as_str())
        .bind(key.authorizer.as_str())
        .bind(tenant.as_str())
        .bind(key.authorizer.as_str().to_lowercase())
        .bind(now.unix())
        .bind(Health::Recovering.rank())
        .execute(c)
        .await
        .map(|done| done.rows_affected())
    })?;
    Ok(changed == 1)
}

/// What a grant brought.
#[derive(Debug)]
pub struct Granted<'a> {
    pub tokens: &'a NewTokens,
    pub func_info: &'a [i64],
    pub grant_time: Option<Timestamp>,
    pub now: Timestamp,
}

/// Replaces an account's tokens after a grant; an access token that lives stays when the grant brought none. Whoever holds
/// the account loses it: older results no longer count. A call of theirs may still be at WeChat until their lease ends, so
/// nobody else calls before.
pub async fn record_grant(
    tx: &mut Writer,
    vault: &Vault,
    key: &AuthorizerKey,
    granted: &Granted<'_>,
) -> Result<(), StoreError> {
    tx.tell(key.authorizer.as_str());
    let row = key.row();
    let tokens = granted.tokens;
    let Some(tenant) = owner(tx, key).await? else { return Ok(()) };
    let keys = data_key::sealing_for(tx, vault, [&tenant]).await?;
    let tenant = tenant.as_str();
    let seal_access = |token: &_| keys.seal(token, place(tenant, ACCESS, &row));
    let seal_refresh = |token: &_| keys.seal(token, place(tenant, REFRESH, &row));
    let access = tokens.access_token.as_ref().map(seal_access).transpose()?;
    let refresh = tokens.refresh_token.as_ref().map(seal_refresh).transpose()?;
    // Without an access token the account is due at once: a refresh will bring one.
    let (health, reason) = match tokens.access_token {
        Some(_) => (Health::Healthy, Reason::Ok),
        None => (Health::Recovering, Reason::FirstTokenPending),
    };
    on!(tx, |c| {
        sqlx::query(
            "UPDATE authorizer SET access_token_sealed = COALESCE($3, access_token_sealed), \
             previous_refresh_token_sealed = CASE WHEN $4 IS NULL THEN previous_refresh_token_sealed \
             ELSE refresh_token_sealed END, refresh_token_sealed = COALESCE($4, refresh_token_sealed), \
             token_obtained_at = CASE WHEN $3 IS NULL THEN token_obtained_at ELSE $5 END, \
             token_expires_at = CASE WHEN $3 IS NULL THEN token_expires_at ELSE $6 END, \
             attention_at = CASE WHEN $3 IS NULL THEN COALESCE(token_expires_at, $6) ELSE $6 END, \
             next_refresh_at = CASE WHEN lease_until > $9 AND lease_until > $7 THEN lease_until ELSE $7 END, \
             last_success_at = CASE WHEN $3 IS NULL THEN last_success_at ELSE $5 END, func_info = $8, \
             authorized_at = $9, \
             grant_time = CASE WHEN $10 IS NULL OR grant_time > $10 THEN grant_time ELSE $10 END, \
             generation = generation + 1, epoch = epoch + 1, failures = 0, lease_until = 0, lease_holder = NULL, \
             health_since = CASE WHEN health = $11 THEN health_since ELSE $9 END, health = $11, health_rank = $12, \
             reason = $13, errcode = NULL, rid = NULL, next_info_at = $9, info_failures = 0, \
             not_before = CASE WHEN lease_until > $9 THEN lease_until ELSE 0 END, doubts = 0, refresh_floor = $14 \
             WHERE component_appid = $1 AND authorizer_appid = $2",
        )
        .bind(key.component.as_str())
        .bind(key.authorizer.as_str())
        .bind(access)
        .bind(refresh)
        .bind(tokens.obtained_at.unix())
        .bind(tokens.expires_at.unix())
        .bind(tokens.next_refresh_at.unix())
        .bind(serde_json::json!(granted.func_info).to_string())
        .bind(granted.now.unix())
        .bind(granted.grant_time.map(Timestamp::unix))
        .bind(health.as_str())
        .bind(health.rank())
        .bind(reason.code())
        .bind(tokens.floor())
        .execute(c)
        .await
        .map(|_| ())
    })?;
    Ok(())
}

/// The account's tenant; nobody else writes the row until this transaction ends.
async fn owner(tx: &mut Writer, key: &AuthorizerKey) -> Result<Option<TenantId>, StoreError> {
    let row: Option<(String,)> = on!(tx, |c| {
        sqlx::query_as(
            "UPDATE authorizer SET epoch = epoch WHERE component_appid = $1 AND authorizer_appid = $2 \
             RETURNING tenant_id",
        )
        .bind(key.component.as_str())
        .bind(key.authorizer.as_str())
        .fetch_optional(c)
        .await
    })?;
    let corrupt = |id: &str| StoreError::corrupt("authorizer", "tenant_id", id);
    row.map(|(id,)| TenantId::parse(&id).map_err(|_| corrupt(&id))).transpose()
}
