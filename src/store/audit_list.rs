//! The audit as its pages and exports show it: the newest first, narrowed, page by page. Every narrowing has an index that
//! begins with it and ends with the moment, so that no page reads more than it shows.

use crate::domain::audit::{Action, Record};
use crate::domain::ids::TenantId;

use super::audit::Row;
use super::{Reader, StoreError};

/// What is asked for; nothing: everything.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Filter {
    /// An id of whoever acted.
    pub actor: Option<String>,
    pub action: Option<Action>,
    /// An id of what was acted upon.
    pub subject: Option<String>,
    /// Unix seconds, included.
    pub since: Option<i64>,
    /// Unix seconds, not included.
    pub until: Option<i64>,
}

/// The last record of a page: its moment and its number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    pub at: i64,
    pub seq: i64,
}

/// What this tenant's members may read.
///
/// # Errors
/// `Database`.
pub async fn of_tenant(
    tx: &mut Reader,
    tenant: &TenantId,
    filter: &Filter,
    (after, limit): (Option<Place>, i64),
) -> Result<Vec<Record>, StoreError> {
    find(tx, Some(tenant), filter, (after, limit)).await
}

/// Everything.
///
/// # Errors
/// `Database`.
pub async fn of_all(
    tx: &mut Reader,
    tenant: Option<&TenantId>,
    filter: &Filter,
    (after, limit): (Option<Place>, i64),
) -> Result<Vec<Record>, StoreError> {
    find(tx, tenant, filter, (after, limit)).await
}

async fn find(
    tx: &mut Reader,
    tenant: Option<&TenantId>,
    filter: &Filter,
    (after, limit): (Option<Place>, i64),
) -> Result<Vec<Record>, StoreError> {
    let Question { sql, bounds } = Question::new(tenant, filter, (after, limit));
    let rows: Vec<Row> = on!(tx, |c| {
        let mut query = sqlx::query_as(sqlx::AssertSqlSafe(sql));
        for bound in bounds {
            query = match bound {
                Bound::Text(text) => query.bind(text.to_owned()),
                Bound::Number(number) => query.bind(number),
            };
        }
        query.fetch_all(c).await
    })?;
    Ok(rows.into_iter().map(Record::from).collect())
}

enum Bound<'a> {
    Text(&'a str),
    Number(i64),
}

struct Question<'a> {
    sql: String,
    bounds: Vec<Bound<'a>>,
}

/// Conditions on columns: those that one index answers together, and the others, which its rows are looked at for.
/// Left to choose, a database without statistics takes the tenant's index and reads all of the tenant's records.
type Conditions<'a> = [(&'static str, Option<&'a str>, bool); 4];

fn conditions<'a>(tenant: Option<&'a TenantId>, filter: &'a Filter) -> Conditions<'a> {
    let (actor, action, subject) =
        (filter.actor.as_deref(), filter.action.map(Action::as_str), filter.subject.as_deref());
    // Whether the index of the question has: tenant, actor, action, subject.
    let has = match (subject, actor, action) {
        (Some(_), _, _) => [false, false, false, true],
        (None, Some(_), Some(_)) => [false, true, true, false],
        (None, _, _) => [true, true, true, false],
    };
    [
        ("tenant_id", tenant.map(TenantId::as_str), has[0]),
        ("actor_id", actor, has[1]),
        ("action", action, has[2]),
        ("subject_id", subject, has[3]),
    ]
}

impl<'a> Question<'a> {
    fn new(tenant: Option<&'a TenantId>, filter: &'a Filter, (after, limit): (Option<Place>, i64)) -> Self {
        let (mut wanted, mut bounds) = (Vec::new(), Vec::new());
        for (column, text, is_indexed) in conditions(tenant, filter) {
            let Some(text) = text else { continue };
            bounds.push(Bound::Text(text));
            let column = if is_indexed { column.to_owned() } else { format!("{column} || ''") };
            wanted.push(format!("{column} = ${}", bounds.len()));
        }
        for (condition, number) in [("at >=", filter.since), ("at <", filter.until)] {
            let Some(number) = number else { continue };
            bounds.push(Bound::Number(number));
            wanted.push(format!("{condition} ${}", bounds.len()));
        }
        if let Some(Place { at, seq }) = after {
            bounds.extend([Bound::Number(at), Bound::Number(seq)]);
            wanted.push(format!("(at, seq) < (${}, ${})", bounds.len() - 1, bounds.len()));
        }
        bounds.push(Bound::Number(limit));
        let conditions =
            if wanted.is_empty() { String::new() } else { format!("WHERE {}", wanted.join(" AND ")) };
        let sql =
            format!("SELECT * FROM audit {conditions} ORDER BY at DESC, seq DESC LIMIT ${}", bounds.len());
        Self { sql, bounds }
    }
}
