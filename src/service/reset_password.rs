//! Gives a user another password and ends every session of theirs.

use crate::clock::Timestamp;
use crate::domain::audit::{Action, Actor, Detail, Entry, Subject};
use crate::domain::ids::UserId;
use crate::secret::Password;
use crate::store::{app_user, audit, proof_try, session};

use super::{Context, IdentityError, password, password_rules};

/// # Errors
/// `NotFound`, `Password`, `Hashing`, `Store`.
pub async fn run(
    cx: &Context,
    now: Timestamp,
    by: &Actor,
    id: &UserId,
    new: Password,
) -> Result<(), IdentityError> {
    let user = app_user::find(&mut cx.store.read().await?, id).await?.ok_or(IdentityError::NotFound)?;
    password_rules::check(&new, &[user.email.as_str(), &user.name])?;
    let hash = password::hash(&cx.random, new).await?;
    let mut tx = cx.store.write().await?;
    let user = app_user::find(&mut tx, id).await?.ok_or(IdentityError::NotFound)?;
    app_user::put_password_hash(&mut tx, id, &hash).await?;
    session::forget_of_user(&mut tx, id).await?;
    proof_try::forget_sign_in(&mut tx, id).await?;
    let entry = Entry::platform(Action::PasswordReset, Subject::user(&user));
    audit::append(&mut tx, now, by, &entry.with(Detail::none().replaced("password"))).await?;
    tx.commit().await?;
    Ok(())
}
