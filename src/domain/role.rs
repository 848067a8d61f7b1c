//! Who may do what: one table, [`Permission::roles`] and [`PlatformPermission::roles`]. Handlers name the permission in
//! their signature; `docs/roles.md` is written from the same lines.

use crate::domain::text::Text;

/// What a member may be within a tenant.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Role {
    Owner,
    Operator,
    Viewer,
}

/// What somebody who runs the third-party platform may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum PlatformRole {
    /// Changes everything of the platform.
    Admin,
    /// Sees everything but secrets and changes nothing.
    Support,
}

/// What one may do with the things of one tenant.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Permission {
    /// See the tenant's authorizers, their health and history.
    SeeAuthorizers,
    /// Authorise new accounts, re-authorise, refresh now, pause and resume.
    ManageAuthorizers,
    /// See the tenant's members.
    SeeMembers,
    /// Invite members, change their roles, remove them.
    ManageMembers,
    /// See, make and revoke the keys of the tenant's business servers.
    ManageKeys,
    /// See, make and revoke links for merchants.
    ManageLinks,
    /// Read who did what, and take it along.
    SeeAudit,
    /// Change what the tenant is to others, its logo; take everything that is the tenant's along.
    ManageTenant,
    /// Decide whether every member must have a second factor.
    ManageSecurity,
}

/// What one may do with the platform, which is above all tenants.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum PlatformPermission {
    /// See components, accounts, tenants, users and incidents of the whole platform.
    See,
    /// Change any of them.
    Change,
}

use PlatformRole::{Admin, Support};
use Role::{Operator, Owner, Viewer};

impl Permission {
    pub const ALL: [Self; 9] = [
        Self::SeeAuthorizers,
        Self::ManageAuthorizers,
        Self::ManageLinks,
        Self::ManageKeys,
        Self::SeeMembers,
        Self::ManageMembers,
        Self::SeeAudit,
        Self::ManageTenant,
        Self::ManageSecurity,
    ];

    /// The table: who has the permission.
    pub const fn roles(self) -> &'static [Role] {
        match self {
            Self::SeeAuthorizers | Self::SeeMembers => &[Owner, Operator, Viewer],
            Self::ManageAuthorizers | Self::ManageLinks | Self::ManageKeys => &[Owner, Operator],
            Self::ManageMembers | Self::SeeAudit | Self::ManageTenant | Self::ManageSecurity => &[Owner],
        }
    }

    /// What it allows, in words.
    pub const fn label(self) -> Text {
        match self {
            Self::SeeAuthorizers => {
                Text::new("查看账号、健康状态和历史", "See the accounts, their health and history")
            }
            Self::ManageAuthorizers => Text::new(
                "授权、重新授权、立即刷新、暂停和恢复账号",
                "Authorize and re-authorize accounts, refresh now, pause, resume",
            ),
            Self::ManageLinks => {
                Text::new("查看、创建和撤销给商户的授权链接", "See, make and revoke links for merchants")
            }
            Self::SeeAudit => Text::new("查看和导出审计记录", "Read the audit and export it"),
            Self::SeeMembers => Text::new("查看成员", "See the members"),
            Self::ManageMembers => {
                Text::new("邀请成员、更改角色、移除成员", "Invite members, change roles, remove members")
            }
            Self::ManageTenant => Text::new(
                "更换商户看到的标志，导出全部数据",
                "Change the logo that merchants see, take all data along",
            ),
            Self::ManageSecurity => Text::new(
                "决定成员是否必须启用两步验证",
                "Decide whether every member must have a second factor",
            ),
            Self::ManageKeys => Text::new("查看、创建和吊销 API 密钥", "See, make and revoke API keys"),
        }
    }
}

impl PlatformPermission {
    pub const ALL: [Self; 2] = [Self::See, Self::Change];

    /// The table: who has the permission.
    pub const fn roles(self) -> &'static [PlatformRole] {
        match self {
            Self::See => &[Admin, Support],
            Self::Change => &[Admin],
        }
    }

    /// What it allows, in words.
    pub const fn label(self) -> Text {
        match self {
            Self::See => Text::new(
                "查看第三方平台、全部租户的账号、用户、事故和记录，密钥除外",
                "See the platform, every tenant's accounts, users, incidents and records, except secrets",
            ),
            Self::Change => Text::new(
                "修改第三方平台、租户、用户，处理未认领授权",
                "Change the platform, tenants and users, decide about unclaimed grants",
            ),
        }
    }
}

impl Role {
    pub const ALL: [Self; 3] = [Self::Owner, Self::Operator, Self::Viewer];

    pub const fn may(self, permission: Permission) -> bool {
        let roles = permission.roles();
        let mut at = 0;
        while at < roles.len() {
            if roles[at] as u8 == self as u8 {
                return true;
            }
            at += 1;
        }
        false
    }

    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Owner => "owner",
            Self::Operator => "operator",
            Self::Viewer => "viewer",
        }
    }

    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|role| role.as_str() == name)
    }
}

impl PlatformRole {
    pub const ALL: [Self; 2] = [Self::Admin, Self::Support];

    pub fn may(self, permission: PlatformPermission) -> bool {
        permission.roles().contains(&self)
    }

    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Admin => "admin",
            Self::Support => "support",
        }
    }

    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|role| role.as_str() == name)
    }
}
