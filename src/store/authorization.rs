//! Attempts at granting. State and entry tokens are looked up by their hashes; the pre_auth_code links a push back to
//! its attempt.

use crate::clock::Timestamp;
use crate::domain::authorization::{AuthType, Authorization, AuthorizationStatus, GrantProblem};
use crate::domain::ids::{
    AuthorizationId, AuthorizerAppid, ComponentAppid, MerchantLinkId, TenantId, UserId,
};
use crate::secret::{OneTimeToken, PreAuthCode, Secret, fingerprint};
use crate::vault::{Keys, Place, Vault};

use super::{Reader, StoreError, Writer, data_key};

macro_rules! select {
    () => {
        "SELECT id, component_appid, tenant_id, user_id, session_hash, device_hash, state_sealed, entry_sealed, \
         auth_type, expected_appid, pre_auth_code_sealed, code_expires_at, status, problem, authorizer_appid, \
         created_at, asked_at, returned_at, finished_at, link_id FROM \"authorization\""
    };
}
pub(super) use select;

/// A new attempt.
#[derive(Debug)]
pub struct NewAuthorization<'a> {
    pub id: &'a AuthorizationId,
    pub component: &'a ComponentAppid,
    pub tenant: &'a TenantId,
    pub user: Option<&'a UserId>,
    pub session_hash: Option<&'a str>,
    pub device_hash: Option<&'a str>,
    pub state: &'a OneTimeToken,
    pub entry: &'a OneTimeToken,
    pub auth_type: AuthType,
    pub expected_appid: Option<&'a AuthorizerAppid>,
    pub pre_auth_code: &'a PreAuthCode,
    pub code_expires_at: Timestamp,
    /// The merchant's link it was begun with.
    pub link: Option<&'a MerchantLinkId>,
    /// As [`Authorization::asked_at`].
    pub asked_at: Timestamp,
}

pub async fn insert(
    tx: &mut Writer,
    vault: &Vault,
    now: Timestamp,
    new: &NewAuthorization<'_>,
) -> Result<(), StoreError> {
    let id = new.id.as_str();
    let keys = data_key::sealing_for(tx, vault, [new.tenant]).await?;
    let place = |column| place(new.tenant.as_str(), column, id);
    let state = keys.seal(new.state, place("state_sealed"))?;
    let entry = keys.seal(new.entry, place("entry_sealed"))?;
    let pre_auth_code = keys.seal(new.pre_auth_code, place("pre_auth_code_sealed"))?;
    on!(tx, |c| {
        sqlx::query(
            "INSERT INTO \"authorization\" (id, component_appid, tenant_id, user_id, session_hash, device_hash, \
             state_hash, entry_hash, state_sealed, entry_sealed, auth_type, expected_appid, pre_auth_code_sealed, \
             pre_auth_code_hash, code_expires_at, status, created_at, link_id, asked_at) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19)",
        )
        .bind(id)
        .bind(new.component.as_str())
        .bind(new.tenant.as_str())
        .bind(new.user.map(UserId::as_str))
        .bind(new.session_hash)
        .bind(new.device_hash)
        .bind(new.state.fingerprint())
        .bind(new.entry.fingerprint())
        .bind(&state)
        .bind(&entry)
        .bind(new.auth_type.number())
        .bind(new.expected_appid.map(AuthorizerAppid::as_str))
        .bind(&pre_auth_code)
        .bind(new.pre_auth_code.fingerprint())
        .bind(new.code_expires_at.unix())
        .bind(AuthorizationStatus::Started.as_str())
        .bind(now.unix())
        .bind(new.link.map(MerchantLinkId::as_str))
        .bind(new.asked_at.unix())
        .execute(c)
        .await
        .map(|_| ())
    })?;
    Ok(())
}

/// An attempt with what only the flow itself may see.
#[derive(Clone, Debug)]
pub struct Opened {
    pub authorization: Authorization,
    pub session_hash: Option<String>,
    pub device_hash: Option<String>,
    pub returned_at: Option<Timestamp>,
    pub state: OneTimeToken,
    pub entry: OneTimeToken,
    pub pre_auth_code: PreAuthCode,
}

/// The attempt behind an entry page.
pub async fn find_by_entry(
    tx: &mut Reader,
    vault: &Vault,
    entry: &str,
) -> Result<Option<Opened>, StoreError> {
    let row: Option<Row> = on!(tx, |c| {
        sqlx::query_as(concat!(select!(), " WHERE entry_hash = $1"))
            .bind(fingerprint(entry))
            .fetch_optional(c)
            .await
    })?;
    open(tx, vault, row).await
}

/// The attempt that a browser brings back.
pub async fn find_by_state(
    tx: &mut Reader,
    vault: &Vault,
    state: &OneTimeToken,
) -> Result<Option<Opened>, StoreError> {
    let row: Option<Row> = on!(tx, |c| {
        sqlx::query_as(concat!(select!(), " WHERE state_hash = $1"))
            .bind(state.fingerprint())
            .fetch_optional(c)
            .await
    })?;
    open(tx, vault, row).await
}

/// The attempt with this id.
pub async fn find(
    tx: &mut Reader,
    vault: &Vault,
    id: &AuthorizationId,
) -> Result<Option<Opened>, StoreError> {
    let row: Option<Row> = on!(tx, |c| {
        sqlx::query_as(concat!(select!(), " WHERE id = $1")).bind(id.as_str()).fetch_optional(c).await
    })?;
    open(tx, vault, row).await
}

