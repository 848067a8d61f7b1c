//! Counts who read tokens in memory, writes the counts down once a minute, and tells the audit of each key and hour once
//! the hour is over: one record, however many reads.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::net::IpAddr;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use crate::clock::Timestamp;
use crate::crash_point;
use crate::domain::api_key::ApiKey;
use crate::domain::audit::{Action, Actor, Detail, Entry, Said, Subject};
use crate::domain::ids::{ApiKeyId, AuthorizerAppid, TenantId};
use crate::store::token_read::{self, Reads};
use crate::store::{StoreError, audit};

use super::Context;

const HOUR: i64 = 3600;
const WRITE_EVERY: i64 = 60;
/// All processes have written an hour down this long after its end.
const GRACE: Duration = Duration::from_secs(180);
/// Accounts and addresses that a record names; what is beyond is only counted.
const MOST_NAMED: usize = 50;

/// What this process counted. Clones share it.
#[derive(Clone, Debug, Default)]
pub struct TokenReads(Arc<Counted>);

#[derive(Debug, Default)]
struct Counted {
    /// By key, and then by the hour in which it began.
    hours: Mutex<HashMap<ApiKeyId, BTreeMap<i64, Tally>>>,
    written_at: AtomicI64,
}

#[derive(Debug)]
struct Tally {
    tenant: TenantId,
    name: String,
    reads: i64,
    accounts: BTreeSet<String>,
    addresses: BTreeSet<IpAddr>,
}

impl Tally {
    fn of(key: &ApiKey) -> Self {
        Self {
            tenant: key.tenant.clone(),
            name: key.name.clone(),
            reads: 0,
            accounts: BTreeSet::new(),
            addresses: BTreeSet::new(),
        }
    }
}

impl TokenReads {
    /// One read. Takes well below a microsecond.
    pub fn note(&self, key: &ApiKey, appid: &AuthorizerAppid, (now, from): (Timestamp, IpAddr)) {
        let hour = now.unix() - now.unix().rem_euclid(HOUR);
        let mut hours = self.0.hours.lock().unwrap_or_else(PoisonError::into_inner);
        // The key's name is copied only when it is new: this runs for every token.
        let of_key = match hours.get_mut(&key.id) {
            Some(of_key) => of_key,
            None => hours.entry(key.id.clone()).or_default(),
        };
        let tally = of_key.entry(hour).or_insert_with(|| Tally::of(key));
        tally.reads += 1;
        if tally.accounts.len() < MOST_NAMED && !tally.accounts.contains(appid.as_str()) {
            tally.accounts.insert(appid.to_string());
        }
        if tally.addresses.len() < MOST_NAMED {
            tally.addresses.insert(from);
        }
    }

    fn counted(&self) -> Vec<Reads> {
        let hours = self.0.hours.lock().unwrap_or_else(PoisonError::into_inner);
        let tallies =
            hours.iter().flat_map(|(key, of_key)| of_key.iter().map(move |(hour, tally)| (key, hour, tally)));
        let reads = tallies.map(|(key, hour, tally)| Reads {
            key: key.clone(),
            key_name: tally.name.clone(),
            tenant: tally.tenant.clone(),
            hour: *hour,
            reads: tally.reads,
            accounts: tally.accounts.iter().cloned().collect::<Vec<_>>().join(" "),
            addresses: tally.addresses.iter().map(ToString::to_string).collect::<Vec<_>>().join(" "),
        });
        reads.collect()
    }

    /// What was read meanwhile, at the turn of an hour, stays for the next time.
    fn forget_before(&self, hour: i64, written: &[Reads]) {
        let mut hours = self.0.hours.lock().unwrap_or_else(PoisonError::into_inner);
        hours.retain(|key, of_key| {
            of_key.retain(|of, tally| {
                let is_written =
                    |reads: &Reads| (&reads.key, reads.hour, reads.reads) == (key, *of, tally.reads);
                *of >= hour || !written.iter().any(is_written)
            });
            !of_key.is_empty()
        });
    }
}

/// # Errors
/// `Database`.
pub async fn run(cx: &Context, now: Timestamp) -> Result<(), StoreError> {
    let counted = &cx.token_reads.0;
    if now.unix() - counted.written_at.load(Ordering::Relaxed) < WRITE_EVERY {
        return Ok(());
    }
    counted.written_at.store(now.unix(), Ordering::Relaxed);
    keep(cx, now).await?;
    tell(cx, now).await
}

/// Writes down what was counted so far: the whole count of each hour, in place of what this process wrote before, so that
/// nothing is counted twice whenever it ends.
///
/// # Errors
/// `Database`.
pub async fn keep(cx: &Context, now: Timestamp) -> Result<(), StoreError> {
    let counted = cx.token_reads.counted();
    if counted.is_empty() {
        return Ok(());
    }
    let mut tx = cx.store.write().await?;
    for reads in &counted {
        token_read::put(&mut tx, &cx.settings.holder, reads).await?;
    }
    tx.commit().await?;
    crash_point::reached("token_reads_kept");
    cx.token_reads.forget_before(now.unix() - now.unix().rem_euclid(HOUR), &counted);
    Ok(())
}

/// Tells of the hours that are over.
async fn tell(cx: &Context, now: Timestamp) -> Result<(), StoreError> {
    let before = now.minus(GRACE).unix() - HOUR + 1;
    while let Some((key, hour)) = token_read::oldest(&mut cx.store.read().await?, before).await? {
        let mut tx = cx.store.write().await?;
        let parts = token_read::take(&mut tx, &key, hour).await?;
        if let Some(entry) = entry(&parts) {
            audit::append(&mut tx, now, &Actor::key(&key, &parts[0].key_name, None, ""), &entry).await?;
        }
        tx.commit().await?;
    }
    Ok(())
}

fn entry(parts: &[Reads]) -> Option<Entry> {
    let first = parts.first()?;
    let names = |of: fn(&Reads) -> &str| -> Vec<String> {
        let all: BTreeSet<&str> = parts.iter().flat_map(|part| of(part).split_whitespace()).collect();
        all.into_iter().take(MOST_NAMED).map(str::to_owned).collect()
    };
    let (accounts, addresses) = (names(|part| &part.accounts), names(|part| &part.addresses));
    let detail = Detail::none()
        .fact("hour", first.hour)
        .fact("reads", parts.iter().map(|part| part.reads).sum::<i64>())
        .fact("accounts", accounts.iter().map(|one| Said(one)).collect::<Vec<_>>())
        .fact("addresses", addresses.iter().map(|one| Said(one)).collect::<Vec<_>>());
    let subject = Subject::api_key(&first.key, &first.key_name);
    Some(Entry::of(&first.tenant, Action::TokensRead, subject).with(detail))
}
