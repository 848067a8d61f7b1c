//! The platform's first page: every tenant's health, the platform's own, and what is wrong.

use askama::Template;

use crate::clock::Timestamp;
use crate::domain::component::ComponentStatus;
use crate::domain::health::Health;
use crate::domain::text::Lang;
use crate::store::incident_list;
use crate::store::platform_counts::Refusals;
use crate::web::account::Gaze;
use crate::web::admin::state::{ComponentCard, IncidentRow};
use crate::web::charts::{self, Charts};
use crate::web::samples::NOW;
use crate::web::shell::{Nav, Shell};
use crate::web::when::Moment;
use crate::web::words::admin_unclaimed::UnclaimedWords;
use crate::web::words::fill;

/// What the database knows.
#[derive(Clone, Debug, Default)]
pub struct Found {
    pub counts: Vec<(Health, i64)>,
    pub engine: charts::Found,
    pub components: Vec<ComponentStatus>,
    pub incidents: Vec<incident_list::Listed>,
    pub refusals: Vec<Refusals>,
    pub held: i64,
}

#[derive(Debug, Template)]
#[template(path = "admin/overview.html")]
pub struct OverviewView {
    pub shell: Shell,
    /// `共 12 个账号`.
    pub total: String,
    /// The most urgent first; empty without accounts.
    pub shares: Vec<Share>,
    pub charts: Charts,
    pub incidents: Vec<IncidentRow>,
    pub components: Vec<ComponentCard>,
    pub refusals: Vec<RefusalRow>,
    /// `3 个授权等待认领`, when there are any.
    pub waiting: Option<String>,
}

/// One state's part of all accounts.
#[derive(Clone, Debug)]
pub struct Share {
    pub state: &'static str,
    pub label: &'static str,
    pub count: i64,
    pub href: String,
    /// Place and width in a bar of 1000.
    pub x: i64,
    pub width: i64,
}

#[derive(Clone, Debug)]
pub struct RefusalRow {
    pub component: String,
    pub reason: String,
    pub count: i64,
    pub last: Moment,
}

impl OverviewView {
    pub fn new(shell: Shell, now: Timestamp, found: &Found) -> Self {
        let (locale, w) = (shell.locale(), &shell.w.admin);
        let counts = shown(&found.counts, shell.stale.is_some());
        let total: i64 = counts.iter().map(|(_, count)| count).sum();
        let refusal = |refusals: &Refusals| RefusalRow {
            component: refusals.component.clone(),
            reason: refusal_text(&refusals.reason, &w.unclaimed),
            count: refusals.count,
            last: Moment::of(refusals.last_at, now, locale),
        };
        Self {
            total: fill(w.accounts_total, &[&total.to_string()]),
            shares: shares(&counts, total, shell.lang),
            charts: Charts::of(&found.engine, &Gaze::new(&shell, now)),
            incidents: found.incidents.iter().map(|one| IncidentRow::of(one, now, locale)).collect(),
            components: found
                .components
                .iter()
                .map(|one| ComponentCard::of(one, &found.incidents, now, locale))
                .collect(),
            refusals: found.refusals.iter().map(refusal).collect(),
            waiting: (found.held > 0).then(|| fill(w.waiting, &[&found.held.to_string()])),
            shell,
        }
    }

    pub fn samples(lang: Lang) -> Vec<(&'static str, Self)> {
        use crate::web::admin::samples;
        let shell = || samples::shell(lang, Nav::AdminOverview);
        let busy = Found {
            counts: samples::counts(),
            engine: samples::engine(),
            components: samples::components(),
            incidents: samples::incidents(),
            refusals: samples::refusals(),
            held: 2,
        };
        let calm = Found { incidents: Vec::new(), refusals: Vec::new(), held: 0, ..busy.clone() };
        let show = |found| Self::new(shell(), NOW, found);
        vec![("busy", show(&busy)), ("calm", show(&calm)), ("empty", show(&Found::default()))]
    }
}

/// The most urgent first; without a heartbeat nothing is called healthy.
fn shown(counts: &[(Health, i64)], heartbeat_lost: bool) -> Vec<(Health, i64)> {
    let shown = |stored| match (stored, heartbeat_lost) {
        (Health::Healthy, true) => Health::Unknown,
        (stored, _) => stored,
    };
    Health::ALL
        .into_iter()
        .map(|health| {
            let of_state = counts.iter().filter(|(stored, _)| shown(*stored) == health);
            (health, of_state.map(|(_, count)| count).sum())
        })
        .filter(|(_, count)| *count > 0)
        .collect()
}

fn shares(counts: &[(Health, i64)], total: i64, lang: Lang) -> Vec<Share> {
    let mut before = 0;
    let share = |(health, count): &(Health, i64)| {
        let x = before * 1000 / total.max(1);
        before += count;
        Share {
            state: health.as_str(),
            label: health.label().get(lang),
            count: *count,
            href: format!("/admin/authorizers?state={}", health.as_str()),
            x,
            width: before * 1000 / total.max(1) - x,
        }
    };
    counts.iter().map(share).collect()
}

/// The receiver's codes in words; a code without words is shown as it is.
fn refusal_text(code: &str, w: &UnclaimedWords) -> String {
    let text = match code {
        "unknown_component" => w.refused_component,
        "missing_signature" => w.refused_no_signature,
        "bad_envelope" => w.refused_envelope,
        "bad_signature" => w.refused_signature,
        "bad_encryption" => w.refused_encryption,
        "wrong_appid" => w.refused_appid,
        "bad_message" => w.refused_message,
        "not_stored" => w.refused_store,
        other => other,
    };
    text.to_owned()
}
