//! A believable day for the samples of views: calm but for an hour of trouble.

use std::time::Duration;

use crate::domain::errcode::Class;
use crate::domain::lateness::Lateness;
use crate::domain::time_left::TimeLeft;
use crate::service::count_time_left::Counted;
use crate::store::attempt::Outcome;
use crate::store::refresh_tally::Hour;
use crate::web::samples::NOW;

use super::{Found, hours};

impl Found {
    /// A day of so many accounts.
    pub fn sample(accounts: i64) -> Self {
        let hours = hours(NOW).flat_map(|(number, at)| {
            let trouble = if number == 14 { accounts / 4 } else { 0 };
            let hour = |outcome, class, count, late: u64| {
                let mut sum = Lateness::of(Duration::from_secs(late));
                sum.counts = sum.counts.map(|one| one * count);
                Hour { at, outcome, class, count, late: sum }
            };
            let failed = |class, count| hour(Outcome::Failed, Some(class), count, 40);
            let lost = i64::from(number == 6 || number == 17);
            [
                hour(Outcome::Succeeded, None, accounts * 5 / 8 + number * accounts % 97 - trouble / 2, 1),
                failed(Class::Transient, trouble),
                failed(Class::AuthorizationLost, lost),
                failed(Class::Environment, trouble / 3),
                hour(Outcome::InDoubt, None, trouble / 9, 700),
                hour(Outcome::Fenced, None, lost, 0),
            ]
        });
        Self {
            hours: hours.filter(|one| one.count > 0).collect(),
            left: Counted {
                at: None,
                left: TimeLeft([
                    accounts / 90,
                    0,
                    accounts / 60,
                    accounts / 9,
                    accounts / 4,
                    accounts / 4,
                    accounts / 3,
                ]),
            },
        }
    }
}
