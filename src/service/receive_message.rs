//! Takes in a message or event of an authorised account's own followers.

use crate::clock::Timestamp;

use super::Context;
use super::receive_notice::{PushQuery, PushRefused};

/// # Errors
/// See [`PushRefused`].
pub async fn run(
    _cx: &Context,
    _now: Timestamp,
    _component: &str,
    _authorizer: &str,
    _query: &PushQuery,
    _body: &[u8],
) -> Result<(), PushRefused> {
    Err(PushRefused::UnknownComponent)
}
