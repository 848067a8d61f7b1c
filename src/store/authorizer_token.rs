//! The tokens of an account, their plan, their lease and the account's health. These functions belong to the scheduler
//! and to the code broker: they name the account by its key and not by its tenant.
//!
//! A claim raises the row's epoch; what was learned under a claim is recorded only while the epoch is still the same.
//! A claim also sets `not_before`, and none is given before it: whatever else plans a refresh, no account is refreshed
//! more often than the floor allows. What is planned earlier is put off to it, so that pages show when it will be.

use crate::clock::{Clock, Stopwatch, Timestamp};
use crate::domain::health::Health;
use crate::domain::ids::{AuthorizerAppid, AuthorizerKey, ComponentAppid, TenantId};
use crate::domain::reason::Reason;
use crate::domain::refresh_plan::{self, LEASE};
use crate::secret::{AuthorizerAccessToken, AuthorizerRefreshToken};
use crate::vault::{Keys, Place, Vault};

use super::error::readable;
use super::{Reader, StoreError, Writer, data_key};

/// An account as the refresher holds it.
#[derive(Clone, Debug)]
pub struct Held {
    pub key: AuthorizerKey,
    pub tenant: TenantId,
    pub epoch: i64,
    pub generation: i64,
    pub refresh_token: Option<AuthorizerRefreshToken>,
    pub previous_refresh_token: Option<AuthorizerRefreshToken>,
    pub token_obtained_at: Option<Timestamp>,
    pub token_expires_at: Option<Timestamp>,
    pub next_refresh_at: Option<Timestamp>,
    pub failures: i64,
    pub health: Health,
    pub reason: Reason,
    /// WeChat's own time of the newest grant, when a push or the list told it.
    pub grant_time: Option<Timestamp>,
    pub authorized_at: Timestamp,
    /// Since the claim, or since the row was read, on the monotonic clock: nobody can set that one.
    pub claimed: Stopwatch,
}

impl Held {
    pub fn token_is_valid(&self, now: Timestamp) -> bool {
        self.token_expires_at.is_some_and(|end| end > now)
    }
}

macro_rules! held_columns {
    () => {
        "component_appid, authorizer_appid, tenant_id, epoch, generation, refresh_token_sealed, \
         previous_refresh_token_sealed, token_obtained_at, token_expires_at, next_refresh_at, failures, health, \
         reason, grant_time, authorized_at"
    };
}
pub(super) use held_columns;

/// Takes accounts of one component whose refresh is due, that nobody holds and whose floor is past, the longest overdue
/// first. A row that
/// cannot be read is left out until its lease ends.
pub async fn claim_due(
    tx: &mut Writer,
    vault: &Vault,
    component: &ComponentAppid,
    (now, holder, limit): (Timestamp, &str, i64),
) -> Result<Vec<Held>, StoreError> {
    let claimed = Clock::stopwatch();
    let sql = format!(
        concat!(
            "WITH due AS MATERIALIZED (SELECT authorizer_appid FROM authorizer ",
            "WHERE component_appid = $1 AND next_refresh_at <= $2 AND lease_until <= $2 AND not_before <= $2 ",
            "ORDER BY next_refresh_at LIMIT $5{}) ",
            "UPDATE authorizer SET lease_holder = $3, lease_until = $4, not_before = $2 + refresh_floor, epoch = epoch + 1 ",
            "WHERE component_appid = $1 AND authorizer_appid IN (SELECT authorizer_appid FROM due) RETURNING ",
            held_columns!()
        ),
        tx.skip_locked()
    );
    let rows: Vec<Row> = on!(tx, |c| {
        sqlx::query_as(sqlx::AssertSqlSafe(sql))
            .bind(component.as_str())
            .bind(now.unix())
            .bind(holder)
            .bind(now.plus(LEASE).unix())
            .bind(limit)
            .fetch_all(c)
            .await
    })?;
    open_all(tx, vault, rows, claimed).await
}

