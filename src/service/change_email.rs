//! Another e-mail address for an account. Its person asks for it and confirms it from the new mailbox, signed in: an
//! address that was mistyped gives its owner nothing. Without a mail server only an administrator puts one, unproved.

use std::net::IpAddr;
use std::time::Duration;

use crate::clock::Timestamp;
use crate::domain::audit::{Action, Actor, Detail, Entry, Subject};
use crate::domain::ids::UserId;
use crate::domain::letter::LetterKind;
use crate::domain::person_link::{LinkKind, PersonLink};
use crate::domain::text::Lang;
use crate::domain::user::{Email, User};
use crate::secret::{OneTimeToken, Secret, fingerprint};
use crate::store::{StoreError, Writer, app_user, audit, person_link, session};

use super::identity_error::Taken;
use super::letter::{self, Draft};
use super::letter_texts::{self, Wording};
use super::throttle::{self, Try};
use super::{Context, IdentityError};

const LIFE: Duration = Duration::from_secs(24 * 3600);

/// What came of asking.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Asked {
    /// A letter is on its way: a link, or the news that the address has an account. Nobody but its reader learns which.
    Sent,
    /// It is the address the account has.
    Same,
    Wait(Duration),
    /// Nothing could be proved: the house sends no letters.
    NoMail,
}

/// An earlier request ends.
///
/// # Errors
/// `Store`.
pub async fn ask(
    cx: &Context,
    (now, by): (Timestamp, &Actor),
    (user, lang): (&User, Lang),
    new: &Email,
    from: Option<IpAddr>,
) -> Result<Asked, IdentityError> {
    if cx.settings.mail.is_none() {
        return Ok(Asked::NoMail);
    }
    if *new == user.email {
        return Ok(Asked::Same);
    }
    // A name that no account has: it slows nobody's sign-in.
    if let Err(wait) = throttle::admit(cx, now, &Try::of(&format!("email\0{}", user.id), from)).await? {
        return Ok(Asked::Wait(wait));
    }
    let mut tx = cx.store.write().await?;
    if let Err(wait) = throttle::admit_letter(&mut tx, now, ("email", new.as_str())).await? {
        return Ok(Asked::Wait(wait));
    }
    person_link::forget_of_user(&mut tx, LinkKind::NewEmail, &user.id).await?;
    let token = OneTimeToken::new(cx.random.url_safe(43));
    // The same row also when the address is somebody's: its link then reaches nobody.
    let link = PersonLink {
        kind: LinkKind::NewEmail,
        user: Some(user.id.clone()),
        email: new.clone(),
        applicant: None,
    };
    person_link::insert(&mut tx, &token.fingerprint(), &link, (now, now.plus(LIFE))).await?;
    let (words, path) = match app_user::find_by_email(&mut tx, new).await? {
        Some(_) => (letter_texts::addresses::email_in_use(lang), "/sign-in".to_owned()),
        None => {
            let words = letter_texts::addresses::confirm_email(lang, &user.name);
            (words, format!("/account/email/{}", token.expose()))
        }
    };
    let kind = LetterKind::EmailConfirmation;
    write(cx, &mut tx, now, (new, lang, kind), (words, Some(cx.settings.link(&path)))).await?;
    let entry = Entry::platform(Action::EmailChangeAsked, Subject::user(user));
    audit::append(&mut tx, now, by, &entry.with(Detail::none().fact("email", new))).await?;
    tx.commit().await?;
    cx.wake.ring();
    Ok(Asked::Sent)
}

/// Takes the request back; its link leads nowhere from now on.
///
/// # Errors
/// `NotFound` when there is none, `Store`.
pub async fn revoke(cx: &Context, (now, by): (Timestamp, &Actor), user: &User) -> Result<(), IdentityError> {
    let mut tx = cx.store.write().await?;
    let pending = person_link::find_of_user(&mut tx, LinkKind::NewEmail, &user.id, now).await?;
    let (email, _) = pending.ok_or(IdentityError::NotFound)?;
    person_link::forget_of_user(&mut tx, LinkKind::NewEmail, &user.id).await?;
    let entry = Entry::platform(Action::EmailChangeRevoked, Subject::user(user));
    audit::append(&mut tx, now, by, &entry.with(Detail::none().fact("email", &email))).await?;
    tx.commit().await?;
    Ok(())
}

