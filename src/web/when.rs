//! Moments and spans in words. Every moment is shown relative to now, and exactly by the clock of the person's own time
//! zone, with what that clock is ahead of UTC.

use std::time::Duration;

use time::macros::format_description;
use time::{OffsetDateTime, UtcOffset};

use crate::clock::Timestamp;
use crate::domain::text::Lang;
use crate::domain::zone::Zone;

/// In which language moments are said, and by whose clock.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Locale {
    pub lang: Lang,
    pub zone: Zone,
}

/// A moment ready to print: `<time datetime={iso} title={exact}>{text}</time>`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Moment {
    /// Relative: `3 分钟前`, `in 2 h`.
    pub text: String,
    /// `2026-11-21 10:35:08 UTC+8`.
    pub exact: String,
    /// `2026-11-21T10:35:08+08:00`.
    pub iso: String,
}

impl Moment {
    pub fn of(at: Timestamp, now: Timestamp, locale: Locale) -> Self {
        let Locale { lang, zone } = locale;
        Self { text: relative(at, now, lang), exact: exact(at, zone), iso: iso(at, zone) }
    }

    /// As [`Moment::of`] for a moment that may not be known.
    pub fn maybe(at: Option<Timestamp>, now: Timestamp, locale: Locale) -> Option<Self> {
        at.map(|at| Self::of(at, now, locale))
    }

    /// The remaining time as text instead of the relative moment: `剩余 1 小时 12 分`.
    pub fn left(until: Timestamp, now: Timestamp, locale: Locale) -> Self {
        Self { text: left(until, now, locale.lang), ..Self::of(until, now, locale) }
    }
}

/// `2026-11-21 10:35:08 UTC+8`.
pub fn exact(at: Timestamp, zone: Zone) -> String {
    let text = local(at, zone).format(format_description!("[year]-[month]-[day] [hour]:[minute]:[second]"));
    text.map_or_else(|_| at.to_string(), |text| format!("{text} {}", ahead_of_utc(at, zone)))
}

/// `2026-11-21T10:35:08+08:00`, for the `datetime` attribute.
pub fn iso(at: Timestamp, zone: Zone) -> String {
    let form = format_description!(
        "[year]-[month]-[day]T[hour]:[minute]:[second][offset_hour sign:mandatory]:[offset_minute]"
    );
    local(at, zone).format(form).unwrap_or_default()
}

/// `10:35`.
pub fn hour_minute(at: Timestamp, zone: Zone) -> String {
    local(at, zone).format(format_description!("[hour]:[minute]")).unwrap_or_default()
}

/// `UTC`, `UTC+8`, `UTC-3:30`.
pub fn ahead_of_utc(at: Timestamp, zone: Zone) -> String {
    let (hours, minutes, _) = offset(at, zone).as_hms();
    let sign = if hours < 0 || minutes < 0 { '-' } else { '+' };
    match (hours.unsigned_abs(), minutes.unsigned_abs()) {
        (0, 0) => "UTC".to_owned(),
        (hours, 0) => format!("UTC{sign}{hours}"),
        (hours, minutes) => format!("UTC{sign}{hours}:{minutes:02}"),
    }
}

/// `3 分钟前`, `in 1 h 12 min`; `刚刚` and `马上` within ten seconds.
pub fn relative(at: Timestamp, now: Timestamp, lang: Lang) -> String {
    let (past, ahead) = (now.since(at), now.until(at));
    match lang {
        Lang::Zh if ahead.is_zero() && past < JUST_NOW => "刚刚".to_owned(),
        Lang::En if ahead.is_zero() && past < JUST_NOW => "just now".to_owned(),
        Lang::Zh if past.is_zero() && ahead < JUST_NOW => "马上".to_owned(),
        Lang::En if past.is_zero() && ahead < JUST_NOW => "any moment".to_owned(),
        Lang::Zh if ahead.is_zero() => format!("{}前", rough(past, lang)),
        Lang::En if ahead.is_zero() => format!("{} ago", rough(past, lang)),
        Lang::Zh => format!("{}后", span(ahead, lang)),
        Lang::En => format!("in {}", span(ahead, lang)),
    }
}

