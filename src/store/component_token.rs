//! The lane of a component's component_access_token: claimed by one process, recorded under its epoch, ended when WeChat
//! refuses the token.

use std::time::Duration;

use crate::clock::Timestamp;
use crate::domain::ids::ComponentAppid;
use crate::secret::ComponentAccessToken;
use crate::vault::Vault;

use super::component::{parse, place};
use super::{Reader, StoreError, Writer, data_key};

/// The right to refresh one component's token, until the lease ends.
#[derive(Clone, Debug)]
pub struct TokenLane {
    pub appid: ComponentAppid,
    pub epoch: i64,
    pub failures: i64,
    pub token_expires_at: Option<Timestamp>,
}

/// Takes the lanes that are due, one holder each.
pub async fn claim_token_lanes(
    tx: &mut Writer,
    now: Timestamp,
    holder: &str,
    lease: Duration,
) -> Result<Vec<TokenLane>, StoreError> {
    let sql = format!(
        "UPDATE component SET lease_holder = $2, lease_until = $3, epoch = epoch + 1 WHERE appid IN \
         (SELECT appid FROM component WHERE next_token_refresh_at <= $1 AND lease_until <= $1{}) \
         RETURNING appid, epoch, token_failures, token_expires_at",
        tx.skip_locked()
    );
    let rows: Vec<(String, i64, i64, Option<i64>)> = on!(tx, |c| {
        sqlx::query_as(sqlx::AssertSqlSafe(sql))
            .bind(now.unix())
            .bind(holder)
            .bind(now.plus(lease).unix())
            .fetch_all(c)
            .await
    })?;
    rows.into_iter()
        .map(|(appid, epoch, failures, expires)| {
            Ok(TokenLane {
                appid: parse(&appid)?,
                epoch,
                failures,
                token_expires_at: expires.map(Timestamp::from_unix),
            })
        })
        .collect()
}

/// Whether somebody is refreshing this component's token right now.
pub async fn lane_is_held(
    tx: &mut Reader,
    appid: &ComponentAppid,
    now: Timestamp,
) -> Result<bool, StoreError> {
    let row: Option<(i64,)> = on!(tx, |c| {
        sqlx::query_as("SELECT lease_until FROM component WHERE appid = $1")
            .bind(appid.as_str())
            .fetch_optional(c)
            .await
    })?;
    Ok(row.is_some_and(|(until,)| until > now.unix()))
}

/// A new token and its plan.
#[derive(Debug)]
pub struct NewToken {
    pub token: ComponentAccessToken,
    pub obtained_at: Timestamp,
    pub expires_at: Timestamp,
    pub next_refresh_at: Timestamp,
}

/// Stores a new token; `false` when the lease was lost meanwhile, and nothing has changed then.
pub async fn record_token(
    tx: &mut Writer,
    vault: &Vault,
    lane: &TokenLane,
    new: &NewToken,
) -> Result<bool, StoreError> {
    let keys = data_key::sealing(tx, vault).await?;
    let sealed = place("access_token_sealed", &lane.appid).seal(&keys, &new.token)?;
    let changed = on!(tx, |c| {
        sqlx::query(
            "UPDATE component SET access_token_sealed = $3, token_obtained_at = $4, token_expires_at = $5, \
             next_token_refresh_at = $6, token_generation = token_generation + 1, token_failures = 0, \
             lease_until = 0, lease_holder = NULL WHERE appid = $1 AND epoch = $2",
        )
        .bind(lane.appid.as_str())
        .bind(lane.epoch)
        .bind(&sealed)
        .bind(new.obtained_at.unix())
        .bind(new.expires_at.unix())
        .bind(new.next_refresh_at.unix())
        .execute(c)
        .await
        .map(|done| done.rows_affected())
    })?;
    Ok(changed == 1)
}

