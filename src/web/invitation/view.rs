//! The page of an invitation, ready to print.

use askama::Template;

use crate::domain::ids::{BadId, InvitationId, TenantId};
use crate::domain::invitation::Invitation;
use crate::domain::role::Role;
use crate::domain::tenant::{Slug, Tenant};
use crate::domain::text::Lang;
use crate::domain::user::Email;
use crate::service::accept_invitation::Open;
use crate::web::admin::views::role_label;
use crate::web::samples::{NOW, ahead};
use crate::web::shell::Shell;
use crate::web::words::fill;

#[derive(Clone, Debug, Template)]
#[template(path = "invitation/show.html")]
pub struct InvitationView {
    pub shell: Shell,
    pub token: String,
    pub title: String,
    pub lede: String,
    pub way: Way,
    pub form: NewForm,
}

/// How the invited person goes on.
#[derive(Clone, Debug)]
pub enum Way {
    /// Signed in: one button.
    Accept(String),
    /// Nobody is signed in: a new account, or the one they have.
    New(String),
}

/// What was entered for a new account, and what is wrong with it.
#[derive(Clone, Debug, Default)]
pub struct NewForm {
    pub name: String,
    pub bad_name: &'static str,
    pub bad_password: &'static str,
}

impl InvitationView {
    pub fn new(shell: Shell, token: &str, (open, who): (&Open, Option<&str>), form: NewForm) -> Self {
        let w = &shell.w.people;
        let inviter = open.invitation.invited_by.as_deref().unwrap_or(w.somebody);
        let email = open.invitation.email.as_str();
        let way = match who {
            Some(who) => Way::Accept(fill(w.invitation_as, &[who])),
            None => Way::New(fill(w.invitation_new, &[email])),
        };
        Self {
            title: fill(w.invitation_title, &[&open.tenant.name]),
            lede: fill(w.invitation_lede, &[inviter, role_label(open.invitation.role, shell.w)]),
            token: token.to_owned(),
            way,
            form,
            shell,
        }
    }

    pub fn samples(lang: Lang) -> Vec<(&'static str, Self)> {
        let shell = || Shell { user: None, tenant: None, tenants: Vec::new(), ..Shell::sample(lang) };
        let view = |shell, who, form| {
            let open = sample().ok()?;
            Some(Self::new(shell, "token", (&open, who), form))
        };
        let bad = NewForm { name: String::new(), bad_name: "…", bad_password: "…" };
        [
            ("new", view(shell(), None, NewForm::default())),
            ("mistakes", view(shell(), None, bad)),
            ("signed_in", view(Shell::sample(lang), Some("chen@example.com"), NewForm::default())),
        ]
        .into_iter()
        .filter_map(|(name, view)| Some((name, view?)))
        .collect()
    }
}

fn sample() -> Result<Open, BadId> {
    let tenant = TenantId::parse("t-qinghe")?;
    let bad = |_| BadId { kind: "sample", text: String::new() };
    Ok(Open {
        invitation: Invitation {
            id: InvitationId::parse("i-sample")?,
            tenant: tenant.clone(),
            email: Email::parse("xin@example.com").map_err(bad)?,
            role: Role::Operator,
            invited_by: Some("陈晓".to_owned()),
            letter: None,
            created_at: NOW,
            expires_at: ahead(7 * 24 * 60),
        },
        tenant: Tenant {
            id: tenant,
            slug: Slug::parse("qinghe").map_err(|_| BadId { kind: "slug", text: String::new() })?,
            name: "青禾茶业".to_owned(),
            created_at: NOW,
            suspended_at: None,
        },
    })
}
