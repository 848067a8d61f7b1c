//! What a member does to one account: refresh now, pause, resume.

use serde_json::json;

use crate::clock::Timestamp;
use crate::domain::audit::{self as told, Actor, Detail, Entry, Subject};
use crate::domain::event::Event;
use crate::domain::health::Health;
use crate::domain::ids::{AuthorizerAppid, TenantId};
use crate::domain::reason::Reason;
use crate::store::authorizer_state::{self, Verdict};
use crate::store::history::{self, Line};
use crate::store::{Writer, audit, authorizer};

use super::{Context, ServiceError};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    /// Makes the refresh due at once; it takes the same path as a planned one.
    RefreshNow,
    Pause,
    Resume,
}

impl Action {
    const fn audited(self) -> told::Action {
        match self {
            Self::RefreshNow => told::Action::RefreshRequested,
            Self::Pause => told::Action::AuthorizerPaused,
            Self::Resume => told::Action::AuthorizerResumed,
        }
    }
}

/// # Errors
/// `NotFound` when the account is not this tenant's, `Conflict` when its state does not allow it, `Store`.
pub async fn run(
    cx: &Context,
    now: Timestamp,
    by: &Actor,
    tenant: &TenantId,
    appid: &AuthorizerAppid,
    action: Action,
) -> Result<(), ServiceError> {
    let mut tx = cx.store.write_for(tenant).await?;
    let account = authorizer::find(&mut tx, tenant, appid).await?.ok_or(ServiceError::NotFound)?;
    let paused = account.health == Health::Paused;
    let event = match action {
        Action::RefreshNow if paused => return Err(ServiceError::Conflict("the account is paused")),
        Action::RefreshNow => {
            authorizer_state::hasten(&mut tx, &account.key, now).await?;
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
    let line = Line::new(event, json!({ "by": by.who.id() }));
    history::append(&mut tx, &cx.random, (tenant, &account.key), now, &line).await?;
    let detail = Detail::none().fact("state", account.health.as_str());
    let entry = Entry::of(tenant, action.audited(), Subject::authorizer(appid)).with(detail);
    audit::append(&mut tx, now, by, &entry).await?;
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
    Ok(authorizer_state::judge(tx, key, now, &verdict).await?)
}
