//! The page of one account, ready to print.

use std::time::Duration;

use askama::Template;

use crate::clock::Timestamp;
use crate::domain::authorizer::Authorizer;
use crate::domain::func_info;
use crate::domain::health::Health;
use crate::store::history_list::{Attempted, Told};
use crate::web::account::{Gaze, life, next, reauthorize_href};
use crate::web::parts::{Avatar, Badge, Bar, name};
use crate::web::shell::Shell;
use crate::web::when::Moment;
use crate::web::words::fill;

mod profile;
mod samples;
mod standing;
mod strip;
mod timeline;

pub use profile::ProfileCard;
pub use standing::Standing;
pub use strip::Strip;
pub use timeline::Entry;

/// How many lines of the history are shown.
pub const HISTORY_SHOWN: i64 = 60;

/// How long a suspicion that nothing confirms is shown.
const FOREIGN_SHOWN: Duration = Duration::from_secs(7 * 86_400);

/// What the database knows.
#[derive(Clone, Debug)]
pub struct Found {
    pub authorizer: Authorizer,
    /// Newest first.
    pub history: Vec<Told>,
    /// Oldest first.
    pub attempts: Vec<Attempted>,
    pub component_name: Option<String>,
    /// When another refresher was last suspected.
    pub foreign_at: Option<Timestamp>,
}

#[derive(Clone, Debug, Template)]
#[template(path = "authorizer/show.html")]
pub struct AuthorizerView {
    pub shell: Shell,
    /// Where the list is.
    pub back: &'static str,
    /// Whose account it is, on the platform's own page of it.
    pub tenant: Option<String>,
    pub name: String,
    pub appid: String,
    pub kind: &'static str,
    pub avatar: Avatar,
    pub badge: Badge,
    pub standing: Standing,
    /// Another system seems to refresh this account: when that was last seen.
    pub foreign: Option<Moment>,
    pub times: Times,
    pub strip: Strip,
    pub profile: ProfileCard,
    pub sets: Vec<String>,
    /// WeChat has told of this account, so an empty list of sets means none.
    pub sets_are_known: bool,
    pub history: Vec<Entry>,
    /// There may be more than is shown.
    pub history_is_cut: bool,
    pub actions: Actions,
}

#[derive(Clone, Debug)]
pub struct Times {
    pub life: Option<Bar>,
    pub obtained: Option<Moment>,
    pub expires: Option<Moment>,
    pub next: Option<Moment>,
    pub last: Option<Moment>,
    pub authorized: Moment,
}

/// The buttons; `None` where the state or the role does not allow one.
#[derive(Clone, Debug, Default)]
pub struct Actions {
    pub refresh: Option<String>,
    pub reauthorize: Option<String>,
    /// A new authorisation is what this account needs: the button stands out.
    pub reauthorize_first: bool,
    pub pause: Option<String>,
    pub resume: Option<String>,
}

impl AuthorizerView {
    pub fn new(shell: Shell, now: Timestamp, found: &Found, may_manage: bool) -> Self {
        let gaze = Gaze::new(&shell, now);
        let one = &found.authorizer;
        let health = gaze.health(one);
        Self {
            back: "/authorizers",
            tenant: None,
            name: name(one).to_owned(),
            appid: one.key.authorizer.to_string(),
            kind: one.kind.label().get(gaze.lang),
            avatar: Avatar::of_authorizer(one),
            badge: Badge::of(health, gaze.lang),
            standing: Standing::of(one, health, &gaze),
            foreign: gaze.maybe(found.foreign_at.filter(|at| now.since(*at) < FOREIGN_SHOWN)),
            times: times(one, health, &gaze),
            strip: Strip::of(one, &found.attempts, &gaze),
            profile: ProfileCard::of(one, found.component_name.as_deref(), &gaze),
            sets: one.func_info.iter().map(|id| func_info::label(*id, gaze.lang)).collect(),
            sets_are_known: one.info_at.is_some() || !one.func_info.is_empty(),
            history: found.history.iter().map(|told| Entry::of(told, &gaze)).collect(),
            history_is_cut: i64::try_from(found.history.len()).is_ok_and(|count| count >= HISTORY_SHOWN),
            actions: if may_manage { actions(one, health) } else { Actions::default() },
            shell,
        }
    }
}

impl AuthorizerView {
    /// The same page for the platform's administrators: whose account it is, and nothing to press.
    pub fn for_platform(shell: Shell, now: Timestamp, found: &Found, tenant: String) -> Self {
        Self { back: "/admin/authorizers", tenant: Some(tenant), ..Self::new(shell, now, found, false) }
    }

    fn history_note(&self) -> String {
        fill(self.shell.w.detail.history_more, &[&HISTORY_SHOWN.to_string()])
    }
}

fn times(one: &Authorizer, health: Health, gaze: &Gaze) -> Times {
    Times {
        life: life(one, health, gaze),
        obtained: gaze.maybe(one.token_obtained_at),
        expires: gaze.maybe(one.token_expires_at),
        next: next(one, health, gaze),
        last: gaze.maybe(one.last_success_at),
        authorized: gaze.moment(one.authorized_at),
    }
}

fn actions(one: &Authorizer, health: Health) -> Actions {
    let appid = one.key.authorizer.as_str();
    let to = |verb: &str| format!("/authorizers/{appid}/{verb}");
    Actions {
        refresh: (health.is_refreshed() || health == Health::Unknown).then(|| to("refresh")),
        reauthorize: Some(reauthorize_href(appid)),
        reauthorize_first: health.needs_a_person(),
        pause: (health.is_refreshed() || health == Health::Unknown).then(|| to("pause")),
        resume: (health == Health::Paused).then(|| to("resume")),
    }
}
