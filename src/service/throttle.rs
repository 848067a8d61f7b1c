//! Who may try to sign in now, and who has to wait. Every try is counted before it is known how it ends, in the
//! database, so that neither many at once nor several processes give more tries.

use std::net::IpAddr;
use std::time::Duration;

use crate::clock::Timestamp;
use crate::domain::throttle::{ACCOUNT, ADDRESS, LETTERS, PAIR, Rule, place};
use crate::secret::fingerprint;
use crate::store::{Reader, StoreError, Writer, throttle};

use super::Context;

/// An account that was used from an address is known there for so long.
const KNOWN: Duration = Duration::from_secs(90 * 24 * 3600);

/// A counted try.
#[derive(Clone, Debug)]
pub struct Try {
    address: String,
    /// `None` where it is not said whose account it is.
    of: Option<Account>,
}

/// Keys of an account, and of the account at this address.
#[derive(Clone, Debug)]
struct Account {
    pair: String,
    account: String,
    known: String,
}

impl Try {
    /// `account` as it was typed: unknown ones are counted like known ones.
    pub fn of(account: &str, from: Option<IpAddr>) -> Self {
        let account: String = account.trim().to_lowercase().chars().take(254).collect();
        let from = placed(from);
        let of = Account {
            pair: key(&["pair", &account, &from]),
            account: key(&["account", &account]),
            known: key(&["known", &account, &from]),
        };
        Self { address: key(&["address", &from]), of: Some(of) }
    }

    /// At no account that we know of.
    pub fn at_nobody(from: Option<IpAddr>) -> Self {
        Self { address: key(&["address", &placed(from)]), of: None }
    }

    fn tallies(&self) -> Vec<(&str, &'static Rule)> {
        let mut tallies = vec![(self.address.as_str(), &ADDRESS)];
        if let Some(of) = &self.of {
            tallies.extend([(of.pair.as_str(), &PAIR), (of.account.as_str(), &ACCOUNT)]);
        }
        // In one order for all, so that no two wait for each other.
        tallies.sort_by_key(|(key, _)| *key);
        tallies
    }
}

fn placed(from: Option<IpAddr>) -> String {
    from.map(|from| place(from).to_string()).unwrap_or_default()
}

fn key(parts: &[&str]) -> String {
    fingerprint(&parts.join("\0"))
}

/// Counts a try, or says how long to wait. Who waits is not counted: the wait that was told stays true.
///
/// # Errors
/// When the database does not answer.
pub async fn admit(cx: &Context, now: Timestamp, attempt: &Try) -> Result<Result<(), Duration>, StoreError> {
    let mut tx = cx.store.write().await?;
    let known = known_place(&mut tx, now, attempt).await?.is_some();
    let known = attempt.of.as_ref().filter(|_| known).map(|of| of.account.as_str());
    let mut tallies = Vec::new();
    let mut wait = None;
    for (key, rule) in attempt.tallies() {
        let tally = throttle::lock(&mut tx, key, now).await?;
        if known != Some(key) {
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

/// The counted try was the account's own person: it is taken back.
///
/// # Errors
/// When the database does not answer.
pub async fn refund(tx: &mut Writer, now: Timestamp, attempt: &Try) -> Result<(), StoreError> {
    let pair = attempt.of.as_ref().map(|of| of.pair.as_str());
    for (key, rule) in attempt.tallies() {
        if Some(key) == pair {
            throttle::forget(tx, key).await?;
        } else {
            let tally = throttle::lock(tx, key, now).await?;
            throttle::put(tx, key, rule, tally.refunded(rule, now)).await?;
        }
    }
    Ok(())
}

/// [`refund`] and [`put_known`].
///
/// # Errors
/// When the database does not answer.
pub async fn succeeded(tx: &mut Writer, now: Timestamp, attempt: &Try) -> Result<(), StoreError> {
    refund(tx, now, attempt).await?;
    put_known(tx, now, attempt).await
}

/// Somebody signed in: the account is known at the address from now on.
///
/// # Errors
/// When the database does not answer.
pub async fn put_known(tx: &mut Writer, now: Timestamp, attempt: &Try) -> Result<(), StoreError> {
    match &attempt.of {
        Some(of) => throttle::put_known(tx, &of.known, now, now.plus(KNOWN)).await,
        None => Ok(()),
    }
}

/// Names the place of a try where its account is known.
///
/// # Errors
/// When the database does not answer.
pub async fn known_place<'a>(
    tx: &mut Reader,
    now: Timestamp,
    attempt: &'a Try,
) -> Result<Option<&'a str>, StoreError> {
    let Some(of) = &attempt.of else { return Ok(None) };
    Ok(throttle::is_known(tx, &of.known, now).await?.then_some(of.known.as_str()))
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
    admit_letter_by(tx, now, &LETTERS, (kind, account)).await
}

/// The same by another rule.
///
/// # Errors
/// When the database does not answer.
pub(super) async fn admit_letter_by(
    tx: &mut Writer,
    now: Timestamp,
    rule: &Rule,
    (kind, account): (&str, &str),
) -> Result<Result<(), Duration>, StoreError> {
    let key = letter_key(kind, account);
    let tally = throttle::lock(tx, &key, now).await?;
    if let Some(wait) = tally.wait(now) {
        return Ok(Err(wait));
    }
    throttle::put(tx, &key, rule, tally.counted(rule, now)).await?;
    Ok(Ok(()))
}

pub(super) fn letter_key(kind: &str, account: &str) -> String {
    key(&["letter", kind, account])
}