/// A tenant's attempts that can still be finished, newest first, at most 20.
pub async fn list_started(
    tx: &mut Reader,
    vault: &Vault,
    tenant: &TenantId,
    now: Timestamp,
) -> Result<Vec<Opened>, StoreError> {
    let rows: Vec<Row> = on!(tx, |c| {
        sqlx::query_as(concat!(
            select!(),
            " WHERE tenant_id = $1 AND status = 'started' AND code_expires_at > $2 \
             ORDER BY created_at DESC, id DESC LIMIT 20"
        ))
        .bind(tenant.as_str())
        .bind(now.unix())
        .fetch_all(c)
        .await
    })?;
    let keys = data_key::opening(tx, vault, rows.iter().flat_map(Row::sealed)).await?;
    rows.into_iter().map(|row| row.open(&keys)).collect()
}

/// The attempt whose pre_auth_code a push names.
pub async fn find_by_pre_auth_code(
    tx: &mut Reader,
    vault: &Vault,
    component: &ComponentAppid,
    code_hash: &str,
) -> Result<Option<Opened>, StoreError> {
    let row: Option<Row> = on!(tx, |c| {
        sqlx::query_as(concat!(
            select!(),
            " WHERE component_appid = $1 AND pre_auth_code_hash = $2 ORDER BY created_at DESC LIMIT 1"
        ))
        .bind(component.as_str())
        .bind(code_hash)
        .fetch_optional(c)
        .await
    })?;
    open(tx, vault, row).await
}

/// Lets another device that opened the entry page return, too.
pub async fn bind_device(
    tx: &mut Writer,
    id: &AuthorizationId,
    device: &OneTimeToken,
) -> Result<(), StoreError> {
    on!(tx, |c| {
        sqlx::query("UPDATE \"authorization\" SET device_hash = $2 WHERE id = $1")
            .bind(id.as_str())
            .bind(device.fingerprint())
            .execute(c)
            .await
            .map(|_| ())
    })?;
    Ok(())
}

async fn open(tx: &mut Reader, vault: &Vault, row: Option<Row>) -> Result<Option<Opened>, StoreError> {
    let Some(row) = row else { return Ok(None) };
    let keys = data_key::opening(tx, vault, row.sealed()).await?;
    row.open(&keys).map(Some)
}

const fn place<'a>(tenant: &'a str, column: &'a str, id: &'a str) -> Place<'a> {
    Place { tenant: Some(tenant), table: "authorization", column, row: id }
}

#[derive(sqlx::FromRow)]
pub(super) struct Row {
    id: String,
    component_appid: String,
    tenant_id: String,
    user_id: Option<String>,
    session_hash: Option<String>,
    device_hash: Option<String>,
    state_sealed: String,
    entry_sealed: String,
    auth_type: i64,
    expected_appid: Option<String>,
    pre_auth_code_sealed: String,
    code_expires_at: i64,
    status: String,
    problem: Option<String>,
    authorizer_appid: Option<String>,
    created_at: i64,
    /// NULL where it is the same, in rows of former versions.
    asked_at: Option<i64>,
    returned_at: Option<i64>,
    finished_at: Option<i64>,
    link_id: Option<String>,
}

impl Row {
    fn sealed(&self) -> impl Iterator<Item = &str> {
        [&self.state_sealed, &self.entry_sealed, &self.pre_auth_code_sealed].into_iter().map(String::as_str)
    }

    fn open(self, keys: &Keys) -> Result<Opened, StoreError> {
        let place = |column| place(&self.tenant_id, column, &self.id);
        Ok(Opened {
            state: keys.open_sealed(&self.state_sealed, place("state_sealed"))?,
            entry: keys.open_sealed(&self.entry_sealed, place("entry_sealed"))?,
            pre_auth_code: keys.open_sealed(&self.pre_auth_code_sealed, place("pre_auth_code_sealed"))?,
            session_hash: self.session_hash.clone(),
            device_hash: self.device_hash.clone(),
            returned_at: self.returned_at.map(Timestamp::from_unix),
            authorization: self.try_into()?,
        })
    }
}

impl TryFrom<Row> for Authorization {
    type Error = StoreError;

    fn try_from(row: Row) -> Result<Self, StoreError> {
        let corrupt = |column| StoreError::corrupt("authorization", column, row.id.clone());
        let appid = |text: &Option<String>, column| {
            text.as_deref().map(AuthorizerAppid::parse).transpose().map_err(|_| corrupt(column))
        };
        Ok(Self {
            id: AuthorizationId::parse(&row.id).map_err(|_| corrupt("id"))?,
            component: ComponentAppid::parse(&row.component_appid).map_err(|_| corrupt("component_appid"))?,
            tenant: TenantId::parse(&row.tenant_id).map_err(|_| corrupt("tenant_id"))?,
            user: row.user_id.as_deref().map(UserId::parse).transpose().map_err(|_| corrupt("user_id"))?,
            auth_type: AuthType::from_number(row.auth_type).ok_or_else(|| corrupt("auth_type"))?,
            expected_appid: appid(&row.expected_appid, "expected_appid")?,
            status: AuthorizationStatus::from_name(&row.status).ok_or_else(|| corrupt("status"))?,
            problem: row
                .problem
                .as_deref()
                .map(|name| GrantProblem::from_name(name).ok_or_else(|| corrupt("problem")))
                .transpose()?,
            authorizer: appid(&row.authorizer_appid, "authorizer_appid")?,
            created_at: Timestamp::from_unix(row.created_at),
            asked_at: Timestamp::from_unix(row.asked_at.unwrap_or(row.created_at)),
            finished_at: row.finished_at.map(Timestamp::from_unix),
            code_expires_at: Timestamp::from_unix(row.code_expires_at),
            link: row
                .link_id
                .as_deref()
                .map(MerchantLinkId::parse)
                .transpose()
                .map_err(|_| corrupt("link_id"))?,
        })
    }
}
