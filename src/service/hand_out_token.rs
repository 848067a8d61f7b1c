//! Hands out an account's access token, from memory where it can, and never one that ends too soon: then a new one is
//! fetched first.

use std::sync::{Arc, OnceLock};
use std::time::Duration;

use metrics::Counter;

use crate::clock::{Clock, Stopwatch, Timestamp};
use crate::domain::ids::{AuthorizerAppid, ComponentAppid, TenantId};
use crate::store::StoreError;
use crate::store::hand_out::Offer;

use super::Context;
use super::kept::{Sight, Unseen};
use super::opened::OpenToken;
use super::renew_token::{self, Why};
use super::shelf::{self, Account};

/// Whose token is asked for.
#[derive(Clone, Copy, Debug)]
pub struct Whose<'a> {
    pub tenant: &'a TenantId,
    pub appid: &'a AuthorizerAppid,
    /// Needed only where the tenant's account granted two components.
    pub component: Option<&'a ComponentAppid>,
}

/// How long the token must still live.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Life {
    AtLeast(Duration),
    /// What is left is good enough, however little.
    Any,
}

impl Life {
    fn is_in(self, offer: &Offer, now: Timestamp) -> bool {
        match self {
            Self::Any => true,
            Self::AtLeast(least) => offer.expires_at.is_some_and(|end| now.until(end) >= least),
        }
    }
}

/// An account's row and how it is known.
#[derive(Clone, Debug)]
pub struct Shown {
    sight: Sight<Account>,
    at: usize,
}

impl Shown {
    pub fn offer(&self) -> &Offer {
        &self.sight.value().offers[self.at]
    }

    /// When the scheduler was last heard of.
    pub fn heartbeat(&self) -> Option<Timestamp> {
        self.sight.value().heartbeat
    }

    /// The database did not answer: this is what was known before.
    pub fn from_memory(&self) -> bool {
        self.sight.from_memory
    }

    pub(super) fn open(self, cx: &Context) -> Result<Handed, NotHanded> {
        let room = &self.sight.value().rooms[self.at];
        match cx.shelf.rooms().opened(room, || self.offer().open())? {
            Some(token) => Ok(Handed { token, shown: self }),
            None => Err(NotHanded::NotNow(self)),
        }
    }
}

/// A token and the row it comes from.
#[derive(Debug)]
pub struct Handed {
    pub token: Arc<OpenToken>,
    pub shown: Shown,
}

/// Why no token is handed out.
#[derive(Debug, thiserror::Error)]
pub enum NotHanded {
    /// Not there, or not this tenant's: the same answer for both.
    #[error("there is no such account here")]
    NotFound,
    /// The account granted these components; one must be named.
    #[error("the account granted several components")]
    Ambiguous(Vec<ComponentAppid>),
    /// No token of the account ever lives as long as was asked for.
    #[error("no token of the account lives that long; the last one lived {0:?}")]
    NeverThatLong(Duration),
    /// There is no token that would do, and none came in time.
    #[error("there is no such token now")]
    NotNow(Shown),
    #[error(transparent)]
    Unseen(#[from] Unseen),
}

impl From<StoreError> for NotHanded {
    fn from(error: StoreError) -> Self {
        Self::Unseen(error.into())
    }
}

impl NotHanded {
    pub(super) const fn as_str(&self) -> &'static str {
        match self {
            Self::NotFound => "not_found",
            Self::Ambiguous(_) => "ambiguous",
            Self::NeverThatLong(_) => "never_that_long",
            Self::NotNow(_) => "not_now",
            Self::Unseen(Unseen::Away) => "database_away",
            Self::Unseen(Unseen::Store(_)) => "failed",
        }
    }
}

/// The token, and when there is none that lives long enough, the next one: for that this waits up to
/// [`renew_token::WAIT`].
///
/// # Errors
/// See [`NotHanded`].
pub async fn run(cx: &Context, whose: Whose<'_>, life: Life) -> Result<Handed, NotHanded> {
    let handed = hand_out(cx, whose, life).await;
    match &handed {
        Ok(handed) if handed.shown.from_memory() => counter("served_from_memory").increment(1),
        // Looked up once: this is what happens nearly always.
        Ok(_) => SERVED.get_or_init(|| counter("served")).increment(1),
        Err(error) => counter(error.as_str()).increment(1),
    }
    handed
}

static SERVED: OnceLock<Counter> = OnceLock::new();

fn counter(outcome: &'static str) -> Counter {
    metrics::counter!("hufu_hand_outs_total", "outcome" => outcome)
}

async fn hand_out(cx: &Context, whose: Whose<'_>, life: Life) -> Result<Handed, NotHanded> {
    let shown = look(cx, whose, None).await?;
    let does = |offer: &Offer| {
        let now = cx.clock.now();
        offer.is_usable(now) && life.is_in(offer, now)
    };
    if does(shown.offer()) {
        return shown.open(cx);
    }
    never_that_long(shown.offer(), life, cx.clock.now())?;
    let shown = Box::pin(renew_token::run(cx, whose, Why::TooShort, does)).await?;
    if does(shown.offer()) { shown.open(cx) } else { Err(NotHanded::NotNow(shown)) }
}

/// A new token would be no better than the one that is there.
fn never_that_long(offer: &Offer, life: Life, now: Timestamp) -> Result<(), NotHanded> {
    let (Life::AtLeast(least), true) = (life, offer.is_usable(now)) else { return Ok(()) };
    let whole = offer.obtained_at.zip(offer.expires_at).map(|(from, until)| from.until(until));
    match whole {
        Some(whole) if whole <= least => Err(NotHanded::NeverThatLong(whole)),
        Some(_) | None => Ok(()),
    }
}

/// The account as it is known, not older than `since`.
pub(super) async fn look(
    cx: &Context,
    whose: Whose<'_>,
    since: Option<Stopwatch>,
) -> Result<Shown, NotHanded> {
    let slot = cx.shelf.account(whose.tenant, whose.appid);
    let sight = shelf::account(cx, &slot, (whose.tenant, whose.appid), since).await?;
    let at = choose(&sight.value().offers, whose.component)?;
    Ok(Shown { sight, at })
}

/// The account as it is in the database at this moment.
pub(super) async fn look_anew(cx: &Context, whose: Whose<'_>) -> Result<Shown, NotHanded> {
    look(cx, whose, Some(Clock::stopwatch())).await
}

fn choose(offers: &[Offer], component: Option<&ComponentAppid>) -> Result<usize, NotHanded> {
    match (component, offers) {
        (Some(component), _) => {
            offers.iter().position(|offer| offer.key.component == *component).ok_or(NotHanded::NotFound)
        }
        (None, []) => Err(NotHanded::NotFound),
        (None, [_]) => Ok(0),
        (None, several) => {
            Err(NotHanded::Ambiguous(several.iter().map(|offer| offer.key.component.clone()).collect()))
        }
    }
}
