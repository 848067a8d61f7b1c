//! Watches the age of each component's newest ticket: asks for a new push when it is stale, opens and closes the
//! incident.

use std::time::Duration;

use crate::clock::Timestamp;
use crate::domain::audit::Actor;
use crate::domain::component::{ComponentStatus, TicketAge};
use crate::domain::reason::Reason;
use crate::store::incident::Learned;
use crate::store::{StoreError, component, incident, skip_unreadable};

use super::{Context, request_ticket_push};

/// Between two requests for a push.
const PATIENCE: Duration = Duration::from_secs(600);
const CAUSES: [Reason; 2] = [Reason::TicketMissing, Reason::TicketStale];

/// # Errors
/// When the database does not answer.
pub async fn run(cx: &Context, now: Timestamp) -> Result<(), StoreError> {
    let mut tx = cx.store.read().await?;
    let components = component::list(&mut tx).await?;
    drop(tx);
    for status in components {
        skip_unreadable(watch(cx, now, &status).await)?;
    }
    Ok(())
}

async fn watch(cx: &Context, now: Timestamp, status: &ComponentStatus) -> Result<(), StoreError> {
    let age = TicketAge::of(status.ticket_received_at, now);
    let asked_lately = status.push_requested_at.is_some_and(|at| now.since(at) < PATIENCE);
    if age != TicketAge::Fresh && !asked_lately {
        match request_ticket_push::run(cx, now, &Actor::system(), &status.appid).await {
            Ok(said) => tracing::info!(component = %status.appid, said, "asked WeChat to push tickets"),
            Err(error) => {
                tracing::warn!(component = %status.appid, %error, "WeChat could not be asked to push tickets");
            }
        }
    }
    match age {
        TicketAge::Fresh | TicketAge::Late | TicketAge::Alarming => settle(cx, now, status).await,
        TicketAge::Outage => see(cx, now, status, Reason::TicketStale).await,
        TicketAge::Missing => see(cx, now, status, Reason::TicketMissing).await,
    }
}

async fn see(
    cx: &Context,
    now: Timestamp,
    status: &ComponentStatus,
    cause: Reason,
) -> Result<(), StoreError> {
    let open = incident::list_open(&mut cx.store.read().await?, &status.appid).await?;
    if open.iter().any(|incident| incident.cause == cause) {
        return Ok(());
    }
    let seen = incident::Sighting::new(cause, now);
    let mut tx = cx.store.write().await?;
    incident::see(&mut tx, &cx.random, &status.appid, now, &seen).await?;
    tx.commit().await?;
    tracing::error!(component = %status.appid, cause = cause.code(), "incident opened");
    Ok(())
}

async fn settle(cx: &Context, now: Timestamp, status: &ComponentStatus) -> Result<(), StoreError> {
    let open = incident::list_open(&mut cx.store.read().await?, &status.appid).await?;
    if !open.iter().any(|incident| CAUSES.contains(&incident.cause)) {
        return Ok(());
    }
    let mut tx = cx.store.write().await?;
    incident::close(&mut tx, &status.appid, (&CAUSES, Learned::ByWatch), now).await?;
    tx.commit().await
}
