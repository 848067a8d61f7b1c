//! Ends sessions of a user: one, or all but one, or all.

use crate::clock::Timestamp;
use crate::domain::audit::{Action, Actor, Entry, Subject};
use crate::domain::ids::UserId;
use crate::store::{audit, session};

use super::{Context, IdentityError};

/// Which sessions end.
#[derive(Clone, Copy, Debug)]
pub enum Which<'a> {
    One(&'a str),
    AllBut(&'a str),
    All,
}

/// # Errors
/// `NotFound` when the one is not there, `Store`.
pub async fn run(
    cx: &Context,
    (now, by): (Timestamp, &Actor),
    user: &UserId,
    which: Which<'_>,
) -> Result<(), IdentityError> {
    let mut tx = cx.store.write().await?;
    match which {
        Which::One(name) => {
            if !session::forget_one(&mut tx, user, name).await? {
                return Err(IdentityError::NotFound);
            }
        }
        Which::AllBut(name) => {
            session::forget_others(&mut tx, user, name).await?;
        }
        Which::All => session::forget_of_user(&mut tx, user).await?,
    }
    audit::append(&mut tx, now, by, &Entry::platform(Action::SessionsEnded, Subject::user_id(user))).await?;
    tx.commit().await?;
    Ok(())
}
