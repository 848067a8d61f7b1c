//! WeChat's pushes: `success` once they are durable, or a short refusal without any detail.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::web::{Data, Path, Payload, Query};
use serde::Deserialize;

use crate::service::receive_notice::{PushQuery, PushRefused};
use crate::service::{Context, receive_message, receive_notice};

use super::body::{self, BodyError};

/// A push of WeChat's is a few kilobytes.
const LONGEST: usize = 64 * 1024;

/// The query of a push. `signature` is not read: it does not cover the body and proves nothing.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Asked {
    timestamp: Option<String>,
    nonce: Option<String>,
    msg_signature: Option<String>,
    encrypt_type: Option<String>,
}

/// `POST /wechat/{component_appid}/events`.
pub(super) async fn events(
    cx: Data<Context>,
    path: Path<String>,
    query: Result<Query<Asked>, actix_web::Error>,
    payload: Payload,
) -> HttpResponse {
    let body = match body::read(payload, LONGEST).await {
        Ok(body) => body,
        Err(error) => return unread(error),
    };
    let now = cx.clock.now();
    answer(receive_notice::run(&cx, now, &path.into_inner(), &asked(query), &body).await)
}

/// `POST /wechat/{component_appid}/messages/{authorizer_appid}`.
pub(super) async fn messages(
    cx: Data<Context>,
    path: Path<(String, String)>,
    query: Result<Query<Asked>, actix_web::Error>,
    payload: Payload,
) -> HttpResponse {
    let body = match body::read(payload, LONGEST).await {
        Ok(body) => body,
        Err(error) => return unread(error),
    };
    let ((component, authorizer), now) = (path.into_inner(), cx.clock.now());
    answer(receive_message::run(&cx, now, &component, &authorizer, &asked(query), &body).await)
}

fn asked(query: Result<Query<Asked>, actix_web::Error>) -> PushQuery {
    let asked = query.map(Query::into_inner).unwrap_or_default();
    PushQuery {
        timestamp: asked.timestamp,
        nonce: asked.nonce,
        msg_signature: asked.msg_signature,
        encrypt_type: asked.encrypt_type,
    }
}

fn answer(outcome: Result<(), PushRefused>) -> HttpResponse {
    match outcome {
        Ok(()) => HttpResponse::Ok().content_type("text/plain").body("success"),
        // WeChat sends it again.
        Err(PushRefused::NotStored) => refused(StatusCode::SERVICE_UNAVAILABLE),
        Err(PushRefused::BadEnvelope | PushRefused::BadMessage) => refused(StatusCode::BAD_REQUEST),
        Err(
            PushRefused::UnknownComponent
            | PushRefused::MissingSignature
            | PushRefused::BadSignature
            | PushRefused::BadEncryption
            | PushRefused::WrongAppid,
        ) => refused(StatusCode::FORBIDDEN),
    }
}

fn unread(error: BodyError) -> HttpResponse {
    refused(error.status())
}

fn refused(status: StatusCode) -> HttpResponse {
    HttpResponse::build(status).content_type("text/plain").body("refused")
}