/// The account, whoever holds it. A refresh token that does not open counts as lost: the ladder finds another.
pub async fn find(tx: &mut Reader, vault: &Vault, key: &AuthorizerKey) -> Result<Option<Held>, StoreError> {
    let row: Option<Row> = on!(tx, |c| {
        sqlx::query_as(concat!(
            "SELECT ",
            held_columns!(),
            " FROM authorizer WHERE component_appid = $1 AND authorizer_appid = $2"
        ))
        .bind(key.component.as_str())
        .bind(key.authorizer.as_str())
        .fetch_optional(c)
        .await
    })?;
    let claimed = Clock::stopwatch();
    let Some(row) = row else { return Ok(None) };
    let keys = data_key::opening(tx, vault, row.sealed()).await?;
    row.open(&keys, claimed).map(Some)
}

/// Opens what was read; a row that cannot be read is left out.
pub(super) async fn open_all(
    tx: &mut Reader,
    vault: &Vault,
    rows: Vec<Row>,
    claimed: Stopwatch,
) -> Result<Vec<Held>, StoreError> {
    let keys = data_key::opening(tx, vault, rows.iter().flat_map(Row::sealed)).await?;
    Ok(rows.into_iter().filter_map(|row| readable(row.open(&keys, claimed))).collect())
}

/// The valid access token of an account, for tests and for handing out.
pub async fn access_token(
    tx: &mut Reader,
    vault: &Vault,
    key: &AuthorizerKey,
) -> Result<Option<AuthorizerAccessToken>, StoreError> {
    let row: Option<(String, Option<String>)> = on!(tx, |c| {
        sqlx::query_as(
            "SELECT tenant_id, access_token_sealed FROM authorizer WHERE component_appid = $1 AND authorizer_appid = $2",
        )
        .bind(key.component.as_str())
        .bind(key.authorizer.as_str())
        .fetch_optional(c)
        .await
    })?;
    let Some((tenant, Some(sealed))) = row else { return Ok(None) };
    data_key::open(tx, vault, &sealed, place(&tenant, ACCESS, &key.row())).await.map(Some)
}

/// Opens an access token that was read elsewhere.
pub(super) fn open_access(
    keys: &Keys,
    (tenant, key): (&TenantId, &AuthorizerKey),
    sealed: &str,
) -> Result<AuthorizerAccessToken, StoreError> {
    Ok(keys.open_sealed(sealed, place(tenant.as_str(), ACCESS, &key.row()))?)
}

/// Shows that the recovery ladder is at work, and keeps the claim for as long as it may take.
pub async fn set_recovering(
    tx: &mut Writer,
    held: &Held,
    (now, until): (Timestamp, Timestamp),
    reason: Reason,
) -> Result<bool, StoreError> {
    let changed = on!(tx, |c| {
        sqlx::query(
            "UPDATE authorizer SET health_since = CASE WHEN health = 'recovering' THEN health_since ELSE $4 END, \
             health = 'recovering', health_rank = $5, reason = $6, lease_until = $7 \
             WHERE component_appid = $1 AND authorizer_appid = $2 AND epoch = $3",
        )
        .bind(held.key.component.as_str())
        .bind(held.key.authorizer.as_str())
        .bind(held.epoch)
        .bind(now.unix())
        .bind(Health::Recovering.rank())
        .bind(reason.code())
        .bind(until.unix())
        .execute(c)
        .await
        .map(|done| done.rows_affected())
    })?;
    Ok(changed == 1)
}

/// Holds on to an account until `until`; `false` when the claim was lost.
pub async fn extend(tx: &mut Writer, held: &Held, until: Timestamp) -> Result<bool, StoreError> {
    let changed = on!(tx, |c| {
        sqlx::query(
            "UPDATE authorizer SET lease_until = $4 WHERE component_appid = $1 AND authorizer_appid = $2 \
             AND epoch = $3 AND lease_until > 0",
        )
        .bind(held.key.component.as_str())
        .bind(held.key.authorizer.as_str())
        .bind(held.epoch)
        .bind(until.unix())
        .execute(c)
        .await
        .map(|done| done.rows_affected())
    })?;
    Ok(changed == 1)
}

