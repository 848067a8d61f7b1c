//! What may be refreshed of a component now: everything, one canary, or nothing, because the platform itself is at fault.

use crate::clock::Timestamp;
use crate::domain::health::Health;
use crate::domain::ids::ComponentAppid;
use crate::domain::reason::Reason;
use crate::store::component_token::{self, HeldToken};
use crate::store::incident::Source;
use crate::store::{StoreError, authorizer_sweep, incident};

use super::{Context, outage, show_health};

/// Incidents that stop refreshes. A stale ticket alone does not: the component token may live on.
const BLOCKING: [Reason; 9] = [
    Reason::ComponentTokenFailing,
    Reason::ComponentTokenRefused,
    Reason::SecretRefused,
    Reason::IpNotListed,
    Reason::QuotaExhausted,
    Reason::WechatDown,
    Reason::TicketMissing,
    Reason::TicketStale,
    Reason::UnexpectedRefusal,
];

/// What may be refreshed of a component now.
pub(super) enum Gate {
    Open,
    /// One account tries whether these incidents are over.
    Canary(Vec<incident::Open>),
    Closed(Reason),
}

/// # Errors
/// When the database does not answer.
pub(super) async fn find(
    cx: &Context,
    now: Timestamp,
    component: &ComponentAppid,
) -> Result<Gate, StoreError> {
    let token = token(cx, now, component).await?;
    if let Some(token) = &token {
        outage::ask_when_in_doubt(cx, now, token).await?;
    }
    let open = incident::list_open(&mut cx.store.read().await?, component).await?;
    let blocking: Vec<_> = open.into_iter().filter(|seen| BLOCKING.contains(&seen.cause)).collect();
    if token.is_none() {
        let cause = blocking.first().map_or(Reason::ComponentTokenFailing, |seen| seen.cause);
        return Ok(Gate::Closed(cause));
    }
    // The others say nothing about when to try again.
    let stopping: Vec<_> = blocking.into_iter().filter(stops_with_token).collect();
    Ok(match stopping.first() {
        None => Gate::Open,
        Some(_) if stopping.iter().any(|seen| seen.next_probe_at <= now) => Gate::Canary(stopping),
        Some(seen) => Gate::Closed(seen.cause),
    })
}

/// The stored component token. One that does not open is as good as none, and its lane fetches another at once.
async fn token(
    cx: &Context,
    now: Timestamp,
    component: &ComponentAppid,
) -> Result<Option<HeldToken>, StoreError> {
    let mut tx = cx.store.read().await?;
    let token = component_token::access_token(&mut tx, &cx.vault, component, now).await;
    drop(tx);
    match token {
        Err(StoreError::Vault(error)) => {
            tracing::error!(%component, %error, "the stored component token does not open; a new one is fetched");
            let mut tx = cx.store.write().await?;
            component_token::end_token(&mut tx, component, now).await?;
            tx.commit().await?;
            cx.wake.ring();
            Ok(None)
        }
        known => known,
    }
}

/// Whether refreshes are pointless although the component token is valid. Another call's quota is not theirs, and
/// where the component token comes from may be down alone.
fn stops_with_token(seen: &incident::Open) -> bool {
    match seen.cause {
        Reason::QuotaExhausted | Reason::WechatDown => seen.source == Source::Refresh,
        cause => {
            matches!(cause, Reason::IpNotListed | Reason::UnexpectedRefusal | Reason::ComponentTokenRefused)
        }
    }
}

/// Shows the accounts that are due that it is not their fault.
///
/// # Errors
/// When the database does not answer.
pub(super) async fn block(
    cx: &Context,
    now: Timestamp,
    component: &ComponentAppid,
    cause: Reason,
) -> Result<(), StoreError> {
    let mut tx = cx.store.read().await?;
    let due = authorizer_sweep::count_unblocked(&mut tx, component, now, cause).await?;
    drop(tx);
    if due == 0 {
        return Ok(());
    }
    let mut tx = cx.store.write().await?;
    if cause == Reason::WechatDown {
        // Their timelines tell already that WeChat did not answer.
        authorizer_sweep::block_silent(&mut tx, component, now).await?;
    }
    let blocked = authorizer_sweep::block(&mut tx, component, now, cause).await?;
    show_health::append_all(cx, &mut tx, now, &blocked, (Health::BlockedUpstream, cause)).await?;
    tx.commit().await
}
