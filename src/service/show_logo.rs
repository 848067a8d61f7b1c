//! The bytes of a logo by its name, for anybody: merchants see it, and its name tells nothing about the tenant.

use crate::store::tenant_logo;

use super::{Context, ServiceError};

/// # Errors
/// `NotFound` when no tenant has a logo of this name, `Store`.
pub async fn run(cx: &Context, name: &str) -> Result<Vec<u8>, ServiceError> {
    let found = tenant_logo::find(&mut cx.store.read().await?, name).await?;
    found.ok_or(ServiceError::NotFound)
}
