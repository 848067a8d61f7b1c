//! Settles attempts whose holder has vanished: an answer in the journal is applied, an attempt without one is in doubt
//! and the account is refreshed at once.

use crate::clock::Timestamp;
use crate::domain::event::Event;
use crate::secret::Secret;
use crate::store::attempt::{self, Abandoned, End, Outcome};
use crate::store::authorizer_state;
use crate::store::authorizer_token::{self, Held};
use crate::store::history::{self, Line};
use crate::store::{StoreError, skip_unreadable};
use crate::wechat::api::api_authorizer_token;

use super::record_refreshes::Answered;
use super::{Context, count_refreshes, record_refreshes};

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
        return end(cx, now, left, None).await;
    };
    let answer = left.answer.as_ref().and_then(|raw| api_authorizer_token::parse(raw.expose()).ok());
    // A refresh token that has vanished from the row is in the answer all the same.
    let told = answer.as_ref().and_then(|refreshed| refreshed.refresh_token.clone());
    match (answer, held.refresh_token.clone().or(told)) {
        (Some(refreshed), Some(used)) => {
            // Recorded only if nobody has claimed the account since: the epoch decides.
            let as_then = Held { epoch: left.epoch, ..held };
            let (attempt, called_at) = (left.id.clone(), left.started_at);
            let answered =
                Answered { held: as_then, attempt, called_at, watch: None, used, refreshed, raw: None };
            record_refreshes::run(cx, answered).await.map(|_| ())
        }
        _ => doubt(cx, now, left, &held).await,
    }
}

async fn doubt(cx: &Context, now: Timestamp, left: &Abandoned, held: &Held) -> Result<(), StoreError> {
    metrics::counter!("hufu_attempts_in_doubt_total").increment(1);
    let mut tx = cx.store.write().await?;
    if authorizer_state::record_doubt(&mut tx, &left.key, left.epoch, now).await? {
        let line = Line::plain(Event::AttemptInDoubt);
        history::append(&mut tx, &cx.random, (&held.tenant, &held.key), now, &line).await?;
    }
    tx.commit().await?;
    end(cx, now, left, Some(held)).await
}

/// Nobody will ever know how it ended. The hour counts it when the account is still there.
async fn end(cx: &Context, now: Timestamp, left: &Abandoned, held: Option<&Held>) -> Result<(), StoreError> {
    let end = End {
        outcome: Outcome::InDoubt,
        class: None,
        errcode: None,
        rid: None,
        message: None,
        token_expires_at: None,
        wipe: false,
    };
    let mut tx = cx.store.write().await?;
    attempt::finish(&mut tx, &left.id, now, &end).await?;
    if let Some(held) = held {
        count_refreshes::add(&mut tx, now, (held, &left.id), &end).await?;
    }
    tx.commit().await?;
    count_refreshes::ended(&end);
    Ok(())
}
