//! Remembers the language a user has chosen.

use crate::clock::Timestamp;
use crate::domain::audit::{Action, Actor, Detail, Entry, Subject};
use crate::domain::text::Lang;
use crate::domain::user::User;
use crate::store::{app_user, audit};

use super::{Context, IdentityError};

/// # Errors
/// `Store`.
pub async fn run(
    cx: &Context,
    now: Timestamp,
    by: &Actor,
    user: &User,
    lang: Lang,
) -> Result<(), IdentityError> {
    let mut tx = cx.store.write().await?;
    app_user::put_language(&mut tx, &user.id, lang).await?;
    let entry = Entry::platform(Action::LanguageChosen, Subject::user(user));
    let detail = Detail::none().change("language", user.language, lang);
    audit::append(&mut tx, now, by, &entry.with(detail)).await?;
    tx.commit().await?;
    Ok(())
}
