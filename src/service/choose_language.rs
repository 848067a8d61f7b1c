//! Remembers the language a user has chosen.

use crate::domain::ids::UserId;
use crate::domain::text::Lang;
use crate::store::app_user;

use super::{Context, IdentityError};

/// # Errors
/// `Store`.
pub async fn run(cx: &Context, user: &UserId, lang: Lang) -> Result<(), IdentityError> {
    let mut tx = cx.store.write().await?;
    app_user::put_language(&mut tx, user, lang).await?;
    tx.commit().await?;
    Ok(())
}
