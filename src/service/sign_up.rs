//! A company makes its own tenant, where `HUFU_SIGN_UP` allows it: asked for, written to, made. Nothing an outsider sees
//! tells whether an address is known: every request becomes the same row, and a job makes letters of them.

use std::net::IpAddr;
use std::time::Duration;

use crate::clock::Timestamp;
use crate::domain::audit::{Action, Actor, Detail, Entry, Subject};
use crate::domain::ids::TenantId;
use crate::domain::letter::LetterKind;
use crate::domain::person_link::{Applicant, LinkKind, PersonLink};
use crate::domain::role::Role;
use crate::domain::tenant::{Slug, Tenant};
use crate::domain::text::Lang;
use crate::domain::user::{Email, User};
use crate::secret::{OneTimeToken, Password, Secret, fingerprint};
use crate::store::{StoreError, Writer, app_user, audit, person_link, sign_up_request, tenant};

use super::create_user::{self, NewUser};
use super::identity_error::Taken;
use super::letter::{self, Draft};
use super::letter_texts::{Wording, addresses};
use super::throttle::{self, Try};
use super::{Context, IdentityError};

const LIFE: Duration = Duration::from_secs(24 * 3600);
const AT_ONCE: i64 = 50;
/// A slug that two take at the same moment is tried again with other letters.
const TRIES: usize = 3;

/// Notes that somebody asks. `Err`: from this address there were too many; so long to wait.
///
/// # Errors
/// When the database does not answer.
pub async fn ask(
    cx: &Context,
    now: Timestamp,
    (email, lang, applicant): (&Email, Lang, &Applicant),
    from: Option<IpAddr>,
) -> Result<Result<(), Duration>, StoreError> {
    // A name that no account has: it counts for the address, and slows nobody's sign-in.
    if let Err(wait) = throttle::admit(cx, now, &Try::of(&format!("sign-up\0{email}"), from)).await? {
        return Ok(Err(wait));
    }
    let mut tx = cx.store.write().await?;
    sign_up_request::insert(&mut tx, &cx.random, now, (email, lang, applicant)).await?;
    tx.commit().await?;
    cx.wake.ring();
    Ok(Ok(()))
}

/// A link for who is new, word of the account for who has one; a few an hour for each address.
///
/// # Errors
/// When the database does not answer.
pub async fn write_letters(cx: &Context, now: Timestamp) -> Result<(), StoreError> {
    let mut tx = cx.store.write().await?;
    for (email, lang, applicant) in sign_up_request::take(&mut tx, AT_ONCE).await? {
        if throttle::admit_letter(&mut tx, now, ("sign-up", email.as_str())).await?.is_err() {
            continue;
        }
        let (words, path) = match app_user::find_by_email(&mut tx, &email).await? {
            Some((user, _)) => {
                (addresses::email_in_use(user.language.unwrap_or(lang)), "/sign-in".to_owned())
            }
            None => {
                let token = new_link(cx, &mut tx, now, (&email, applicant)).await?;
                (addresses::sign_up(lang), format!("/sign-up/{}", token.expose()))
            }
        };
        write_letter(cx, &mut tx, now, (&email, lang), (words, &path)).await?;
    }
    tx.commit().await
}

async fn new_link(
    cx: &Context,
    tx: &mut Writer,
    now: Timestamp,
    (email, applicant): (&Email, Applicant),
) -> Result<OneTimeToken, StoreError> {
    let token = OneTimeToken::new(cx.random.url_safe(43));
    let link =
        PersonLink { kind: LinkKind::SignUp, user: None, email: email.clone(), applicant: Some(applicant) };
    person_link::insert(tx, &token.fingerprint(), &link, (now, now.plus(LIFE))).await?;
    Ok(token)
}

