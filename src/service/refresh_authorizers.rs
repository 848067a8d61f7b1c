//! Refreshes every account that is due: claimed in one short transaction, called in none, recorded in another.

use std::sync::Arc;

use futures_util::future::join_all;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::task::{JoinError, JoinSet};

use crate::clock::Timestamp;
use crate::domain::ids::{AttemptId, ComponentAppid};
use crate::domain::reason::Reason;
use crate::store::authorizer_token::{self, Held};
use crate::store::incident::Learned;
use crate::store::{StoreError, attempt, authorizer_sweep, component, incident};

use super::refresh_one::{self, Next};
use super::{Context, show_health};

/// Incidents that stop refreshes. A stale ticket alone does not: the component token may live on.
const BLOCKING: [Reason; 8] = [
    Reason::ComponentTokenFailing,
    Reason::SecretRefused,
    Reason::IpNotListed,
    Reason::QuotaExhausted,
    Reason::WechatDown,
    Reason::TicketMissing,
    Reason::TicketStale,
    Reason::UnexpectedRefusal,
];

/// What may be refreshed of a component now.
enum Gate {
    Open,
    /// One account tries whether these incidents are over.
    Canary(Vec<incident::Open>),
    Closed(Reason),
}

/// Works until nothing is due or every slot is taken. `slots` bounds what is in flight, over all callers.
///
/// # Errors
/// When the database does not answer.
pub async fn run(cx: &Context, now: Timestamp, slots: &Arc<Semaphore>) -> Result<(), StoreError> {
    let components = component::list(&mut cx.store.read().await?).await?;
    let done = join_all(components.iter().map(|status| drain(cx, now, &status.appid, slots))).await;
    done.into_iter().collect()
}

async fn drain(
    cx: &Context,
    now: Timestamp,
    component: &ComponentAppid,
    slots: &Arc<Semaphore>,
) -> Result<(), StoreError> {
    match gate(cx, now, component).await? {
        Gate::Open => drain_freely(cx, component, slots).await,
        Gate::Canary(incidents) => send_canary(cx, now, component, (slots, incidents)).await,
        Gate::Closed(cause) => block(cx, now, component, cause).await,
    }
}

async fn gate(cx: &Context, now: Timestamp, component: &ComponentAppid) -> Result<Gate, StoreError> {
    let mut tx = cx.store.read().await?;
    let token = component::access_token(&mut tx, &cx.vault, component, now).await?;
    let open = incident::list_open(&mut tx, component).await?;
    let blocking: Vec<_> = open.into_iter().filter(|seen| BLOCKING.contains(&seen.cause)).collect();
    let stopping = blocking.iter().find(|seen| stops_with_token(seen.cause));
    Ok(match (token, stopping) {
        (None, _) => Gate::Closed(blocking.first().map_or(Reason::ComponentTokenFailing, |seen| seen.cause)),
        (Some(_), None) => Gate::Open,
        (Some(_), Some(_)) if blocking.iter().any(|seen| seen.next_probe_at <= now) => Gate::Canary(blocking),
        (Some(_), Some(seen)) => Gate::Closed(seen.cause),
    })
}

/// Whether refreshes are pointless although the component token is valid.
fn stops_with_token(cause: Reason) -> bool {
    matches!(cause, Reason::IpNotListed | Reason::QuotaExhausted | Reason::UnexpectedRefusal)
}

async fn drain_freely(
    cx: &Context,
    component: &ComponentAppid,
    slots: &Arc<Semaphore>,
) -> Result<(), StoreError> {
    // Tasks of their own: a future that is not polled while another waits for a database connection would sit on its
    // own connection, and the pool would run dry.
    let mut running = JoinSet::new();
    let mut ended = Ok(());
    loop {
        let permits = take_free(slots, cx.settings.refresh_parallel);
        let asked = permits.len();
        let claims = match claim(cx, component, asked).await {
            Ok(claims) => claims,
            Err(error) => {
                ended = Err(error);
                break;
            }
        };
        let full = asked == 0 || claims.len() == asked;
        for (permit, (held, attempt)) in permits.into_iter().zip(claims) {
            running.spawn(refresh(cx.clone(), permit, held, attempt));
        }
        if !full {
            break;
        }
        match running.join_next().await.map(outcome) {
            Some(Ok(Next::GoOn)) => {}
            Some(Ok(Next::Stop)) | None => break,
            Some(Err(error)) => {
                ended = Err(error);
                break;
            }
        }
    }
    // What is under way is seen through in any case: a call that is cut off leaves its attempt in doubt.
    while let Some(done) = running.join_next().await {
        ended = ended.and(outcome(done).map(|_| ()));
    }
    ended
}

