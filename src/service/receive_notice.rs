//! Takes a push of WeChat's in: verified, decrypted and durable before `success` is answered. What it means is worked
//! out afterwards, by `process_notices`.

use crate::clock::Timestamp;

use super::Context;

/// The query of a push, as received. `signature` is left out: it does not cover the body and proves nothing.
#[derive(Clone, Debug, Default)]
pub struct PushQuery {
    pub timestamp: Option<String>,
    pub nonce: Option<String>,
    pub msg_signature: Option<String>,
    pub encrypt_type: Option<String>,
}

/// Why a push was not accepted. WeChat gets no detail; the admin page counts these.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum PushRefused {
    UnknownComponent,
    MissingSignature,
    BadEnvelope,
    BadSignature,
    BadEncryption,
    WrongAppid,
    BadMessage,
    /// Not refused for its content: the database did not take it, so WeChat has to send it again.
    NotStored,
}

/// # Errors
/// See [`PushRefused`].
pub async fn run(
    _cx: &Context,
    _now: Timestamp,
    _component: &str,
    _query: &PushQuery,
    _body: &[u8],
) -> Result<(), PushRefused> {
    Err(PushRefused::UnknownComponent)
}
