//! The HTTP client towards WeChat.

/// Talks to WeChat, or to anything that speaks its protocol at the same paths. Clones share its connections.
#[derive(Clone, Debug)]
pub struct Client {}
