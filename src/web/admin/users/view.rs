//! Everybody who can sign in.

use askama::Template;

use crate::clock::Timestamp;
use crate::domain::ids::{TenantId, UserId};
use crate::domain::text::Lang;
use crate::domain::user::User;
use crate::store::tenant::Listed;
use crate::web::admin::tenants::view::{RoleChoice, roles};
use crate::web::authorizers::view::TenantChoice;
use crate::web::parts::Badge;
use crate::web::samples::NOW;
use crate::web::shell::{Nav, Shell, platform_label};
use crate::web::when::Moment;

#[derive(Debug, Template)]
#[template(path = "admin/users.html")]
pub struct UsersView {
    pub shell: Shell,
    pub rows: Vec<UserRow>,
    pub tenants: Vec<TenantChoice>,
    pub roles: Vec<RoleChoice>,
    pub form: UserForm,
}

#[derive(Clone, Debug)]
pub struct UserRow {
    pub id: String,
    pub name: String,
    pub email: String,
    /// What the user is on the platform.
    pub platform: Option<&'static str>,
    pub yourself: bool,
    pub disabled: bool,
    pub second_factor: bool,
    pub badge: Badge,
    pub last_sign_in: Option<Moment>,
    pub created: Moment,
}

/// What was entered for a new user, and what is wrong with it. The password is never printed again.
#[derive(Clone, Debug, Default)]
pub struct UserForm {
    pub email: String,
    pub name: String,
    pub tenant: Option<TenantId>,
    pub bad_email: &'static str,
    pub bad_name: &'static str,
    pub bad_password: &'static str,
    pub bad_tenant: &'static str,
}

impl UserForm {
    pub const fn is_fine(&self) -> bool {
        self.bad_email.is_empty()
            && self.bad_name.is_empty()
            && self.bad_password.is_empty()
            && self.bad_tenant.is_empty()
    }
}

/// What the database knows, and who looks.
#[derive(Clone, Debug)]
pub struct Found {
    pub users: Vec<User>,
    pub tenants: Vec<Listed>,
    /// Who has a second factor.
    pub holders: Vec<UserId>,
    pub viewer: UserId,
}

impl UsersView {
    pub fn new(shell: Shell, now: Timestamp, found: &Found, form: UserForm) -> Self {
        let (locale, w) = (shell.locale(), &shell.w.admin.people);
        let row = |user: &User| UserRow {
            id: user.id.to_string(),
            name: user.name.clone(),
            email: user.email.to_string(),
            platform: user.platform.map(|role| platform_label(role, shell.w)),
            yourself: user.id == found.viewer,
            disabled: user.disabled_at.is_some(),
            second_factor: found.holders.contains(&user.id),
            badge: match user.disabled_at {
                None => Badge { state: "healthy", icon: "check", label: w.active },
                Some(_) => Badge { state: "paused", icon: "pause", label: w.disabled },
            },
            last_sign_in: Moment::maybe(user.last_sign_in_at, now, locale),
            created: Moment::of(user.created_at, now, locale),
        };
        let choice = |listed: &Listed| TenantChoice {
            id: listed.tenant.id.to_string(),
            name: listed.tenant.name.clone(),
            chosen: form.tenant.as_ref() == Some(&listed.tenant.id),
        };
        Self {
            rows: found.users.iter().map(row).collect(),
            tenants: found.tenants.iter().map(choice).collect(),
            roles: roles(None, shell.w),
            form,
            shell,
        }
    }

    pub fn samples(lang: Lang) -> Vec<(&'static str, Self)> {
        use crate::web::admin::{people_samples, samples};
        let shell = || samples::shell(lang, Nav::AdminUsers);
        let w = &shell().w.admin.people;
        let refused = UserForm {
            email: "not-an-address".to_owned(),
            name: "李四".to_owned(),
            bad_email: w.bad_email,
            bad_password: w.password_hint,
            ..UserForm::default()
        };
        let Some(found) = people_samples::found() else { return Vec::new() };
        vec![
            ("three", Self::new(shell(), NOW, &found, UserForm::default())),
            ("refused", Self::new(shell(), NOW, &found, refused)),
            (
                "for_support",
                Self::new(samples::support_shell(lang, Nav::AdminUsers), NOW, &found, UserForm::default()),
            ),
        ]
    }
}
