//! The end of a tenant, in two steps: asked for, with days in which that can be undone and nothing of it moves; then a
//! job deletes its rows in batches and destroys its data key. `docs/keys.md` says what that means for backups.

use crate::clock::Timestamp;
use crate::crash_point;
use crate::domain::audit::{Action, Actor, Detail, Entry, Subject};
use crate::domain::ids::TenantId;
use crate::domain::tenant_life::GRACE;
use crate::store::{StoreError, audit, tenant, tenant_purge};

use super::{Context, ServiceError};

/// Rows in one transaction, and transactions in one tick.
const BATCH: i64 = 500;
const BATCHES: usize = 20;

/// `typed` is what the person entered to say which tenant is meant: its slug.
///
/// # Errors
/// `Conflict` when something else was typed or it is to be deleted already, `NotFound`, `Store`.
pub async fn request(
    cx: &Context,
    now: Timestamp,
    by: &Actor,
    of: &TenantId,
    typed: &str,
) -> Result<Timestamp, ServiceError> {
    let mut tx = cx.store.write().await?;
    let known = tenant::find(&mut tx, of).await?.ok_or(ServiceError::NotFound)?;
    if typed.trim() != known.slug.as_str() {
        return Err(ServiceError::Conflict("the short name that was typed is another one"));
    }
    let purge_at = now.plus(GRACE);
    if !tenant_purge::request(&mut tx, of, (now, purge_at)).await? {
        return Err(ServiceError::Conflict("the tenant is to be deleted already"));
    }
    let detail = Detail::none().fact("purge_at", purge_at.unix());
    let entry = Entry::of(of, Action::TenantDeletionRequested, Subject::tenant(&known)).with(detail);
    audit::append(&mut tx, now, by, &entry).await?;
    tx.commit().await?;
    cx.wake.ring();
    Ok(purge_at)
}

/// Takes the request back. The tenant stays suspended until somebody lets it in again; its accounts are refreshed.
///
/// # Errors
/// `NotFound`, `Conflict` when it is too late, `Store`.
pub async fn undo(cx: &Context, now: Timestamp, by: &Actor, of: &TenantId) -> Result<(), ServiceError> {
    let mut tx = cx.store.write().await?;
    let known = tenant::find(&mut tx, of).await?.ok_or(ServiceError::NotFound)?;
    if !tenant_purge::undo(&mut tx, of, now).await? {
        return Err(ServiceError::Conflict("the deletion has begun, or was not requested"));
    }
    let entry = Entry::of(of, Action::TenantDeletionUndone, Subject::tenant(&known));
    audit::append(&mut tx, now, by, &entry).await?;
    tx.commit().await?;
    cx.wake.ring();
    Ok(())
}

/// The job: stops what is to be deleted, and deletes a bounded piece of what is over.
///
/// # Errors
/// When the database does not answer.
pub async fn run(cx: &Context, now: Timestamp) -> Result<(), StoreError> {
    stop(cx).await?;
    for _ in 0..BATCHES {
        let due = tenant_purge::next_due(&mut cx.store.read().await?, now).await?;
        let Some(of) = due else { return Ok(()) };
        let mut tx = cx.store.write().await?;
        tenant_purge::begin(&mut tx, &of, now).await?;
        if tenant_purge::delete_some(&mut tx, &of, BATCH).await? == 0 {
            let Some(known) = tenant::find(&mut tx, &of).await? else { continue };
            tenant_purge::finish(&mut tx, &of, now).await?;
            let entry = Entry::of(&of, Action::TenantPurged, Subject::tenant(&known));
            audit::append(&mut tx, now, &Actor::system(), &entry).await?;
            tracing::warn!(tenant = %of, "a tenant is deleted and its data key destroyed");
        }
        tx.commit().await?;
        crash_point::reached("tenant_purged_some");
    }
    // There may be more.
    cx.wake.ring();
    Ok(())
}

async fn stop(cx: &Context) -> Result<(), StoreError> {
    if !tenant_purge::any_requested(&mut cx.store.read().await?).await? {
        return Ok(());
    }
    let mut tx = cx.store.write().await?;
    tenant_purge::stop_refreshes(&mut tx, 10 * BATCH).await?;
    tx.commit().await
}
