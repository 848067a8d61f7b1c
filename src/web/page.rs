//! Answers of handlers: a rendered page, or the way to another one.

use actix_web::http::StatusCode;
use actix_web::http::header::{CACHE_CONTROL, LOCATION};
use actix_web::{HttpRequest, HttpResponse, Responder};
use askama::Template;

use super::error::WebError;

/// What most handlers return.
pub type Answer = Result<HttpResponse, WebError>;

/// A view, rendered as a page that no cache keeps.
#[derive(Debug)]
pub struct Page<V>(pub V);

impl<V: Template> Page<V> {
    /// The page with status 200.
    ///
    /// # Errors
    /// `Internal` when the template does not render.
    pub fn ok(self) -> Answer {
        self.status(StatusCode::OK)
    }

    /// The page of a form with mistakes in it: status 422.
    ///
    /// # Errors
    /// `Internal` when the template does not render.
    pub fn unprocessable(self) -> Answer {
        self.status(StatusCode::UNPROCESSABLE_ENTITY)
    }

    /// # Errors
    /// `Internal` when the template does not render.
    pub fn status(self, status: StatusCode) -> Answer {
        let body = self.0.render()?;
        Ok(HttpResponse::build(status)
            .content_type("text/html; charset=utf-8")
            .insert_header((CACHE_CONTROL, "no-store"))
            .body(body))
    }
}

impl<V: Template> Responder for Page<V> {
    type Body = actix_web::body::BoxBody;

    fn respond_to(self, _: &HttpRequest) -> HttpResponse {
        self.ok().unwrap_or_else(|error| HttpResponse::from_error(actix_web::Error::from(error)))
    }
}

/// On to another page of ours, with GET. What a POST answers when it is done.
pub fn see_other(path: &str) -> HttpResponse {
    HttpResponse::SeeOther()
        .insert_header((CACHE_CONTROL, "no-store"))
        .insert_header((LOCATION, path))
        .finish()
}
