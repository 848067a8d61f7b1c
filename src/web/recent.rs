//! Who is about to do something grave shows first that they still are who signed in: [`Recent`] stands in a handler's
//! signature after the visitor and lets nobody through whose last proof is older than [`FRESH`].

use std::future::Future;
use std::pin::Pin;
use std::time::Duration;

use actix_session::{Session, SessionExt};
use actix_web::dev::Payload;
use actix_web::http::Method;
use actix_web::http::header::REFERER;
use actix_web::web::Data;
use actix_web::{FromRequest, HttpRequest};
use url::Url;

use crate::clock::Timestamp;
use crate::service::Context;

use super::error::WebError;
use super::request::{RequestInfo, is_own_path};
use super::{gate, session};

/// For how long a proof counts: signing in, or stepping up.
pub const FRESH: Duration = Duration::from_secs(5 * 60);
/// A form that needs a proof is shown only while there is at least this much left to fill it in.
const TO_FILL_IN: Duration = Duration::from_secs(2 * 60);

/// The proof of who is there is at most [`FRESH`] old. Otherwise: to `/step-up`, and from there back to where the page
/// or the form was.
#[derive(Clone, Copy, Debug)]
pub struct Recent(());

impl FromRequest for Recent {
    type Error = WebError;
    type Future = Pin<Box<dyn Future<Output = Result<Self, WebError>>>>;

    fn from_request(req: &HttpRequest, _: &mut Payload) -> Self::Future {
        let request = req.clone();
        let visitor = gate::passed(req);
        Box::pin(gate::guard(req, async move {
            visitor.await;
            let now = RequestInfo::of(&request).now;
            match session::authenticated_at(&request.get_session()) {
                Some(at) if now.since(at) <= FRESH => Ok(Self(())),
                Some(_) | None => Err(WebError::SeeOther(to_step_up(&request))),
            }
        }))
    }
}

/// Whether a form that needs [`Recent`] can be shown: enough of the time is left to fill it in.
pub(super) fn lasts(session: &Session, now: Timestamp) -> bool {
    let limit = FRESH.saturating_sub(TO_FILL_IN);
    session::authenticated_at(session).is_some_and(|at| now.since(at) <= limit)
}

/// Where somebody shows who they are to come back to `next`.
pub fn step_up_href(next: &str) -> String {
    href(next, false)
}

fn href(next: &str, lost: bool) -> String {
    let mut query = url::form_urlencoded::Serializer::new(String::new());
    query.append_pair("next", next);
    if lost {
        query.append_pair("lost", "1");
    }
    format!("/step-up?{}", query.finish())
}

/// A page is asked for again afterwards; what was sent with a form is not kept, and the page that had it says so.
fn to_step_up(req: &HttpRequest) -> String {
    if *req.method() == Method::GET {
        let path = req.uri().path_and_query().map_or("/", |path| path.as_str());
        return href(if is_own_path(path) { path } else { "/" }, false);
    }
    href(&origin_of_form(req).unwrap_or_else(|| "/".to_owned()), true)
}

/// The page the form was on, when the browser says so and it is one of ours.
pub(super) fn origin_of_form(req: &HttpRequest) -> Option<String> {
    let referer = Url::parse(req.headers().get(REFERER)?.to_str().ok()?).ok()?;
    let public_url = &req.app_data::<Data<Context>>()?.settings.public_url;
    let path = match referer.query() {
        None => referer.path().to_owned(),
        Some(query) => format!("{}?{query}", referer.path()),
    };
    (referer.origin() == public_url.origin() && is_own_path(&path)).then_some(path)
}
