//! One refresh under a claim: WeChat is called, its answer sealed into the journal first, then the tokens recorded; a
//! refused refresh token goes to the recovery ladder.

use serde_json::json;
use tokio::sync::OwnedSemaphorePermit;

use crate::clock::{Clock, Timestamp};
use crate::crash_point;
use crate::domain::event::Event;
use crate::domain::health::Health;
use crate::domain::ids::AttemptId;
use crate::domain::reason::Reason;
use crate::domain::refresh_plan;
use crate::secret::AuthorizerRefreshToken;
use crate::store::StoreError;
use crate::store::attempt::{self, End, Outcome};
use crate::store::authorizer_state::{self, Setback};
use crate::store::authorizer_token::Held;
use crate::store::component_token::HeldToken;
use crate::store::history::{self, Line};
use crate::wechat::WechatError;
use crate::wechat::api::api_authorizer_token;

use super::call_component::{self, CallError};
use super::record_refreshes::Answered;
use super::{Context, count_refreshes, outage, record_refreshes, recover_authorizer};

/// What came of a call with one refresh token.
#[derive(Debug)]
pub(super) enum Tried<T> {
    /// New tokens, or what was made of them.
    Brought(T),
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

/// Refreshes a claimed account whose attempt is in the journal. `known` is the component's token, read just now. `slot`
/// is given back as soon as WeChat has answered and there is room for the answer: the next call need not wait for the disk,
/// nor for the recovery ladder.
///
/// # Errors
/// When the database does not answer: the attempt stays open and is settled after its lease.
pub async fn run(
    cx: &Context,
    (held, attempt): (Held, AttemptId),
    (slot, known): (OwnedSemaphorePermit, Option<HeldToken>),
) -> Result<Next, StoreError> {
    let Some(token) = held.refresh_token.clone() else {
        drop(slot);
        return Box::pin(recover_authorizer::run(cx, &held, &attempt, None)).await;
    };
    match ask(cx, &held, &attempt, (&token, known)).await? {
        Tried::Brought(answered) => {
            let _room = cx.recorder.room().await;
            drop(slot);
            record_refreshes::run(cx, *answered).await.map(|_| Next::GoOn)
        }
        // The attempt stays open until the ladder ends, so that it is settled when its holder vanishes up there. A climb
        // waits for others and for slow lists: those who are well need the slot meanwhile.
        Tried::Refused(error) => {
            drop(slot);
            Box::pin(recover_authorizer::run(cx, &held, &attempt, Some(error))).await
        }
        Tried::Failed(error) => set_back(cx, &held, &attempt, &error).await,
    }
}

/// Calls WeChat with one refresh token and records what it gives; brings `false` when a newer holder has the account and
/// it is only in the journal.
///
/// # Errors
/// When the database does not answer.
pub(super) async fn try_token(
    cx: &Context,
    held: &Held,
    attempt: &AttemptId,
    token: &AuthorizerRefreshToken,
) -> Result<Tried<bool>, StoreError> {
    Ok(match ask(cx, held, attempt, (token, None)).await? {
        Tried::Brought(answered) => Tried::Brought(record_refreshes::run(cx, *answered).await?),
        Tried::Refused(error) => Tried::Refused(error),
        Tried::Failed(error) => Tried::Failed(error),
    })
}

async fn ask(
    cx: &Context,
    held: &Held,
    attempt: &AttemptId,
    (token, known): (&AuthorizerRefreshToken, Option<HeldToken>),
) -> Result<Tried<Box<Answered>>, StoreError> {
    let (now, watch) = (cx.clock.now(), Clock::stopwatch());
    let called = call_component::once(cx, held.claimed, (&held.key.component, known), |component_token| {
        let (cx, key, token) = (cx.clone(), held.key.clone(), token.clone());
        async move {
            let bearer = &component_token.token;
            crash_point::reached("before_call");
            api_authorizer_token::call(&cx.wechat, &key.component, bearer, &key.authorizer, &token).await
        }
    })
    .await;
    match outage::weigh(cx, held, called).await {
        Ok(answer) => {
            crash_point::reached("after_answer");
            Ok(Tried::Brought(Box::new(Answered {
                held: held.clone(),
                attempt: attempt.clone(),
                called_at: now,
                watch: Some(watch),
                used: token.clone(),
                refreshed: answer.value,
                raw: Some(answer.raw),
            })))
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
    if let CallError::NotReady(_) | CallError::Stale = error {
        authorizer_state::lift_floor(&mut tx, held).await?;
    }
    let recorded = authorizer_state::record_setback(&mut tx, held, now, &setback).await?;
    if !recorded {
        count_refreshes::conflict("authorizer");
    }
    if recorded && (held.health != setback.health || held.reason != setback.reason) {
        let detail = json!({
            "to": setback.health.as_str(), "reason": setback.reason.code(),
            "errcode": setback.errcode, "rid": setback.rid,
        });
        let line = Line::new(Event::RefreshFailed, detail);
        history::append(&mut tx, &cx.random, (&held.tenant, &held.key), now, &line).await?;
    }
    let end = end_of(error);
    attempt::finish(&mut tx, attempt, now, &end).await?;
    count_refreshes::add(&mut tx, now, (held, attempt), &end).await?;
    tx.commit().await?;
    count_refreshes::ended(&end);
    tracing::warn!(key = %held.key, %error, health = setback.health.as_str(), "refresh failed");
    Ok(Next::after(error))
}

fn setback(cx: &Context, now: Timestamp, held: &Held, error: &CallError) -> Setback {
    let (errcode, rid) = match error {
        CallError::Wechat(error) | CallError::Down(error) => {
            (error.errcode(), error.rid().map(str::to_owned))
        }
        CallError::NotReady(_) | CallError::Replaced(_) | CallError::Stale | CallError::Store(_) => {
            (None, None)
        }
    };
    if let CallError::Replaced(_) | CallError::Stale = error {
        // Neither the account's fault nor anybody's move: it stays as it is and is taken up as soon as its floor allows.
        let (health, reason, next_refresh_at) = (held.health, held.reason, Some(now));
        return Setback { health, reason, errcode, rid, next_refresh_at, failures: held.failures };
    }
    if error.is_platform_level() {
        // Not called, it stays due and is taken up as soon as the platform is well again. Refused, it lets others go
        // ahead for a minute: one of them may show that the platform is well.
        let next = match error {
            CallError::Wechat(_) | CallError::Down(_) => now.plus(refresh_plan::AFTER_PLATFORM),
            CallError::NotReady(_) | CallError::Replaced(_) | CallError::Stale | CallError::Store(_) => {
                held.next_refresh_at.unwrap_or(now)
            }
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
pub(super) async fn finish(
    cx: &Context,
    held: &Held,
    attempt: &AttemptId,
    end: End,
) -> Result<(), StoreError> {
    let now = cx.clock.now();
    let mut tx = cx.store.write().await?;
    attempt::finish(&mut tx, attempt, now, &end).await?;
    count_refreshes::add(&mut tx, now, (held, attempt), &end).await?;
    tx.commit().await?;
    count_refreshes::ended(&end);
    Ok(())
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
        CallError::Wechat(error) | CallError::Replaced(error) | CallError::Down(error) => failed(error),
        CallError::NotReady(reason) => End { message: Some(reason.code().to_owned()), ..no_end() },
        CallError::Stale => End { message: Some(error.to_string()), ..no_end() },
        CallError::Store(error) => End { message: Some(error.to_string()), ..no_end() },
    }
}

pub(super) const fn no_end() -> End {
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
