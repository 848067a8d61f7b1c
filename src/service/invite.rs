//! Asks somebody to become a member of a tenant: by letter, or with a link that is shown to the inviter once.

use crate::clock::Timestamp;
use crate::domain::audit::{Action, Actor, Detail, Entry, Kind, Subject};
use crate::domain::ids::{InvitationId, TenantId};
use crate::domain::invitation::{Invitation, LIFE};
use crate::domain::letter::LetterKind;
use crate::domain::role::Role;
use crate::domain::tenant::Tenant;
use crate::domain::text::{Lang, Text};
use crate::domain::user::{Email, User};
use crate::secret::{OneTimeToken, Secret};
use crate::store::{StoreError, Writer, app_user, audit, invitation, letter, membership, tenant};

use super::letter::{Draft, queue};
use super::letter_texts;
use super::{Context, IdentityError, admit_letter};

/// Invitations to one tenant that are open at once.
const MOST: usize = 200;

/// How the invited person learns of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Sent {
    ByLetter,
    /// To be handed over; nothing keeps it.
    Link(String),
}

/// Replaces an earlier invitation of the same address.
///
/// # Errors
/// `NotFound` (the tenant), `AlreadyMember`, `TooMany`, `TooManyLetters`, `Store`.
pub async fn run(
    cx: &Context,
    (now, by): (Timestamp, &Actor),
    (of, inviter): (&TenantId, &User),
    (email, role, lang): (&Email, Role, Lang),
) -> Result<Sent, IdentityError> {
    let mut tx = cx.store.write().await?;
    let of = tenant::find(&mut tx, of).await?.ok_or(IdentityError::NotFound)?;
    if let Some((user, _)) = app_user::find_by_email(&mut tx, email).await?
        && membership::find(&mut tx, &of.id, &user.id).await?.is_some()
    {
        return Err(IdentityError::AlreadyMember);
    }
    if invitation::list_of_tenant(&mut tx, &of.id, now).await?.len() >= MOST {
        return Err(IdentityError::TooMany);
    }
    invitation::revoke_of_email(&mut tx, &of.id, email, now).await?;
    let (id, sent) = make(cx, &mut tx, now, (&of, &inviter.name), (email, role, lang)).await?;
    audit::append(&mut tx, now, by, &invited(&of.id, (&id, email), role)).await?;
    tx.commit().await?;
    cx.wake.ring();
    Ok(sent)
}

/// The same again with a new link; the old one ends.
///
/// # Errors
/// `NotFound` when it is not pending any more, `TooManyLetters` (the old one stays good), `Store`.
pub async fn again(
    cx: &Context,
    (now, by): (Timestamp, &Actor),
    (of, inviter): (&TenantId, &User),
    (id, lang): (&InvitationId, Lang),
) -> Result<Sent, IdentityError> {
    let mut tx = cx.store.write().await?;
    let of = tenant::find(&mut tx, of).await?.ok_or(IdentityError::NotFound)?;
    let old = invitation::find(&mut tx, &of.id, id).await?.ok_or(IdentityError::NotFound)?;
    take_back(&mut tx, now, &old).await?;
    let (new, sent) = make(cx, &mut tx, now, (&of, &inviter.name), (&old.email, old.role, lang)).await?;
    audit::append(&mut tx, now, by, &invited(&of.id, (&new, &old.email), old.role)).await?;
    tx.commit().await?;
    cx.wake.ring();
    Ok(sent)
}

/// Takes an invitation back; its link leads nowhere from now on.
///
/// # Errors
/// `NotFound` when it is not pending any more, `Store`.
pub async fn revoke(
    cx: &Context,
    (now, by): (Timestamp, &Actor),
    of: &TenantId,
    id: &InvitationId,
) -> Result<(), IdentityError> {
    let mut tx = cx.store.write().await?;
    let old = invitation::find(&mut tx, of, id).await?.ok_or(IdentityError::NotFound)?;
    take_back(&mut tx, now, &old).await?;
    let whom = Subject::new(Kind::Invitation, &old.id).named(old.email.as_str());
    audit::append(&mut tx, now, by, &Entry::of(of, Action::InvitationRevoked, whom)).await?;
    tx.commit().await?;
    Ok(())
}

fn invited(of: &TenantId, (id, email): (&InvitationId, &Email), role: Role) -> Entry {
    let whom = Subject::new(Kind::Invitation, id).named(email.as_str());
    Entry::of(of, Action::MemberInvited, whom).with(Detail::none().fact("role", role.as_str()))
}

async fn take_back(tx: &mut Writer, now: Timestamp, old: &Invitation) -> Result<(), IdentityError> {
    if !invitation::revoke(tx, &old.tenant, &old.id, now).await? {
        return Err(IdentityError::NotFound);
    }
    if let Some(id) = &old.letter {
        letter::withdraw(tx, id).await?;
    }
    Ok(())
}

async fn make(
    cx: &Context,
    tx: &mut Writer,
    now: Timestamp,
    (of, by): (&Tenant, &str),
    (email, role, lang): (&Email, Role, Lang),
) -> Result<(InvitationId, Sent), IdentityError> {
    let kind = LetterKind::Invitation;
    admit_letter::run(cx, tx, now, &of.id, (kind, email)).await?.map_err(IdentityError::TooManyLetters)?;
    let token = OneTimeToken::new(cx.random.url_safe(43));
    let link = cx.settings.link(&format!("/invitation/{}", token.expose()));
    let words = letter_texts::invitation(lang, (&of.name, role_name(role).get(lang), by));
    let draft = Draft {
        to: email,
        lang,
        kind,
        tenant: Some(&of.id),
        subject: words.subject,
        paragraphs: words.paragraphs,
        link: Some((words.label.to_owned(), link.clone())),
        small: words.small,
    };
    let letter = queue(cx, tx, now, &draft).await?;
    let sent = if letter.is_some() { Sent::ByLetter } else { Sent::Link(link) };
    let id = cx.random.id(now);
    let invited = Invitation {
        id: InvitationId::parse(&id).map_err(|_| StoreError::corrupt("invitation", "id", id))?,
        tenant: of.id.clone(),
        email: email.clone(),
        role,
        invited_by: Some(by.to_owned()),
        letter,
        created_at: now,
        expires_at: now.plus(LIFE),
    };
    invitation::insert(tx, &invited, &token.fingerprint()).await?;
    Ok((invited.id, sent))
}

const fn role_name(role: Role) -> Text {
    match role {
        Role::Owner => Text::new("所有者", "owner"),
        Role::Operator => Text::new("操作员", "operator"),
        Role::Viewer => Text::new("只读成员", "viewer"),
    }
}
