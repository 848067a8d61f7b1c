//! Waits for an account's next token: one caller makes the account due and watches its row, all others wait for that
//! one and share what comes of it. The engine does the refreshing, with its lease and its floor of one a minute.

use std::time::Duration;

use serde_json::json;
use tokio::time::timeout;

use crate::clock::{Clock, Stopwatch, Timestamp};
use crate::domain::audit::{Action, Actor, Detail, Entry, Subject};
use crate::domain::event::Event;
use crate::domain::health::Health;
use crate::store::hand_out::{self, Offer};
use crate::store::history::{self, Line};
use crate::store::{StoreError, audit, authorizer_state};

use super::Context;
use super::foreign_refresher::{self, Evidence};
use super::hand_out_token::{NotHanded, Shown, Whose, look, look_anew};
use super::kept::Unseen;

/// How long a caller waits.
pub const WAIT: Duration = Duration::from_millis(4500);
const BETWEEN_LOOKS: Duration = Duration::from_millis(50);
/// When it was in vain, the next callers are told so for as long as this.
const SHARED_FOR: Duration = Duration::from_secs(2);
/// How long making an account due may take: writers wait for each other.
const WRITE_PATIENCE: Duration = Duration::from_secs(3);
/// A token that dies with more than this left was not outlived but replaced.
const EARLY: Duration = Duration::from_secs(600);

/// Why the token that is there will not do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Why<'a> {
    /// Its end is too near, or there is none.
    TooShort,
    /// A business server found the token of this generation dead; WeChat's errcode and the reporter.
    Dead { generation: i64, errcode: i64, by: &'a Actor },
}

/// The account once `does` holds for its row, or as it is when that did not come in time.
///
/// # Errors
/// See [`NotHanded`].
pub(super) async fn run(
    cx: &Context,
    whose: Whose<'_>,
    why: Why<'_>,
    does: impl Fn(&Offer) -> bool,
) -> Result<Shown, NotHanded> {
    let began = Clock::stopwatch();
    let account = cx.shelf.account(whose.tenant, whose.appid);
    let Ok(mut in_vain) = timeout(WAIT, account.rush.lock()).await else {
        return look(cx, whose, None).await;
    };
    let shown = look(cx, whose, None).await?;
    let told_already = in_vain.is_some_and(|at| at.elapsed() < SHARED_FOR);
    if does(shown.offer()) || (told_already && is_old_news(&shown, why)) {
        return Ok(shown);
    }
    if shown.from_memory() {
        return Err(Unseen::Away.into());
    }
    ask_for_it(cx, &shown, whose, why).await?;
    let shown = watch(cx, whose, began, &does).await?;
    *in_vain = (!does(shown.offer())).then(Clock::stopwatch);
    Ok(shown)
}

/// Nothing has to be written down for this caller that was not written for the one before.
fn is_old_news(shown: &Shown, why: Why<'_>) -> bool {
    match why {
        Why::TooShort => true,
        Why::Dead { generation, .. } => shown.offer().generation != generation || shown.offer().reported,
    }
}

async fn ask_for_it(cx: &Context, shown: &Shown, whose: Whose<'_>, why: Why<'_>) -> Result<(), NotHanded> {
    let offer = shown.offer();
    let written = async {
        match why {
            // Whoever is not healthy is being refreshed as fast as is good.
            Why::TooShort if offer.health != Health::Healthy => Ok(()),
            Why::TooShort => hasten(cx, offer).await,
            Why::Dead { .. } if is_old_news(shown, why) => Ok(()),
            Why::Dead { errcode, by, .. } => bury(cx, offer, whose, (errcode, by)).await,
        }
    };
    match timeout(WRITE_PATIENCE, written).await {
        Ok(Ok(())) => Ok(()),
        Ok(Err(error)) if error.is_no_answer() => Err(Unseen::Away.into()),
        Ok(Err(error)) => Err(error.into()),
        Err(_) => Err(Unseen::Away.into()),
    }
}

async fn hasten(cx: &Context, offer: &Offer) -> Result<(), StoreError> {
    let mut tx = cx.store.write().await?;
    authorizer_state::hasten(&mut tx, &offer.key, cx.clock.now()).await?;
    tx.commit().await?;
    cx.wake.ring();
    Ok(())
}

/// Writes down that a token is dead; the first of all reporters, in all processes, makes the account due.
async fn bury(
    cx: &Context,
    offer: &Offer,
    whose: Whose<'_>,
    (errcode, by): (i64, &Actor),
) -> Result<(), StoreError> {
    let now = cx.clock.now();
    let left = left(offer, now);
    if left > EARLY {
        // Before the account is made due: a refresh of our own would explain it.
        let seen = (Evidence::AccessTokenDied, offer.obtained_at);
        foreign_refresher::suspect(cx, now, (whose.tenant, &offer.key), seen).await?;
    }
    let mut tx = cx.store.write_for(whose.tenant).await?;
    if !hand_out::report(&mut tx, &offer.key, offer.generation).await? {
        return Ok(());
    }
    if offer.health.is_refreshed() {
        authorizer_state::hasten(&mut tx, &offer.key, now).await?;
    }
    let detail = json!({ "errcode": errcode, "seconds_left": left.as_secs(), "key": by.who.id() });
    let line = Line::new(Event::TokenReported, detail);
    history::append(&mut tx, &cx.random, (whose.tenant, &offer.key), now, &line).await?;
    let entry = Entry::of(whose.tenant, Action::TokenReported, Subject::authorizer(whose.appid));
    audit::append(&mut tx, now, by, &entry.with(Detail::none().fact("errcode", errcode))).await?;
    tx.commit().await?;
    cx.wake.ring();
    if left > EARLY {
        metrics::counter!("hufu_tokens_died_early_total").increment(1);
        tracing::warn!(key = %offer.key, errcode, seconds_left = left.as_secs(), "a token died before its time");
    }
    Ok(())
}

fn left(offer: &Offer, now: Timestamp) -> Duration {
    offer.expires_at.map_or(Duration::ZERO, |end| now.until(end))
}

async fn watch(
    cx: &Context,
    whose: Whose<'_>,
    began: Stopwatch,
    does: &impl Fn(&Offer) -> bool,
) -> Result<Shown, NotHanded> {
    loop {
        let shown = look_anew(cx, whose).await?;
        let left = WAIT.saturating_sub(began.elapsed());
        if does(shown.offer()) || left.is_zero() || !is_worth_waiting(shown.offer(), cx.clock.now(), left) {
            return Ok(shown);
        }
        Clock::pause(BETWEEN_LOOKS).await;
    }
}

/// A refresh is due while somebody still waits. After one that failed it is planned for later.
fn is_worth_waiting(offer: &Offer, now: Timestamp, left: Duration) -> bool {
    offer.health.is_refreshed() && offer.next_refresh_at.is_some_and(|at| now.until(at) <= left)
}