/// `剩余 1 小时 12 分`, or since when it is over: `已过期 5 分钟`.
pub fn left(until: Timestamp, now: Timestamp, lang: Lang) -> String {
    match lang {
        Lang::Zh if until > now => format!("剩余 {}", span(now.until(until), lang)),
        Lang::En if until > now => format!("{} left", span(now.until(until), lang)),
        Lang::Zh => format!("已过期 {}", rough(now.since(until), lang)),
        Lang::En => format!("expired {} ago", rough(now.since(until), lang)),
    }
}

/// A span in its two largest units: `1 小时 12 分`, `2 d 3 h`, `42 s`.
pub fn span(span: Duration, lang: Lang) -> String {
    let parts = units(span);
    let first = parts.iter().position(|(count, _)| *count > 0).unwrap_or(3);
    let shown: Vec<String> = parts[first..]
        .iter()
        .take(2)
        .filter(|(count, _)| *count > 0)
        .map(|(count, unit)| unit.count(*count, lang))
        .collect();
    if shown.is_empty() { Unit::Second.count(0, lang) } else { alone(&shown, lang) }
}

/// A span in its largest unit alone, for what lies behind: `3 分钟`.
pub fn rough(span: Duration, lang: Lang) -> String {
    let parts = units(span);
    let (count, unit) = parts.into_iter().find(|(count, _)| *count > 0).unwrap_or((0, Unit::Second));
    alone(&[unit.count(count, lang)], lang)
}

const JUST_NOW: Duration = Duration::from_secs(10);

#[derive(Clone, Copy)]
enum Unit {
    Day,
    Hour,
    Minute,
    Second,
}

impl Unit {
    fn count(self, count: u64, lang: Lang) -> String {
        let word = match (self, lang) {
            (Self::Day, Lang::Zh) => "天",
            (Self::Hour, Lang::Zh) => "小时",
            (Self::Minute, Lang::Zh) => "分",
            (Self::Second, Lang::Zh) => "秒",
            (Self::Day, Lang::En) => "d",
            (Self::Hour, Lang::En) => "h",
            (Self::Minute, Lang::En) => "min",
            (Self::Second, Lang::En) => "s",
        };
        format!("{count} {word}")
    }
}

fn units(span: Duration) -> [(u64, Unit); 4] {
    let seconds = span.as_secs();
    [
        (seconds / 86_400, Unit::Day),
        (seconds / 3600 % 24, Unit::Hour),
        (seconds / 60 % 60, Unit::Minute),
        (seconds % 60, Unit::Second),
    ]
}

/// Chinese says 分钟 when minutes stand alone and 分 when they follow hours or lead seconds.
fn alone(parts: &[String], lang: Lang) -> String {
    let text = parts.join(" ");
    match lang {
        Lang::Zh if parts.len() == 1 && text.ends_with('分') => format!("{text}钟"),
        Lang::Zh | Lang::En => text,
    }
}

/// Moments that no calendar holds are shown as the first one.
fn local(at: Timestamp, zone: Zone) -> OffsetDateTime {
    OffsetDateTime::from_unix_timestamp(at.unix())
        .ok()
        .and_then(|moment| moment.checked_to_offset(offset(at, zone)))
        .unwrap_or(OffsetDateTime::UNIX_EPOCH)
}

