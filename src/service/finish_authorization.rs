//! The code broker: exchanges each authorization code once, whoever brings it first.

use crate::clock::Timestamp;
use crate::secret::{AuthorizationCode, OneTimeToken};

use super::enter_authorization::Browser;
use super::{Context, ServiceError};

/// What the browser brought back from WeChat.
#[derive(Debug)]
pub struct Return {
    pub state: OneTimeToken,
    pub code: AuthorizationCode,
    /// Seconds the code lives, as WeChat said; `None` when it did not.
    pub expires_in: Option<i64>,
    pub browser: Browser,
}

/// Why a return was not accepted. Nothing was changed then.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReturnRefused {
    /// The state is unknown, or was made by another browser.
    UnknownState,
    /// The state was used with another code already.
    StateUsed,
}

/// Stores the code durably and tries to exchange it within a few seconds. The result page
/// (`/authorize/{entry}/result`) shows how it ended; it ends even if this browser never looks.
///
/// # Errors
/// `Store`.
pub async fn run(
    _cx: &Context,
    _now: Timestamp,
    _back: Return,
) -> Result<Result<OneTimeToken, ReturnRefused>, ServiceError> {
    Ok(Err(ReturnRefused::UnknownState))
}
