//! What is kept in memory for handing out: accounts with their tokens still sealed (`opened.rs` has those of the last
//! moment), and keys by their hash. Bounded: what is asked for least is forgotten.

use std::sync::Arc;
use std::sync::atomic::AtomicI64;
use std::time::Duration;

use quick_cache::Equivalent;
use quick_cache::sync::Cache;
use tokio::sync::Mutex;

use crate::clock::{Stopwatch, Timestamp};
use crate::domain::ids::{AuthorizerAppid, TenantId};
use crate::store::api_key::{self, Found};
use crate::store::hand_out::{self, Offer};
use crate::store::{StoreError, pulse};

use super::Context;
use super::breaker::Breaker;
use super::kept::{Sight, Slot, Source, Unseen};
use super::opened::{Room, Rooms};

/// Changes of accounts are told to whoever keeps them (`store/changes.rs`); this is for what nobody could tell.
/// Each reading costs as much as twenty hand-outs.
const ACCOUNT_LIFE: Duration = Duration::from_secs(3);
/// `hufu key revoke` is a process of its own, which on SQLite tells nobody.
const KEY_LIFE: Duration = Duration::from_secs(1);

/// About a kilobyte each.
const MOST_ACCOUNTS: usize = 100_000;
const MOST_KEYS: usize = 10_000;

/// Clones share what is kept.
#[derive(Clone, Debug)]
pub struct Shelf(Arc<Kept>);

#[derive(Debug)]
struct Kept {
    accounts: Cache<(TenantId, AuthorizerAppid), Arc<AccountSlot>>,
    keys: Cache<String, Arc<KeySlot>>,
    breaker: Breaker,
    rooms: Rooms,
}

/// An account of a tenant, as its row says.
#[derive(Debug)]
pub struct Account {
    /// One for each component that it granted.
    pub offers: Vec<Offer>,
    /// For the token of each of them while it is open.
    pub(super) rooms: Vec<Arc<Room>>,
    /// When the scheduler was last heard of.
    pub heartbeat: Option<Timestamp>,
}

#[derive(Debug)]
pub(super) struct AccountSlot {
    slot: Slot<Account>,
    /// Held while a new token is waited for; when that was last in vain.
    pub(super) rush: Mutex<Option<Stopwatch>>,
}

#[derive(Debug)]
pub(super) struct KeySlot {
    slot: Slot<Option<Arc<Found>>>,
    /// When this process last wrote down that the key is used.
    pub(super) touched: AtomicI64,
}

impl Default for Shelf {
    fn default() -> Self {
        Self(Arc::new(Kept {
            accounts: Cache::new(MOST_ACCOUNTS),
            keys: Cache::new(MOST_KEYS),
            breaker: Breaker::default(),
            rooms: Rooms::default(),
        }))
    }
}

impl Shelf {
    /// Wipes the opened tokens that nobody asks for any more.
    pub(super) fn wipe_opened(&self) {
        self.0.rooms.wipe_old();
    }

    pub(super) fn rooms(&self) -> &Rooms {
        &self.0.rooms
    }

    pub(super) fn account(&self, tenant: &TenantId, appid: &AuthorizerAppid) -> Arc<AccountSlot> {
        if let Some(slot) = self.0.accounts.get(&Name { tenant, appid }) {
            return slot;
        }
        let name = (tenant.clone(), appid.clone());
        let new = || AccountSlot { slot: Slot::new(ACCOUNT_LIFE), rush: Mutex::new(None) };
        let found = self.0.accounts.get_or_insert_with(&name, || Ok::<_, Never>(Arc::new(new())));
        found.unwrap_or_else(|never| match never {})
    }

    pub(super) fn key(&self, hash: &str) -> Arc<KeySlot> {
        let new = || KeySlot { slot: Slot::new(KEY_LIFE), touched: AtomicI64::new(0) };
        let found = self.0.keys.get_or_insert_with(hash, || Ok::<_, Never>(Arc::new(new())));
        found.unwrap_or_else(|never| match never {})
    }
}

enum Never {}

/// The name of an account's slot, without a copy of it: hashed like the pair that it stands for.
#[derive(Hash)]
struct Name<'a> {
    tenant: &'a TenantId,
    appid: &'a AuthorizerAppid,
}

impl Equivalent<(TenantId, AuthorizerAppid)> for Name<'_> {
    fn equivalent(&self, (tenant, appid): &(TenantId, AuthorizerAppid)) -> bool {
        self.tenant == tenant && self.appid == appid
    }
}

/// The account, not older than `since`. Without offers the tenant has no such account.
///
/// # Errors
/// See [`Unseen`].
pub(super) async fn account(
    cx: &Context,
    slot: &AccountSlot,
    (tenant, appid): (&TenantId, &AuthorizerAppid),
    since: Option<Stopwatch>,
) -> Result<Sight<Account>, Unseen> {
    let shelf = &cx.shelf.0;
    let source = Source { store: &cx.store, breaker: &shelf.breaker, name: appid.as_str() };
    let sight = slot.slot.look(source, since, || read_account(cx, tenant, appid)).await?;
    if sight.value().offers.is_empty() {
        // What is not there takes no room.
        shelf.accounts.remove(&(tenant.clone(), appid.clone()));
    }
    Ok(sight)
}

async fn read_account(
    cx: &Context,
    tenant: &TenantId,
    appid: &AuthorizerAppid,
) -> Result<Account, StoreError> {
    let mut tx = cx.store.read_for(tenant).await?;
    let offers = hand_out::find(&mut tx, &cx.vault, tenant, appid).await?;
    let rooms = offers.iter().map(|_| Arc::default()).collect();
    Ok(Account { offers, rooms, heartbeat: pulse::last(&mut tx, pulse::SCHEDULER).await? })
}

/// The key with this hash; `None` when there is none.
///
/// # Errors
/// See [`Unseen`].
pub(super) async fn key(
    cx: &Context,
    slot: &KeySlot,
    hash: &str,
) -> Result<Sight<Option<Arc<Found>>>, Unseen> {
    let shelf = &cx.shelf.0;
    let source = Source { store: &cx.store, breaker: &shelf.breaker, name: hash };
    let read = || async { Ok(api_key::find_by_hash(&mut cx.store.read().await?, hash).await?.map(Arc::new)) };
    let sight = slot.slot.look(source, None, read).await?;
    if sight.value().is_none() {
        shelf.keys.remove(hash);
    }
    Ok(sight)
}
