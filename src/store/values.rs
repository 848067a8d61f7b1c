//! Many rows in one statement: `VALUES` lists of few different lengths, so that prepared statements are used again.

/// The longest list. Longer ones save little and strain the planner.
const MOST: usize = 64;

/// `($3, $4), ($5, $6)`: places for `rows` rows of `columns` values each, numbered from `first`.
pub(super) fn places(first: usize, rows: usize, columns: usize) -> String {
    let row = |row: usize| {
        let from = first + row * columns;
        let cells: Vec<String> = (from..from + columns).map(|number| format!("${number}")).collect();
        format!("({})", cells.join(", "))
    };
    (0..rows).map(row).collect::<Vec<_>>().join(", ")
}

/// Cuts rows into pieces of 64, 32, 16, 8, 4, 2 and 1: seven statements serve every number of rows.
pub(super) fn pieces<T>(mut rows: &[T]) -> impl Iterator<Item = &[T]> {
    std::iter::from_fn(move || {
        let length = 1 << rows.len().min(MOST).checked_ilog2()?;
        let (piece, rest) = rows.split_at(length);
        rows = rest;
        Some(piece)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_numbered_through() {
        assert_eq!(places(3, 2, 2), "($3, $4), ($5, $6)");
    }

    #[test]
    fn pieces_are_powers_of_two_and_leave_nothing_out() {
        let rows: Vec<u32> = (0..171).collect();
        let lengths: Vec<usize> = pieces(&rows).map(<[u32]>::len).collect();
        assert_eq!(lengths, [64, 64, 32, 8, 2, 1]);
        assert_eq!(pieces(&rows).flatten().copied().collect::<Vec<_>>(), rows);
        assert_eq!(pieces::<u32>(&[]).count(), 0);
    }
}
