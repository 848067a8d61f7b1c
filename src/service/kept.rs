//! A row in memory: read again after a moment, by one caller for all, and used a while longer only when the database
//! does not answer and nobody has said that it changed.

use std::fmt;
use std::future::Future;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use tokio::sync::Mutex;
use tokio::time::timeout;

use crate::clock::{Clock, Stopwatch};
use crate::store::{Mark, Store, StoreError};

use super::breaker::Breaker;

/// Used when the database does not answer.
const HARD_LIFE: Duration = Duration::from_secs(600);
/// How long a reading may take.
const PATIENCE: Duration = Duration::from_secs(1);

/// Room for one row.
pub(super) struct Slot<T> {
    /// How long it is used without asking the database.
    life: Duration,
    kept: RwLock<Option<Arc<Kept<T>>>>,
    turn: Mutex<()>,
}

#[derive(Debug)]
struct Kept<T> {
    value: T,
    read_at: Stopwatch,
    mark: Mark,
}

/// A row as it is known. Clones are the same row.
#[derive(Debug)]
pub struct Sight<T> {
    kept: Arc<Kept<T>>,
    /// The database did not answer: this is what was known before.
    pub from_memory: bool,
}

impl<T> Sight<T> {
    pub fn value(&self) -> &T {
        &self.kept.value
    }
}

/// Why nothing is known.
#[derive(Debug, thiserror::Error)]
pub enum Unseen {
    #[error("the database does not answer, and nothing that is kept may be used")]
    Away,
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Where a row comes from: the database, its breaker, and the row's name among the [`crate::store::Changes`].
#[derive(Clone, Copy)]
pub(super) struct Source<'a> {
    pub(super) store: &'a Store,
    pub(super) breaker: &'a Breaker,
    pub(super) name: &'a str,
}

impl<T> Slot<T> {
    pub(super) fn new(life: Duration) -> Self {
        Self { life, kept: RwLock::new(None), turn: Mutex::new(()) }
    }

    /// The row, not older than the slot's life, nor than `since`.
    ///
    /// # Errors
    /// See [`Unseen`].
    pub(super) async fn look<F>(
        &self,
        source: Source<'_>,
        since: Option<Stopwatch>,
        load: impl FnOnce() -> F,
    ) -> Result<Sight<T>, Unseen>
    where
        F: Future<Output = Result<T, StoreError>>,
    {
        if let Some(kept) = self.fresh(source, since) {
            return Ok(Sight { kept, from_memory: false });
        }
        // Large and seldom: whoever finds the row here carries a pointer instead.
        Box::pin(self.read(source, since, load)).await
    }

    async fn read<F>(
        &self,
        source: Source<'_>,
        since: Option<Stopwatch>,
        load: impl FnOnce() -> F,
    ) -> Result<Sight<T>, Unseen>
    where
        F: Future<Output = Result<T, StoreError>>,
    {
        let _turn = self.turn.lock().await;
        if let Some(kept) = self.fresh(source, since) {
            return Ok(Sight { kept, from_memory: false });
        }
        let Some(pass) = source.breaker.enter() else { return self.remembered(source) };
        let (mark, read_at) = (source.store.changes().mark(source.name), Clock::stopwatch());
        match timeout(PATIENCE, load()).await {
            Ok(Ok(value)) => {
                pass.answered();
                Ok(Sight { kept: self.keep(Kept { value, read_at, mark }), from_memory: false })
            }
            Ok(Err(error)) if error.is_no_answer() => {
                pass.failed();
                tracing::warn!(error = &error as &dyn std::error::Error, "the database does not answer");
                self.remembered(source)
            }
            Ok(Err(error)) => Err(error.into()),
            Err(_) => {
                pass.failed();
                tracing::warn!("the database takes longer than {PATIENCE:?}");
                self.remembered(source)
            }
        }
    }

    fn fresh(&self, source: Source<'_>, since: Option<Stopwatch>) -> Option<Arc<Kept<T>>> {
        let kept = self.kept()?;
        let young = kept.read_at.elapsed() < self.life && since.is_none_or(|since| kept.read_at >= since);
        (young && kept.mark == source.store.changes().mark(source.name)).then_some(kept)
    }

    fn remembered(&self, source: Source<'_>) -> Result<Sight<T>, Unseen> {
        let now = source.store.changes().mark(source.name);
        let kept = self
            .kept()
            .filter(|kept| kept.mark.is_not_contradicted_by(now) && kept.read_at.elapsed() < HARD_LIFE);
        kept.map(|kept| Sight { kept, from_memory: true }).ok_or(Unseen::Away)
    }

    fn kept(&self) -> Option<Arc<Kept<T>>> {
        self.kept.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn keep(&self, kept: Kept<T>) -> Arc<Kept<T>> {
        let kept = Arc::new(kept);
        *self.kept.write().unwrap_or_else(PoisonError::into_inner) = Some(Arc::clone(&kept));
        kept
    }
}

impl<T> Clone for Sight<T> {
    fn clone(&self) -> Self {
        Self { kept: Arc::clone(&self.kept), from_memory: self.from_memory }
    }
}

impl<T> fmt::Debug for Slot<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Slot")
    }
}
