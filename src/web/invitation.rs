//! `/invitation/{token}`: somebody who was invited becomes a member.

use actix_web::web::{Data, Path};
use serde::Deserialize;

use crate::domain::text::Text;
use crate::domain::user::{Proved, parse_name};
use crate::secret::{Password, Secret};
use crate::service::accept_invitation::{self, Open};
use crate::service::{Context, IdentityError};

use super::client::Client;
use super::error::WebError;
use super::form::Form;
use super::page::{Answer, Page, see_other};
use super::set_up::without_referrer;
use super::shell::{FlashKind, Nav};
use super::viewer::Visitor;
use super::words::Words;
use super::{flash, session};

pub mod view;

use view::{InvitationView, NewForm};

#[derive(Deserialize)]
pub(super) struct Fields {
    #[serde(default)]
    name: String,
    #[serde(default)]
    password: String,
}

/// `GET /invitation/{token}`.
pub(super) async fn show(visitor: Visitor, cx: Data<Context>, token: Path<String>) -> Answer {
    without_referrer(page(&visitor, &cx, &token, NewForm::default()).await?.ok())
}

/// `POST /invitation/{token}`: as the one who is signed in, or as somebody new.
pub(super) async fn accept(
    visitor: Visitor,
    cx: Data<Context>,
    token: Path<String>,
    client: Client,
    Form(fields): Form<Fields>,
) -> Answer {
    if let Some(user) = &visitor.user {
        let tenant =
            match accept_invitation::as_user(&cx, (visitor.now, &visitor.actor()), &token, user).await {
                Ok(tenant) => tenant,
                Err(error) => return Err(closed(error)),
            };
        session::put_tenant(visitor.session(), &tenant.id)?;
        flash::leave(visitor.session(), FlashKind::Good, JOINED.get(visitor.lang))?;
        return Ok(see_other("/"));
    }
    let Ok(name) = parse_name(&fields.name) else {
        let bad_name = Words::of(visitor.lang).people.bad_name;
        return again(&visitor, &cx, &token, NewForm { name: fields.name, bad_name, bad_password: "" }).await;
    };
    let new = (name, Password::new(fields.password));
    match accept_invitation::as_new_user(&cx, (visitor.now, &visitor.actor()), &token, new).await {
        Ok(user) => {
            session::sign_in(visitor.session(), &Proved::newcomer(user), &cx.random, visitor.now)?;
            session::note_client(visitor.session(), &client)?;
            Ok(see_other("/"))
        }
        Err(IdentityError::Taken(_)) => {
            Ok(see_other(&format!("/sign-in?next=%2Finvitation%2F{}", token.as_str())))
        }
        Err(error @ IdentityError::Password(_)) => {
            let bad_password = error.sentence().get(visitor.lang);
            again(&visitor, &cx, &token, NewForm { name: fields.name, bad_name: "", bad_password }).await
        }
        Err(error) => Err(closed(error)),
    }
}

fn closed(error: IdentityError) -> WebError {
    if matches!(error, IdentityError::LinkClosed) { WebError::InvitationClosed } else { error.into() }
}

const JOINED: Text = Text::new(Words::ZH.people.joined, Words::EN.people.joined);

async fn again(visitor: &Visitor, cx: &Context, token: &str, form: NewForm) -> Answer {
    without_referrer(page(visitor, cx, token, form).await?.unprocessable())
}

async fn page(
    visitor: &Visitor,
    cx: &Context,
    token: &str,
    form: NewForm,
) -> Result<Page<InvitationView>, WebError> {
    let open: Open = accept_invitation::open(cx, visitor.now, token).await.map_err(closed)?;
    let who = visitor.user.as_ref().map(|user| user.email.as_str());
    Ok(Page(InvitationView::new(visitor.shell(Nav::None), token, (&open, who), form)))
}
