//! Refreshes every account that is due: claimed in one short transaction, called in none, recorded in another.

use std::sync::Arc;
use std::time::Duration;

use futures_util::future::join_all;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::task::{JoinError, JoinSet};

use crate::clock::{Clock, Timestamp};
use crate::domain::ids::{AttemptId, AuthorizerAppid, ComponentAppid};
use crate::store::authorizer_token::{self, Held};
use crate::store::component_token::{self, HeldToken};
use crate::store::{Reader, StoreError, attempt, authorizer_refresh, component, pulse};

use super::gate::{self, Gate};
use super::refresh_one::{self, Next};
use super::refresh_queue::Queue;
use super::{Context, canary, count_refreshes};

/// How long slots may lie idle for others to become free.
const PATIENCE: Duration = Duration::from_millis(3);

/// A scheduler that has not beaten for so long takes no part in the budget.
const LIVELY: Duration = Duration::from_secs(10);

/// Works until nothing is due or every slot is taken. `slots` bounds what is in flight, over all callers.
///
/// # Errors
/// When the database does not answer.
pub async fn run(cx: &Context, now: Timestamp, slots: &Arc<Semaphore>) -> Result<(), StoreError> {
    let mut tx = cx.store.read().await?;
    let components = component::list(&mut tx).await?;
    let rate = share(cx, &mut tx, now).await?;
    drop(tx);
    let done = join_all(components.iter().map(|status| drain(cx, now, &status.appid, (slots, rate)))).await;
    done.into_iter().collect()
}

/// This process's share of what a component may begin in a second.
async fn share(cx: &Context, tx: &mut Reader, now: Timestamp) -> Result<f64, StoreError> {
    let others = if cx.store.is_shared() { pulse::count_schedulers(tx, now.minus(LIVELY)).await? } else { 1 };
    Ok(f64::from(cx.settings.refresh_rate) / f64::from(others.max(1)))
}

async fn drain(
    cx: &Context,
    now: Timestamp,
    component: &ComponentAppid,
    (slots, rate): (&Arc<Semaphore>, f64),
) -> Result<(), StoreError> {
    match gate::find(cx, now, component).await? {
        Gate::Open => drain_freely(cx, component, (slots, rate)).await,
        Gate::Canary(incidents) => canary::send(cx, now, component, (slots, incidents)).await,
        Gate::Closed(cause) => gate::block(cx, now, component, cause).await,
    }
}

async fn drain_freely(
    cx: &Context,
    component: &ComponentAppid,
    limits: (&Arc<Semaphore>, f64),
) -> Result<(), StoreError> {
    // Tasks of their own: a future that is not polled while another waits for a database connection would sit on its
    // own connection, and the pool would run dry.
    let mut running = JoinSet::new();
    let lane = cx.refreshing.lane(component);
    let mut ended = match lane.try_lock() {
        Ok(mut queue) => {
            queue.forget_stale(cx.clock.now());
            feed(cx, component, limits, (&mut queue, &mut running)).await
        }
        // An earlier tick is at it.
        Err(_) => Ok(()),
    };
    // What is under way is seen through in any case: a call that is cut off leaves its attempt in doubt.
    while let Some(done) = running.join_next().await {
        ended = ended.and(outcome(done).map(|_| ()));
    }
    ended
}

/// Begins refreshes until nothing is due, the budget is used up, or the platform is at fault.
async fn feed(
    cx: &Context,
    component: &ComponentAppid,
    (slots, rate): (&Arc<Semaphore>, f64),
    (queue, running): (&mut Queue, &mut JoinSet<Result<Next, StoreError>>),
) -> Result<(), StoreError> {
    // A database that does not take what WeChat answered is asked for no more.
    while cx.recorder.refused() == 0 {
        if queue.len() == 0 && !queue.is_whole {
            *queue = cx.store.in_time(Queue::read(cx, component)).await?;
        }
        let permits = take_free(slots, queue.len());
        let allowed = cx.refreshing.budgets.take(component, (cx.clock.now(), rate), permits.len());
        let is_spent = allowed < permits.len();
        let next = queue.take(&cx.refreshing, allowed);
        let (claims, known) = cx.store.in_time(claim(cx, component, &next)).await?;
        cx.refreshing.budgets.give_back(component, allowed.saturating_sub(claims.len()));
        for (permit, claimed) in permits.into_iter().zip(claims) {
            running.spawn(refresh(cx.clone(), permit, claimed, known.clone()));
        }
        if is_spent || (queue.len() == 0 && queue.is_whole) || !wait_for_slots(cx, slots, running).await? {
            break;
        }
    }
    Ok(())
}

