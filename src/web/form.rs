//! A posted form: bounded, from one of our own pages, and parsed. Nothing of it reaches a handler otherwise.

use std::future::Future;
use std::pin::Pin;

use actix_session::SessionExt;
use actix_web::dev::Payload;
use actix_web::http::header::{CONTENT_TYPE, HeaderMap};
use actix_web::web::Query;
use actix_web::{FromRequest, HttpMessage, HttpRequest};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use subtle::ConstantTimeEq;

use crate::domain::ids::TenantId;
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
        let (request, expected) = (req.clone(), expected_csrf(req));
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
            let sent = url::form_urlencoded::parse(text.as_bytes()).find(|(name, _)| name == "csrf");
            check_token(&request, sent.as_ref().map(|(_, sent)| sent.as_ref()), expected.as_deref())?;
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

/// What a page's forms carry: the session's token, and the tenant that the page was shown for.
pub(super) fn token_for(csrf: &str, tenant: Option<&TenantId>) -> String {
    tenant.map_or_else(|| csrf.to_owned(), |tenant| format!("{csrf}.{tenant}"))
}

/// The tenant that a posted form acts on; the viewer's extractor leaves it.
pub(super) struct ActsOn(pub(super) TenantId);

/// A form acts on the tenant that its page was shown for, or on none: meanwhile another one may have been chosen in
/// another tab, or the one that was chosen may be gone.
pub(super) fn check_token(
    req: &HttpRequest,
    sent: Option<&str>,
    expected: Option<&str>,
) -> Result<(), WebError> {
    let (token, shown_for) = sent.and_then(|sent| sent.split_once('.')).unwrap_or((sent.unwrap_or(""), ""));
    if !expected.is_some_and(|expected| bool::from(token.as_bytes().ct_eq(expected.as_bytes()))) {
        return Err(WebError::ForeignForm);
    }
    match req.extensions().get::<ActsOn>() {
        Some(ActsOn(tenant)) if tenant.as_str() != shown_for => Err(WebError::Conflict(OF_ANOTHER_TENANT)),
        Some(_) | None => Ok(()),
    }
}

const OF_ANOTHER_TENANT: Text = Text::new(
    "这张表单是在另一个租户里打开的，而你现在位于别的租户，所以什么都没有改变。请先切换回去，或重新打开页面再操作。",
    "This form was opened in another tenant than the one you are in now, so nothing was changed. Switch back first, or open the page again.",
);

pub(super) const NOT_A_FORM: Text = Text::new("提交的内容不是表单", "What was sent is not a form");
pub(super) const MISSING_FIELD: Text =
    Text::new("表单缺少内容或内容无效", "The form lacks a field, or a field makes no sense");
