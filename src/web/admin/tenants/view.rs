//! Tenants: the list, and the page of one with its members.

use askama::Template;

use crate::clock::Timestamp;
use crate::domain::invitation::Invitation;
use crate::domain::role::Role;
use crate::domain::tenant::Tenant;
use crate::domain::tenant_life::{Life, Purged, Quota, Usage};
use crate::domain::text::Lang;
use crate::domain::user::Member;
use crate::store::tenant::Listed;
use crate::web::samples::NOW;
use crate::web::shell::{Nav, Shell};
use crate::web::when::Moment;
use crate::web::words::Words;

use super::life_view::{End, Known, LifeCard, PurgedRow};

#[derive(Debug, Template)]
#[template(path = "admin/tenants.html")]
pub struct TenantsView {
    pub shell: Shell,
    pub rows: Vec<TenantRow>,
    pub purged: Vec<PurgedRow>,
    pub form: TenantForm,
}

#[derive(Clone, Debug)]
pub struct TenantRow {
    pub name: String,
    pub slug: String,
    pub href: String,
    pub accounts_href: String,
    pub members: i64,
    pub authorizers: i64,
    pub created: Moment,
    pub suspended: bool,
}

/// What was entered for a new tenant, and what is wrong with it.
#[derive(Clone, Debug, Default)]
pub struct TenantForm {
    pub name: String,
    pub slug: String,
    pub bad_name: &'static str,
    pub bad_slug: &'static str,
}

#[derive(Debug, Template)]
#[template(path = "admin/tenant.html")]
pub struct TenantView {
    pub shell: Shell,
    pub id: String,
    pub name: String,
    pub slug: String,
    pub created: Moment,
    pub suspended: bool,
    pub accounts_href: String,
    pub life: LifeCard,
    pub members: Vec<MemberRow>,
    pub invited: Vec<InvitedRow>,
    pub roles: Vec<RoleChoice>,
    pub form: MemberForm,
}

#[derive(Clone, Debug)]
pub struct MemberRow {
    pub user: String,
    pub name: String,
    pub email: String,
    pub role: &'static str,
    pub since: Moment,
    pub disabled: bool,
}

/// Who has not accepted yet.
#[derive(Clone, Debug)]
pub struct InvitedRow {
    pub email: String,
    pub role: &'static str,
    pub ends: Moment,
}

#[derive(Clone, Debug)]
pub struct RoleChoice {
    pub value: &'static str,
    pub label: &'static str,
    pub chosen: bool,
}

/// What was entered for a new member or a new name, what is wrong with it, and the link of the invitation just made.
#[derive(Clone, Debug, Default)]
pub struct MemberForm {
    pub email: String,
    pub bad_email: &'static str,
    pub link: Option<String>,
    pub name: String,
    pub bad_name: &'static str,
}

/// The roles as options.
pub fn roles(chosen: Option<Role>, w: &'static Words) -> Vec<RoleChoice> {
    let choice = |role: Role| RoleChoice {
        value: role.as_str(),
        label: role_label(role, w),
        chosen: chosen == Some(role),
    };
    Role::ALL.into_iter().map(choice).collect()
}

pub const fn role_label(role: Role, w: &Words) -> &'static str {
    match role {
        Role::Owner => w.role_owner,
        Role::Operator => w.role_operator,
        Role::Viewer => w.role_viewer,
    }
}

impl TenantsView {
    pub fn new(
        shell: Shell,
        now: Timestamp,
        (tenants, purged): (&[Listed], &[Purged]),
        form: TenantForm,
    ) -> Self {
        let row = |listed: &Listed| TenantRow {
            name: listed.tenant.name.clone(),
            slug: listed.tenant.slug.to_string(),
            href: format!("/admin/tenants/{}", listed.tenant.id),
            accounts_href: accounts_href(&listed.tenant),
            members: listed.members,
            authorizers: listed.authorizers,
            created: Moment::of(listed.tenant.created_at, now, shell.locale()),
            suspended: listed.tenant.suspended_at.is_some(),
        };
        let purged = purged.iter().map(|one| PurgedRow::new(shell.locale(), now, one)).collect();
        Self { rows: tenants.iter().map(row).collect(), purged, form, shell }
    }

