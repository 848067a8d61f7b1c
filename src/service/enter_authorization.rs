//! Shows the entry page of an attempt: the page on our own domain from which a person goes on to WeChat.

use url::Url;

use crate::clock::Timestamp;
use crate::domain::authorization::Authorization;
use crate::secret::OneTimeToken;

use super::{Context, ServiceError};

/// Everything the entry page and the result page show.
#[derive(Clone, Debug)]
pub struct Entry {
    pub authorization: Authorization,
    pub tenant_name: String,
    pub component_name: String,
    /// The expected or returned account's name, when it is known.
    pub account_name: Option<String>,
    /// PC consent page; scanned by the account's administrator.
    pub pc_url: Url,
    /// Consent page inside WeChat on a phone.
    pub h5_url: Url,
    /// This page's own address, for the QR code.
    pub entry_url: Url,
    /// The pre_auth_code has lapsed: offer a new press instead of the links.
    pub lapsed: bool,
    /// Set when this browser is not the one that asked: put it into the cookie `hufu_device`.
    pub new_device: Option<OneTimeToken>,
}

/// Which browser is looking.
#[derive(Clone, Debug, Default)]
pub struct Browser {
    /// SHA-256 of its session key, when it is signed in.
    pub session_hash: Option<String>,
    /// The cookie `hufu_device`.
    pub device: Option<String>,
}

/// # Errors
/// `NotFound` when the entry token is unknown, `Store`.
pub async fn run(
    _cx: &Context,
    _now: Timestamp,
    _entry: &str,
    _browser: &Browser,
) -> Result<Entry, ServiceError> {
    Err(ServiceError::NotFound)
}

/// A new press on a lapsed entry page: the same purpose with a fresh code, bound to this browser.
///
/// # Errors
/// As `start_authorization`; `NotFound` when the entry token is unknown.
pub async fn renew(
    _cx: &Context,
    _now: Timestamp,
    _entry: &str,
    _browser: &Browser,
) -> Result<OneTimeToken, ServiceError> {
    Err(ServiceError::NotFound)
}
