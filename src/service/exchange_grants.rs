//! The code broker: exchanges each authorization code exactly once, whoever brought it first, and finds a way out when
//! WeChat no longer takes it.

use std::time::Duration;

use futures_util::future::join_all;

use crate::clock::Timestamp;
use crate::crash_point;
use crate::domain::authorization::GrantProblem;
use crate::domain::ids::{AuthorizerAppid, AuthorizerKey, GrantId};
use crate::domain::refresh_plan;
use crate::secret::AuthorizationCode;
use crate::store::grant_code::{self, Code, Status};
use crate::store::grant_ending::{self, Ending};
use crate::store::{StoreError, authorization_ending, authorizer_state, component, skip_unreadable};
use crate::wechat::api::{api_get_authorizer_info, api_query_auth};
use crate::wechat::{Answer, WechatError};

use super::apply_grant::find_origin;
use super::call_component::{self, CallError};
use super::{Context, apply_grant};

const BATCH: i64 = 16;
/// Longer than the client's deadline twice over: a refused component token is replaced and the call repeated.
const LEASE: Duration = Duration::from_secs(30);
/// How long after its own end a code is still tried: what failed for want of a component token may work yet.
const AFTERLIFE: Duration = Duration::from_secs(600);

/// Works on every code that is due.
///
/// # Errors
/// When the database does not answer.
pub async fn run(cx: &Context, now: Timestamp) -> Result<(), StoreError> {
    loop {
        let codes = claim(cx, now, None).await?;
        if codes.is_empty() {
            return Ok(());
        }
        for done in join_all(codes.iter().map(|code| work(cx, now, code))).await {
            skip_unreadable(done)?;
        }
    }
}

/// Works on one code, unless somebody else does already.
///
/// # Errors
/// When the database does not answer.
pub async fn run_one(cx: &Context, now: Timestamp, id: &GrantId) -> Result<(), StoreError> {
    for code in claim(cx, now, Some(id)).await? {
        work(cx, now, &code).await?;
    }
    Ok(())
}

async fn claim(cx: &Context, now: Timestamp, only: Option<&GrantId>) -> Result<Vec<Code>, StoreError> {
    let mut tx = cx.store.write().await?;
    let who = (now, cx.settings.holder.as_str());
    let codes = grant_code::claim_due(&mut tx, &cx.vault, who, (only, BATCH, LEASE)).await?;
    tx.commit().await?;
    Ok(codes)
}

async fn work(cx: &Context, now: Timestamp, code: &Code) -> Result<(), StoreError> {
    if let Some(raw) = &code.answer {
        // A crash came between the answer and its application.
        use crate::secret::Secret as _;
        return match api_query_auth::parse(raw.expose()) {
            Ok(mut grant) => {
                // Its token has grown old meanwhile.
                grant.expires_in = grant.expires_in.saturating_sub(now.since(code.received_at));
                apply_grant::run(cx, now, code, grant).await
            }
            Err(_) => fail(cx, now, code, (GrantProblem::Refused, None)).await,
        };
    }
    let Some(secret) = &code.code else {
        return fail(cx, now, code, (GrantProblem::CodeInvalid, None)).await;
    };
    match exchange(cx, code, secret).await {
        Ok(answer) => {
            crash_point::reached("exchange_after_answer");
            let mut tx = cx.store.write().await?;
            grant_code::answer(&mut tx, &cx.vault, code, &answer.raw).await?;
            tx.commit().await?;
            crash_point::reached("exchange_after_journal");
            apply_grant::run(cx, now, code, answer.value).await
        }
        Err(CallError::Store(error)) => Err(error),
        Err(CallError::Wechat(error)) if matches!(error.errcode(), Some(61009 | 61010 | 40163 | 42003)) => {
            code_is_spent(cx, now, code, &error).await
        }
        Err(error) => try_again(cx, now, code, &error).await,
    }
}

async fn exchange(
    cx: &Context,
    code: &Code,
    secret: &AuthorizationCode,
) -> Result<Answer<api_query_auth::Grant>, CallError> {
    call_component::ask(cx, &code.component, |held| {
        let (cx, component, secret) = (cx.clone(), code.component.clone(), secret.clone());
        async move {
            crash_point::reached("exchange_before_call");
            api_query_auth::call(&cx.wechat, &component, &held.token, &secret).await
        }
    })
    .await
}

