//! What a member does to one account: refresh now, pause, resume.

use serde_json::json;

use crate::clock::Timestamp;
use crate::domain::event::Event;
use crate::domain::health::Health;
use crate::domain::ids::{AuthorizerAppid, TenantId, UserId};
use crate::domain::reason::Reason;
use crate::store::authorizer_token::{self, Verdict};
use crate::store::history::{self, Line};
use crate::store::{Writer, authorizer};

use super::{Context, ServiceError};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    /// Makes the refresh due at once; it takes the same path as a planned one.
    RefreshNow,
    Pause,
    Resume,
}

/// # Errors
/// `NotFound` when the account is not this tenant's, `Conflict` when its state does not allow it, `Store`.
pub async fn run(
    cx: &Context,
    now: Timestamp,
    tenant: &TenantId,
    by: &UserId,
    appid: &AuthorizerAppid,
    action: Action,
) -> Result<(), ServiceError> {
    let mut tx = cx.store.write_for(tenant).await?;
    let account = authorizer::find(&mut tx, tenant, appid).await?.ok_or(ServiceError::NotFound)?;
    let paused = account.health == Health::Paused;
    let event = match action {
        Action::RefreshNow if paused => return Err(ServiceError::Conflict("the account is paused")),
        Action::RefreshNow => {
            authorizer_token::hasten(&mut tx, &account.key, now).await?;
            Event::RefreshRequested
        }
        Action::Pause if paused => return Ok(()),
        Action::Pause => {
            judge(&mut tx, &account.key, now, (Health::Paused, Reason::PausedByPerson)).await?;
            Event::Paused
        }
        Action::Resume if !paused => return Ok(()),
        Action::Resume => {
            let valid = account.token_expires_at.is_some_and(|end| end > now);
            let health = if valid { Health::Healthy } else { Health::ExpiredRetrying };
            let reason = if valid { Reason::Ok } else { Reason::RefreshOverdue };
            judge(&mut tx, &account.key, now, (health, reason)).await?;
            Event::Resumed
        }
    };
    let line = Line::new(event, json!({ "by": by.as_str() }));
    history::append(&mut tx, &cx.random, (tenant, &account.key), now, &line).await?;
    tx.commit().await?;
    cx.wake.ring();
    Ok(())
}

async fn judge(
    tx: &mut Writer,
    key: &crate::domain::ids::AuthorizerKey,
    now: Timestamp,
    (health, reason): (Health, Reason),
) -> Result<(), ServiceError> {
    let next_refresh_at = (health != Health::Paused).then_some(now);
    let verdict = Verdict { health, reason, next_refresh_at, token_ends: false };
    Ok(authorizer_token::judge(tx, key, now, &verdict).await?)
}
