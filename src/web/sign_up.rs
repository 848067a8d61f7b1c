//! `/sign-up`: a company makes its own tenant, where `HUFU_SIGN_UP` allows it. The answer is the same whether an address is
//! known or not; where it is not allowed there is no such page.

use actix_web::http::StatusCode;
use actix_web::web::{Data, Path};
use serde::Deserialize;

use crate::domain::person_link::Applicant;
use crate::domain::user::{Email, Proved, parse_name};
use crate::secret::{Password, Secret};
use crate::service::{Context, IdentityError, sign_up};

use super::client::Client;
use super::error::WebError;
use super::form::Form;
use super::page::{Answer, Page, see_other};
use super::password::wait_sentence;
use super::session;
use super::set_up::without_referrer;
use super::shell::Nav;
use super::viewer::Visitor;
use super::words::Words;

pub mod view;

use view::{AskForm, AskView, FinishView};

#[derive(Deserialize)]
pub(super) struct Asked {
    #[serde(default)]
    company: String,
    #[serde(default)]
    name: String,
    #[serde(default)]
    email: String,
}

#[derive(Deserialize)]
pub(super) struct Chosen {
    #[serde(default)]
    password: String,
}

fn allowed(cx: &Context) -> Result<(), WebError> {
    if cx.settings.sign_up { Ok(()) } else { Err(WebError::NotFound) }
}

/// `GET /sign-up`. Somebody who is signed in has an account.
pub(super) async fn form(visitor: Visitor, cx: Data<Context>) -> Answer {
    allowed(&cx)?;
    if visitor.user.is_some() {
        return Ok(see_other("/"));
    }
    Page(AskView::new(visitor.shell(Nav::None), AskForm::default())).ok()
}

/// `POST /sign-up`.
pub(super) async fn ask(
    visitor: Visitor,
    cx: Data<Context>,
    client: Client,
    Form(asked): Form<Asked>,
) -> Answer {
    allowed(&cx)?;
    let w = Words::of(visitor.lang);
    let (company, name, email) =
        (parse_name(&asked.company), parse_name(&asked.name), Email::parse(&asked.email));
    let mut form = AskForm {
        bad_company: company.as_ref().map_or(w.sign_up.bad_company, |_| ""),
        bad_name: name.as_ref().map_or(w.people.bad_name, |_| ""),
        bad_email: email.as_ref().map_or_else(|_| w.people.bad_email.to_owned(), |_| String::new()),
        company: asked.company,
        name: asked.name,
        email: asked.email,
    };
    if let (Ok(company), Ok(name), Ok(email)) = (company, name, email) {
        let applicant = Applicant { name, company };
        match sign_up::ask(&cx, visitor.now, (&email, visitor.lang, &applicant), client.from).await? {
            Ok(()) => return Page(AskView::sent(visitor.shell(Nav::None), email.as_str())).ok(),
            Err(wait) => form.bad_email = wait_sentence(wait, visitor.lang),
        }
    }
    Page(AskView::new(visitor.shell(Nav::None), form)).unprocessable()
}

/// `GET /sign-up/{token}`.
pub(super) async fn choose(visitor: Visitor, cx: Data<Context>, token: Path<String>) -> Answer {
    allowed(&cx)?;
    without_referrer(page(&visitor, &cx, &token, "").await)
}

/// `POST /sign-up/{token}`.
pub(super) async fn finish(
    visitor: Visitor,
    cx: Data<Context>,
    token: Path<String>,
    client: Client,
    Form(chosen): Form<Chosen>,
) -> Answer {
    allowed(&cx)?;
    let pair = (token.as_str(), Password::new(chosen.password));
    match sign_up::finish(&cx, (visitor.now, &visitor.actor()), pair).await {
        Ok(user) => {
            session::sign_in(visitor.session(), &Proved::newcomer(user), &cx.random, visitor.now)?;
            session::note_client(visitor.session(), &client)?;
            Ok(see_other("/"))
        }
        Err(error @ IdentityError::Password(_)) => {
            without_referrer(page(&visitor, &cx, &token, error.sentence().get(visitor.lang)).await)
        }
        Err(IdentityError::LinkClosed | IdentityError::Taken(_)) => without_referrer(closed(&visitor)),
        Err(error) => Err(error.into()),
    }
}

async fn page(visitor: &Visitor, cx: &Context, token: &str, problem: &'static str) -> Answer {
    match sign_up::open(cx, visitor.now, token).await {
        Ok((email, applicant)) => {
            let view = FinishView::new(visitor.shell(Nav::None), token, (&email, &applicant), problem);
            let status = if problem.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
            Page(view).status(status)
        }
        Err(IdentityError::LinkClosed | IdentityError::Taken(_)) => closed(visitor),
        Err(error) => Err(error.into()),
    }
}

fn closed(visitor: &Visitor) -> Answer {
    Page(FinishView::closed(visitor.shell(Nav::None))).status(StatusCode::NOT_FOUND)
}
