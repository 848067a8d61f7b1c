//! `/api/v1`: what business servers ask, with a key of their own. `docs/api.md` describes it for those who call.

use std::time::Duration;

use actix_web::body::BoxBody;
use actix_web::http::StatusCode;
use actix_web::http::header::{CACHE_CONTROL, CONTENT_TYPE, HeaderName, HeaderValue};
use actix_web::web::{Data, Payload};
use actix_web::{HttpRequest, HttpResponse};
use serde::{Deserialize, Serialize};

use crate::domain::health::{self, Health, Heartbeat};
use crate::domain::ids::{AuthorizerAppid, ComponentAppid};
use crate::secret::Secret as _;
use crate::service::Context;
use crate::service::hand_out_token::{self, Handed, Life, Whose};
use crate::service::report_token::{self, DEAD, Report as DeadToken};
use crate::store::hand_out::Offer;

use super::body::{self, BodyError};
use super::viewer::HEARTBEAT_LOST;

pub(super) mod accounts;
pub(super) mod around;
pub(super) mod caller;
mod problem;
mod query;

use caller::{Caller, MayReadToken, MayReport};
use problem::Problem;
use query::Query;

/// What a handler answers.
type Answer = Result<HttpResponse, Problem>;

/// Says that the answer comes from memory because the database does not answer.
const DATABASE: HeaderName = HeaderName::from_static("hufu-database");

/// Bytes: an answer with a token has no more.
const USUAL_ANSWER: usize = 512;

/// The life that a token must still have when nothing else is asked for, and the longest that may be asked for.
const USUAL_LIFE: u64 = 300;
const LONGEST_LIFE: u64 = 3600;

/// Larger than any report.
const LONGEST_REPORT: usize = 4096;

/// `GET /api/v1/authorizers/{authorizer_appid}/access-token`.
pub(super) async fn access_token(
    caller: Caller<MayReadToken>,
    cx: Data<Context>,
    req: HttpRequest,
) -> Answer {
    let query = Query::read(req.query_string(), &["min_ttl", "allow_stale", "component_appid"])?;
    let life = life(&query)?;
    let component = query.component()?;
    let appid = caller.account(&req)?;
    let whose = Whose { tenant: caller.tenant(), appid: &appid, component: component.as_ref() };
    let handed = hand_out_token::run(&cx, whose, life).await;
    let handed = handed.map_err(|error| Problem::of_token(&cx, &appid, error))?;
    caller.note_read(&cx, &appid);
    Ok(token(&cx, &handed, caller.known.from_memory))
}

fn life(query: &Query<'_>) -> Result<Life, Problem> {
    let least = match query.get("min_ttl") {
        None => USUAL_LIFE,
        Some(text) => text
            .parse()
            .ok()
            .filter(|seconds| *seconds <= LONGEST_LIFE)
            .ok_or_else(|| Problem::bad_parameter("min_ttl", "a number of seconds from 0 to 3600"))?,
    };
    match query.get("allow_stale") {
        None | Some("false") => Ok(Life::AtLeast(Duration::from_secs(least))),
        Some("true") => Ok(Life::Any),
        Some(_) => Err(Problem::bad_parameter("allow_stale", "true or false")),
    }
}

/// What a report says.
#[derive(Deserialize)]
struct Report {
    fingerprint: String,
    errcode: i64,
}

/// `POST /api/v1/authorizers/{authorizer_appid}/access-token/report`.
pub(super) async fn report(
    caller: Caller<MayReport>,
    cx: Data<Context>,
    req: HttpRequest,
    payload: Payload,
) -> Answer {
    let query = Query::read(req.query_string(), &["component_appid"])?;
    let component = query.component()?;
    let appid = caller.account(&req)?;
    let said = read_report(payload).await?;
    let whose = Whose { tenant: caller.tenant(), appid: &appid, component: component.as_ref() };
    let by = caller.actor(&req);
    let dead = DeadToken { fingerprint: &said.fingerprint, errcode: said.errcode, by: &by };
    let handed = report_token::run(&cx, whose, dead).await;
    let handed = handed.map_err(|error| Problem::of_token(&cx, &appid, error))?;
    caller.note_read(&cx, &appid);
    Ok(token(&cx, &handed, caller.known.from_memory))
}

