//! A person changes their own name, language and time zone.

use crate::clock::Timestamp;
use crate::domain::audit::{Action, Actor, Detail, Entry, Said, Subject};
use crate::domain::text::Lang;
use crate::domain::user::User;
use crate::domain::zone::Zone;
use crate::store::{app_user, audit};

use super::{Context, IdentityError};

/// What a person says of themselves.
#[derive(Clone, Copy, Debug)]
pub struct Profile<'a> {
    /// See `domain::user::parse_name`.
    pub name: &'a str,
    pub lang: Option<Lang>,
    pub zone: Option<Zone>,
}

/// What is not said stays as it is.
///
/// # Errors
/// `Store`.
pub async fn run(
    cx: &Context,
    (now, by): (Timestamp, &Actor),
    user: &User,
    Profile { name, lang, zone }: Profile<'_>,
) -> Result<(), IdentityError> {
    let mut tx = cx.store.write().await?;
    app_user::put_name(&mut tx, &user.id, name).await?;
    if let Some(lang) = lang {
        app_user::put_language(&mut tx, &user.id, lang).await?;
    }
    let mut detail = Detail::none().change("name", Said(&user.name), Said(name));
    if let Some(zone) = zone {
        app_user::put_zone(&mut tx, &user.id, zone).await?;
        detail = detail.change("time_zone", user.zone.map(Zone::name), zone.name());
    }
    let entry = Entry::platform(Action::ProfileChanged, Subject::user(user)).with(detail);
    audit::append(&mut tx, now, by, &entry).await?;
    tx.commit().await?;
    Ok(())
}
