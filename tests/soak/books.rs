//! What the sandbox wrote down about refreshes.

use std::collections::HashMap;
use std::fmt;

use serde_json::Value;

pub(crate) struct Books {
    pub(crate) most_at_once: u64,
    pub(crate) errors: u64,
    calls: HashMap<String, u64>,
}

impl Books {
    /// Reads the answer of `/sandbox/api/counts` for `api_authorizer_token`.
    pub(crate) fn read(counts: &Value) -> Self {
        let lines = counts["lines"].as_array().unwrap();
        let number = |value: &Value| value.as_u64().unwrap();
        Self {
            most_at_once: lines.iter().map(|line| number(&line["max_at_work"])).max().unwrap_or(0),
            errors: lines.iter().map(|line| number(&line["errors"])).sum(),
            calls: lines
                .iter()
                .map(|line| (line["account"].as_str().unwrap().to_owned(), number(&line["calls"])))
                .collect(),
        }
    }

    pub(crate) fn calls_of(&self, appid: &str) -> u64 {
        self.calls.get(appid).copied().unwrap_or(0)
    }
}

impl fmt::Display for Books {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (fewest, most) =
            (self.calls.values().min().unwrap_or(&0), self.calls.values().max().unwrap_or(&0));
        write!(
            f,
            "{} refreshes of {} accounts ({fewest} to {most} each), {} failed, at most {} at once for one account",
            self.calls.values().sum::<u64>(),
            self.calls.len(),
            self.errors,
            self.most_at_once
        )
    }
}
