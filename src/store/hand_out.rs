//! What handing out a token takes of an account's row, the token still sealed; and what a report of a dead one leaves
//! there.

use std::sync::Arc;

use crate::clock::Timestamp;
use crate::domain::health::Health;
use crate::domain::ids::{AuthorizerAppid, AuthorizerKey, ComponentAppid, TenantId};
use crate::domain::reason::Reason;
use crate::secret::AuthorizerAccessToken;
use crate::vault::{Keys, Vault};

use super::{Reader, StoreError, Writer, authorizer_token, data_key};

/// An account's token as it is kept: closed.
#[derive(Clone, Debug)]
pub struct Offer {
    pub key: AuthorizerKey,
    tenant: TenantId,
    sealed: Option<String>,
    /// What opens it: held here, because there may be no database to ask when it is opened.
    keys: Arc<Keys>,
    pub obtained_at: Option<Timestamp>,
    pub expires_at: Option<Timestamp>,
    pub generation: i64,
    /// A business server found this very token dead.
    pub reported: bool,
    pub health: Health,
    pub reason: Reason,
    pub errcode: Option<i64>,
    pub next_refresh_at: Option<Timestamp>,
}

impl Offer {
    /// The token itself; `None` when there is none.
    ///
    /// # Errors
    /// `Vault` when it does not open.
    pub fn open(&self) -> Result<Option<AuthorizerAccessToken>, StoreError> {
        let Some(sealed) = &self.sealed else { return Ok(None) };
        authorizer_token::open_access(&self.keys, (&self.tenant, &self.key), sealed).map(Some)
    }

    /// Whether there is a token that WeChat may still take at `now`.
    pub fn is_usable(&self, now: Timestamp) -> bool {
        let ended = matches!(self.health, Health::Unauthorized | Health::PendingAuthorization);
        self.sealed.is_some() && !self.reported && !ended && self.expires_at.is_some_and(|end| end > now)
    }
}

/// The tenant's account, once for each of its components that it granted.
///
/// # Errors
/// `Database`, `Corrupt`.
pub async fn find(
    tx: &mut Reader,
    vault: &Vault,
    tenant: &TenantId,
    appid: &AuthorizerAppid,
) -> Result<Vec<Offer>, StoreError> {
    let rows: Vec<Row> = on!(tx, |c| {
        sqlx::query_as(
            "SELECT component_appid, authorizer_appid, access_token_sealed, token_obtained_at, token_expires_at, \
             generation, reported_generation, health, reason, errcode, next_refresh_at FROM authorizer \
             WHERE tenant_id = $1 AND authorizer_appid = $2 ORDER BY component_appid",
        )
        .bind(tenant.as_str())
        .bind(appid.as_str())
        .fetch_all(c)
        .await
    })?;
    let sealed = rows.iter().filter_map(|row| row.access_token_sealed.as_deref());
    let keys = Arc::new(data_key::opening(tx, vault, sealed).await?);
    rows.into_iter().map(|row| row.offer(tenant, &keys)).collect()
}

/// Marks the token of this generation as dead; `false` when it was marked before or is not the current one any more.
///
/// # Errors
/// `Database`.
pub async fn report(tx: &mut Writer, key: &AuthorizerKey, generation: i64) -> Result<bool, StoreError> {
    tx.tell(key.authorizer.as_str());
    let changed = on!(tx, |c| {
        sqlx::query(
            "UPDATE authorizer SET reported_generation = generation WHERE component_appid = $1 \
             AND authorizer_appid = $2 AND generation = $3 \
             AND (reported_generation IS NULL OR reported_generation <> generation)",
        )
        .bind(key.component.as_str())
        .bind(key.authorizer.as_str())
        .bind(generation)
        .execute(c)
        .await
        .map(|done| done.rows_affected())
    })?;
    Ok(changed == 1)
}

#[derive(sqlx::FromRow)]
struct Row {
    component_appid: String,
    authorizer_appid: String,
    access_token_sealed: Option<String>,
    token_obtained_at: Option<i64>,
    token_expires_at: Option<i64>,
    generation: i64,
    reported_generation: Option<i64>,
    health: String,
    reason: String,
    errcode: Option<i64>,
    next_refresh_at: Option<i64>,
}

impl Row {
    fn offer(self, tenant: &TenantId, keys: &Arc<Keys>) -> Result<Offer, StoreError> {
        let row = self;
        let corrupt = |column| StoreError::corrupt("authorizer", column, row.authorizer_appid.clone());
        Ok(Offer {
            tenant: tenant.clone(),
            keys: Arc::clone(keys),
            key: AuthorizerKey {
                component: ComponentAppid::parse(&row.component_appid)
                    .map_err(|_| corrupt("component_appid"))?,
                authorizer: AuthorizerAppid::parse(&row.authorizer_appid)
                    .map_err(|_| corrupt("authorizer_appid"))?,
            },
            obtained_at: row.token_obtained_at.map(Timestamp::from_unix),
            expires_at: row.token_expires_at.map(Timestamp::from_unix),
            generation: row.generation,
            reported: row.reported_generation == Some(row.generation),
            health: Health::from_name(&row.health).ok_or_else(|| corrupt("health"))?,
            reason: Reason::from_code(&row.reason).ok_or_else(|| corrupt("reason"))?,
            errcode: row.errcode,
            next_refresh_at: row.next_refresh_at.map(Timestamp::from_unix),
            sealed: row.access_token_sealed,
        })
    }
}
