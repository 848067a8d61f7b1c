//! `/members`: who belongs to the tenant, who is invited. A link that no letter carries is shown once, in the answer to
//! the form that made it.

use actix_web::web::{Data, Path};
use serde::Deserialize;

use crate::domain::ids::{InvitationId, UserId};
use crate::domain::role::Role;
use crate::domain::text::Text;
use crate::domain::user::Email;
use crate::service::invite::{self, Sent};
use crate::service::{Context, IdentityError, change_membership};
use crate::store::{invitation, letter, membership};

use super::error::WebError;
use super::form::{Form, Nothing};
use super::page::{Answer, Page, see_other};
use super::recent::Recent;
use super::shell::{FlashKind, Nav};
use super::viewer::{ManageMembers, ReadOnly, Viewer};
use super::words::Words;

pub mod view;

use view::{Found, InviteForm, MembersView};

/// A lapsed invitation is shown for so long, to be sent again.
const KEPT: std::time::Duration = std::time::Duration::from_secs(14 * 24 * 3600);

#[derive(Deserialize)]
pub(super) struct NewMember {
    #[serde(default)]
    email: String,
    #[serde(default)]
    role: String,
}

#[derive(Deserialize)]
pub(super) struct NewRole {
    #[serde(default)]
    role: String,
}

type Owner = Viewer<ManageMembers>;

/// `GET /members`.
pub(super) async fn list(viewer: Viewer<ManageMembers>, cx: Data<Context>, db: Data<ReadOnly>) -> Answer {
    page(&viewer, &cx, &db, InviteForm::default()).await?.ok()
}

/// `POST /members`: invites.
pub(super) async fn invite(
    viewer: Viewer<ManageMembers>,
    _: Recent,
    cx: Data<Context>,
    db: Data<ReadOnly>,
    Form(new): Form<NewMember>,
) -> Answer {
    let form = |bad_email| InviteForm { email: new.email.clone(), bad_email, ..InviteForm::default() };
    let Ok(email) = Email::parse(&new.email) else {
        let bad_email = Words::of(viewer.lang).people.bad_email;
        return page(&viewer, &cx, &db, form(bad_email)).await?.unprocessable();
    };
    let role = Role::from_name(&new.role).ok_or(WebError::BadRequest(NO_ROLE))?;
    let whose = (&viewer.tenant.id, &viewer.user);
    match invite::run(&cx, (viewer.now, &viewer.actor()), whose, (&email, role, viewer.lang)).await {
        Ok(sent) => answer(&viewer, &cx, &db, sent).await,
        Err(
            error
            @ (IdentityError::AlreadyMember | IdentityError::TooMany | IdentityError::TooManyLetters(_)),
        ) => page(&viewer, &cx, &db, form(error.sentence().get(viewer.lang))).await?.unprocessable(),
        Err(error) => Err(error.into()),
    }
}

/// `POST /members/invitations/{invitation}/resend`.
pub(super) async fn resend(
    viewer: Viewer<ManageMembers>,
    _: Recent,
    cx: Data<Context>,
    db: Data<ReadOnly>,
    path: Path<String>,
    _: Form<Nothing>,
) -> Answer {
    let id = InvitationId::parse(&path).map_err(|_| WebError::NotFound)?;
    let whose = (&viewer.tenant.id, &viewer.user);
    match invite::again(&cx, (viewer.now, &viewer.actor()), whose, (&id, viewer.lang)).await {
        Ok(sent) => answer(&viewer, &cx, &db, sent).await,
        Err(error @ IdentityError::TooManyLetters(_)) => {
            viewer.flash(FlashKind::Bad, error.sentence())?;
            Ok(see_other("/members"))
        }
        Err(error) => Err(error.into()),
    }
}

