//! What the scheduler changes for many accounts at once, and what it asks about all of them.

use std::time::Duration;

use crate::clock::Timestamp;
use crate::domain::authorizer::{Kind, Profile};
use crate::domain::health::Health;
use crate::domain::ids::{AuthorizerAppid, AuthorizerKey, ComponentAppid, TenantId};
use crate::domain::reason::Reason;
use crate::secret::AuthorizerRefreshToken;
use crate::vault::Vault;

use super::{Reader, StoreError, Writer, authorizer_token, data_key};

/// An account and whose it is.
pub type Owned = (AuthorizerKey, TenantId);

/// Accounts that look well but whose token has run out become `expired_retrying`. Returns up to 500 of them.
pub async fn age(tx: &mut Writer, now: Timestamp) -> Result<Vec<Owned>, StoreError> {
    let sql = format!(
        "WITH due AS MATERIALIZED (SELECT component_appid, authorizer_appid FROM authorizer \
         WHERE health IN ('healthy', 'retrying') AND token_expires_at <= $1 LIMIT 500{}) \
         UPDATE authorizer SET health = 'expired_retrying', health_rank = $2, health_since = $1, \
         reason = CASE WHEN reason = 'ok' THEN 'refresh_overdue' ELSE reason END \
         WHERE (component_appid, authorizer_appid) IN (SELECT component_appid, authorizer_appid FROM due) \
         RETURNING component_appid, authorizer_appid, tenant_id",
        tx.skip_locked()
    );
    let rows: Vec<OwnedRow> = on!(tx, |c| {
        sqlx::query_as(sqlx::AssertSqlSafe(sql))
            .bind(now.unix())
            .bind(Health::ExpiredRetrying.rank())
            .fetch_all(c)
            .await
    })?;
    rows.into_iter().map(owned).collect()
}

/// Accounts of a component that are due while the component itself cannot refresh. Returns up to 500 of them.
pub async fn block(
    tx: &mut Writer,
    component: &ComponentAppid,
    now: Timestamp,
    cause: Reason,
) -> Result<Vec<Owned>, StoreError> {
    let sql = format!(
        "WITH due AS MATERIALIZED (SELECT authorizer_appid FROM authorizer \
         WHERE component_appid = $1 AND next_refresh_at <= $2 AND lease_until <= $2 \
         AND health IN ('healthy', 'retrying', 'expired_retrying') LIMIT 500{}) \
         UPDATE authorizer SET health = 'blocked_upstream', health_rank = $4, health_since = $2, reason = $3 \
         WHERE component_appid = $1 AND authorizer_appid IN (SELECT authorizer_appid FROM due) \
         RETURNING component_appid, authorizer_appid, tenant_id",
        tx.skip_locked()
    );
    let rows: Vec<OwnedRow> = on!(tx, |c| {
        sqlx::query_as(sqlx::AssertSqlSafe(sql))
            .bind(component.as_str())
            .bind(now.unix())
            .bind(cause.code())
            .bind(Health::BlockedUpstream.rank())
            .fetch_all(c)
            .await
    })?;
    rows.into_iter().map(owned).collect()
}

/// The same for accounts that already wait for WeChat to answer, due or not: WeChat as a whole is down. Returns how many.
pub async fn block_silent(
    tx: &mut Writer,
    component: &ComponentAppid,
    now: Timestamp,
) -> Result<u64, StoreError> {
    Ok(on!(tx, |c| {
        sqlx::query(
            "UPDATE authorizer SET health = 'blocked_upstream', health_rank = $3, health_since = $2, reason = $4 \
             WHERE component_appid = $1 AND health IN ('retrying', 'expired_retrying') \
             AND reason IN ('wechat_unreachable', 'wechat_transient')",
        )
        .bind(component.as_str())
        .bind(now.unix())
        .bind(Health::BlockedUpstream.rank())
        .bind(Reason::WechatDown.code())
        .execute(c)
        .await
        .map(|done| done.rows_affected())
    })?)
}

/// How many accounts of a component [`block`] would take now, and [`block_silent`] when WeChat is down.
pub async fn count_unblocked(
    tx: &mut Reader,
    component: &ComponentAppid,
    now: Timestamp,
    cause: Reason,
) -> Result<i64, StoreError> {
    let (count,): (i64,) = on!(tx, |c| {
        sqlx::query_as(
            "SELECT (SELECT COUNT(*) FROM authorizer WHERE component_appid = $1 AND next_refresh_at <= $2 \
             AND lease_until <= $2 AND health IN ('healthy', 'retrying', 'expired_retrying')) \
             + (SELECT COUNT(*) FROM authorizer WHERE $3 = 'wechat_down' AND component_appid = $1 \
             AND health IN ('retrying', 'expired_retrying') \
             AND reason IN ('wechat_unreachable', 'wechat_transient'))",
        )
        .bind(component.as_str())
        .bind(now.unix())
        .bind(cause.code())
        .fetch_one(c)
        .await
    })?;
    Ok(count)
}

