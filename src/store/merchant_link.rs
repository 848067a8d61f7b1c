//! Links for merchants, found by the hash of the token that was presented. The token itself is kept sealed, so that a
//! link can be copied again.

use crate::clock::Timestamp;
use crate::domain::authorization::AuthType;
use crate::domain::ids::{AuthorizerAppid, ComponentAppid, MerchantLinkId, TenantId, UserId};
use crate::domain::merchant_link::{MerchantLink, Way};
use crate::domain::text::Lang;
use crate::domain::user::Email;
use crate::secret::{MerchantLinkToken, Secret as _, fingerprint};
use crate::vault::{Keys, Place, Vault};

use super::{Reader, StoreError, Writer, data_key};

macro_rules! link_columns {
    () => {
        "merchant_link.id AS id, merchant_link.tenant_id AS tenant_id, token_sealed, label, email, language, \
         merchant_link.component_appid AS component_appid, auth_type, way, locked_appid, most_uses, uses, created_by, \
         merchant_link.created_at AS created_at, expires_at, revoked_at, sent_at, opened, first_opened_at, \
         last_opened_at"
    };
}
pub(super) use link_columns;

/// A link with the token that opens it.
#[derive(Clone, Debug)]
pub struct Opened {
    pub link: MerchantLink,
    pub token: MerchantLinkToken,
}

/// # Errors
/// `Database`.
pub async fn insert(
    tx: &mut Writer,
    vault: &Vault,
    link: &MerchantLink,
    token: &MerchantLinkToken,
) -> Result<(), StoreError> {
    let keys = data_key::sealing_for(tx, vault, [&link.tenant]).await?;
    let sealed = keys.seal(token, place(link.tenant.as_str(), link.id.as_str()))?;
    on!(tx, |c| {
        sqlx::query(
            "INSERT INTO merchant_link (id, tenant_id, token_hash, token_sealed, label, email, language, \
             component_appid, auth_type, way, locked_appid, most_uses, uses, created_by, created_at, expires_at, \
             opened) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, 0, $13, $14, $15, 0)",
        )
        .bind(link.id.as_str())
        .bind(link.tenant.as_str())
        .bind(token.fingerprint())
        .bind(sealed)
        .bind(&link.label)
        .bind(link.email.as_ref().map(Email::as_str))
        .bind(link.lang.map(Lang::code))
        .bind(link.component.as_ref().map(ComponentAppid::as_str))
        .bind(link.auth_type.number())
        .bind(link.way.as_str())
        .bind(link.locked.as_ref().map(AuthorizerAppid::as_str))
        .bind(link.most_uses)
        .bind(link.created_by.as_ref().map(UserId::as_str))
        .bind(link.created_at.unix())
        .bind(link.expires_at.unix())
        .execute(c)
        .await
        .map(drop)
    })?;
    Ok(())
}

/// The link that a merchant presents, whatever its standing.
///
/// # Errors
/// `Database`, `Corrupt`, `Vault`.
pub async fn find_by_token(
    tx: &mut Reader,
    vault: &Vault,
    token: &str,
) -> Result<Option<Opened>, StoreError> {
    let row: Option<Row> = on!(tx, |c| {
        sqlx::query_as(concat!("SELECT ", link_columns!(), " FROM merchant_link WHERE token_hash = $1"))
            .bind(fingerprint(token))
            .fetch_optional(c)
            .await
    })?;
    let Some(row) = row else { return Ok(None) };
    let keys = data_key::opening(tx, vault, row.sealed()).await?;
    row.open(&keys).map(Some)
}

/// # Errors
/// `Database`, `Corrupt`, `Vault`.
pub async fn find(
    tx: &mut Reader,
    vault: &Vault,
    tenant: &TenantId,
    link: &MerchantLinkId,
) -> Result<Option<Opened>, StoreError> {
    let row: Option<Row> = on!(tx, |c| {
        sqlx::query_as(concat!(
            "SELECT ",
            link_columns!(),
            " FROM merchant_link WHERE tenant_id = $1 AND id = $2"
        ))
        .bind(tenant.as_str())
        .bind(link.as_str())
        .fetch_optional(c)
        .await
    })?;
    let Some(row) = row else { return Ok(None) };
    let keys = data_key::opening(tx, vault, row.sealed()).await?;
    row.open(&keys).map(Some)
}

/// Holds the link until the transaction ends: whoever counts its uses does so after the other. `false`: there is none.
///
/// # Errors
/// `Database`.
pub async fn lock(tx: &mut Writer, link: &MerchantLinkId) -> Result<bool, StoreError> {
    let touched = on!(tx, |c| {
        sqlx::query("UPDATE merchant_link SET uses = uses WHERE id = $1")
            .bind(link.as_str())
            .execute(c)
            .await
            .map(|done| done.rows_affected())
    })?;
    Ok(touched == 1)
}

/// Whether a grant of one more account may come by this link. Its age does not matter: it was young enough when the
/// merchant set out.
///
/// # Errors
/// `Database`.
pub async fn takes_more(tx: &mut Reader, link: &MerchantLinkId) -> Result<bool, StoreError> {
    let row: Option<(i64,)> = on!(tx, |c| {
        sqlx::query_as(
            "SELECT uses FROM merchant_link WHERE id = $1 AND revoked_at IS NULL \
             AND (most_uses IS NULL OR uses < most_uses)",
        )
        .bind(link.as_str())
        .fetch_optional(c)
        .await
    })?;
    Ok(row.is_some())
}