/// Keeps other writers off an account until this transaction ends, so that what is read next stays true.
pub async fn lock(tx: &mut Writer, key: &AuthorizerKey) -> Result<(), StoreError> {
    on!(tx, |c| {
        sqlx::query(
            "UPDATE authorizer SET epoch = epoch WHERE component_appid = $1 AND authorizer_appid = $2",
        )
        .bind(key.component.as_str())
        .bind(key.authorizer.as_str())
        .execute(c)
        .await
        .map(|_| ())
    })?;
    Ok(())
}

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

/// What WeChat gave, and when to refresh it.
#[derive(Debug)]
pub struct NewTokens {
    pub access_token: Option<AuthorizerAccessToken>,
    /// `None` leaves the stored one: an empty token never replaces a full one.
    pub refresh_token: Option<AuthorizerRefreshToken>,
    pub obtained_at: Timestamp,
    pub expires_at: Timestamp,
    pub next_refresh_at: Timestamp,
}

impl NewTokens {
    /// Seconds between two refresh runs while these tokens are the newest.
    pub(super) fn floor(&self) -> i64 {
        let floor = refresh_plan::floor(self.obtained_at.until(self.expires_at));
        i64::try_from(floor.as_secs()).unwrap_or(i64::MAX)
    }
}

/// How an account stands after something went wrong.
#[derive(Clone, Debug)]
pub struct Setback {
    pub health: Health,
    pub reason: Reason,
    pub errcode: Option<i64>,
    pub rid: Option<String>,
    pub next_refresh_at: Option<Timestamp>,
    pub failures: i64,
}

/// Nothing was sent under this claim: the next one need not keep its distance. `false` when the claim was lost.
pub async fn lift_floor(tx: &mut Writer, held: &Held) -> Result<bool, StoreError> {
    let changed = on!(tx, |c| {
        sqlx::query(
            "UPDATE authorizer SET not_before = 0 \
             WHERE component_appid = $1 AND authorizer_appid = $2 AND epoch = $3",
        )
        .bind(held.key.component.as_str())
        .bind(held.key.authorizer.as_str())
        .bind(held.epoch)
        .execute(c)
        .await
        .map(|done| done.rows_affected())
    })?;
    Ok(changed == 1)
}

/// The holder of `epoch` has vanished, and whether WeChat did what it was asked is not known. The first time since a
/// success the account becomes due at once, past the floor; after that it waits for it. `false` when somebody holds the
/// account or has held it since, or when it is not refreshed any more.
pub async fn record_doubt(
    tx: &mut Writer,
    key: &AuthorizerKey,
    epoch: i64,
    now: Timestamp,
) -> Result<bool, StoreError> {
    let changed = on!(tx, |c| {
        sqlx::query(
            "UPDATE authorizer SET health_since = CASE WHEN health = 'recovering' THEN health_since ELSE $4 END, \
             health = 'recovering', health_rank = $5, reason = $6, errcode = NULL, rid = NULL, \
             attention_at = COALESCE(token_expires_at, $4), lease_until = 0, lease_holder = NULL, \
             next_refresh_at = CASE WHEN doubts > 0 AND not_before > $4 THEN not_before ELSE $4 END, \
             not_before = CASE WHEN doubts > 0 THEN not_before ELSE 0 END, doubts = doubts + 1 \
             WHERE component_appid = $1 AND authorizer_appid = $2 AND epoch = $3 AND lease_until <= $4 \
             AND next_refresh_at IS NOT NULL",
        )
        .bind(key.component.as_str())
        .bind(key.authorizer.as_str())
        .bind(epoch)
        .bind(now.unix())
        .bind(Health::Recovering.rank())
        .bind(Reason::AttemptInDoubt.code())
        .execute(c)
        .await
        .map(|done| done.rows_affected())
    })?;
    Ok(changed == 1)
}

