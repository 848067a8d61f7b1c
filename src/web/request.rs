//! What the outermost middleware notes about every request: its trace id, the moment, the nonce, and the language the
//! browser asked for.

use std::net::IpAddr;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};

use actix_web::dev::ServiceRequest;
use actix_web::http::header::ACCEPT_LANGUAGE;
use actix_web::web::Data;
use actix_web::{HttpMessage, HttpRequest};

use crate::clock::Timestamp;
use crate::domain::text::Lang;
use crate::service::Context;

/// The cookie that remembers a language chosen by hand.
pub(super) const fn lang_cookie_name(secure: bool) -> &'static str {
    if secure { "__Host-hufu_lang" } else { "hufu_lang" }
}

/// One request, as every layer may know it.
#[derive(Clone, Debug, Default)]
pub struct RequestInfo {
    /// Names this request in the log, in the header `x-request-id` and on error pages.
    pub trace: String,
    pub now: Timestamp,
    /// The other end, or what a trusted proxy saw as such.
    pub address: Option<IpAddr>,
    /// For `<script nonce="…">`.
    pub nonce: String,
    /// Chosen by hand: `?lang=` of this very request, else the cookie.
    pub chosen: Option<Lang>,
    /// `Accept-Language`, else Chinese.
    pub accepted: Lang,
    /// The portal is reached over https: cookies are `Secure` and named `__Host-…`.
    pub secure: bool,
}

impl RequestInfo {
    /// The language of a page: chosen, then the user's own, then the browser's.
    pub fn lang(&self, of_user: Option<Lang>) -> Lang {
        self.chosen.or(of_user).unwrap_or(self.accepted)
    }

    /// What the middleware noted; an empty note where it did not run.
    pub fn of(req: &HttpRequest) -> Self {
        req.extensions().get::<Self>().cloned().unwrap_or_default()
    }
}

/// A name for a request of a program: eight characters that are the process's own, eight that count its requests.
pub(super) fn counted_trace(req: &ServiceRequest) -> String {
    static PROCESS: OnceLock<String> = OnceLock::new();
    static REQUESTS: AtomicU32 = AtomicU32::new(0);
    let process = PROCESS
        .get_or_init(|| req.app_data::<Data<Context>>().map(|cx| cx.random.base62(8)).unwrap_or_default());
    format!("{process}{:08x}", REQUESTS.fetch_add(1, Ordering::Relaxed))
}

/// `?lang=` of this request.
pub(super) fn asked_lang(req: &ServiceRequest) -> Option<Lang> {
    url::form_urlencoded::parse(req.query_string().as_bytes())
        .find(|(name, _)| name == "lang")
        .and_then(|(_, code)| Lang::from_code(&code))
}

pub(super) fn cookie_lang(req: &ServiceRequest, secure: bool) -> Option<Lang> {
    req.cookie(lang_cookie_name(secure)).and_then(|cookie| Lang::from_code(cookie.value()))
}

/// The first language of the header that we speak; Chinese when there is none.
pub(super) fn accepted_lang(req: &ServiceRequest) -> Lang {
    let header = req.headers().get(ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok()).unwrap_or("");
    header
        .split(',')
        .filter_map(|part| Lang::from_code(part.split([';', '-']).next()?.trim().to_lowercase().as_str()))
        .next()
        .unwrap_or_default()
}

/// Whether a path leads back into the portal: one slash, nothing a browser could read as another host.
pub fn is_own_path(path: &str) -> bool {
    let mut chars = path.chars();
    chars.next() == Some('/')
        && !matches!(chars.next(), Some('/' | '\\'))
        && !path.contains('\\')
        && !path.chars().any(|c| c.is_control() || c.is_whitespace())
        && path.len() <= 2000
}

#[cfg(test)]
mod tests {
    use super::is_own_path;

    #[test]
    fn only_paths_of_the_portal_are_followed() {
        for own in ["/", "/authorizers?state=healthy", "/a/b#c"] {
            assert!(is_own_path(own), "{own}");
        }
        for foreign in [
            "",
            "authorizers",
            "//evil.example",
            "/\\evil.example",
            "https://evil.example",
            "/a\nb",
            "/\t/evil",
        ] {
            assert!(!is_own_path(foreign), "{foreign}");
        }
    }
}
