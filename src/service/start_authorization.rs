//! One press of 授权: fetches a fresh pre_auth_code and writes down who asked for what.

use crate::clock::Timestamp;
use crate::domain::authorization::AuthType;
use crate::domain::ids::{AuthorizationId, AuthorizerAppid, ComponentAppid, TenantId, UserId};
use crate::secret::OneTimeToken;

use super::{Context, ServiceError};

#[derive(Clone, Debug)]
pub struct Request {
    pub tenant: TenantId,
    pub user: Option<UserId>,
    /// SHA-256 of the browser's session key: only that browser, or one that opened the entry page, may return.
    pub session_hash: Option<String>,
    /// `None`: the only component, or the first.
    pub component: Option<ComponentAppid>,
    pub auth_type: AuthType,
    /// Set for a re-authorisation: only this account is accepted.
    pub expected_appid: Option<AuthorizerAppid>,
}

#[derive(Clone, Debug)]
pub struct Started {
    pub id: AuthorizationId,
    /// Finds the entry page: `/authorize/{entry}`.
    pub entry: OneTimeToken,
}

/// # Errors
/// `NoComponent`, `PlatformNotReady`, `Wechat`, `NotFound` (the expected account is not this tenant's), `Store`.
pub async fn run(_cx: &Context, _now: Timestamp, _request: Request) -> Result<Started, ServiceError> {
    Err(ServiceError::NoComponent)
}
