//! The headers that tell a browser what an answer may do, and to whom it may be shown.

use actix_web::http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, CROSS_ORIGIN_OPENER_POLICY, CROSS_ORIGIN_RESOURCE_POLICY,
    HeaderMap, HeaderName, HeaderValue, PERMISSIONS_POLICY, REFERRER_POLICY, STRICT_TRANSPORT_SECURITY,
    X_CONTENT_TYPE_OPTIONS, X_FRAME_OPTIONS,
};

use super::reader::Reader;

/// Two years. Only said over https, where the portal has nothing else.
const HTTPS_ONLY: &str = "max-age=63072000; includeSubDomains";

/// Nothing of a device is asked for. Passkeys and the clipboard stay what they are: the portal's own.
const DEVICE: &str = "accelerometer=(), autoplay=(), camera=(), display-capture=(), encrypted-media=(), \
    geolocation=(), gyroscope=(), magnetometer=(), microphone=(), midi=(), payment=(), serial=(), usb=(), \
    xr-spatial-tracking=(), browsing-topics=()";

/// What is no page loads nothing, even when it is opened as one.
const NOTHING: &str = "default-src 'none'; frame-ancestors 'none'";

/// For every answer; what a handler has said itself stays. `secure`: the portal is reached over https.
pub(super) fn put(headers: &mut HeaderMap, reader: Reader, nonce: &str, secure: bool) {
    put_always(headers, secure);
    match reader {
        Reader::Person => {
            if let Ok(policy) = HeaderValue::from_str(&policy(nonce)) {
                set(headers, CONTENT_SECURITY_POLICY, policy);
            }
            // Not `no-referrer`: WeChat's consent page judges the Referer.
            set(headers, REFERRER_POLICY, HeaderValue::from_static("strict-origin-when-cross-origin"));
            // Pages that open ours, and pages that ours open, hold no handle of each other.
            set(headers, CROSS_ORIGIN_OPENER_POLICY, HeaderValue::from_static("same-origin"));
            set(headers, PERMISSIONS_POLICY, HeaderValue::from_static(DEVICE));
            // For browsers that do not know `frame-ancestors`.
            set(headers, X_FRAME_OPTIONS, HeaderValue::from_static("DENY"));
        }
        Reader::Program => {}
        Reader::Wechat | Reader::Probe | Reader::File => {
            set(headers, CONTENT_SECURITY_POLICY, HeaderValue::from_static(NOTHING));
        }
    }
}

/// What holds for programs as well: no guessing of types, no use by other sites, no copies in caches.
pub(super) fn put_always(headers: &mut HeaderMap, secure: bool) {
    set(headers, X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    set(headers, CROSS_ORIGIN_RESOURCE_POLICY, HeaderValue::from_static("same-origin"));
    set(headers, CACHE_CONTROL, HeaderValue::from_static("no-store"));
    if secure {
        set(headers, STRICT_TRANSPORT_SECURITY, HeaderValue::from_static(HTTPS_ONLY));
    }
}

fn set(headers: &mut HeaderMap, name: HeaderName, value: HeaderValue) {
    if !headers.contains_key(&name) {
        headers.insert(name, value);
    }
}

/// Pictures of accounts come from WeChat's hosts, over http or https. The way to WeChat is a link, so forms need not
/// lead there.
pub(super) fn policy(nonce: &str) -> String {
    format!(
        "default-src 'none'; style-src 'self'; script-src 'self' 'nonce-{nonce}'; connect-src 'self'; \
         img-src 'self' https: http: data:; font-src 'self'; manifest-src 'self'; form-action 'self'; \
         frame-ancestors 'none'; base-uri 'none'; require-trusted-types-for 'script'; trusted-types 'none'"
    )
}
