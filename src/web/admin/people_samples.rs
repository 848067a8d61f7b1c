//! Tenants and users for the samples of the platform's views.

use crate::domain::ids::{InvitationId, TenantId, UserId};
use crate::domain::invitation::Invitation;
use crate::domain::role::{PlatformRole, Role};
use crate::domain::tenant::{Slug, Tenant};
use crate::domain::user::{Email, Member, User};
use crate::store::tenant::Listed;

use super::users::view::Found;
use crate::web::samples::{ago, ahead};

pub(super) fn tenants() -> Vec<Listed> {
    [
        ("t-qinghe", "qinghe", "青禾茶业", 3, 12),
        ("t-beichen", "beichen", "北辰餐饮集团（华东大区运营中心）", 1, 1840),
    ]
    .into_iter()
    .filter_map(|(id, slug, name, members, authorizers)| {
        let tenant = Tenant {
            id: TenantId::parse(id).ok()?,
            slug: Slug::parse(slug).ok()?,
            name: name.to_owned(),
            created_at: ago(60 * 24 * 60),
            suspended_at: (id == "t-beichen").then(|| ago(60 * 24)),
        };
        Some(Listed { tenant, members, authorizers })
    })
    .collect()
}

pub(super) fn users() -> Vec<User> {
    [
        ("u-ops", "ops@example.com", "周平台"),
        ("u-chen", "chen@example.com", "陈晓"),
        ("u-old", "former.colleague.with.a.long.name@subsidiary.example.com", "Alexandra Featherstonehaugh"),
    ]
    .into_iter()
    .filter_map(|(id, email, name)| {
        Some(User {
            id: UserId::parse(id).ok()?,
            email: Email::parse(email).ok()?,
            name: name.to_owned(),
            platform: match id {
                "u-ops" => Some(PlatformRole::Admin),
                "u-old" => Some(PlatformRole::Support),
                _ => None,
            },
            zone: None,
            language: None,
            created_at: ago(60 * 24 * 50),
            last_sign_in_at: (id != "u-old").then(|| ago(14)),
            disabled_at: (id == "u-old").then(|| ago(60 * 24 * 2)),
        })
    })
    .collect()
}

pub fn members() -> Vec<Member> {
    let roles = Role::ALL.into_iter();
    users()
        .into_iter()
        .zip(roles)
        .map(|(user, role)| Member { user, role, since: ago(60 * 24 * 20) })
        .collect()
}

pub(super) fn invited() -> Vec<Invitation> {
    let invitation = || {
        Some(Invitation {
            id: InvitationId::parse("i-1").ok()?,
            tenant: TenantId::parse("t-qinghe").ok()?,
            email: Email::parse("xin@example.com").ok()?,
            role: Role::Owner,
            invited_by: None,
            letter: None,
            created_at: ago(1),
            expires_at: ahead(7 * 24 * 60),
        })
    };
    invitation().into_iter().collect()
}

pub(super) fn found() -> Option<Found> {
    Some(Found {
        users: users(),
        tenants: tenants(),
        holders: users().into_iter().take(1).map(|user| user.id).collect(),
        viewer: UserId::parse("u-ops").ok()?,
    })
}
