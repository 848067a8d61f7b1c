//! Calls a component API with the component's token: replaces a refused token once, and opens an
//! incident when the fault lies with the platform.

use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use crate::clock::{Clock, Stopwatch};
use crate::domain::ids::ComponentAppid;
use crate::domain::reason::Reason;
use crate::domain::refresh_plan::LEASE;
use crate::store::component_token::{self, HeldToken};
use crate::store::incident::{Sighting, Source};
use crate::store::{StoreError, incident};
use crate::wechat::WechatError;
use crate::wechat::api::api_authorizer_token;
use crate::wechat::client::DEADLINE;

use super::{Context, ServiceError, count_refreshes, refresh_component_token};

/// How long a caller waits for somebody else's refresh of the component token: 1 s.
const LOOKS: u32 = 20;
const BETWEEN_LOOKS: Duration = Duration::from_millis(50);
/// A token that is refused when it is this young is not at fault: a newer one would be refused as well.
const YOUNG: Duration = Duration::from_secs(120);
/// The oldest claim under which a call may begin: it ends, and there is a second to write it down, before the claim does.
const LATEST: Duration = LEASE.saturating_sub(DEADLINE).saturating_sub(Duration::from_secs(1));
/// A call is repeated only when it began so lately that it ends within its caller's lease.
const IN_TIME: Duration = Duration::from_secs(10);

