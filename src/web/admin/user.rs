//! `/admin/users/{user}`: where somebody is signed in, a link for who has forgotten the password and gets no letters,
//! and another address for who cannot prove one.

use actix_web::web::{Data, Path};
use serde::Deserialize;

use crate::domain::ids::UserId;
use crate::domain::text::Text;
use crate::domain::user::{Email, User};
use crate::service::end_sessions::{self, Which};
use crate::service::{Context, IdentityError, change_email, password_reset};
use crate::store::{app_user, session};
use crate::web::error::WebError;
use crate::web::form::{Form, Nothing};
use crate::web::page::{Answer, Page, see_other};
use crate::web::recent::Recent;
use crate::web::shell::{FlashKind, Nav};
use crate::web::viewer::{Admin, Platform, PlatformReader, ReadOnly};
use crate::web::words::Words;

pub mod view;

use view::{Shown, UserView};

#[derive(Deserialize)]
pub(in crate::web) struct Named {
    /// Blank: every session.
    #[serde(default)]
    session: String,
}

#[derive(Deserialize)]
pub(in crate::web) struct Address {
    #[serde(default)]
    email: String,
}

/// `GET /admin/users/{user}`.
pub(in crate::web) async fn show(admin: PlatformReader, db: Data<ReadOnly>, path: Path<String>) -> Answer {
    page(&admin, &db, &path, Shown::default()).await?.ok()
}

/// `POST /admin/users/{user}/reset`: the link is shown in the answer, and nothing keeps it.
pub(in crate::web) async fn reset(
    admin: Admin,
    _: Recent,
    cx: Data<Context>,
    db: Data<ReadOnly>,
    path: Path<String>,
    _: Form<Nothing>,
) -> Answer {
    let user = find(&admin, &db, &path).await?;
    let link = password_reset::offer(&cx, (admin.now, &admin.actor()), &user.id).await?;
    page(&admin, &db, &path, Shown { link: Some(link), ..Shown::default() }).await?.ok()
}

/// `POST /admin/users/{user}/email`.
pub(in crate::web) async fn put_email(
    admin: Admin,
    _: Recent,
    cx: Data<Context>,
    db: Data<ReadOnly>,
    path: Path<String>,
    Form(address): Form<Address>,
) -> Answer {
    let user = find(&admin, &db, &path).await?;
    let bad_email = match Email::parse(&address.email) {
        Err(_) => Words::of(admin.lang).people.bad_email,
        Ok(new) => match change_email::put(&cx, (admin.now, &admin.actor()), &user.id, &new).await {
            Ok(()) if user.id == admin.user.id => return Ok(see_other("/sign-in")),
            Ok(()) => {
                admin.flash(FlashKind::Good, MOVED)?;
                return Ok(see_other(&format!("/admin/users/{}", user.id)));
            }
            Err(error @ IdentityError::Taken(_)) => error.sentence().get(admin.lang),
            Err(error) => return Err(error.into()),
        },
    };
    let shown = Shown { new_email: address.email, bad_email, ..Shown::default() };
    page(&admin, &db, &path, shown).await?.unprocessable()
}

/// `POST /admin/users/{user}/sessions/end`.
pub(in crate::web) async fn end(
    admin: Admin,
    cx: Data<Context>,
    db: Data<ReadOnly>,
    path: Path<String>,
    Form(named): Form<Named>,
) -> Answer {
    let user = find(&admin, &db, &path).await?;
    let which = if named.session.is_empty() { Which::All } else { Which::One(&named.session) };
    end_sessions::run(&cx, (admin.now, &admin.actor()), &user.id, which).await?;
    if user.id == admin.user.id {
        return Ok(see_other("/sign-in"));
    }
    admin.flash(FlashKind::Good, ENDED)?;
    Ok(see_other(&format!("/admin/users/{}", user.id)))
}

async fn find(admin: &impl Platform, db: &ReadOnly, id: &str) -> Result<User, WebError> {
    let id = UserId::parse(id).map_err(|_| WebError::NotFound)?;
    app_user::find(&mut admin.read(db).await?, &id).await?.ok_or(WebError::NotFound)
}

async fn page(
    admin: &impl Platform,
    db: &ReadOnly,
    id: &str,
    shown: Shown,
) -> Result<Page<UserView>, WebError> {
    let user = find(admin, db, id).await?;
    let found = session::list_of_user(&mut admin.read(db).await?, &user.id, admin.now).await?;
    Ok(Page(UserView::new(admin.shell(Nav::AdminUsers), admin.now, (&user, &found), shown)))
}

const MOVED: Text = Text::new(Words::ZH.people.email_moved, Words::EN.people.email_moved);
const ENDED: Text = Text::new(Words::ZH.people.ended, Words::EN.people.ended);
