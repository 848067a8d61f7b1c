//! Another password for somebody who has forgotten theirs: asked for, written to, chosen. Nothing an outsider sees tells
//! whether an address is known: every request becomes the same row, and a job makes letters of those that are.

use std::net::IpAddr;
use std::time::Duration;

use crate::clock::Timestamp;
use crate::domain::audit::{Action, Actor, Entry, Subject};
use crate::domain::ids::UserId;
use crate::domain::letter::LetterKind;
use crate::domain::person_link::{LinkKind, PersonLink};
use crate::domain::text::Lang;
use crate::domain::user::{Email, User};
use crate::secret::{OneTimeToken, Password, Secret, fingerprint};
use crate::store::{StoreError, Writer, app_user, audit, person_link, proof_try, reset_request, session};

use super::letter::{self, Draft};
use super::letter_texts;
use super::throttle::{self, Try};
use super::{Context, IdentityError, password, password_rules};

const LIFE: Duration = Duration::from_secs(3600);
const AT_ONCE: i64 = 50;

/// Notes that somebody asks. `Err`: from this address there were too many; so long to wait.
///
/// # Errors
/// When the database does not answer.
pub async fn ask(
    cx: &Context,
    now: Timestamp,
    (email, lang): (&Email, Lang),
    from: Option<IpAddr>,
) -> Result<Result<(), Duration>, StoreError> {
    // A name that no account has: it counts for the address, and slows nobody's sign-in.
    let attempt = Try::of(&format!("reset\0{email}"), from);
    if let Err(wait) = throttle::admit(cx, now, &attempt).await? {
        return Ok(Err(wait));
    }
    let mut tx = cx.store.write().await?;
    reset_request::insert(&mut tx, &cx.random, now, (email, lang)).await?;
    tx.commit().await?;
    cx.wake.ring();
    Ok(Ok(()))
}

/// Makes letters of the requests of those who are known and may sign in; a few an hour for each.
///
/// # Errors
/// When the database does not answer.
pub async fn write_letters(cx: &Context, now: Timestamp) -> Result<(), StoreError> {
    let mut tx = cx.store.write().await?;
    let requests = reset_request::take(&mut tx, AT_ONCE).await?;
    for (email, lang) in &requests {
        let Some((user, _)) = app_user::find_by_email(&mut tx, email).await? else { continue };
        let may = throttle::admit_letter(&mut tx, now, ("reset", email.as_str())).await?;
        if user.disabled_at.is_none() && may.is_ok() {
            write_letter(cx, &mut tx, now, (&user, *lang)).await?;
        }
    }
    tx.commit().await
}

async fn write_letter(
    cx: &Context,
    tx: &mut Writer,
    now: Timestamp,
    (user, lang): (&User, Lang),
) -> Result<(), StoreError> {
    let lang = user.language.unwrap_or(lang);
    let token = new_link(cx, tx, now, user).await?;
    let words = letter_texts::reset(lang, &user.name);
    let draft = Draft {
        to: &user.email,
        lang,
        kind: LetterKind::PasswordReset,
        tenant: None,
        subject: words.subject,
        paragraphs: words.paragraphs,
        link: Some((words.label.to_owned(), link(cx, &token))),
        small: words.small,
    };
    letter::queue(cx, tx, now, &draft).await.map(drop)
}

async fn new_link(
    cx: &Context,
    tx: &mut Writer,
    now: Timestamp,
    user: &User,
) -> Result<OneTimeToken, StoreError> {
    let token = OneTimeToken::new(cx.random.url_safe(43));
    let kind = LinkKind::PasswordReset;
    let link = PersonLink { kind, user: Some(user.id.clone()), email: user.email.clone(), applicant: None };
    person_link::insert(tx, &token.fingerprint(), &link, (now, now.plus(LIFE))).await?;
    Ok(token)
}

fn link(cx: &Context, token: &OneTimeToken) -> String {
    cx.settings.link(&format!("/password/reset/{}", token.expose()))
}

/// A link for a platform admin to hand over, shown once. Earlier ones end.
///
/// # Errors
/// `NotFound`, `Store`.
pub async fn offer(
    cx: &Context,
    (now, by): (Timestamp, &Actor),
    id: &UserId,
) -> Result<String, IdentityError> {
    let mut tx = cx.store.write().await?;
    let user = app_user::find(&mut tx, id).await?.filter(|user| user.disabled_at.is_none());
    let user = user.ok_or(IdentityError::NotFound)?;
    person_link::forget_of_user(&mut tx, LinkKind::PasswordReset, id).await?;
    let token = new_link(cx, &mut tx, now, &user).await?;
    let entry = Entry::platform(Action::ResetLinkMade, Subject::user(&user));
    audit::append(&mut tx, now, by, &entry).await?;
    tx.commit().await?;
    Ok(link(cx, &token))
}

/// Whose link it is, while it can be used.
///
/// # Errors
/// `LinkClosed`, `Store`.
pub async fn open(cx: &Context, now: Timestamp, token: &str) -> Result<User, IdentityError> {
    let mut tx = cx.store.read().await?;
    let found = person_link::find(&mut tx, LinkKind::PasswordReset, &fingerprint(token), now).await?;
    let id = found.and_then(|link| link.user).ok_or(IdentityError::LinkClosed)?;
    let user = app_user::find(&mut tx, &id).await?.filter(|user| user.disabled_at.is_none());
    user.ok_or(IdentityError::LinkClosed)
}

/// Uses the link up: the new password counts, every session and every other link ends, a letter tells of it.
///
/// # Errors
/// `LinkClosed`, `Password`, `Hashing`, `Store`.
pub async fn finish(
    cx: &Context,
    (now, by): (Timestamp, &Actor),
    (token, new): (&str, Password),
    from: Option<IpAddr>,
) -> Result<(), IdentityError> {
    let user = open(cx, now, token).await?;
    password_rules::check(&new, &[user.email.as_str(), &user.name])?;
    let hash = password::hash(&cx.random, new).await?;
    let mut tx = cx.store.write().await?;
    let claimed = person_link::claim(&mut tx, LinkKind::PasswordReset, &fingerprint(token), now).await?;
    claimed.ok_or(IdentityError::LinkClosed)?;
    person_link::forget_of_user(&mut tx, LinkKind::PasswordReset, &user.id).await?;
    app_user::put_password_hash(&mut tx, &user.id, &hash).await?;
    session::forget_of_user(&mut tx, &user.id).await?;
    // Whoever guesses from everywhere must not keep its owner out.
    proof_try::forget_sign_in(&mut tx, &user.id).await?;
    throttle::succeeded(&mut tx, now, &Try::of(user.email.as_str(), from)).await?;
    tell_of_change(cx, &mut tx, now, &user).await?;
    let entry = Entry::platform(Action::PasswordReset, Subject::user(&user));
    audit::append(&mut tx, now, &by.turned_out_to_be(&user), &entry).await?;
    tx.commit().await?;
    Ok(())
}

/// A letter that the password was changed.
pub(super) async fn tell_of_change(
    cx: &Context,
    tx: &mut Writer,
    now: Timestamp,
    user: &User,
) -> Result<(), StoreError> {
    let lang = user.language.unwrap_or_default();
    let words = letter_texts::password_changed(lang, &user.name);
    let draft = Draft {
        to: &user.email,
        lang,
        kind: LetterKind::PasswordChanged,
        tenant: None,
        subject: words.subject,
        paragraphs: words.paragraphs,
        link: None,
        small: words.small,
    };
    letter::queue(cx, tx, now, &draft).await.map(drop)
}