/// Nothing of what was entered stands in it: nobody's words are carried to strangers.
async fn write_letter(
    cx: &Context,
    tx: &mut Writer,
    now: Timestamp,
    (to, lang): (&Email, Lang),
    (words, path): (Wording, &str),
) -> Result<(), StoreError> {
    let Wording { subject, paragraphs, label, small } = words;
    let link = Some((label.to_owned(), cx.settings.link(path)));
    let kind = LetterKind::SignUp;
    let draft = Draft { to, lang, kind, tenant: None, subject, paragraphs, link, small };
    letter::queue(cx, tx, now, &draft).await.map(drop)
}

/// Who signs up, while the link can be used.
///
/// # Errors
/// `LinkClosed`, `Store`.
pub async fn open(cx: &Context, now: Timestamp, token: &str) -> Result<(Email, Applicant), IdentityError> {
    let mut tx = cx.store.read().await?;
    let found = person_link::find(&mut tx, LinkKind::SignUp, &fingerprint(token), now).await?;
    let link = found.ok_or(IdentityError::LinkClosed)?;
    let applicant = link.applicant.ok_or(IdentityError::LinkClosed)?;
    if app_user::find_by_email(&mut tx, &link.email).await?.is_some() {
        return Err(IdentityError::Taken(Taken::Email));
    }
    Ok((link.email, applicant))
}

/// Uses the link up and makes the tenant, its owner and the membership, all or nothing.
///
/// # Errors
/// `LinkClosed`, `Taken`, `Password`, `Hashing`, `Store`.
pub async fn finish(
    cx: &Context,
    (now, by): (Timestamp, &Actor),
    (token, password): (&str, Password),
) -> Result<User, IdentityError> {
    let (email, applicant) = open(cx, now, token).await?;
    let new = NewUser { email, name: applicant.name, password, platform: None, membership: None };
    let (user, hash) = create_user::prepare(cx, now, &new, &[&applicant.company]).await?;
    for _ in 0..TRIES {
        match make(cx, (now, by), token, (&user, &hash, &applicant.company)).await {
            Err(IdentityError::Taken(Taken::Slug)) => {}
            outcome => return outcome.map(|()| user),
        }
    }
    Err(IdentityError::Taken(Taken::Slug))
}

async fn make(
    cx: &Context,
    (now, by): (Timestamp, &Actor),
    token: &str,
    (user, hash, company): (&User, &str, &str),
) -> Result<(), IdentityError> {
    let mut tx = cx.store.write().await?;
    let claimed = person_link::claim(&mut tx, LinkKind::SignUp, &fingerprint(token), now).await?;
    claimed.ok_or(IdentityError::LinkClosed)?;
    let made = Tenant {
        id: TenantId::parse(&cx.random.id(now)).map_err(|_| IdentityError::NotFound)?,
        slug: free_slug(cx, &mut tx, company).await?,
        name: company.to_owned(),
        created_at: now,
        suspended_at: None,
    };
    tenant::insert(&mut tx, &made).await.map_err(|error| match error {
        StoreError::Conflict(_) => IdentityError::Taken(Taken::Slug),
        other => IdentityError::Store(other),
    })?;
    let owner = (made.id.clone(), Role::Owner);
    create_user::insert(&mut tx, now, user, hash, Some(&owner)).await?;
    let detail = Detail::none().fact("slug", &made.slug).fact("email", &user.email);
    let entry = Entry::of(&made.id, Action::SignedUp, Subject::tenant(&made)).with(detail);
    audit::append(&mut tx, now, &by.turned_out_to_be(user), &entry).await?;
    tx.commit().await?;
    Ok(())
}

/// Of the company's name, with letters of chance when there is none to be made or another tenant has it.
async fn free_slug(cx: &Context, tx: &mut Writer, company: &str) -> Result<Slug, IdentityError> {
    let plain = Slug::of_name(company);
    if let Some(slug) = &plain
        && tenant::find_by_slug(tx, slug).await?.is_none()
    {
        return Ok(slug.clone());
    }
    let base = plain.as_ref().map_or("t", Slug::as_str);
    let slug = format!("{base}-{}", cx.random.base62(6).to_lowercase());
    Slug::parse(&slug).map_err(|_| IdentityError::Taken(Taken::Slug))
}
