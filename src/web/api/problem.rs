//! What the API answers when it does not do what was asked: `application/problem+json` (RFC 9457). The types are stable;
//! `docs/api.md` lists them.

use std::fmt;

use actix_web::http::StatusCode;
use actix_web::http::header::{CACHE_CONTROL, RETRY_AFTER, WWW_AUTHENTICATE};
use actix_web::{HttpResponse, ResponseError};
use serde_json::{Map, Value, json};

use crate::clock::Timestamp;
use crate::domain::health::Mover;
use crate::domain::ids::AuthorizerAppid;
use crate::domain::reason::Reason;
use crate::service::check_api_key::KeyRefused;
use crate::service::hand_out_token::{NotHanded, Shown};
use crate::service::{Context, Unseen};
use crate::store::StoreError;
use crate::web::error::chain;

use super::state;

/// Seconds after which it makes sense to ask again when a person has to act first.
const AFTER_A_PERSON: u64 = 300;
const LONGEST_PAUSE: u64 = 600;
/// When nothing better is known.
const SOON: u64 = 5;

/// One problem, ready to be sent.
#[derive(Debug)]
pub struct Problem {
    kind: &'static str,
    title: &'static str,
    status: StatusCode,
    detail: String,
    retry_after: Option<u64>,
    more: Map<String, Value>,
}

impl Problem {
    fn new(status: StatusCode, kind: &'static str, title: &'static str, detail: impl Into<String>) -> Self {
        Self { kind, title, status, detail: detail.into(), retry_after: None, more: Map::new() }
    }

    fn with(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.more.insert(name.to_owned(), value.into());
        self
    }

    pub(super) fn no_key() -> Self {
        Self::new(
            StatusCode::UNAUTHORIZED,
            "key-missing",
            "No API key",
            "Send the key in the header `Authorization: Bearer hufu_live_…`.",
        )
    }

    pub(super) fn of_key(refused: KeyRefused) -> Self {
        let unauthorized = |detail: &str| {
            Self::new(StatusCode::UNAUTHORIZED, "key-refused", "The API key does not count", detail)
        };
        let forbidden = |kind, detail: String| {
            Self::new(StatusCode::FORBIDDEN, kind, "The API key does not allow this", detail)
        };
        match refused {
            KeyRefused::Unknown => unauthorized("The key is not known."),
            KeyRefused::Revoked => unauthorized("The key has been revoked."),
            KeyRefused::Expired => unauthorized("The key has expired."),
            KeyRefused::TenantSuspended => {
                forbidden("tenant-suspended", "The key's tenant is suspended.".to_owned())
            }
            KeyRefused::Elsewhere(address) => {
                forbidden("address-not-allowed", format!("The key may not be used from {address}."))
            }
            KeyRefused::Scope(scope) => {
                forbidden("scope-missing", format!("The key does not have the scope {}.", scope.as_str()))
                    .with("scope", scope.as_str())
            }
            KeyRefused::Unseen(unseen) => unseen.into(),
        }
    }

    pub(super) fn not_for_this_key() -> Self {
        Self::new(
            StatusCode::FORBIDDEN,
            "account-not-allowed",
            "The API key does not allow this",
            "The key is limited to other accounts.",
        )
    }

    pub(super) fn no_such_account() -> Self {
        Self::new(
            StatusCode::NOT_FOUND,
            "no-such-account",
            "There is no such account",
            "No account with this appid belongs to the key's tenant.",
        )
    }

    pub(super) fn nowhere() -> Self {
        Self::new(StatusCode::NOT_FOUND, "no-such-address", "There is no such address", "See docs/api.md.")
    }

    pub(super) fn bad_parameter(name: &'static str, expected: &str) -> Self {
        let detail = format!("`{name}` must be {expected}.");
        Self::new(StatusCode::BAD_REQUEST, "bad-parameter", "A parameter makes no sense", detail)
            .with("parameter", name)
    }

    pub(super) fn unknown_parameter(name: &str) -> Self {
        let name: String = name.chars().take(40).collect();
        let detail = format!("There is no parameter `{name}` here.");
        Self::new(StatusCode::BAD_REQUEST, "bad-parameter", "A parameter makes no sense", detail)
            .with("parameter", name)
    }

    pub(super) fn bad_body() -> Self {
        Self::new(
            StatusCode::BAD_REQUEST,
            "bad-body",
            "The body makes no sense",
            r#"Send JSON such as {"fingerprint": "9f86d081884c7d65", "errcode": 40001}."#,
        )
    }

    pub(super) fn too_large() -> Self {
        Self::new(
            StatusCode::PAYLOAD_TOO_LARGE,
            "bad-body",
            "The body is too large",
            "At most 4096 bytes are read.",
        )
    }

    pub(super) fn bad_fingerprint() -> Self {
        Self::new(
            StatusCode::UNPROCESSABLE_ENTITY,
            "bad-fingerprint",
            "This is no fingerprint",
            "`fingerprint` is the first 16 hexadecimal digits of the SHA-256 of the dead token.",
        )
    }

    pub(super) fn not_a_dead_token(errcode: i64) -> Self {
        let detail =
            format!("errcode {errcode} does not mean that the access token is dead: nothing is refreshed.");
        Self::new(
            StatusCode::UNPROCESSABLE_ENTITY,
            "not-a-dead-token",
            "This does not concern the token",
            detail,
        )
        .with("errcode", errcode)
    }

