//! The outermost middleware: names the request, catches panics, turns errors into pages, sets the security headers and
//! writes one line of access log. The line has the route's pattern, never the address: addresses carry codes.

use std::panic::AssertUnwindSafe;

use actix_web::body::{BoxBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::header::{CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue};
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
use super::inlet;
use super::protection;
use super::reader::Reader;
use super::request::{self, RequestInfo};
use super::session;
use super::shell::Shell;
use super::viewer::{Framed, NewVisit};

const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// For `App::wrap(from_fn(…))`, outside of everything else.
pub async fn around(
    mut req: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    let reader = Reader::of(req.path());
    if reader == Reader::Program {
        return api::around::around(req, next).await;
    }
    let watch = Clock::stopwatch();
    let info = note(&req, reader);
    let asked = if reader == Reader::Person { request::asked_lang(&req) } else { None };
    let method = req.method().clone();
    req.extensions_mut().insert(info.clone());
    if method == Method::HEAD && matches!(reader, Reader::Probe | Reader::File) {
        // Answered like the whole; its body is left out where it would be sent. Not so what people open: a page may use
        // up a code or count its reader, and whoever looks ahead for them must not.
        req.head_mut().method = Method::GET;
    }
    let mut response = match inlet::admit(&mut req, reader).await {
        Ok(()) => answer(req, next, &info, reader).await?,
        Err(refused) => turn_away(req, refused, &info, reader),
    };
    if let Some(lang) = asked {
        session::add_cookie(response.response_mut(), &session::lang_cookie(lang, info.secure));
    }
    set_headers(&mut response, &info, reader);
    let route = response.request().match_pattern().unwrap_or_else(|| "-".to_owned());
    let (status, ms) = (response.status().as_u16(), watch.elapsed().as_millis());
    if matches!(reader, Reader::Probe | Reader::File) {
        tracing::debug!(%method, route, status, ms, trace = info.trace, "answered");
    } else {
        tracing::info!(%method, route, status, ms, trace = info.trace, "answered");
    }
    Ok(response)
}

async fn answer(
    req: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
    info: &RequestInfo,
    reader: Reader,
) -> Result<ServiceResponse<BoxBody>, Error> {
    match AssertUnwindSafe(next.call(req)).catch_unwind().await {
        Ok(Ok(response)) => Ok(finish(response.map_into_boxed_body(), info, reader)),
        Ok(Err(error)) => Err(broken(info, &error.to_string())),
        // The panic itself was written to standard error when it happened.
        Err(_) => Err(broken(info, "the handler panicked")),
    }
}

/// An answer to what is not let in; the connection ends with it.
fn turn_away(
    req: ServiceRequest,
    refused: inlet::Refused,
    info: &RequestInfo,
    reader: Reader,
) -> ServiceResponse<BoxBody> {
    let response = req.into_response(HttpResponse::build(refused.status).force_close().finish());
    finish(response, info, reader).map_body(|_, body| refused.hold(body))
}

fn note(req: &ServiceRequest, reader: Reader) -> RequestInfo {
    let cx = req.app_data::<Data<Context>>();
    let secure = cx.is_some_and(|cx| cx.settings.public_url.scheme() == "https");
    let now = cx.map(|cx| cx.clock.now()).unwrap_or_default();
    let address = cx.and_then(|cx| client_address::of(req.request(), &cx.settings.trusted_proxies));
    if reader != Reader::Person {
        // Nothing of this is for people: no language, no nonce, no question to the system for chance.
        return RequestInfo {
            trace: request::counted_trace(req),
            address,
            now,
            secure,
            ..RequestInfo::default()
        };
    }
    let random = |length| cx.map(|cx| cx.random.base62(length)).unwrap_or_default();
    RequestInfo {
        trace: random(16),
        address,
        nonce: random(22),
        now,
        chosen: request::asked_lang(req).or_else(|| request::cookie_lang(req, secure)),
        accepted: request::accepted_lang(req),
        secure,
    }
}

/// Logs what went wrong, and gives an error its page.
fn finish(
    response: ServiceResponse<BoxBody>,
    info: &RequestInfo,
    reader: Reader,
) -> ServiceResponse<BoxBody> {
    let status = response.status();
    let error = response.response().error();
    if let Some(error) = error.filter(|_| status.is_server_error()) {
        let detail = error.as_error::<WebError>().map_or_else(|| error.to_string(), |error| chain(error));
        tracing::error!(trace = info.trace, status = status.as_u16(), error = detail, "a request failed");
    }
    if !(status.is_client_error() || status.is_server_error()) || is_designed(&response) {
        return response;
    }
    let body = match reader {
        Reader::Person => Some(("text/html; charset=utf-8", page(&response, status, info))),
        Reader::Program | Reader::Wechat | Reader::Probe | Reader::File => None,
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

fn set_headers(response: &mut ServiceResponse<BoxBody>, info: &RequestInfo, reader: Reader) {
    let visit = response.request().extensions().get::<NewVisit>().cloned();
    if let Some(NewVisit(value)) = visit {
        session::add_cookie(response.response_mut(), &session::visit_cookie(info, value));
    }
    put_headers(response.headers_mut(), info, reader);
}

fn put_headers(headers: &mut HeaderMap, info: &RequestInfo, reader: Reader) {
    if let Ok(value) = HeaderValue::from_str(&info.trace) {
        headers.insert(REQUEST_ID, value);
    }
    protection::put(headers, reader, &info.nonce, info.secure);
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
        let mut response = HttpResponse::InternalServerError()
            .content_type("text/html; charset=utf-8")
            .body(view.render().unwrap_or_default());
        put_headers(response.headers_mut(), info, Reader::Person);
        response
    }
}

#[cfg(test)]
mod tests {
    use actix_web::http::header::CONTENT_SECURITY_POLICY;
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
