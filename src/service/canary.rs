//! While an incident stops a component's refreshes, one account tries whether it is over.

use std::sync::Arc;

use tokio::sync::Semaphore;

use crate::clock::Timestamp;
use crate::domain::ids::ComponentAppid;
use crate::domain::reason::Reason;
use crate::store::{StoreError, authorizer_token, incident};

use super::refresh_authorizers::{claim_one, refresh, take_free};
use super::{Context, gate, outage};

/// One account tries; when it succeeds the incidents are over.
///
/// # Errors
/// When the database does not answer.
pub(super) async fn send(
    cx: &Context,
    now: Timestamp,
    component: &ComponentAppid,
    (slots, incidents): (&Arc<Semaphore>, Vec<incident::Open>),
) -> Result<(), StoreError> {
    let mut tx = cx.store.write().await?;
    let mut mine = true;
    for seen in incidents.iter().filter(|seen| seen.next_probe_at <= now) {
        mine &=
            incident::plan_probe(&mut tx, &seen.id, (seen.next_probe_at, now.plus(outage::BETWEEN_CANARIES)))
                .await?;
    }
    tx.commit().await?;
    let Some(permit) = take_free(slots, 1).pop().filter(|_| mine) else { return Ok(()) };
    let Some((held, attempt)) = claim_one(cx, component).await? else { return Ok(()) };
    let (key, before, heard) = (held.key.clone(), held.generation, cx.silences.answers(component));
    refresh(cx.clone(), permit, (held, attempt), None).await?;
    let answered = cx.silences.answers(component) > heard;
    let mut tx = cx.store.read().await?;
    let after = authorizer_token::find(&mut tx, &cx.vault, &key).await?;
    drop(tx);
    let refreshed = after.is_some_and(|held| held.generation > before);
    // Even a refusal shows that WeChat is there.
    let is_over = |seen: &&incident::Open| refreshed || (answered && seen.cause == Reason::WechatDown);
    let (over, on): (Vec<_>, Vec<_>) = incidents.iter().partition(is_over);
    if let Some(seen) = on.first() {
        gate::block(cx, now, component, seen.cause).await?;
    }
    end(cx, now, &over).await
}

async fn end(cx: &Context, now: Timestamp, over: &[&incident::Open]) -> Result<(), StoreError> {
    let mut tx = cx.store.write().await?;
    for seen in over {
        if incident::end(&mut tx, &seen.id, now).await? {
            tracing::info!(component = %seen.component, cause = seen.cause.code(), "incident closed: an account was answered");
        }
    }
    tx.commit().await?;
    if !over.is_empty() {
        cx.wake.ring();
    }
    Ok(())
}
