//! What changed lately, so that nothing is kept in memory for longer than it is true. Names fall into groups, each with
//! a counter: what was kept is good while its group's counter stands still. A name that shares its group with one that
//! changed costs one reading more, and memory stays the same however many names there are.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

const GROUPS: usize = 4096;

/// Clones share the counters. An account's name is its appid, a key's the hash it is stored under.
#[derive(Clone, Debug)]
pub struct Changes(Arc<Counters>);

#[derive(Debug)]
struct Counters {
    groups: Box<[AtomicU64]>,
    all: AtomicU64,
    doubts: AtomicU64,
}

/// How the counters stood when something was read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Mark {
    told: (u64, u64),
    doubts: u64,
}

impl Mark {
    /// Nothing was told between the two: what was kept may still be used when it cannot be read again.
    pub fn is_not_contradicted_by(self, later: Self) -> bool {
        self.told == later.told
    }
}

impl Default for Changes {
    fn default() -> Self {
        let groups = (0..GROUPS).map(|_| AtomicU64::new(0)).collect();
        Self(Arc::new(Counters { groups, all: AtomicU64::new(0), doubts: AtomicU64::new(0) }))
    }
}

impl Changes {
    /// Taken before a row is read, and compared whenever it is used.
    pub fn mark(&self, name: &str) -> Mark {
        let counters = &self.0;
        Mark {
            told: (self.group(name).load(Ordering::Acquire), counters.all.load(Ordering::Acquire)),
            doubts: counters.doubts.load(Ordering::Acquire),
        }
    }

    /// What is kept under this name is not true any more.
    pub fn tell(&self, name: &str) {
        self.group(name).fetch_add(1, Ordering::AcqRel);
    }

    /// Nothing that is kept is true any more.
    pub fn tell_all(&self) {
        self.0.all.fetch_add(1, Ordering::AcqRel);
    }

    /// Changes may have been missed: everything is read again before it is used, if it can be.
    pub fn doubt_all(&self) {
        self.0.doubts.fetch_add(1, Ordering::AcqRel);
    }

    fn group(&self, name: &str) -> &AtomicU64 {
        let mut hasher = DefaultHasher::new();
        name.hash(&mut hasher);
        let at = usize::try_from(hasher.finish() % GROUPS as u64).unwrap_or(0);
        &self.0.groups[at]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_told_contradicts_its_own_name_and_doubt_contradicts_nobody() {
        let changes = Changes::default();
        let (a, b) = (changes.mark("wxa"), changes.mark("wxb"));

        changes.tell("wxa");
        assert!(!a.is_not_contradicted_by(changes.mark("wxa")));
        assert_eq!(b, changes.mark("wxb"));

        changes.doubt_all();
        assert_ne!(b, changes.mark("wxb"));
        assert!(b.is_not_contradicted_by(changes.mark("wxb")));

        changes.tell_all();
        assert!(!b.is_not_contradicted_by(changes.mark("wxb")));
    }
}
