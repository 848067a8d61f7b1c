//! `/connect/{token}`: where a merchant without a login begins. The token in the address is all that is asked for; the
//! press of the button is tied to the browser by the visit's cookie.

use actix_web::http::StatusCode;
use actix_web::http::header::{HeaderName, HeaderValue, REFERRER_POLICY};
use actix_web::web::{Data, Path};
use actix_web::{HttpRequest, HttpResponse};

use crate::domain::text::Lang;
use crate::secret::{Secret as _, fingerprint};
use crate::service::open_link;
use crate::service::press_link::{self, PressRefused, Presser};
use crate::service::{Context, ServiceError};

use super::authorize::choose_view::Trouble;
use super::authorize::device::Device;
use super::authorize::entry::browser;
use super::error::WebError;
use super::form::{Form, Nothing};
use super::page::{Answer, Page, see_other};
use super::request::RequestInfo;
use super::session;
use super::shell::Nav;
use super::viewer::Visitor;

pub mod closed_view;
pub mod merchant;
pub mod view;

use closed_view::{ClosedView, Why};
use view::ConnectView;

/// Our own tokens have one length; anything else is not looked up.
const LONGEST: usize = 64;

/// `GET /connect/{token}`.
pub(super) async fn show(
    mut visitor: Visitor,
    req: HttpRequest,
    cx: Data<Context>,
    token: Path<String>,
) -> Answer {
    let token = plausible(&token)?;
    let visit = fingerprint(&visitor.csrf);
    let found = open_link::run(&cx, visitor.now, token, (&visit, |tenant| visitor.looks_at(tenant))).await?;
    let answer = match found {
        Ok(invitation) => {
            let spoken = speak(&mut visitor, &req, invitation.handed.link.lang);
            let shell = visitor.shell(Nav::None);
            let page = Page(ConnectView::new(shell, &invitation, Device::of(&req), visitor.now)).ok();
            page.map(|answer| remember(answer, &req, spoken))
        }
        Err(closed) => refuse(&visitor, Why::Closed(closed), None),
    };
    answer.map(discreet)
}

/// `POST /connect/{token}`: each press makes a fresh code.
pub(super) async fn press(
    visitor: Visitor,
    req: HttpRequest,
    cx: Data<Context>,
    token: Path<String>,
    _: Form<Nothing>,
) -> Answer {
    let pressed =
        press_link::run(&cx, visitor.now, &visitor.actor(), plausible(&token)?, &presser(&req, &visitor))
            .await;
    pressed_answer(&visitor, pressed, Some(&format!("/connect/{token}"))).map(discreet)
}

/// On to the entry page, or what stands in the way; `back` is the page to try again from.
pub(super) fn pressed_answer(
    visitor: &Visitor,
    pressed: Result<Result<crate::secret::OneTimeToken, PressRefused>, ServiceError>,
    back: Option<&str>,
) -> Answer {
    match pressed {
        Ok(Ok(entry)) => Ok(see_other(&format!("/authorize/{}", entry.expose()))),
        Ok(Err(PressRefused::Closed(closed))) => refuse(visitor, Why::Closed(closed), None),
        Ok(Err(PressRefused::TooFast)) => refuse(visitor, Why::TooFast, back),
        Err(error) if Trouble::of(&error, visitor.lang).is_some() => {
            tracing::warn!(error = %error, "a merchant's authorization could not be started");
            refuse(visitor, Why::NotReady, back)
        }
        Err(error) => Err(error.into()),
    }
}

/// Who presses a button that costs a call to WeChat.
pub(super) fn presser(req: &HttpRequest, visitor: &Visitor) -> Presser {
    Presser { browser: browser(req, visitor), from: RequestInfo::of(req).address }
}

pub(super) fn refuse(visitor: &Visitor, why: Why, back: Option<&str>) -> Answer {
    let status = match why {
        Why::Closed(_) | Why::EntryTooOld | Why::EntrySuspended | Why::EntryNotAllowed => StatusCode::GONE,
        Why::TooFast => StatusCode::TOO_MANY_REQUESTS,
        Why::NotReady => StatusCode::SERVICE_UNAVAILABLE,
    };
    Page(ClosedView::new(visitor.shell(Nav::None), why, back.map(str::to_owned))).status(status)
}

fn plausible(token: &str) -> Result<&str, WebError> {
    let plain = !token.is_empty() && token.bytes().all(|byte| byte.is_ascii_alphanumeric());
    if plain && token.len() <= LONGEST { Ok(token) } else { Err(WebError::NotFound) }
}

/// The link's language, unless the merchant has chosen one by hand.
fn speak(visitor: &mut Visitor, req: &HttpRequest, lang: Option<Lang>) -> Option<Lang> {
    let lang = lang.filter(|_| visitor.user.is_none() && RequestInfo::of(req).chosen.is_none())?;
    visitor.lang = lang;
    Some(lang)
}

/// The pages that follow speak the same language.
fn remember(mut answer: HttpResponse, req: &HttpRequest, spoken: Option<Lang>) -> HttpResponse {
    if let Some(lang) = spoken {
        session::add_cookie(&mut answer, &session::lang_cookie(lang, RequestInfo::of(req).secure));
    }
    answer
}

/// The address opens the page for whoever has it: it is told to no other site and to no search engine.
fn discreet(mut answer: HttpResponse) -> HttpResponse {
    const ROBOTS: HeaderName = HeaderName::from_static("x-robots-tag");
    let headers = answer.headers_mut();
    headers.insert(REFERRER_POLICY, HeaderValue::from_static("origin"));
    headers.insert(ROBOTS, HeaderValue::from_static("noindex, nofollow"));
    answer
}
