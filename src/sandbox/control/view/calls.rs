//! Counts and the last calls.

use askama::Template;

use super::{Frame, ROWS};
use crate::sandbox::control::Control;
use crate::sandbox::control::moments::moment;
use crate::sandbox::control::page::Wanted;
use crate::sandbox::journal::Entry;

#[derive(Template)]
#[template(path = "sandbox/calls.html")]
struct CallsPage {
    frame: Frame,
    paths: Vec<PathRow>,
    entries: Vec<CallRow>,
    concurrency: u32,
    q: String,
}

/// All accounts of one path together.
#[derive(Default)]
struct PathRow {
    path: String,
    calls: u64,
    errors: u64,
    in_doubt: u64,
    in_flight: u32,
    max_in_flight: u32,
}

struct CallRow {
    entry: Entry,
    at: String,
    took: String,
    errcode: String,
    good: bool,
}

pub(in crate::sandbox::control) fn calls(
    control: &Control,
    frame: Frame,
    wanted: &Wanted,
) -> Result<String, askama::Error> {
    let mut paths: Vec<PathRow> = Vec::new();
    for line in control.counts("", "") {
        if paths.last().is_none_or(|row| row.path != line.path) {
            paths.push(PathRow { path: line.path, ..PathRow::default() });
        }
        if let Some(row) = paths.last_mut() {
            row.calls += line.count.calls;
            row.errors += line.count.errors;
            row.in_doubt += line.count.in_doubt;
            row.in_flight += line.count.in_flight;
            row.max_in_flight = row.max_in_flight.max(line.count.max_in_flight);
        }
    }
    let entry_row = |entry: Entry| CallRow {
        at: moment(entry.at),
        took: entry
            .ended_ms
            .map_or_else(|| "…".to_owned(), |ended| format!("{} ms", ended - entry.started_ms)),
        errcode: entry.errcode.map_or_else(|| "–".to_owned(), |errcode| errcode.to_string()),
        good: entry.errcode == Some(0) && !entry.in_doubt,
        entry,
    };
    let entries = control.journal("", wanted.q.trim(), ROWS).into_iter().map(entry_row).collect();
    let concurrency = control.max_refresh_concurrency();
    CallsPage { frame, paths, entries, concurrency, q: wanted.q.clone() }.render()
}
