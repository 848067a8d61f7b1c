//! How the refreshes of each hour ended, as stacked bars.

use crate::domain::errcode::Class;
use crate::store::attempt::Outcome;
use crate::store::refresh_tally::Hour;
use crate::web::account::Gaze;
use crate::web::when::hour_minute;
use crate::web::words::charts::ChartWords;
use crate::web::words::fill;

use super::{Column, HAIR, HEIGHT, Table, TableRow, bar, grouped, hours, round_up};

/// Ready to print.
#[derive(Clone, Debug)]
pub struct OutcomesChart {
    pub sum: String,
    /// The whole picture in words.
    pub text: String,
    /// The numbers at the top, the middle and the bottom.
    pub axis: [String; 3],
    pub columns: Vec<Column>,
    pub legend: Vec<Legend>,
    pub table: Table,
}

/// A colour, what it stands for and how often it happened.
#[derive(Clone, Debug)]
pub struct Legend {
    pub class: &'static str,
    pub label: &'static str,
    pub count: String,
}

/// What a bar is divided into, from the ground up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Succeeded,
    Fenced,
    Doubt,
    Passing,
    Platform,
    Other,
    Lost,
}

impl Kind {
    const ALL: [Self; 7] =
        [Self::Succeeded, Self::Fenced, Self::Doubt, Self::Passing, Self::Platform, Self::Other, Self::Lost];

    const fn of(outcome: Outcome, class: Option<Class>) -> Self {
        match (outcome, class) {
            (Outcome::Succeeded, _) => Self::Succeeded,
            (Outcome::Fenced, _) => Self::Fenced,
            (Outcome::InDoubt, _) => Self::Doubt,
            (Outcome::Failed, Some(Class::Transient | Class::Rate | Class::Token)) => Self::Passing,
            (Outcome::Failed, Some(Class::Environment)) => Self::Platform,
            (Outcome::Failed, Some(Class::AuthorizationLost | Class::Permission)) => Self::Lost,
            (Outcome::Failed, Some(Class::Bug) | None) => Self::Other,
        }
    }

    const fn class(self) -> &'static str {
        match self {
            Self::Succeeded => "ink-good",
            Self::Fenced => "ink-dark",
            Self::Doubt => "ink-move",
            Self::Passing => "ink-warn",
            Self::Platform => "ink-block",
            Self::Other => "ink-off",
            Self::Lost => "ink-bad",
        }
    }

    const fn label(self, w: &ChartWords) -> &'static str {
        match self {
            Self::Succeeded => w.succeeded,
            Self::Fenced => w.fenced,
            Self::Doubt => w.doubt,
            Self::Passing => w.passing,
            Self::Platform => w.platform,
            Self::Other => w.other,
            Self::Lost => w.lost,
        }
    }
}

impl OutcomesChart {
    pub(super) fn of(found: &[Hour], gaze: &Gaze) -> Self {
        let w = &gaze.w.charts;
        let per_hour: Vec<_> = hours(gaze.now)
            .map(|(number, at)| (number, hour_minute(at, gaze.zone), counts(found, |one| one.at == at)))
            .collect();
        let most = per_hour.iter().map(|(_, _, counts)| counts.iter().sum()).max().unwrap_or(0);
        let top = round_up(most);
        let all = counts(found, |_| true);
        let total: i64 = all.iter().sum();
        let sum = match total {
            0 => w.outcomes_none.to_owned(),
            _ => fill(w.outcomes_sum, &[&grouped(total), &percent(all[0], total)]),
        };
        Self {
            text: fill(w.outcomes_text, &[&sum, &grouped(most)]),
            sum,
            axis: [top, top / 2, 0].map(grouped),
            columns: per_hour
                .iter()
                .map(|(number, at, counts)| column((*number, at), counts, (top, w)))
                .collect(),
            legend: legend(&all, w),
            table: table(found, gaze),
        }
    }
}

/// One number for each kind.
type Counts = [i64; Kind::ALL.len()];

fn counts(found: &[Hour], wanted: impl Fn(&Hour) -> bool) -> Counts {
    let mut counts = [0; Kind::ALL.len()];
    for one in found.iter().filter(|one| wanted(one)) {
        let kind = Kind::of(one.outcome, one.class);
        if let Some(place) = Kind::ALL.iter().position(|other| *other == kind) {
            counts[place] += one.count;
        }
    }
    counts
}

