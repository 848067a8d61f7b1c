//! The third-party platforms: their credentials, and the lane of their component_access_token.

use std::time::Duration;

use crate::clock::Timestamp;
use crate::domain::component::{ComponentConfig, ComponentStatus};
use crate::domain::ids::ComponentAppid;
use crate::secret::{ComponentAppsecret, EncodingAesKey, PushToken, Secret};
use crate::vault::{Keys, Place, Vault, VaultError};

use super::{Reader, StoreError, Writer, data_key};

const TABLE: &str = "component";

pub(super) const fn place<'a>(column: &'a str, appid: &'a ComponentAppid) -> ComponentPlace<'a> {
    ComponentPlace { column, appid }
}

pub(super) struct ComponentPlace<'a> {
    column: &'a str,
    appid: &'a ComponentAppid,
}

impl ComponentPlace<'_> {
    pub(super) fn place(&self) -> Place<'_> {
        Place { tenant: None, table: TABLE, column: self.column, row: self.appid.as_str() }
    }

    pub(super) fn seal<S: Secret>(&self, keys: &Keys, secret: &S) -> Result<String, VaultError> {
        keys.seal(secret, self.place())
    }

    pub(super) fn open<S: Secret>(&self, keys: &Keys, sealed: &str) -> Result<S, StoreError> {
        Ok(keys.open_sealed(sealed, self.place())?)
    }

    fn open_option<S: Secret>(&self, keys: &Keys, sealed: Option<&str>) -> Result<Option<S>, StoreError> {
        sealed.map(|text| self.open(keys, text)).transpose()
    }
}

/// Writes a component's name and credentials; its tokens and tickets stay as they are. Its token lane becomes due.
pub async fn put(
    tx: &mut Writer,
    vault: &Vault,
    now: Timestamp,
    config: &ComponentConfig,
) -> Result<(), StoreError> {
    let id = &config.appid;
    let keys = &data_key::sealing(tx, vault).await?;
    let appsecret = place("appsecret_sealed", id).seal(keys, &config.appsecret)?;
    let token = place("token_sealed", id).seal(keys, &config.token)?;
    let aes_key = place("aes_key_sealed", id).seal(keys, &config.aes_key)?;
    let seal_token = |token: &_| place("previous_token_sealed", id).seal(keys, token);
    let previous_token = config.previous_token.as_ref().map(seal_token).transpose()?;
    let seal_key = |key: &_| place("previous_aes_key_sealed", id).seal(keys, key);
    let previous_key = config.previous_aes_key.as_ref().map(seal_key).transpose()?;
    on!(tx, |c| {
        sqlx::query(
            "INSERT INTO component (appid, name, created_at, appsecret_sealed, token_sealed, previous_token_sealed, \
             aes_key_sealed, previous_aes_key_sealed, token_generation, next_token_refresh_at, token_failures, \
             lease_until, epoch, next_reconcile_at) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 0, $3, 0, 0, 0, $3) \
             ON CONFLICT (appid) DO UPDATE SET name = excluded.name, appsecret_sealed = excluded.appsecret_sealed, \
             token_sealed = excluded.token_sealed, previous_token_sealed = excluded.previous_token_sealed, \
             aes_key_sealed = excluded.aes_key_sealed, previous_aes_key_sealed = excluded.previous_aes_key_sealed, \
             next_token_refresh_at = CASE WHEN component.token_failures > 0 THEN excluded.next_token_refresh_at \
             ELSE component.next_token_refresh_at END",
        )
        .bind(id.as_str())
        .bind(&config.name)
        .bind(now.unix())
        .bind(&appsecret)
        .bind(&token)
        .bind(&previous_token)
        .bind(&aes_key)
        .bind(&previous_key)
        .execute(c)
        .await
        .map(|_| ())
    })?;
    Ok(())
}

/// A component's credentials, opened.
pub async fn config(
    tx: &mut Reader,
    vault: &Vault,
    appid: &ComponentAppid,
) -> Result<Option<ComponentConfig>, StoreError> {
    #[derive(sqlx::FromRow)]
    struct Row {
        name: String,
        appsecret_sealed: String,
        token_sealed: String,
        previous_token_sealed: Option<String>,
        aes_key_sealed: String,
        previous_aes_key_sealed: Option<String>,
    }
    let row: Option<Row> = on!(tx, |c| {
        sqlx::query_as(
            "SELECT name, appsecret_sealed, token_sealed, previous_token_sealed, aes_key_sealed, \
             previous_aes_key_sealed FROM component WHERE appid = $1",
        )
        .bind(appid.as_str())
        .fetch_optional(c)
        .await
    })?;
    let Some(row) = row else { return Ok(None) };
    let previous = [row.previous_token_sealed.as_deref(), row.previous_aes_key_sealed.as_deref()];
    let sealed = [&*row.appsecret_sealed, &*row.token_sealed, &*row.aes_key_sealed];
    let keys =
        &data_key::opening(tx, vault, sealed.into_iter().chain(previous.into_iter().flatten())).await?;
    Ok(Some(ComponentConfig {
        appid: appid.clone(),
        name: row.name,
        appsecret: place("appsecret_sealed", appid)
            .open::<ComponentAppsecret>(keys, &row.appsecret_sealed)?,
        token: place("token_sealed", appid).open::<PushToken>(keys, &row.token_sealed)?,
        previous_token: place("previous_token_sealed", appid)
            .open_option(keys, row.previous_token_sealed.as_deref())?,
        aes_key: place("aes_key_sealed", appid).open::<EncodingAesKey>(keys, &row.aes_key_sealed)?,
        previous_aes_key: place("previous_aes_key_sealed", appid)
            .open_option(keys, row.previous_aes_key_sealed.as_deref())?,
    }))
}

