//! What a signed-in browser's session holds, and the cookie of a browser that is not signed in.

use std::time::Duration;

use actix_session::config::{BrowserSession, CookieContentSecurity};
use actix_session::{Session, SessionMiddleware};
use actix_web::cookie::{Cookie, Key, SameSite};
use actix_web::{HttpRequest, HttpResponse};

use crate::clock::Timestamp;
use crate::domain::ids::{TenantId, UserId};
use crate::domain::text::Lang;
use crate::domain::user::{Proved, SessionEpoch};
use crate::random::Random;
use crate::secret::fingerprint;

use super::client::Client;
use super::error::WebError;
use super::request::{RequestInfo, lang_cookie_name};
use super::session_store::SessionRows;

pub(super) const USER: &str = "user";
/// Of the user's sessions, when this one's owner was looked at.
pub(super) const EPOCH: &str = "epoch";
const TENANT: &str = "tenant";
const CSRF: &str = "csrf";
/// When the person last showed who they are, as Unix seconds.
const AUTHENTICATED_AT: &str = "authenticated_at";
/// Whose password was right, while the second step is awaited, since when, and where they wanted to go: sealed, as it may
/// be the link of an invitation.
pub(super) const PENDING: &str = "pending";
const PENDING_SINCE: &str = "pending_since";
const PENDING_NEXT: &str = "pending_next";
/// As long as it may take to find the phone.
const SECOND_STEP: Duration = Duration::from_secs(10 * 60);
pub(super) const AGENT: &str = "agent";
pub(super) const ADDRESS: &str = "address";
/// What a passkey's ceremony has to remember (`ceremony.rs`).
const CEREMONY: &str = "ceremony";
/// A random name of this session that survives the renewal of its key.
pub(super) const SID: &str = "sid";

/// The session middleware around the pages.
pub(super) fn middleware(rows: SessionRows, key: Key, secure: bool) -> SessionMiddleware<SessionRows> {
    let name = if secure { "__Host-hufu_session" } else { "hufu_session" };
    SessionMiddleware::builder(rows, key)
        .cookie_name(name.to_owned())
        .cookie_secure(secure)
        .cookie_http_only(true)
        // Lax: it must be there when WeChat sends the browser back, and must not be on foreign POSTs.
        .cookie_same_site(SameSite::Lax)
        .cookie_path("/".to_owned())
        .cookie_content_security(CookieContentSecurity::Signed)
        .session_lifecycle(BrowserSession::default())
        .build()
}

/// Signs the browser in: a new key, and nothing of what was there before.
///
/// # Errors
/// `Internal` when the session cannot be written.
pub fn sign_in(session: &Session, who: &Proved, random: &Random, now: Timestamp) -> Result<(), WebError> {
    session.clear();
    session.renew();
    put(session, USER, who.user.id.as_str())?;
    put(session, EPOCH, &who.epoch.number().to_string())?;
    put(session, AUTHENTICATED_AT, &now.to_string())?;
    put(session, SID, &random.url_safe(32))?;
    put(session, CSRF, &random.url_safe(32))
}

/// The password was right and a second step is to come: a new key, nobody signed in yet.
///
/// # Errors
/// `Internal` when the session cannot be written.
pub fn await_second_step(
    session: &Session,
    who: &Proved,
    random: &Random,
    now: Timestamp,
    sealed_next: &str,
) -> Result<(), WebError> {
    session.clear();
    session.renew();
    put(session, PENDING, who.user.id.as_str())?;
    put(session, EPOCH, &who.epoch.number().to_string())?;
    put(session, PENDING_SINCE, &now.to_string())?;
    put(session, PENDING_NEXT, sealed_next)?;
    put(session, CSRF, &random.url_safe(32))
}

/// What the first step left.
pub(super) struct Pending {
    pub(super) user: UserId,
    /// Of the first step: what ends sessions before the second one ends this sign-in too.
    pub(super) epoch: SessionEpoch,
    pub(super) sealed_next: String,
}

/// Whose second step is awaited, and where to go on afterwards; `None` when it took too long.
pub(super) fn awaited(session: &Session, now: Timestamp) -> Option<Pending> {
    let since = text(session, PENDING_SINCE)?.parse().ok().map(Timestamp::from_unix)?;
    let user = UserId::parse(&text(session, PENDING)?).ok()?;
    let epoch = text(session, EPOCH)?.parse().ok().map(SessionEpoch::of_number)?;
    let sealed_next = text(session, PENDING_NEXT).unwrap_or_default();
    (now.since(since) <= SECOND_STEP).then_some(Pending { user, epoch, sealed_next })
}

