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

enum Bound<'a> {
    Text(&'a str),
    Number(i64),
}

async fn find(
    tx: &mut Reader,
    tenant: Option<&TenantId>,
    filter: &Filter,
    (after, limit): (Option<Place>, i64),
) -> Result<Vec<Record>, StoreError> {
    let mut wanted = Vec::new();
    let mut bounds = Vec::new();
    let mut add = |condition: &str, bound| {
        bounds.push(bound);
        wanted.push(format!("{condition} ${}", bounds.len()));
    };
    if let Some(tenant) = tenant {
        add("tenant_id =", Bound::Text(tenant.as_str()));
    }
    if let Some(actor) = &filter.actor {
        add("actor_id =", Bound::Text(actor));
    }
    if let Some(action) = filter.action {
        add("action =", Bound::Text(action.as_str()));
    }
    if let Some(subject) = &filter.subject {
        add("subject_id =", Bound::Text(subject));
    }
    if let Some(since) = filter.since {
        add("at >=", Bound::Number(since));
    }
    if let Some(until) = filter.until {
        add("at <", Bound::Number(until));
    }
    if let Some(after) = after {
        add("at <=", Bound::Number(after.at));
        add("(at, seq) <", Bound::Number(after.at));
        bounds.push(Bound::Number(after.seq));
        let last = bounds.len();
        wanted.pop();
        wanted.push(format!("(at, seq) < (${}, ${last})", last - 1));
    }
    bounds.push(Bound::Number(limit));
    let conditions =
        if wanted.is_empty() { String::new() } else { format!("WHERE {}", wanted.join(" AND ")) };
    let sql = format!("SELECT * FROM audit {conditions} ORDER BY at DESC, seq DESC LIMIT ${}", bounds.len());
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
