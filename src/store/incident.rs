//! What is wrong with a component as a whole: at most one open incident for each cause.

use std::time::Duration;

use crate::clock::Timestamp;
use crate::domain::ids::{ComponentAppid, IncidentId};
use crate::domain::reason::Reason;
use crate::random::Random;

use super::{Reader, StoreError, Writer};

/// Who saw it, and so who can show that it is over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Source {
    /// The component token's own lane, or a call on behalf of no account.
    ComponentToken,
    /// The accounts' refreshes: only a refreshed account ends it.
    Refresh,
}

impl Source {
    const fn as_str(self) -> &'static str {
        match self {
            Self::ComponentToken => "component_token",
            Self::Refresh => "refresh",
        }
    }

    fn from_name(name: &str) -> Option<Self> {
        [Self::ComponentToken, Self::Refresh].into_iter().find(|source| source.as_str() == name)
    }
}

/// An incident that is back so soon was not over.
const PAUSE: Duration = Duration::from_secs(300);

/// What was seen.
#[derive(Clone, Debug)]
pub struct Sighting {
    pub cause: Reason,
    pub source: Source,
    /// When it began, if that was before now.
    pub since: Option<Timestamp>,
    /// Calls that came to nothing, to be added to those before.
    pub failed_calls: i64,
    pub errcode: Option<i64>,
    pub rid: Option<String>,
    /// What WeChat said, without secrets; the refused address for 61004.
    pub evidence: Option<String>,
    /// When to let one call through to see whether it is over.
    pub next_probe_at: Timestamp,
}

impl Sighting {
    /// Seen by the component token's lane, without words.
    pub const fn new(cause: Reason, next_probe_at: Timestamp) -> Self {
        Self {
            cause,
            source: Source::ComponentToken,
            since: None,
            failed_calls: 0,
            errcode: None,
            rid: None,
            evidence: None,
            next_probe_at,
        }
    }
}

/// An incident that has not ended.
#[derive(Clone, Debug)]
pub struct Open {
    pub id: IncidentId,
    pub component: ComponentAppid,
    pub cause: Reason,
    pub source: Source,
    pub next_probe_at: Timestamp,
}

/// Opens an incident, or adds to the one for this cause that is open or was so until five minutes ago. Returns whether
/// it is new. What the accounts saw stays theirs, whoever sees it next.
pub async fn see(
    tx: &mut Writer,
    random: &Random,
    component: &ComponentAppid,
    now: Timestamp,
    seen: &Sighting,
) -> Result<bool, StoreError> {
    reopen(tx, component, seen.cause, now).await?;
    let id = random.id(now);
    let (kept,): (String,) = on!(tx, |c| {
        sqlx::query_as(
            "INSERT INTO incident (id, component_appid, cause, opened_at, last_seen_at, errcode, rid, evidence, \
             next_probe_at, source, failed_calls) VALUES ($1, $2, $3, $9, $4, $5, $6, $7, $8, $10, $11) \
             ON CONFLICT (component_appid, cause) WHERE closed_at IS NULL DO UPDATE SET \
             last_seen_at = excluded.last_seen_at, errcode = excluded.errcode, rid = excluded.rid, \
             evidence = excluded.evidence, failed_calls = incident.failed_calls + excluded.failed_calls, \
             source = CASE WHEN incident.source = 'refresh' THEN 'refresh' ELSE excluded.source END, \
             next_probe_at = CASE WHEN incident.source = 'refresh' AND excluded.source <> 'refresh' \
             THEN incident.next_probe_at ELSE excluded.next_probe_at END RETURNING id",
        )
        .bind(&id)
        .bind(component.as_str())
        .bind(seen.cause.code())
        .bind(now.unix())
        .bind(seen.errcode)
        .bind(seen.rid.as_deref())
        .bind(seen.evidence.as_deref())
        .bind(seen.next_probe_at.unix())
        .bind(seen.since.unwrap_or(now).unix())
        .bind(seen.source.as_str())
        .bind(seen.failed_calls)
        .fetch_one(c)
        .await
    })?;
    Ok(kept == id)
}

async fn reopen(
    tx: &mut Writer,
    component: &ComponentAppid,
    cause: Reason,
    now: Timestamp,
) -> Result<(), StoreError> {
    on!(tx, |c| {
        sqlx::query(
            "UPDATE incident SET closed_at = NULL WHERE closed_at IS NOT NULL AND id = (SELECT id FROM incident \
             WHERE component_appid = $1 AND cause = $2 AND closed_at > $3 ORDER BY closed_at DESC, id DESC LIMIT 1) \
             AND NOT EXISTS (SELECT 1 FROM incident WHERE component_appid = $1 AND cause = $2 AND closed_at IS NULL)",
        )
        .bind(component.as_str())
        .bind(cause.code())
        .bind(now.minus(PAUSE).unix())
        .execute(c)
        .await
        .map(|_| ())
    })?;
    Ok(())
}