/// `POST /members/invitations/{invitation}/revoke`.
pub(super) async fn revoke(
    viewer: Viewer<ManageMembers>,
    cx: Data<Context>,
    path: Path<String>,
    _: Form<Nothing>,
) -> Answer {
    let id = InvitationId::parse(&path).map_err(|_| WebError::NotFound)?;
    invite::revoke(&cx, (viewer.now, &viewer.actor()), &viewer.tenant.id, &id).await?;
    viewer.flash(FlashKind::Good, REVOKED)?;
    Ok(see_other("/members"))
}

/// `POST /members/{user}/role`.
pub(super) async fn change_role(
    viewer: Viewer<ManageMembers>,
    _: Recent,
    cx: Data<Context>,
    db: Data<ReadOnly>,
    path: Path<String>,
    Form(new): Form<NewRole>,
) -> Answer {
    let role = Role::from_name(&new.role).ok_or(WebError::BadRequest(NO_ROLE))?;
    change(&viewer, (&cx, &db), &path, (Some(role), ROLE_CHANGED)).await
}

/// `POST /members/{user}/remove`.
pub(super) async fn remove(
    viewer: Viewer<ManageMembers>,
    _: Recent,
    cx: Data<Context>,
    db: Data<ReadOnly>,
    path: Path<String>,
    _: Form<Nothing>,
) -> Answer {
    change(&viewer, (&cx, &db), &path, (None, REMOVED)).await
}

async fn change(
    viewer: &Owner,
    (cx, db): (&Context, &ReadOnly),
    path: &str,
    (role, done): (Option<Role>, Text),
) -> Answer {
    let user = UserId::parse(path).map_err(|_| WebError::NotFound)?;
    let tenant = &viewer.tenant.id;
    // Nobody is made a member this way: that takes an invitation.
    membership::find(&mut viewer.read(db).await?, tenant, &user).await?.ok_or(WebError::NotFound)?;
    match change_membership::run(cx, viewer.now, &viewer.actor(), tenant, &user, role).await {
        Ok(()) => viewer.flash(FlashKind::Good, done)?,
        Err(error @ IdentityError::LastOwner) => viewer.flash(FlashKind::Bad, error.sentence())?,
        Err(error) => return Err(error.into()),
    }
    let still_owner = user != viewer.user.id || role == Some(Role::Owner);
    Ok(see_other(if still_owner { "/members" } else { "/" }))
}

async fn answer(viewer: &Owner, cx: &Context, db: &ReadOnly, sent: Sent) -> Answer {
    match sent {
        Sent::ByLetter => {
            viewer.flash(FlashKind::Good, INVITED)?;
            Ok(see_other("/members"))
        }
        Sent::Link(link) => {
            let form = InviteForm { link: Some(link), ..InviteForm::default() };
            page(viewer, cx, db, form).await?.ok()
        }
    }
}

async fn page(
    viewer: &Owner,
    cx: &Context,
    db: &ReadOnly,
    form: InviteForm,
) -> Result<Page<MembersView>, WebError> {
    let tenant = &viewer.tenant.id;
    let mut tx = viewer.read(db).await?;
    let members = membership::list_of_tenant(&mut tx, tenant).await?;
    let mut invitations = Vec::new();
    for one in invitation::list_of_tenant(&mut tx, tenant, viewer.now.minus(KEPT)).await? {
        let state = match &one.letter {
            Some(id) => letter::find(&mut tx, id).await?,
            None => None,
        };
        invitations.push((one, state));
    }
    let found =
        Found { members, invitations, viewer: viewer.user.id.clone(), mails: cx.settings.mail.is_some() };
    Ok(Page(MembersView::new(viewer.shell(Nav::Members), viewer.now, &found, form)))
}

const NO_ROLE: Text = Text::new(Words::ZH.admin.people.bad_role, Words::EN.admin.people.bad_role);
const INVITED: Text = Text::new(Words::ZH.people.invited, Words::EN.people.invited);
const REVOKED: Text = Text::new(Words::ZH.people.revoked, Words::EN.people.revoked);
const ROLE_CHANGED: Text = Text::new(Words::ZH.people.role_changed, Words::EN.people.role_changed);
const REMOVED: Text = Text::new(Words::ZH.people.removed, Words::EN.people.removed);
