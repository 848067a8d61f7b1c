//! Settles attempts whose holder has vanished: an answer in the journal is applied, an attempt without one is in doubt
//! and the account is refreshed at once.

use crate::clock::Timestamp;
use crate::domain::event::Event;
use crate::domain::health::Health;
use crate::domain::reason::Reason;
use crate::secret::Secret;
use crate::store::attempt::{self, Abandoned, End, Outcome};
use crate::store::authorizer_token::{self, Held, Setback};
use crate::store::history::{self, Line};
use crate::store::{StoreError, skip_unreadable};
use crate::wechat::api::api_authorizer_token;

use super::{Context, refresh_one};

const BATCH: i64 = 100;

/// # Errors
/// When the database does not answer.
pub async fn run(cx: &Context, now: Timestamp) -> Result<(), StoreError> {
    let mut tx = cx.store.read().await?;
    let abandoned = attempt::list_abandoned(&mut tx, &cx.vault, now, BATCH).await?;
    drop(tx);
    for left in abandoned {
        skip_unreadable(settle(cx, now, &left).await)?;
    }
    Ok(())
}

async fn settle(cx: &Context, now: Timestamp, left: &Abandoned) -> Result<(), StoreError> {
    metrics::counter!("hufu_attempts_abandoned_total").increment(1);
    let mut tx = cx.store.read().await?;
    let held = authorizer_token::find(&mut tx, &cx.vault, &left.key).await?;
    drop(tx);
    let Some(held) = held else {
        return end(cx, now, left, Outcome::InDoubt).await;
    };
    let answer = left.answer.as_ref().and_then(|raw| api_authorizer_token::parse(raw.expose()).ok());
    match (answer, held.refresh_token.clone()) {
        (Some(refreshed), Some(used)) => {
            // Recorded only if nobody has claimed the account since: the epoch decides.
            let as_then = Held { epoch: left.epoch, ..held };
            refresh_one::apply(cx, &as_then, &left.id, (left.started_at, &used), refreshed).await
        }
        _ => doubt(cx, now, left, &held).await,
    }
}

async fn doubt(cx: &Context, now: Timestamp, left: &Abandoned, held: &Held) -> Result<(), StoreError> {
    let mut tx = cx.store.write().await?;
    if held.epoch == left.epoch && held.health.is_refreshed() {
        let setback = Setback {
            health: Health::Recovering,
            reason: Reason::AttemptInDoubt,
            errcode: None,
            rid: None,
            next_refresh_at: Some(now),
            failures: held.failures,
        };
        authorizer_token::record_setback(&mut tx, held, now, &setback).await?;
        let line = Line::plain(Event::AttemptInDoubt);
        history::append(&mut tx, &cx.random, (&held.tenant, &held.key), now, &line).await?;
    }
    tx.commit().await?;
    end(cx, now, left, Outcome::InDoubt).await
}

async fn end(cx: &Context, now: Timestamp, left: &Abandoned, outcome: Outcome) -> Result<(), StoreError> {
    let end = End {
        outcome,
        class: None,
        errcode: None,
        rid: None,
        message: None,
        token_expires_at: None,
        wipe: false,
    };
    let mut tx = cx.store.write().await?;
    attempt::finish(&mut tx, &left.id, now, &end).await?;
    tx.commit().await
}