/// Which incidents of a cause are meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Learned {
    Anyhow,
    /// Through an errcode.
    ByRefusal,
    /// By our own watch.
    ByWatch,
    /// By the component token's lane and not by the accounts.
    ByLane,
}

impl Learned {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Anyhow => "anyhow",
            Self::ByRefusal => "refusal",
            Self::ByWatch => "watch",
            Self::ByLane => "lane",
        }
    }
}

/// Ends the open incidents of these causes. Returns how many there were.
pub async fn close(
    tx: &mut Writer,
    component: &ComponentAppid,
    (causes, learned): (&[Reason], Learned),
    now: Timestamp,
) -> Result<u64, StoreError> {
    let mut closed = 0;
    for cause in causes {
        closed += on!(tx, |c| {
            sqlx::query(
                "UPDATE incident SET closed_at = $3 WHERE component_appid = $1 AND cause = $2 AND closed_at IS NULL \
                 AND ($4 = 'anyhow' OR ($4 = 'lane' AND source = 'component_token') \
                 OR $4 = CASE WHEN errcode IS NULL THEN 'watch' ELSE 'refusal' END)",
            )
            .bind(component.as_str())
            .bind(cause.code())
            .bind(now.unix())
            .bind(learned.as_str())
            .execute(c)
            .await
            .map(|done| done.rows_affected())
        })?;
    }
    Ok(closed)
}

/// Ends one incident; `false` when it had ended already.
pub async fn end(tx: &mut Writer, id: &IncidentId, now: Timestamp) -> Result<bool, StoreError> {
    let changed = on!(tx, |c| {
        sqlx::query("UPDATE incident SET closed_at = $2 WHERE id = $1 AND closed_at IS NULL")
            .bind(id.as_str())
            .bind(now.unix())
            .execute(c)
            .await
            .map(|done| done.rows_affected())
    })?;
    Ok(changed == 1)
}

/// Ends incidents that nothing has confirmed since `before`: nobody is left who could show that they are over. Those
/// about tickets are the watch's affair. Returns how many.
pub async fn close_unconfirmed(
    tx: &mut Writer,
    before: Timestamp,
    now: Timestamp,
) -> Result<u64, StoreError> {
    Ok(on!(tx, |c| {
        sqlx::query(
            "UPDATE incident SET closed_at = $2 WHERE closed_at IS NULL AND last_seen_at < $1 \
             AND cause NOT IN ('ticket_missing', 'ticket_stale')",
        )
        .bind(before.unix())
        .bind(now.unix())
        .execute(c)
        .await
        .map(|done| done.rows_affected())
    })?)
}

/// Moves the next probe of an open incident, so that one process probes.
pub async fn plan_probe(
    tx: &mut Writer,
    id: &IncidentId,
    (seen, next): (Timestamp, Timestamp),
) -> Result<bool, StoreError> {
    let changed = on!(tx, |c| {
        sqlx::query("UPDATE incident SET next_probe_at = $3 WHERE id = $1 AND next_probe_at = $2")
            .bind(id.as_str())
            .bind(seen.unix())
            .bind(next.unix())
            .execute(c)
            .await
            .map(|done| done.rows_affected())
    })?;
    Ok(changed == 1)
}

/// Every open incident of one component.
pub async fn list_open(tx: &mut Reader, component: &ComponentAppid) -> Result<Vec<Open>, StoreError> {
    let rows: Vec<(String, String, String, i64)> = on!(tx, |c| {
        sqlx::query_as(
            "SELECT id, cause, source, next_probe_at FROM incident WHERE component_appid = $1 AND closed_at IS NULL \
             ORDER BY opened_at",
        )
        .bind(component.as_str())
        .fetch_all(c)
        .await
    })?;
    rows.into_iter()
        .map(|(id, cause, source, probe)| {
            Ok(Open {
                component: component.clone(),
                cause: Reason::from_code(&cause)
                    .ok_or_else(|| StoreError::corrupt("incident", "cause", id.clone()))?,
                source: Source::from_name(&source)
                    .ok_or_else(|| StoreError::corrupt("incident", "source", id.clone()))?,
                next_probe_at: Timestamp::from_unix(probe),
                id: IncidentId::parse(&id).map_err(|_| StoreError::corrupt("incident", "id", id))?,
            })
        })
        .collect()
}
