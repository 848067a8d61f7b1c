//! `GET /authorize/callback`: where WeChat sends the browser back to. The code is stored, never shown and never logged,
//! and the browser goes on at once so that it leaves the address.

use actix_web::http::StatusCode;
use actix_web::http::header::{HeaderValue, REFERRER_POLICY};
use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse};

use crate::secret::{AuthorizationCode, OneTimeToken, Secret};
use crate::service::Context;
use crate::service::finish_authorization::{self, Return, ReturnRefused};
use crate::web::page::{Answer, Page, see_other};
use crate::web::shell::Nav;
use crate::web::viewer::Visitor;

use super::entry::browser;
use super::outcome_view::OutcomeView;

/// What WeChat put behind our address, read leniently: anything may be missing, doubled or out of order.
#[derive(Default)]
struct Brought {
    state: Option<String>,
    auth_code: Option<String>,
    expires_in: Option<i64>,
}

pub(in crate::web) async fn back(visitor: Visitor, req: HttpRequest, cx: Data<Context>) -> Answer {
    let brought = Brought::read(req.query_string());
    let code = brought.auth_code.and_then(AuthorizationCode::non_empty);
    let Some(state) = brought.state.and_then(OneTimeToken::non_empty) else {
        return refuse(&visitor, ReturnRefused::UnknownState);
    };
    let Some(code) = code else {
        return Page(OutcomeView::not_finished(visitor.shell(Nav::None))).ok();
    };
    let back = Return { state, code, expires_in: brought.expires_in, browser: browser(&req, &visitor) };
    match finish_authorization::run(&cx, visitor.now, &visitor.actor(), back).await? {
        Ok(entry) => Ok(without_a_trace(see_other(&format!("/authorize/{}/result", entry.expose())))),
        Err(refused) => refuse(&visitor, refused),
    }
}

fn refuse(visitor: &Visitor, refused: ReturnRefused) -> Answer {
    Page(OutcomeView::refused(visitor.shell(Nav::None), refused)).status(StatusCode::BAD_REQUEST)
}

/// The address with the code in it is told to nobody.
fn without_a_trace(mut redirect: HttpResponse) -> HttpResponse {
    redirect.headers_mut().insert(REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    redirect
}

impl Brought {
    /// The first value of each name counts.
    fn read(query: &str) -> Self {
        let mut brought = Self::default();
        for (name, value) in url::form_urlencoded::parse(query.as_bytes()) {
            match name.as_ref() {
                "state" => brought.state = brought.state.or(Some(value.into_owned())),
                "auth_code" => brought.auth_code = brought.auth_code.or(Some(value.into_owned())),
                "expires_in" => brought.expires_in = brought.expires_in.or(value.trim().parse().ok()),
                _ => {}
            }
        }
        brought
    }
}

#[cfg(test)]
mod tests {
    use super::Brought;

    #[test]
    fn what_came_back_is_read_leniently() {
        let brought = Brought::read("expires_in=3600&auth_code=queryauthcode@@@a%2Db&state=S&state=T&x");
        assert_eq!(brought.state.as_deref(), Some("S"));
        assert_eq!(brought.auth_code.as_deref(), Some("queryauthcode@@@a-b"));
        assert_eq!(brought.expires_in, Some(3600));
        let nothing = Brought::read("expires_in=soon");
        assert!(nothing.state.is_none() && nothing.auth_code.is_none() && nothing.expires_in.is_none());
    }
}
