//! `/account` and `/account/sessions`: one's own name, language, time zone, password, and where one is signed in.

use actix_web::web::Data;
use serde::Deserialize;

use crate::domain::person_link::LinkKind;
use crate::domain::text::{Lang, Text};
use crate::domain::user::parse_name;
use crate::domain::zone::{BadZone, Zone};
use crate::secret::{Password, Secret};
use crate::service::change_password::{self, Outcome};
use crate::service::end_sessions::{self, Which};
use crate::service::{Context, IdentityError, change_profile};
use crate::store::{person_link, session as rows};

use super::client::Client;
use super::error::WebError;
use super::form::{Form, Nothing};
use super::language;
use super::page::{Answer, Page, see_other};
use super::password::wait_sentence;
use super::shell::{FlashKind, Nav};
use super::viewer::{ReadOnly, SignedIn};
use super::words::Words;

pub mod device;
pub(super) mod email;
pub mod view;

use view::{Found, ProfileForm, ProfileView, SessionsView};

#[derive(Deserialize)]
pub(super) struct Profile {
    #[serde(default)]
    name: String,
    #[serde(default)]
    language: String,
    #[serde(default)]
    zone: String,
}

#[derive(Deserialize)]
pub(super) struct Passwords {
    #[serde(default)]
    present: String,
    #[serde(default)]
    password: String,
}

#[derive(Deserialize)]
pub(super) struct Named {
    #[serde(default)]
    session: String,
}

/// `GET /account`.
pub(super) async fn show(who: SignedIn, cx: Data<Context>, db: Data<ReadOnly>) -> Answer {
    page(&who, (&cx, &db), ProfileForm::of(&who.user)).await?.ok()
}

/// `POST /account`.
pub(super) async fn save(
    who: SignedIn,
    cx: Data<Context>,
    db: Data<ReadOnly>,
    Form(entered): Form<Profile>,
) -> Answer {
    let w = &Words::of(who.lang).people;
    let (Ok(name), Ok(zone)) = (parse_name(&entered.name), parse_zone(&entered.zone)) else {
        let bad_name = parse_name(&entered.name).map_or(w.bad_name, |_| "");
        let bad_zone = parse_zone(&entered.zone).map_or(w.bad_zone, |_| "");
        let form = ProfileForm { name: entered.name, bad_name, bad_zone, ..ProfileForm::of(&who.user) };
        return page(&who, (&cx, &db), form).await?.unprocessable();
    };
    let lang = Lang::from_code(&entered.language);
    let profile = change_profile::Profile { name: &name, lang, zone };
    change_profile::run(&cx, (who.now, &who.actor()), &who.user, profile).await?;
    who.flash(FlashKind::Good, SAVED)?;
    // The cookie of a language chosen by hand goes before the user's own.
    Ok(see_other(&language::to(lang.unwrap_or(who.lang), "/account")))
}

/// `POST /account/password`.
pub(super) async fn password(
    who: SignedIn,
    cx: Data<Context>,
    db: Data<ReadOnly>,
    client: Client,
    Form(entered): Form<Passwords>,
) -> Answer {
    let w = &Words::of(who.lang).people;
    let form = ProfileForm::of(&who.user);
    let pair = (Password::new(entered.present), Password::new(entered.password));
    let whose = (&who.user, who.session_hash.as_str());
    let wrong = match change_password::run(&cx, (who.now, &who.actor()), whose, pair, client.from).await {
        Ok(Outcome::Changed) => {
            who.flash(FlashKind::Good, CHANGED)?;
            return Ok(see_other("/account"));
        }
        Ok(Outcome::WrongPassword) => ProfileForm { bad_present: w.wrong_password.to_owned(), ..form },
        Ok(Outcome::Wait(wait)) => ProfileForm { bad_present: wait_sentence(wait, who.lang), ..form },
        Err(error @ IdentityError::Password(_)) => {
            ProfileForm { bad_password: error.sentence().get(who.lang), ..form }
        }
        Err(error) => return Err(error.into()),
    };
    page(&who, (&cx, &db), wrong).await?.unprocessable()
}

/// `GET /account/sessions`.
pub(super) async fn sessions(who: SignedIn, db: Data<ReadOnly>) -> Answer {
    let found = rows::list_of_user(&mut who.read_own(&db).await?, &who.user.id, who.now).await?;
    Page(SessionsView::new(who.shell(Nav::None), who.now, &found, &who.session_hash)).ok()
}

/// `POST /account/sessions/end`.
pub(super) async fn end(who: SignedIn, cx: Data<Context>, Form(named): Form<Named>) -> Answer {
    end_sessions::run(&cx, (who.now, &who.actor()), &who.user.id, Which::One(&named.session)).await?;
    if named.session == who.session_hash {
        return Ok(see_other("/sign-in"));
    }
    who.flash(FlashKind::Good, ENDED)?;
    Ok(see_other("/account/sessions"))
}

/// `POST /account/sessions/end-others`.
pub(super) async fn end_others(who: SignedIn, cx: Data<Context>, _: Form<Nothing>) -> Answer {
    end_sessions::run(&cx, (who.now, &who.actor()), &who.user.id, Which::AllBut(&who.session_hash)).await?;
    who.flash(FlashKind::Good, ENDED)?;
    Ok(see_other("/account/sessions"))
}

/// A form without the field changes nothing.
fn parse_zone(text: &str) -> Result<Option<Zone>, BadZone> {
    if text.is_empty() { Ok(None) } else { Zone::parse(text).map(Some) }
}

async fn page(
    who: &SignedIn,
    (cx, db): (&Context, &ReadOnly),
    form: ProfileForm,
) -> Result<Page<ProfileView>, WebError> {
    let kind = LinkKind::NewEmail;
    let mut tx = who.read_own(db).await?;
    let pending = person_link::find_of_user(&mut tx, kind, &who.user.id, who.now).await?;
    let found = Found { mails: cx.settings.mail.is_some(), pending };
    Ok(Page(ProfileView::new(who.shell(Nav::None), who.now, (&who.user, found), form)))
}

const SAVED: Text = Text::new(Words::ZH.people.saved, Words::EN.people.saved);
const CHANGED: Text = Text::new(Words::ZH.people.password_changed, Words::EN.people.password_changed);
const ENDED: Text = Text::new(Words::ZH.people.ended, Words::EN.people.ended);