/// Why a call came to nothing.
#[derive(Debug, thiserror::Error)]
pub enum CallError {
    /// There is no valid component token; its own lane is at work.
    #[error("the component has no valid token ({})", .0.code())]
    NotReady(Reason),
    #[error(transparent)]
    Wechat(#[from] WechatError),
    /// The component's token was refused and is replaced: the next call will fare better.
    #[error("the component's token was refused and is replaced: {0}")]
    Replaced(WechatError),
    /// The same for every account: WeChat as a whole is down.
    #[error("WeChat is down: {0}")]
    Down(WechatError),
    /// So much time went by since the claim that the call might outlive it; nothing was called.
    #[error("the claim was too old to begin a call under it")]
    Stale,
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl CallError {
    /// The same error twice: for whoever asked, and for whoever waited for the answer.
    #[must_use]
    pub fn split(self) -> (Self, Self) {
        match self {
            Self::NotReady(reason) => (Self::NotReady(reason), Self::NotReady(reason)),
            Self::Wechat(error) => (Self::Wechat(error.clone()), Self::Wechat(error)),
            Self::Replaced(error) => (Self::Replaced(error.clone()), Self::Replaced(error)),
            Self::Down(error) => (Self::Down(error.clone()), Self::Down(error)),
            Self::Stale => (Self::Stale, Self::Stale),
            Self::Store(error) => {
                let error = Arc::new(error);
                let shared = |error| Self::Store(StoreError::Shared(error));
                (shared(Arc::clone(&error)), shared(error))
            }
        }
    }

    pub fn reason(&self) -> Reason {
        match self {
            Self::NotReady(reason) => *reason,
            Self::Wechat(error) | Self::Replaced(error) if error.is_component_token_problem() => {
                Reason::ComponentTokenRefused
            }
            Self::Wechat(error) | Self::Replaced(error) => error.reason(),
            Self::Down(_) => Reason::WechatDown,
            Self::Stale => Reason::RefreshOverdue,
            Self::Store(_) => Reason::UnexpectedRefusal,
        }
    }

    /// Not this account's fault: the platform has to be mended first.
    pub fn is_platform_level(&self) -> bool {
        match self {
            Self::NotReady(_) | Self::Down(_) => true,
            Self::Wechat(error) => error.is_platform_level() || error.is_component_token_problem(),
            Self::Replaced(_) | Self::Stale | Self::Store(_) => false,
        }
    }
}

impl From<CallError> for ServiceError {
    fn from(error: CallError) -> Self {
        match error {
            CallError::NotReady(reason) => Self::PlatformNotReady(reason),
            CallError::Stale => Self::PlatformNotReady(error.reason()),
            CallError::Store(error) => Self::Store(error),
            CallError::Wechat(error) | CallError::Replaced(error) | CallError::Down(error) => Self::Wechat {
                reason: error.reason(),
                errcode: error.errcode(),
                rid: error.rid().map(str::to_owned),
            },
        }
    }
}

/// Runs `call` with the component's token, a second time with a new token when WeChat refuses the first. Each step goes by
/// the time at which it is taken: pages are turned for minutes, and a lease that is counted from their beginning has
/// ended before it begins.
///
/// # Errors
/// See [`CallError`].
pub async fn ask<T, F, Fut>(cx: &Context, component: &ComponentAppid, call: F) -> Result<T, CallError>
where
    F: Fn(HeldToken) -> Fut,
    Fut: Future<Output = Result<T, WechatError>>,
{
    let began = Clock::stopwatch();
    let held = token(cx, component).await?;
    let refused = held.generation;
    let error = match call(held.clone()).await {
        Ok(value) => return Ok(value),
        Err(error) => error,
    };
    if error.is_component_token_problem() {
        distrust(cx, &held).await?;
        let held = token(cx, component).await?;
        if held.generation != refused && began.elapsed() < IN_TIME {
            return match call(held).await {
                Ok(value) => Ok(value),
                Err(error) => Err(blame(cx, component, error).await?),
            };
        }
    }
    Err(blame(cx, component, error).await?)
}

/// Runs `call` with the component's token and never a second time: for what must not be knocked at. A refused token is
/// replaced for the next caller. `known` is the stored token, by a caller who has read it just now. `claimed` is the claim
/// under which it is done: whatever this process was doing meanwhile, waiting or stopped, no call begins that may outlive
/// it.
///
/// # Errors
/// See [`CallError`]; `NotReady` and `Stale` mean that nothing was called.
pub async fn once<T, F, Fut>(
    cx: &Context,
    claimed: Stopwatch,
    (component, known): (&ComponentAppid, Option<HeldToken>),
    call: F,
) -> Result<T, CallError>
where
    F: FnOnce(HeldToken) -> Fut,
    Fut: Future<Output = Result<T, WechatError>>,
{
    let held = match known.filter(|known| known.expires_at > cx.clock.now()) {
        Some(known) => known,
        None => token(cx, component).await?,
    };
    if claimed.elapsed() > LATEST {
        metrics::counter!("hufu_stale_claims_total").increment(1);
        return Err(CallError::Stale);
    }
    let error = match call(held.clone()).await {
        Ok(value) => return Ok(value),
        Err(error) => error,
    };
    if error.is_component_token_problem() && held.obtained_at.plus(YOUNG) <= cx.clock.now() {
        distrust(cx, &held).await?;
        if let Ok(newer) = token(cx, component).await
            && newer.generation != held.generation
        {
            return Err(CallError::Replaced(error));
        }
    }
    Err(blame(cx, component, error).await?)
}

/// The stored token; when there is none, the lane gets one chance now, or a moment when somebody else is in it.
async fn token(cx: &Context, component: &ComponentAppid) -> Result<HeldToken, CallError> {
    if let Some(held) = stored(cx, component).await? {
        return Ok(held);
    }
    refresh_component_token::run(cx, cx.clock.now()).await?;
    for look in 0..LOOKS {
        if let Some(held) = stored(cx, component).await? {
            return Ok(held);
        }
        if !component_token::lane_is_held(&mut cx.store.read().await?, component, cx.clock.now()).await? {
            break;
        }
        if look == 0 {
            count_refreshes::conflict("component_token");
        }
        Clock::pause(BETWEEN_LOOKS).await;
    }
    match stored(cx, component).await? {
        Some(held) => Ok(held),
        None => Err(CallError::NotReady(why_not_ready(cx, component).await?)),
    }
}

async fn stored(cx: &Context, appid: &ComponentAppid) -> Result<Option<HeldToken>, StoreError> {
    let mut tx = cx.store.read().await?;
    component_token::access_token(&mut tx, &cx.vault, appid, cx.clock.now()).await
}

async fn distrust(cx: &Context, held: &HeldToken) -> Result<(), StoreError> {
    let mut tx = cx.store.write().await?;
    if component_token::distrust_token(&mut tx, held, cx.clock.now()).await? {
        tracing::warn!(component = %held.appid, "WeChat refused the component token; a new one is fetched");
    }
    tx.commit().await
}

async fn why_not_ready(cx: &Context, component: &ComponentAppid) -> Result<Reason, StoreError> {
    let mut tx = cx.store.read().await?;
    let open = incident::list_open(&mut tx, component).await?;
    Ok(open.first().map_or(Reason::ComponentTokenFailing, |incident| incident.cause))
}

/// Opens the incident that a platform-level refusal stands for.
async fn blame(
    cx: &Context,
    component: &ComponentAppid,
    error: WechatError,
) -> Result<CallError, StoreError> {
    // A quota is counted for each call: only the refreshes' own stops refreshes.
    let elsewhere = error.errcode() == Some(45009) && error.api() != Some(api_authorizer_token::NAME);
    if (error.is_platform_level() && !elsewhere) || error.is_component_token_problem() {
        see_incident(cx, component, &error).await?;
    }
    Ok(CallError::Wechat(error))
}

/// Writes a platform-level refusal down as an incident.
///
/// # Errors
/// When the database does not take it.
pub async fn see_incident(
    cx: &Context,
    component: &ComponentAppid,
    error: &WechatError,
) -> Result<(), StoreError> {
    let now = cx.clock.now();
    // Secret and ticket are judged by their own lane, which has a valid token to show.
    let (cause, pause) = match error.reason() {
        Reason::QuotaExhausted => (Reason::QuotaExhausted, Duration::from_secs(600)),
        Reason::IpNotListed => (Reason::IpNotListed, Duration::from_secs(20)),
        // Each try may cost a component token, of which a day has few.
        _ if error.is_component_token_problem() => (Reason::ComponentTokenRefused, Duration::from_secs(60)),
        _ => (Reason::UnexpectedRefusal, Duration::from_secs(30)),
    };
    let by_refresh = error.api() == Some(api_authorizer_token::NAME);
    let evidence = error.request_ip().map_or_else(|| error.to_string(), str::to_owned);
    let seen = Sighting {
        source: if by_refresh { Source::Refresh } else { Source::ComponentToken },
        errcode: error.errcode(),
        rid: error.rid().map(str::to_owned),
        evidence: Some(evidence),
        ..Sighting::new(cause, now.plus(pause))
    };
    let mut tx = cx.store.write().await?;
    let new = incident::see(&mut tx, &cx.random, component, now, &seen).await?;
    tx.commit().await?;
    if new {
        tracing::error!(%component, cause = cause.code(), errcode = error.errcode(), "incident opened");
    }
    Ok(())
}
