//! A posted form: bounded, from one of our own pages, and parsed. Nothing of it reaches a handler otherwise.

use std::future::Future;
use std::pin::Pin;

use actix_session::SessionExt;
use actix_web::dev::Payload;
use actix_web::http::header::{CONTENT_TYPE, HeaderMap};
use actix_web::web::Query;
use actix_web::{FromRequest, HttpRequest};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use subtle::ConstantTimeEq;

use crate::domain::text::Text;

use super::body::{self, BodyError};
use super::error::WebError;
use super::{gate, session};

/// Larger than any form of ours.
const LONGEST: usize = 64 * 1024;

/// The fields of a form that carried this session's token in its field `csrf`.
#[derive(Clone, Debug)]
pub struct Form<T>(pub T);

/// A form that is one button.
#[derive(Clone, Copy, Debug, Deserialize)]
pub struct Nothing {}

impl<T: DeserializeOwned + 'static> FromRequest for Form<T> {
    type Error = WebError;
    type Future = Pin<Box<dyn Future<Output = Result<Self, WebError>>>>;

    fn from_request(req: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let checked = check_headers(req.headers());
        let expected = expected_csrf(req);
        let visitor = gate::passed(req);
        let payload = payload.take();
        Box::pin(async move {
            visitor.await;
            checked?;
            let body = body::read(payload, LONGEST).await.map_err(|error| match error {
                BodyError::TooLarge => WebError::TooLarge,
                BodyError::TooSlow | BodyError::Broken => WebError::BadRequest(NOT_A_FORM),
            })?;
            let text = std::str::from_utf8(&body).map_err(|_| WebError::BadRequest(NOT_A_FORM))?;
            check_csrf(text, expected.as_deref())?;
            let fields = Query::<T>::from_query(text).map_err(|_| WebError::BadRequest(MISSING_FIELD))?;
            Ok(Self(fields.into_inner()))
        })
    }
}

/// A browser says where a form comes from; old ones say nothing, and the token decides alone.
pub(super) fn check_site(headers: &HeaderMap) -> Result<(), WebError> {
    let site = headers.get("sec-fetch-site").and_then(|value| value.to_str().ok());
    let foreign = site.is_some_and(|site| !matches!(site, "same-origin" | "none"));
    if foreign { Err(WebError::ForeignForm) } else { Ok(()) }
}

fn check_headers(headers: &HeaderMap) -> Result<(), WebError> {
    check_site(headers)?;
    let kind = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or("");
    let kind = kind.split(';').next().unwrap_or("").trim();
    if kind.eq_ignore_ascii_case("application/x-www-form-urlencoded") {
        Ok(())
    } else {
        Err(WebError::BadRequest(NOT_A_FORM))
    }
}

/// The token a form must carry: the session's, or the visit's where nobody is signed in.
pub(super) fn expected_csrf(req: &HttpRequest) -> Option<String> {
    session::csrf(&req.get_session()).or_else(|| session::visit_csrf(req))
}

fn check_csrf(body: &str, expected: Option<&str>) -> Result<(), WebError> {
    let sent = url::form_urlencoded::parse(body.as_bytes()).find(|(name, _)| name == "csrf");
    check_token(sent.as_ref().map(|(_, sent)| sent.as_ref()), expected)
}

pub(super) fn check_token(sent: Option<&str>, expected: Option<&str>) -> Result<(), WebError> {
    match (sent, expected) {
        (Some(sent), Some(expected)) if bool::from(sent.as_bytes().ct_eq(expected.as_bytes())) => Ok(()),
        _ => Err(WebError::ForeignForm),
    }
}

pub(super) const NOT_A_FORM: Text = Text::new("提交的内容不是表单", "What was sent is not a form");
pub(super) const MISSING_FIELD: Text =
    Text::new("表单缺少内容或内容无效", "The form lacks a field, or a field makes no sense");