async fn read_report(payload: Payload) -> Result<Report, Problem> {
    let body = body::read(payload, LONGEST_REPORT).await.map_err(|error| match error {
        BodyError::TooLarge => Problem::too_large(),
        BodyError::TooSlow | BodyError::Broken => Problem::bad_body(),
    })?;
    let mut said: Report = serde_json::from_slice(&body).map_err(|_| Problem::bad_body())?;
    said.fingerprint.make_ascii_lowercase();
    let hexadecimal = said.fingerprint.bytes().all(|byte| byte.is_ascii_hexdigit());
    if !hexadecimal || !matches!(said.fingerprint.len(), 16 | 64) {
        return Err(Problem::bad_fingerprint());
    }
    // The whole SHA-256 is taken as well.
    said.fingerprint.truncate(16);
    if DEAD.contains(&said.errcode) { Ok(said) } else { Err(Problem::not_a_dead_token(said.errcode)) }
}

/// The answer with a token in it.
#[derive(Serialize)]
struct TokenAnswer<'a> {
    authorizer_appid: &'a str,
    component_appid: &'a str,
    access_token: &'a str,
    /// Unix seconds.
    expires_at: i64,
    expires_in: u64,
    generation: i64,
    state: &'static str,
    fingerprint: &'a str,
}

fn token(cx: &Context, handed: &Handed, from_memory: bool) -> HttpResponse {
    let (now, offer) = (cx.clock.now(), handed.shown.offer());
    let answer = TokenAnswer {
        authorizer_appid: offer.key.authorizer.as_str(),
        component_appid: offer.key.component.as_str(),
        access_token: handed.token.token.expose(),
        expires_at: offer.expires_at.unwrap_or(now).unix(),
        expires_in: offer.expires_at.map_or(0, |end| now.until(end).as_secs()),
        generation: offer.generation,
        state: state(cx, offer, handed.shown.heartbeat()).as_str(),
        fingerprint: &handed.token.name,
    };
    json(&answer, from_memory || handed.shown.from_memory())
}

/// The state as a page would show it.
fn state(cx: &Context, offer: &Offer, beat: Option<crate::clock::Timestamp>) -> Health {
    let now = cx.clock.now();
    health::shown(offer.health, heartbeat(beat, now), offer.expires_at, now)
}

fn heartbeat(beat: Option<crate::clock::Timestamp>, now: crate::clock::Timestamp) -> Heartbeat {
    match beat {
        Some(at) if now.since(at) <= HEARTBEAT_LOST => Heartbeat::Fresh,
        Some(_) | None => Heartbeat::Lost,
    }
}

fn json(answer: &impl Serialize, from_memory: bool) -> HttpResponse {
    let mut body = Vec::with_capacity(USUAL_ANSWER);
    // What is serialised here has names and numbers only: it cannot fail.
    let _ = serde_json::to_writer(&mut body, answer);
    let mut response = HttpResponse::with_body(StatusCode::OK, BoxBody::new(body));
    let headers = response.headers_mut();
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    if from_memory {
        headers.insert(DATABASE, HeaderValue::from_static("unavailable"));
    }
    response
}

/// `/api/…` that is nothing.
pub(super) async fn nowhere() -> Answer {
    Err(Problem::nowhere())
}

/// What is in the address, or `None` where it is no appid: there is no such account then.
fn appid_of(req: &HttpRequest) -> Option<AuthorizerAppid> {
    AuthorizerAppid::parse(req.match_info().get("authorizer_appid")?).ok()
}

impl Query<'_> {
    fn component(&self) -> Result<Option<ComponentAppid>, Problem> {
        let bad = |_| Problem::bad_parameter("component_appid", "a component's appid");
        self.get("component_appid").map(|text| ComponentAppid::parse(text).map_err(bad)).transpose()
    }
}
