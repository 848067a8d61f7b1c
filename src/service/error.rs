//! What a use case can answer besides its result.

use crate::store::StoreError;

#[derive(Debug, thiserror::Error)]
pub enum ServiceError {
    #[error(transparent)]
    Store(#[from] StoreError),
    /// Not there, or not this tenant's: the same answer for both.
    #[error("there is no such thing here")]
    NotFound,
    /// The thing is not in a state in which this can be done.
    #[error("this cannot be done now: {0}")]
    Conflict(&'static str),
    /// The tenant has as many as its quota allows.
    #[error("the tenant's quota is used up: {0:?}")]
    Full(crate::domain::tenant_life::Counted),
    /// No component has been added yet.
    #[error("no third-party platform is configured")]
    NoComponent,
    /// The component has no valid token at the moment, so WeChat cannot be called.
    #[error("the platform's own credentials are not ready: {}", .0.code())]
    PlatformNotReady(crate::domain::reason::Reason),
    /// WeChat refused, or gave no usable answer.
    #[error("WeChat did not do it: {reason} (errcode {errcode:?})", reason = .reason.code())]
    Wechat { reason: crate::domain::reason::Reason, errcode: Option<i64>, rid: Option<String> },
}
