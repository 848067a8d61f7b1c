//! Takes WeChat's answers into the database: sealed into the journal in one transaction, applied to their accounts in
//! another, all together that wait at the same time. An answer cannot be asked for again, so one that the database
//! does not take is kept and tried again until the process ends.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use serde_json::json;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, watch};

use crate::clock::{Clock, Stopwatch, Timestamp};
use crate::crash_point;
use crate::domain::event::Event;
use crate::domain::health::Health;
use crate::domain::ids::AttemptId;
use crate::domain::reason::Reason;
use crate::domain::refresh_plan;
use crate::secret::{AuthorizerRefreshToken, SealedBody};
use crate::store::attempt::{self, End, Outcome};
use crate::store::authorizer_state;
use crate::store::authorizer_token::{self, Held, NewTokens};
use crate::store::history::{self, Line};
use crate::store::{StoreError, Writer, authorizer_refresh, refresh_tally};
use crate::wechat::api::api_authorizer_token::Refreshed;

use super::group::Group;
use super::refresh_one::no_end;
use super::{Context, count_refreshes};

/// How many answers are recorded together.
const TOGETHER: usize = 256;
/// How many answers of the plan's refreshes may wait for the database; when there are more, calls wait with them.
const ROOM: usize = 2 * TOGETHER;
/// Between two tries to record an answer; doubled up to a second.
const PAUSE: Duration = Duration::from_millis(50);
const LONGEST_PAUSE: Duration = Duration::from_secs(1);
/// How often an answer is tried that the database refuses for its content.
const TRIES: u32 = 3;

/// WeChat's answer to a refresh, under the claim that it was fetched with.
#[derive(Debug)]
pub struct Answered {
    pub held: Held,
    pub attempt: AttemptId,
    pub called_at: Timestamp,
    /// Since then, while the one who called lives: the clock may have been set meanwhile.
    pub watch: Option<Stopwatch>,
    /// The refresh token that was sent.
    pub used: AuthorizerRefreshToken,
    pub refreshed: Refreshed,
    /// WeChat's own text; `None` when it is in the journal already.
    pub raw: Option<SealedBody>,
}

/// The answers that wait for the database. Clones are the same.
#[derive(Clone, Debug)]
pub struct Recorder {
    group: Group<Arc<Answered>, Result<bool, Arc<StoreError>>>,
    refused: Arc<AtomicUsize>,
    closing: watch::Sender<bool>,
    room: Arc<Semaphore>,
}

impl Default for Recorder {
    fn default() -> Self {
        let (closing, room) = (watch::Sender::new(false), Arc::new(Semaphore::new(ROOM)));
        Self { group: Group::default(), refused: Arc::default(), closing, room }
    }
}

impl Recorder {
    /// How many answers the database did not take so far. While there are any, nothing new is begun.
    pub fn refused(&self) -> usize {
        self.refused.load(Ordering::SeqCst)
    }

    /// Room for one more answer, for as long as the result is kept.
    pub(super) async fn room(&self) -> Option<OwnedSemaphorePermit> {
        // Never closed.
        Arc::clone(&self.room).acquire_owned().await.ok()
    }

    /// The process ends: what waits is tried once more and given up then.
    pub fn close(&self) {
        self.closing.send_replace(true);
    }
}

/// Records an answer; `false` when the claim was lost meanwhile: it stays in the journal and changes nothing else.
///
/// # Errors
/// When the database refuses it for its content, or does not answer until the process ends. The attempt stays open.
pub async fn run(cx: &Context, answered: Answered) -> Result<bool, StoreError> {
    let waiting = metrics::gauge!("hufu_answers_waiting");
    waiting.increment(1.0);
    let answered = Arc::new(answered);
    let recorded = insist(cx, &answered).await;
    waiting.decrement(1.0);
    recorded.inspect_err(|error| {
        let chain = error as &dyn std::error::Error;
        tracing::error!(error = chain, key = %answered.held.key, "an answer of WeChat could not be recorded");
    })
}

