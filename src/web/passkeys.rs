//! Passkeys over HTTP. A script asks for the options with a POST, lets the browser do its part and sends the answer as
//! an ordinary form. What the server has to remember in between: `ceremony.rs`.

use actix_session::Session;
use actix_web::http::header::CACHE_CONTROL;
use actix_web::web::{Data, Path};
use actix_web::{HttpRequest, HttpResponse};
use serde::Deserialize;

use crate::clock::Timestamp;
use crate::domain::ids::PasskeyId;
use crate::domain::second_factor::Purpose;
use crate::domain::text::Text;
use crate::domain::user::parse_label;
use crate::service::Context;
use crate::service::passkey::{self, Added, Checked, Question};
use crate::service::remove_second_factor::Factor;

use super::ceremony::CeremonyKey;
use super::client::Client;
use super::error::WebError;
use super::form::{Form, Nothing};
use super::page::{Answer, see_other};
use super::password::wait_sentence;
use super::recent::Recent;
use super::request::is_own_path;
use super::shell::FlashKind;
use super::sign_in::page as sign_in_page;
use super::viewer::{SignedIn, Visitor};
use super::words::Words;
use super::{ceremony, flash, second, security, session};

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
    let name = parse_label(&new.name).unwrap_or_else(|_| w.security.passkey.to_owned());
    let state = ceremony::take(who.session(), who.now);
    let whose = (&who.user, who.session_hash.as_str());
    let answer = (name.as_str(), state.as_str(), new.credential.as_str());
    match passkey::add(&cx, who.now, &who.actor(), whose, answer).await? {
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
pub(super) async fn start_sign_in(
    visitor: Visitor,
    req: HttpRequest,
    cx: Data<Context>,
    _: Form<Nothing>,
) -> Answer {
    if let Some(pending) = session::awaited(visitor.session(), visitor.now) {
        return options(visitor.session(), visitor.now, passkey::ask(&cx, Some(&pending.user)).await?);
    }
    let question = passkey::ask(&cx, None).await?.ok_or(WebError::Conflict(NOT_HERE))?;
    let mut answer = as_json(&question);
    ceremony::hand_over(&mut answer, &req, visitor.now, &question)?;
    Ok(answer)
}

/// `POST /sign-in/passkey`: a passkey is enough by itself.
pub(super) async fn sign_in(
    visitor: Visitor,
    req: HttpRequest,
    (cx, key): (Data<Context>, Data<CeremonyKey>),
    client: Client,
    Form(shown): Form<Shown>,
) -> Answer {
    let awaited = second::awaited(&visitor, &cx, &key).await?;
    let state = match &awaited {
        Some(_) => ceremony::take(visitor.session(), visitor.now),
        None => ceremony::given_back(&req, visitor.now)?,
    };
    let expected = awaited.as_ref().map(|awaited| &awaited.who.user);
    let asked = (expected, Purpose::SignIn, state.as_str(), shown.credential.as_str());
    let problem = match passkey::check(&cx, visitor.now, &visitor.actor(), asked).await? {
        Checked::Right(who) => {
            let (who, next) = awaited.map_or((who, shown.next), |awaited| (awaited.who, awaited.next));
            session::sign_in(visitor.session(), &who, &cx.random, visitor.now)?;
            session::note_client(visitor.session(), &client)?;
            return Ok(see_other(if is_own_path(&next) { &next } else { "/" }));
        }
        Checked::Wrong => REFUSED.get(visitor.lang).to_owned(),
        Checked::Wait(wait) => wait_sentence(wait, visitor.lang),
    };
    // Said at once: to keep a sentence for the next page would take a session.
    match awaited {
        Some(awaited) => second::page(&visitor, &awaited, Some(problem)).unprocessable(),
        None => sign_in_page(&visitor, &cx, "", &shown.next, problem).unprocessable(),
    }
}

/// `POST /step-up/passkey/start`.
pub(super) async fn start_step_up(who: SignedIn, cx: Data<Context>, _: Form<Nothing>) -> Answer {
    let question = passkey::ask(&cx, Some(&who.user.id)).await?;
    options(who.session(), who.now, question)
}

/// `POST /step-up/passkey`.
pub(super) async fn step_up(who: SignedIn, cx: Data<Context>, Form(shown): Form<Shown>) -> Answer {
    let state = ceremony::take(who.session(), who.now);
    let asked = (Some(&who.user), Purpose::StepUp, state.as_str(), shown.credential.as_str());
    let next = if is_own_path(&shown.next) { shown.next.as_str() } else { "/" };
    let problem = match passkey::check(&cx, who.now, &who.actor(), asked).await? {
        Checked::Right(_) => {
            session::step_up(who.session(), who.now)?;
            if shown.lost.is_some() {
                who.flash(FlashKind::Note, LOST)?;
            }
            return Ok(see_other(next));
        }
        Checked::Wrong => REFUSED.get(who.lang).to_owned(),
        Checked::Wait(wait) => wait_sentence(wait, who.lang),
    };
    flash::leave(who.session(), FlashKind::Bad, &problem)?;
    Ok(see_other(&super::recent::step_up_href(next)))
}

/// The options; the state stays in the session's row.
fn options(session: &Session, now: Timestamp, question: Option<Question>) -> Answer {
    let question = question.ok_or(WebError::Conflict(NOT_HERE))?;
    ceremony::keep(session, now, &question)?;
    Ok(as_json(&question))
}

fn as_json(question: &Question) -> HttpResponse {
    HttpResponse::Ok()
        .content_type("application/json")
        .insert_header((CACHE_CONTROL, "no-store"))
        .body(question.options.clone())
}

const ADDED: Text = Text::new(Words::ZH.security.passkey_added, Words::EN.security.passkey_added);
const REFUSED: Text = Text::new(Words::ZH.security.passkey_refused, Words::EN.security.passkey_refused);
const NOT_HERE: Text = Text::new(Words::ZH.security.passkey_not_here, Words::EN.security.passkey_not_here);
const LOST: Text = Text::new(Words::ZH.step_up.lost, Words::EN.step_up.lost);
