//! Moments and spans as the control page writes them.

use time::{OffsetDateTime, UtcOffset};

/// `11-21 04:05:06` in China's time.
pub fn moment(unix: i64) -> String {
    let china = UtcOffset::from_hms(8, 0, 0).unwrap_or(UtcOffset::UTC);
    OffsetDateTime::from_unix_timestamp(unix).map_or_else(
        |_| unix.to_string(),
        |date| {
            let date = date.to_offset(china);
            format!(
                "{:02}-{:02} {:02}:{:02}:{:02}",
                u8::from(date.month()),
                date.day(),
                date.hour(),
                date.minute(),
                date.second()
            )
        },
    )
}

/// `1h 59m`, `4m 10s`, `7s`; what is over is `0s`.
pub fn span(seconds: i64) -> String {
    let seconds = seconds.max(0);
    match (seconds / 86_400, seconds / 3600 % 24, seconds / 60 % 60, seconds % 60) {
        (0, 0, 0, s) => format!("{s}s"),
        (0, 0, m, s) => format!("{m}m {s}s"),
        (0, h, m, _) => format!("{h}h {m}m"),
        (d, h, _, _) => format!("{d}d {h}h"),
    }
}
