//! Puts a grant where it belongs: into the tenant that asked for it, or into the waiting room when that is not clear.

use std::time::Duration;

use serde_json::json;

use crate::clock::Timestamp;
use crate::crash_point;
use crate::domain::authorization::GrantProblem;
use crate::domain::event::Event;
use crate::domain::health::Health;
use crate::domain::ids::{AuthorizerKey, TenantId};
use crate::domain::reason::Reason;
use crate::domain::refresh_plan;
use crate::domain::tenant_life::Counted;
use crate::store::authorization::{self, Opened};
use crate::store::authorizer_grant::{self, Granted};
use crate::store::authorizer_state::{self, Verdict};
use crate::store::authorizer_token::{self, Held, NewTokens};
use crate::store::grant_code::{self, Code, Status};
use crate::store::grant_ending::{self, Ending};
use crate::store::history::{self, Line};
use crate::store::{Reader, StoreError, Writer, authorization_ending, merchant_link};
use crate::wechat::api::api_query_auth::Grant;

use super::{Context, foreign_refresher, quota};

/// Where a grant goes.
enum Place {
    Into(TenantId),
    /// The owner's tokens are renewed, and the other tenant's wish waits.
    Contested {
        owner: TenantId,
        asked_by: TenantId,
    },
    Hold(GrantProblem, Option<TenantId>),
}

/// Applies a grant in one transaction: tokens, history, the attempt and the code.
///
/// # Errors
/// When the database does not take it; nothing has changed then.
pub async fn run(cx: &Context, now: Timestamp, code: &Code, grant: Grant) -> Result<(), StoreError> {
    let mut tx = cx.store.write().await?;
    let key = AuthorizerKey { component: code.component.clone(), authorizer: grant.authorizer.clone() };
    authorizer_state::lock(&mut tx, &key).await?;
    // A browser may have named its press, or another holder may have been here, while WeChat was asked.
    let Some(code) = &grant_code::lock(&mut tx, &cx.vault, &code.id).await? else { return Ok(()) };
    if matches!(code.status, Status::Settled | Status::Held) {
        return Ok(());
    }
    let origin = find_origin(cx, &mut tx, code).await?;
    let mut existing = authorizer_token::find(&mut tx, &cx.vault, &key).await?;
    let door = door(&mut tx, now, origin.as_ref(), existing.as_ref()).await?;
    if existing.is_none()
        && let Place::Into(tenant) = place((origin.as_ref(), door), None, &key)
        && !authorizer_grant::insert(&mut tx, &key, &tenant, now).await?
    {
        // Another grant of this account was stored in this very moment.
        existing = authorizer_token::find(&mut tx, &cx.vault, &key).await?;
    }
    match place((origin.as_ref(), door), existing.as_ref(), &key) {
        Place::Into(tenant) => {
            settle(cx, &mut tx, now, (code, origin.as_ref()), (&key, &tenant, existing.as_ref()), grant)
                .await?;
        }
        Place::Contested { owner, asked_by } => {
            store_tokens(cx, &mut tx, now, code, (&key, existing.as_ref()), grant).await?;
            keep_paused(&mut tx, now, &key, existing.as_ref()).await?;
            let line = Line::plain(Event::ClaimedByAnother);
            history::append(&mut tx, &cx.random, (&owner, &key), now, &line).await?;
            let problem = GrantProblem::BelongsToAnotherTenant;
            hold(&mut tx, now, (code, origin.as_ref()), &key, (problem, Some(asked_by))).await?;
        }
        Place::Hold(problem, asked_by) => {
            if existing.is_some() {
                // Not what was asked for, but WeChat has replaced the tokens that its owner has here.
                store_tokens(cx, &mut tx, now, code, (&key, existing.as_ref()), grant).await?;
                keep_paused(&mut tx, now, &key, existing.as_ref()).await?;
            }
            note_wrong_account(cx, &mut tx, now, origin.as_ref(), &key).await?;
            hold(&mut tx, now, (code, origin.as_ref()), &key, (problem, asked_by)).await?;
        }
    }
    crash_point::reached("exchange_before_commit");
    tx.commit().await?;
    crash_point::reached("exchange_after_commit");
    cx.wake.ring();
    Ok(())
}

