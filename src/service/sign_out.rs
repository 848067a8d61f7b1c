//! Tells that somebody signs out. The session itself ends with the answer.

use crate::clock::Timestamp;
use crate::domain::audit::{Action, Actor, Entry, Subject};
use crate::domain::user::User;
use crate::store::{StoreError, audit};

use super::Context;

/// # Errors
/// `Database`; the session goes on then.
pub async fn run(cx: &Context, now: Timestamp, by: &Actor, user: &User) -> Result<(), StoreError> {
    let mut tx = cx.store.write().await?;
    audit::append(&mut tx, now, by, &Entry::platform(Action::SignedOut, Subject::user(user))).await?;
    tx.commit().await
}
