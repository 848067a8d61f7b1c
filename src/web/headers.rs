//! The outermost middleware: names the request, catches panics, turns errors into pages, sets the security headers and
//! writes one line of access log. The line has the route's pattern, never the address: addresses carry codes.

use std::panic::AssertUnwindSafe;

use actix_web::body::{BoxBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, HeaderName, HeaderValue, REFERRER_POLICY,
    X_CONTENT_TYPE_OPTIONS,
};
use actix_web::http::{Method, StatusCode};
use actix_web::middleware::Next;
use actix_web::web::Data;
use actix_web::{Error, HttpMessage, HttpResponse, ResponseError};
use askama::Template;
use futures_util::FutureExt;

use crate::clock::Clock;
use crate::service::Context;

use super::api;
use super::client_address;
use super::error::{WebError, chain};
use super::error_page::{Asked, ErrorView};
use super::request::{self, RequestInfo};
use super::session;
use super::shell::Shell;
use super::viewer::{Framed, NewVisit};

const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// For `App::wrap(from_fn(…))`, outside of everything else.
pub async fn around(
    req: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    let kind = Kind::of(req.path());
    if kind == Kind::Api {
        return api::around::around(req, next).await;
    }
    let watch = Clock::stopwatch();
    let info = note(&req);
    let asked = request::asked_lang(&req);
    let method = req.method().clone();
    req.extensions_mut().insert(info.clone());
    let outcome = AssertUnwindSafe(next.call(req)).catch_unwind().await;
    let mut response = match outcome {
        Ok(Ok(response)) => finish(response.map_into_boxed_body(), &info, kind),
        Ok(Err(error)) => return Err(broken(&info, &error.to_string())),
        // The panic itself was written to standard error when it happened.
        Err(_) => return Err(broken(&info, "the handler panicked")),
    };
    if let Some(lang) = asked {
        session::add_cookie(response.response_mut(), &session::lang_cookie(lang, info.secure));
    }
    set_headers(&mut response, &info, kind);
    let route = response.request().match_pattern().unwrap_or_else(|| "-".to_owned());
    let (status, ms) = (response.status().as_u16(), watch.elapsed().as_millis());
    if matches!(kind, Kind::Probe | Kind::File) {
        tracing::debug!(%method, route, status, ms, trace = info.trace, "answered");
    } else {
        tracing::info!(%method, route, status, ms, trace = info.trace, "answered");
    }
    Ok(response)
}

/// Who reads the answer.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// A person in a browser.
    Page,
    /// A program, which has a frame of its own (`api/around.rs`).
    Api,
    /// WeChat: never any detail.
    Push,
    /// A load balancer or Prometheus.
    Probe,
    /// A browser, for a file that goes with a page.
    File,
}

impl Kind {
    fn of(path: &str) -> Self {
        match path {
            "/healthz" | "/readyz" | "/metrics" => Self::Probe,
            path if path.starts_with("/api/") => Self::Api,
            path if path.starts_with("/wechat/") => Self::Push,
            path if path.starts_with("/static/") => Self::File,
            _ => Self::Page,
        }
    }
}

fn note(req: &ServiceRequest) -> RequestInfo {
    let cx = req.app_data::<Data<Context>>();
    let random = |length| cx.map(|cx| cx.random.base62(length)).unwrap_or_default();
    RequestInfo {
        trace: random(16),
        address: cx.and_then(|cx| client_address::of(req.request(), &cx.settings.trusted_proxies)),
        nonce: random(22),
        now: cx.map(|cx| cx.clock.now()).unwrap_or_default(),
        chosen: request::asked_lang(req).or_else(|| request::cookie_lang(req)),
        accepted: request::accepted_lang(req),
        secure: cx.is_some_and(|cx| cx.settings.public_url.scheme() == "https"),
    }
}

/// Logs what went wrong, and gives an error its page.
fn finish(response: ServiceResponse<BoxBody>, info: &RequestInfo, kind: Kind) -> ServiceResponse<BoxBody> {
    let status = response.status();
    let error = response.response().error();
    if let Some(error) = error.filter(|_| status.is_server_error()) {
        let detail = error.as_error::<WebError>().map_or_else(|| error.to_string(), |error| chain(error));
        tracing::error!(trace = info.trace, status = status.as_u16(), error = detail, "a request failed");
    }
    if !(status.is_client_error() || status.is_server_error()) || is_designed(&response) {
        return response;
    }
    let body = match kind {
        Kind::Page => Some(("text/html; charset=utf-8", page(&response, status, info))),
        Kind::Api | Kind::Push | Kind::Probe | Kind::File => None,
    };
    let Some((content_type, body)) = body else { return response };
    let mut response = response.map_body(|_, _| BoxBody::new(body));
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
    response
}

