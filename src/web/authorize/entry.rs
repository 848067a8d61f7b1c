//! `/authorize/{entry}`: the way to WeChat, and how it ended. The entry token is the secret that opens these pages;
//! nobody has to be signed in, because the account's administrator often sits elsewhere.

use actix_web::cookie::{Cookie, SameSite};
use actix_web::http::header::{HeaderValue, REFERRER_POLICY};
use actix_web::web::{Data, Path};
use actix_web::{HttpRequest, HttpResponse};

use crate::domain::authorization::AuthorizationStatus;
use crate::secret::{OneTimeToken, Secret};
use crate::service::Context;
use crate::service::enter_authorization::{self, Browser, Entry};
use crate::service::renew_authorization::{self, RenewRefused};
use crate::store::authorizer;
use crate::web::connect;
use crate::web::connect::closed_view::Why;
use crate::web::form::{Form, Nothing};
use crate::web::page::{Answer, Page, see_other};
use crate::web::request::RequestInfo;
use crate::web::shell::Nav;
use crate::web::viewer::ReadOnly;
use crate::web::viewer::Visitor;

use super::device::Device;
use super::entry_view::EntryView;
use super::outcome_view::{Attempt, Insider, OutcomeView};

/// The cookie of a device that opened the entry page of somebody else's attempt: it may bring the result back.
const fn device_cookie_name(secure: bool) -> &'static str {
    if secure { "__Host-hufu_device" } else { "hufu_device" }
}

/// `GET /authorize/{entry}`.
pub(in crate::web) async fn show(
    visitor: Visitor,
    req: HttpRequest,
    cx: Data<Context>,
    db: Data<ReadOnly>,
    path: Path<String>,
) -> Answer {
    let entry = enter_authorization::run(&cx, visitor.now, &path, &browser(&req, &visitor)).await?;
    let open = entry.authorization.status == AuthorizationStatus::Started && !entry.lapsed;
    let mut answer = if open {
        Page(EntryView::new(visitor.shell(Nav::None), &entry, Device::of(&req), visitor.now)).ok()?
    } else {
        outcome(&visitor, &db, &path, &entry).await?
    };
    remember_device(&mut answer, &req, entry.new_device.as_ref());
    Ok(let_the_origin_through(answer))
}

/// `GET /authorize/{entry}/result`.
pub(in crate::web) async fn result(
    visitor: Visitor,
    req: HttpRequest,
    cx: Data<Context>,
    db: Data<ReadOnly>,
    path: Path<String>,
) -> Answer {
    let entry = enter_authorization::run(&cx, visitor.now, &path, &browser(&req, &visitor)).await?;
    if entry.authorization.status == AuthorizationStatus::Started && !entry.lapsed {
        // Nobody has come back yet: the way to WeChat is still open.
        return Ok(see_other(&format!("/authorize/{path}")));
    }
    outcome(&visitor, &db, &path, &entry).await
}

/// `POST /authorize/{entry}/renew`: the same purpose with a fresh code.
pub(in crate::web) async fn renew(
    visitor: Visitor,
    req: HttpRequest,
    cx: Data<Context>,
    path: Path<String>,
    _: Form<Nothing>,
) -> Answer {
    let who = connect::presser(&req, &visitor);
    let here = format!("/authorize/{path}");
    let pressed = match renew_authorization::run(&cx, visitor.now, &visitor.actor(), &path, &who).await {
        Ok(Ok(entry)) => Ok(Ok(entry)),
        Ok(Err(RenewRefused::Pressed(refused))) => Ok(Err(refused)),
        Ok(Err(RenewRefused::NothingToRenew)) => return Ok(see_other(&here)),
        Ok(Err(RenewRefused::TooOld)) => return connect::refuse(&visitor, Why::EntryTooOld, None),
        Ok(Err(RenewRefused::Suspended)) => return connect::refuse(&visitor, Why::EntrySuspended, None),
        Ok(Err(RenewRefused::NotAllowedAnyMore)) => {
            return connect::refuse(&visitor, Why::EntryNotAllowed, None);
        }
        Err(error) => Err(error),
    };
    connect::pressed_answer(&visitor, pressed, Some(&here))
}

async fn outcome(visitor: &Visitor, db: &ReadOnly, token: &str, entry: &Entry) -> Answer {
    let attempt = &entry.authorization;
    let account = match (&attempt.authorizer, attempt.status) {
        (Some(appid), AuthorizationStatus::Finished) => {
            authorizer::find(&mut db.read_for(&attempt.tenant).await?, &attempt.tenant, appid).await?
        }
        _ => None,
    };
    let insider = match (visitor.looks_at(&attempt.tenant), &attempt.link) {
        (true, _) => Insider::Member,
        (false, Some(_)) => Insider::Merchant,
        (false, None) => Insider::Stranger,
    };
    let attempt = Attempt { entry, token, account: account.as_ref(), insider };
    Page(OutcomeView::of(visitor.shell(Nav::None), &attempt)).ok()
}

/// Which browser this is, for the binding of attempts.
pub(in crate::web) fn browser(req: &HttpRequest, visitor: &Visitor) -> Browser {
    Browser {
        session_hash: visitor.session_hash.clone(),
        device: req
            .cookie(device_cookie_name(RequestInfo::of(req).secure))
            .map(|cookie| cookie.value().to_owned()),
    }
}

fn remember_device(answer: &mut HttpResponse, req: &HttpRequest, device: Option<&OneTimeToken>) {
    let Some(device) = device else { return };
    let secure = RequestInfo::of(req).secure;
    let cookie = Cookie::build(device_cookie_name(secure), device.expose())
        // A `__Host-` cookie belongs to all paths.
        .path("/")
        .http_only(true)
        .secure(secure)
        // Lax: it must be there when WeChat sends the browser back.
        .same_site(SameSite::Lax)
        .finish();
    // A cookie of ours always fits a header.
    let _ = answer.add_cookie(&cookie);
}

/// WeChat's page has to see which domain people come from; the token in our path stays here.
fn let_the_origin_through(mut answer: HttpResponse) -> HttpResponse {
    answer.headers_mut().insert(REFERRER_POLICY, HeaderValue::from_static("origin"));
    answer
}
