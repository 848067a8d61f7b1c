//! The component token's own lane: refreshed ahead of time, by one holder, never because a ticket came.

use std::time::Duration;

use futures_util::future::join_all;

use crate::clock::Timestamp;
use crate::domain::component::ComponentConfig;
use crate::domain::reason::Reason;
use crate::domain::refresh_plan;
use crate::store::component;
use crate::store::component_ticket::{self, Ticket};
use crate::store::component_token::{self, NewToken, TokenLane};
use crate::store::incident::Learned;
use crate::store::{StoreError, incident, skip_unreadable};
use crate::wechat::WechatError;
use crate::wechat::api::api_component_token;

use super::{Context, outage};

/// Incidents that end when WeChat gives a component token, unless the accounts saw them as well.
const CURED: [Reason; 5] = [
    Reason::ComponentTokenFailing,
    Reason::SecretRefused,
    Reason::IpNotListed,
    Reason::WechatDown,
    Reason::WechatTransient,
];

/// An old ticket that is accepted is still an old one, but a refused one was accepted now.
const REFUSED: [Reason; 1] = [Reason::TicketStale];

/// Refreshes every component token that is due and that nobody else is refreshing.
///
/// # Errors
/// When the database does not answer. WeChat's refusals become incidents, not errors.
pub async fn run(cx: &Context, now: Timestamp) -> Result<(), StoreError> {
    let mut tx = cx.store.write().await?;
    let lanes =
        component_token::claim_token_lanes(&mut tx, now, &cx.settings.holder, refresh_plan::LEASE).await?;
    if lanes.is_empty() {
        return Ok(());
    }
    tx.commit().await?;
    // At once: a lease does not last for one slow call after the other.
    let done = join_all(lanes.iter().map(|lane| refresh(cx, now, lane))).await;
    done.into_iter().try_for_each(skip_unreadable)
}

async fn refresh(cx: &Context, now: Timestamp, lane: &TokenLane) -> Result<(), StoreError> {
    let mut tx = cx.store.read().await?;
    let config = component::config(&mut tx, &cx.vault, &lane.appid).await?;
    let ticket = component_ticket::newest(&mut tx, &cx.vault, &lane.appid).await?;
    drop(tx);
    let Some(config) = config else { return Ok(()) };
    let Some(ticket) = ticket else { return wait_for_ticket(cx, now, lane).await };
    match call(cx, &config, &ticket).await {
        Ok(token) => record(cx, now, lane, token).await,
        Err(error) => record_failure(cx, now, lane, &error).await,
    }
}

async fn call(
    cx: &Context,
    config: &ComponentConfig,
    ticket: &Ticket,
) -> Result<api_component_token::ComponentToken, WechatError> {
    api_component_token::call(&cx.wechat, &config.appid, &config.appsecret, &ticket.ticket)
        .await
        .map(|answer| answer.value)
}

async fn record(
    cx: &Context,
    now: Timestamp,
    lane: &TokenLane,
    token: api_component_token::ComponentToken,
) -> Result<(), StoreError> {
    let new = NewToken {
        obtained_at: now,
        expires_at: now.plus(token.expires_in),
        next_refresh_at: refresh_plan::planned(now, token.expires_in, cx.random.jitter()),
        token: token.token,
    };
    let mut tx = cx.store.write().await?;
    if !component_token::record_token(&mut tx, &cx.vault, lane, &new).await? {
        tracing::warn!(component = %lane.appid, "a component token came too late and was not stored");
    }
    let mut closed = incident::close(&mut tx, &lane.appid, (&CURED, Learned::ByLane), now).await?;
    closed += incident::close(&mut tx, &lane.appid, (&REFUSED, Learned::ByRefusal), now).await?;
    if lane.failures > 0 {
        let quota = [Reason::QuotaExhausted];
        closed += incident::close(&mut tx, &lane.appid, (&quota, Learned::ByLane), now).await?;
    }
    tx.commit().await?;
    if closed > 0 {
        tracing::info!(component = %lane.appid, closed, "incidents closed: the component token is valid again");
    }
    cx.wake.ring();
    Ok(())
}

async fn wait_for_ticket(cx: &Context, now: Timestamp, lane: &TokenLane) -> Result<(), StoreError> {
    let seen = incident::Sighting::new(Reason::TicketMissing, now);
    let mut tx = cx.store.write().await?;
    component_token::record_token_failure(&mut tx, lane, now.plus(Duration::from_secs(600))).await?;
    // The arrival of a ticket makes the lane due again; one that arrived since we looked has done so too early. The
    // row is locked by now, so one of the two always sees the other.
    if component_ticket::newest(&mut tx, &cx.vault, &lane.appid).await?.is_some() {
        component_token::wake_starved_lane(&mut tx, &lane.appid, now).await?;
        cx.wake.ring();
    } else {
        incident::see(&mut tx, &cx.random, &lane.appid, now, &seen).await?;
    }
    tx.commit().await
}

async fn record_failure(
    cx: &Context,
    now: Timestamp,
    lane: &TokenLane,
    error: &WechatError,
) -> Result<(), StoreError> {
    tracing::warn!(component = %lane.appid, %error, "the component token could not be refreshed");
    let token_ended = lane.token_expires_at.is_none_or(|end| end <= now);
    let certain = error.is_platform_level() || token_ended || lane.failures >= 3;
    let mut next = refresh_plan::retry(now, lane.failures + 1, lane.token_expires_at, cx.random.jitter());
    if error.errcode() == Some(45009) {
        next = now.plus(Duration::from_secs(600));
    } else if error.is_silence() && token_ended {
        // No account can be a canary without it: this call is the one.
        next = next.min(now.plus(outage::BETWEEN_CANARIES));
    }
    let mut tx = cx.store.write().await?;
    component_token::record_token_failure(&mut tx, lane, next).await?;
    if certain {
        let seen = incident::Sighting {
            errcode: error.errcode(),
            rid: error.rid().map(str::to_owned),
            evidence: Some(error.request_ip().map_or_else(|| error.to_string(), str::to_owned)),
            ..incident::Sighting::new(cause(error), next)
        };
        if incident::see(&mut tx, &cx.random, &lane.appid, now, &seen).await? {
            tracing::error!(component = %lane.appid, cause = seen.cause.code(), "incident opened");
        }
    }
    tx.commit().await
}

fn cause(error: &WechatError) -> Reason {
    if error.is_silence() {
        Reason::WechatDown
    } else if error.is_platform_level() {
        error.reason()
    } else {
        Reason::ComponentTokenFailing
    }
}
