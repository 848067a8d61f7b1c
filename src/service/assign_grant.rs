//! A platform admin settles a grant that waits in the unclaimed list.

use crate::clock::Timestamp;
use crate::domain::audit::{Action, Actor, Detail, Entry, Subject};
use crate::domain::event::Event;
use crate::domain::ids::{AuthorizerKey, GrantId, TenantId};
use crate::domain::tenant_life::Counted;
use crate::secret::Secret;
use crate::store::grant_code::{self, Code, Status};
use crate::store::grant_ending::{self, Ending};
use crate::store::history::{self, Line};
use crate::store::{Writer, audit, authorization_ending, authorizer_move, authorizer_token, tenant};
use crate::wechat::api::api_query_auth;

use super::{Context, ServiceError, apply_grant, quota};

/// What to do with a held grant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Decision {
    /// The account becomes this tenant's, also when it was another's before.
    AssignTo(TenantId),
    /// The grant is not taken; what we have stays as it is.
    Dismiss,
}

/// # Errors
/// `NotFound` when no such grant is held or the tenant does not exist, `Full` when that has no room for it, `Store`.
pub async fn run(
    cx: &Context,
    now: Timestamp,
    by: &Actor,
    grant: &GrantId,
    decision: Decision,
) -> Result<(), ServiceError> {
    let mut tx = cx.store.write().await?;
    let code = grant_code::find(&mut tx, &cx.vault, grant)
        .await?
        .filter(|code| code.status == Status::Held)
        .ok_or(ServiceError::NotFound)?;
    let Some(appid) = code.authorizer.clone() else { return Err(ServiceError::NotFound) };
    let key = AuthorizerKey { component: code.component.clone(), authorizer: appid };
    if let Decision::AssignTo(to) = &decision {
        tenant::find(&mut tx, to).await?.ok_or(ServiceError::NotFound)?;
        assign(cx, &mut tx, now, &code, (&key, to)).await?;
    }
    grant_ending::end(&mut tx, &code, now, &Ending::settled(Some(&key.authorizer))).await?;
    if let Decision::AssignTo(to) = &decision
        && let Some(id) = &code.authorization
        && code.held_for.as_ref() == Some(to)
    {
        authorization_ending::end(&mut tx, id, now, (Some(&key.authorizer), None)).await?;
    }
    let detail = Detail::none().fact("authorizer", &key.authorizer);
    let (tenant, action) = match &decision {
        Decision::AssignTo(to) => (Some(to.clone()), Action::GrantAssigned),
        Decision::Dismiss => (None, Action::GrantDismissed),
    };
    audit::append(&mut tx, now, by, &Entry { tenant, action, subject: Subject::grant(grant), detail })
        .await?;
    tx.commit().await?;
    tracing::info!(%key, by = %by.who, ?decision, "a held grant was settled");
    cx.wake.ring();
    Ok(())
}

async fn assign(
    cx: &Context,
    tx: &mut Writer,
    now: Timestamp,
    code: &Code,
    (key, to): (&AuthorizerKey, &TenantId),
) -> Result<(), ServiceError> {
    let existing = authorizer_token::find(tx, &cx.vault, key).await?;
    match existing {
        // Its tokens were renewed when the grant came, or heal by themselves: only the owner changes.
        Some(held) => {
            if held.tenant != *to {
                check_room(tx, now, to).await?;
                let line = Line::plain(Event::MovedAway);
                history::append(tx, &cx.random, (&held.tenant, key), now, &line).await?;
                authorizer_move::move_to(tx, &cx.vault, key, to).await?;
            }
        }
        None => {
            check_room(tx, now, to).await?;
            let raw = code.answer.as_ref();
            let grant = raw.and_then(|raw| api_query_auth::parse(raw.expose()).ok());
            apply_grant::put_into(cx, tx, now, code, (key, to), grant).await?;
        }
    }
    history::append(tx, &cx.random, (to, key), now, &Line::plain(Event::Moved)).await?;
    Ok(())
}

async fn check_room(tx: &mut Writer, now: Timestamp, to: &TenantId) -> Result<(), ServiceError> {
    let room = quota::has_room(tx, to, Counted::Authorizers, now).await?;
    if room { Ok(()) } else { Err(ServiceError::Full(Counted::Authorizers)) }
}
