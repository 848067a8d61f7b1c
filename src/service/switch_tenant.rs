//! Tells that a session goes on in another tenant. The session itself remembers it with the answer.

use crate::clock::Timestamp;
use crate::domain::audit::{Action, Actor, Entry, Subject};
use crate::domain::tenant::Tenant;
use crate::store::{StoreError, audit};

use super::Context;

/// # Errors
/// `Database`; the session stays where it is then.
pub async fn run(cx: &Context, now: Timestamp, by: &Actor, to: &Tenant) -> Result<(), StoreError> {
    let mut tx = cx.store.write().await?;
    audit::append(&mut tx, now, by, &Entry::of(&to.id, Action::TenantSwitched, Subject::tenant(to))).await?;
    tx.commit().await
}