fn column((number, at): (i64, &str), counts: &Counts, (top, w): (i64, &ChartWords)) -> Column {
    let mut pieces = Vec::new();
    let mut bottom = HEIGHT;
    for (kind, height) in Kind::ALL.into_iter().zip(heights(counts, top)).filter(|(_, height)| *height > 0) {
        pieces.push(bar(kind.class(), number, (bottom, height)));
        bottom -= height;
    }
    let told = Kind::ALL.into_iter().zip(counts).filter(|(_, count)| **count > 0);
    let told: Vec<String> =
        told.map(|(kind, count)| format!("{} {}", kind.label(w), grouped(*count))).collect();
    Column {
        title: if told.is_empty() { at.to_owned() } else { format!("{at} · {}", told.join(" · ")) },
        pieces,
    }
}

/// To scale, but nothing that happened is thinner than a hair; what that takes is taken from the successes.
fn heights(counts: &Counts, top: i64) -> Counts {
    let scaled = |count: i64| count * HEIGHT / top;
    let mut heights = counts.map(|count| if count == 0 { 0 } else { scaled(count).max(HAIR) });
    let rest: i64 = heights[1..].iter().sum();
    if counts[0] > 0 {
        heights[0] = (scaled(counts.iter().sum()) - rest).max(HAIR);
    }
    heights
}

fn legend(all: &Counts, w: &ChartWords) -> Vec<Legend> {
    let shown =
        Kind::ALL.into_iter().zip(all).filter(|(kind, count)| **count > 0 || *kind == Kind::Succeeded);
    shown
        .map(|(kind, count)| Legend { class: kind.class(), label: kind.label(w), count: grouped(*count) })
        .collect()
}

/// By class, and only with the columns that have a number.
fn table(found: &[Hour], gaze: &Gaze) -> Table {
    let w = &gaze.w.charts;
    let mut ends: Vec<(Outcome, Option<Class>)> = Vec::new();
    for outcome in Outcome::ALL {
        for class in Class::ALL.into_iter().map(Some).chain([None]) {
            // Only failures are told apart by class.
            let key = (outcome, class.filter(|_| outcome == Outcome::Failed));
            let happened = found.iter().any(|one| column_of(one) == key);
            if !ends.contains(&key) && (happened || outcome == Outcome::Succeeded) {
                ends.push(key);
            }
        }
    }
    let label = |(outcome, class): &(Outcome, Option<Class>)| match class {
        Some(class) => class.label().get(gaze.lang),
        None => Kind::of(*outcome, None).label(w),
    };
    let row = |at| {
        let cell = |end: &(Outcome, Option<Class>)| {
            let of_end = found.iter().filter(|one| one.at == at && column_of(one) == *end);
            grouped(of_end.map(|one| one.count).sum())
        };
        TableRow { name: hour_minute(at, gaze.zone), cells: ends.iter().map(cell).collect() }
    };
    Table {
        head: [w.hour].into_iter().chain(ends.iter().map(label)).collect(),
        rows: hours(gaze.now).map(|(_, at)| row(at)).collect(),
    }
}

fn column_of(one: &Hour) -> (Outcome, Option<Class>) {
    (one.outcome, one.class.filter(|_| one.outcome == Outcome::Failed))
}

/// With one decimal, and 100 only when nothing is missing.
fn percent(part: i64, whole: i64) -> String {
    let permille = part * 1000 / whole.max(1);
    if permille == 1000 { "100 %".to_owned() } else { format!("{}.{} %", permille / 10, permille % 10) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_failure_in_a_million_is_seen_and_the_bar_keeps_its_height() {
        let heights = heights(&[1_000_000, 0, 0, 1, 0, 0, 1], 1_000_002);
        assert_eq!((heights[3], heights[6]), (HAIR, HAIR));
        assert_eq!(heights.iter().sum::<i64>(), HEIGHT);
    }

    #[test]
    fn a_hundred_percent_is_claimed_only_when_nothing_failed() {
        assert_eq!(percent(999_999, 1_000_000), "99.9 %");
        assert_eq!(percent(7, 7), "100 %");
        assert_eq!(percent(0, 7), "0.0 %");
    }
}
