//! `/admin/users`: everybody who can sign in.

use actix_web::web::{Data, Path};
use serde::Deserialize;

use crate::domain::ids::{TenantId, UserId};
use crate::domain::role::Role;
use crate::domain::text::Text;
use crate::domain::user::{Email, parse_name};
use crate::secret::{Password, Secret};
use crate::service::create_user::{self, NewUser};
use crate::service::disable_user::{self, Access};
use crate::service::remove_second_factor::{self, Factor};
use crate::service::{Context, IdentityError};
use crate::store::{app_user, second_factor, tenant};
use crate::web::error::WebError;
use crate::web::form::{Form, Nothing};
use crate::web::page::{Answer, Page, see_other};
use crate::web::recent::Recent;
use crate::web::shell::{FlashKind, Nav};
use crate::web::viewer::{Admin, Platform, PlatformReader, ReadOnly};
use crate::web::words::Words;

use super::MOST_ROWS;

pub mod view;

use view::{Found, UserForm, UsersView};

#[derive(Deserialize)]
pub(in crate::web) struct Fields {
    #[serde(default)]
    email: String,
    #[serde(default)]
    name: String,
    #[serde(default)]
    password: String,
    /// Blank: a member of no tenant.
    #[serde(default)]
    tenant: String,
    #[serde(default)]
    role: String,
}

/// `GET /admin/users`.
pub(in crate::web) async fn list(admin: PlatformReader, db: Data<ReadOnly>) -> Answer {
    page(&admin, &db, UserForm::default()).await?.ok()
}

/// `POST /admin/users`.
pub(in crate::web) async fn create(
    admin: Admin,
    _: Recent,
    cx: Data<Context>,
    db: Data<ReadOnly>,
    Form(fields): Form<Fields>,
) -> Answer {
    let w = &Words::of(admin.lang).admin.people;
    let new = match read(fields, &admin) {
        Ok(new) => new,
        Err(form) => return page(&admin, &db, *form).await?.unprocessable(),
    };
    let mut form = UserForm {
        email: new.email.to_string(),
        name: new.name.clone(),
        tenant: new.membership.as_ref().map(|(tenant, _)| tenant.clone()),
        ..UserForm::default()
    };
    match create_user::run(&cx, admin.now, &admin.actor(), new).await {
        Ok(_) => {
            admin.flash(FlashKind::Good, CREATED)?;
            return Ok(see_other("/admin/users"));
        }
        Err(IdentityError::Taken(_)) => form.bad_email = w.email_taken,
        Err(error @ IdentityError::Password(_)) => form.bad_password = error.sentence().get(admin.lang),
        Err(IdentityError::NotFound) => form.bad_tenant = w.bad_tenant,
        Err(error) => return Err(error.into()),
    }
    page(&admin, &db, form).await?.unprocessable()
}

/// `POST /admin/users/{user}/disable`.
pub(in crate::web) async fn disable(
    admin: Admin,
    _: Recent,
    cx: Data<Context>,
    path: Path<String>,
    _: Form<Nothing>,
) -> Answer {
    set_access(&admin, &cx, &path, (Access::Disabled, DISABLED)).await
}

/// `POST /admin/users/{user}/enable`.
pub(in crate::web) async fn enable(
    admin: Admin,
    _: Recent,
    cx: Data<Context>,
    path: Path<String>,
    _: Form<Nothing>,
) -> Answer {
    set_access(&admin, &cx, &path, (Access::Enabled, ENABLED)).await
}

/// `POST /admin/users/{user}/reset-factors`: for who has lost the phone and the recovery codes.
pub(in crate::web) async fn reset_factors(
    admin: Admin,
    _: Recent,
    cx: Data<Context>,
    path: Path<String>,
    _: Form<Nothing>,
) -> Answer {
    let id = UserId::parse(&path).map_err(|_| WebError::NotFound)?;
    remove_second_factor::run(&cx, admin.now, &admin.actor(), (&id, &Factor::All, None)).await?;
    admin.flash(FlashKind::Good, FACTORS_RESET)?;
    Ok(see_other("/admin/users"))
}

async fn set_access(admin: &Admin, cx: &Context, id: &str, (access, done): (Access, Text)) -> Answer {
    let id = UserId::parse(id).map_err(|_| WebError::NotFound)?;
    match disable_user::run(cx, admin.now, &admin.actor(), &id, access).await {
        Ok(()) => admin.flash(FlashKind::Good, done)?,
        Err(IdentityError::LastAdmin) => admin.flash(FlashKind::Bad, IdentityError::LastAdmin.sentence())?,
        Err(error) => return Err(error.into()),
    }
    Ok(see_other("/admin/users"))
}

/// The fields as a new user, or the form with what is wrong with them.
fn read(fields: Fields, admin: &Admin) -> Result<NewUser, Box<UserForm>> {
    let w = &Words::of(admin.lang).admin.people;
    let (email, name) = (Email::parse(&fields.email), parse_name(&fields.name));
    let wanted = !fields.tenant.is_empty();
    let tenant = TenantId::parse(&fields.tenant).ok().filter(|_| wanted);
    let role = Role::from_name(&fields.role);
    let problem = match (wanted, &tenant, role) {
        (true, None, _) => w.bad_tenant,
        (true, Some(_), None) => w.bad_role,
        (true, Some(_), Some(_)) | (false, ..) => "",
    };
    match (email, name) {
        (Ok(email), Ok(name)) if problem.is_empty() => Ok(NewUser {
            email,
            name,
            password: Password::new(fields.password),
            platform: None,
            membership: tenant.zip(role),
        }),
        (email, name) => Err(Box::new(UserForm {
            bad_email: email.map_or(w.bad_email, |_| ""),
            bad_name: name.map_or(w.bad_name, |_| ""),
            bad_tenant: problem,
            email: fields.email,
            name: fields.name,
            tenant,
            ..UserForm::default()
        })),
    }
}

async fn page(admin: &impl Platform, db: &ReadOnly, form: UserForm) -> Result<Page<UsersView>, WebError> {
    let mut tx = admin.read(db).await?;
    let found = Found {
        users: app_user::list(&mut tx, MOST_ROWS).await?,
        tenants: tenant::list(&mut tx, MOST_ROWS).await?,
        holders: second_factor::holders(&mut tx, MOST_ROWS).await?,
        viewer: admin.user.id.clone(),
    };
    Ok(Page(UsersView::new(admin.shell(Nav::AdminUsers), admin.now, &found, form)))
}

const CREATED: Text = Text::new(Words::ZH.admin.people.user_created, Words::EN.admin.people.user_created);
const DISABLED: Text = Text::new(Words::ZH.admin.people.user_disabled, Words::EN.admin.people.user_disabled);
const ENABLED: Text = Text::new(Words::ZH.admin.people.user_enabled, Words::EN.admin.people.user_enabled);
const FACTORS_RESET: Text = Text::new(Words::ZH.security.factors_reset, Words::EN.security.factors_reset);
