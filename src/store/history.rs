//! What happened to an account: only ever added to (triggers refuse the rest).

use crate::clock::Timestamp;
use crate::domain::event::Event;
use crate::domain::ids::{AuthorizerKey, TenantId};
use crate::random::Random;

use super::values::{pieces, places};
use super::{StoreError, Writer};

/// One line of an account's history.
#[derive(Clone, Debug)]
pub struct Line {
    pub event: Event,
    /// Texts and numbers for the reader, without secrets.
    pub detail: serde_json::Value,
}

impl Line {
    pub fn new(event: Event, detail: serde_json::Value) -> Self {
        Self { event, detail }
    }

    pub fn plain(event: Event) -> Self {
        Self { event, detail: serde_json::Value::Object(serde_json::Map::new()) }
    }
}

/// Adds a line to the history that this tenant sees.
pub async fn append(
    tx: &mut Writer,
    random: &Random,
    (tenant, key): (&TenantId, &AuthorizerKey),
    now: Timestamp,
    line: &Line,
) -> Result<(), StoreError> {
    append_all(tx, random, now, &[(tenant, key, line)]).await
}

/// Adds a line to each of these accounts' histories. An account is named at most once.
pub async fn append_all(
    tx: &mut Writer,
    random: &Random,
    now: Timestamp,
    lines: &[(&TenantId, &AuthorizerKey, &Line)],
) -> Result<(), StoreError> {
    // An account's lines are numbered also where it belonged to another tenant before.
    tx.lift_wall().await?;
    for piece in pieces(lines) {
        let sql = format!(
            "WITH line (id, component, account, tenant, at, event, detail) AS (VALUES {}) \
             INSERT INTO history (id, component_appid, authorizer_appid, tenant_id, at, event, detail, seq) \
             SELECT id, component, account, tenant, at, event, detail, (SELECT COALESCE(MAX(h.seq), 0) + 1 \
             FROM history h WHERE h.component_appid = component AND h.authorizer_appid = account) FROM line",
            places(1, piece.len(), 7)
        );
        on!(tx, |c| {
            let mut query = sqlx::query(sqlx::AssertSqlSafe(sql));
            for (tenant, key, line) in piece {
                query = query
                    .bind(random.id(now))
                    .bind(key.component.as_str())
                    .bind(key.authorizer.as_str())
                    .bind(tenant.as_str())
                    .bind(now.unix())
                    .bind(line.event.as_str())
                    .bind(line.detail.to_string());
            }
            query.execute(c).await.map(|_| ())
        })?;
    }
    tx.restore_wall().await
}
