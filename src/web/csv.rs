//! Lines of RFC 4180 that a spreadsheet opens without taking any cell for a formula. Every file for spreadsheets is
//! written with these.

/// The mark at the start of a file by which spreadsheets know UTF-8.
pub(super) const MARK: char = '\u{feff}';

/// A line with its end.
pub(super) fn line(cells: &[String]) -> String {
    let cells: Vec<String> = cells.iter().map(|cell| quoted(cell)).collect();
    format!("{}\r\n", cells.join(","))
}

/// Quoted; a cell that a spreadsheet would calculate, quoted or not, begins with an apostrophe. Some take the wide signs
/// of Chinese keyboards for the narrow ones, and some look behind blanks.
fn quoted(cell: &str) -> String {
    let first = cell.trim_start().chars().next();
    let is_formula = first.is_some_and(|c| matches!(c, '=' | '+' | '-' | '@' | '＝' | '＋' | '－' | '＠'))
        || cell.starts_with(['\t', '\r', '\n']);
    let guard = if is_formula { "'" } else { "" };
    format!("\"{guard}{}\"", cell.replace('"', "\"\""))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_cell_is_calculated() {
        for begin in [
            "=1+1",
            "+1",
            "-1",
            "@SUM(A1)",
            "＝1",
            "＋1",
            "－1",
            "＠A1",
            " =1",
            "\u{3000}＝1",
            "\tx",
            "\rx",
            "\nx",
        ] {
            assert_eq!(quoted(begin), format!("\"'{begin}\""));
        }
        assert_eq!(quoted("山野"), "\"山野\"");
        assert_eq!(quoted("a \"b\", c"), "\"a \"\"b\"\", c\"");
        assert_eq!(quoted(""), "\"\"");
    }

    #[test]
    fn a_line_ends_as_spreadsheets_want_it() {
        assert_eq!(line(&["a".to_owned(), "=b".to_owned()]), "\"a\",\"'=b\"\r\n");
    }
}