/// Gives a held grant to a tenant: a platform admin decided so.
///
/// # Errors
/// When the database does not take it.
pub async fn put_into(
    cx: &Context,
    tx: &mut Writer,
    now: Timestamp,
    code: &Code,
    (key, tenant): (&AuthorizerKey, &TenantId),
    grant: Option<Grant>,
) -> Result<(), StoreError> {
    authorizer_grant::insert(tx, key, tenant, now).await?;
    let existing = authorizer_token::find(tx, &cx.vault, key).await?;
    if let Some(mut grant) = grant {
        // Its token has grown old while it waited.
        grant.expires_in = grant.expires_in.saturating_sub(now.since(code.received_at));
        store_tokens(cx, tx, now, code, (key, existing.as_ref()), grant).await?;
    } else {
        // WeChat's list knows the account; the ladder fetches its token.
        authorizer_state::hasten(tx, key, now).await?;
    }
    Ok(())
}

/// The attempt that a code comes from: named by the browser's state or by the push.
pub(super) async fn find_origin(
    cx: &Context,
    tx: &mut Reader,
    code: &Code,
) -> Result<Option<Opened>, StoreError> {
    if let Some(id) = &code.authorization {
        return authorization::find(tx, &cx.vault, id).await;
    }
    let Some(hash) = &code.pre_auth_code_hash else { return Ok(None) };
    authorization::find_by_pre_auth_code(tx, &cx.vault, &code.component, hash).await
}

/// Whether a new account may come in by the way it came.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Door {
    Open,
    /// By a merchant's link that takes no more.
    Closed,
    /// The tenant has as many accounts as it may have.
    Full,
}

/// An account the tenant has already is never shut out: its tokens were renewed at WeChat.
async fn door(
    tx: &mut Writer,
    now: Timestamp,
    origin: Option<&Opened>,
    existing: Option<&Held>,
) -> Result<Door, StoreError> {
    let Some(attempt) = origin.map(|opened| &opened.authorization) else { return Ok(Door::Open) };
    if let Some(link) = &attempt.link {
        // Held until the use is counted: of two that come at once, one sees the other's.
        merchant_link::lock(tx, link).await?;
        if existing.is_none() && !merchant_link::takes_more(tx, link).await? {
            return Ok(Door::Closed);
        }
    }
    // However many were begun at once, no more come in than there is room for.
    let room = existing.is_some() || quota::has_room(tx, &attempt.tenant, Counted::Authorizers, now).await?;
    Ok(if room { Door::Open } else { Door::Full })
}

fn place((origin, door): (Option<&Opened>, Door), existing: Option<&Held>, key: &AuthorizerKey) -> Place {
    let asked_by = origin.map(|opened| opened.authorization.tenant.clone());
    let expected = origin.and_then(|opened| opened.authorization.expected_appid.as_ref());
    if expected.is_some_and(|expected| *expected != key.authorizer) {
        return Place::Hold(GrantProblem::WrongAccount, asked_by);
    }
    match (existing.map(|held| held.tenant.clone()), asked_by) {
        (None, None) => Place::Hold(GrantProblem::UnknownOrigin, None),
        (None, asked_by) if door == Door::Closed => Place::Hold(GrantProblem::LinkClosed, asked_by),
        (None, asked_by) if door == Door::Full => Place::Hold(GrantProblem::OverQuota, asked_by),
        (None, Some(tenant)) | (Some(tenant), None) => Place::Into(tenant),
        (Some(owner), Some(asked_by)) if owner == asked_by => Place::Into(owner),
        (Some(owner), Some(asked_by)) => Place::Contested { owner, asked_by },
    }
}

async fn settle(
    cx: &Context,
    tx: &mut Writer,
    now: Timestamp,
    (code, origin): (&Code, Option<&Opened>),
    (key, tenant, existing): (&AuthorizerKey, &TenantId, Option<&Held>),
    grant: Grant,
) -> Result<(), StoreError> {
    let sets = grant.func_info.len();
    let usable = store_tokens(cx, tx, now, code, (key, existing), grant).await?;
    if origin.is_none() {
        keep_paused(tx, now, key, existing).await?;
    }
    let event = match (existing, origin) {
        (None, _) => Event::Authorized,
        (Some(_), Some(_)) => Event::Reauthorized,
        (Some(_), None) => Event::Updated,
    };
    let line = Line::new(event, json!({ "sets": sets }));
    history::append(tx, &cx.random, (tenant, key), now, &line).await?;
    let problem = (!usable).then_some(GrantProblem::NoApiRights);
    // Everyone locks in this order: account, code, attempt.
    let ending = Ending { problem, ..Ending::settled(Some(&key.authorizer)) };
    grant_ending::end(tx, code, now, &ending).await?;
    grant_ending::settle_unknown(tx, (&key.component, &key.authorizer), now).await?;
    if let Some(opened) = origin {
        authorization_ending::end(tx, &opened.authorization.id, now, (Some(&key.authorizer), problem))
            .await?;
    }
    tracing::info!(%key, %tenant, event = event.as_str(), "grant stored");
    Ok(())
}

