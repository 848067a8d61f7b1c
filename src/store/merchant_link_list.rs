//! A tenant's links with what became of them, and the accounts that wait for one.

use crate::clock::Timestamp;
use crate::domain::authorization::{Authorization, GrantProblem};
use crate::domain::authorizer::Authorizer;
use crate::domain::ids::{AuthorizerAppid, ComponentAppid, MerchantLinkId, TenantId};
use crate::domain::merchant_link::Standing;
use crate::vault::{Keys, Vault};

use super::authorizer::authorizer_columns;
use super::merchant_link::{Opened, link_columns};
use super::{Reader, StoreError, authorization, authorizer, data_key, merchant_link};

/// A link and how far merchants came with it.
#[derive(Clone, Debug)]
pub struct Listed {
    pub opened: Opened,
    /// Presses of the button.
    pub started: i64,
    pub failed: i64,
    /// Why the newest failed press failed.
    pub last_problem: Option<GrantProblem>,
}

/// The last link of a page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cursor {
    pub created_at: i64,
    pub id: String,
}

impl Cursor {
    /// Reads what `Display` wrote; `None` for anything else.
    pub fn parse(text: &str) -> Option<Self> {
        let (created_at, id) = text.split_once('.')?;
        let id = MerchantLinkId::parse(id).ok()?;
        Some(Self { created_at: created_at.parse().ok()?, id: id.to_string() })
    }

    pub fn of(listed: &Listed) -> Self {
        let link = &listed.opened.link;
        Self { created_at: link.created_at.unix(), id: link.id.to_string() }
    }
}

impl std::fmt::Display for Cursor {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}.{}", self.created_at, self.id)
    }
}

macro_rules! funnel {
    () => {
        ", (SELECT COUNT(*) FROM \"authorization\" WHERE link_id = merchant_link.id) AS started, \
         (SELECT COUNT(*) FROM \"authorization\" WHERE link_id = merchant_link.id AND status = 'failed') AS failed, \
         (SELECT problem FROM \"authorization\" WHERE link_id = merchant_link.id AND status = 'failed' \
         ORDER BY created_at DESC, id DESC LIMIT 1) AS last_problem FROM merchant_link"
    };
}

/// `MerchantLink::standing` in the words of the database; `$2` is now.
macro_rules! standing {
    () => {
        "CASE WHEN revoked_at IS NOT NULL THEN 'revoked' WHEN most_uses IS NOT NULL AND uses >= most_uses \
         THEN 'finished' WHEN expires_at <= $2 THEN 'expired' ELSE 'open' END"
    };
}

/// The tenant's links in one standing or all, newest first, those after `after`.
///
/// # Errors
/// `Database`, `Corrupt`, `Vault`.
pub async fn page(
    tx: &mut Reader,
    vault: &Vault,
    (tenant, now): (&TenantId, Timestamp),
    standing: Option<Standing>,
    (after, limit): (Option<&Cursor>, i64),
) -> Result<Vec<Listed>, StoreError> {
    let rows: Vec<ListedRow> = on!(tx, |c| {
        sqlx::query_as(concat!(
            "SELECT ",
            link_columns!(),
            funnel!(),
            " WHERE tenant_id = $1 AND ($3 = '' OR $3 = ",
            standing!(),
            ") AND (created_at, id) < ($4, $5) ORDER BY created_at DESC, id DESC LIMIT $6"
        ))
        .bind(tenant.as_str())
        .bind(now.unix())
        .bind(standing.map_or("", Standing::as_str))
        .bind(after.map_or(i64::MAX, |cursor| cursor.created_at))
        .bind(after.map_or("", |cursor| cursor.id.as_str()))
        .bind(limit)
        .fetch_all(c)
        .await
    })?;
    let keys = data_key::opening(tx, vault, rows.iter().flat_map(|row| row.link.sealed())).await?;
    rows.into_iter().map(|row| row.open(&keys)).collect()
}

/// How many links of the tenant are in each standing; those without any are left out.
///
/// # Errors
/// `Database`, `Corrupt`.
pub async fn counts(
    tx: &mut Reader,
    tenant: &TenantId,
    now: Timestamp,
) -> Result<Vec<(Standing, i64)>, StoreError> {
    let rows: Vec<(String, i64)> = on!(tx, |c| {
        sqlx::query_as(concat!(
            "SELECT standing, COUNT(*) FROM (SELECT ",
            standing!(),
            " AS standing FROM merchant_link WHERE tenant_id = $1) AS stood GROUP BY standing ORDER BY standing"
        ))
        .bind(tenant.as_str())
        .bind(now.unix())
        .fetch_all(c)
        .await
    })?;
    rows.into_iter()
        .map(|(name, count)| {
            let standing = Standing::from_name(&name);
            Ok((standing.ok_or_else(|| StoreError::corrupt("merchant_link", "standing", name))?, count))
        })
        .collect()
}

