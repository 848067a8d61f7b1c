//! What a passkey's ceremony has to remember between question and answer. Of somebody who is known it is in the session's
//! row; of any visitor in a sealed cookie, so that asking costs no row. A question is answered once, within five minutes.

use actix_session::Session;
use actix_web::cookie::{Cookie, CookieJar, Key, SameSite};
use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse};

use crate::clock::Timestamp;
use crate::service::passkey::{QUESTION_LASTS, Question};

use super::error::WebError;
use super::request::RequestInfo;
use super::session;

/// Seals the cookie, and what else a session has to remember that its row must not tell.
#[derive(Clone)]
pub(super) struct CeremonyKey(pub(super) Key);

/// Under what name a text of a session is sealed; it opens under no other.
const TEXT: &str = "text";

impl CeremonyKey {
    pub(super) fn seal(&self, text: &str) -> String {
        let mut jar = CookieJar::new();
        jar.private_mut(&self.0).add(Cookie::new(TEXT, text.to_owned()));
        jar.get(TEXT).map(|cookie| cookie.value().to_owned()).unwrap_or_default()
    }

    pub(super) fn open(&self, sealed: &str) -> Option<String> {
        let mut jar = CookieJar::new();
        jar.add_original(Cookie::new(TEXT, sealed.to_owned()));
        jar.private(&self.0).get(TEXT).map(|cookie| cookie.value().to_owned())
    }
}

/// Keeps it in the session.
///
/// # Errors
/// `Internal` when the session cannot be written.
pub(super) fn keep(session: &Session, now: Timestamp, question: &Question) -> Result<(), WebError> {
    session::put_ceremony(session, &written(now, question))
}

/// What [`keep`] kept. Empty when there is nothing, or nothing that can still be answered.
pub(super) fn take(session: &Session, now: Timestamp) -> String {
    session::take_ceremony(session).and_then(|kept| still_open(&kept, now)).unwrap_or_default()
}

/// Gives it to the visitor's browser, which cannot read it.
pub(super) fn hand_over(
    response: &mut HttpResponse,
    req: &HttpRequest,
    now: Timestamp,
    question: &Question,
) -> Result<(), WebError> {
    let info = RequestInfo::of(req);
    let mut jar = CookieJar::new();
    jar.private_mut(key(req)?).add(Cookie::new(name(&info), written(now, question)));
    let sealed = jar.get(name(&info)).map(|cookie| cookie.value().to_owned()).unwrap_or_default();
    let cookie = Cookie::build(name(&info), sealed)
        .path("/")
        .http_only(true)
        .secure(info.secure)
        .same_site(SameSite::Lax)
        .finish();
    session::add_cookie(response, &cookie);
    Ok(())
}

/// What [`hand_over`] gave. Empty as in [`take`], or when it was not ours.
///
/// # Errors
/// `Internal` when the application has no key.
pub(super) fn given_back(req: &HttpRequest, now: Timestamp) -> Result<String, WebError> {
    let name = name(&RequestInfo::of(req));
    let Some(sealed) = req.cookie(name) else { return Ok(String::new()) };
    let mut jar = CookieJar::new();
    jar.add_original(sealed);
    let kept = jar.private(key(req)?).get(name);
    Ok(kept.and_then(|kept| still_open(kept.value(), now)).unwrap_or_default())
}

fn written(now: Timestamp, question: &Question) -> String {
    format!("{now} {}", question.state)
}

fn still_open(kept: &str, now: Timestamp) -> Option<String> {
    let (since, state) = kept.split_once(' ')?;
    let since = since.parse().ok().map(Timestamp::from_unix)?;
    (now.since(since) <= QUESTION_LASTS).then(|| state.to_owned())
}

const fn name(info: &RequestInfo) -> &'static str {
    if info.secure { "__Host-hufu_passkey" } else { "hufu_passkey" }
}

fn key(req: &HttpRequest) -> Result<&Key, WebError> {
    let key = req.app_data::<Data<CeremonyKey>>();
    key.map(|key| &key.0).ok_or_else(|| WebError::internal("no key is attached to the application"))
}
