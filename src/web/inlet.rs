//! What is let in at all: requests of a bounded size that arrive within a bounded time. Whatever has a body has it here,
//! before anything looks at it, so that no route can forget the bounds. What could be read in two ways (two lengths,
//! chunks with a length) actix refuses itself; `tests/it/network/cut_off.rs` watches.

use std::pin::Pin;
use std::task::{Context, Poll};

use actix_web::HttpMessage;
use actix_web::body::{BodySize, BoxBody, MessageBody};
use actix_web::dev::{Payload, ServiceRequest};
use actix_web::http::StatusCode;
use actix_web::http::header::{CONTENT_LENGTH, HeaderMap, TRANSFER_ENCODING};
use actix_web::web::Bytes;

use super::body::{self, BodyError};
use super::isolation;
use super::reader::Reader;

/// Bytes of an address; WeChat's and our own are shorter than two thousand.
const LONGEST_ADDRESS: usize = 8 * 1024;
/// Bytes of all headers together.
const LARGEST_HEAD: usize = 32 * 1024;
/// Bytes of a body, whatever reads it: a logo's form is the largest. Other forms, pushes and reports have smaller bounds
/// of their own.
const LARGEST_BODY: usize = 320 * 1024;

/// Why a request is not let in.
pub(super) struct Refused {
    pub(super) status: StatusCode,
    /// The rest of the body. While it is held, the connection is closed behind the answer instead of being drained.
    unread: Option<Payload>,
}

impl Refused {
    fn at_once(status: StatusCode) -> Self {
        Self { status, unread: None }
    }

    /// The answer's body; the connection ends with it.
    pub(super) fn hold(self, body: BoxBody) -> BoxBody {
        match self.unread {
            Some(unread) => BoxBody::new(Held { body, _unread: unread }),
            None => body,
        }
    }
}

/// Looks at the head and reads the body.
pub(super) async fn admit(req: &mut ServiceRequest, reader: Reader) -> Result<(), Refused> {
    if let Some(status) = fault(req) {
        return Err(Refused { status, unread: Some(req.take_payload()) });
    }
    if reader == Reader::Person && isolation::is_foreign(req.method(), req.headers()) {
        return Err(Refused { status: StatusCode::FORBIDDEN, unread: Some(req.take_payload()) });
    }
    if !has_body(req.headers()) {
        return Ok(());
    }
    let mut payload = req.take_payload();
    match body::read(&mut payload, LARGEST_BODY).await {
        Ok(bytes) => {
            req.set_payload(Payload::from(Bytes::from(bytes)));
            Ok(())
        }
        Err(error) => Err(Refused { unread: Some(payload), ..Refused::at_once(error.status()) }),
    }
}

/// What is wrong with the head.
fn fault(req: &ServiceRequest) -> Option<StatusCode> {
    let headers = req.headers();
    if req.uri().path_and_query().map_or(0, |path| path.as_str().len()) > LONGEST_ADDRESS {
        return Some(StatusCode::URI_TOO_LONG);
    }
    let size: usize = headers.iter().map(|(name, value)| name.as_str().len() + value.len()).sum();
    if size > LARGEST_HEAD {
        return Some(StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE);
    }
    let length = headers.get(CONTENT_LENGTH).and_then(|value| value.to_str().ok()?.parse::<usize>().ok());
    length.filter(|length| *length > LARGEST_BODY).map(|_| StatusCode::PAYLOAD_TOO_LARGE)
}

fn has_body(headers: &HeaderMap) -> bool {
    let length = headers.get(CONTENT_LENGTH);
    headers.contains_key(TRANSFER_ENCODING) || length.is_some_and(|length| length.as_bytes() != b"0")
}

impl BodyError {
    pub(super) const fn status(self) -> StatusCode {
        match self {
            Self::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            Self::TooSlow => StatusCode::REQUEST_TIMEOUT,
            Self::Broken => StatusCode::BAD_REQUEST,
        }
    }
}

/// An answer's body that keeps the request's, unread, until it is sent.
struct Held {
    body: BoxBody,
    _unread: Payload,
}

impl MessageBody for Held {
    type Error = <BoxBody as MessageBody>::Error;

    fn size(&self) -> BodySize {
        self.body.size()
    }

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Bytes, Self::Error>>> {
        Pin::new(&mut self.body).poll_next(cx)
    }
}