/// In whole minutes: before clocks were set by zones, towns were ahead by seconds.
fn offset(at: Timestamp, zone: Zone) -> UtcOffset {
    UtcOffset::from_whole_seconds(zone.offset_at(at) / 60 * 60).unwrap_or(UtcOffset::UTC)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const NOW: Timestamp = Timestamp::from_unix(1_795_228_508);

    fn ago(seconds: u64) -> Timestamp {
        NOW.minus(Duration::from_secs(seconds))
    }

    fn ahead(seconds: u64) -> Timestamp {
        NOW.plus(Duration::from_secs(seconds))
    }

    #[test]
    fn a_moment_is_exact_by_the_clock_of_its_zone() {
        assert_eq!(exact(NOW, Zone::BEIJING), "2026-11-21 10:35:08 UTC+8");
        assert_eq!(iso(NOW, Zone::BEIJING), "2026-11-21T10:35:08+08:00");
        assert_eq!(hour_minute(NOW, Zone::BEIJING), "10:35");
        for (name, exactly, with_offset) in [
            ("UTC", "2026-11-21 02:35:08 UTC", "2026-11-21T02:35:08+00:00"),
            ("Asia/Kolkata", "2026-11-21 08:05:08 UTC+5:30", "2026-11-21T08:05:08+05:30"),
            ("America/St_Johns", "2026-11-20 23:05:08 UTC-3:30", "2026-11-20T23:05:08-03:30"),
            ("America/New_York", "2026-11-20 21:35:08 UTC-5", "2026-11-20T21:35:08-05:00"),
        ] {
            let zone = Zone::parse(name).unwrap();
            assert_eq!((exact(NOW, zone).as_str(), iso(NOW, zone).as_str()), (exactly, with_offset));
        }
    }

    #[test]
    fn spans_are_said_in_two_units() {
        assert_eq!(left(ahead(4320), NOW, Lang::Zh), "剩余 1 小时 12 分");
        assert_eq!(left(ahead(4320), NOW, Lang::En), "1 h 12 min left");
        assert_eq!(left(ahead(300), NOW, Lang::Zh), "剩余 5 分钟");
        assert_eq!(left(ago(300), NOW, Lang::Zh), "已过期 5 分钟");
        assert_eq!(left(ago(300), NOW, Lang::En), "expired 5 min ago");
        assert_eq!(span(Duration::from_secs(86_400 + 59), Lang::En), "1 d");
        assert_eq!(span(Duration::ZERO, Lang::Zh), "0 秒");
    }

    #[test]
    fn the_past_is_rough_and_the_near_past_is_now() {
        assert_eq!(relative(ago(3), NOW, Lang::Zh), "刚刚");
        assert_eq!(relative(ahead(3), NOW, Lang::En), "any moment");
        assert_eq!(relative(ago(200), NOW, Lang::Zh), "3 分钟前");
        assert_eq!(relative(ago(7300), NOW, Lang::En), "2 h ago");
        assert_eq!(relative(ahead(4320), NOW, Lang::En), "in 1 h 12 min");
        assert_eq!(relative(ahead(90), NOW, Lang::Zh), "1 分 30 秒后");
    }

    proptest! {
        #[test]
        fn any_moment_has_words(at in any::<i64>(), now in any::<i64>()) {
            for lang in Lang::ALL {
                let locale = Locale { lang, zone: Zone::BEIJING };
                let moment = Moment::of(Timestamp::from_unix(at), Timestamp::from_unix(now), locale);
                prop_assert!(!moment.text.is_empty());
                prop_assert!(moment.exact.contains(" UTC"));
            }
        }

        #[test]
        fn time_left_is_never_shown_after_its_end(at in 0_i64..4_000_000_000, now in 0_i64..4_000_000_000) {
            let text = left(Timestamp::from_unix(at), Timestamp::from_unix(now), Lang::En);
            prop_assert_eq!(text.ends_with("left"), at > now);
        }

        #[test]
        fn a_span_never_claims_more_than_there_is(seconds in 0_u64..10_000_000) {
            let total: u64 = span(Duration::from_secs(seconds), Lang::En)
                .split(' ')
                .collect::<Vec<_>>()
                .chunks(2)
                .map(|pair| pair[0].parse::<u64>().unwrap() * match pair[1] { "d" => 86_400, "h" => 3600, "min" => 60, _ => 1 })
                .sum();
            prop_assert!(total <= seconds && (seconds - total < 3600 || seconds >= 86_400));
        }
    }
}
