//! The recovery ladder: a refused or missing refresh token is looked for in every place that may hold a newer one,
//! before a person is asked. Re-read the row → newest token in the journal → previous value → api_get_authorizer_info →
//! api_get_authorizer_list. Each step is on the account's timeline.

use std::collections::HashSet;
use std::pin::pin;
use std::time::Duration;

use futures_util::future::{Either, select};
use serde_json::json;

use crate::clock::{Clock, Stopwatch, Timestamp};
use crate::domain::event::Event;
use crate::domain::health::Health;
use crate::domain::ids::AttemptId;
use crate::domain::reason::Reason;
use crate::domain::refresh_plan::{self, LEASE};
use crate::secret::{AuthorizerRefreshToken, Secret};
use crate::store::authorizer_state::{self, Setback};
use crate::store::authorizer_token::Held;
use crate::store::history::{self, Line};
use crate::store::{StoreError, attempt};
use crate::wechat::WechatError;

use super::call_component::CallError;
use super::foreign_refresher::Evidence;
use super::recovery_step::{Found, Step, look};
use super::refresh_one::{self, Next, Tried};
use super::{Context, count_refreshes, foreign_refresher, listing};

/// How often the claim is renewed while WeChat is asked: a long list takes longer than a lease. So whoever is killed here
/// holds the account no longer than anywhere else.
const RENEWAL: Duration = Duration::from_secs(5);

/// Climbs the ladder for a claimed account. `attempt` is its open journal entry, which ends with the climb.
///
/// # Errors
/// When the database does not answer: the attempt stays open and is settled after its lease.
pub async fn run(
    cx: &Context,
    held: &Held,
    attempt: &AttemptId,
    refused: Option<WechatError>,
) -> Result<Next, StoreError> {
    // What WeChat tells from now on counts, also what it tells somebody else while this one waits.
    let began = Clock::stopwatch();
    let mut healed_by = None;
    let next = if show(cx, held, attempt, refused.as_ref()).await? {
        climb_in_turn(cx, (held, attempt), began, &mut healed_by).await?
    } else {
        Next::GoOn
    };
    let missing = || {
        let missing = refresh_one::failed(&WechatError::Incomplete("authorizer_refresh_token"));
        attempt::End { outcome: attempt::Outcome::Failed, ..missing }
    };
    let end = refused.as_ref().map_or_else(missing, refresh_one::failed);
    refresh_one::finish(cx, held, attempt, end).await?;
    // Not before: an attempt of our own that is still open would explain everything.
    if let Some(step) = healed_by {
        suspect_foreigner(cx, held, step).await?;
    }
    Ok(next)
}

/// Climbs as soon as there is room; the claim is kept meanwhile.
async fn climb_in_turn(
    cx: &Context,
    claim: (&Held, &AttemptId),
    began: Stopwatch,
    healed_by: &mut Option<Step>,
) -> Result<Next, StoreError> {
    let Some(_in_line) = cx.ladder.queue() else { return put_off(cx, claim.0).await };
    match keeping(cx, claim, cx.ladder.step_on()).await? {
        None => Ok(lost(claim.0)),
        Some(None) => put_off(cx, claim.0).await,
        Some(Some(_rung)) => climb(cx, claim, began, healed_by).await,
    }
}

async fn climb(
    cx: &Context,
    (held, attempt): (&Held, &AttemptId),
    began: Stopwatch,
    healed_by: &mut Option<Step>,
) -> Result<Next, StoreError> {
    let mut tried: HashSet<String> = held.refresh_token.iter().map(Secret::fingerprint).collect();
    // Once more to the list: its first answer may have been some seconds old, the last word is not.
    for step in Step::ALL.into_iter().chain([Step::List]) {
        let looked = keeping(cx, (held, attempt), look(cx, held, (step, began), &tried)).await?;
        let Some(found) = looked else { return Ok(lost(held)) };
        match found {
            Ok(Found::Token(token)) if tried.insert(token.fingerprint()) => {
                note(cx, held, step, "found").await?;
                if !keep(cx, held, attempt).await? {
                    return Ok(lost(held));
                }
                match try_found(cx, held, &token).await? {
                    Tried::Brought(stored) => {
                        count(if stored { "recovered" } else { "fenced" });
                        *healed_by = stored.then_some(step);
                        return Ok(Next::GoOn);
                    }
                    Tried::Refused(_) => note(cx, held, step, "refused").await?,
                    Tried::Failed(error) => return wait(cx, held, &error).await,
                }
            }
            Ok(Found::Token(_)) if step == Step::List => {
                note(cx, held, step, "known").await?;
                return give_up(cx, held, Health::NeedsReauthorization, Reason::RefreshTokenLost).await;
            }
            // A climb that is repeated tells only what is new.
            Ok(Found::Token(_) | Found::Nothing) if held.health == Health::Recovering => {}
            Ok(Found::Token(_) | Found::Nothing) => note(cx, held, step, "nothing").await?,
            Ok(Found::Verdict(health, reason)) => {
                note(cx, held, step, reason.code()).await?;
                return give_up(cx, held, health, reason).await;
            }
            Err(CallError::Store(error)) => return Err(error),
            Err(CallError::Wechat(error)) if step == Step::Info && !stops_climb(&error) => {
                note(cx, held, step, "refused").await?;
            }
            Err(error) => return wait(cx, held, &error).await,
        }
    }
    give_up(cx, held, Health::NeedsReauthorization, Reason::RefreshTokenLost).await
}

