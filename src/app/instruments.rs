//! Everything `/metrics` tells, in one list: what is described to Prometheus, what docs/metrics.md prints, and what a
//! test compares with the sources. No label ever names an account.

/// One metric.
#[derive(Debug)]
pub struct Instrument {
    pub name: &'static str,
    pub kind: Kind,
    /// Names of its labels.
    pub labels: &'static [&'static str],
    pub meaning: &'static str,
    /// When to wake somebody, as a PromQL expression; empty when never for this alone.
    pub alert: &'static str,
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Kind {
    Counter,
    /// With its unit.
    Gauge(&'static str),
    /// Of seconds, with the upper bounds of its buckets.
    Histogram(&'static [f64]),
}

impl Kind {
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Counter => "counter",
            Self::Gauge(_) => "gauge",
            Self::Histogram(_) => "histogram",
        }
    }

    /// What is counted or measured.
    pub const fn unit(self) -> &'static str {
        match self {
            Self::Counter => "count",
            Self::Gauge(unit) => unit,
            Self::Histogram(_) => "seconds",
        }
    }
}

/// A call to WeChat ends at 8 s.
const CALL: &[f64] = &[0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 8.0];
/// As domain/lateness.rs.
const LATENESS: &[f64] = &[1.0, 2.0, 5.0, 10.0, 30.0, 60.0, 300.0, 1800.0];

const fn counter(
    name: &'static str,
    labels: &'static [&'static str],
    meaning: &'static str,
    alert: &'static str,
) -> Instrument {
    Instrument { name, kind: Kind::Counter, labels, meaning, alert }
}

const fn gauge(
    (name, unit): (&'static str, &'static str),
    labels: &'static [&'static str],
    meaning: &'static str,
    alert: &'static str,
) -> Instrument {
    Instrument { name, kind: Kind::Gauge(unit), labels, meaning, alert }
}

const fn histogram(
    (name, buckets): (&'static str, &'static [f64]),
    labels: &'static [&'static str],
    meaning: &'static str,
    alert: &'static str,
) -> Instrument {
    Instrument { name, kind: Kind::Histogram(buckets), labels, meaning, alert }
}

