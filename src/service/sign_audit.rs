//! Signs how the audit's chain stands, every ten minutes in which something was written. A process remembers the newest
//! checkpoint that it has seen: when that one is gone, somebody was at the database with more than its own means, and
//! what stands there now gets no signature.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use crate::clock::Timestamp;
use crate::domain::audit::Checkpoint;
use crate::store::{Reader, StoreError, audit, audit_checkpoint};

use super::{Context, open_vault};

/// What was taken from the chain's end since the last checkpoint cannot be proved; so they are not far apart.
const EVERY: Duration = Duration::from_secs(600);

/// The newest checkpoint that this process has seen. Clones share it.
#[derive(Clone, Debug, Default)]
pub struct Remembered(Arc<Mutex<Option<Checkpoint>>>);

impl Remembered {
    fn get(&self) -> Option<Checkpoint> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn set(&self, checkpoint: Checkpoint) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(checkpoint);
    }
}

/// # Errors
/// `Database`, `Vault`.
pub async fn run(cx: &Context, now: Timestamp) -> Result<(), StoreError> {
    let mut tx = cx.store.read().await?;
    let last = audit_checkpoint::last(&mut tx).await?;
    if cx.signed.get().is_none() {
        last.iter().for_each(|last| cx.signed.set(last.clone()));
    }
    if last.as_ref().is_some_and(|last| now.since(last.at) < EVERY) {
        return Ok(());
    }
    if let Some(gone) = missing(cx, &mut tx).await? {
        metrics::counter!("hufu_audit_checkpoints_gone_total").increment(1);
        tracing::error!(
            seq = gone.seq,
            mac = gone.mac,
            "a checkpoint of the audit is gone: nothing is signed until this process is started anew; \
             see docs/audit.md"
        );
        return Ok(());
    }
    let (seq, hash) = audit::head(&mut tx).await?;
    drop(tx);
    if seq <= last.as_ref().map_or(0, |last| last.seq) {
        last.into_iter().for_each(|last| cx.signed.set(last));
        return Ok(());
    }
    let key = open_vault::audit_key(&cx.store, &cx.vault, &cx.random).await?;
    let checkpoint = Checkpoint::sign(&key, seq, now, &hash);
    let mut tx = cx.store.write().await?;
    audit_checkpoint::insert(&mut tx, &checkpoint).await?;
    tx.commit().await?;
    // Logs are kept elsewhere: what is cut off here still shows there.
    tracing::info!(seq, mac = checkpoint.mac, "the audit was signed");
    remember_newest(cx).await
}

/// The remembered checkpoint, when it is not there any more.
async fn missing(cx: &Context, tx: &mut Reader) -> Result<Option<Checkpoint>, StoreError> {
    let Some(known) = cx.signed.get() else { return Ok(None) };
    let found = audit_checkpoint::list(tx, known.seq - 1, 1).await?;
    Ok(if found.first() == Some(&known) { None } else { Some(known) })
}

/// Another process may have signed the same record first: what is stored counts.
async fn remember_newest(cx: &Context) -> Result<(), StoreError> {
    if let Some(last) = audit_checkpoint::last(&mut cx.store.read().await?).await? {
        cx.signed.set(last);
    }
    Ok(())
}
