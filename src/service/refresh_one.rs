//! One refresh under a claim: WeChat is called, its answer sealed into the journal first, then the tokens recorded; a
//! refused refresh token goes to the recovery ladder.

use serde_json::json;

use crate::clock::Timestamp;
use crate::domain::event::Event;
use crate::domain::health::Health;
use crate::domain::ids::AttemptId;
use crate::domain::reason::Reason;
use crate::domain::refresh_plan;
use crate::secret::AuthorizerRefreshToken;
use crate::store::attempt::{self, End, Outcome};
use crate::store::authorizer_token::{self, Held, NewTokens, Setback};
use crate::store::history::{self, Line};
use crate::store::{StoreError, Writer};
use crate::wechat::api::api_authorizer_token::{self, Refreshed};
use crate::wechat::{Answer, WechatError};

use super::call_component::{self, CallError};
use super::{Context, recover_authorizer};

/// How a try with one refresh token ended.
#[derive(Debug)]
pub(super) enum Tried {
    /// Tokens are stored (or fenced off, because a newer holder has the account).
    Done,
    /// WeChat does not take this refresh token.
    Refused(WechatError),
    /// Nothing was learned about the refresh token.
    Failed(CallError),
}

/// Whether it is worth going on with other accounts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Next {
    GoOn,
    /// The platform itself is at fault: the next account would fare no better.
    Stop,
}

impl Next {
    pub(super) fn after(error: &CallError) -> Self {
        if error.is_platform_level() { Self::Stop } else { Self::GoOn }
    }
}

/// Refreshes a claimed account whose attempt is in the journal.
///
/// # Errors
/// When the database does not answer: the attempt stays open and is settled after its lease.
pub async fn run(cx: &Context, held: Held, attempt: AttemptId) -> Result<Next, StoreError> {
    let Some(token) = held.refresh_token.clone() else {
        return recover_authorizer::run(cx, &held, Some(attempt), None).await;
    };
    match try_token(cx, &held, &attempt, &token).await? {
        Tried::Done => Ok(Next::GoOn),
        Tried::Refused(error) => {
            finish(cx, &attempt, failed(&error)).await?;
            recover_authorizer::run(cx, &held, None, Some(error)).await
        }
        Tried::Failed(error) => set_back(cx, &held, &attempt, &error).await,
    }
}

/// Calls WeChat with one refresh token and records what it gives.
///
/// # Errors
/// When the database does not answer.
pub(super) async fn try_token(
    cx: &Context,
    held: &Held,
    attempt: &AttemptId,
    token: &AuthorizerRefreshToken,
) -> Result<Tried, StoreError> {
    let now = cx.clock.now();
    let called = call_component::run(cx, now, &held.key.component, |component_token| {
        let (cx, key, token) = (cx.clone(), held.key.clone(), token.clone());
        async move {
            let bearer = &component_token.token;
            api_authorizer_token::call(&cx.wechat, &key.component, bearer, &key.authorizer, &token).await
        }
    })
    .await;
    match called {
        Ok(answer) => {
            record(cx, held, attempt, (now, token), answer).await?;
            Ok(Tried::Done)
        }
        Err(CallError::Store(error)) => Err(error),
        Err(CallError::Wechat(error)) if refuses_token(&error) => Ok(Tried::Refused(error)),
        Err(error) => Ok(Tried::Failed(error)),
    }
}

/// The token, or the whole grant, is not accepted: a question for the ladder.
fn refuses_token(error: &WechatError) -> bool {
    error.is_refresh_token_problem() || error.errcode() == Some(61003)
}

async fn record(
    cx: &Context,
    held: &Held,
    attempt: &AttemptId,
    (called_at, used): (Timestamp, &AuthorizerRefreshToken),
    answer: Answer<Refreshed>,
) -> Result<(), StoreError> {
    let mut tx = cx.store.write().await?;
    attempt::answer(&mut tx, &cx.vault, attempt, (cx.clock.now(), &answer.raw)).await?;
    tx.commit().await?;
    apply(cx, held, attempt, (called_at, used), answer.value).await
}

/// Puts an answer's tokens where they belong, under the claim they were fetched with.
///
/// # Errors
/// When the database does not take it; nothing has changed then.
pub(super) async fn apply(
    cx: &Context,
    held: &Held,
    attempt: &AttemptId,
    (called_at, used): (Timestamp, &AuthorizerRefreshToken),
    refreshed: Refreshed,
) -> Result<(), StoreError> {
    let now = cx.clock.now();
    let expires_at = called_at.plus(refreshed.expires_in);
    let newest = refreshed.refresh_token.unwrap_or_else(|| used.clone());
    let rotated = held.refresh_token.as_ref() != Some(&newest);
    let new = NewTokens {
        access_token: Some(refreshed.access_token),
        refresh_token: rotated.then_some(newest),
        obtained_at: called_at,
        expires_at,
        next_refresh_at: refresh_plan::planned(called_at, refreshed.expires_in, cx.random.jitter()),
    };
    let mut tx = cx.store.write().await?;
    let stored = authorizer_token::record_refresh(&mut tx, &cx.vault, held, &new).await?;
    if stored {
        note_success(cx, &mut tx, now, held, rotated).await?;
    } else {
        note_fenced(cx, &mut tx, now, held).await?;
    }
    let end = End {
        outcome: if stored { Outcome::Succeeded } else { Outcome::Fenced },
        token_expires_at: Some(expires_at),
        wipe: stored,
        ..no_end()
    };
    attempt::finish(&mut tx, attempt, now, &end).await?;
    tx.commit().await?;
    metrics::counter!("hufu_refreshes_total", "outcome" => end.outcome.as_str(), "class" => "none")
        .increment(1);
    Ok(())
}