/// Gives the lane back after a failure, with the moment of the next try.
pub async fn record_token_failure(
    tx: &mut Writer,
    lane: &TokenLane,
    next_try_at: Timestamp,
) -> Result<(), StoreError> {
    on!(tx, |c| {
        sqlx::query(
            "UPDATE component SET next_token_refresh_at = $3, token_failures = token_failures + 1, \
             lease_until = 0, lease_holder = NULL WHERE appid = $1 AND epoch = $2",
        )
        .bind(lane.appid.as_str())
        .bind(lane.epoch)
        .bind(next_try_at.unix())
        .execute(c)
        .await
        .map(|_| ())
    })?;
    Ok(())
}

/// A component_access_token that is thought to be valid.
#[derive(Clone, Debug)]
pub struct HeldToken {
    pub appid: ComponentAppid,
    pub token: ComponentAccessToken,
    pub obtained_at: Timestamp,
    pub expires_at: Timestamp,
    pub generation: i64,
}

/// The stored token, unless its time is over.
pub async fn access_token(
    tx: &mut Reader,
    vault: &Vault,
    appid: &ComponentAppid,
    now: Timestamp,
) -> Result<Option<HeldToken>, StoreError> {
    let row: Option<TokenRow> = on!(tx, |c| {
        sqlx::query_as(
            "SELECT access_token_sealed, token_obtained_at, token_expires_at, token_generation FROM component \
             WHERE appid = $1",
        )
        .bind(appid.as_str())
        .fetch_optional(c)
        .await
    })?;
    let Some((Some(sealed), obtained_at, Some(expires_at), generation)) = row else { return Ok(None) };
    let obtained_at = Timestamp::from_unix(obtained_at.unwrap_or(0));
    let expires_at = Timestamp::from_unix(expires_at);
    if expires_at <= now {
        return Ok(None);
    }
    let place = place("access_token_sealed", appid);
    let token = data_key::open(tx, vault, &sealed, place.place()).await?;
    Ok(Some(HeldToken { appid: appid.clone(), token, obtained_at, expires_at, generation }))
}

/// Sealed token, when it was obtained, when it ends, its generation.
type TokenRow = (Option<String>, Option<i64>, Option<i64>, i64);

/// WeChat refused this token: it ends now and its lane becomes due, unless a newer one is stored already. At most once
/// a minute: a call that refuses every token must not use up the day's.
pub async fn distrust_token(tx: &mut Writer, held: &HeldToken, now: Timestamp) -> Result<bool, StoreError> {
    let changed = on!(tx, |c| {
        sqlx::query(
            "UPDATE component SET token_expires_at = $3, next_token_refresh_at = $3, token_distrusted_at = $3 \
             WHERE appid = $1 AND token_generation = $2 AND token_expires_at > $3 \
             AND (token_distrusted_at IS NULL OR token_distrusted_at <= $4)",
        )
        .bind(held.appid.as_str())
        .bind(held.generation)
        .bind(now.unix())
        .bind(now.minus(Duration::from_secs(60)).unix())
        .execute(c)
        .await
        .map(|done| done.rows_affected())
    })?;
    Ok(changed == 1)
}

/// The stored token is of no use: it ends now and its lane becomes due.
pub async fn end_token(tx: &mut Writer, appid: &ComponentAppid, now: Timestamp) -> Result<(), StoreError> {
    on!(tx, |c| {
        sqlx::query(
            "UPDATE component SET token_expires_at = $2, next_token_refresh_at = $2 WHERE appid = $1 \
             AND token_expires_at > $2",
        )
        .bind(appid.as_str())
        .bind(now.unix())
        .execute(c)
        .await
        .map(|_| ())
    })?;
    Ok(())
}

/// Makes the lane due now when there is no valid token: called when a ticket arrives that was waited for.
pub async fn wake_starved_lane(
    tx: &mut Writer,
    appid: &ComponentAppid,
    now: Timestamp,
) -> Result<(), StoreError> {
    on!(tx, |c| {
        sqlx::query(
            "UPDATE component SET next_token_refresh_at = $2 WHERE appid = $1 AND (token_expires_at IS NULL OR token_expires_at <= $2 OR token_failures > 0)",
        )
        .bind(appid.as_str())
        .bind(now.unix())
        .execute(c)
        .await
        .map(|_| ())
    })?;
    Ok(())
}