/// A refresh that panicked leaves its attempt open: it is settled after its lease.
fn outcome(done: Result<Result<Next, StoreError>, JoinError>) -> Result<Next, StoreError> {
    done.unwrap_or_else(|error| {
        tracing::error!(%error, "a refresh panicked");
        Ok(Next::GoOn)
    })
}

fn take_free(slots: &Arc<Semaphore>, most: usize) -> Vec<OwnedSemaphorePermit> {
    std::iter::from_fn(|| Arc::clone(slots).try_acquire_owned().ok()).take(most).collect()
}

async fn claim(
    cx: &Context,
    component: &ComponentAppid,
    limit: usize,
) -> Result<Vec<(Held, AttemptId)>, StoreError> {
    if limit == 0 {
        return Ok(Vec::new());
    }
    let (now, holder) = (cx.clock.now(), cx.settings.holder.as_str());
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    let mut tx = cx.store.write().await?;
    let claimed = authorizer_token::claim_due(&mut tx, &cx.vault, component, (now, holder, limit)).await?;
    let mut attempts = Vec::with_capacity(claimed.len());
    for held in claimed {
        let id = attempt::open(&mut tx, &cx.random, &held, (now, holder)).await?;
        attempts.push((held, id));
    }
    tx.commit().await?;
    Ok(attempts)
}

async fn refresh(
    cx: Context,
    permit: OwnedSemaphorePermit,
    held: Held,
    attempt: AttemptId,
) -> Result<Next, StoreError> {
    metrics::gauge!("hufu_refreshes_in_flight").increment(1.0);
    let done = refresh_one::run(&cx, held, attempt).await;
    metrics::gauge!("hufu_refreshes_in_flight").decrement(1.0);
    drop(permit);
    done
}

/// One account tries; when it succeeds the incidents are over.
async fn send_canary(
    cx: &Context,
    now: Timestamp,
    component: &ComponentAppid,
    (slots, incidents): (&Arc<Semaphore>, Vec<incident::Open>),
) -> Result<(), StoreError> {
    let mut tx = cx.store.write().await?;
    let mut mine = true;
    for seen in incidents.iter().filter(|seen| seen.next_probe_at <= now) {
        let next = now.plus(std::time::Duration::from_secs(30));
        mine &= incident::plan_probe(&mut tx, &seen.id, (seen.next_probe_at, next)).await?;
    }
    tx.commit().await?;
    let Some(permit) = take_free(slots, 1).pop().filter(|_| mine) else { return Ok(()) };
    let Some((held, attempt)) = claim(cx, component, 1).await?.pop() else { return Ok(()) };
    let before = held.generation;
    let key = held.key.clone();
    refresh(cx.clone(), permit, held, attempt).await?;
    let mut tx = cx.store.write().await?;
    let after = authorizer_token::find(&mut tx, &cx.vault, &key).await?;
    if after.is_some_and(|held| held.generation > before) {
        let causes: Vec<Reason> =
            incidents.iter().map(|seen| seen.cause).filter(|cause| stops_with_token(*cause)).collect();
        incident::close(&mut tx, component, (&causes, Learned::Anyhow), now).await?;
        tracing::info!(%component, "incident closed: an account was refreshed again");
        cx.wake.ring();
    }
    tx.commit().await
}

/// Shows the accounts that are due that it is not their fault.
async fn block(
    cx: &Context,
    now: Timestamp,
    component: &ComponentAppid,
    cause: Reason,
) -> Result<(), StoreError> {
    let due = authorizer_sweep::count_due(&mut cx.store.read().await?, component, now).await?;
    if due == 0 {
        return Ok(());
    }
    let mut tx = cx.store.write().await?;
    let blocked = authorizer_sweep::block(&mut tx, component, now, cause).await?;
    show_health::append_all(
        cx,
        &mut tx,
        now,
        &blocked,
        (crate::domain::health::Health::BlockedUpstream, cause),
    )
    .await?;
    tx.commit().await
}
