//! Writes a change of health into an account's history.

use serde_json::json;

use crate::clock::Timestamp;
use crate::domain::event::Event;
use crate::domain::health::Health;
use crate::domain::ids::{AuthorizerKey, TenantId};
use crate::domain::reason::Reason;
use crate::store::authorizer_sweep::Owned;
use crate::store::history::{self, Line};
use crate::store::{StoreError, Writer};

use super::Context;

/// # Errors
/// When the database does not take it.
pub async fn append(
    cx: &Context,
    tx: &mut Writer,
    now: Timestamp,
    (tenant, key): (&TenantId, &AuthorizerKey),
    (health, reason): (Health, Reason),
) -> Result<(), StoreError> {
    let detail = json!({ "to": health.as_str(), "reason": reason.code() });
    history::append(tx, &cx.random, (tenant, key), now, &Line::new(Event::HealthChanged, detail)).await
}

/// The same change for many accounts.
///
/// # Errors
/// When the database does not take it.
pub async fn append_all(
    cx: &Context,
    tx: &mut Writer,
    now: Timestamp,
    accounts: &[Owned],
    change: (Health, Reason),
) -> Result<(), StoreError> {
    for (key, tenant) in accounts {
        append(cx, tx, now, (tenant, key), change).await?;
    }
    Ok(())
}
