//! What a member does to one account: refresh now, pause, resume.

use crate::clock::Timestamp;
use crate::domain::ids::{AuthorizerAppid, TenantId, UserId};

use super::{Context, ServiceError};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    /// Makes the refresh due at once; it takes the same path as a planned one.
    RefreshNow,
    Pause,
    Resume,
}

/// # Errors
/// `NotFound` when the account is not this tenant's, `Conflict` when its state does not allow it, `Store`.
pub async fn run(
    _cx: &Context,
    _now: Timestamp,
    _tenant: &TenantId,
    _by: &UserId,
    _appid: &AuthorizerAppid,
    _action: Action,
) -> Result<(), ServiceError> {
    Err(ServiceError::NotFound)
}
