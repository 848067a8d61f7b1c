//! Signs how the audit's chain stands, every ten minutes in which something was written.

use std::time::Duration;

use crate::clock::Timestamp;
use crate::domain::audit::Checkpoint;
use crate::store::{StoreError, audit, audit_checkpoint};

use super::{Context, open_vault};

/// What was taken from the chain's end since the last checkpoint cannot be proved; so they are not far apart.
const EVERY: Duration = Duration::from_secs(600);

/// # Errors
/// `Database`, `Vault`.
pub async fn run(cx: &Context, now: Timestamp) -> Result<(), StoreError> {
    let mut tx = cx.store.read().await?;
    let last = audit_checkpoint::last(&mut tx).await?;
    if last.as_ref().is_some_and(|last| now.since(last.at) < EVERY) {
        return Ok(());
    }
    let (seq, hash) = audit::head(&mut tx).await?;
    drop(tx);
    if seq <= last.map_or(0, |last| last.seq) {
        return Ok(());
    }
    let key = open_vault::audit_key(&cx.store, &cx.vault, &cx.random).await?;
    let mut tx = cx.store.write().await?;
    audit_checkpoint::insert(&mut tx, &Checkpoint::sign(&key, seq, now, &hash)).await?;
    tx.commit().await
}