/// Takes accounts whose profile is to be fetched; they become due again after `again`, later after sixty
/// times as long, unless it succeeds. A cancelled account is not asked about before it is granted again, a paused one not
/// before its time comes round once more.
pub async fn claim_info(
    tx: &mut Writer,
    now: Timestamp,
    (limit, again): (i64, Duration),
) -> Result<Vec<Owned>, StoreError> {
    let sql = format!(
        "WITH due AS MATERIALIZED (SELECT component_appid, authorizer_appid FROM authorizer \
         WHERE next_info_at <= $1 ORDER BY next_info_at LIMIT $3{}) \
         UPDATE authorizer SET next_info_at = CASE WHEN health = 'unauthorized' THEN NULL \
         WHEN health <> 'paused' AND info_failures < 5 THEN $2 ELSE $4 END, info_failures = info_failures + 1 \
         WHERE (component_appid, authorizer_appid) IN (SELECT component_appid, authorizer_appid FROM due) \
         RETURNING component_appid, authorizer_appid, tenant_id, health",
        tx.skip_locked()
    );
    let rows: Vec<(String, String, String, String)> = on!(tx, |c| {
        sqlx::query_as(sqlx::AssertSqlSafe(sql))
            .bind(now.unix())
            .bind(now.plus(again).unix())
            .bind(limit)
            .bind(now.plus(again * 60).unix())
            .fetch_all(c)
            .await
    })?;
    rows.into_iter()
        .filter(|(.., health)| health != Health::Paused.as_str() && health != Health::Unauthorized.as_str())
        .map(|(component, authorizer, tenant, _)| owned((component, authorizer, tenant)))
        .collect()
}

/// What WeChat tells of an account. `func_info` is `None` when it told no permission sets.
#[derive(Debug)]
pub struct Told<'a> {
    pub kind: Kind,
    pub profile: &'a Profile,
    pub func_info: Option<&'a [i64]>,
    pub next_info_at: Timestamp,
}

/// Stores an account's profile.
pub async fn put_profile(
    tx: &mut Writer,
    key: &AuthorizerKey,
    now: Timestamp,
    told: &Told<'_>,
) -> Result<(), StoreError> {
    let profile = told.profile;
    let search = [profile.nick_name.as_deref(), Some(key.authorizer.as_str()), profile.user_name.as_deref()]
        .into_iter()
        .flatten()
        .collect::<Vec<_>>()
        .join(" ")
        .to_lowercase();
    on!(tx, |c| {
        sqlx::query(
            "UPDATE authorizer SET kind = $3, nick_name = $4, head_img = $5, user_name = $6, alias = $7, \
             principal_name = $8, signature = $9, service_type = $10, verify_type = $11, account_status = $12, \
             func_info = COALESCE($13, func_info), search = $14, info_at = $15, next_info_at = $16, \
             info_failures = 0 WHERE component_appid = $1 AND authorizer_appid = $2",
        )
        .bind(key.component.as_str())
        .bind(key.authorizer.as_str())
        .bind(told.kind.as_str())
        .bind(profile.nick_name.as_deref())
        .bind(profile.head_img.as_deref())
        .bind(profile.user_name.as_deref())
        .bind(profile.alias.as_deref())
        .bind(profile.principal_name.as_deref())
        .bind(profile.signature.as_deref())
        .bind(profile.service_type)
        .bind(profile.verify_type)
        .bind(profile.account_status)
        .bind(told.func_info.map(|ids| serde_json::json!(ids).to_string()))
        .bind(search)
        .bind(now.unix())
        .bind(told.next_info_at.unix())
        .execute(c)
        .await
        .map(|_| ())
    })?;
    Ok(())
}

/// An account as the comparison with WeChat's list sees it.
#[derive(Clone, Debug)]
pub struct Compared {
    pub appid: AuthorizerAppid,
    pub tenant: TenantId,
    pub health: Health,
    /// `None` as well for one that does not open.
    pub refresh_token: Option<AuthorizerRefreshToken>,
}

/// One page of a component's accounts by appid, for the comparison with WeChat's list.
pub async fn page_by_appid(
    tx: &mut Reader,
    vault: &Vault,
    component: &ComponentAppid,
    (after, limit): (&str, i64),
) -> Result<Vec<Compared>, StoreError> {
    let rows: Vec<(String, String, String, Option<String>)> = on!(tx, |c| {
        sqlx::query_as(
            "SELECT authorizer_appid, tenant_id, health, refresh_token_sealed FROM authorizer \
             WHERE component_appid = $1 AND authorizer_appid > $2 ORDER BY authorizer_appid LIMIT $3",
        )
        .bind(component.as_str())
        .bind(after)
        .bind(limit)
        .fetch_all(c)
        .await
    })?;
    let sealed = rows.iter().filter_map(|(_, _, _, sealed)| sealed.as_deref());
    let keys = data_key::opening(tx, vault, sealed).await?;
    rows.into_iter()
        .map(|(appid, tenant, health, sealed)| {
            let corrupt = |column| StoreError::corrupt("authorizer", column, appid.clone());
            let key = AuthorizerKey {
                component: component.clone(),
                authorizer: AuthorizerAppid::parse(&appid).map_err(|_| corrupt("authorizer_appid"))?,
            };
            let tenant = TenantId::parse(&tenant).map_err(|_| corrupt("tenant_id"))?;
            let refresh_token =
                authorizer_token::open_refresh_token(&keys, (&tenant, &key), sealed.as_deref());
            Ok(Compared {
                tenant,
                refresh_token,
                health: Health::from_name(&health).ok_or_else(|| corrupt("health"))?,
                appid: key.authorizer,
            })
        })
        .collect()
}

type OwnedRow = (String, String, String);

fn owned((component, authorizer, tenant): OwnedRow) -> Result<Owned, StoreError> {
    let corrupt = |column| StoreError::corrupt("authorizer", column, authorizer.clone());
    let key = AuthorizerKey {
        component: ComponentAppid::parse(&component).map_err(|_| corrupt("component_appid"))?,
        authorizer: AuthorizerAppid::parse(&authorizer).map_err(|_| corrupt("authorizer_appid"))?,
    };
    Ok((key, TenantId::parse(&tenant).map_err(|_| corrupt("tenant_id"))?))
}
