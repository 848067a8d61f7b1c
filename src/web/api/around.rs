//! The outermost middleware for programs: names the request, catches panics, writes a line about what is out of the
//! ordinary. No session, nonce, language or span: a token is handed out in microseconds, and so should be the rest.
//! What succeeds is counted instead of logged (`hufu_hand_outs_total`); it is logged at `debug`.

use std::panic::AssertUnwindSafe;

use actix_web::body::{BoxBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::Method;
use actix_web::http::header::{CONTENT_TYPE, HeaderName, HeaderValue};
use actix_web::middleware::Next;
use actix_web::web::Data;
use actix_web::{Error, HttpMessage, HttpRequest, HttpResponse, ResponseError};
use futures_util::FutureExt;

use crate::clock::Clock;
use crate::service::Context;
use crate::web::error::chain;
use crate::web::reader::Reader;
use crate::web::{inlet, protection, request};

use super::problem::Problem;

const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// Everything around a request for `/api/…`.
pub(in crate::web) async fn around(
    mut req: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    let watch = Clock::stopwatch();
    let trace = request::counted_trace(&req);
    let method = req.method().clone();
    if method != Method::GET {
        req.extensions_mut().insert(Trace(trace.clone()));
    }
    let secure = req.app_data::<Data<Context>>().is_some_and(|cx| cx.settings.public_url.scheme() == "https");
    let mut response = match inlet::admit(&mut req, Reader::Program).await {
        Ok(()) => answer(req, next, &trace).await?,
        Err(refused) => {
            let response = req.into_response(HttpResponse::build(refused.status).force_close().finish());
            finish(response).map_body(|_, body| refused.hold(body))
        }
    };
    let status = response.status();
    let headers = response.headers_mut();
    protection::put_always(headers, secure);
    if let Ok(value) = HeaderValue::from_str(&trace) {
        headers.insert(REQUEST_ID, value);
    }
    if status.is_success() && method == Method::GET {
        tracing::debug!(%method, status = status.as_u16(), ms = watch.elapsed().as_millis(), trace, "answered");
    } else {
        let route = response.request().match_pattern().unwrap_or_else(|| "-".to_owned());
        let (status, ms) = (status.as_u16(), watch.elapsed().as_millis());
        tracing::info!(%method, route, status, ms, trace, "answered");
    }
    Ok(response)
}

async fn answer(
    req: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
    trace: &str,
) -> Result<ServiceResponse<BoxBody>, Error> {
    match AssertUnwindSafe(next.call(req)).catch_unwind().await {
        Ok(Ok(response)) => Ok(finish(response.map_into_boxed_body())),
        Ok(Err(error)) => Err(broken(trace, &error.to_string())),
        // The panic itself was written to standard error when it happened.
        Err(_) => Err(broken(trace, "the handler panicked")),
    }
}

/// What actix answers by itself, such as 405, becomes a problem as well.
fn finish(response: ServiceResponse<BoxBody>) -> ServiceResponse<BoxBody> {
    let status = response.status();
    let kind = response.headers().get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or("");
    if status.is_success() || kind.contains("json") {
        return response;
    }
    if let Some(error) = response.response().error().filter(|_| status.is_server_error()) {
        tracing::error!(error = chain(error), "a request of the API failed");
    }
    let body = Problem::of_status(status).error_response().into_body();
    let mut response = response.map_body(|_, _| body);
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
    response
}

/// The name of a request that changes something.
#[derive(Clone)]
struct Trace(String);

/// The name of a request that changes something, for the audit; empty for one that reads.
pub(super) fn trace_of(req: &HttpRequest) -> String {
    req.extensions().get::<Trace>().map(|trace| trace.0.clone()).unwrap_or_default()
}

/// What is left to say when no answer could be made at all.
fn broken(trace: &str, detail: &str) -> Error {
    tracing::error!(trace, error = detail, "a request of the API failed");
    Broken(trace.to_owned()).into()
}

#[derive(Debug, thiserror::Error)]
#[error("internal error {0}")]
struct Broken(String);

impl ResponseError for Broken {
    fn error_response(&self) -> HttpResponse {
        let mut response = Problem::internal().error_response();
        if let Ok(value) = HeaderValue::from_str(&self.0) {
            response.headers_mut().insert(REQUEST_ID, value);
        }
        response
    }
}
