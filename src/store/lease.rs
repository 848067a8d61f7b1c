//! The leases of a process that is gone. Only for a database that no other process works on.

use crate::clock::Timestamp;

use super::{StoreError, Writer};

/// Whatever is held may be taken at once: accounts, component token lanes, codes, open attempts and pushes. Epochs stay,
/// so a holder that lives after all can still write nothing stale.
pub async fn release_all(tx: &mut Writer, now: Timestamp) -> Result<(), StoreError> {
    for statement in [
        "UPDATE authorizer SET lease_until = $1 WHERE lease_until > $1",
        "UPDATE component SET lease_until = $1 WHERE lease_until > $1",
        "UPDATE grant_code SET lease_until = $1 WHERE lease_until > $1",
        "UPDATE attempt SET lease_until = $1 WHERE outcome IS NULL AND lease_until > $1",
        "UPDATE notice SET next_try_at = $1 WHERE next_try_at > $1",
    ] {
        on!(tx, |c| sqlx::query(statement).bind(now.unix()).execute(c).await.map(|_| ()))?;
    }
    Ok(())
}
