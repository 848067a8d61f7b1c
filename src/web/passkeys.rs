//! Passkeys over HTTP. A script asks for the options with a POST, lets the browser do its part and sends the answer as
//! an ordinary form. What the server has to remember in between is in the session's row.

use actix_session::Session;
use actix_web::HttpResponse;
use actix_web::http::header::CACHE_CONTROL;
use actix_web::web::{Data, Path};
use serde::Deserialize;

use crate::clock::Timestamp;
use crate::domain::ids::PasskeyId;
use crate::domain::second_factor::Purpose;
use crate::domain::text::Text;
use crate::domain::user::parse_name;
use crate::service::Context;
use crate::service::passkey::{self, Added, Question};
use crate::service::remove_second_factor::Factor;

use super::client::Client;
use super::error::WebError;
use super::form::{Form, Nothing};
use super::page::{Answer, see_other};
use super::recent::Recent;
use super::request::is_own_path;
use super::shell::FlashKind;
use super::viewer::{SignedIn, Visitor};
use super::words::Words;
use super::{flash, security, session};

#[derive(Deserialize)]
pub(super) struct New {
    #[serde(default)]
    name: String,
    #[serde(default)]
    credential: String,
}

#[derive(Deserialize)]
pub(super) struct Shown {
    #[serde(default)]
    credential: String,
    #[serde(default)]
    next: String,
    lost: Option<String>,
}

/// `POST /account/security/passkeys/start`.
pub(super) async fn start_new(who: SignedIn, _: Recent, cx: Data<Context>, _: Form<Nothing>) -> Answer {
    let question = passkey::ask_new(&cx, &who.user).await?;
    options(who.session(), who.now, question)
}

/// `POST /account/security/passkeys`.
pub(super) async fn add(who: SignedIn, _: Recent, cx: Data<Context>, Form(new): Form<New>) -> Answer {
    let w = Words::of(who.lang);
    let name = parse_name(&new.name).unwrap_or_else(|_| w.security.passkey.to_owned());
    let state = session::take_ceremony(who.session(), who.now).unwrap_or_default();
    let answer = (&who.user, name.as_str(), state.as_str(), new.credential.as_str());
    match passkey::add(&cx, who.now, &who.actor(), answer).await? {
        Added::Yes(Some(codes)) => return security::codes_page(&who, &codes).ok(),
        Added::Yes(None) => who.flash(FlashKind::Good, ADDED)?,
        Added::Refused => who.flash(FlashKind::Bad, REFUSED)?,
    }
    Ok(see_other(security::HERE))
}

/// `POST /account/security/passkeys/{passkey}/remove`.
pub(super) async fn remove(
    who: SignedIn,
    _: Recent,
    cx: Data<Context>,
    path: Path<String>,
    _: Form<Nothing>,
) -> Answer {
    let id = PasskeyId::parse(&path).map_err(|_| WebError::NotFound)?;
    security::remove(&who, &cx, &Factor::Passkey(id)).await
}

/// `POST /sign-in/passkey/start`: for anybody, or for the second step of somebody whose password was right.
pub(super) async fn start_sign_in(visitor: Visitor, cx: Data<Context>, _: Form<Nothing>) -> Answer {
    let awaited = session::awaited(visitor.session(), visitor.now).map(|(user, _)| user);
    let question = passkey::ask(&cx, awaited.as_ref()).await?;
    options(visitor.session(), visitor.now, question)
}

/// `POST /sign-in/passkey`: a passkey is enough by itself.
pub(super) async fn sign_in(
    visitor: Visitor,
    cx: Data<Context>,
    client: Client,
    Form(shown): Form<Shown>,
) -> Answer {
    let state = session::take_ceremony(visitor.session(), visitor.now).unwrap_or_default();
    let awaited = session::awaited(visitor.session(), visitor.now);
    let (user, next) = awaited.unzip();
    let back = if user.is_some() { "/sign-in/second" } else { "/sign-in" };
    let next = next.unwrap_or(shown.next);
    let asked = (user.as_ref(), Purpose::SignIn, state.as_str(), shown.credential.as_str());
    let Some(user) = passkey::check(&cx, visitor.now, &visitor.actor(), asked).await? else {
        flash::leave(visitor.session(), FlashKind::Bad, REFUSED.get(visitor.lang))?;
        return Ok(see_other(back));
    };
    session::sign_in(visitor.session(), &user.id, &cx.random, visitor.now)?;
    session::note_client(visitor.session(), &client)?;
    Ok(see_other(if is_own_path(&next) { &next } else { "/" }))
}

/// `POST /step-up/passkey/start`.
pub(super) async fn start_step_up(who: SignedIn, cx: Data<Context>, _: Form<Nothing>) -> Answer {
    let question = passkey::ask(&cx, Some(&who.user.id)).await?;
    options(who.session(), who.now, question)
}

/// `POST /step-up/passkey`.
pub(super) async fn step_up(who: SignedIn, cx: Data<Context>, Form(shown): Form<Shown>) -> Answer {
    let state = session::take_ceremony(who.session(), who.now).unwrap_or_default();
    let asked = (Some(&who.user.id), Purpose::StepUp, state.as_str(), shown.credential.as_str());
    let next = if is_own_path(&shown.next) { shown.next.as_str() } else { "/" };
    if passkey::check(&cx, who.now, &who.actor(), asked).await?.is_none() {
        who.flash(FlashKind::Bad, REFUSED)?;
        return Ok(see_other(&super::recent::step_up_href(next)));
    }
    session::step_up(who.session(), who.now)?;
    if shown.lost.is_some() {
        who.flash(FlashKind::Note, LOST)?;
    }
    Ok(see_other(next))
}

/// The options as JSON; the state stays here, for one answer within five minutes.
fn options(session: &Session, now: Timestamp, question: Option<Question>) -> Answer {
    let question = question.ok_or(WebError::Conflict(NOT_HERE))?;
    session::put_ceremony(session, now, &question.state)?;
    Ok(HttpResponse::Ok()
        .content_type("application/json")
        .insert_header((CACHE_CONTROL, "no-store"))
        .body(question.options))
}

const ADDED: Text = Text::new(Words::ZH.security.passkey_added, Words::EN.security.passkey_added);
const REFUSED: Text = Text::new(Words::ZH.security.passkey_refused, Words::EN.security.passkey_refused);
const NOT_HERE: Text = Text::new(Words::ZH.security.passkey_not_here, Words::EN.security.passkey_not_here);
const LOST: Text = Text::new(Words::ZH.step_up.lost, Words::EN.step_up.lost);