async fn insist(cx: &Context, answered: &Arc<Answered>) -> Result<bool, StoreError> {
    let error = match join(cx, answered).await {
        Ok(stored) => return Ok(stored),
        Err(error) => error,
    };
    tracing::warn!(%error, key = %answered.held.key, "an answer of WeChat is kept in memory and tried again");
    cx.recorder.refused.fetch_add(1, Ordering::SeqCst);
    let recorded = insist_again(cx, answered, error).await;
    cx.recorder.refused.fetch_sub(1, Ordering::SeqCst);
    recorded
}

async fn insist_again(cx: &Context, answered: &Arc<Answered>, first: StoreError) -> Result<bool, StoreError> {
    let (mut error, mut pause) = (first, PAUSE);
    let mut closing = cx.recorder.closing.subscribe();
    for tries in 1.. {
        let is_last = tokio::select! {
            _ = closing.wait_for(|closing| *closing) => true,
            () = Clock::pause(pause) => tries >= TRIES && error.is_about_content(),
        };
        error = match join(cx, answered).await {
            Ok(stored) => return Ok(stored),
            Err(error) if is_last => return Err(error),
            Err(error) => error,
        };
        pause = (pause * 2).min(LONGEST_PAUSE);
    }
    Err(error)
}

async fn join(cx: &Context, answered: &Arc<Answered>) -> Result<bool, StoreError> {
    let for_all = cx.clone();
    let work = move |answers| record(for_all.clone(), answers);
    match cx.recorder.group.join(Arc::clone(answered), TOGETHER, work).await {
        Some(recorded) => recorded.map_err(StoreError::Shared),
        None => Err(StoreError::Unfinished),
    }
}

/// All together; when that fails for the content of one of them, each alone.
async fn record(cx: Context, answers: Vec<Arc<Answered>>) -> Vec<Result<bool, Arc<StoreError>>> {
    let error = match cx.store.in_time(write(&cx, &answers)).await {
        Ok(stored) => return stored.into_iter().map(Ok).collect(),
        Err(error) => Arc::new(error),
    };
    if answers.len() == 1 || !error.is_about_content() {
        return answers.iter().map(|_| Err(Arc::clone(&error))).collect();
    }
    let mut each = Vec::with_capacity(answers.len());
    for answered in answers {
        let stored = cx.store.in_time(write(&cx, &[answered])).await;
        each.push(stored.map(|stored| stored == [true]).map_err(Arc::new));
    }
    each
}

async fn write(cx: &Context, answers: &[Arc<Answered>]) -> Result<Vec<bool>, StoreError> {
    let now = cx.clock.now();
    let raw: Vec<_> =
        answers.iter().filter_map(|one| Some((&one.attempt, &one.held.tenant, one.raw.as_ref()?))).collect();
    if !raw.is_empty() {
        let mut tx = cx.store.write().await?;
        attempt::answer(&mut tx, &cx.vault, now, &raw).await?;
        tx.commit().await?;
        crash_point::reached("after_journal");
    }
    apply(cx, now, answers).await
}

/// Puts the tokens where they belong, under the claims they were fetched with.
async fn apply(cx: &Context, now: Timestamp, answers: &[Arc<Answered>]) -> Result<Vec<bool>, StoreError> {
    let mut tx = cx.store.write().await?;
    let news: Vec<NewTokens> = answers.iter().map(|one| new_tokens(cx, one)).collect();
    let brought: Vec<_> = answers.iter().map(|one| &one.held).zip(&news).collect();
    let stored = authorizer_refresh::record(&mut tx, &cx.vault, &brought).await?;
    note_successes(cx, &mut tx, now, (&brought, &stored)).await?;
    for (answered, _) in answers.iter().zip(&stored).filter(|(_, stored)| !**stored) {
        note_fenced(cx, &mut tx, now, &answered.held).await?;
    }
    let ends: Vec<End> = news.iter().zip(&stored).map(|(new, stored)| end(new, *stored)).collect();
    let ids: Vec<_> = answers.iter().map(|one| &one.attempt).zip(&ends).collect();
    attempt::finish_all(&mut tx, now, &ids).await?;
    let tally =
        |(one, end): (&Arc<Answered>, &End)| count_refreshes::tally(now, (&one.held, &one.attempt), end);
    let tallies: Vec<_> = answers.iter().zip(&ends).map(tally).collect();
    refresh_tally::add(&mut tx, &tallies).await?;
    crash_point::reached("before_commit");
    tx.commit().await?;
    crash_point::reached("after_commit");
    ends.iter().for_each(count_refreshes::ended);
    Ok(stored)
}

