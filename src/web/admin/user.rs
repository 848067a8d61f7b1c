//! `/admin/users/{user}`: where somebody is signed in, and a link for who has forgotten the password and gets no letters.

use actix_web::web::{Data, Path};
use serde::Deserialize;

use crate::domain::ids::UserId;
use crate::domain::text::Text;
use crate::domain::user::User;
use crate::service::end_sessions::{self, Which};
use crate::service::{Context, password_reset};
use crate::store::{app_user, session};
use crate::web::error::WebError;
use crate::web::form::{Form, Nothing};
use crate::web::page::{Answer, Page, see_other};
use crate::web::recent::Recent;
use crate::web::shell::{FlashKind, Nav};
use crate::web::viewer::{Admin, Platform, PlatformReader, ReadOnly};
use crate::web::words::Words;

pub mod view;

use view::UserView;

#[derive(Deserialize)]
pub(in crate::web) struct Named {
    /// Blank: every session.
    #[serde(default)]
    session: String,
}

/// `GET /admin/users/{user}`.
pub(in crate::web) async fn show(admin: PlatformReader, db: Data<ReadOnly>, path: Path<String>) -> Answer {
    page(&admin, &db, &path, None).await?.ok()
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
    page(&admin, &db, &path, Some(link)).await?.ok()
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
    link: Option<String>,
) -> Result<Page<UserView>, WebError> {
    let user = find(admin, db, id).await?;
    let found = session::list_of_user(&mut admin.read(db).await?, &user.id, admin.now).await?;
    Ok(Page(UserView::new(admin.shell(Nav::AdminUsers), admin.now, (&user, &found), link)))
}

const ENDED: Text = Text::new(Words::ZH.people.ended, Words::EN.people.ended);
