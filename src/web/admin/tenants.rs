//! `/admin/tenants`: customer companies and their members.

use actix_web::web::{Data, Path};
use serde::Deserialize;

use crate::domain::ids::{TenantId, UserId};
use crate::domain::role::Role;
use crate::domain::tenant::{Slug, Tenant};
use crate::domain::text::Text;
use crate::domain::user::{Email, User, parse_name};
use crate::service::invite::{self, Sent};
use crate::service::{Context, IdentityError, change_membership, create_tenant, rename_tenant};
use crate::store::{app_user, invitation, membership, tenant, tenant_life, tenant_purge};
use crate::web::error::WebError;
use crate::web::form::{Form, Nothing};
use crate::web::page::{Answer, Page, see_other};
use crate::web::recent::Recent;
use crate::web::shell::{FlashKind, Nav};
use crate::web::viewer::{Admin, Platform, PlatformReader, ReadOnly};
use crate::web::words::Words;

use super::MOST_ROWS;

pub mod life_view;
pub mod view;

use life_view::Known;
use view::{MemberForm, TenantForm, TenantView, TenantsView};

#[derive(Deserialize)]
pub(in crate::web) struct NewTenant {
    #[serde(default)]
    name: String,
    #[serde(default)]
    slug: String,
}

#[derive(Deserialize)]
pub(in crate::web) struct NewName {
    #[serde(default)]
    name: String,
}

#[derive(Deserialize)]
pub(in crate::web) struct NewMember {
    #[serde(default)]
    email: String,
    #[serde(default)]
    role: String,
}

/// `GET /admin/tenants`.
pub(in crate::web) async fn list(admin: PlatformReader, db: Data<ReadOnly>) -> Answer {
    list_page(&admin, &db, TenantForm::default()).await?.ok()
}

/// `POST /admin/tenants`.
pub(in crate::web) async fn create(
    admin: Admin,
    cx: Data<Context>,
    db: Data<ReadOnly>,
    Form(new): Form<NewTenant>,
) -> Answer {
    let w = &Words::of(admin.lang).admin.people;
    let (name, slug) = (parse_name(&new.name), Slug::parse(&new.slug));
    let mut form = TenantForm {
        bad_name: name.as_ref().map_or(w.bad_name, |_| ""),
        bad_slug: slug.as_ref().map_or(w.bad_slug, |_| ""),
        name: new.name,
        slug: new.slug,
    };
    let (Ok(name), Ok(slug)) = (name, slug) else {
        return list_page(&admin, &db, form).await?.unprocessable();
    };
    match create_tenant::run(&cx, admin.now, &admin.actor(), slug, name).await {
        Ok(made) => {
            admin.flash(FlashKind::Good, CREATED)?;
            Ok(see_other(&format!("/admin/tenants/{}", made.id)))
        }
        Err(IdentityError::Taken(_)) => {
            form.bad_slug = w.slug_taken;
            list_page(&admin, &db, form).await?.unprocessable()
        }
        Err(error) => Err(error.into()),
    }
}

/// `GET /admin/tenants/{tenant}`.
pub(in crate::web) async fn show(admin: PlatformReader, db: Data<ReadOnly>, path: Path<String>) -> Answer {
    let of = find(&admin, &db, &path).await?;
    let form = MemberForm { name: of.name.clone(), ..MemberForm::default() };
    one_page(&admin, &db, &of, form).await?.ok()
}

/// `POST /admin/tenants/{tenant}/name`.
pub(in crate::web) async fn rename(
    admin: Admin,
    cx: Data<Context>,
    db: Data<ReadOnly>,
    path: Path<String>,
    Form(new): Form<NewName>,
) -> Answer {
    let of = find(&admin, &db, &path).await?;
    let Ok(name) = parse_name(&new.name) else {
        let bad_name = Words::of(admin.lang).admin.people.bad_name;
        let form = MemberForm { name: new.name, bad_name, ..MemberForm::default() };
        return one_page(&admin, &db, &of, form).await?.unprocessable();
    };
    rename_tenant::run(&cx, admin.now, &admin.actor(), &of.id, &name).await?;
    admin.flash(FlashKind::Good, RENAMED)?;
    Ok(back_to(&of))
}

