//! Who may try to sign in now, and who has to wait. Every try is counted before it is known how it ends, in the
//! database, so that neither many at once nor several processes give more tries.

use std::net::{IpAddr, Ipv6Addr};
use std::time::Duration;

use crate::clock::Timestamp;
use crate::domain::throttle::{ACCOUNT, ADDRESS, LETTERS, PAIR, Rule};
use crate::secret::fingerprint;
use crate::store::{StoreError, Writer, throttle};

use super::Context;

/// An account that was used from an address is known there for so long.
const KNOWN: Duration = Duration::from_secs(90 * 24 * 3600);

/// A counted try.
#[derive(Clone, Debug)]
pub struct Try {
    pair: String,
    address: String,
    account: String,
    known: String,
}

impl Try {
    /// `account` as it was typed: unknown ones are counted like known ones.
    pub fn of(account: &str, from: Option<IpAddr>) -> Self {
        let account: String = account.trim().to_lowercase().chars().take(254).collect();
        let from = from.map(place).unwrap_or_default();
        let key = |parts: &[&str]| fingerprint(&parts.join("\0"));
        Self {
            pair: key(&["pair", &account, &from]),
            address: key(&["address", &from]),
            account: key(&["account", &account]),
            known: key(&["known", &account, &from]),
        }
    }

    fn tallies(&self) -> [(&str, &'static Rule); 3] {
        let mut tallies = [
            (self.pair.as_str(), &PAIR),
            (self.address.as_str(), &ADDRESS),
            (self.account.as_str(), &ACCOUNT),
        ];
        // In one order for all, so that no two wait for each other.
        tallies.sort_by_key(|(key, _)| *key);
        tallies
    }
}

/// A home or an office has a whole /64 of the newer addresses.
fn place(address: IpAddr) -> String {
    match address.to_canonical() {
        IpAddr::V4(v4) => v4.to_string(),
        IpAddr::V6(v6) => {
            let [a, b, c, d, ..] = v6.segments();
            Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0).to_string()
        }
    }
}

/// Counts a try, or says how long to wait. Who waits is not counted: the wait that was told stays true.
///
/// # Errors
/// When the database does not answer.
pub async fn admit(cx: &Context, now: Timestamp, attempt: &Try) -> Result<Result<(), Duration>, StoreError> {
    let mut tx = cx.store.write().await?;
    let known = throttle::is_known(&mut tx, &attempt.known, now).await?;
    let mut tallies = Vec::new();
    let mut wait = None;
    for (key, rule) in attempt.tallies() {
        let tally = throttle::lock(&mut tx, key, now).await?;
        if !(known && key == attempt.account) {
            wait = wait.max(tally.wait(now));
        }
        tallies.push((key, rule, tally.counted(rule, now)));
    }
    if let Some(wait) = wait {
        metrics::counter!("hufu_sign_ins_slowed_total").increment(1);
        return Ok(Err(wait));
    }
    for (key, rule, tally) in tallies {
        throttle::put(&mut tx, key, rule, tally).await?;
    }
    tx.commit().await?;
    Ok(Ok(()))
}

/// The counted try was the account's own person: it is taken back, and the address is known from now on.
///
/// # Errors
/// When the database does not answer.
pub async fn succeeded(tx: &mut Writer, now: Timestamp, attempt: &Try) -> Result<(), StoreError> {
    for (key, rule) in attempt.tallies() {
        if key == attempt.pair {
            throttle::forget(tx, key).await?;
        } else {
            let tally = throttle::lock(tx, key, now).await?;
            throttle::put(tx, key, rule, tally.refunded(rule, now)).await?;
        }
    }
    throttle::put_known(tx, &attempt.known, now, now.plus(KNOWN)).await
}

/// Whether one more letter of this kind may go to this account.
///
/// # Errors
/// When the database does not answer.
pub async fn admit_letter(
    tx: &mut Writer,
    now: Timestamp,
    (kind, account): (&str, &str),
) -> Result<Result<(), Duration>, StoreError> {
    let key = fingerprint(&["letter", kind, account].join("\0"));
    let tally = throttle::lock(tx, &key, now).await?;
    if let Some(wait) = tally.wait(now) {
        return Ok(Err(wait));
    }
    throttle::put(tx, &key, &LETTERS, tally.counted(&LETTERS, now)).await?;
    Ok(Ok(()))
}
