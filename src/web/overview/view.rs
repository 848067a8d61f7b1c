//! The overview, ready to print.

use askama::Template;

use crate::clock::Timestamp;
use crate::domain::authorizer::Authorizer;
use crate::domain::component::ComponentStatus;
use crate::domain::health::{Health, Heartbeat};
use crate::store::authorizer_count::Count;
use crate::store::incident_list;
use crate::web::account::{AccountRow, Gaze};
use crate::web::charts::{self, Charts};
use crate::web::shell::Shell;
use crate::web::words::fill;

mod platform;
mod samples;

pub use platform::PlatformCard;

/// What the database knows.
#[derive(Clone, Debug, Default)]
pub struct Found {
    pub counts: Vec<Count>,
    pub needs: Vec<Authorizer>,
    pub upcoming: Vec<Authorizer>,
    pub components: Vec<ComponentStatus>,
    pub incidents: Vec<incident_list::Listed>,
    pub engine: charts::Found,
}

#[derive(Clone, Debug, Template)]
#[template(path = "overview/show.html")]
pub struct OverviewView {
    pub shell: Shell,
    pub lede: String,
    /// States with accounts, the most urgent first; empty for a tenant without accounts.
    pub shares: Vec<Share>,
    pub needs: Vec<AccountRow>,
    /// The link to all of them, when not all are shown.
    pub needs_more: Option<String>,
    pub upcoming: Vec<AccountRow>,
    pub charts: Charts,
    pub platforms: Vec<PlatformCard>,
    pub may_manage: bool,
    /// No platform is set up yet.
    pub no_component: bool,
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

impl OverviewView {
    pub fn new(shell: Shell, now: Timestamp, found: &Found, may_manage: bool) -> Self {
        let gaze = Gaze::new(&shell, now);
        let counts = shown_counts(&found.counts, gaze.heartbeat);
        let count = |wanted: fn(Health) -> bool| -> i64 {
            counts.iter().filter(|(health, _)| wanted(*health)).map(|(_, count)| count).sum()
        };
        let total = count(|_| true);
        let needing = count(Health::needs_a_person);
        let healthy = count(|health| health == Health::Healthy);
        let row = |authorizer| AccountRow::of(authorizer, &gaze);
        let more = usize::try_from(needing).is_ok_and(|needing| needing > found.needs.len());
        Self {
            lede: fill(shell.w.overview.lede_one, &[&total.to_string(), &healthy.to_string()]),
            shares: shares(&counts, total, &gaze),
            needs: found.needs.iter().map(row).collect(),
            needs_more: more.then(|| fill(shell.w.overview.needs_more, &[&needing.to_string()])),
            upcoming: found.upcoming.iter().map(row).filter(|row| row.next.is_some()).collect(),
            charts: Charts::of(&found.engine, &gaze),
            platforms: platform::cards(found, &gaze),
            no_component: found.components.is_empty(),
            may_manage,
            shell,
        }
    }
}

impl OverviewView {
    /// What a tenant without accounts reads: how to begin, or who can.
    fn empty_text(&self) -> &'static str {
        let words = &self.shell.w.overview;
        match (self.may_manage, self.no_component) {
            (false, _) => words.empty_viewer,
            (true, true) => words.no_component,
            (true, false) => words.empty_text,
        }
    }
}

/// Counts by the state that may be shown, all components together.
fn shown_counts(counts: &[Count], heartbeat: Heartbeat) -> Vec<(Health, i64)> {
    let shown = |stored| match (stored, heartbeat) {
        (Health::Healthy, Heartbeat::Lost) => Health::Unknown,
        (stored, _) => stored,
    };
    Health::ALL
        .into_iter()
        .map(|health| {
            let of_state = counts.iter().filter(|count| shown(count.health) == health);
            (health, of_state.map(|count| count.count).sum())
        })
        .filter(|(_, count)| *count > 0)
        .collect()
}

fn shares(counts: &[(Health, i64)], total: i64, gaze: &Gaze) -> Vec<Share> {
    let mut before = 0;
    counts
        .iter()
        .map(|(health, count)| {
            let x = before * 1000 / total.max(1);
            before += count;
            Share {
                state: health.as_str(),
                label: health.label().get(gaze.lang),
                count: *count,
                href: format!("/authorizers?state={}", health.as_str()),
                x,
                width: before * 1000 / total.max(1) - x,
            }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::ids::ComponentAppid;
    use crate::domain::text::Lang;
    use crate::web::samples::NOW;

    fn count(health: Health, count: i64) -> Count {
        Count { component: ComponentAppid::parse("wx1").unwrap(), health, count }
    }

    #[test]
    fn without_a_heartbeat_no_account_is_counted_as_healthy() {
        let counts = [count(Health::Healthy, 3), count(Health::Paused, 1)];
        assert_eq!(shown_counts(&counts, Heartbeat::Lost), [(Health::Unknown, 3), (Health::Paused, 1)]);
    }

    #[test]
    fn the_bar_is_filled_exactly() {
        let found = Found {
            counts: vec![count(Health::Retrying, 1), count(Health::Paused, 1), count(Health::Healthy, 1)],
            ..Found::default()
        };
        let view = OverviewView::new(Shell::sample(Lang::Zh), NOW, &found, true);
        let ends: Vec<i64> = view.shares.iter().map(|share| share.x + share.width).collect();
        assert_eq!(ends, [333, 666, 1000]);
    }
}
