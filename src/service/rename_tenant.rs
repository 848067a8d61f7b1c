//! Gives a tenant another name; its slug stays.

use crate::domain::ids::TenantId;
use crate::store::tenant;

use super::{Context, IdentityError};

/// `name` as `domain::user::parse_name` leaves it.
///
/// # Errors
/// `NotFound`, `Store`.
pub async fn run(cx: &Context, id: &TenantId, name: &str) -> Result<(), IdentityError> {
    let mut tx = cx.store.write().await?;
    if !tenant::rename(&mut tx, id, name).await? {
        return Err(IdentityError::NotFound);
    }
    tx.commit().await?;
    Ok(())
}