/// The address that a link confirms, for the person who asked.
///
/// # Errors
/// `LinkClosed`, also when it is another person's, `Store`.
pub async fn open(cx: &Context, now: Timestamp, user: &User, token: &str) -> Result<Email, IdentityError> {
    let mut tx = cx.store.read().await?;
    let found = person_link::find(&mut tx, LinkKind::NewEmail, &fingerprint(token), now).await?;
    let own = found.filter(|link| link.user.as_ref() == Some(&user.id));
    own.map(|link| link.email).ok_or(IdentityError::LinkClosed)
}

/// Uses the link up: the new address signs in, every other session ends, the old address is told.
///
/// # Errors
/// `LinkClosed`, `Taken` when somebody else has it by now, `Store`.
pub async fn confirm(
    cx: &Context,
    (now, by): (Timestamp, &Actor),
    (user, session): (&User, &str),
    token: &str,
) -> Result<Email, IdentityError> {
    let mut tx = cx.store.write().await?;
    let claimed = person_link::claim(&mut tx, LinkKind::NewEmail, &fingerprint(token), now).await?;
    let own = claimed.filter(|link| link.user.as_ref() == Some(&user.id));
    let new = own.ok_or(IdentityError::LinkClosed)?.email;
    exchange(cx, &mut tx, (now, by), &user.id, (&new, Proof::ByLetter)).await?;
    session::forget_others(&mut tx, &user.id, session).await?;
    tx.commit().await?;
    cx.wake.ring();
    Ok(new)
}

/// An administrator puts an address that nobody has proved; every session of the user ends.
///
/// # Errors
/// `NotFound`, `Taken`, `Store`.
pub async fn put(
    cx: &Context,
    (now, by): (Timestamp, &Actor),
    id: &UserId,
    new: &Email,
) -> Result<(), IdentityError> {
    let mut tx = cx.store.write().await?;
    exchange(cx, &mut tx, (now, by), id, (new, Proof::None)).await?;
    session::forget_of_user(&mut tx, id).await?;
    tx.commit().await?;
    cx.wake.ring();
    Ok(())
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Proof {
    ByLetter,
    None,
}

/// Links that went to the old address, or wait for another one, lead nowhere from now on.
async fn exchange(
    cx: &Context,
    tx: &mut Writer,
    (now, by): (Timestamp, &Actor),
    id: &UserId,
    (new, proof): (&Email, Proof),
) -> Result<(), IdentityError> {
    let user = app_user::find(tx, id).await?.ok_or(IdentityError::NotFound)?;
    app_user::put_email(tx, id, new).await.map_err(|error| match error {
        StoreError::Conflict(_) => IdentityError::Taken(Taken::Email),
        other => IdentityError::Store(other),
    })?;
    person_link::forget_of_user(tx, LinkKind::PasswordReset, id).await?;
    person_link::forget_of_user(tx, LinkKind::NewEmail, id).await?;
    let lang = user.language.unwrap_or_default();
    let words = letter_texts::addresses::email_changed(lang, (&user.name, new.as_str()));
    write(cx, tx, now, (&user.email, lang, LetterKind::EmailChanged), (words, None)).await?;
    let detail = Detail::none().change("email", &user.email, new).fact("proved", proof == Proof::ByLetter);
    let entry = Entry::platform(Action::EmailChanged, Subject::user(&user)).with(detail);
    audit::append(tx, now, by, &entry).await?;
    Ok(())
}

async fn write(
    cx: &Context,
    tx: &mut Writer,
    now: Timestamp,
    (to, lang, kind): (&Email, Lang, LetterKind),
    (words, link): (Wording, Option<String>),
) -> Result<(), StoreError> {
    let Wording { subject, paragraphs, label, small } = words;
    let link = link.map(|link| (label.to_owned(), link));
    let draft = Draft { to, lang, kind, tenant: None, subject, paragraphs, link, small };
    letter::queue(cx, tx, now, &draft).await.map(drop)
}