/// Records a failure and gives the claim back; `false` when the claim was lost, and nothing has changed then.
pub async fn record_setback(
    tx: &mut Writer,
    held: &Held,
    now: Timestamp,
    setback: &Setback,
) -> Result<bool, StoreError> {
    if !setback.health.is_refreshed() {
        tx.tell(held.key.authorizer.as_str());
    }
    let changed = on!(tx, |c| {
        sqlx::query(
            "UPDATE authorizer SET health_since = CASE WHEN health = $4 THEN health_since ELSE $5 END, \
             health = $4, health_rank = $6, attention_at = COALESCE(token_expires_at, $5), reason = $7, \
             errcode = $8, rid = $9, failures = $11, \
             next_refresh_at = CASE WHEN $10 < not_before THEN not_before ELSE $10 END, lease_until = 0, lease_holder = NULL \
             WHERE component_appid = $1 AND authorizer_appid = $2 AND epoch = $3",
        )
        .bind(held.key.component.as_str())
        .bind(held.key.authorizer.as_str())
        .bind(held.epoch)
        .bind(setback.health.as_str())
        .bind(now.unix())
        .bind(setback.health.rank())
        .bind(setback.reason.code())
        .bind(setback.errcode)
        .bind(setback.rid.as_deref())
        .bind(setback.next_refresh_at.map(Timestamp::unix))
        .bind(setback.failures)
        .execute(c)
        .await
        .map(|done| done.rows_affected())
    })?;
    Ok(changed == 1)
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

/// Replaces an account's tokens after a grant. Whoever holds the account loses it: older results no longer count.
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
            "UPDATE authorizer SET access_token_sealed = $3, \
             previous_refresh_token_sealed = CASE WHEN $4 IS NULL THEN previous_refresh_token_sealed \
             ELSE refresh_token_sealed END, refresh_token_sealed = COALESCE($4, refresh_token_sealed), \
             token_obtained_at = $5, token_expires_at = $6, attention_at = $6, next_refresh_at = $7, \
             last_success_at = $5, func_info = $8, authorized_at = $9, \
             grant_time = CASE WHEN $10 IS NULL OR grant_time > $10 THEN grant_time ELSE $10 END, \
             generation = generation + 1, epoch = epoch + 1, failures = 0, lease_until = 0, lease_holder = NULL, \
             health_since = CASE WHEN health = $11 THEN health_since ELSE $9 END, health = $11, health_rank = $12, \
             reason = $13, errcode = NULL, rid = NULL, next_info_at = $9, info_failures = 0, \
             not_before = 0, doubts = 0, refresh_floor = $14 \
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

/// A state that ends the life of the tokens at once, or lets it begin anew.
#[derive(Clone, Debug)]
pub struct Verdict {
    pub health: Health,
    pub reason: Reason,
    pub next_refresh_at: Option<Timestamp>,
    /// The stored access token must not be used any more.
    pub token_ends: bool,
}

/// Sets an account's state from outside a claim: whoever holds it loses it.
pub async fn judge(
    tx: &mut Writer,
    key: &AuthorizerKey,
    now: Timestamp,
    verdict: &Verdict,
) -> Result<(), StoreError> {
    tx.tell(key.authorizer.as_str());
    on!(tx, |c| {
        sqlx::query(
            "UPDATE authorizer SET health_since = CASE WHEN health = $3 THEN health_since ELSE $4 END, \
             health = $3, health_rank = $5, reason = $6, errcode = NULL, rid = NULL, \
             next_refresh_at = CASE WHEN $7 < not_before THEN not_before ELSE $7 END, \
             access_token_sealed = CASE WHEN $8 THEN NULL ELSE access_token_sealed END, \
             token_expires_at = CASE WHEN $8 AND token_expires_at > $4 THEN $4 ELSE token_expires_at END, \
             generation = CASE WHEN $8 THEN generation + 1 ELSE generation END, failures = 0, \
             attention_at = CASE WHEN $8 OR token_expires_at IS NULL THEN $4 ELSE token_expires_at END, \
             epoch = epoch + 1, lease_until = 0, lease_holder = NULL \
             WHERE component_appid = $1 AND authorizer_appid = $2",
        )
        .bind(key.component.as_str())
        .bind(key.authorizer.as_str())
        .bind(verdict.health.as_str())
        .bind(now.unix())
        .bind(verdict.health.rank())
        .bind(verdict.reason.code())
        .bind(verdict.next_refresh_at.map(Timestamp::unix))
        .bind(verdict.token_ends)
        .execute(c)
        .await
        .map(|_| ())
    })?;
    Ok(())
}

/// Makes an account's refresh due at `at` or as soon as its floor allows, if it is planned later or not at all. Its state stays; a paused account is
/// left alone.
pub async fn hasten(tx: &mut Writer, key: &AuthorizerKey, at: Timestamp) -> Result<bool, StoreError> {
    let changed = on!(tx, |c| {
        sqlx::query(
            "UPDATE authorizer SET next_refresh_at = CASE WHEN not_before > $3 THEN not_before ELSE $3 END \
             WHERE component_appid = $1 AND authorizer_appid = $2 AND health <> 'paused' AND (next_refresh_at IS NULL \
             OR next_refresh_at > CASE WHEN not_before > $3 THEN not_before ELSE $3 END)",
        )
        .bind(key.component.as_str())
        .bind(key.authorizer.as_str())
        .bind(at.unix())
        .execute(c)
        .await
        .map(|done| done.rows_affected())
    })?;
    Ok(changed == 1)
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

/// A sealed refresh token of that account; `None` for one that does not open, which counts as lost.
pub(super) fn open_refresh_token(
    keys: &Keys,
    (tenant, key): (&TenantId, &AuthorizerKey),
    sealed: Option<&str>,
) -> Option<AuthorizerRefreshToken> {
    readable(keys.open_sealed(sealed?, place(tenant.as_str(), REFRESH, &key.row())))
}

pub(super) const ACCESS: &str = "access_token";
/// Current and previous value share a place, so that one can become the other.
pub(super) const REFRESH: &str = "refresh_token";

pub(super) const fn place<'a>(tenant: &'a str, column: &'a str, row: &'a str) -> Place<'a> {
    Place { tenant: Some(tenant), table: "authorizer", column, row }
}