/// Keeps what a passkey's ceremony has to remember until the browser answers.
///
/// # Errors
/// `Internal` when the session cannot be written.
pub(super) fn put_ceremony(session: &Session, kept: &str) -> Result<(), WebError> {
    put(session, CEREMONY, kept)
}

/// Takes it out: there is one answer to a question.
pub(super) fn take_ceremony(session: &Session) -> Option<String> {
    session.remove_as(CEREMONY)?.ok()
}

/// The person has shown once more who they are: a new key, and from now on the proof is fresh.
///
/// # Errors
/// `Internal` when the session cannot be written.
pub fn step_up(session: &Session, now: Timestamp) -> Result<(), WebError> {
    session.renew();
    put(session, AUTHENTICATED_AT, &now.to_string())
}

/// Notes what the person will recognise the session by.
///
/// # Errors
/// `Internal` when the session cannot be written.
pub fn note_client(session: &Session, client: &Client) -> Result<(), WebError> {
    put(session, AGENT, client.agent.as_deref().unwrap_or_default())?;
    put(session, ADDRESS, &client.from.map(|from| from.to_string()).unwrap_or_default())
}

/// Ends the session on both sides.
pub fn sign_out(session: &Session) {
    session.purge();
}

/// # Errors
/// `Internal` when the session cannot be written.
pub fn put_tenant(session: &Session, tenant: &TenantId) -> Result<(), WebError> {
    put(session, TENANT, tenant.as_str())
}

pub(super) fn user(session: &Session) -> Option<UserId> {
    UserId::parse(&text(session, USER)?).ok()
}

pub(super) fn tenant(session: &Session) -> Option<TenantId> {
    TenantId::parse(&text(session, TENANT)?).ok()
}

/// When the person last showed who they are.
pub(super) fn authenticated_at(session: &Session) -> Option<Timestamp> {
    text(session, AUTHENTICATED_AT)?.parse().ok().map(Timestamp::from_unix)
}

/// SHA-256 of the session's random name: what an authorisation is bound to.
pub(super) fn hash(session: &Session) -> Option<String> {
    Some(fingerprint(&text(session, SID)?))
}

pub(super) fn csrf(session: &Session) -> Option<String> {
    text(session, CSRF)
}

fn text(session: &Session, key: &str) -> Option<String> {
    session.get::<String>(key).ok().flatten()
}

pub(super) fn put(session: &Session, key: &str, value: &str) -> Result<(), WebError> {
    session.insert(key, value).map_err(|error| WebError::internal(error.to_string()))
}

/// The cookie that ties a form to a browser that is not signed in; its fingerprint is the form's token. It costs no row.
fn visit_cookie_name(info: &RequestInfo) -> &'static str {
    if info.secure { "__Host-hufu_visit" } else { "hufu_visit" }
}

/// The form token of a browser that is not signed in, when it has one.
pub(super) fn visit_csrf(req: &HttpRequest) -> Option<String> {
    let cookie = req.cookie(visit_cookie_name(&RequestInfo::of(req)))?;
    (cookie.value().len() == 32).then(|| fingerprint(cookie.value()))
}

/// A new visit: the cookie's value, and the form token that belongs to it.
pub(super) fn new_visit(random: &Random) -> (String, String) {
    let value = random.url_safe(32);
    let csrf = fingerprint(&value);
    (value, csrf)
}

pub(super) fn visit_cookie(info: &RequestInfo, value: String) -> Cookie<'static> {
    Cookie::build(visit_cookie_name(info), value)
        .path("/")
        .http_only(true)
        .secure(info.secure)
        .same_site(SameSite::Lax)
        .finish()
}

pub(super) fn lang_cookie(lang: Lang, secure: bool) -> Cookie<'static> {
    Cookie::build(lang_cookie_name(secure), lang.code())
        .path("/")
        .max_age(actix_web::cookie::time::Duration::days(365))
        .secure(secure)
        .http_only(true)
        .same_site(SameSite::Lax)
        .finish()
}

/// Adds a cookie to an answer that is ready.
pub(super) fn add_cookie(response: &mut HttpResponse, cookie: &Cookie<'_>) {
    // A cookie of ours always fits a header.
    let _ = response.add_cookie(cookie);
}
