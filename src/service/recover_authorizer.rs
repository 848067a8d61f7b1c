//! The recovery ladder: a refused or missing refresh token is looked for in every place that may hold a newer one,
//! before a person is asked. Re-read the row → newest token in the journal → previous value → api_get_authorizer_info →
//! api_get_authorizer_list. Each step is on the account's timeline.

use std::collections::HashSet;
use std::time::Duration;

use serde_json::json;

use crate::clock::{Clock, Stopwatch};
use crate::domain::event::Event;
use crate::domain::health::Health;
use crate::domain::ids::AttemptId;
use crate::domain::reason::Reason;
use crate::domain::refresh_plan;
use crate::secret::{AuthorizerRefreshToken, Secret};
use crate::store::authorizer_token::{self, Held, Setback};
use crate::store::history::{self, Line};
use crate::store::{StoreError, attempt};
use crate::wechat::WechatError;
use crate::wechat::api::{api_authorizer_token, api_get_authorizer_info};

use super::call_component::{self, CallError};
use super::refresh_one::{self, Next, Tried};
use super::{Context, listing};

/// How long the ladder may hold the account: its calls, one of which may hang, and a long list. Short enough that an
/// account whose holder was killed is healthy again within a minute.
const LEASE: Duration = Duration::from_secs(45);

/// The places a newer refresh token may be, in order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Step {
    ReRead,
    Journal,
    Previous,
    Info,
    List,
}

impl Step {
    const ALL: [Self; 5] = [Self::ReRead, Self::Journal, Self::Previous, Self::Info, Self::List];

    const fn as_str(self) -> &'static str {
        match self {
            Self::ReRead => "re_read",
            Self::Journal => "journal",
            Self::Previous => "previous",
            Self::Info => "info",
            Self::List => "list",
        }
    }
}

/// What a step found.
enum Found {
    Token(AuthorizerRefreshToken),
    Nothing,
    /// WeChat's list has the last word.
    Verdict(Health, Reason),
}

