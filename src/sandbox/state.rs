//! The whole state of the sandbox, behind one lock that is held for microseconds and never across a wait. Pushes that
//! follow from a change are queued under the lock and sent after it.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::runtime::Handle;

use super::account::{Account, AccountPatch};
use super::codes::Codes;
use super::component::{Component, ComponentPatch};
use super::faults::Faults;
use super::grant::Grant;
use super::journal::Journal;
use super::outbox::Outbox;
use super::pushes::{Push, PushFault, PushLog};
use super::quotas::Quotas;
use super::refusal::Refusal;
use super::switches::Switches;
use super::tokens::{Lane, TokenBook};
use super::{delivery, ids};
use crate::clock::{Clock, Stopwatch, Timestamp};
use crate::random::Random;

pub struct World {
    pub clock: Clock,
    pub random: Random,
    /// The sandbox's own address, without a slash at the end.
    pub base_url: String,
    pub switches: Switches,
    pub components: BTreeMap<String, Component>,
    pub accounts: BTreeMap<String, Account>,
    /// By component and account.
    pub grants: BTreeMap<(String, String), Grant>,
    pub codes: Codes,
    pub tokens: TokenBook,
    pub quotas: Quotas,
    pub faults: Faults,
    pub push_faults: Vec<PushFault>,
    pub journal: Journal,
    pub pushes: PushLog,
    pub outbox: Outbox,
    /// Pushes held back until the next one has gone.
    pub held: Vec<Push>,
    /// What was sent through `/cgi-bin/message/custom/send`, newest last.
    pub sent_messages: std::collections::VecDeque<serde_json::Value>,
}

impl World {
    pub fn empty(clock: Clock, random: Random, base_url: String, journal_capacity: usize) -> Self {
        Self {
            clock,
            random,
            base_url,
            switches: Switches::default(),
            components: BTreeMap::new(),
            accounts: BTreeMap::new(),
            grants: BTreeMap::new(),
            codes: Codes::default(),
            tokens: TokenBook::default(),
            quotas: Quotas::default(),
            faults: Faults::default(),
            push_faults: Vec::new(),
            journal: Journal::new(journal_capacity),
            pushes: PushLog::default(),
            outbox: Outbox::default(),
            held: Vec::new(),
            sent_messages: std::collections::VecDeque::new(),
        }
    }

    pub fn now(&self) -> Timestamp {
        self.clock.now()
    }

    pub fn component(&self, appid: &str) -> Result<&Component, Refusal> {
        self.components.get(appid).ok_or_else(|| 40013.into())
    }

    pub fn account(&self, appid: &str) -> Result<&Account, Refusal> {
        self.accounts.get(appid).ok_or_else(|| 40013.into())
    }

    /// Makes or changes a component.
    pub fn put_component(&mut self, patch: ComponentPatch) -> &mut Component {
        let now = self.now();
        let appid = patch.appid.clone().unwrap_or_else(|| ids::appid(&self.random));
        let fresh = || Component::fresh(appid.clone(), &self.random, now);
        let component = self.components.entry(appid.clone()).or_insert_with(fresh);
        component.apply(patch, now);
        component
    }

    /// Makes or changes an account. The kind is decided when it is made.
    pub fn put_account(&mut self, patch: AccountPatch) -> &mut Account {
        let appid = patch.appid.clone().unwrap_or_else(|| ids::appid(&self.random));
        let fresh = || Account::fresh(appid.clone(), patch.kind.unwrap_or_default(), &self.random);
        let account = self.accounts.entry(appid.clone()).or_insert_with(fresh);
        account.apply(patch);
        account
    }

    /// A new access token in this lane, with the lives that the switches say.
    pub fn issue_token(&mut self, lane: &Lane) -> (String, u64) {
        let seconds = match lane {
            Lane::Component { .. } => self.switches.component_token_seconds,
            Lane::Authorizer { .. } | Lane::Own { .. } | Lane::Stable { .. } => {
                self.switches.access_token_seconds
            }
        };
        let life = Duration::from_secs(seconds);
        let grace = Duration::from_secs(self.switches.old_token_grace_seconds);
        (self.tokens.issue(lane, &self.random, self.clock.now(), life, grace), seconds)
    }
}

/// What all parts of the running sandbox share.
pub struct Shared {
    world: Mutex<World>,
    runtime: Handle,
    pub http: reqwest::Client,
    started: Stopwatch,
}

impl Shared {
    pub fn new(world: World, runtime: Handle, http: reqwest::Client) -> Arc<Self> {
        Arc::new(Self { world: Mutex::new(world), runtime, http, started: Clock::stopwatch() })
    }

    /// Works on the state under the lock, then lets the pushes go that were queued.
    pub fn with<R>(self: &Arc<Self>, work: impl FnOnce(&mut World) -> R) -> R {
        let (result, outbox) = {
            let mut world = self.world.lock().unwrap_or_else(PoisonError::into_inner);
            let result = work(&mut world);
            (result, std::mem::take(&mut world.outbox))
        };
        for sequence in outbox.0 {
            self.runtime.spawn(delivery::deliver_all(Arc::clone(self), sequence));
        }
        result
    }

    /// Milliseconds since the sandbox started.
    pub fn elapsed_ms(&self) -> u64 {
        u64::try_from(self.started.elapsed().as_millis()).unwrap_or(u64::MAX)
    }

    /// Runs something that nobody waits for.
    pub fn spawn(&self, task: impl Future<Output = ()> + Send + 'static) {
        self.runtime.spawn(task);
    }
}
