//! Asks WeChat to push tickets (again): api_start_push_ticket.

use crate::clock::Timestamp;
use crate::domain::ids::ComponentAppid;

use super::{Context, ServiceError};

/// Returns what WeChat said: `ok` (it had stopped) or `in a normal state`.
///
/// # Errors
/// `NotFound`, `Wechat`, `Store`.
pub async fn run(
    _cx: &Context,
    _now: Timestamp,
    _component: &ComponentAppid,
) -> Result<String, ServiceError> {
    Err(ServiceError::NotFound)
}
