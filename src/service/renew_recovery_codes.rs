//! Ten new recovery codes; earlier ones end. They are shown this once, the database keeps their hashes.

use crate::clock::Timestamp;
use crate::domain::audit::{Action, Actor, Entry, Subject};
use crate::domain::ids::UserId;
use crate::domain::second_factor::RECOVERY_CODES;
use crate::domain::user::User;
use crate::secret::{Password, RecoveryCode, Secret};
use crate::store::{Writer, audit, recovery_code, second_factor};

use super::password;
use super::{Context, IdentityError};

/// # Errors
/// `NotFound` when the user has no second factor, `Store`, `Hashing`.
pub async fn run(
    cx: &Context,
    now: Timestamp,
    by: &Actor,
    user: &User,
) -> Result<Vec<RecoveryCode>, IdentityError> {
    let new = NewCodes::make(cx).await?;
    let mut tx = cx.store.write().await?;
    if !second_factor::of_user(&mut tx, &user.id).await?.any() {
        return Err(IdentityError::NotFound);
    }
    recovery_code::replace(&mut tx, &user.id, &new.hashes, now).await?;
    let entry = Entry::platform(Action::RecoveryCodesRenewed, Subject::user(user));
    audit::append(&mut tx, now, by, &entry).await?;
    tx.commit().await?;
    Ok(new.codes)
}

/// Codes with their hashes, made before the transaction because hashing takes its time.
pub(super) struct NewCodes {
    codes: Vec<RecoveryCode>,
    hashes: Vec<String>,
}

impl NewCodes {
    pub(super) async fn make(cx: &Context) -> Result<Self, IdentityError> {
        let codes: Vec<_> =
            (0..RECOVERY_CODES).map(|slot| RecoveryCode::make(slot, &cx.random.bytes())).collect();
        let mut hashes = Vec::with_capacity(codes.len());
        for code in &codes {
            hashes.push(password::hash(&cx.random, Password::new(code.expose())).await?);
        }
        Ok(Self { codes, hashes })
    }

    /// Puts them for a user who has none left; `None` when there are some.
    pub(super) async fn put_first(
        self,
        tx: &mut Writer,
        user: &UserId,
        now: Timestamp,
    ) -> Result<Option<Vec<RecoveryCode>>, IdentityError> {
        if second_factor::of_user(tx, user).await?.codes_left > 0 {
            return Ok(None);
        }
        recovery_code::replace(tx, user, &self.hashes, now).await?;
        Ok(Some(self.codes))
    }
}