/// Climbs the ladder for a claimed account. `attempt` is the open journal entry when no call has been made yet.
///
/// # Errors
/// When the database does not answer.
pub async fn run(
    cx: &Context,
    held: &Held,
    attempt: Option<AttemptId>,
    refused: Option<WechatError>,
) -> Result<Next, StoreError> {
    if !show(cx, held, refused.as_ref()).await? {
        return Ok(Next::GoOn);
    }
    if let Some(attempt) = attempt {
        let missing = WechatError::Incomplete("authorizer_refresh_token");
        let end = attempt::End { outcome: attempt::Outcome::Failed, ..refresh_one::failed(&missing) };
        refresh_one::finish(cx, &attempt, end).await?;
    }
    let began = Clock::stopwatch();
    let mut tried: HashSet<String> = held.refresh_token.iter().map(Secret::fingerprint).collect();
    // Once more to the list: its first answer may have been some seconds old, the last word is not.
    for step in Step::ALL.into_iter().chain([Step::List]) {
        match look(cx, held, (step, began), &tried).await {
            Ok(Found::Token(token)) if tried.insert(token.fingerprint()) => {
                note(cx, held, step, "found").await?;
                match try_found(cx, held, &token).await? {
                    Tried::Done => return Ok(Next::GoOn),
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
            Err(CallError::Wechat(error)) if step == Step::Info && !is_passing(&error) => {
                note(cx, held, step, "refused").await?;
            }
            Err(error) => return wait(cx, held, &error).await,
        }
    }
    give_up(cx, held, Health::NeedsReauthorization, Reason::RefreshTokenLost).await
}

/// Whether the same question may be answered later.
fn is_passing(error: &WechatError) -> bool {
    error.is_platform_level()
        || error.is_component_token_problem()
        || error.may_have_been_processed()
        || error.explained().is_none_or(|line| line.worth_retrying())
}

async fn show(cx: &Context, held: &Held, refused: Option<&WechatError>) -> Result<bool, StoreError> {
    let now = cx.clock.now();
    let mut tx = cx.store.write().await?;
    let span = (now, now.plus(LEASE));
    let mine = authorizer_token::set_recovering(&mut tx, held, span, Reason::RefreshTokenRefused).await?;
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

async fn look(
    cx: &Context,
    held: &Held,
    (step, began): (Step, Stopwatch),
    tried: &HashSet<String>,
) -> Result<Found, CallError> {
    let found = match step {
        Step::ReRead => {
            let mut tx = cx.store.read().await?;
            let row = authorizer_token::find(&mut tx, &cx.vault, &held.key).await?;
            row.and_then(|row| row.refresh_token)
        }
        Step::Journal => {
            let mut tx = cx.store.read().await?;
            let answers = attempt::unapplied_answers(&mut tx, &cx.vault, &held.key).await?;
            answers.iter().find_map(|raw| api_authorizer_token::parse(raw.expose()).ok()?.refresh_token)
        }
        Step::Previous => held.previous_refresh_token.clone(),
        Step::Info => ask_info(cx, held).await?,
        Step::List => return ask_list(cx, held, began, tried).await,
    };
    Ok(found.map_or(Found::Nothing, Found::Token))
}

async fn ask_info(cx: &Context, held: &Held) -> Result<Option<AuthorizerRefreshToken>, CallError> {
    let info = call_component::run(cx, cx.clock.now(), &held.key.component, |component_token| {
        let (cx, key) = (cx.clone(), held.key.clone());
        async move {
            let bearer = &component_token.token;
            api_get_authorizer_info::call(&cx.wechat, &key.component, bearer, &key.authorizer).await
        }
    })
    .await?;
    Ok(info.refresh_token)
}

/// A list of the last seconds may hold a token to try; the last word needs one that began after the refusal.
async fn ask_list(
    cx: &Context,
    held: &Held,
    began: Stopwatch,
    tried: &HashSet<String>,
) -> Result<Found, CallError> {
    let key = &held.key;
    let recent = listing::recent_entry(cx, &key.component, &key.authorizer).await;
    if let Some(token) = recent.and_then(|entry| entry.refresh_token)
        && !tried.contains(&token.fingerprint())
    {
        return Ok(Found::Token(token));
    }
    let listing = listing::fetch(cx, &key.component, began).await?;
    Ok(match listing.entries.get(&held.key.authorizer) {
        None if !listing.is_whole => return Err(WechatError::Incomplete("list").into()),
        None => Found::Verdict(Health::Unauthorized, Reason::AbsentFromList),
        Some(entry) => match &entry.refresh_token {
            None => Found::Verdict(Health::NotExchanged, Reason::CodeNotExchanged),
            Some(token) => Found::Token(token.clone()),
        },
    })
}

/// A token found on the ladder is tried like any other: in the journal first.
async fn try_found(cx: &Context, held: &Held, token: &AuthorizerRefreshToken) -> Result<Tried, StoreError> {
    let now = cx.clock.now();
    let mut tx = cx.store.write().await?;
    let attempt = attempt::open(&mut tx, &cx.random, held, (now, &cx.settings.holder)).await?;
    tx.commit().await?;
    let recovering = Held { health: Health::Recovering, ..held.clone() };
    let tried = refresh_one::try_token(cx, &recovering, &attempt, token).await?;
    let failure = match &tried {
        Tried::Done => return Ok(tried),
        Tried::Refused(error) | Tried::Failed(CallError::Wechat(error)) => refresh_one::failed(error),
        Tried::Failed(_) => {
            let unreachable = refresh_one::failed(&WechatError::Connect);
            attempt::End { class: None, message: None, ..unreachable }
        }
    };
    refresh_one::finish(cx, &attempt, failure).await?;
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

/// The ladder cannot be climbed now; it begins anew at the next try.
async fn wait(cx: &Context, held: &Held, error: &CallError) -> Result<Next, StoreError> {
    let now = cx.clock.now();
    let failures = held.failures + 1;
    let next = refresh_plan::retry(now, failures, None, cx.random.jitter());
    let setback = Setback {
        health: Health::Recovering,
        reason: Reason::RefreshTokenRefused,
        errcode: None,
        rid: None,
        next_refresh_at: Some(next),
        failures,
    };
    let mut tx = cx.store.write().await?;
    authorizer_token::record_setback(&mut tx, held, now, &setback).await?;
    tx.commit().await?;
    tracing::warn!(key = %held.key, %error, "recovery has to wait");
    Ok(Next::after(error))
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
    if authorizer_token::record_setback(&mut tx, held, now, &setback).await? {
        let detail = json!({ "to": health.as_str(), "reason": reason.code() });
        let line = Line::new(Event::HealthChanged, detail);
        history::append(&mut tx, &cx.random, (&held.tenant, &held.key), now, &line).await?;
    }
    tx.commit().await?;
    tracing::error!(key = %held.key, health = health.as_str(), "the account has to be authorised again");
    Ok(Next::GoOn)
}
