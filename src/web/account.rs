//! One account as a row: on the overview, in the tenant's list, in the platform's list.

use crate::clock::Timestamp;
use crate::domain::authorizer::Authorizer;
use crate::domain::health::{Health, Heartbeat, shown};
use crate::domain::text::Lang;
use crate::domain::zone::Zone;

use super::parts::{Avatar, Badge, Bar, name};
use super::shell::Shell;
use super::when::{Locale, Moment};
use super::words::Words;

/// From where rows are looked at.
#[derive(Clone, Copy, Debug)]
pub struct Gaze {
    pub lang: Lang,
    pub zone: Zone,
    pub w: &'static Words,
    pub now: Timestamp,
    pub heartbeat: Heartbeat,
}

impl Gaze {
    pub const fn new(shell: &Shell, now: Timestamp) -> Self {
        let heartbeat = if shell.stale.is_none() { Heartbeat::Fresh } else { Heartbeat::Lost };
        Self { lang: shell.lang, zone: shell.zone, w: shell.w, now, heartbeat }
    }

    pub const fn locale(&self) -> Locale {
        Locale { lang: self.lang, zone: self.zone }
    }

    /// The state that may be shown of an account.
    pub fn health(&self, authorizer: &Authorizer) -> Health {
        shown(authorizer.health, self.heartbeat, authorizer.token_expires_at, self.now)
    }

    pub fn moment(&self, at: Timestamp) -> Moment {
        Moment::of(at, self.now, self.locale())
    }

    pub fn maybe(&self, at: Option<Timestamp>) -> Option<Moment> {
        Moment::maybe(at, self.now, self.locale())
    }
}

/// Ready to print.
#[derive(Clone, Debug)]
pub struct AccountRow {
    pub name: String,
    pub appid: String,
    pub href: String,
    pub avatar: Avatar,
    pub kind: &'static str,
    pub badge: Badge,
    /// Why, unless all is well.
    pub reason: Option<&'static str>,
    /// What is left of the token's life; `None` without a token.
    pub life: Option<Bar>,
    /// When it is refreshed next; `None` when nothing is planned.
    pub next: Option<Moment>,
    pub last: Option<Moment>,
    /// Where a new authorisation for this account begins, when it needs one.
    pub reauthorize: Option<String>,
}

impl AccountRow {
    pub fn of(authorizer: &Authorizer, gaze: &Gaze) -> Self {
        let appid = authorizer.key.authorizer.as_str();
        let health = gaze.health(authorizer);
        Self {
            name: name(authorizer).to_owned(),
            appid: appid.to_owned(),
            href: format!("/authorizers/{appid}"),
            avatar: Avatar::of_authorizer(authorizer),
            kind: authorizer.kind.label().get(gaze.lang),
            badge: Badge::of(health, gaze.lang),
            reason: reason(authorizer, health, gaze.lang),
            life: life(authorizer, health, gaze),
            next: next(authorizer, health, gaze),
            last: gaze.maybe(authorizer.last_success_at),
            reauthorize: health.needs_a_person().then(|| reauthorize_href(appid)),
        }
    }
}

/// Where a new authorisation for this account begins.
pub fn reauthorize_href(appid: &str) -> String {
    format!("/authorizers/{appid}/reauthorize")
}

/// The sentence of the reason; a healthy account needs none.
fn reason(authorizer: &Authorizer, health: Health, lang: Lang) -> Option<&'static str> {
    use crate::domain::reason::Reason;
    match (health, authorizer.reason) {
        (Health::Healthy | Health::Unknown, _) => None,
        // The row has not been judged yet, but its token is over.
        (Health::ExpiredRetrying, Reason::Ok) => Some(Reason::RefreshOverdue.sentence().get(lang)),
        (_, reason) => Some(reason.sentence().get(lang)),
    }
}

/// The token's life as a bar; grey when nobody renews it, or nobody knows.
pub fn life(authorizer: &Authorizer, health: Health, gaze: &Gaze) -> Option<Bar> {
    let until = authorizer.token_expires_at?;
    let from = authorizer.token_obtained_at.unwrap_or(authorizer.authorized_at);
    let bar = Bar::of(from, until, gaze.now, gaze.locale());
    Some(if !health.is_refreshed() { Bar { tone: "stopped", ..bar } } else { bar })
}

/// When it is refreshed next: `即将进行` once that moment has come.
pub fn next(authorizer: &Authorizer, health: Health, gaze: &Gaze) -> Option<Moment> {
    let at = authorizer.next_refresh_at.filter(|_| health.is_refreshed() || health == Health::Unknown)?;
    let moment = gaze.moment(at);
    Some(if at <= gaze.now { Moment { text: gaze.w.list.due.to_owned(), ..moment } } else { moment })
}
