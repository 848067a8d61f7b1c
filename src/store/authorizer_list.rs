//! Lists of accounts, the most urgent first, in pages of any size of database: a page starts after the last row of the
//! one before, found through an index.

use std::fmt;

use crate::domain::authorizer::{Authorizer, Kind};
use crate::domain::health::Health;
use crate::domain::ids::{AuthorizerAppid, AuthorizerKey, ComponentAppid, TenantId};

use super::authorizer::{Row, authorizer_columns};
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
    rank: i64,
    attention_at: i64,
    key: AuthorizerKey,
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

macro_rules! page {
    ($from:literal, $tenant_name:literal) => {
        concat!(
            "SELECT ",
            authorizer_columns!(),
            ", health_rank, attention_at, ",
            $tenant_name,
            " AS tenant_name FROM authorizer ",
            $from,
            " AND ($2 < 0 OR health_rank = $2) AND ($3 = '' OR kind = $3) \
             AND ($4 = '%%' OR search LIKE $4 ESCAPE '!') \
             AND (health_rank, attention_at, authorizer_appid, component_appid) > ($5, $6, $7, $8) \
             ORDER BY health_rank, attention_at, authorizer_appid, component_appid LIMIT $9"
        )
    };
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
    const SQL: &str = page!("WHERE tenant_id = $1", "''");
    let page = fetch(tx, (SQL, tenant.as_str()), filter, (after, limit)).await?;
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
    const ALL: &str = page!("JOIN tenant ON tenant.id = tenant_id WHERE $1 = ''", "tenant.name");
    const ONE: &str = page!("JOIN tenant ON tenant.id = tenant_id WHERE tenant_id = $1", "tenant.name");
    let sql = if tenant.is_some() { ONE } else { ALL };
    fetch(tx, (sql, tenant.map_or("", TenantId::as_str)), filter, (after, limit)).await
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

/// How many accounts of a tenant are in one stored state, by component.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Count {
    pub component: ComponentAppid,
    pub health: Health,
    pub count: i64,
}

/// The numbers behind a tenant's overview, answered from an index alone; states without accounts are left out.
///
/// # Errors
/// `Database`, `Corrupt`.
pub async fn count_by_health(tx: &mut Reader, tenant: &TenantId) -> Result<Vec<Count>, StoreError> {
    let rows: Vec<(String, i64, i64)> = on!(tx, |c| {
        sqlx::query_as(
            "SELECT component_appid, health_rank, COUNT(*) FROM authorizer WHERE tenant_id = $1 \
             GROUP BY component_appid, health_rank ORDER BY health_rank, component_appid",
        )
        .bind(tenant.as_str())
        .fetch_all(c)
        .await
    })?;
    rows.into_iter().map(count).collect()
}

fn count((component, rank, count): (String, i64, i64)) -> Result<Count, StoreError> {
    let corrupt = |column| StoreError::corrupt("authorizer", column, component.clone());
    Ok(Count {
        health: Health::ALL
            .into_iter()
            .find(|health| health.rank() == rank)
            .ok_or_else(|| corrupt("health_rank"))?,
        component: ComponentAppid::parse(&component).map_err(|_| corrupt("component_appid"))?,
        count,
    })
}

async fn fetch(
    tx: &mut Reader,
    (sql, tenant): (&'static str, &str),
    filter: &Filter,
    (after, limit): (Option<&Cursor>, usize),
) -> Result<Page<Owned>, StoreError> {
    let (rank, attention_at, component, appid) = match after {
        Some(Cursor { rank, attention_at, key }) => {
            (*rank, *attention_at, key.component.as_str(), key.authorizer.as_str())
        }
        None => (i64::MIN, i64::MIN, "", ""),
    };
    let mut rows: Vec<ListedRow> = on!(tx, |c| {
        sqlx::query_as(sql)
            .bind(tenant)
            .bind(filter.health.map_or(-1, Health::rank))
            .bind(filter.kind.map_or("", Kind::as_str))
            .bind(pattern(&filter.text))
            .bind(rank)
            .bind(attention_at)
            .bind(appid)
            .bind(component)
            .bind(i64::try_from(limit).unwrap_or(i64::MAX).saturating_add(1))
            .fetch_all(c)
            .await
    })?;
    let more = rows.len() > limit;
    rows.truncate(limit);
    let next = rows.last().filter(|_| more).map(ListedRow::cursor).transpose()?;
    let rows = rows.into_iter().map(Owned::try_from).collect::<Result<_, _>>()?;
    Ok(Page { rows, next })
}

/// The pattern for LIKE: the text anywhere, its own wildcards taken literally.
fn pattern(text: &str) -> String {
    let plain = text.trim().to_lowercase().replace('!', "!!").replace('%', "!%").replace('_', "!_");
    format!("%{plain}%")
}

#[derive(sqlx::FromRow)]
struct ListedRow {
    #[sqlx(flatten)]
    row: Row,
    health_rank: i64,
    attention_at: i64,
    tenant_name: String,
}

impl ListedRow {
    fn cursor(&self) -> Result<Cursor, StoreError> {
        Ok(Cursor { rank: self.health_rank, attention_at: self.attention_at, key: self.row.key()? })
    }
}

impl TryFrom<ListedRow> for Owned {
    type Error = StoreError;

    fn try_from(row: ListedRow) -> Result<Self, StoreError> {
        Ok(Self { authorizer: row.row.try_into()?, tenant_name: row.tenant_name })
    }
}
