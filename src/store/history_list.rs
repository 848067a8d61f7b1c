//! What happened to one account, for the page that shows it.

use crate::clock::Timestamp;
use crate::domain::ids::{AuthorizerKey, TenantId};

use super::{Reader, StoreError};

/// One line of the history.
#[derive(Clone, Debug)]
pub struct Told {
    pub at: Timestamp,
    /// A name of domain/event.rs; one that this version does not know is shown as it is.
    pub event: String,
    pub detail: serde_json::Value,
}

/// One refresh from the journal.
#[derive(Clone, Debug)]
pub struct Attempted {
    pub started_at: Timestamp,
    pub ended_at: Option<Timestamp>,
    /// A name of store/attempt.rs; `None` while it is open.
    pub outcome: Option<String>,
    /// Until when the token it brought is valid.
    pub token_expires_at: Option<Timestamp>,
}

impl Attempted {
    pub fn succeeded(&self) -> bool {
        self.outcome.as_deref() == Some("succeeded")
    }
}

/// What this tenant may know of an account's past, newest first.
///
/// # Errors
/// `Database`, `Corrupt`.
pub async fn told(
    tx: &mut Reader,
    tenant: &TenantId,
    key: &AuthorizerKey,
    limit: i64,
) -> Result<Vec<Told>, StoreError> {
    let rows: Vec<(String, i64, String, String)> = on!(tx, |c| {
        sqlx::query_as(
            "SELECT id, at, event, detail FROM history WHERE component_appid = $1 AND authorizer_appid = $2 \
             AND tenant_id = $3 ORDER BY seq DESC, id DESC LIMIT $4",
        )
        .bind(key.component.as_str())
        .bind(key.authorizer.as_str())
        .bind(tenant.as_str())
        .bind(limit)
        .fetch_all(c)
        .await
    })?;
    rows.into_iter()
        .map(|(id, at, event, detail)| {
            let detail =
                serde_json::from_str(&detail).map_err(|_| StoreError::corrupt("history", "detail", id))?;
            Ok(Told { at: Timestamp::from_unix(at), event, detail })
        })
        .collect()
}

/// The refreshes of a tenant's account that began after `since`, oldest first, the newest 3,000 of them. None when the
/// account is not this tenant's.
///
/// # Errors
/// `Database`.
pub async fn attempted(
    tx: &mut Reader,
    tenant: &TenantId,
    key: &AuthorizerKey,
    since: Timestamp,
) -> Result<Vec<Attempted>, StoreError> {
    type Row = (i64, Option<i64>, Option<String>, Option<i64>);
    let rows: Vec<Row> = on!(tx, |c| {
        sqlx::query_as(
            "SELECT started_at, finished_at, outcome, token_expires_at FROM attempt \
             WHERE component_appid = $1 AND authorizer_appid = $2 AND started_at > $3 \
             AND EXISTS (SELECT 1 FROM authorizer WHERE authorizer.component_appid = $1 \
             AND authorizer.authorizer_appid = $2 AND authorizer.tenant_id = $4) \
             ORDER BY started_at DESC, id DESC LIMIT 3000",
        )
        .bind(key.component.as_str())
        .bind(key.authorizer.as_str())
        .bind(since.unix())
        .bind(tenant.as_str())
        .fetch_all(c)
        .await
    })?;
    let attempts = rows.into_iter().rev().map(|(started_at, ended_at, outcome, expires_at)| Attempted {
        started_at: Timestamp::from_unix(started_at),
        ended_at: ended_at.map(Timestamp::from_unix),
        outcome,
        token_expires_at: expires_at.map(Timestamp::from_unix),
    });
    Ok(attempts.collect())
}
