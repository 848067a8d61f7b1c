//! Never shows stale green: an account whose token has run out is no longer called healthy, whether or not its refresh
//! has been tried.

use crate::clock::Timestamp;
use crate::domain::health::Health;
use crate::domain::reason::Reason;
use crate::store::{StoreError, authorizer_sweep};

use super::{Context, show_health};

/// # Errors
/// When the database does not answer.
pub async fn run(cx: &Context, now: Timestamp) -> Result<(), StoreError> {
    loop {
        let mut tx = cx.store.write().await?;
        let aged = authorizer_sweep::age(&mut tx, now).await?;
        if aged.is_empty() {
            return Ok(());
        }
        let change = (Health::ExpiredRetrying, Reason::RefreshOverdue);
        show_health::append_all(cx, &mut tx, now, &aged, change).await?;
        tx.commit().await?;
    }
}
