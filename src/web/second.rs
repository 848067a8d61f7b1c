//! `/sign-in/second`: the password was right, and somebody with a second factor shows it. Nobody is signed in before.

use actix_web::http::StatusCode;
use actix_web::web::Data;
use serde::Deserialize;

use crate::clock::Timestamp;
use crate::domain::second_factor::{Factors, Purpose, Typed};
use crate::domain::user::Proved;
use crate::service::prove_identity::{self, Proof, Shown};
use crate::service::{Context, see_second_factors};

use super::ceremony::CeremonyKey;
use super::client::Client;
use super::error::WebError;
use super::form::Form;
use super::page::{Answer, Page, see_other};
use super::request::is_own_path;
use super::session;
use super::shell::Nav;
use super::viewer::Visitor;
use super::words::{Words, fill};

pub mod view;

use view::SecondView;

#[derive(Deserialize)]
pub(super) struct Fields {
    #[serde(default)]
    code: String,
}

/// `GET /sign-in/second`.
pub(super) async fn form(visitor: Visitor, cx: Data<Context>, key: Data<CeremonyKey>) -> Answer {
    match awaited(&visitor, &cx, &key).await? {
        Some(found) => page(&visitor, &found, None).ok(),
        None => Ok(see_other("/sign-in")),
    }
}

/// `POST /sign-in/second`.
pub(super) async fn submit(
    visitor: Visitor,
    cx: Data<Context>,
    key: Data<CeremonyKey>,
    client: Client,
    Form(fields): Form<Fields>,
) -> Answer {
    let Some(found) = awaited(&visitor, &cx, &key).await? else { return Ok(see_other("/sign-in")) };
    let shown = Shown::Factor(Typed::parse(&fields.code));
    let asked = (&found.who.user, Purpose::SignIn, shown);
    let w = &Words::of(visitor.lang).security;
    match prove_identity::run(&cx, visitor.now, &visitor.actor(), asked).await? {
        Proof::Right => {
            session::sign_in(visitor.session(), &found.who, &cx.random, visitor.now)?;
            session::note_client(visitor.session(), &client)?;
            Ok(see_other(if is_own_path(&found.next) { &found.next } else { "/" }))
        }
        Proof::Wrong => page(&visitor, &found, Some(w.second_wrong.to_owned())).unprocessable(),
        Proof::Wait(until) => {
            let problem = fill(w.second_wait, &[&minutes(visitor.now, until)]);
            page(&visitor, &found, Some(problem)).status(StatusCode::TOO_MANY_REQUESTS)
        }
    }
}

/// How many minutes to wait, the begun one included.
pub(super) fn minutes(now: Timestamp, until: Timestamp) -> String {
    now.until(until).as_secs().div_ceil(60).max(1).to_string()
}

pub(super) struct Awaited {
    pub(super) who: Proved,
    factors: Factors,
    pub(super) next: String,
}

/// Who is expected here, while they can still sign in.
pub(super) async fn awaited(
    visitor: &Visitor,
    cx: &Context,
    key: &CeremonyKey,
) -> Result<Option<Awaited>, WebError> {
    let Some(pending) = session::awaited(visitor.session(), visitor.now) else { return Ok(None) };
    let found = see_second_factors::whose(cx, &pending.user).await?;
    let session::Pending { epoch, sealed_next, .. } = pending;
    let next = key.open(&sealed_next).unwrap_or_default();
    Ok(found.map(|(user, factors)| Awaited { who: Proved { user, epoch }, factors, next }))
}

pub(super) fn page(visitor: &Visitor, found: &Awaited, problem: Option<String>) -> Page<SecondView> {
    Page(SecondView::new(visitor.shell(Nav::None), &found.factors, problem))
}
