//! Asking somebody to become a member of a tenant.

use std::time::Duration;

use crate::clock::Timestamp;
use crate::domain::ids::{InvitationId, LetterId, TenantId};
use crate::domain::role::Role;
use crate::domain::user::Email;

/// An invitation that nobody accepts is over after this long.
pub const LIFE: Duration = Duration::from_secs(7 * 24 * 3600);

#[derive(Clone, Debug)]
pub struct Invitation {
    pub id: InvitationId,
    pub tenant: TenantId,
    pub email: Email,
    pub role: Role,
    /// Who invited, by name.
    pub invited_by: Option<String>,
    /// `None`: the link was shown to the inviter.
    pub letter: Option<LetterId>,
    pub created_at: Timestamp,
    pub expires_at: Timestamp,
}
