//! `/account/email`: another e-mail address of one's own. Looking at the link changes nothing, as machines that read mail
//! open links too: the button does.

use actix_web::http::StatusCode;
use actix_web::web::{Data, Path};
use serde::Deserialize;

use crate::domain::text::Text;
use crate::domain::user::Email;
use crate::service::change_email::{self, Asked};
use crate::service::{Context, IdentityError};
use crate::web::client::Client;
use crate::web::flash;
use crate::web::form::{Form, Nothing};
use crate::web::page::{Answer, Page, see_other};
use crate::web::password::wait_sentence;
use crate::web::recent::Recent;
use crate::web::set_up::without_referrer;
use crate::web::shell::{FlashKind, Nav};
use crate::web::viewer::{ReadOnly, SignedIn};
use crate::web::words::{Words, fill};

use super::page;
use super::view::{ConfirmView, ProfileForm};

#[derive(Deserialize)]
pub(in crate::web) struct Wanted {
    #[serde(default)]
    email: String,
}

/// `POST /account/email`. The answer is the same whether the address is somebody's or nobody's.
pub(in crate::web) async fn ask(
    who: SignedIn,
    _: Recent,
    cx: Data<Context>,
    db: Data<ReadOnly>,
    client: Client,
    Form(wanted): Form<Wanted>,
) -> Answer {
    let w = &Words::of(who.lang).people;
    let problem = match Email::parse(&wanted.email) {
        Err(_) => w.bad_email.to_owned(),
        Ok(new) => {
            let whose = (&who.user, who.lang);
            match change_email::ask(&cx, (who.now, &who.actor()), whose, &new, client.from).await? {
                Asked::Sent => {
                    let text = fill(w.email_change_sent, &[new.as_str()]);
                    flash::leave(who.session(), FlashKind::Note, &text)?;
                    return Ok(see_other("/account"));
                }
                Asked::Same => w.email_change_same.to_owned(),
                Asked::Wait(wait) => wait_sentence(wait, who.lang),
                Asked::NoMail => w.email_change_by_admin.to_owned(),
            }
        }
    };
    let form = ProfileForm { new_email: wanted.email, bad_email: problem, ..ProfileForm::of(&who.user) };
    page(&who, (&cx, &db), form).await?.unprocessable()
}

/// `POST /account/email/revoke`.
pub(in crate::web) async fn revoke(who: SignedIn, cx: Data<Context>, _: Form<Nothing>) -> Answer {
    change_email::revoke(&cx, (who.now, &who.actor()), &who.user).await?;
    who.flash(FlashKind::Good, REVOKED)?;
    Ok(see_other("/account"))
}

/// `GET /account/email/{token}`.
pub(in crate::web) async fn show(who: SignedIn, cx: Data<Context>, token: Path<String>) -> Answer {
    let answer = match change_email::open(&cx, who.now, &who.user, &token).await {
        Ok(new) => Page(ConfirmView::new(who.shell(Nav::None), &token, (&who.user, &new))).ok(),
        Err(IdentityError::LinkClosed) => closed(&who),
        Err(error) => Err(error.into()),
    };
    without_referrer(answer)
}

/// `POST /account/email/{token}`.
pub(in crate::web) async fn confirm(
    who: SignedIn,
    cx: Data<Context>,
    token: Path<String>,
    _: Form<Nothing>,
) -> Answer {
    let whose = (&who.user, who.session_hash.as_str());
    let text = match change_email::confirm(&cx, (who.now, &who.actor()), whose, &token).await {
        Ok(_) => (FlashKind::Good, CHANGED),
        Err(IdentityError::Taken(_)) => (FlashKind::Bad, TAKEN),
        Err(IdentityError::LinkClosed) => return without_referrer(closed(&who)),
        Err(error) => return Err(error.into()),
    };
    who.flash(text.0, text.1)?;
    Ok(see_other("/account"))
}

fn closed(who: &SignedIn) -> Answer {
    Page(ConfirmView::closed(who.shell(Nav::None))).status(StatusCode::NOT_FOUND)
}

const REVOKED: Text = Text::new(Words::ZH.people.email_change_revoked, Words::EN.people.email_change_revoked);
const CHANGED: Text = Text::new(Words::ZH.people.email_changed, Words::EN.people.email_changed);
const TAKEN: Text = Text::new(Words::ZH.people.email_taken, Words::EN.people.email_taken);
