//! A platform admin settles a grant that waits in the unclaimed list.

use crate::clock::Timestamp;
use crate::domain::ids::{GrantId, TenantId, UserId};

use super::{Context, ServiceError};

/// What to do with a held grant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Decision {
    /// The account becomes this tenant's, also when it was another's before.
    AssignTo(TenantId),
    /// The grant is not taken; what we have stays as it is.
    Dismiss,
}

/// # Errors
/// `NotFound` when no such grant is held or the tenant does not exist, `Store`.
pub async fn run(
    _cx: &Context,
    _now: Timestamp,
    _grant: &GrantId,
    _by: &UserId,
    _decision: Decision,
) -> Result<(), ServiceError> {
    Err(ServiceError::NotFound)
}
