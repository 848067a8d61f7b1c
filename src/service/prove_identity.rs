//! Somebody shows a second factor, or the password once more. Wrong ones are counted for each user and purpose: after a
//! few one has to wait, ever longer. Where a user is known, only what is wrong there counts: whoever has the password
//! cannot keep its owner from signing in.

use crate::clock::Timestamp;
use crate::domain::audit::{Action, Actor, Detail, Entry, Subject};
use crate::domain::ids::UserId;
use crate::domain::second_factor::{Purpose, Typed};
use crate::domain::user::User;
use crate::secret::{Password, RecoveryCode, Secret};
use crate::store::proof_try::{self, Bucket};
use crate::store::{Reader, StoreError, Writer, app_user, audit, recovery_code, session_epoch, totp};

use super::authenticator_app::step_of;
use super::throttle::{self, Try};
use super::{Context, IdentityError, password, sign_in};

/// How it went.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Proof {
    Right,
    Wrong,
    /// It was not looked at: too many wrong ones before.
    Wait(Timestamp),
}

/// What is shown.
#[derive(Clone, Debug)]
pub enum Shown {
    /// Counts only for who has no second factor; the caller sees to that.
    Password(Password),
    Factor(Typed),
}

impl Shown {
    /// For the audit.
    const fn word(&self) -> &'static str {
        match self {
            Self::Password(_) => "password",
            Self::Factor(Typed::App(_)) => "app",
            Self::Factor(Typed::Recovery(_)) => "recovery_code",
            Self::Factor(Typed::Nonsense) => "nonsense",
        }
    }
}

/// # Errors
/// `Store`, `Hashing`.
pub async fn run(
    cx: &Context,
    now: Timestamp,
    by: &Actor,
    (user, purpose, shown): (&User, Purpose, Shown),
) -> Result<Proof, IdentityError> {
    let mut tx = cx.store.write().await?;
    let attempt = Try::of(user.email.as_str(), by.address);
    let bucket = bucket(&mut tx, now, &attempt, purpose).await?;
    let wait = proof_try::count(&mut tx, &user.id, &bucket, now).await?;
    tx.commit().await?;
    if let Some(until) = wait {
        return Ok(Proof::Wait(until));
    }
    let with = shown.word();
    let claim = match shown {
        Shown::Password(password) => is_password(cx, user, password).await?.then_some(Claim::Nothing),
        Shown::Factor(Typed::App(code)) => app_step(cx, now, &user.id, &code).await?.map(Claim::Step),
        Shown::Factor(Typed::Recovery(code)) => recovery_hash(cx, &user.id, code).await?,
        Shown::Factor(Typed::Nonsense) => None,
    };
    let mut tx = cx.store.write().await?;
    let right = match claim {
        Some(claim) => {
            session_epoch::hold(&mut tx, &user.id).await?.is_some()
                && use_up(&mut tx, now, &user.id, &claim).await?
        }
        None => false,
    };
    if right {
        proof_try::forget(&mut tx, &user.id, &bucket).await?;
    }
    tell(&mut tx, (now, by), (user, purpose), (with, right)).await?;
    tx.commit().await?;
    Ok(if right { Proof::Right } else { Proof::Wrong })
}

/// What a try is counted together with.
pub(super) async fn bucket(
    tx: &mut Reader,
    now: Timestamp,
    attempt: &Try,
    purpose: Purpose,
) -> Result<Bucket, StoreError> {
    let place = match purpose {
        Purpose::SignIn => throttle::known_place(tx, now, attempt).await?,
        // Who steps up is signed in: a stranger is not in the way.
        Purpose::StepUp => None,
    };
    Ok(place.map_or_else(|| Bucket::anywhere(purpose), |place| Bucket::at(purpose, place)))
}

/// The one record of it. Who fails the second step of signing in has shown no more than a password.
pub(super) async fn tell(
    tx: &mut Writer,
    (now, by): (Timestamp, &Actor),
    (user, purpose): (&User, Purpose),
    (with, right): (&'static str, bool),
) -> Result<(), StoreError> {
    let detail = Detail::none().fact("with", with);
    let action = match (purpose, right) {
        (Purpose::SignIn, true) => return sign_in::complete(tx, now, by, (user, detail)).await,
        (Purpose::SignIn, false) => Action::SecondStepFailed,
        (Purpose::StepUp, true) => Action::SteppedUp,
        (Purpose::StepUp, false) => Action::StepUpFailed,
    };
    audit::append(tx, now, by, &Entry::platform(action, Subject::user(user)).with(detail)).await
}

/// What is used up by a right proof.
enum Claim {
    Nothing,
    Step(i64),
    Code { slot: i64, hash: String },
}

/// `false` when somebody else, or another process, has used it up in between.
async fn use_up(tx: &mut Writer, now: Timestamp, user: &UserId, claim: &Claim) -> Result<bool, StoreError> {
    match claim {
        Claim::Nothing => Ok(true),
        Claim::Step(step) => totp::claim_step(tx, user, *step).await,
        Claim::Code { slot, hash } => recovery_code::claim(tx, user, *slot, hash, now).await,
    }
}

async fn is_password(cx: &Context, user: &User, password: Password) -> Result<bool, IdentityError> {
    let known = app_user::find_by_email(&mut cx.store.read().await?, &user.email).await?;
    let known = known.filter(|(known, _)| known.id == user.id && known.disabled_at.is_none());
    Ok(password::verify(password::bounded(password), known.map(|(_, hash)| hash)).await?)
}

async fn app_step(
    cx: &Context,
    now: Timestamp,
    user: &UserId,
    code: &str,
) -> Result<Option<i64>, StoreError> {
    let app = totp::find(&mut cx.store.read().await?, &cx.vault, user).await?;
    let app = app.filter(|app| app.confirmed_at.is_some());
    Ok(app.and_then(|app| step_of(&app.secret, code, now).filter(|step| *step > app.last_step)))
}

/// A slot without a code takes the same time.
async fn recovery_hash(
    cx: &Context,
    user: &UserId,
    code: RecoveryCode,
) -> Result<Option<Claim>, IdentityError> {
    let slot = code.slot();
    let hash = recovery_code::find(&mut cx.store.read().await?, user, slot).await?;
    let right = password::verify(Password::new(code.expose()), hash.clone()).await?;
    Ok(hash.filter(|_| right).map(|hash| Claim::Code { slot, hash }))
}
