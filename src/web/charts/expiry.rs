//! How many tokens end when, as one bar for each class of time left.

use crate::service::count_time_left::Counted;
use crate::web::account::Gaze;
use crate::web::when::Moment;
use crate::web::words::fill;

use super::{HAIR, HEIGHT, Piece, Table, TableRow, WIDTH, grouped};

/// Ready to print.
#[derive(Clone, Debug)]
pub struct ExpiryChart {
    pub sum: String,
    /// When it was counted, if not just now.
    pub counted: Option<Moment>,
    /// The whole picture in words.
    pub text: String,
    pub bars: Vec<ExpiryBar>,
    pub table: Table,
}

#[derive(Clone, Debug)]
pub struct ExpiryBar {
    pub label: String,
    pub count: String,
    pub piece: Piece,
}

/// Minutes, as they stand below the bars; the first is said in words.
const LABELS: [&str; 6] = ["< 5", "5–15", "15–30", "30–60", "60–90", "≥ 90"];
/// A refresh is due at a fifth of two hours: with less than a quarter of an hour it is late.
const CLASSES: [&str; 7] = ["ink-bad", "ink-bad", "ink-warn", "ink-good", "ink-good", "ink-good", "ink-good"];
const SIDE: i64 = 40;

impl ExpiryChart {
    pub(super) fn of(counted: &Counted, gaze: &Gaze) -> Self {
        let (left, w) = (&counted.left, &gaze.w.charts);
        let sum = fill(
            w.expiry_sum,
            &[&grouped(left.total()), &grouped(left.0[1] + left.0[2]), &grouped(left.over())],
        );
        let most = left.0.into_iter().max().unwrap_or(0).max(1);
        let labels = [w.expiry_over].into_iter().chain(LABELS);
        let bars: Vec<ExpiryBar> = (0..)
            .zip(labels)
            .zip(left.0.into_iter().zip(CLASSES))
            .map(|((number, label), (count, class))| ExpiryBar {
                label: label.to_owned(),
                count: grouped(count),
                piece: piece(class, number, if count == 0 { 0 } else { (count * HEIGHT / most).max(HAIR) }),
            })
            .collect();
        let row = |bar: &ExpiryBar| TableRow { name: bar.label.clone(), cells: vec![bar.count.clone()] };
        Self {
            text: fill(w.expiry_text, &[&sum]),
            sum,
            counted: Moment::maybe(counted.at, gaze.now, gaze.locale()),
            table: Table { head: vec![w.expiry_left, w.expiry_count], rows: bars.iter().map(row).collect() },
            bars,
        }
    }
}

fn piece(class: &'static str, number: i64, height: i64) -> Piece {
    let count = i64::try_from(CLASSES.len()).unwrap_or(1);
    let (x, end) = (number * WIDTH / count, (number + 1) * WIDTH / count);
    Piece { class, x: x + SIDE, y: HEIGHT - height, width: end - x - 2 * SIDE, height }
}
