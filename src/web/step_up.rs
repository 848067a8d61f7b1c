//! `/step-up`: somebody who is signed in shows once more who they are, before something grave.

use actix_web::web::{Data, Query};
use serde::Deserialize;

use crate::domain::second_factor::{Purpose, Typed};
use crate::domain::text::Text;
use crate::secret::{Password, Secret};
use crate::service::prove_identity::{self, Proof, Shown};
use crate::service::{Context, see_second_factors};

use super::form::Form;
use super::page::{Answer, Page, see_other};
use super::request::is_own_path;
use super::shell::{FlashKind, Nav};
use super::viewer::SignedIn;
use super::words::{Words, fill};
use super::{recent, second, session};

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
    code: String,
    #[serde(default)]
    next: String,
    lost: Option<String>,
}

/// `GET /step-up?next=…`. Who has just shown it goes straight on.
pub(super) async fn form(who: SignedIn, cx: Data<Context>, query: Query<Asked>) -> Answer {
    let next = own(&query.next);
    if recent::lasts(who.session(), who.now) {
        return Ok(see_other(next));
    }
    let factors = see_second_factors::run(&cx, &who.user.id).await?;
    Page(StepUpView::new(who.shell(Nav::None), &factors, (next, query.lost.is_some()), None)).ok()
}

/// `POST /step-up`: the session gets a new key. Who has a second factor shows that one; the password alone may be what
/// was stolen.
pub(super) async fn submit(who: SignedIn, cx: Data<Context>, Form(fields): Form<Fields>) -> Answer {
    let (next, lost) = (own(&fields.next), fields.lost.is_some());
    let factors = see_second_factors::run(&cx, &who.user.id).await?;
    let w = Words::of(who.lang);
    let (shown, wrong) = if factors.any() {
        (Shown::Factor(Typed::parse(&fields.code)), w.security.second_wrong)
    } else {
        (Shown::Password(Password::new(fields.password)), w.step_up.wrong)
    };
    let asked = (&who.user, Purpose::StepUp, shown);
    let problem = match prove_identity::run(&cx, who.now, &who.actor(), asked).await? {
        Proof::Right => {
            session::step_up(who.session(), who.now)?;
            if lost {
                who.flash(FlashKind::Note, LOST)?;
            }
            return Ok(see_other(next));
        }
        Proof::Wrong => wrong.to_owned(),
        Proof::Wait(until) => fill(w.security.second_wait, &[&second::minutes(who.now, until)]),
    };
    Page(StepUpView::new(who.shell(Nav::None), &factors, (next, lost), Some(problem))).unprocessable()
}

fn own(next: &str) -> &str {
    if is_own_path(next) { next } else { "/" }
}

const LOST: Text = Text::new(Words::ZH.step_up.lost, Words::EN.step_up.lost);
