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

/// How many rows are looked through for one page: first few, which mostly fill it, then many.
const WINDOWS: [i64; 2] = [1_000, 20_000];

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
    ($columns:expr, $from:expr, $narrow:expr, $limit:expr) => {
        [
            "SELECT ",
            $columns,
            $from,
            " AND (health_rank, attention_at, authorizer_appid, component_appid) > ($2, $3, $4, $5) \
             AND (health_rank, attention_at, authorizer_appid, component_appid) <= ($6, $7, $8, $9)",
            $narrow,
            " ORDER BY health_rank, attention_at, authorizer_appid, component_appid ",
            $limit,
        ]
        .concat()
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

/// Whose accounts a page is of.
struct Whose<'a> {
    from: &'static str,
    tenant_name: &'static str,
    tenant: &'a str,
}

/// A stretch of the order: after the first place, up to the second.
#[derive(Clone, Debug)]
struct Stretch {
    after: Place,
    until: Place,
}

/// Rank, second key, appid, component.
type Place = (i64, i64, String, String);

impl Stretch {
    /// One state is a stretch of its own; a page starts after the one before.
    fn new(filter: &Filter, after: Option<&Cursor>) -> Self {
        let rank = filter.health.map(Health::rank);
        let edge = |rank: Option<i64>, far: i64| (rank.unwrap_or(far), far, String::new(), String::new());
        let begin = edge(rank, i64::MIN);
        let after = after.map(|Cursor { rank, attention_at, key }| {
            (*rank, *attention_at, key.authorizer.as_str().to_owned(), key.component.as_str().to_owned())
        });
        Self { after: after.map_or(begin.clone(), |after| after.max(begin)), until: edge(rank, i64::MAX) }
    }
}

async fn fetch(
    tx: &mut Reader,
    from: &Whose<'_>,
    filter: &Filter,
    (after, limit): (Option<&Cursor>, usize),
) -> Result<Page<Owned>, StoreError> {
    let (mut stretch, most) = (Stretch::new(filter, after), limit.saturating_add(1));
    let mut rows: Vec<ListedRow> = Vec::new();
    for window in WINDOWS {
        let end = if filter.is_indexed() { None } else { place_after(tx, from, (&stretch, window)).await? };
        let whole = stretch.until.clone();
        stretch.until = end.clone().unwrap_or(whole.clone());
        rows.extend(look(tx, from, filter, (&stretch, most - rows.len())).await?);
        if rows.len() == most {
            break;
        }
        let Some(end) = end else { return finish(rows, limit, None) };
        stretch = Stretch { after: end, until: whole };
    }
    // Either the page is full, or what was looked through ends here.
    finish(rows, limit, Some(stretch.after))
}

/// `looked_until`: where the looking ended although the page is not full.
fn finish(
    mut rows: Vec<ListedRow>,
    limit: usize,
    looked_until: Option<Place>,
) -> Result<Page<Owned>, StoreError> {
    let full = rows.len() > limit;
    rows.truncate(limit);
    let next = match looked_until {
        _ if full => rows.last().map(ListedRow::cursor).transpose()?,
        Some(place) => Some(cursor(place)?),
        None => None,
    };
    let rows = rows.into_iter().map(Owned::try_from).collect::<Result<_, _>>()?;
    Ok(Page { rows, next })
}

fn cursor((rank, attention_at, authorizer, component): Place) -> Result<Cursor, StoreError> {
    let corrupt = |column| StoreError::corrupt("authorizer", column, authorizer.clone());
    let key = AuthorizerKey {
        component: ComponentAppid::parse(&component).map_err(|_| corrupt("component_appid"))?,
        authorizer: AuthorizerAppid::parse(&authorizer).map_err(|_| corrupt("authorizer_appid"))?,
    };
    Ok(Cursor { rank, attention_at, key })
}

/// The row that many rows down a stretch, found in the index alone; `None` when the stretch is shorter.
async fn place_after(
    tx: &mut Reader,
    from: &Whose<'_>,
    (stretch, rows): (&Stretch, i64),
) -> Result<Option<Place>, StoreError> {
    let columns = "health_rank, attention_at, authorizer_appid, component_appid";
    let sql = page!(columns, from.from, "", "LIMIT 1 OFFSET $10");
    let (after, until) = (&stretch.after, &stretch.until);
    let place = on!(tx, |c| {
        sqlx::query_as(sqlx::AssertSqlSafe(sql))
            .bind(from.tenant)
            .bind(after.0)
            .bind(after.1)
            .bind(&after.2)
            .bind(&after.3)
            .bind(until.0)
            .bind(until.1)
            .bind(&until.2)
            .bind(&until.3)
            .bind(rows - 1)
            .fetch_optional(c)
            .await
    })?;
    Ok(place)
}

/// The first accounts of a stretch that fit.
async fn look(
    tx: &mut Reader,
    from: &Whose<'_>,
    filter: &Filter,
    (stretch, limit): (&Stretch, usize),
) -> Result<Vec<ListedRow>, StoreError> {
    let columns =
        [authorizer_columns!(), ", health_rank, attention_at, ", from.tenant_name, " AS tenant_name"]
            .concat();
    // From the platforms to the account by its whole key: SQLite keeps this order of a CROSS JOIN.
    let source = if filter.is_appid() {
        from.from.replace("FROM", "FROM (SELECT appid AS platform FROM component) AS platforms CROSS JOIN")
    } else {
        from.from.to_owned()
    };
    let sql = page!(&columns, &source, &filter.narrow(), "LIMIT $10");
    let (after, until) = (&stretch.after, &stretch.until);
    let rows = on!(tx, |c| {
        sqlx::query_as(sqlx::AssertSqlSafe(sql))
            .bind(from.tenant)
            .bind(after.0)
            .bind(after.1)
            .bind(&after.2)
            .bind(&after.3)
            .bind(until.0)
            .bind(until.1)
            .bind(&until.2)
            .bind(&until.3)
            .bind(i64::try_from(limit).unwrap_or(i64::MAX))
            .bind(filter.searched())
            .fetch_all(c)
            .await
    })?;
    Ok(rows)
}

impl Filter {
    /// Whether an index leads straight to the accounts that fit.
    fn is_indexed(&self) -> bool {
        let kind = self.kind.is_none_or(|kind| RARE.contains(&kind));
        kind && (self.text.trim().is_empty() || self.is_appid())
    }

    /// A whole appid: there is at most one such account for each component.
    fn is_appid(&self) -> bool {
        let text = self.text.trim();
        text.len() == 18 && text.starts_with("wx") && text.bytes().all(|byte| byte.is_ascii_alphanumeric())
    }

    /// What `$11` stands for.
    fn searched(&self) -> String {
        if self.is_appid() { self.text.trim().to_owned() } else { pattern(&self.text) }
    }

    /// The conditions besides tenant and state. A kind stands in the text, so that the index of rare ones is seen to fit.
    fn narrow(&self) -> String {
        let kind = match self.kind {
            Some(kind) if RARE.contains(&kind) => {
                format!(" AND kind = '{}' AND kind IN ('channels', 'other', 'unknown')", kind.as_str())
            }
            Some(kind) => format!(" AND kind = '{}'", kind.as_str()),
            None => String::new(),
        };
        let text = if self.is_appid() {
            " AND authorizer_appid = $11 AND component_appid = platform"
        } else {
            " AND ($11 = '%%' OR search LIKE $11 ESCAPE '!')"
        };
        kind + text
    }
}

/// The kinds of the index `authorizer_rare_kind`.
const RARE: [Kind; 3] = [Kind::Channels, Kind::Other, Kind::Unknown];

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
