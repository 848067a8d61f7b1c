//! Who is refreshed next: tenants take turns, so that one with very many due accounts starves nobody, and each tenant's
//! token that ends first goes first. A tenant whose refreshes are under way has had its turns already.

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::Mutex as Lane;

use crate::clock::Timestamp;
use crate::domain::ids::{AuthorizerAppid, ComponentAppid, TenantId};
use crate::store::StoreError;
use crate::store::authorizer_refresh::{self, Turn};

use super::Context;
use super::refresh_budget::Budgets;

/// How many accounts are read at once. Reading them costs the walk past everything that is due, so they serve for some
/// hundred claims, also those of later ticks.
const READ: usize = 4000;
/// How long what was read may serve: whoever becomes due meanwhile waits no longer than this for a turn.
const KEPT: Duration = Duration::from_secs(3);

/// What the refreshes of a process share. Clones are the same.
#[derive(Clone, Debug, Default)]
pub struct Refreshing {
    pub budgets: Budgets,
    under_way: Arc<Mutex<HashMap<TenantId, i64>>>,
    lanes: Arc<Mutex<HashMap<ComponentAppid, Arc<Lane<Queue>>>>>,
}

impl Refreshing {
    /// Held by whoever claims for a component: one at a time, in decent batches, from what was read last.
    pub(super) fn lane(&self, component: &ComponentAppid) -> Arc<Lane<Queue>> {
        let mut lanes = self.lanes.lock().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(lanes.entry(component.clone()).or_default())
    }

    /// Counts a refresh of this tenant until the result is dropped.
    pub(super) fn begin(&self, tenant: &TenantId) -> UnderWay {
        *self.counts().entry(tenant.clone()).or_default() += 1;
        UnderWay { all: self.clone(), tenant: tenant.clone() }
    }

    fn counts(&self) -> MutexGuard<'_, HashMap<TenantId, i64>> {
        self.under_way.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A refresh of a tenant that has begun and not ended.
pub(super) struct UnderWay {
    all: Refreshing,
    tenant: TenantId,
}

impl Drop for UnderWay {
    fn drop(&mut self) {
        let mut counts = self.all.counts();
        if let Some(count) = counts.get_mut(&self.tenant) {
            *count -= 1;
            if *count <= 0 {
                counts.remove(&self.tenant);
            }
        }
    }
}

/// Accounts that were due when they were read, in the order in which they are to be refreshed.
#[derive(Debug, Default)]
pub(super) struct Queue {
    /// Each with its place when it was read: within a turn that order stays.
    turns: VecDeque<(usize, Turn)>,
    /// Everything that was due is in it.
    pub(super) is_whole: bool,
    read_at: Timestamp,
}

impl Queue {
    /// # Errors
    /// When the database does not answer.
    pub(super) async fn read(cx: &Context, component: &ComponentAppid) -> Result<Self, StoreError> {
        let most = i64::try_from(READ).unwrap_or(i64::MAX);
        let mut tx = cx.store.read().await?;
        let read_at = cx.clock.now();
        let turns = authorizer_refresh::list_turns(&mut tx, component, read_at, most).await?;
        Ok(Self { is_whole: turns.len() < READ, turns: turns.into_iter().enumerate().collect(), read_at })
    }

    /// Forgets what was read unless there is a backlog and it was read just now: only then is reading it again dear.
    pub(super) fn forget_stale(&mut self, now: Timestamp) {
        let is_recent = self.read_at <= now && now.since(self.read_at) < KEPT;
        if self.is_whole || !is_recent {
            *self = Self::default();
        }
    }

    pub(super) fn len(&self) -> usize {
        self.turns.len()
    }

    /// The next accounts in line. A tenant's refreshes under way count as turns that it has had.
    pub(super) fn take(&mut self, refreshing: &Refreshing, count: usize) -> Vec<AuthorizerAppid> {
        let next = {
            let under_way = refreshing.counts();
            let had = |turn: &Turn| under_way.get(&turn.tenant).copied().unwrap_or(0);
            self.turns.make_contiguous().sort_by_key(|(place, turn)| (turn.number + had(turn), *place));
            self.turns.drain(..count.min(self.turns.len()))
        };
        next.map(|(_, turn)| turn.authorizer).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn queue(turns: &[(&str, &str, i64)]) -> Queue {
        let turn = |(account, tenant, number): &(&str, &str, i64)| Turn {
            authorizer: AuthorizerAppid::parse(account).unwrap(),
            tenant: TenantId::parse(tenant).unwrap(),
            number: *number,
        };
        Queue {
            turns: turns.iter().map(turn).enumerate().collect(),
            is_whole: true,
            read_at: Timestamp::EPOCH,
        }
    }

    fn names(accounts: &[AuthorizerAppid]) -> Vec<&str> {
        accounts.iter().map(AuthorizerAppid::as_str).collect()
    }

    #[test]
    fn who_has_refreshes_under_way_waits_for_those_who_have_none() {
        let turns =
            [("a1", "a", 1), ("b1", "b", 1), ("a2", "a", 2), ("b2", "b", 2), ("a3", "a", 3), ("b3", "b", 3)];
        let (refreshing, mut queue) = (Refreshing::default(), queue(&turns));
        let a = TenantId::parse("a").unwrap();
        let (first, second) = (refreshing.begin(&a), refreshing.begin(&a));

        assert_eq!(names(&queue.take(&refreshing, 3)), ["b1", "b2", "a1"]);
        drop((first, second));
        assert_eq!(names(&queue.take(&refreshing, 9)), ["a2", "a3", "b3"]);
        assert_eq!(queue.len(), 0);
        assert!(refreshing.counts().is_empty(), "what has ended leaves nothing behind");
    }

    #[test]
    fn only_a_backlog_that_was_read_just_now_is_kept() {
        let kept = |is_whole, seconds| {
            let mut queue = Queue { is_whole, ..queue(&[("a1", "a", 1)]) };
            queue.forget_stale(Timestamp::from_unix(seconds));
            queue.len() == 1
        };
        assert!(kept(false, 0) && kept(false, 2));
        assert!(!kept(false, 3), "too long ago");
        assert!(!kept(false, -1), "read in what is now the future");
        assert!(!kept(true, 0), "there is no backlog");
    }

    #[test]
    fn who_is_alone_has_everything() {
        let (refreshing, mut queue) = (Refreshing::default(), queue(&[("a1", "a", 1), ("a2", "a", 2)]));
        let _one = refreshing.begin(&TenantId::parse("a").unwrap());
        assert_eq!(names(&queue.take(&refreshing, 2)), ["a1", "a2"]);
    }
}