/// The refresh token that we had was refused, and WeChat had another one that we never wrote.
async fn suspect_foreigner(cx: &Context, held: &Held, step: Step) -> Result<(), StoreError> {
    if held.refresh_token.is_none() || !matches!(step, Step::Info | Step::List) {
        return Ok(());
    }
    let recent = listing::recent_entry(cx, &held.key.component, &held.key.authorizer);
    let granted = recent.and_then(|entry| entry.auth_time).map(Timestamp::from_unix);
    if granted.is_some_and(|at| at > held.authorized_at.plus(LEASE)) {
        // A new grant that nobody told us of.
        return Ok(());
    }
    let evidence = (Evidence::RefreshToken, held.token_obtained_at);
    foreign_refresher::suspect(cx, cx.clock.now(), (&held.tenant, &held.key), evidence).await?;
    Ok(())
}

/// Whether info must be asked again later. Its own quota leaves the list to ask.
fn stops_climb(error: &WechatError) -> bool {
    is_passing(error) && error.errcode() != Some(45009)
}

/// Does the work while the claim is renewed beside it; `None`, with the work left undone, when somebody else has the
/// account by now.
async fn keeping<T>(
    cx: &Context,
    (held, attempt): (&Held, &AttemptId),
    work: impl Future<Output = T>,
) -> Result<Option<T>, StoreError> {
    let renewal = async {
        loop {
            Clock::pause(RENEWAL).await;
            if !keep(cx, held, attempt).await? {
                return Ok(());
            }
        }
    };
    if !keep(cx, held, attempt).await? {
        return Ok(None);
    }
    match select(pin!(work), pin!(renewal)).await {
        Either::Left((done, _)) => Ok(Some(done)),
        Either::Right((ended, _)) => ended.map(|()| None),
    }
}

/// Holds on to the account for another lease; `false` when somebody else has it by now.
async fn keep(cx: &Context, held: &Held, attempt: &AttemptId) -> Result<bool, StoreError> {
    let mut tx = cx.store.write().await?;
    let until = cx.clock.now().plus(LEASE);
    let mine = authorizer_state::extend(&mut tx, held, until).await?;
    if mine {
        attempt::extend(&mut tx, attempt, until).await?;
    }
    tx.commit().await?;
    Ok(mine)
}

fn lost(held: &Held) -> Next {
    count_refreshes::conflict("authorizer");
    tracing::warn!(key = %held.key, "the claim was lost on the recovery ladder");
    Next::GoOn
}

/// Whether the same question may be answered later.
fn is_passing(error: &WechatError) -> bool {
    error.is_platform_level()
        || error.is_component_token_problem()
        || error.may_have_been_processed()
        || error.explained().is_none_or(|line| line.worth_retrying())
}

async fn show(
    cx: &Context,
    held: &Held,
    attempt: &AttemptId,
    refused: Option<&WechatError>,
) -> Result<bool, StoreError> {
    let mut tx = cx.store.write().await?;
    let now = cx.clock.now();
    attempt::extend(&mut tx, attempt, now.plus(LEASE)).await?;
    let span = (now, now.plus(LEASE));
    let mine = authorizer_state::set_recovering(&mut tx, held, span, Reason::RefreshTokenRefused).await?;
    if mine && held.health != Health::Recovering {
        let detail = json!({
            "to": Health::Recovering.as_str(), "reason": Reason::RefreshTokenRefused.code(),
            "errcode": refused.and_then(WechatError::errcode), "rid": refused.and_then(WechatError::rid),
        });
        let line = Line::new(Event::RefreshFailed, detail);
        history::append(&mut tx, &cx.random, (&held.tenant, &held.key), now, &line).await?;
    }
    tx.commit().await?;
    Ok(mine)
}