/// Ends a link of this tenant before its time; `false` when there is no such link or it is revoked already.
///
/// # Errors
/// `Database`.
pub async fn revoke(
    tx: &mut Writer,
    tenant: &TenantId,
    link: &MerchantLinkId,
    now: Timestamp,
) -> Result<bool, StoreError> {
    let touched = on!(tx, |c| {
        sqlx::query(
            "UPDATE merchant_link SET revoked_at = $3 WHERE tenant_id = $1 AND id = $2 AND revoked_at IS NULL",
        )
        .bind(tenant.as_str())
        .bind(link.as_str())
        .bind(now.unix())
        .execute(c)
        .await
        .map(|done| done.rows_affected())
    })?;
    Ok(touched == 1)
}

/// Writes down that the link was put into the post for this address.
///
/// # Errors
/// `Database`.
pub async fn mark_sent(
    tx: &mut Writer,
    link: &MerchantLinkId,
    to: &Email,
    now: Timestamp,
) -> Result<(), StoreError> {
    on!(tx, |c| {
        sqlx::query("UPDATE merchant_link SET sent_at = $2, email = $3 WHERE id = $1")
            .bind(link.as_str())
            .bind(now.unix())
            .bind(to.as_str())
            .execute(c)
            .await
            .map(drop)
    })?;
    Ok(())
}

/// How many links of the tenant can be used at `now`.
///
/// # Errors
/// `Database`.
pub async fn count_open(tx: &mut Reader, tenant: &TenantId, now: Timestamp) -> Result<i64, StoreError> {
    let (count,): (i64,) = on!(tx, |c| {
        sqlx::query_as(
            "SELECT COUNT(*) FROM merchant_link WHERE tenant_id = $1 AND revoked_at IS NULL AND expires_at > $2 \
             AND (most_uses IS NULL OR uses < most_uses)",
        )
        .bind(tenant.as_str())
        .bind(now.unix())
        .fetch_one(c)
        .await
    })?;
    Ok(count)
}

const fn place<'a>(tenant: &'a str, id: &'a str) -> Place<'a> {
    Place { tenant: Some(tenant), table: "merchant_link", column: "token_sealed", row: id }
}

#[derive(sqlx::FromRow)]
pub(super) struct Row {
    id: String,
    tenant_id: String,
    token_sealed: String,
    label: String,
    email: Option<String>,
    language: Option<String>,
    component_appid: Option<String>,
    auth_type: i64,
    way: String,
    locked_appid: Option<String>,
    most_uses: Option<i64>,
    uses: i64,
    created_by: Option<String>,
    created_at: i64,
    expires_at: i64,
    revoked_at: Option<i64>,
    sent_at: Option<i64>,
    opened: i64,
    first_opened_at: Option<i64>,
    last_opened_at: Option<i64>,
}

impl Row {
    pub(super) fn sealed(&self) -> impl Iterator<Item = &str> {
        std::iter::once(self.token_sealed.as_str())
    }

    pub(super) fn open(self, keys: &Keys) -> Result<Opened, StoreError> {
        let token = keys.open_sealed(&self.token_sealed, place(&self.tenant_id, &self.id))?;
        Ok(Opened { token, link: self.try_into()? })
    }
}

impl TryFrom<Row> for MerchantLink {
    type Error = StoreError;

    fn try_from(row: Row) -> Result<Self, StoreError> {
        let corrupt = |column| StoreError::corrupt("merchant_link", column, row.id.clone());
        let moment = |at: Option<i64>| at.map(Timestamp::from_unix);
        Ok(Self {
            id: MerchantLinkId::parse(&row.id).map_err(|_| corrupt("id"))?,
            tenant: TenantId::parse(&row.tenant_id).map_err(|_| corrupt("tenant_id"))?,
            email: row.email.as_deref().map(Email::parse).transpose().map_err(|_| corrupt("email"))?,
            lang: row
                .language
                .as_deref()
                .map(|code| Lang::from_code(code).ok_or_else(|| corrupt("language")))
                .transpose()?,
            component: row
                .component_appid
                .as_deref()
                .map(ComponentAppid::parse)
                .transpose()
                .map_err(|_| corrupt("component_appid"))?,
            auth_type: AuthType::from_number(row.auth_type).ok_or_else(|| corrupt("auth_type"))?,
            way: Way::from_name(&row.way).ok_or_else(|| corrupt("way"))?,
            locked: row
                .locked_appid
                .as_deref()
                .map(AuthorizerAppid::parse)
                .transpose()
                .map_err(|_| corrupt("locked_appid"))?,
            created_by: row
                .created_by
                .as_deref()
                .map(UserId::parse)
                .transpose()
                .map_err(|_| corrupt("created_by"))?,
            most_uses: row.most_uses,
            uses: row.uses,
            created_at: Timestamp::from_unix(row.created_at),
            expires_at: Timestamp::from_unix(row.expires_at),
            revoked_at: moment(row.revoked_at),
            sent_at: moment(row.sent_at),
            opened: row.opened,
            first_opened_at: moment(row.first_opened_at),
            last_opened_at: moment(row.last_opened_at),
            label: row.label,
        })
    }
}