/// A handler of ours has written the body itself.
fn is_designed(response: &ServiceResponse<BoxBody>) -> bool {
    let kind = response.headers().get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or("");
    kind.starts_with("text/html") || kind.contains("json")
}

fn page(response: &ServiceResponse<BoxBody>, status: StatusCode, info: &RequestInfo) -> String {
    let request = response.request();
    let path = request.uri().path_and_query().map_or("/", |path| path.as_str());
    let again = *request.method() == Method::GET && request::is_own_path(path);
    let here = if again { path } else { "/" };
    let asked = Asked { lang: info.lang(None), trace: &info.trace, nonce: &info.nonce, here };
    let error = response.response().error().and_then(|error| error.as_error::<WebError>());
    let framed = request.extensions().get::<Framed>().cloned();
    let asked = Asked { lang: framed.as_ref().map_or(asked.lang, |Framed(shell)| shell.lang), ..asked };
    let mut view = error
        .map_or_else(|| ErrorView::of_status(status, &asked), |error| ErrorView::new(error, status, &asked));
    if let Some(Framed(shell)) = framed {
        view.shell = Shell { here: here.to_owned(), ..shell };
    }
    view.render().unwrap_or_default()
}

fn set_headers(response: &mut ServiceResponse<BoxBody>, info: &RequestInfo, kind: Kind) {
    let visit = response.request().extensions().get::<NewVisit>().cloned();
    if let Some(NewVisit(value)) = visit {
        session::add_cookie(response.response_mut(), &session::visit_cookie(info, value));
    }
    let headers = response.headers_mut();
    let mut put = |name: HeaderName, value: &str| {
        if !headers.contains_key(&name)
            && let Ok(value) = HeaderValue::from_str(value)
        {
            headers.insert(name, value);
        }
    };
    put(REQUEST_ID, &info.trace);
    put(X_CONTENT_TYPE_OPTIONS, "nosniff");
    if kind == Kind::Page {
        put(CONTENT_SECURITY_POLICY, &policy(&info.nonce));
        // Not `no-referrer`: WeChat's consent page judges the Referer.
        put(REFERRER_POLICY, "strict-origin-when-cross-origin");
    }
}

/// Pictures of accounts come from WeChat's hosts, over http or https.
fn policy(nonce: &str) -> String {
    format!(
        "default-src 'none'; style-src 'self'; script-src 'self' 'nonce-{nonce}'; connect-src 'self'; \
         img-src 'self' https: http: data:; font-src 'self'; manifest-src 'self'; form-action 'self'; \
         frame-ancestors 'none'; base-uri 'none'"
    )
}

/// What is left to say when no answer could be made at all.
fn broken(info: &RequestInfo, detail: &str) -> Error {
    tracing::error!(trace = info.trace, error = detail, "a request failed");
    Broken(info.clone()).into()
}

#[derive(Debug, thiserror::Error)]
#[error("internal error {}", .0.trace)]
struct Broken(RequestInfo);

impl ResponseError for Broken {
    fn error_response(&self) -> HttpResponse {
        let info = &self.0;
        let asked = Asked { lang: info.lang(None), trace: &info.trace, nonce: &info.nonce, here: "/" };
        let view = ErrorView::of_status(StatusCode::INTERNAL_SERVER_ERROR, &asked);
        HttpResponse::InternalServerError()
            .content_type("text/html; charset=utf-8")
            .insert_header((CONTENT_SECURITY_POLICY, policy(&info.nonce)))
            .insert_header((X_CONTENT_TYPE_OPTIONS, "nosniff"))
            .insert_header((CACHE_CONTROL, "no-store"))
            .insert_header((REQUEST_ID, info.trace.as_str()))
            .body(view.render().unwrap_or_default())
    }
}

#[cfg(test)]
mod tests {
    use actix_web::middleware::from_fn;
    use actix_web::{App, test, web};

    use super::*;

    async fn explode() -> HttpResponse {
        panic!("a handler of this test")
    }

    #[actix_web::test]
    async fn a_panic_is_a_page_like_any_other_error() {
        let app = App::new().route("/", web::get().to(explode)).wrap(from_fn(around));
        let app = test::init_service(app).await;
        let request = test::TestRequest::get().uri("/?lang=en").to_request();

        let error = test::try_call_service(&app, request).await.unwrap_err();

        let response = error.error_response();
        assert_eq!(response.status(), StatusCode::INTERNAL_SERVER_ERROR);
        assert!(response.headers().contains_key(CONTENT_SECURITY_POLICY));
        let body = actix_web::body::to_bytes(response.into_body()).await.unwrap();
        let body = String::from_utf8(body.to_vec()).unwrap();
        assert!(body.contains("Something went wrong") && !body.contains("a handler of this test"), "{body}");
    }
}