    pub(super) fn internal() -> Self {
        Self::new(
            StatusCode::INTERNAL_SERVER_ERROR,
            "internal",
            "Something went wrong here",
            "The header x-request-id names this request in the log.",
        )
    }

    /// What has no words of its own here.
    pub(super) fn of_status(status: StatusCode) -> Self {
        let title = status.canonical_reason().unwrap_or("Error");
        Self::new(status, "other", title, "See docs/api.md for what can be asked here.")
    }

    /// Why no token was handed out.
    pub(super) fn of_token(cx: &Context, appid: &AuthorizerAppid, error: NotHanded) -> Self {
        match error {
            NotHanded::NotFound => Self::no_such_account(),
            NotHanded::Ambiguous(components) => {
                let names: Vec<&str> = components.iter().map(|component| component.as_str()).collect();
                Self::new(
                    StatusCode::CONFLICT,
                    "ambiguous-account",
                    "The account granted several components",
                    "Name one of them with the parameter `component_appid`.",
                )
                .with("parameter", "component_appid")
                .with("component_appids", names)
            }
            NotHanded::NeverThatLong(life) => {
                let detail = format!(
                    "The account's tokens live {} seconds in all; ask for a shorter `min_ttl`.",
                    life.as_secs()
                );
                Self::new(
                    StatusCode::UNPROCESSABLE_ENTITY,
                    "never-that-long",
                    "No token lives that long",
                    detail,
                )
                .with("token_life_seconds", life.as_secs())
            }
            NotHanded::NotNow(shown) => Self::not_now(cx, appid, &shown),
            NotHanded::Unseen(unseen) => unseen.into(),
        }
    }

    /// 424: the token depends on somebody else's move.
    fn not_now(cx: &Context, appid: &AuthorizerAppid, shown: &Shown) -> Self {
        let (offer, now) = (shown.offer(), cx.clock.now());
        let health = state(cx, offer, shown.heartbeat());
        let reason = match (offer.reason, offer.reported) {
            // Nothing else is wrong yet: a new token is on its way.
            (Reason::Ok, _) => Reason::RefreshOverdue,
            (reason, _) => reason,
        };
        let retry_after =
            if reason.mover() == Mover::Account { AFTER_A_PERSON } else { pause(offer.next_refresh_at, now) };
        let page = cx.settings.public_url.join(&format!("authorizers/{appid}"));
        let mut problem = Self::new(
            StatusCode::FAILED_DEPENDENCY,
            "no-token",
            "There is no such token now",
            reason.sentence().en,
        )
        .with("authorizer_appid", appid.as_str())
        .with("component_appid", offer.key.component.as_str())
        .with("state", health.as_str())
        .with("reason", reason.code())
        .with("remedy", reason.remedy().en)
        .with("whose_move", reason.mover().as_str())
        .with("errcode", offer.errcode)
        .with("reauthorize_url", page.map(|url| url.to_string()).unwrap_or_default())
        .with("retry_after_seconds", retry_after);
        problem.retry_after = Some(retry_after);
        problem
    }

    fn body(&self) -> String {
        let mut body = Map::new();
        body.insert("type".to_owned(), json!(format!("urn:hufu:problem:{}", self.kind)));
        body.insert("title".to_owned(), json!(self.title));
        body.insert("status".to_owned(), json!(self.status.as_u16()));
        body.insert("detail".to_owned(), json!(self.detail));
        body.extend(self.more.clone());
        Value::Object(body).to_string()
    }
}

fn pause(next_refresh_at: Option<Timestamp>, now: Timestamp) -> u64 {
    match next_refresh_at.map(|at| now.until(at).as_secs()) {
        Some(0) | None => SOON,
        Some(seconds) => seconds.min(LONGEST_PAUSE),
    }
}

impl From<Unseen> for Problem {
    fn from(unseen: Unseen) -> Self {
        match unseen {
            Unseen::Store(error) => error.into(),
            Unseen::Away => {
                let mut problem = Self::new(
                    StatusCode::SERVICE_UNAVAILABLE,
                    "database-unavailable",
                    "The database does not answer",
                    "What was asked is not in memory, or may not be answered from memory.",
                )
                .with("retry_after_seconds", SOON);
                problem.retry_after = Some(SOON);
                problem
            }
        }
    }
}

impl From<StoreError> for Problem {
    fn from(error: StoreError) -> Self {
        if error.is_no_answer() {
            return Unseen::Away.into();
        }
        tracing::error!(error = chain(&error), "a request of the API failed");
        Self::internal()
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.kind)
    }
}

impl ResponseError for Problem {
    fn status_code(&self) -> StatusCode {
        self.status
    }

    fn error_response(&self) -> HttpResponse {
        let mut response = HttpResponse::build(self.status);
        response.insert_header((CACHE_CONTROL, "no-store")).content_type("application/problem+json");
        if let Some(seconds) = self.retry_after {
            response.insert_header((RETRY_AFTER, seconds));
        }
        if self.status == StatusCode::UNAUTHORIZED {
            response.insert_header((WWW_AUTHENTICATE, "Bearer"));
        }
        response.body(self.body())
    }
}