fn new_tokens(cx: &Context, answered: &Answered) -> NewTokens {
    let Answered { held, called_at, used, refreshed, watch, .. } = answered;
    // The earlier of the two, so that the token is never thought to live longer than it does.
    let by_watch = watch.map_or(*called_at, |watch| cx.clock.now().minus(watch.elapsed()));
    let called_at = by_watch.min(*called_at);
    let newest = refreshed.refresh_token.as_ref().unwrap_or(used);
    let is_new = held.refresh_token.as_ref() != Some(newest);
    NewTokens {
        access_token: Some(refreshed.access_token.clone()),
        refresh_token: is_new.then(|| newest.clone()),
        obtained_at: called_at,
        expires_at: called_at.plus(refreshed.expires_in),
        next_refresh_at: refresh_plan::planned(called_at, refreshed.expires_in, cx.random.jitter()),
    }
}

fn end(new: &NewTokens, stored: bool) -> End {
    End {
        outcome: if stored { Outcome::Succeeded } else { Outcome::Fenced },
        token_expires_at: Some(new.expires_at),
        wipe: stored,
        ..no_end()
    }
}

async fn note_successes(
    cx: &Context,
    tx: &mut Writer,
    now: Timestamp,
    (brought, stored): (&[(&Held, &NewTokens)], &[bool]),
) -> Result<(), StoreError> {
    let done = || brought.iter().zip(stored).filter_map(|(brought, stored)| stored.then_some(*brought));
    let rotated = Line::plain(Event::RefreshTokenRotated);
    let rotations: Vec<_> = done()
        .filter(|(held, new)| new.refresh_token.is_some() && held.refresh_token.is_some())
        .map(|(held, _)| (&held.tenant, &held.key, &rotated))
        .collect();
    history::append_all(tx, &cx.random, now, &rotations).await?;
    let changed: Vec<_> = done()
        .filter(|(held, _)| held.health != Health::Healthy)
        .map(|(held, _)| (held, became_healthy(held)))
        .collect();
    let changes: Vec<_> = changed.iter().map(|(held, line)| (&held.tenant, &held.key, line)).collect();
    history::append_all(tx, &cx.random, now, &changes).await
}

fn became_healthy(held: &Held) -> Line {
    let event = match held.health {
        Health::Recovering => Event::Recovered,
        _ => Event::HealthChanged,
    };
    let (from, to) = (held.health.as_str(), Health::Healthy.as_str());
    Line::new(event, json!({ "from": from, "to": to, "reason": Reason::Ok.code() }))
}

/// A newer holder has the account. What came is kept in the journal, and a fresh refresh settles which token counts.
async fn note_fenced(cx: &Context, tx: &mut Writer, now: Timestamp, held: &Held) -> Result<(), StoreError> {
    metrics::counter!("hufu_fenced_writes_total").increment(1);
    count_refreshes::conflict("authorizer");
    tracing::warn!(key = %held.key, "a refresh came back after its claim was lost");
    let line = Line::plain(Event::AttemptFenced);
    history::append(tx, &cx.random, (&held.tenant, &held.key), now, &line).await?;
    // Who was cancelled or paused meanwhile stays so.
    let row = authorizer_token::find(tx, &cx.vault, &held.key).await?;
    if row.is_some_and(|row| row.health.is_refreshed()) {
        authorizer_state::hasten(tx, &held.key, now).await?;
    }
    Ok(())
}