    pub fn samples(lang: Lang) -> Vec<(&'static str, Self)> {
        use crate::web::admin::{people_samples, samples};
        let shell = || samples::shell(lang, Nav::AdminTenants);
        let bad_slug = shell().w.admin.people.slug_taken;
        let refused = TenantForm {
            name: "北辰餐饮".to_owned(),
            slug: "beichen".to_owned(),
            bad_slug,
            ..TenantForm::default()
        };
        let tenants = people_samples::tenants();
        let purged = |slug: &str, keys_left: Vec<String>| Purged {
            slug: slug.to_owned(),
            purged_at: NOW.minus(std::time::Duration::from_secs(86_400)),
            keys_left,
        };
        let purged = [purged("yunfan", vec!["kQ3fT9a".to_owned()]), purged("haitang", Vec::new())];
        vec![
            ("empty", Self::new(shell(), NOW, (&[], &[]), TenantForm::default())),
            ("two", Self::new(shell(), NOW, (&tenants, &purged), TenantForm::default())),
            ("refused", Self::new(shell(), NOW, (&tenants, &[]), refused)),
        ]
    }
}

impl TenantView {
    pub fn new(
        shell: Shell,
        now: Timestamp,
        (tenant, (members, invited), known): (&Tenant, (&[Member], &[Invitation]), &Known),
        form: MemberForm,
    ) -> Self {
        let (locale, w) = (shell.locale(), shell.w);
        let invitation = |one: &Invitation| InvitedRow {
            email: one.email.to_string(),
            role: role_label(one.role, w),
            ends: Moment::left(one.expires_at, now, locale),
        };
        let row = |member: &Member| MemberRow {
            user: member.user.id.to_string(),
            name: member.user.name.clone(),
            email: member.user.email.to_string(),
            role: role_label(member.role, w),
            since: Moment::of(member.since, now, locale),
            disabled: member.user.disabled_at.is_some(),
        };
        Self {
            id: tenant.id.to_string(),
            name: tenant.name.clone(),
            slug: tenant.slug.to_string(),
            created: Moment::of(tenant.created_at, now, locale),
            suspended: tenant.suspended_at.is_some(),
            accounts_href: accounts_href(tenant),
            life: LifeCard::new(locale, now, tenant.slug.as_str(), known),
            members: members.iter().map(row).collect(),
            invited: invited.iter().map(invitation).collect(),
            // Whoever comes first has to be able to ask the others.
            roles: roles(Some(if members.is_empty() { Role::Owner } else { Role::Operator }), w),
            form,
            shell,
        }
    }

    pub fn samples(lang: Lang) -> Vec<(&'static str, Self)> {
        use crate::web::admin::{people_samples, samples};
        let shell = || samples::shell(lang, Nav::AdminTenants);
        let tenants = people_samples::tenants();
        let bad_email = shell().w.admin.people.bad_email;
        let refused = MemberForm { email: "x@example".to_owned(), bad_email, ..MemberForm::default() };
        let Some(Listed { tenant, .. }) = tenants.first() else { return Vec::new() };
        let form = MemberForm { name: tenant.name.clone(), ..MemberForm::default() };
        let (members, invited) = (people_samples::members(), people_samples::invited());
        let link = Some("https://portal.example.com/invitation/9Zr2…".to_owned());
        let made = MemberForm { link, ..form.clone() };
        let limited = Known {
            quota: Quota { authorizers: Some(500), members: Some(10), keys: None },
            usage: Usage { authorizers: 128, members: 3, keys: 2 },
            ..Known::default()
        };
        let day = std::time::Duration::from_secs(86_400);
        let stopped = Life { suspended_at: Some(NOW.minus(day)), ..Life::default() };
        let suspended = Known { life: stopped, ..limited };
        let ending = Life {
            deletion_requested_at: Some(NOW.minus(day)),
            purge_at: Some(NOW.plus(6 * day)),
            ..stopped
        };
        let ending = Known { life: ending, ..limited };
        vec![
            ("members", Self::new(shell(), NOW, (tenant, (&members, &[]), &limited), form.clone())),
            ("invited", Self::new(shell(), NOW, (tenant, (&[], &invited), &limited), made)),
            ("refused", Self::new(shell(), NOW, (tenant, (&[], &[]), &Known::default()), refused)),
            ("suspended", Self::new(shell(), NOW, (tenant, (&members, &[]), &suspended), form.clone())),
            ("to_be_deleted", Self::new(shell(), NOW, (tenant, (&members, &[]), &ending), form)),
        ]
    }
}

fn accounts_href(tenant: &Tenant) -> String {
    format!("/admin/authorizers?tenant={}", tenant.id)
}
