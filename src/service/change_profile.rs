//! A person changes their own name and language.

use crate::clock::Timestamp;
use crate::domain::audit::{Action, Actor, Detail, Entry, Said, Subject};
use crate::domain::text::Lang;
use crate::domain::user::User;
use crate::store::{app_user, audit};

use super::{Context, IdentityError};

/// `name`: see `domain::user::parse_name`.
///
/// # Errors
/// `Store`.
pub async fn run(
    cx: &Context,
    (now, by): (Timestamp, &Actor),
    user: &User,
    (name, lang): (&str, Option<Lang>),
) -> Result<(), IdentityError> {
    let mut tx = cx.store.write().await?;
    app_user::put_name(&mut tx, &user.id, name).await?;
    if let Some(lang) = lang {
        app_user::put_language(&mut tx, &user.id, lang).await?;
    }
    let detail = Detail::none().change("name", Said(&user.name), Said(name));
    let entry = Entry::platform(Action::ProfileChanged, Subject::user(user)).with(detail);
    audit::append(&mut tx, now, by, &entry).await?;
    tx.commit().await?;
    Ok(())
}