/// `POST /admin/tenants/{tenant}/members`: changes the role of a member; anybody else is invited, with an account or
/// without: membership needs whoever holds the link.
pub(in crate::web) async fn add_member(
    admin: Admin,
    _: Recent,
    cx: Data<Context>,
    db: Data<ReadOnly>,
    path: Path<String>,
    Form(new): Form<NewMember>,
) -> Answer {
    let of = find(&admin, &db, &path).await?;
    let Some(role) = Role::from_name(&new.role) else { return Err(WebError::BadRequest(NO_ROLE)) };
    let form = |bad_email, link: Option<String>| {
        let email = if link.is_some() { String::new() } else { new.email.clone() };
        MemberForm { email, bad_email, link, name: of.name.clone(), bad_name: "" }
    };
    let Ok(email) = Email::parse(&new.email) else {
        let bad_email = Words::of(admin.lang).admin.people.bad_email;
        return one_page(&admin, &db, &of, form(bad_email, None)).await?.unprocessable();
    };
    let by = (admin.now, &admin.actor());
    let sent = match find_member(&admin, &db, &of, &email).await? {
        Some(user) => {
            let changed = change_membership::run(&cx, by.0, by.1, &of.id, &user.id, Some(role)).await;
            changed.map(|()| None)
        }
        None => invite::run(&cx, by, (&of.id, &admin.user), (&email, role, admin.lang)).await.map(Some),
    };
    match sent {
        Ok(None) => admin.flash(FlashKind::Good, ROLE_CHANGED)?,
        Ok(Some(Sent::ByLetter)) => admin.flash(FlashKind::Good, INVITED)?,
        Ok(Some(Sent::Link(link))) => return one_page(&admin, &db, &of, form("", Some(link))).await?.ok(),
        Err(
            error @ (IdentityError::TooMany | IdentityError::TooManyLetters(_) | IdentityError::LastOwner),
        ) => {
            let bad_email = error.sentence().get(admin.lang);
            return one_page(&admin, &db, &of, form(bad_email, None)).await?.unprocessable();
        }
        Err(error) => return Err(error.into()),
    }
    Ok(back_to(&of))
}

/// `POST /admin/tenants/{tenant}/members/{user}/remove`.
pub(in crate::web) async fn remove_member(
    admin: Admin,
    _: Recent,
    cx: Data<Context>,
    db: Data<ReadOnly>,
    path: Path<(String, String)>,
    _: Form<Nothing>,
) -> Answer {
    let of = find(&admin, &db, &path.0).await?;
    let user = UserId::parse(&path.1).map_err(|_| WebError::NotFound)?;
    change_membership::run(&cx, admin.now, &admin.actor(), &of.id, &user, None).await?;
    admin.flash(FlashKind::Good, MEMBER_REMOVED)?;
    Ok(back_to(&of))
}

fn back_to(of: &Tenant) -> actix_web::HttpResponse {
    see_other(&format!("/admin/tenants/{}", of.id))
}

async fn find(admin: &impl Platform, db: &ReadOnly, id: &str) -> Result<Tenant, WebError> {
    let id = TenantId::parse(id).map_err(|_| WebError::NotFound)?;
    tenant::find(&mut admin.read(db).await?, &id).await?.ok_or(WebError::NotFound)
}

async fn find_member(
    admin: &Admin,
    db: &ReadOnly,
    of: &Tenant,
    email: &Email,
) -> Result<Option<User>, WebError> {
    let mut tx = admin.read(db).await?;
    let Some((user, _)) = app_user::find_by_email(&mut tx, email).await? else { return Ok(None) };
    Ok(membership::find(&mut tx, &of.id, &user.id).await?.map(|_| user))
}

async fn list_page(
    admin: &impl Platform,
    db: &ReadOnly,
    form: TenantForm,
) -> Result<Page<TenantsView>, WebError> {
    let mut tx = admin.read(db).await?;
    let tenants = tenant::list(&mut tx, MOST_ROWS).await?;
    let purged = tenant_purge::list_purged(&mut tx, MOST_ROWS).await?;
    Ok(Page(TenantsView::new(admin.shell(Nav::AdminTenants), admin.now, (&tenants, &purged), form)))
}

async fn one_page(
    admin: &impl Platform,
    db: &ReadOnly,
    of: &Tenant,
    form: MemberForm,
) -> Result<Page<TenantView>, WebError> {
    let mut tx = admin.read(db).await?;
    let members = membership::list_of_tenant(&mut tx, &of.id).await?;
    let invited = invitation::list_of_tenant(&mut tx, &of.id, admin.now).await?;
    let known = Known {
        life: tenant_life::find(&mut tx, &of.id).await?.unwrap_or_default(),
        quota: tenant_life::quota(&mut tx, &of.id).await?,
        usage: tenant_life::usage(&mut tx, &of.id, admin.now).await?,
    };
    Ok(Page(TenantView::new(
        admin.shell(Nav::AdminTenants),
        admin.now,
        (of, (&members, &invited), &known),
        form,
    )))
}

const NO_ROLE: Text = Text::new(Words::ZH.admin.people.bad_role, Words::EN.admin.people.bad_role);
const CREATED: Text = Text::new(Words::ZH.admin.people.tenant_created, Words::EN.admin.people.tenant_created);
const RENAMED: Text = Text::new(Words::ZH.admin.people.renamed, Words::EN.admin.people.renamed);
const ROLE_CHANGED: Text = Text::new(Words::ZH.people.role_changed, Words::EN.people.role_changed);
const INVITED: Text = Text::new(Words::ZH.people.invited, Words::EN.people.invited);
const MEMBER_REMOVED: Text =
    Text::new(Words::ZH.admin.people.member_removed, Words::EN.admin.people.member_removed);