/// One link of the tenant with its funnel.
///
/// # Errors
/// `Database`, `Corrupt`, `Vault`.
pub async fn find(
    tx: &mut Reader,
    vault: &Vault,
    tenant: &TenantId,
    link: &MerchantLinkId,
) -> Result<Option<Listed>, StoreError> {
    let row: Option<ListedRow> = on!(tx, |c| {
        sqlx::query_as(concat!(
            "SELECT ",
            link_columns!(),
            funnel!(),
            " WHERE merchant_link.tenant_id = $1 AND merchant_link.id = $2"
        ))
        .bind(tenant.as_str())
        .bind(link.as_str())
        .fetch_optional(c)
        .await
    })?;
    let Some(row) = row else { return Ok(None) };
    let keys = data_key::opening(tx, vault, row.link.sealed()).await?;
    row.open(&keys).map(Some)
}

/// What was begun with a link of this tenant, newest first.
///
/// # Errors
/// `Database`, `Corrupt`.
pub async fn attempts(
    tx: &mut Reader,
    tenant: &TenantId,
    link: &MerchantLinkId,
    limit: i64,
) -> Result<Vec<Authorization>, StoreError> {
    let rows: Vec<authorization::Row> = on!(tx, |c| {
        sqlx::query_as(concat!(
            authorization::select!(),
            " WHERE tenant_id = $1 AND link_id = $2 ORDER BY created_at DESC, id DESC LIMIT $3"
        ))
        .bind(tenant.as_str())
        .bind(link.as_str())
        .bind(limit)
        .fetch_all(c)
        .await
    })?;
    rows.into_iter().map(Authorization::try_from).collect()
}

/// Accounts of the tenant that only their administrators can bring back, in the order of their appids, after one.
///
/// # Errors
/// `Database`, `Corrupt`.
pub async fn waiting_accounts(
    tx: &mut Reader,
    tenant: &TenantId,
    after: Option<(&AuthorizerAppid, &ComponentAppid)>,
    limit: i64,
) -> Result<Vec<Authorizer>, StoreError> {
    // The ranks of needs_reauthorization, not_exchanged and unauthorized; the contract test compares.
    let rows: Vec<authorizer::Row> = on!(tx, |c| {
        sqlx::query_as(concat!(
            "SELECT ",
            authorizer_columns!(),
            " FROM authorizer WHERE tenant_id = $1 AND health_rank IN (10, 20, 70) \
             AND (authorizer_appid, component_appid) > ($2, $3) \
             ORDER BY authorizer_appid, component_appid LIMIT $4"
        ))
        .bind(tenant.as_str())
        .bind(after.map_or("", |(appid, _)| appid.as_str()))
        .bind(after.map_or("", |(_, component)| component.as_str()))
        .bind(limit)
        .fetch_all(c)
        .await
    })?;
    rows.into_iter().map(Authorizer::try_from).collect()
}

/// Links of the tenant locked to an account between two appids that are good until `until`, the longest living first.
///
/// # Errors
/// `Database`, `Corrupt`, `Vault`.
pub async fn locked(
    tx: &mut Reader,
    vault: &Vault,
    tenant: &TenantId,
    (from, to): (&AuthorizerAppid, &AuthorizerAppid),
    until: Timestamp,
) -> Result<Vec<Opened>, StoreError> {
    let rows: Vec<merchant_link::Row> = on!(tx, |c| {
        sqlx::query_as(concat!(
            "SELECT ",
            link_columns!(),
            " FROM merchant_link WHERE tenant_id = $1 AND locked_appid BETWEEN $2 AND $3 AND revoked_at IS NULL \
             AND expires_at > $4 AND (most_uses IS NULL OR uses < most_uses) ORDER BY expires_at DESC, id DESC"
        ))
        .bind(tenant.as_str())
        .bind(from.as_str())
        .bind(to.as_str())
        .bind(until.unix())
        .fetch_all(c)
        .await
    })?;
    let keys = data_key::opening(tx, vault, rows.iter().flat_map(merchant_link::Row::sealed)).await?;
    rows.into_iter().map(|row| row.open(&keys)).collect()
}

#[derive(sqlx::FromRow)]
struct ListedRow {
    #[sqlx(flatten)]
    link: merchant_link::Row,
    started: i64,
    failed: i64,
    last_problem: Option<String>,
}

impl ListedRow {
    fn open(self, keys: &Keys) -> Result<Listed, StoreError> {
        let opened = self.link.open(keys)?;
        let corrupt = || StoreError::corrupt("authorization", "problem", opened.link.id.to_string());
        let last_problem = self
            .last_problem
            .as_deref()
            .map(|name| GrantProblem::from_name(name).ok_or_else(corrupt))
            .transpose()?;
        Ok(Listed { started: self.started, failed: self.failed, last_problem, opened })
    }
}
