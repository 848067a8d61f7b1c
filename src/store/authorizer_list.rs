//! Lists of accounts, the most urgent first, in pages of any size of database: a page starts after the last row of the
//! one before, found through an index.
//!
//! A text is in no index (pieces of Chinese names are too short for trigrams), and a kind only when it is rare. So such a
//! page is looked for among a bounded number of rows; when these do not fill it, it is handed out as it is, and the
//! next one goes on where the looking ended.

use std::fmt;

use crate::domain::authorizer::{Authorizer, Kind};
use crate::domain::health::Health;
use crate::domain::ids::{AuthorizerAppid, AuthorizerKey, ComponentAppid, TenantId};

use super::authorizer::{Row, authorizer_columns};
use super::authorizer_page::{ListedRow, Whose, fetch};
use super::{Reader, StoreError};

/// Which accounts are wanted. The default wants all.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Filter {
    /// The stored state.
    pub health: Option<Health>,
    pub kind: Option<Kind>,
    /// Part of a name, an appid or an original id; upper and lower case are the same.
    pub text: String,
}

/// The row a page starts after.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cursor {
    pub(super) rank: i64,
    pub(super) attention_at: i64,
    pub(super) key: AuthorizerKey,
}

impl Cursor {
    /// Reads what `Display` wrote; `None` for anything else.
    pub fn parse(text: &str) -> Option<Self> {
        let mut parts = text.splitn(4, '.');
        Some(Self {
            rank: parts.next()?.parse().ok()?,
            attention_at: parts.next()?.parse().ok()?,
            key: AuthorizerKey {
                component: ComponentAppid::parse(parts.next()?).ok()?,
                authorizer: AuthorizerAppid::parse(parts.next()?).ok()?,
            },
        })
    }
}

impl fmt::Display for Cursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { rank, attention_at, key } = self;
        write!(f, "{rank}.{attention_at}.{}.{}", key.component, key.authorizer)
    }
}

/// One page of a list. Rows may move between two pages: each page is true for its own moment.
#[derive(Clone, Debug)]
pub struct Page<T> {
    pub rows: Vec<T>,
    /// Where the next page starts; `None` when this was the last.
    pub next: Option<Cursor>,
}

/// An account and the name of the tenant it belongs to.
#[derive(Clone, Debug)]
pub struct Owned {
    pub authorizer: Authorizer,
    pub tenant_name: String,
}

/// A page of one tenant's accounts.
///
/// # Errors
/// `Database`, `Corrupt`.
pub async fn of_tenant(
    tx: &mut Reader,
    tenant: &TenantId,
    filter: &Filter,
    (after, limit): (Option<&Cursor>, usize),
) -> Result<Page<Authorizer>, StoreError> {
    let from =
        Whose { from: " FROM authorizer WHERE tenant_id = $1", tenant_name: "''", tenant: tenant.as_str() };
    let page = fetch(tx, &from, filter, (after, limit)).await?;
    Ok(Page { rows: page.rows.into_iter().map(|owned| owned.authorizer).collect(), next: page.next })
}

/// A page of all tenants' accounts, for the platform's administrators; `tenant` narrows it to one.
///
/// # Errors
/// `Database`, `Corrupt`.
pub async fn of_all(
    tx: &mut Reader,
    tenant: Option<&TenantId>,
    filter: &Filter,
    (after, limit): (Option<&Cursor>, usize),
) -> Result<Page<Owned>, StoreError> {
    let from = if tenant.is_some() {
        " FROM authorizer WHERE tenant_id = $1"
    } else {
        " FROM authorizer WHERE $1 = ''"
    };
    let tenant_name = "(SELECT tenant.name FROM tenant WHERE tenant.id = tenant_id)";
    let from = Whose { from, tenant_name, tenant: tenant.map_or("", TenantId::as_str) };
    fetch(tx, &from, filter, (after, limit)).await
}

/// One account of any tenant, for the platform's administrators.
///
/// # Errors
/// `Database`, `Corrupt`.
pub async fn find_owned(tx: &mut Reader, key: &AuthorizerKey) -> Result<Option<Owned>, StoreError> {
    let row: Option<ListedRow> = on!(tx, |c| {
        sqlx::query_as(concat!(
            "SELECT ",
            authorizer_columns!(),
            ", health_rank, attention_at, tenant.name AS tenant_name FROM authorizer \
             JOIN tenant ON tenant.id = tenant_id WHERE component_appid = $1 AND authorizer_appid = $2"
        ))
        .bind(key.component.as_str())
        .bind(key.authorizer.as_str())
        .fetch_optional(c)
        .await
    })?;
    row.map(Owned::try_from).transpose()
}

/// Accounts of a tenant whose next move is a person's, the most urgent first.
///
/// # Errors
/// `Database`, `Corrupt`.
pub async fn in_need(tx: &mut Reader, tenant: &TenantId, limit: i64) -> Result<Vec<Authorizer>, StoreError> {
    // The ranks of the states with `Health::needs_a_person`; the contract test compares.
    let rows: Vec<Row> = on!(tx, |c| {
        sqlx::query_as(concat!(
            "SELECT ",
            authorizer_columns!(),
            " FROM authorizer WHERE tenant_id = $1 AND health_rank IN (10, 20, 70) \
             ORDER BY health_rank, attention_at, authorizer_appid, component_appid LIMIT $2"
        ))
        .bind(tenant.as_str())
        .bind(limit)
        .fetch_all(c)
        .await
    })?;
    rows.into_iter().map(Authorizer::try_from).collect()
}

/// Accounts of a tenant that are refreshed next.
///
/// # Errors
/// `Database`, `Corrupt`.
pub async fn upcoming(tx: &mut Reader, tenant: &TenantId, limit: i64) -> Result<Vec<Authorizer>, StoreError> {
    let rows: Vec<Row> = on!(tx, |c| {
        sqlx::query_as(concat!(
            "SELECT ",
            authorizer_columns!(),
            " FROM authorizer WHERE tenant_id = $1 AND next_refresh_at IS NOT NULL \
             ORDER BY next_refresh_at, authorizer_appid LIMIT $2"
        ))
        .bind(tenant.as_str())
        .bind(limit)
        .fetch_all(c)
        .await
    })?;
    rows.into_iter().map(Authorizer::try_from).collect()
}
