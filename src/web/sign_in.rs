//! `/sign-in`: e-mail and password.

use actix_web::web::{Data, Query};
use serde::Deserialize;

use crate::domain::text::Text;
use crate::secret::{Password, Secret};
use crate::service::{Context, see_second_factors, sign_in};

use super::form::Form;
use super::page::{Answer, Page, see_other};
use super::request::is_own_path;
use super::session;
use super::shell::Nav;
use super::viewer::Visitor;

pub mod view;

use view::SignInView;

#[derive(Debug, Default, Deserialize)]
pub(super) struct Asked {
    #[serde(default)]
    next: String,
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
pub(super) async fn form(visitor: Visitor, query: Query<Asked>) -> Answer {
    let next = own(&query.next);
    if visitor.user.is_some() {
        return Ok(see_other(next));
    }
    Page(SignInView::new(visitor.shell(Nav::None), "", next, None)).ok()
}

pub(super) async fn submit(visitor: Visitor, cx: Data<Context>, Form(fields): Form<Fields>) -> Answer {
    let next = own(&fields.next);
    let user =
        sign_in::run(&cx, visitor.now, &visitor.actor(), &fields.email, Password::new(fields.password))
            .await?;
    let Some(user) = user else {
        let problem = WRONG.get(visitor.lang);
        return Page(SignInView::new(visitor.shell(Nav::None), &fields.email, next, Some(problem)))
            .unprocessable();
    };
    if see_second_factors::run(&cx, &user.id).await?.any() {
        session::await_second_step(visitor.session(), &user.id, &cx.random, (visitor.now, next))?;
        return Ok(see_other("/sign-in/second"));
    }
    session::sign_in(visitor.session(), &user.id, &cx.random, visitor.now)?;
    Ok(see_other(next))
}

fn own(next: &str) -> &str {
    if is_own_path(next) { next } else { "/" }
}

const WRONG: Text = Text::new("邮箱或密码不正确", "The e-mail address or the password is not right");
