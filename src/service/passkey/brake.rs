//! Wrong answers of passkeys are counted before they are looked at, and tell of themselves.

use std::time::Duration;

use crate::clock::Timestamp;
use crate::domain::audit::{Action, Actor, Detail, Entry, Subject};
use crate::domain::second_factor::Purpose;
use crate::domain::user::User;
use crate::service::throttle::{self, Try};
use crate::service::{Context, prove_identity};
use crate::store::{StoreError, Writer, audit, proof_try};

/// What counts wrong answers.
pub(super) enum Brake {
    /// Of somebody who is known already: with the codes they enter.
    Proof(User, Purpose, Try),
    /// With the passwords of the account whose passkey is named, or only at the address.
    Try(Option<User>, Try),
}

impl Brake {
    pub(super) fn of(
        (expected, purpose): (Option<&User>, Purpose),
        named: Option<&User>,
        by: &Actor,
    ) -> Self {
        match (expected, named) {
            (Some(user), _) => Self::Proof(user.clone(), purpose, at(user, by)),
            (None, Some(user)) => Self::Try(Some(user.clone()), at(user, by)),
            (None, None) => Self::Try(None, Try::at_nobody(by.address)),
        }
    }

    /// Counts the answer as a wrong one, or says how long to wait.
    pub(super) async fn hold(&self, cx: &Context, now: Timestamp) -> Result<Option<Duration>, StoreError> {
        match self {
            Self::Proof(user, purpose, attempt) => {
                let mut tx = cx.store.write().await?;
                let bucket = prove_identity::bucket(&mut tx, now, attempt, *purpose).await?;
                let until = proof_try::count(&mut tx, &user.id, &bucket, now).await?;
                tx.commit().await?;
                Ok(until.map(|until| now.until(until)))
            }
            Self::Try(_, attempt) => Ok(throttle::admit(cx, now, attempt).await?.err()),
        }
    }

    /// It was right after all.
    pub(super) async fn let_go(&self, tx: &mut Writer, now: Timestamp) -> Result<(), StoreError> {
        match self {
            Self::Proof(user, purpose, attempt) => {
                let bucket = prove_identity::bucket(tx, now, attempt, *purpose).await?;
                proof_try::forget(tx, &user.id, &bucket).await
            }
            Self::Try(_, attempt) => throttle::refund(tx, now, attempt).await,
        }
    }

    /// The one record of a wrong answer.
    pub(super) async fn tell(
        &self,
        tx: &mut Writer,
        (now, by): (Timestamp, &Actor),
        purpose: Purpose,
    ) -> Result<(), StoreError> {
        match self {
            Self::Proof(user, ..) => {
                prove_identity::tell(tx, (now, by), (user, purpose), ("passkey", false)).await
            }
            Self::Try(named, _) => {
                let subject = named.as_ref().map_or_else(Subject::platform, Subject::user);
                let entry = Entry::platform(Action::SignInFailed, subject);
                audit::append(tx, now, by, &entry.with(Detail::none().fact("with", "passkey"))).await
            }
        }
    }
}

fn at(user: &User, by: &Actor) -> Try {
    Try::of(user.email.as_str(), by.address)
}