macro_rules! select_status {
    ($authorizers:literal) => {
        concat!(
            "SELECT c.appid, c.name, c.created_at, c.token_expires_at, c.token_obtained_at, ",
            "c.next_token_refresh_at, c.push_requested_at, c.push_answer, c.last_reconciled_at, ",
            "(SELECT MAX(t.received_at) FROM component_ticket t WHERE t.component_appid = c.appid) ",
            "AS ticket_received_at, ",
            $authorizers,
            " AS authorizers FROM component c ORDER BY c.created_at, c.appid"
        )
    };
}

/// Every component, oldest first. Their accounts are not counted: the scheduler asks this at each tick.
pub async fn list(tx: &mut Reader) -> Result<Vec<ComponentStatus>, StoreError> {
    let rows: Vec<StatusRow> =
        on!(tx, |c| sqlx::query_as(select_status!("CAST(NULL AS BIGINT)")).fetch_all(c).await)?;
    rows.into_iter().map(ComponentStatus::try_from).collect()
}

/// Every component, oldest first, with the number of its accounts, for pages.
pub async fn list_counted(tx: &mut Reader) -> Result<Vec<ComponentStatus>, StoreError> {
    let rows: Vec<StatusRow> = on!(tx, |c| {
        sqlx::query_as(select_status!(
            "(SELECT COALESCE(CAST(SUM(a.amount) AS BIGINT), 0) FROM authorizer_count a WHERE a.component_appid = c.appid)"
        ))
        .fetch_all(c)
        .await
    })?;
    rows.into_iter().map(ComponentStatus::try_from).collect()
}

/// The component a new authorisation uses when nobody names one: the oldest.
pub async fn first(tx: &mut Reader) -> Result<Option<ComponentAppid>, StoreError> {
    let row: Option<(String,)> = on!(tx, |c| {
        sqlx::query_as("SELECT appid FROM component ORDER BY created_at, appid LIMIT 1")
            .fetch_optional(c)
            .await
    })?;
    row.map(|(appid,)| parse(&appid)).transpose()
}

/// WeChat's answer to api_start_push_ticket.
pub async fn set_push_requested(
    tx: &mut Writer,
    appid: &ComponentAppid,
    now: Timestamp,
    answer: &str,
) -> Result<(), StoreError> {
    on!(tx, |c| {
        sqlx::query("UPDATE component SET push_requested_at = $2, push_answer = $3 WHERE appid = $1")
            .bind(appid.as_str())
            .bind(now.unix())
            .bind(answer)
            .execute(c)
            .await
            .map(|_| ())
    })?;
    Ok(())
}

/// The components whose comparison with WeChat's list is due; their next one is planned at once, so that one process
/// does it.
pub async fn claim_reconciles(
    tx: &mut Writer,
    now: Timestamp,
    again: Duration,
) -> Result<Vec<ComponentAppid>, StoreError> {
    let sql = format!(
        "UPDATE component SET next_reconcile_at = $2 WHERE appid IN \
         (SELECT appid FROM component WHERE next_reconcile_at <= $1 AND token_expires_at > $1{}) RETURNING appid",
        tx.skip_locked()
    );
    let rows: Vec<(String,)> = on!(tx, |c| {
        sqlx::query_as(sqlx::AssertSqlSafe(sql))
            .bind(now.unix())
            .bind(now.plus(again).unix())
            .fetch_all(c)
            .await
    })?;
    rows.iter().map(|(appid,)| parse(appid)).collect()
}

/// When the next comparison with WeChat's list is due; `done` also notes that one has just ended.
pub async fn plan_reconcile(
    tx: &mut Writer,
    appid: &ComponentAppid,
    next_at: Timestamp,
    done: Option<Timestamp>,
) -> Result<(), StoreError> {
    on!(tx, |c| {
        sqlx::query(
            "UPDATE component SET next_reconcile_at = $2, last_reconciled_at = COALESCE($3, last_reconciled_at) \
             WHERE appid = $1",
        )
        .bind(appid.as_str())
        .bind(next_at.unix())
        .bind(done.map(Timestamp::unix))
        .execute(c)
        .await
        .map(|_| ())
    })?;
    Ok(())
}

pub(super) fn parse(appid: &str) -> Result<ComponentAppid, StoreError> {
    ComponentAppid::parse(appid).map_err(|_| StoreError::corrupt(TABLE, "appid", appid))
}

#[derive(sqlx::FromRow)]
struct StatusRow {
    appid: String,
    name: String,
    created_at: i64,
    ticket_received_at: Option<i64>,
    token_expires_at: Option<i64>,
    token_obtained_at: Option<i64>,
    next_token_refresh_at: i64,
    push_requested_at: Option<i64>,
    push_answer: Option<String>,
    last_reconciled_at: Option<i64>,
    authorizers: Option<i64>,
}

impl TryFrom<StatusRow> for ComponentStatus {
    type Error = StoreError;

    fn try_from(row: StatusRow) -> Result<Self, StoreError> {
        Ok(Self {
            appid: parse(&row.appid)?,
            name: row.name,
            created_at: Timestamp::from_unix(row.created_at),
            ticket_received_at: row.ticket_received_at.map(Timestamp::from_unix),
            token_expires_at: row.token_expires_at.map(Timestamp::from_unix),
            token_obtained_at: row.token_obtained_at.map(Timestamp::from_unix),
            next_token_refresh_at: Some(Timestamp::from_unix(row.next_token_refresh_at)),
            push_requested_at: row.push_requested_at.map(Timestamp::from_unix),
            push_answer: row.push_answer,
            last_reconciled_at: row.last_reconciled_at.map(Timestamp::from_unix),
            authorizers: row.authorizers,
        })
    }
}