/// Writes the tokens of a grant; `false` when it brought none and none are stored.
async fn store_tokens(
    cx: &Context,
    tx: &mut Writer,
    now: Timestamp,
    code: &Code,
    (key, existing): (&AuthorizerKey, Option<&Held>),
    grant: Grant,
) -> Result<bool, StoreError> {
    let known = existing.and_then(|held| held.refresh_token.as_ref());
    let usable = grant.access_token.is_some() || grant.refresh_token.is_some() || known.is_some();
    let life = if grant.access_token.is_some() { grant.expires_in } else { Duration::ZERO };
    let next_refresh_at =
        if life.is_zero() { now } else { refresh_plan::planned(now, life, cx.random.jitter()) };
    let tokens = NewTokens {
        access_token: grant.access_token,
        refresh_token: grant.refresh_token.filter(|token| known != Some(token)),
        obtained_at: now,
        expires_at: now.plus(life),
        next_refresh_at,
    };
    let granted = Granted { tokens: &tokens, func_info: &grant.func_info, grant_time: code.create_time, now };
    authorizer_grant::record_grant(tx, &cx.vault, key, &granted).await?;
    foreign_refresher::acquit(tx, now, key).await?;
    if !usable {
        let verdict = Verdict {
            health: Health::NeedsReauthorization,
            reason: Reason::NoApiRights,
            next_refresh_at: None,
            token_ends: true,
        };
        authorizer_state::judge(tx, key, now, &verdict).await?;
    }
    Ok(usable)
}

/// Only a member of its tenant ends a pause: by resuming the account, or by authorising it anew.
async fn keep_paused(
    tx: &mut Writer,
    now: Timestamp,
    key: &AuthorizerKey,
    existing: Option<&Held>,
) -> Result<(), StoreError> {
    let paused = |held: &&Held| held.health == Health::Paused && held.reason == Reason::PausedByPerson;
    let Some(held) = existing.filter(paused) else { return Ok(()) };
    let verdict =
        Verdict { health: held.health, reason: held.reason, next_refresh_at: None, token_ends: false };
    authorizer_state::judge(tx, key, now, &verdict).await
}

async fn hold(
    tx: &mut Writer,
    now: Timestamp,
    (code, origin): (&Code, Option<&Opened>),
    key: &AuthorizerKey,
    (problem, asked_by): (GrantProblem, Option<TenantId>),
) -> Result<(), StoreError> {
    let ending = Ending {
        status: Status::Held,
        problem: Some(problem),
        held_for: asked_by.as_ref(),
        ..Ending::settled(Some(&key.authorizer))
    };
    grant_ending::end(tx, code, now, &ending).await?;
    if let Some(opened) = origin {
        authorization_ending::end(tx, &opened.authorization.id, now, (Some(&key.authorizer), Some(problem)))
            .await?;
    }
    tracing::warn!(%key, problem = problem.as_str(), "grant held");
    Ok(())
}

/// The account that was to be re-authorised shows in its history that another one was chosen.
async fn note_wrong_account(
    cx: &Context,
    tx: &mut Writer,
    now: Timestamp,
    origin: Option<&Opened>,
    key: &AuthorizerKey,
) -> Result<(), StoreError> {
    let Some(attempt) = origin.map(|opened| &opened.authorization) else { return Ok(()) };
    let Some(expected) = &attempt.expected_appid else { return Ok(()) };
    let account = AuthorizerKey { component: key.component.clone(), authorizer: expected.clone() };
    let line = Line::new(Event::WrongAccount, json!({ "chosen": key.authorizer.as_str() }));
    history::append(tx, &cx.random, (&attempt.tenant, &account), now, &line).await
}