/// All of them, by name.
pub const ALL: &[Instrument] = &[
    gauge(
        ("hufu_accounts", "accounts"),
        &["health"],
        "accounts in each state, over all tenants; measured once a minute",
        "max(hufu_accounts{health=\"expired_retrying\"}) > 0 for 5m",
    ),
    gauge(
        ("hufu_answers_waiting", "answers"),
        &[],
        "answers of WeChat that this process has and the database has not yet taken",
        "hufu_answers_waiting > 100 for 1m",
    ),
    counter(
        "hufu_attempts_abandoned_total",
        &[],
        "attempts whose holder vanished and that this process settled",
        "increase(hufu_attempts_abandoned_total[10m]) > 20",
    ),
    gauge(
        ("hufu_attempts_in_doubt", "attempts"),
        &[],
        "attempts in the journal without an outcome after their lease; settled at the next tick",
        "hufu_attempts_in_doubt > 0 for 5m",
    ),
    counter(
        "hufu_attempts_in_doubt_total",
        &[],
        "attempts whose holder vanished without an answer: what WeChat did is not known, the account is refreshed again",
        "increase(hufu_attempts_in_doubt_total[10m]) > 20",
    ),
    counter(
        "hufu_audit_checkpoints_gone_total",
        &[],
        "times that a signed checkpoint of the audit was found to be gone, and nothing was signed",
        "increase(hufu_audit_checkpoints_gone_total[1h]) > 0",
    ),
    counter(
        "hufu_clock_steps_total",
        &[],
        "times the clock that counts (the database's, on SQLite the machine's) was found to be set by more than 2 s",
        "increase(hufu_clock_steps_total[1h]) > 0",
    ),
    gauge(
        ("hufu_component_token_left_seconds", "seconds"),
        &["component"],
        "time left of the component_access_token; 0 without a valid one",
        "hufu_component_token_left_seconds < 300",
    ),
    counter(
        "hufu_connections_cut_total",
        &["why"],
        "connections that were closed: too_many of one address, not_read when an answer was not taken",
        "increase(hufu_connections_cut_total[10m]) > 1000",
    ),
    counter(
        "hufu_fenced_writes_total",
        &[],
        "answers that came after their claim was lost: kept in the journal, not written over the newer ones",
        "increase(hufu_fenced_writes_total[1h]) > 10",
    ),
    counter(
        "hufu_foreign_refreshers_total",
        &["evidence"],
        "signs that another system refreshes an account as well: refresh_token (one that we never wrote), access_token_died",
        "increase(hufu_foreign_refreshers_total[1h]) > 0",
    ),
    counter(
        "hufu_hand_outs_total",
        &["outcome"],
        "access tokens asked for: served, served_from_memory (the database is away), or why not",
        "rate(hufu_hand_outs_total{outcome=\"not_now\"}[10m]) > 1",
    ),
    gauge(
        ("hufu_incidents_open", "incidents"),
        &["component", "cause"],
        "open incidents of the platform itself; 1 or 0 for each cause",
        "hufu_incidents_open > 0 for 1m",
    ),
    counter(
        "hufu_job_failures_total",
        &["job"],
        "jobs of the scheduler that could not do their work, mostly because the database did not answer",
        "increase(hufu_job_failures_total[5m]) > 5",
    ),
    counter(
        "hufu_keys_refused_total",
        &["reason"],
        "requests with an API key that does not count: unknown, revoked, expired, address, scope, …",
        "rate(hufu_keys_refused_total[10m]) > 1",
    ),
    counter(
        "hufu_lease_conflicts_total",
        &["lease"],
        "work that found its lease in other hands: `component_token` waited for, `authorizer` lost before recording",
        "rate(hufu_lease_conflicts_total[10m]) > 1",
    ),
    counter(
        "hufu_letters_total",
        &["kind", "outcome"],
        "tries to send a letter: sent, delayed (tried again for a day), given_up",
        "increase(hufu_letters_total{outcome=\"given_up\"}[1h]) > 0",
    ),
    gauge(
        ("hufu_listening", "connections"),
        &[],
        "1 while this process hears what others change (PostgreSQL); at 0 it notices within two seconds by itself",
        "hufu_listening == 0 for 5m",
    ),
    counter(
        "hufu_pushes_total",
        &["outcome"],
        "pushes from WeChat: accepted, message, or why they were refused",
        "increase(hufu_pushes_total{outcome=\"bad_signature\"}[10m]) > 10",
    ),
    counter(
        "hufu_recoveries_total",
        &["outcome"],
        "climbs of the recovery ladder by their end: recovered, waits, fenced (somebody else had the account by then), or the state the account was left in",
        "increase(hufu_recoveries_total{outcome=\"needs_reauthorization\"}[1h]) > 5",
    ),
    counter(
        "hufu_recovery_steps_total",
        &["step", "outcome"],
        "steps of the recovery ladder (re_read, journal, previous, info, list) and what each found",
        "",
    ),
    histogram(
        ("hufu_refresh_lateness_seconds", LATENESS),
        &[],
        "how long after its plan a refresh began",
        "histogram_quantile(0.99, rate(hufu_refresh_lateness_seconds_bucket[10m])) > 60",
    ),
    gauge(
        ("hufu_refreshes_due", "accounts"),
        &["component"],
        "accounts that are due and held by nobody: the queue; counted up to 10,000",
        "hufu_refreshes_due > 1000 for 10m",
    ),
    gauge(("hufu_refreshes_in_flight", "refreshes"), &[], "refreshes under way in this process", ""),
    counter(
        "hufu_refreshes_total",
        &["outcome", "class"],
        "attempts that ended: succeeded, failed, in_doubt, fenced; failures by their class in domain/errcode.rs",
        "sum(rate(hufu_refreshes_total{outcome=\"failed\"}[10m])) / sum(rate(hufu_refreshes_total[10m])) > 0.05",
    ),
    counter(
        "hufu_reports_total",
        &["outcome"],
        "dead tokens that business servers reported: renewed, replaced_before (no call), or why there is no new one",
        "increase(hufu_reports_total{outcome=\"not_now\"}[10m]) > 10",
    ),
    gauge(
        ("hufu_scheduler_heartbeat_seconds", "Unix time"),
        &[],
        "when this process' scheduler last reached the database",
        "time() - hufu_scheduler_heartbeat_seconds > 60",
    ),
    counter(
        "hufu_sign_ins_slowed_total",
        &[],
        "tries to sign in that were told to wait: somebody guesses passwords",
        "increase(hufu_sign_ins_slowed_total[10m]) > 100",
    ),
    counter(
        "hufu_stale_claims_total",
        &[],
        "claims given up before the call because too much time went by: a process that was stopped or starved",
        "increase(hufu_stale_claims_total[10m]) > 10",
    ),
    gauge(
        ("hufu_ticket_age_seconds", "seconds"),
        &["component"],
        "age of the newest component_verify_ticket; there is none before the first; WeChat sends one every 10 minutes",
        "hufu_ticket_age_seconds > 1800",
    ),
    gauge(
        ("hufu_tokens", "tokens"),
        &["left"],
        "access tokens of accounts that are kept fresh, by time left: over, then less than so much, then more; measured once a minute",
        "max(hufu_tokens{left=~\"over|under_5m\"}) > 0 for 5m",
    ),
    counter(
        "hufu_tokens_died_early_total",
        &[],
        "reported tokens that had more than ten minutes left: somebody else refreshes with the same grant",
        "increase(hufu_tokens_died_early_total[1h]) > 3",
    ),
    histogram(
        ("hufu_wechat_call_seconds", CALL),
        &["api", "errcode"],
        "calls to WeChat by their name and the errcode of their answer (0, known codes, `other`, or why there was none)",
        "histogram_quantile(0.95, sum by (le) (rate(hufu_wechat_call_seconds_bucket[10m]))) > 3",
    ),
    counter(
        "hufu_wechat_calls_total",
        &["api", "errcode"],
        "the same calls, counted",
        "sum(rate(hufu_wechat_calls_total{errcode=\"45009\"}[10m])) > 0",
    ),
];

/// The table of docs/metrics.md.
pub fn table() -> String {
    let mut text =
        String::from("| name | type | unit | labels | meaning | alert when |\n|---|---|---|---|---|---|\n");
    for one in ALL {
        let labels: Vec<String> = one.labels.iter().map(|label| format!("`{label}`")).collect();
        let labels = if labels.is_empty() { "–".to_owned() } else { labels.join(", ") };
        let alert = match one.alert {
            "" => "–".to_owned(),
            alert => format!("`{}`", alert.replace('|', "\\|")),
        };
        let (name, kind, unit, meaning) = (one.name, one.kind.as_str(), one.kind.unit(), one.meaning);
        text.push_str(&format!("| `{name}` | {kind} | {unit} | {labels} | {meaning} | {alert} |\n"));
    }
    text
}