async fn note_success(
    cx: &Context,
    tx: &mut Writer,
    now: Timestamp,
    held: &Held,
    rotated: bool,
) -> Result<(), StoreError> {
    let owner = (&held.tenant, &held.key);
    if rotated && held.refresh_token.is_some() {
        history::append(tx, &cx.random, owner, now, &Line::plain(Event::RefreshTokenRotated)).await?;
    }
    if held.health != Health::Healthy {
        let event = match held.health {
            Health::Recovering => Event::Recovered,
            _ => Event::HealthChanged,
        };
        let detail = json!({ "from": held.health.as_str(), "to": Health::Healthy.as_str(), "reason": Reason::Ok.code() });
        history::append(tx, &cx.random, owner, now, &Line::new(event, detail)).await?;
    }
    Ok(())
}

/// A newer holder has the account. What came is kept in the journal, and a fresh refresh settles which token counts.
async fn note_fenced(cx: &Context, tx: &mut Writer, now: Timestamp, held: &Held) -> Result<(), StoreError> {
    metrics::counter!("hufu_fenced_writes_total").increment(1);
    tracing::warn!(key = %held.key, "a refresh came back after its claim was lost");
    let line = Line::plain(Event::AttemptFenced);
    history::append(tx, &cx.random, (&held.tenant, &held.key), now, &line).await?;
    // Who was cancelled or paused meanwhile stays so.
    let row = authorizer_token::find(tx, &cx.vault, &held.key).await?;
    if row.is_some_and(|row| row.health.is_refreshed()) {
        authorizer_token::hasten(tx, &held.key, now).await?;
    }
    Ok(())
}

/// Records a failure that says nothing about the refresh token.
///
/// # Errors
/// When the database does not take it.
pub(super) async fn set_back(
    cx: &Context,
    held: &Held,
    attempt: &AttemptId,
    error: &CallError,
) -> Result<Next, StoreError> {
    let now = cx.clock.now();
    let setback = setback(cx, now, held, error);
    let mut tx = cx.store.write().await?;
    let recorded = authorizer_token::record_setback(&mut tx, held, now, &setback).await?;
    if recorded && (held.health != setback.health || held.reason != setback.reason) {
        let detail = json!({
            "to": setback.health.as_str(), "reason": setback.reason.code(),
            "errcode": setback.errcode, "rid": setback.rid,
        });
        let line = Line::new(Event::RefreshFailed, detail);
        history::append(&mut tx, &cx.random, (&held.tenant, &held.key), now, &line).await?;
    }
    attempt::finish(&mut tx, attempt, now, &end_of(error)).await?;
    tx.commit().await?;
    tracing::warn!(key = %held.key, %error, health = setback.health.as_str(), "refresh failed");
    Ok(Next::after(error))
}

fn setback(cx: &Context, now: Timestamp, held: &Held, error: &CallError) -> Setback {
    let (errcode, rid) = match error {
        CallError::Wechat(error) => (error.errcode(), error.rid().map(str::to_owned)),
        CallError::NotReady(_) | CallError::Store(_) => (None, None),
    };
    if error.is_platform_level() {
        // Not called, it stays due and is taken up as soon as the platform is well again. Refused, it lets others go
        // ahead for a minute: one of them may show that the platform is well.
        let next = match error {
            CallError::Wechat(_) => now.plus(refresh_plan::AFTER_PLATFORM),
            CallError::NotReady(_) | CallError::Store(_) => held.next_refresh_at.unwrap_or(now),
        };
        return Setback {
            health: Health::BlockedUpstream,
            reason: error.reason(),
            errcode,
            rid,
            next_refresh_at: Some(next),
            failures: held.failures,
        };
    }
    if error.reason() == Reason::AccountFrozen {
        let (health, reason) = (Health::Paused, Reason::AccountFrozen);
        return Setback { health, reason, errcode, rid, next_refresh_at: None, failures: held.failures + 1 };
    }
    let failures = held.failures + 1;
    let health = if held.token_is_valid(now) { Health::Retrying } else { Health::ExpiredRetrying };
    let next = refresh_plan::retry(now, failures, held.token_expires_at, cx.random.jitter());
    Setback { health, reason: error.reason(), errcode, rid, next_refresh_at: Some(next), failures }
}

/// Ends an attempt in the journal.
///
/// # Errors
/// When the database does not take it.
pub(super) async fn finish(cx: &Context, attempt: &AttemptId, end: End) -> Result<(), StoreError> {
    let class = end.class.unwrap_or("none");
    metrics::counter!("hufu_refreshes_total", "outcome" => end.outcome.as_str(), "class" => class)
        .increment(1);
    let mut tx = cx.store.write().await?;
    attempt::finish(&mut tx, attempt, cx.clock.now(), &end).await?;
    tx.commit().await
}

pub(super) fn failed(error: &WechatError) -> End {
    End {
        outcome: if error.may_have_been_processed() { Outcome::InDoubt } else { Outcome::Failed },
        class: Some(error.class().as_str()),
        errcode: error.errcode(),
        rid: error.rid().map(str::to_owned),
        message: Some(error.to_string()),
        ..no_end()
    }
}

fn end_of(error: &CallError) -> End {
    match error {
        CallError::Wechat(error) => failed(error),
        CallError::NotReady(reason) => End { message: Some(reason.code().to_owned()), ..no_end() },
        CallError::Store(error) => End { message: Some(error.to_string()), ..no_end() },
    }
}

const fn no_end() -> End {
    End {
        outcome: Outcome::Failed,
        class: None,
        errcode: None,
        rid: None,
        message: None,
        token_expires_at: None,
        wipe: false,
    }
}
