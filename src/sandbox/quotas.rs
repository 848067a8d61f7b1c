//! Quotas: calls by day and by minute, clears by month, forced stable tokens by day. Days are those of Shanghai.

use std::collections::HashMap;

use serde::{Deserialize, Serialize};

use super::refusal::Refusal;
use crate::clock::Timestamp;

const DAY: i64 = 86_400;
const SHANGHAI: i64 = 8 * 3600;
const CLEARS_PER_MONTH: u32 = 10;
const FORCED_PER_DAY: u32 = 20;
const FORCED_APART: i64 = 30;
const COUNTERS_KEPT: usize = 100_000;

/// A limit for one account (or `*`) on one path (or `*`).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct QuotaLimit {
    pub account: String,
    pub path: String,
    pub daily: Option<u64>,
    pub minute: Option<u64>,
}

#[derive(Clone, Debug, Default)]
pub struct Used {
    day: i64,
    pub today: u64,
    minute: i64,
    this_minute: u64,
}

/// May a stable token be forced now?
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Forced {
    Yes,
    /// Less than 30 s after the last one: answers the same token.
    TooSoon,
    /// More than 20 today.
    TooOften,
}

#[derive(Debug, Default)]
pub struct Quotas {
    used: HashMap<(String, String), Used>,
    limits: Vec<QuotaLimit>,
    clears: HashMap<(String, i64), u32>,
    forced: HashMap<String, (i64, u32, i64)>,
}

fn day_of(now: Timestamp) -> i64 {
    (now.unix() + SHANGHAI).div_euclid(DAY)
}

/// A number for the calendar month.
fn month_of(now: Timestamp) -> i64 {
    time::OffsetDateTime::from_unix_timestamp(now.unix() + SHANGHAI)
        .map_or(0, |date| i64::from(date.year()) * 12 + i64::from(u8::from(date.month())))
}

impl Quotas {
    /// Sets a limit; without numbers it is taken away.
    pub fn limit(&mut self, limit: QuotaLimit) {
        self.limits.retain(|known| known.account != limit.account || known.path != limit.path);
        if limit.daily.is_some() || limit.minute.is_some() {
            self.limits.push(limit);
        }
    }

    pub fn limits(&self) -> &[QuotaLimit] {
        &self.limits
    }

    pub fn limit_of(&self, appid: &str, path: &str) -> Option<&QuotaLimit> {
        self.limits.iter().find(|limit| {
            (limit.account == "*" || limit.account == appid) && (limit.path == "*" || limit.path == path)
        })
    }

    /// Counts one call.
    ///
    /// # Errors
    /// 45009 or 45011 when a limit is reached; refused calls are not counted.
    pub fn charge(&mut self, appid: &str, path: &str, now: Timestamp) -> Result<(), Refusal> {
        let limit = self.limit_of(appid, path).cloned();
        let day = day_of(now);
        if self.used.len() > COUNTERS_KEPT {
            self.used.retain(|_, used| used.day == day);
        }
        let used = self.used.entry((appid.to_owned(), path.to_owned())).or_default();
        used.roll(now);
        if let Some(limit) = limit {
            if limit.daily.is_some_and(|daily| used.today >= daily) {
                return Err(45009.into());
            }
            if limit.minute.is_some_and(|minute| used.this_minute >= minute) {
                return Err(45011.into());
            }
        }
        used.today += 1;
        used.this_minute += 1;
        Ok(())
    }

    pub fn used_today(&self, appid: &str, path: &str, now: Timestamp) -> u64 {
        let used = self.used.get(&(appid.to_owned(), path.to_owned()));
        used.filter(|used| used.day == day_of(now)).map_or(0, |used| used.today)
    }

    /// Forgets what was used: everything of the appid, or one path.
    ///
    /// # Errors
    /// 48006 after ten clears in a month.
    pub fn clear(&mut self, appid: &str, path: Option<&str>, now: Timestamp) -> Result<(), Refusal> {
        let clears = self.clears.entry((appid.to_owned(), month_of(now))).or_default();
        if *clears >= CLEARS_PER_MONTH {
            return Err(48006.into());
        }
        *clears += 1;
        self.used
            .retain(|(owner, used_path), _| owner != appid || path.is_some_and(|path| path != used_path));
        Ok(())
    }

    pub fn force(&mut self, appid: &str, now: Timestamp) -> Forced {
        let (day, count, last_at) = self.forced.entry(appid.to_owned()).or_insert((0, 0, i64::MIN / 2));
        if *day != day_of(now) {
            (*day, *count) = (day_of(now), 0);
        }
        if now.unix() - *last_at < FORCED_APART {
            return Forced::TooSoon;
        }
        if *count >= FORCED_PER_DAY {
            return Forced::TooOften;
        }
        (*count, *last_at) = (*count + 1, now.unix());
        Forced::Yes
    }
}

impl Used {
    fn roll(&mut self, now: Timestamp) {
        let (day, minute) = (day_of(now), now.unix().div_euclid(60));
        if self.day != day {
            (self.day, self.today) = (day, 0);
        }
        if self.minute != minute {
            (self.minute, self.this_minute) = (minute, 0);
        }
    }
}