/// Waits until a quarter of the slots is free, but not longer than a moment after the first: claims are cheaper
/// together. `false` when nothing is to be claimed any more, or others have every slot.
async fn wait_for_slots(
    cx: &Context,
    slots: &Semaphore,
    running: &mut JoinSet<Result<Next, StoreError>>,
) -> Result<bool, StoreError> {
    let enough = cx.settings.refresh_parallel.div_ceil(4);
    let patience = Clock::pause(PATIENCE);
    tokio::pin!(patience);
    // A slot becomes free when WeChat has answered, the refresh ends when that is recorded.
    loop {
        while let Some(done) = running.try_join_next() {
            if outcome(done)? == Next::Stop {
                return Ok(false);
            }
        }
        let free = slots.available_permits();
        if free >= enough || running.is_empty() {
            return Ok(free > 0);
        }
        tokio::select! {
            Some(done) = running.join_next() => if outcome(done)? == Next::Stop { return Ok(false) },
            () = &mut patience => {
                if slots.available_permits() > 0 {
                    return Ok(true);
                }
                patience.set(Clock::pause(PATIENCE));
            }
        }
    }
}

/// A refresh that panicked leaves its attempt open: it is settled after its lease.
fn outcome(done: Result<Result<Next, StoreError>, JoinError>) -> Result<Next, StoreError> {
    done.unwrap_or_else(|error| {
        tracing::error!(%error, "a refresh panicked");
        Ok(Next::GoOn)
    })
}

pub(super) fn take_free(slots: &Arc<Semaphore>, most: usize) -> Vec<OwnedSemaphorePermit> {
    std::iter::from_fn(|| Arc::clone(slots).try_acquire_owned().ok()).take(most).collect()
}

/// Takes those of these accounts that are still to be had, each with an attempt in the journal, and the component's
/// token for all of them.
async fn claim(
    cx: &Context,
    component: &ComponentAppid,
    accounts: &[AuthorizerAppid],
) -> Result<(Vec<(Held, AttemptId)>, Option<HeldToken>), StoreError> {
    if accounts.is_empty() {
        return Ok((Vec::new(), None));
    }
    let mut tx = cx.store.write().await?;
    // Not before its turn has come: the lease counts from now.
    let by = (cx.clock.now(), cx.settings.holder.as_str());
    let known = component_token::access_token(&mut tx, &cx.vault, component, by.0).await?;
    let held = authorizer_refresh::claim(&mut tx, &cx.vault, component, accounts, by).await?;
    let attempts = attempt::open_all(&mut tx, &cx.random, &held, by).await?;
    tx.commit().await?;
    Ok((held.into_iter().zip(attempts).collect(), known))
}

/// Takes the account that is longest overdue.
///
/// # Errors
/// When the database does not answer.
pub(super) async fn claim_one(
    cx: &Context,
    component: &ComponentAppid,
) -> Result<Option<(Held, AttemptId)>, StoreError> {
    let (now, holder) = (cx.clock.now(), cx.settings.holder.as_str());
    let mut tx = cx.store.write().await?;
    let claimed = authorizer_token::claim_due(&mut tx, &cx.vault, component, (now, holder, 1)).await?;
    let Some(held) = claimed.into_iter().next() else { return Ok(None) };
    let attempt = attempt::open(&mut tx, &cx.random, &held, (now, holder)).await?;
    tx.commit().await?;
    Ok(Some((held, attempt)))
}

pub(super) async fn refresh(
    cx: Context,
    slot: OwnedSemaphorePermit,
    (held, attempt): (Held, AttemptId),
    known: Option<HeldToken>,
) -> Result<Next, StoreError> {
    count_refreshes::begun(&held, &attempt);
    let _under_way = cx.refreshing.begin(&held.tenant);
    metrics::gauge!("hufu_refreshes_in_flight").increment(1.0);
    let done = refresh_one::run(&cx, (held, attempt), (slot, known)).await;
    metrics::gauge!("hufu_refreshes_in_flight").decrement(1.0);
    done
}
