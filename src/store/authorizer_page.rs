//! How a page of accounts is found: through an index where there is one, and else among a bounded number of rows.

use crate::domain::authorizer::Kind;
use crate::domain::health::Health;
use crate::domain::ids::{AuthorizerAppid, AuthorizerKey, ComponentAppid};

use super::authorizer::{Row, authorizer_columns};
use super::authorizer_list::{Cursor, Filter, Owned, Page};
use super::{Reader, StoreError};

/// How many rows are looked through for one page: first few, which mostly fill it, then many.
const WINDOWS: [i64; 2] = [1_000, 20_000];

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

/// Whose accounts a page is of.
pub(super) struct Whose<'a> {
    pub(super) from: &'static str,
    pub(super) tenant_name: &'static str,
    pub(super) tenant: &'a str,
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

/// A page of these accounts, and where the next one starts.
pub(super) async fn fetch(
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
    let sql = look_sql(from, filter);
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

fn look_sql(from: &Whose<'_>, filter: &Filter) -> String {
    let columns =
        [authorizer_columns!(), ", health_rank, attention_at, ", from.tenant_name, " AS tenant_name"]
            .concat();
    if !filter.is_appid() {
        return page!(&columns, from.from, &filter.narrow(), "LIMIT $10");
    }
    // From the platforms to the account by its whole key: SQLite keeps this order of a CROSS JOIN, and the `+` keeps it
    // from the index of the list, along which it would look at every account.
    let platforms = "FROM (SELECT appid AS platform FROM component) AS platforms CROSS JOIN";
    let source = from.from.replace("FROM", platforms);
    page!(&columns, &source, &filter.narrow(), "LIMIT $10").replace(" (health_rank,", " (+health_rank,")
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
pub(super) struct ListedRow {
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

#[cfg(test)]
mod tests {
    use super::super::query_plan::query_plan;
    use super::*;

    async fn looks(from: &'static str, text: &str) -> String {
        let filter = Filter { text: text.to_owned(), ..Filter::default() };
        let whose = Whose { from, tenant_name: "''", tenant: "" };
        let plan = query_plan(&look_sql(&whose, &filter)).await;
        let looks: Vec<String> = plan.into_iter().filter(|line| line.contains(" authorizer ")).collect();
        assert_eq!(looks.len(), 1, "{looks:?}");
        looks.concat()
    }

    #[tokio::test]
    async fn a_whole_appid_is_looked_up_and_not_looked_for() {
        let of_tenant = looks(" FROM authorizer WHERE tenant_id = $1", "wx00000000000002bc").await;
        assert!(
            of_tenant.contains("(tenant_id=? AND authorizer_appid=? AND component_appid=?)"),
            "{of_tenant}"
        );
        let of_all = looks(" FROM authorizer WHERE $1 = ''", "wx00000000000002bc").await;
        assert!(of_all.contains("(component_appid=? AND authorizer_appid=?)"), "{of_all}");
    }

    #[tokio::test]
    async fn a_page_starts_after_the_last_row_of_the_one_before() {
        let first = "(health_rank,attention_at,authorizer_appid,component_appid)>(?,?,?,?)";
        for from in [" FROM authorizer WHERE tenant_id = $1", " FROM authorizer WHERE $1 = ''"] {
            let look = looks(from, "").await;
            assert!(look.contains(first), "{look}");
        }
    }
}
