//! What a bench found: a table for people, JSON for programs.

use std::fmt::Write as _;
use std::time::Duration;

use serde_json::{Value, json};

/// The figures of one run and what they were taken on.
#[derive(Debug)]
pub(super) struct Report {
    name: &'static str,
    setup: Vec<(&'static str, Value)>,
    lines: Vec<Line>,
}

/// One figure, with the ceiling of the same run when there is one.
#[derive(Debug)]
pub(super) struct Line {
    pub(super) what: String,
    pub(super) figure: f64,
    pub(super) unit: &'static str,
    pub(super) ceiling: Option<f64>,
    /// What the ratio should be, as “≥ 0.6”.
    pub(super) aim: &'static str,
}

impl Line {
    pub(super) fn new(what: impl Into<String>, figure: f64, unit: &'static str) -> Self {
        Self { what: what.into(), figure, unit, ceiling: None, aim: "" }
    }

    pub(super) const fn against(mut self, ceiling: f64, aim: &'static str) -> Self {
        self.ceiling = Some(ceiling);
        self.aim = aim;
        self
    }

    fn ratio(&self) -> Option<f64> {
        self.ceiling.filter(|ceiling| *ceiling > 0.0).map(|ceiling| self.figure / ceiling)
    }
}

impl Report {
    pub(super) fn new(name: &'static str, database: &str) -> Self {
        let cores = std::thread::available_parallelism().map_or(0, usize::from);
        let build = if cfg!(debug_assertions) { "debug" } else { "release" };
        let setup = vec![
            ("version", json!(env!("CARGO_PKG_VERSION"))),
            ("build", json!(build)),
            ("cores", json!(cores)),
            ("database", json!(database)),
        ];
        Self { name, setup, lines: Vec::new() }
    }

    pub(super) fn setup(&mut self, name: &'static str, value: impl Into<Value>) {
        self.setup.push((name, value.into()));
    }

    pub(super) fn line(&mut self, line: Line) {
        self.lines.push(line);
    }

    pub(super) fn json(&self) -> String {
        let setup: serde_json::Map<String, Value> =
            self.setup.iter().map(|(name, value)| ((*name).to_owned(), value.clone())).collect();
        let lines: Vec<Value> = self
            .lines
            .iter()
            .map(|line| {
                json!({
                    "what": line.what, "figure": line.figure, "unit": line.unit, "ceiling": line.ceiling,
                    "ratio": line.ratio(), "aim": line.aim,
                })
            })
            .collect();
        let meaningful = !cfg!(debug_assertions);
        format!(
            "{:#}",
            json!({ "bench": self.name, "meaningful": meaningful, "setup": setup, "lines": lines })
        )
    }

    pub(super) fn table(&self) -> String {
        let mut text = format!("hufu bench {}\n", self.name);
        for (name, value) in &self.setup {
            let value = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
            let _ = write!(text, "  {name}: {value}");
        }
        let _ = write!(text, "\n\n  {:<58} {:>12} {:>12} {:>7}  aim\n", "", "figure", "ceiling", "ratio");
        for line in &self.lines {
            let figure = format!("{} {}", short(line.figure), line.unit);
            let ceiling = line.ceiling.map_or(String::new(), short);
            let ratio = line.ratio().map_or(String::new(), |ratio| format!("{ratio:.2}"));
            let row = format!("  {:<56} {figure:>14} {ceiling:>12} {ratio:>7}  {}", line.what, line.aim);
            let _ = writeln!(text, "{}", row.trim_end());
        }
        if cfg!(debug_assertions) {
            text.push_str("\n  !!! A DEBUG BUILD: THESE FIGURES MEAN NOTHING. Use `cargo run --release -- bench …` !!!\n");
        }
        text
    }
}

fn short(value: f64) -> String {
    match value.abs() {
        size if size >= 100.0 => format!("{value:.0}"),
        size if size >= 1.0 => format!("{value:.1}"),
        _ => format!("{value:.3}"),
    }
}

/// So many in so long, per second.
pub(super) fn per_second(count: u64, span: Duration) -> f64 {
    number(count) / span.as_secs_f64().max(1e-9)
}

#[expect(clippy::cast_precision_loss, reason = "counts of a bench stay far below 2⁵²")]
pub(super) fn number(count: u64) -> f64 {
    count as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_figure_stands_beside_its_ceiling_and_their_ratio() {
        let mut report = Report::new("refresh", "sqlite");
        report.line(Line::new("refreshes", 600.0, "/s").against(1000.0, "≥ 0.6"));

        let json: Value = serde_json::from_str(&report.json()).unwrap();

        assert_eq!(json["lines"][0]["ratio"], 0.6);
        assert!(report.table().contains("0.60  ≥ 0.6"), "{}", report.table());
    }

    #[test]
    fn a_debug_build_says_that_its_figures_mean_nothing() {
        let report = Report::new("refresh", "sqlite");

        let json: Value = serde_json::from_str(&report.json()).unwrap();

        assert_eq!(json["meaningful"], !cfg!(debug_assertions));
        assert_eq!(report.table().contains("MEAN NOTHING"), cfg!(debug_assertions));
    }
}