/// WeChat knows the code no more. If its grant arrived by another way, or WeChat still tells the refresh token, that
/// is a success; otherwise the person has to authorise again.
async fn code_is_spent(
    cx: &Context,
    now: Timestamp,
    code: &Code,
    error: &WechatError,
) -> Result<(), StoreError> {
    let mut tx = cx.store.read().await?;
    let origin = find_origin(cx, &mut tx, code).await?.map(|opened| opened.authorization);
    let expected = origin.as_ref().and_then(|one| one.authorizer.clone().or(one.expected_appid.clone()));
    let authorizer = code.authorizer.clone().or(expected);
    let arrived = match &authorizer {
        Some(appid) => grant_ending::settled_since(&mut tx, &code.component, appid, code.received_at).await?,
        None => false,
    };
    drop(tx);
    if arrived {
        let mut tx = cx.store.write().await?;
        grant_ending::end(&mut tx, code, now, &Ending::settled(authorizer.as_ref())).await?;
        if let Some(origin) = &origin {
            authorization_ending::end(&mut tx, &origin.id, now, (authorizer.as_ref(), None)).await?;
        }
        return tx.commit().await;
    }
    if let Some(appid) = &authorizer
        && let Some(grant) = ask_info(cx, code, appid).await?
    {
        return apply_grant::run(cx, now, code, grant).await;
    }
    if authorizer.is_none() {
        compare_soon(cx, now, code).await?;
    }
    let problem = match error.errcode() {
        Some(61010 | 42003) => GrantProblem::CodeExpired,
        _ => GrantProblem::CodeInvalid,
    };
    fail(cx, now, code, (problem, Some(error))).await
}

/// The grant as api_get_authorizer_info tells it: a refresh token without an access token.
async fn ask_info(
    cx: &Context,
    code: &Code,
    appid: &AuthorizerAppid,
) -> Result<Option<api_query_auth::Grant>, StoreError> {
    let told = call_component::ask(cx, &code.component, |held| {
        let (cx, component, appid) = (cx.clone(), code.component.clone(), appid.clone());
        async move { api_get_authorizer_info::call(&cx.wechat, &component, &held.token, &appid).await }
    })
    .await;
    match told {
        Ok(info) => Ok(info.refresh_token.map(|token| api_query_auth::Grant {
            authorizer: appid.clone(),
            access_token: None,
            expires_in: Duration::ZERO,
            refresh_token: Some(token),
            func_info: info.func_info.unwrap_or_default(),
        })),
        Err(CallError::Store(error)) => Err(error),
        Err(error) => {
            tracing::info!(%error, "WeChat told nothing about an account whose code is spent");
            Ok(None)
        }
    }
}

/// Nobody knows whose code it was: WeChat's list may show an account that is missing here.
async fn compare_soon(cx: &Context, now: Timestamp, code: &Code) -> Result<(), StoreError> {
    let mut tx = cx.store.write().await?;
    component::plan_reconcile(&mut tx, &code.component, now, None).await?;
    tx.commit().await
}

async fn try_again(cx: &Context, now: Timestamp, code: &Code, error: &CallError) -> Result<(), StoreError> {
    tracing::warn!(%error, tries = code.tries, "a code could not be exchanged yet");
    if code.expires_at.plus(AFTERLIFE) <= now {
        let wechat = if let CallError::Wechat(error) = error { Some(error) } else { None };
        return fail(cx, now, code, (GrantProblem::CodeExpired, wechat)).await;
    }
    let hopeless = match error {
        CallError::Wechat(error) => error.explained().is_some_and(|line| !line.worth_retrying()),
        CallError::NotReady(_)
        | CallError::Replaced(_)
        | CallError::Down(_)
        | CallError::Stale
        | CallError::Store(_) => false,
    };
    if hopeless && !error.is_platform_level() && code.tries >= 3 {
        let wechat = if let CallError::Wechat(error) = error { Some(error) } else { None };
        return fail(cx, now, code, (GrantProblem::Refused, wechat)).await;
    }
    let pause = refresh_plan::retry(now, code.tries, None, cx.random.jitter());
    let ending = Ending {
        status: Status::Waiting,
        next_try_at: Some(pause.min(now.plus(Duration::from_secs(30)))),
        ..Ending::settled(None)
    };
    let mut tx = cx.store.write().await?;
    grant_ending::end(&mut tx, code, now, &ending).await?;
    tx.commit().await
}

async fn fail(
    cx: &Context,
    now: Timestamp,
    code: &Code,
    (problem, error): (GrantProblem, Option<&WechatError>),
) -> Result<(), StoreError> {
    let ending = Ending {
        status: Status::Failed,
        problem: Some(problem),
        errcode: error.and_then(WechatError::errcode),
        rid: error.and_then(|error| error.rid().map(str::to_owned)),
        ..Ending::settled(None)
    };
    let mut tx = cx.store.write().await?;
    if let Some(authorizer) = &code.authorizer {
        // The account is granted at WeChat all the same: let the ladder see what can be had.
        let key = AuthorizerKey { component: code.component.clone(), authorizer: authorizer.clone() };
        authorizer_state::hasten(&mut tx, &key, now).await?;
    }
    // As it is now: a browser may have named its press while WeChat was asked.
    let Some(code) =
        grant_code::lock(&mut tx, &cx.vault, &code.id).await?.filter(|now| now.epoch == code.epoch)
    else {
        return Ok(());
    };
    grant_ending::end(&mut tx, &code, now, &ending).await?;
    if let Some(opened) = find_origin(cx, &mut tx, &code).await? {
        authorization_ending::end(&mut tx, &opened.authorization.id, now, (None, Some(problem))).await?;
    }
    tx.commit().await
}