#[derive(sqlx::FromRow)]
pub(super) struct Row {
    component_appid: String,
    authorizer_appid: String,
    tenant_id: String,
    epoch: i64,
    generation: i64,
    refresh_token_sealed: Option<String>,
    previous_refresh_token_sealed: Option<String>,
    token_obtained_at: Option<i64>,
    token_expires_at: Option<i64>,
    next_refresh_at: Option<i64>,
    failures: i64,
    health: String,
    reason: String,
    grant_time: Option<i64>,
    authorized_at: i64,
}

impl Row {
    pub(super) fn sealed(&self) -> impl Iterator<Item = &str> {
        [&self.refresh_token_sealed, &self.previous_refresh_token_sealed]
            .into_iter()
            .filter_map(|text| text.as_deref())
    }

    pub(super) fn open(self, keys: &Keys, claimed: Stopwatch) -> Result<Held, StoreError> {
        let corrupt = |column| StoreError::corrupt("authorizer", column, self.authorizer_appid.clone());
        let key = AuthorizerKey {
            component: ComponentAppid::parse(&self.component_appid)
                .map_err(|_| corrupt("component_appid"))?,
            authorizer: AuthorizerAppid::parse(&self.authorizer_appid)
                .map_err(|_| corrupt("authorizer_appid"))?,
        };
        let row = key.row();
        let open =
            |sealed: Option<&str>| readable(keys.open_sealed(sealed?, place(&self.tenant_id, REFRESH, &row)));
        Ok(Held {
            tenant: TenantId::parse(&self.tenant_id).map_err(|_| corrupt("tenant_id"))?,
            epoch: self.epoch,
            generation: self.generation,
            refresh_token: open(self.refresh_token_sealed.as_deref()),
            previous_refresh_token: open(self.previous_refresh_token_sealed.as_deref()),
            token_obtained_at: self.token_obtained_at.map(Timestamp::from_unix),
            token_expires_at: self.token_expires_at.map(Timestamp::from_unix),
            next_refresh_at: self.next_refresh_at.map(Timestamp::from_unix),
            failures: self.failures,
            health: Health::from_name(&self.health).ok_or_else(|| corrupt("health"))?,
            reason: Reason::from_code(&self.reason).ok_or_else(|| corrupt("reason"))?,
            grant_time: self.grant_time.map(Timestamp::from_unix),
            authorized_at: Timestamp::from_unix(self.authorized_at),
            claimed,
            key,
        })
    }
}
