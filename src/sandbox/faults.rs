//! Faults on request: which calls are spoiled, and how. Also the only file of the sandbox that waits.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::caller::Caller;
use crate::random::Random;

/// What is done to a call. In brackets: whether it is processed, so that the caller is left in doubt.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum FaultKind {
    /// Answers this errcode (not processed).
    Errcode { errcode: i64 },
    /// Waits before it is processed; combines with another fault.
    Delay { ms: u64 },
    /// Processes it and then waits before answering; combines with another fault.
    DelayAfter { ms: u64 },
    /// Takes up to so long, by chance: a part of it before it is processed, the rest before answering; combines with
    /// another fault.
    RandomDelay { ms: u64 },
    /// Cuts the connection (not processed).
    ResetBefore,
    /// Cuts the connection (processed, the reply is lost).
    ResetAfter,
    /// Half of the JSON (processed).
    Truncated,
    /// A proxy's HTML page with status 502 (not processed).
    #[serde(rename = "html_502")]
    Html502,
    /// Status 200 without a body (processed).
    Empty,
    /// Status 200 with bytes that mean nothing (processed).
    Garbage,
}

impl FaultKind {
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Errcode { .. } => "errcode",
            Self::Delay { .. } => "delay",
            Self::DelayAfter { .. } => "delay_after",
            Self::RandomDelay { .. } => "random_delay",
            Self::ResetBefore => "reset_before",
            Self::ResetAfter => "reset_after",
            Self::Truncated => "truncated",
            Self::Html502 => "html_502",
            Self::Empty => "empty",
            Self::Garbage => "garbage",
        }
    }

    /// Whether the call runs although its reply is spoiled.
    pub const fn is_processed(&self) -> bool {
        matches!(
            self,
            Self::Delay { .. }
                | Self::DelayAfter { .. }
                | Self::RandomDelay { .. }
                | Self::ResetAfter
                | Self::Truncated
                | Self::Empty
                | Self::Garbage
        )
    }
}

fn any() -> String {
    "*".to_owned()
}

/// Which calls are spoiled.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fault {
    /// Given by the sandbox.
    #[serde(default)]
    pub id: u64,
    /// A path, the beginning of one with `*` at the end, or `*`.
    #[serde(default = "any")]
    pub path: String,
    /// An appid, or `*`.
    #[serde(default = "any")]
    pub account: String,
    #[serde(flatten)]
    pub kind: FaultKind,
    /// How often; left out: until it is cleared.
    #[serde(default)]
    pub times: Option<u32>,
}

impl Fault {
    /// A fault on one path for every account.
    pub fn on(path: &str, kind: FaultKind) -> Self {
        Self { id: 0, path: path.to_owned(), account: any(), kind, times: None }
    }

    #[must_use]
    pub fn for_account(self, account: &str) -> Self {
        Self { account: account.to_owned(), ..self }
    }

    #[must_use]
    pub fn times(self, times: u32) -> Self {
        Self { times: Some(times), ..self }
    }

    fn hits(&self, path: &str, account: &str) -> bool {
        let path_fits = match self.path.strip_suffix('*') {
            Some(beginning) => path.starts_with(beginning),
            None => self.path == path,
        };
        path_fits && (self.account == "*" || self.account == account)
    }
}

/// What will happen to one call.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Plan {
    pub before: Duration,
    pub after: Duration,
    pub fault: Option<FaultKind>,
}

#[derive(Debug, Default)]
pub struct Faults {
    rules: Vec<Fault>,
    last_id: u64,
}

impl Faults {
    pub fn add(&mut self, mut fault: Fault) -> u64 {
        self.last_id += 1;
        fault.id = self.last_id;
        self.rules.push(fault);
        self.last_id
    }

    /// Takes one rule away, or all.
    pub fn clear(&mut self, id: Option<u64>) {
        self.rules.retain(|rule| id.is_some_and(|id| rule.id != id));
    }

    pub fn rules(&self) -> &[Fault] {
        &self.rules
    }

    /// All delays that fit and the first other fault that fits; each is used up by one.
    pub fn plan(&mut self, path: &str, account: &str, random: &Random) -> Plan {
        let mut plan = Plan::default();
        for rule in self.rules.iter_mut().filter(|rule| rule.hits(path, account)) {
            match &rule.kind {
                FaultKind::Delay { ms } => plan.before += Duration::from_millis(*ms),
                FaultKind::DelayAfter { ms } => plan.after += Duration::from_millis(*ms),
                FaultKind::RandomDelay { ms } => {
                    let all = random.below(ms + 1);
                    let before = random.below(all + 1);
                    plan.before += Duration::from_millis(before);
                    plan.after += Duration::from_millis(all - before);
                }
                _ if plan.fault.is_some() => continue,
                kind => plan.fault = Some(kind.clone()),
            }
            rule.times = rule.times.map(|times| times.saturating_sub(1));
        }
        self.rules.retain(|rule| rule.times != Some(0));
        plan
    }
}

/// How often a caller who waits is looked after.
const LOOK_EVERY: Duration = Duration::from_millis(20);

/// Waits while someone is there to be answered, at most `span`. When the caller hangs up, the rest of the span.
pub async fn wait_for_caller(span: Duration, caller: &Caller) -> Option<Duration> {
    let mut left = span;
    while !left.is_zero() {
        let slice = left.min(LOOK_EVERY);
        wait(slice).await;
        left -= slice;
        if caller.is_gone() {
            return Some(left);
        }
    }
    None
}

/// Waits on the machine's clock: latencies, and the time between two attempts of a push.
#[expect(clippy::disallowed_methods, reason = "a simulator of slow networks has to wait somewhere")]
pub async fn wait(span: Duration) {
    if !span.is_zero() {
        tokio::time::sleep(span).await;
    }
}
