//! Incidents of the platform, for the people who look after it.

use crate::clock::Timestamp;
use crate::domain::ids::{ComponentAppid, IncidentId};
use crate::domain::reason::Reason;

use super::{Reader, StoreError};

/// One incident with what is known about it.
#[derive(Clone, Debug)]
pub struct Listed {
    pub id: IncidentId,
    pub component: ComponentAppid,
    pub component_name: String,
    pub cause: Reason,
    pub opened_at: Timestamp,
    pub last_seen_at: Timestamp,
    pub closed_at: Option<Timestamp>,
    pub errcode: Option<i64>,
    pub rid: Option<String>,
    /// What WeChat said, without secrets.
    pub evidence: Option<String>,
    /// Calls that came to nothing while it lasted, where that is its evidence.
    pub failed_calls: i64,
    pub next_probe_at: Timestamp,
}

macro_rules! select {
    ($rest:literal) => {
        concat!(
            "SELECT incident.id AS id, incident.component_appid AS component_appid, component.name AS name, ",
            "incident.cause AS cause, incident.opened_at AS opened_at, incident.last_seen_at AS last_seen_at, ",
            "incident.closed_at AS closed_at, incident.errcode AS errcode, incident.rid AS rid, ",
            "incident.evidence AS evidence, incident.failed_calls AS failed_calls, ",
            "incident.next_probe_at AS next_probe_at ",
            "FROM incident JOIN component ON component.appid = incident.component_appid ",
            $rest
        )
    };
}

/// Every open incident of every component, the longest lasting first.
///
/// # Errors
/// `Database`, `Corrupt`.
pub async fn open(tx: &mut Reader) -> Result<Vec<Listed>, StoreError> {
    let rows: Vec<Row> = on!(tx, |c| {
        sqlx::query_as(select!("WHERE incident.closed_at IS NULL ORDER BY incident.opened_at, incident.id"))
            .fetch_all(c)
            .await
    })?;
    rows.into_iter().map(Listed::try_from).collect()
}

/// A component's incidents, open and closed, newest first.
///
/// # Errors
/// `Database`, `Corrupt`.
pub async fn of_component(
    tx: &mut Reader,
    component: &ComponentAppid,
    limit: i64,
) -> Result<Vec<Listed>, StoreError> {
    let rows: Vec<Row> = on!(tx, |c| {
        sqlx::query_as(select!(
            "WHERE incident.component_appid = $1 ORDER BY incident.opened_at DESC, incident.id DESC LIMIT $2"
        ))
        .bind(component.as_str())
        .bind(limit)
        .fetch_all(c)
        .await
    })?;
    rows.into_iter().map(Listed::try_from).collect()
}

#[derive(sqlx::FromRow)]
struct Row {
    id: String,
    component_appid: String,
    name: String,
    cause: String,
    opened_at: i64,
    last_seen_at: i64,
    closed_at: Option<i64>,
    errcode: Option<i64>,
    rid: Option<String>,
    evidence: Option<String>,
    failed_calls: i64,
    next_probe_at: i64,
}

impl TryFrom<Row> for Listed {
    type Error = StoreError;

    fn try_from(row: Row) -> Result<Self, StoreError> {
        let corrupt = |column| StoreError::corrupt("incident", column, row.id.clone());
        Ok(Self {
            id: IncidentId::parse(&row.id).map_err(|_| corrupt("id"))?,
            component: ComponentAppid::parse(&row.component_appid).map_err(|_| corrupt("component_appid"))?,
            cause: Reason::from_code(&row.cause).ok_or_else(|| corrupt("cause"))?,
            opened_at: Timestamp::from_unix(row.opened_at),
            last_seen_at: Timestamp::from_unix(row.last_seen_at),
            closed_at: row.closed_at.map(Timestamp::from_unix),
            next_probe_at: Timestamp::from_unix(row.next_probe_at),
            component_name: row.name,
            errcode: row.errcode,
            rid: row.rid,
            evidence: row.evidence,
            failed_calls: row.failed_calls,
        })
    }
}
