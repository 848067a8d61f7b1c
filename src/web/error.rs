//! What a handler answers when it cannot do what was asked: a page with a sentence, the trace id and a way back. The
//! outermost middleware turns these into pages in the visitor's language and logs the chain once.

use std::error::Error as StdError;

use actix_web::http::StatusCode;
use actix_web::http::header::{CACHE_CONTROL, LOCATION};
use actix_web::{HttpResponse, ResponseError};

use crate::domain::text::Text;
use crate::service::password::HashingFailed;
use crate::service::{IdentityError, ServiceError};
use crate::store::StoreError;

#[derive(Debug, thiserror::Error)]
pub enum WebError {
    /// Not there, or not this tenant's: the same page for both.
    #[error("not found")]
    NotFound,
    /// An invitation that was used, withdrawn or is too old; or that never was.
    #[error("the invitation is closed")]
    InvitationClosed,
    /// Signed in, but the role does not allow it.
    #[error("forbidden")]
    Forbidden,
    /// The form did not come from one of our pages, or the session it belonged to is over.
    #[error("the form is not from this session")]
    ForeignForm,
    /// Nobody is signed in; `next` is an own path to come back to.
    #[error("not signed in")]
    SignIn { next: String },
    /// Signed in, but a member of no tenant.
    #[error("member of no tenant")]
    NoWorkspace,
    /// The current tenant is suspended.
    #[error("the tenant is suspended")]
    Suspended,
    /// What was sent makes no sense; the sentence says what.
    #[error("bad request: {}", .0.en)]
    BadRequest(Text),
    /// Larger than any form of ours.
    #[error("the request is too large")]
    TooLarge,
    /// The thing is not in a state in which this can be done.
    #[error("conflict: {}", .0.en)]
    Conflict(Text),
    /// Something we need does not work at the moment; the sentence says what.
    #[error("unavailable: {}", .0.en)]
    Unavailable(Text),
    /// Elsewhere: a page that has moved for this visitor.
    #[error("see {0}")]
    SeeOther(String),
    /// Our own fault.
    #[error("internal error")]
    Internal(#[source] Box<dyn StdError + Send + Sync>),
}

impl WebError {
    pub fn internal(source: impl Into<Box<dyn StdError + Send + Sync>>) -> Self {
        Self::Internal(source.into())
    }
}

impl ResponseError for WebError {
    fn status_code(&self) -> StatusCode {
        match self {
            Self::NotFound | Self::InvitationClosed => StatusCode::NOT_FOUND,
            Self::Forbidden | Self::ForeignForm | Self::NoWorkspace | Self::Suspended => {
                StatusCode::FORBIDDEN
            }
            Self::SignIn { .. } | Self::SeeOther(_) => StatusCode::SEE_OTHER,
            Self::BadRequest(_) => StatusCode::BAD_REQUEST,
            Self::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            Self::Conflict(_) => StatusCode::CONFLICT,
            Self::Unavailable(_) => StatusCode::SERVICE_UNAVAILABLE,
            Self::Internal(_) => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }

    /// Without a body: the page is made where the language is known.
    fn error_response(&self) -> HttpResponse {
        let mut response = HttpResponse::build(self.status_code());
        response.insert_header((CACHE_CONTROL, "no-store"));
        match self {
            Self::SignIn { next } if next == "/" => {
                response.insert_header((LOCATION, "/sign-in"));
            }
            Self::SignIn { next } => {
                let next: String = url::form_urlencoded::byte_serialize(next.as_bytes()).collect();
                response.insert_header((LOCATION, format!("/sign-in?next={next}")));
            }
            Self::SeeOther(path) => {
                response.insert_header((LOCATION, path.as_str()));
            }
            Self::NotFound
            | Self::InvitationClosed
            | Self::Forbidden
            | Self::ForeignForm
            | Self::NoWorkspace
            | Self::Suspended
            | Self::BadRequest(_)
            | Self::TooLarge
            | Self::Conflict(_)
            | Self::Unavailable(_)
            | Self::Internal(_) => {}
        }
        response.finish()
    }
}

impl From<StoreError> for WebError {
    fn from(error: StoreError) -> Self {
        Self::internal(error)
    }
}

impl From<askama::Error> for WebError {
    fn from(error: askama::Error) -> Self {
        Self::internal(error)
    }
}

impl From<ServiceError> for WebError {
    fn from(error: ServiceError) -> Self {
        match error {
            ServiceError::Store(error) => Self::from(error),
            ServiceError::NotFound => Self::NotFound,
            ServiceError::Conflict(_) => Self::Conflict(NOT_NOW),
            ServiceError::Full(what) => Self::Conflict(what.full()),
            ServiceError::NoComponent => Self::Unavailable(NO_COMPONENT),
            ServiceError::PlatformNotReady(reason) | ServiceError::Wechat { reason, .. } => {
                Self::Unavailable(reason.sentence())
            }
        }
    }
}

impl From<IdentityError> for WebError {
    fn from(error: IdentityError) -> Self {
        match error {
            IdentityError::Store(error) => Self::from(error),
            IdentityError::Hashing(HashingFailed::Busy) => Self::Unavailable(CROWDED),
            IdentityError::Hashing(error @ HashingFailed::Broken) => Self::internal(error),
            IdentityError::NotFound | IdentityError::LinkClosed => Self::NotFound,
            IdentityError::Taken(_)
            | IdentityError::Password(_)
            | IdentityError::LastAdmin
            | IdentityError::Full
            | IdentityError::LastOwner
            | IdentityError::AlreadyMember
            | IdentityError::TooMany
            | IdentityError::TooManyLetters(_) => Self::Conflict(error.sentence()),
        }
    }
}

const NOT_NOW: Text = Text::new(
    "当前状态下无法执行这个操作，可能刚刚有了变化",
    "This cannot be done in the current state; something may have just changed",
);
const CROWDED: Text = Text::new(
    "同时登录的人太多，请稍后再试",
    "Too many people sign in at the same time; try again in a moment",
);
const NO_COMPONENT: Text = Text::new(
    "还没有配置第三方平台，请联系平台管理员",
    "No third-party platform has been set up yet; ask the platform's administrators",
);

/// An error and its sources in one line, for the log.
pub fn chain(error: &dyn StdError) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        let cause_text = cause.to_string();
        if !text.ends_with(&cause_text) {
            text.push_str(": ");
            text.push_str(&cause_text);
        }
        source = cause.source();
    }
    text
}
