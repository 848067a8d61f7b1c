//! The pieces of `templates/parts/ui.html` as values: badge, bar of time left, avatar, pager.

use std::time::Duration;

use crate::clock::Timestamp;
use crate::domain::authorizer::Authorizer;
use crate::domain::health::Health;
use crate::domain::text::Lang;

use super::when::{Locale, Moment};

/// A health state in word, icon and colour (class `health-<state>`).
#[derive(Clone, Copy, Debug)]
pub struct Badge {
    pub state: &'static str,
    pub label: &'static str,
    pub icon: &'static str,
}

impl Badge {
    pub const fn of(health: Health, lang: Lang) -> Self {
        Self { state: health.as_str(), label: health.label().get(lang), icon: icon(health) }
    }
}

/// The icon of a state, so that none is told by colour alone.
pub const fn icon(health: Health) -> &'static str {
    match health {
        Health::PendingAuthorization => "link",
        Health::Healthy => "check",
        Health::Retrying => "retry",
        Health::ExpiredRetrying => "clock",
        Health::Recovering => "heal",
        Health::NotExchanged => "half",
        Health::NeedsReauthorization => "scan",
        Health::Unauthorized => "ban",
        Health::BlockedUpstream => "block",
        Health::Paused => "pause",
        Health::Unknown => "question",
    }
}

/// What is left of a span of life, as a bar and as words.
#[derive(Clone, Debug)]
pub struct Bar {
    /// 0 to 100.
    pub percent: u64,
    /// `good`, `low` (under a fifth), `over`, or `stopped` when nobody renews it: class `life-<tone>`.
    pub tone: &'static str,
    pub moment: Moment,
}

impl Bar {
    /// The bar of a life from `from` to `until`.
    pub fn of(from: Timestamp, until: Timestamp, now: Timestamp, locale: Locale) -> Self {
        let left = now.until(until);
        let whole = from.until(until).max(Duration::from_secs(1));
        let percent = (left.as_secs().saturating_mul(100) / whole.as_secs()).min(100);
        let tone = match percent {
            _ if left.is_zero() => "over",
            0..20 => "low",
            _ => "good",
        };
        Self { percent, tone, moment: Moment::left(until, now, locale) }
    }
}

/// A picture, or an initial letter on a tint that is always the same for the same account.
#[derive(Clone, Debug)]
pub struct Avatar {
    pub url: Option<String>,
    pub letter: String,
    /// 0 to 5: class `tint-<n>`.
    pub tint: u32,
}

impl Avatar {
    pub fn of(url: Option<&str>, name: &str, appid: &str) -> Self {
        Self {
            url: url
                .filter(|url| url.starts_with("https://") || url.starts_with("http://"))
                .map(str::to_owned),
            letter: initial(name),
            tint: appid.bytes().fold(0, |sum, byte| (sum * 31 + u32::from(byte)) % 6),
        }
    }

    pub fn of_authorizer(authorizer: &Authorizer) -> Self {
        let appid = authorizer.key.authorizer.as_str();
        Self::of(authorizer.profile.head_img.as_deref(), name(authorizer), appid)
    }
}

/// What an account is called: its name, or its appid while WeChat has not told the name.
pub fn name(authorizer: &Authorizer) -> &str {
    match authorizer.profile.nick_name.as_deref().map(str::trim) {
        Some(name) if !name.is_empty() => name,
        Some(_) | None => authorizer.key.authorizer.as_str(),
    }
}

/// The first letter or character, in upper case.
pub fn initial(name: &str) -> String {
    let first = name.chars().find(|c| c.is_alphanumeric()).or_else(|| name.chars().next());
    first.map_or_else(|| "·".to_owned(), |c| c.to_uppercase().collect())
}

/// Links of a keyset-paged list: back to its start, and on.
#[derive(Clone, Debug, Default)]
pub struct Pager {
    pub first: Option<String>,
    pub next: Option<String>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_bar_shrinks_to_nothing_and_says_so() {
        let at = |seconds: i64| Timestamp::from_unix(1_800_000_000 + seconds);
        let bar = |now| Bar::of(at(0), at(7200), at(now), Locale::default());
        assert_eq!((bar(0).percent, bar(0).tone), (100, "good"));
        assert_eq!((bar(7000).percent, bar(7000).tone), (2, "low"));
        assert_eq!((bar(7200).percent, bar(7200).tone), (0, "over"));
        assert_eq!(Bar::of(at(5), at(5), at(5), Locale::default()).percent, 0);
    }

    #[test]
    fn an_initial_skips_signs_and_survives_emoji() {
        assert_eq!(initial("「青禾」"), "青");
        assert_eq!(initial("hufu"), "H");
        assert_eq!(initial("🐯"), "🐯");
        assert_eq!(initial(""), "·");
    }
}
