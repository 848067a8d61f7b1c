//! Who may do what: one table, [`Role::may`]. Handlers name the permission in their signature.

/// What a member may be within a tenant.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Role {
    Owner,
    Operator,
    Viewer,
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
    /// See, make and revoke the keys of the tenant's business servers.
    ManageKeys,
    /// See, make and revoke links for merchants.
    ManageLinks,
}

impl Role {
    pub const ALL: [Self; 3] = [Self::Owner, Self::Operator, Self::Viewer];

    pub const fn may(self, permission: Permission) -> bool {
        match (self, permission) {
            (Self::Owner | Self::Operator, _) => true,
            (Self::Viewer, Permission::SeeAuthorizers | Permission::SeeMembers) => true,
            (
                Self::Viewer,
                Permission::ManageAuthorizers | Permission::ManageKeys | Permission::ManageLinks,
            ) => false,
        }
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
