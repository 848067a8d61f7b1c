//! `/password/forgot` and `/password/reset/{token}`: another password for somebody who has forgotten theirs. The answer
//! is the same whether an address is known or not.

use actix_web::HttpResponse;
use actix_web::web::{Data, Path};
use serde::Deserialize;

use crate::domain::text::Lang;
use crate::domain::user::Email;
use crate::secret::{Password, Secret};
use crate::service::{Context, IdentityError, password_reset};

use super::client::Client;
use super::form::Form;
use super::page::{Answer, Page, see_other};
use super::set_up::without_referrer;
use super::shell::Nav;
use super::viewer::Visitor;
use super::when;
use super::words::{Words, fill};

pub mod view;

use view::{ForgotView, ResetView};

#[derive(Deserialize)]
pub(super) struct Asked {
    #[serde(default)]
    email: String,
}

#[derive(Deserialize)]
pub(super) struct Chosen {
    #[serde(default)]
    password: String,
}

/// `GET /password/forgot`.
pub(super) async fn form(visitor: Visitor, cx: Data<Context>) -> Answer {
    Page(ForgotView::new(visitor.shell(Nav::None), cx.settings.mail.is_some(), "", String::new())).ok()
}

/// `POST /password/forgot`.
pub(super) async fn ask(
    visitor: Visitor,
    cx: Data<Context>,
    client: Client,
    Form(asked): Form<Asked>,
) -> Answer {
    let w = &Words::of(visitor.lang).people;
    let mails = cx.settings.mail.is_some();
    let again = |problem| {
        Page(ForgotView::new(visitor.shell(Nav::None), mails, &asked.email, problem)).unprocessable()
    };
    let Ok(email) = Email::parse(&asked.email) else { return again(w.bad_email.to_owned()) };
    if mails {
        let asked = password_reset::ask(&cx, visitor.now, (&email, visitor.lang), client.from).await?;
        if let Err(wait) = asked {
            return again(wait_sentence(wait, visitor.lang));
        }
    }
    Page(ForgotView::sent(visitor.shell(Nav::None), mails, email.as_str())).ok()
}

/// `GET /password/reset/{token}`.
pub(super) async fn choose(visitor: Visitor, cx: Data<Context>, token: Path<String>) -> Answer {
    let answer = match password_reset::open(&cx, visitor.now, &token).await {
        Ok(user) => {
            Page(ResetView::new(visitor.shell(Nav::None), &token, user.email.as_str(), String::new())).ok()
        }
        Err(IdentityError::LinkClosed) => closed(&visitor),
        Err(error) => Err(error.into()),
    };
    without_referrer(answer)
}

/// `POST /password/reset/{token}`.
pub(super) async fn save(
    visitor: Visitor,
    cx: Data<Context>,
    token: Path<String>,
    client: Client,
    Form(chosen): Form<Chosen>,
) -> Answer {
    let new = Password::new(chosen.password);
    let answer = match password_reset::finish(
        &cx,
        (visitor.now, &visitor.actor()),
        (&token, new),
        client.from,
    )
    .await
    {
        Ok(()) => Ok(see_other("/sign-in?done=reset")),
        Err(IdentityError::LinkClosed) => closed(&visitor),
        Err(error @ IdentityError::Password(_)) => {
            let user = password_reset::open(&cx, visitor.now, &token).await?;
            let problem = error.sentence().get(visitor.lang).to_owned();
            Page(ResetView::new(visitor.shell(Nav::None), &token, user.email.as_str(), problem))
                .unprocessable()
        }
        Err(error) => Err(error.into()),
    };
    without_referrer(answer)
}

fn closed(visitor: &Visitor) -> Result<HttpResponse, super::error::WebError> {
    Page(ResetView::closed(visitor.shell(Nav::None))).status(actix_web::http::StatusCode::NOT_FOUND)
}

/// How long to wait, in words.
pub(super) fn wait_sentence(wait: std::time::Duration, lang: Lang) -> String {
    fill(Words::of(lang).people.wait, &[&when::span(wait, lang)])
}
