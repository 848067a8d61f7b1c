//! How long after their plan the refreshes of each hour began: half of them, nearly all of them, the latest. The
//! scale is logarithmic, because a good hour is counted in seconds and a bad one in minutes.

use std::time::Duration;

use crate::clock::Timestamp;
use crate::domain::lateness::Lateness;
use crate::store::refresh_tally::Hour;
use crate::web::account::Gaze;
use crate::web::when::{hour_minute, span};
use crate::web::words::fill;

use super::{Column, HAIR, HEIGHT, Piece, Table, TableRow, bar, hours};

/// Seconds at the lines of the drawing, from the ground up, each as far from the next.
const STOPS: [i64; 6] = [0, 1, 10, 60, 600, 3600];
const STEP: i64 = HEIGHT / 5;

/// Ready to print.
#[derive(Clone, Debug)]
pub struct LatenessChart {
    pub sum: String,
    /// The whole picture in words.
    pub text: String,
    /// What the lines stand for, from the top down.
    pub axis: [&'static str; 6],
    /// The lines' places.
    pub lines: [i64; 4],
    pub columns: Vec<Column>,
    pub table: Table,
}

impl LatenessChart {
    pub(super) fn of(found: &[Hour], gaze: &Gaze) -> Self {
        let w = &gaze.w.charts;
        let per_hour: Vec<_> =
            hours(gaze.now).map(|(number, at)| (number, at, late(found, Some(at)))).collect();
        let all = late(found, None);
        let say = |of: Option<Duration>| of.map_or_else(|| "–".to_owned(), |of| span(of, gaze.lang));
        let sum = fill(w.lateness_sum, &[&say(all.percentile(95)), &span(all.max(), gaze.lang)]);
        let row = |(_, at, late): &(i64, Timestamp, Lateness)| {
            let max = (late.count() > 0).then(|| late.max());
            let cells = [late.percentile(50), late.percentile(95), max].map(say).to_vec();
            TableRow { name: hour_minute(*at, gaze.zone), cells }
        };
        let rows: Vec<TableRow> = per_hour.iter().map(row).collect();
        let column = |((number, _, late), row): (&(i64, Timestamp, Lateness), &TableRow)| Column {
            title: fill(w.lateness_at, &[&row.name, &row.cells[0], &row.cells[1], &row.cells[2]]),
            pieces: pieces(*number, late),
        };
        Self {
            text: fill(w.lateness_text, &[&sum]),
            sum,
            axis: [w.stop_hour, w.stop_ten_minutes, w.stop_minute, w.stop_ten, w.stop_second, "0"],
            lines: [1, 2, 3, 4].map(|line| line * STEP),
            columns: per_hour.iter().zip(&rows).map(column).collect(),
            table: Table { head: vec![w.hour, w.lateness_half, w.lateness_most, w.lateness_max], rows },
        }
    }
}

fn late(found: &[Hour], at: Option<Timestamp>) -> Lateness {
    let mut late = Lateness::default();
    for one in found.iter().filter(|one| at.is_none_or(|at| one.at == at)) {
        late.add(&one.late);
    }
    late
}

/// The half in front of nearly all, and a line for the latest.
fn pieces(number: i64, late: &Lateness) -> Vec<Piece> {
    let (Some(half), Some(most)) = (late.percentile(50), late.percentile(95)) else { return Vec::new() };
    let max = height(late.max());
    vec![
        bar("ink-move-soft", number, (HEIGHT, height(most))),
        bar("ink-move", number, (HEIGHT, height(half))),
        bar("ink-dark", number, (HEIGHT - max + HAIR, HAIR)),
    ]
}

/// Between two stops in a straight line; the last is the top.
fn height(of: Duration) -> i64 {
    let seconds = i64::try_from(of.as_secs()).unwrap_or(i64::MAX).min(STOPS[5]);
    let mut bottom = 0;
    for pair in STOPS.windows(2) {
        let (from, to) = (pair[0], pair[1]);
        if seconds <= to {
            return (bottom + (seconds - from) * STEP / (to - from)).max(HAIR);
        }
        bottom += STEP;
    }
    HEIGHT
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_height_lies_between_the_lines_of_its_neighbours() {
        let of = |seconds| height(Duration::from_secs(seconds));
        assert_eq!([0, 1, 10, 60, 600, 3600].map(of), [HAIR, 200, 400, 600, 800, 1000]);
        assert_eq!((of(35), of(90_000)), (500, 1000));
    }
}
