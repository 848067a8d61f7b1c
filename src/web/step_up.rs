//! `/step-up`: somebody who is signed in shows once more who they are, before something grave.

use actix_web::web::{Data, Query};
use serde::Deserialize;

use crate::domain::text::Text;
use crate::secret::{Password, Secret};
use crate::service::{Context, step_up};

use super::form::Form;
use super::page::{Answer, Page, see_other};
use super::request::is_own_path;
use super::shell::{FlashKind, Nav};
use super::viewer::SignedIn;
use super::words::Words;
use super::{recent, session};

pub mod view;

use view::StepUpView;

#[derive(Debug, Default, Deserialize)]
pub(super) struct Asked {
    #[serde(default)]
    next: String,
    /// A form was sent too late, and its content is gone.
    lost: Option<String>,
}

#[derive(Deserialize)]
pub(super) struct Fields {
    #[serde(default)]
    password: String,
    #[serde(default)]
    next: String,
    lost: Option<String>,
}

/// `GET /step-up?next=…`. Who has just shown it goes straight on.
pub(super) async fn form(who: SignedIn, query: Query<Asked>) -> Answer {
    let next = own(&query.next);
    if recent::lasts(who.session(), who.now) {
        return Ok(see_other(next));
    }
    Page(StepUpView::new(who.shell(Nav::None), next, query.lost.is_some(), None)).ok()
}

/// `POST /step-up`: the session gets a new key.
pub(super) async fn submit(who: SignedIn, cx: Data<Context>, Form(fields): Form<Fields>) -> Answer {
    let (next, lost) = (own(&fields.next), fields.lost.is_some());
    if !step_up::with_password(&cx, who.now, &who.actor(), &who.user, Password::new(fields.password)).await? {
        let problem = Words::of(who.lang).step_up.wrong;
        return Page(StepUpView::new(who.shell(Nav::None), next, lost, Some(problem))).unprocessable();
    }
    session::step_up(who.session(), who.now)?;
    if lost {
        who.flash(FlashKind::Note, LOST)?;
    }
    Ok(see_other(next))
}

fn own(next: &str) -> &str {
    if is_own_path(next) { next } else { "/" }
}

const LOST: Text = Text::new(Words::ZH.step_up.lost, Words::EN.step_up.lost);
