//! `/sign-in`: e-mail and password.

use actix_web::web::{Data, Query};
use serde::Deserialize;

use crate::domain::text::Text;
use crate::secret::{Password, Secret};
use crate::service::sign_in::{self, Outcome};
use crate::service::{Context, passkey};

use super::ceremony::CeremonyKey;
use super::client::Client;
use super::form::Form;
use super::page::{Answer, Page, see_other};
use super::password::wait_sentence;
use super::request::is_own_path;
use super::session;
use super::shell::Nav;
use super::viewer::Visitor;
use super::words::Words;

pub mod view;

use view::SignInView;

#[derive(Debug, Default, Deserialize)]
pub(super) struct Asked {
    #[serde(default)]
    next: String,
    /// `reset`: a new password was just chosen.
    #[serde(default)]
    done: String,
    /// Not empty: something was sent after the session had ended.
    #[serde(default)]
    lost: String,
}

/// Where somebody signs in to come back to the page whose form came too late.
pub(super) fn href_after_loss(page: &str) -> String {
    let mut query = url::form_urlencoded::Serializer::new(String::new());
    format!("/sign-in?{}", query.append_pair("next", page).append_pair("lost", "1").finish())
}

#[derive(Deserialize)]
pub(super) struct Fields {
    #[serde(default)]
    email: String,
    #[serde(default)]
    password: String,
    #[serde(default)]
    next: String,
}

/// Somebody who is signed in already goes straight on.
pub(super) async fn form(visitor: Visitor, cx: Data<Context>, query: Query<Asked>) -> Answer {
    let next = own(&query.next);
    if visitor.user.is_some() {
        return Ok(see_other(next));
    }
    let done = (query.done == "reset").then_some(Words::of(visitor.lang).people.reset_done);
    let view = SignInView::new(visitor.shell(Nav::None), "", next, None);
    let (lost, sign_up) = (!query.lost.is_empty(), cx.settings.sign_up);
    Page(SignInView { done, lost, passkeys: passkey::works_here(&cx), sign_up, ..view }).ok()
}

pub(super) async fn submit(
    visitor: Visitor,
    cx: Data<Context>,
    key: Data<CeremonyKey>,
    client: Client,
    Form(fields): Form<Fields>,
) -> Answer {
    let next = own(&fields.next);
    let pair = (fields.email.as_str(), Password::new(fields.password));
    let problem = match sign_in::run(&cx, visitor.now, &visitor.actor(), pair).await? {
        Outcome::Welcome(who) => {
            session::sign_in(visitor.session(), &who, &cx.random, visitor.now)?;
            session::note_client(visitor.session(), &client)?;
            return Ok(see_other(next));
        }
        Outcome::SecondStep(who) => {
            let next = key.seal(next);
            session::await_second_step(visitor.session(), &who, &cx.random, visitor.now, &next)?;
            return Ok(see_other("/sign-in/second"));
        }
        Outcome::Refused => WRONG.get(visitor.lang).to_owned(),
        Outcome::Wait(wait) => wait_sentence(wait, visitor.lang),
    };
    page(&visitor, &cx, &fields.email, next, problem).unprocessable()
}

/// The form once more, and why.
pub(super) fn page(
    visitor: &Visitor,
    cx: &Context,
    email: &str,
    next: &str,
    problem: String,
) -> Page<SignInView> {
    let view = SignInView::new(visitor.shell(Nav::None), email, own(next), Some(problem));
    Page(SignInView { passkeys: passkey::works_here(cx), sign_up: cx.settings.sign_up, ..view })
}

fn own(next: &str) -> &str {
    if is_own_path(next) { next } else { "/" }
}

const WRONG: Text = Text::new("邮箱或密码不正确", "The e-mail address or the password is not right");
