//! The engine at work, as three charts ready to print: how refreshes ended, when tokens end, how late refreshes began.
//! Places and sizes are whole units of a drawing of [`WIDTH`] × [`HEIGHT`] that is stretched to its place on the page.

use std::time::Duration;

use crate::clock::Timestamp;
use crate::service::count_time_left::Counted;
use crate::store::refresh_tally::Hour;

use super::account::Gaze;
use super::when::hour_minute;

mod expiry;
mod lateness;
mod outcomes;
mod samples;

pub use expiry::ExpiryChart;
pub use lateness::LatenessChart;
pub use outcomes::OutcomesChart;

pub const WIDTH: i64 = 2400;
pub const HEIGHT: i64 = 1000;
/// One column for each hour.
const HOURS: i64 = 24;
const COLUMN: i64 = WIDTH / HOURS;
/// Free space on either side of a bar.
const GAP: i64 = 14;
/// What is there is seen, however little it is.
const HAIR: i64 = 14;

/// What the database knows.
#[derive(Clone, Debug, Default)]
pub struct Found {
    pub hours: Vec<Hour>,
    pub left: Counted,
}

/// The oldest hour that is drawn; the newest is the one that runs.
pub fn since(now: Timestamp) -> Timestamp {
    Timestamp::from_unix((now.unix().div_euclid(3600) - (HOURS - 1)) * 3600)
}

/// Ready to print.
#[derive(Clone, Debug)]
pub struct Charts {
    /// `None` when nothing was refreshed in these hours.
    pub by_hour: Option<ByHour>,
    /// `None` without tokens.
    pub expiry: Option<ExpiryChart>,
}

/// The charts over 24 hours.
#[derive(Clone, Debug)]
pub struct ByHour {
    pub outcomes: OutcomesChart,
    pub lateness: LatenessChart,
    /// Clock times below both: at the beginning, the quarters and the end.
    pub scale: Vec<String>,
}

impl Charts {
    pub fn of(found: &Found, gaze: &Gaze) -> Self {
        let by_hour = || ByHour {
            outcomes: OutcomesChart::of(&found.hours, gaze),
            lateness: LatenessChart::of(&found.hours, gaze),
            scale: scale(gaze),
        };
        Self {
            by_hour: (!found.hours.is_empty()).then(by_hour),
            expiry: (found.left.left.total() > 0).then(|| ExpiryChart::of(&found.left, gaze)),
        }
    }

    /// Nothing to show yet.
    pub const fn is_empty(&self) -> bool {
        self.by_hour.is_none() && self.expiry.is_none()
    }
}

/// A rectangle; `class` is its colour's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Piece {
    pub class: &'static str,
    pub x: i64,
    pub y: i64,
    pub width: i64,
    pub height: i64,
}

/// What stands above one another, and what it says when a pointer rests on it.
#[derive(Clone, Debug)]
pub struct Column {
    pub title: String,
    pub pieces: Vec<Piece>,
}

/// The same numbers as text.
#[derive(Clone, Debug)]
pub struct Table {
    pub head: Vec<&'static str>,
    pub rows: Vec<TableRow>,
}

#[derive(Clone, Debug)]
pub struct TableRow {
    pub name: String,
    pub cells: Vec<String>,
}

fn scale(gaze: &Gaze) -> Vec<String> {
    let since = since(gaze.now);
    let quarter = |number: u64| hour_minute(since.plus(Duration::from_secs(number * 6 * 3600)), gaze.zone);
    (0..4).map(quarter).chain([gaze.w.charts.now.to_owned()]).collect()
}

/// The hours that are drawn, oldest first: the place of each and its beginning.
fn hours(now: Timestamp) -> impl Iterator<Item = (i64, Timestamp)> {
    let since = since(now);
    (0..HOURS).map(move |number| (number, Timestamp::from_unix(since.unix() + number * 3600)))
}

/// A bar of an hour, `height` high and standing at `bottom`.
const fn bar(class: &'static str, number: i64, (bottom, height): (i64, i64)) -> Piece {
    Piece { class, x: number * COLUMN + GAP, y: bottom - height, width: COLUMN - 2 * GAP, height }
}

/// `12,345`.
fn grouped(number: i64) -> String {
    let digits = number.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// A round number that is not below `most`, and whose half is whole.
fn round_up(most: i64) -> i64 {
    let mut unit = 1;
    loop {
        for step in [2, 4, 6, 8, 10] {
            if step * unit >= most {
                return step * unit;
            }
        }
        unit *= 10;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn numbers_are_grouped_by_thousands() {
        assert_eq!([0, 999, 1000, 1_234_567].map(grouped), ["0", "999", "1,000", "1,234,567"]);
    }

    #[test]
    fn a_day_ends_with_the_hour_that_runs() {
        let now = Timestamp::from_unix(1_795_228_508);
        let drawn: Vec<_> = hours(now).collect();
        assert_eq!((drawn.len(), drawn[0].1), (24, since(now)));
        assert!(drawn[23].1 <= now && now.since(drawn[23].1) < Duration::from_secs(3600));
    }

    proptest! {
        #[test]
        fn a_scale_holds_its_greatest_number_and_wastes_little(most in 0_i64..1_000_000_000) {
            let top = round_up(most);
            prop_assert!(top >= most && top % 2 == 0);
            prop_assert!(most < 2 || top <= 2 * most);
        }
    }
}