/// A token found on the ladder is tried like any other: in the journal first.
async fn try_found(
    cx: &Context,
    held: &Held,
    token: &AuthorizerRefreshToken,
) -> Result<Tried<bool>, StoreError> {
    let now = cx.clock.now();
    let mut tx = cx.store.write().await?;
    let attempt = attempt::open(&mut tx, &cx.random, held, (now, &cx.settings.holder)).await?;
    tx.commit().await?;
    // The claim was renewed a moment ago.
    let recovering = Held { health: Health::Recovering, claimed: Clock::stopwatch(), ..held.clone() };
    let tried = refresh_one::try_token(cx, &recovering, &attempt, token).await?;
    let failure = match &tried {
        Tried::Brought(_) => return Ok(tried),
        Tried::Refused(error)
        | Tried::Failed(CallError::Wechat(error) | CallError::Replaced(error) | CallError::Down(error)) => {
            refresh_one::failed(error)
        }
        Tried::Failed(_) => {
            let unreachable = refresh_one::failed(&WechatError::Connect);
            attempt::End { class: None, message: None, ..unreachable }
        }
    };
    refresh_one::finish(cx, held, &attempt, failure).await?;
    Ok(tried)
}

async fn note(cx: &Context, held: &Held, step: Step, outcome: &str) -> Result<(), StoreError> {
    metrics::counter!("hufu_recovery_steps_total", "step" => step.as_str(), "outcome" => outcome.to_owned())
        .increment(1);
    let line = Line::new(Event::RecoveryStep, json!({ "step": step.as_str(), "outcome": outcome }));
    let mut tx = cx.store.write().await?;
    history::append(&mut tx, &cx.random, (&held.tenant, &held.key), cx.clock.now(), &line).await?;
    tx.commit().await
}

/// Counts a climb by its end.
fn count(outcome: &'static str) {
    metrics::counter!("hufu_recoveries_total", "outcome" => outcome).increment(1);
}

/// The ladder cannot be climbed now; it begins anew at the next try.
async fn wait(cx: &Context, held: &Held, error: &CallError) -> Result<Next, StoreError> {
    let failures = held.failures + 1;
    let next = refresh_plan::retry(cx.clock.now(), failures, None, cx.random.jitter());
    set_aside(cx, held, (failures, next)).await?;
    tracing::warn!(key = %held.key, %error, "recovery has to wait");
    Ok(Next::after(error))
}

/// Too many are on the ladder already. Nothing was looked for and nothing has failed: the account comes again as soon as
/// its floor allows.
async fn put_off(cx: &Context, held: &Held) -> Result<Next, StoreError> {
    set_aside(cx, held, (held.failures, cx.clock.now())).await?;
    tracing::warn!(key = %held.key, "recovery has to wait: there is no room on the ladder");
    Ok(Next::GoOn)
}

/// Gives the claim back, and the account stays on its way up.
async fn set_aside(cx: &Context, held: &Held, (failures, next): (i64, Timestamp)) -> Result<(), StoreError> {
    let setback = Setback {
        health: Health::Recovering,
        reason: Reason::RefreshTokenRefused,
        errcode: None,
        rid: None,
        next_refresh_at: Some(next),
        failures,
    };
    let mut tx = cx.store.write().await?;
    authorizer_state::record_setback(&mut tx, held, cx.clock.now(), &setback).await?;
    tx.commit().await?;
    count("waits");
    Ok(())
}

async fn give_up(cx: &Context, held: &Held, health: Health, reason: Reason) -> Result<Next, StoreError> {
    let now = cx.clock.now();
    let setback = Setback {
        health,
        reason,
        errcode: None,
        rid: None,
        next_refresh_at: None,
        failures: held.failures + 1,
    };
    let mut tx = cx.store.write().await?;
    if authorizer_state::record_setback(&mut tx, held, now, &setback).await? {
        let detail = json!({ "to": health.as_str(), "reason": reason.code() });
        let line = Line::new(Event::HealthChanged, detail);
        history::append(&mut tx, &cx.random, (&held.tenant, &held.key), now, &line).await?;
    }
    tx.commit().await?;
    count(health.as_str());
    tracing::error!(key = %held.key, health = health.as_str(), "the account has to be authorised again");
    Ok(Next::GoOn)
}
