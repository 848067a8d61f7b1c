//! Time zones of people, by their names in the list of the IANA.

use chrono::{DateTime, NaiveDate, Offset as _, TimeZone as _};
use chrono_tz::{TZ_VARIANTS, Tz};

use crate::clock::Timestamp;

/// A zone of the list. Beijing's, in which WeChat and most people who use it live, unless somebody chooses another.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Zone(Tz);

/// The text names no zone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a time zone has a name such as Asia/Shanghai")]
pub struct BadZone;

impl Zone {
    pub const BEIJING: Self = Self(Tz::Asia__Shanghai);

    /// What is offered first: where Chinese companies and their customers are, from east to west.
    pub const COMMON: [Self; 10] = [
        Self::BEIJING,
        Self(Tz::Asia__Hong_Kong),
        Self(Tz::Asia__Tokyo),
        Self(Tz::Asia__Singapore),
        Self(Tz::Australia__Sydney),
        Self(Tz::Europe__London),
        Self(Tz::Europe__Berlin),
        Self(Tz::America__New_York),
        Self(Tz::America__Los_Angeles),
        Self(Tz::UTC),
    ];

    /// # Errors
    /// `BadZone` unless the list has exactly this name.
    pub fn parse(name: &str) -> Result<Self, BadZone> {
        name.trim().parse().map(Self).map_err(|_| BadZone)
    }

    /// Every zone of the list, by name.
    pub fn all() -> impl Iterator<Item = Self> {
        TZ_VARIANTS.iter().copied().map(Self)
    }

    pub fn name(self) -> &'static str {
        self.0.name()
    }

    /// By how many seconds its clocks are ahead of UTC at a moment. Moments that no calendar holds count as the first.
    pub fn offset_at(self, at: Timestamp) -> i32 {
        let moment = DateTime::from_timestamp(at.unix(), 0).unwrap_or_default();
        self.0.offset_from_utc_datetime(&moment.naive_utc()).fix().local_minus_utc()
    }

    /// The first moment of a day, which is not midnight where clocks are put forward at midnight. `None`: there is no such
    /// day.
    pub fn beginning_of(self, year: i32, month: u32, day: u32) -> Option<Timestamp> {
        let date = NaiveDate::from_ymd_opt(year, month, day)?;
        let mut hours = (0..24).filter_map(|hour| date.and_hms_opt(hour, 0, 0));
        let first = hours.find_map(|moment| self.0.from_local_datetime(&moment).earliest())?;
        Some(Timestamp::from_unix(first.timestamp()))
    }
}

impl Default for Zone {
    fn default() -> Self {
        Self::BEIJING
    }
}

impl std::fmt::Display for Zone {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.name())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_zone_is_one_of_the_list_and_knows_its_summers() {
        let berlin = Zone::parse(" Europe/Berlin ").unwrap();
        let (winter, summer) = (Timestamp::from_unix(1_795_228_508), Timestamp::from_unix(1_783_000_000));
        assert_eq!((berlin.offset_at(winter), berlin.offset_at(summer)), (3600, 7200));
        assert_eq!(Zone::default().offset_at(summer), 8 * 3600);
        for wrong in ["", "Berlin", "europe/berlin", "Europe/Berlin'", "UTC+8", "../etc/passwd"] {
            assert_eq!(Zone::parse(wrong), Err(BadZone), "{wrong}");
        }
    }

    #[test]
    fn a_day_begins_when_the_clock_says_so() {
        let unix = |name: &str, day| {
            let beginning = Zone::parse(name).unwrap().beginning_of(2026, 4, day);
            beginning.map(Timestamp::unix)
        };
        assert_eq!(unix("Asia/Shanghai", 24), Some(1_776_960_000));
        assert_eq!(unix("Africa/Cairo", 24), Some(1_776_981_600), "midnight is skipped: it begins at one");
        assert_eq!(unix("UTC", 31), None);
    }

    #[test]
    fn every_zone_of_the_list_is_found_by_its_name() {
        assert!(Zone::all().count() > 400);
        for zone in Zone::all().chain(Zone::COMMON) {
            assert_eq!(Zone::parse(zone.name()), Ok(zone));
            assert!(zone.offset_at(Timestamp::from_unix(i64::MAX)).abs() < 86_400);
        }
    }
}
