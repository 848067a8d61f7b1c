//! Accounts that granted us. Every question about a tenant's account names the tenant; what only the scheduler may
//! ask is in `authorizer_token.rs` and its
//! neighbours.

use crate::clock::Timestamp;
use crate::domain::authorizer::{Authorizer, Kind, Profile};
use crate::domain::health::Health;
use crate::domain::ids::{AuthorizerAppid, AuthorizerKey, ComponentAppid, TenantId};
use crate::domain::reason::Reason;

use super::{Reader, StoreError};

/// The columns of [`Row`], for the files that list authorizers in their own ways.
macro_rules! authorizer_columns {
    () => {
        "component_appid, authorizer_appid, tenant_id, kind, nick_name, head_img, user_name, alias, principal_name, \
         signature, service_type, verify_type, account_status, func_info, info_at, authorized_at, token_obtained_at, \
         token_expires_at, generation, last_success_at, next_refresh_at, failures, health, health_since, reason, \
         errcode, rid"
    };
}
pub(super) use authorizer_columns;

/// The account of this tenant, whichever component it granted; the first by component when there are several.
pub async fn find(
    tx: &mut Reader,
    tenant: &TenantId,
    appid: &AuthorizerAppid,
) -> Result<Option<Authorizer>, StoreError> {
    let row: Option<Row> = on!(tx, |c| {
        sqlx::query_as(concat!(
            "SELECT ",
            authorizer_columns!(),
            " FROM authorizer WHERE tenant_id = $1 AND authorizer_appid = $2 ORDER BY component_appid LIMIT 1"
        ))
        .bind(tenant.as_str())
        .bind(appid.as_str())
        .fetch_optional(c)
        .await
    })?;
    row.map(Authorizer::try_from).transpose()
}

/// An authorizer as the database holds it, tokens left out.
#[derive(sqlx::FromRow)]
pub(super) struct Row {
    component_appid: String,
    authorizer_appid: String,
    tenant_id: String,
    kind: String,
    nick_name: Option<String>,
    head_img: Option<String>,
    user_name: Option<String>,
    alias: Option<String>,
    principal_name: Option<String>,
    signature: Option<String>,
    service_type: Option<i64>,
    verify_type: Option<i64>,
    account_status: Option<i64>,
    func_info: String,
    info_at: Option<i64>,
    authorized_at: i64,
    token_obtained_at: Option<i64>,
    token_expires_at: Option<i64>,
    generation: i64,
    last_success_at: Option<i64>,
    next_refresh_at: Option<i64>,
    failures: i64,
    health: String,
    health_since: i64,
    reason: String,
    errcode: Option<i64>,
    rid: Option<String>,
}

impl Row {
    pub(super) fn key(&self) -> Result<AuthorizerKey, StoreError> {
        let corrupt = |column| StoreError::corrupt("authorizer", column, self.authorizer_appid.clone());
        Ok(AuthorizerKey {
            component: ComponentAppid::parse(&self.component_appid)
                .map_err(|_| corrupt("component_appid"))?,
            authorizer: AuthorizerAppid::parse(&self.authorizer_appid)
                .map_err(|_| corrupt("authorizer_appid"))?,
        })
    }
}

impl TryFrom<Row> for Authorizer {
    type Error = StoreError;

    fn try_from(row: Row) -> Result<Self, StoreError> {
        let corrupt = |column| StoreError::corrupt("authorizer", column, row.authorizer_appid.clone());
        Ok(Self {
            key: row.key()?,
            tenant: TenantId::parse(&row.tenant_id).map_err(|_| corrupt("tenant_id"))?,
            kind: Kind::from_name(&row.kind).ok_or_else(|| corrupt("kind"))?,
            func_info: serde_json::from_str(&row.func_info).map_err(|_| corrupt("func_info"))?,
            health: Health::from_name(&row.health).ok_or_else(|| corrupt("health"))?,
            health_since: Timestamp::from_unix(row.health_since),
            reason: Reason::from_code(&row.reason).ok_or_else(|| corrupt("reason"))?,
            errcode: row.errcode,
            authorized_at: Timestamp::from_unix(row.authorized_at),
            token_obtained_at: row.token_obtained_at.map(Timestamp::from_unix),
            token_expires_at: row.token_expires_at.map(Timestamp::from_unix),
            last_success_at: row.last_success_at.map(Timestamp::from_unix),
            next_refresh_at: row.next_refresh_at.map(Timestamp::from_unix),
            failures: row.failures,
            generation: row.generation,
            info_at: row.info_at.map(Timestamp::from_unix),
            rid: row.rid,
            profile: Profile {
                nick_name: row.nick_name,
                head_img: row.head_img,
                user_name: row.user_name,
                alias: row.alias,
                principal_name: row.principal_name,
                signature: row.signature,
                service_type: row.service_type,
                verify_type: row.verify_type,
                account_status: row.account_status,
            },
        })
    }
}
