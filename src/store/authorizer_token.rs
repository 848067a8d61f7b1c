//! An account as the refresher holds it: its tokens, and its claim. These functions belong to the scheduler and to the code
//! broker: they name the account by its key and not by its tenant. What a grant writes is in `authorizer_grant.rs`, what
//! refreshes bring in `authorizer_refresh.rs`, and how an account stands otherwise in `authorizer_state.rs`.
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
/// first. A row that cannot be read is left out until its lease ends.
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
