//! The audit: who did what, to what, from where, and what it was before and after. A record is written in the very
//! transaction of the change, so that nothing is changed without one.

use std::net::IpAddr;

use crate::domain::ids::{ApiKeyId, TenantId, UserId};
use crate::domain::user::{Email, User};

mod action;
mod checkpoint;
mod detail;
mod record;
mod subject;

pub use action::Action;
pub use checkpoint::{Checkpoint, name_of as key_name};
pub use detail::{Detail, Plain, Said};
pub use record::{GENESIS, Record};
pub use subject::{Kind, Subject};

/// Who acts, from where, within which request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Actor {
    pub who: Who,
    /// The address of the other end, through trusted proxies; `None` where nothing came over the network.
    pub address: Option<IpAddr>,
    /// Names the request in the log and on error pages; empty where there was none.
    pub trace: String,
}

/// Who acts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Who {
    User {
        id: UserId,
        email: Email,
    },
    /// A business server.
    Key {
        id: ApiKeyId,
        name: String,
    },
    /// The holder of a link that was sent to a merchant; the link's id, never its token.
    Link(String),
    /// Somebody who is not signed in.
    Nobody,
    /// Somebody with a shell on the server.
    Cli,
    /// The portal by itself.
    System,
}

impl Actor {
    /// A person who is signed in.
    pub fn user(user: &User, address: Option<IpAddr>, trace: &str) -> Self {
        Self {
            who: Who::User { id: user.id.clone(), email: user.email.clone() },
            address,
            trace: trace.to_owned(),
        }
    }

    pub fn key(id: &ApiKeyId, name: &str, address: Option<IpAddr>, trace: &str) -> Self {
        Self { who: Who::Key { id: id.clone(), name: name.to_owned() }, address, trace: trace.to_owned() }
    }

    /// The holder of a merchant's link, by the link's id.
    pub fn link(id: &str, address: Option<IpAddr>, trace: &str) -> Self {
        Self { who: Who::Link(id.to_owned()), address, trace: trace.to_owned() }
    }

    pub fn nobody(address: Option<IpAddr>, trace: &str) -> Self {
        Self { who: Who::Nobody, address, trace: trace.to_owned() }
    }

    pub const fn cli() -> Self {
        Self { who: Who::Cli, address: None, trace: String::new() }
    }

    pub const fn system() -> Self {
        Self { who: Who::System, address: None, trace: String::new() }
    }

    /// The same request, once it has shown whose it is: a sign-in, a link that is accepted.
    #[must_use]
    pub fn turned_out_to_be(&self, user: &User) -> Self {
        Self::user(user, self.address, &self.trace)
    }

    /// The same, known by a merchant's link when it is nobody that we know otherwise.
    #[must_use]
    pub fn holding(&self, link: &str) -> Self {
        match self.who {
            Who::Nobody => Self::link(link, self.address, &self.trace),
            Who::User { .. } | Who::Key { .. } | Who::Link(_) | Who::Cli | Who::System => self.clone(),
        }
    }

    pub const fn user_id(&self) -> Option<&UserId> {
        match &self.who {
            Who::User { id, .. } => Some(id),
            Who::Key { .. } | Who::Link(_) | Who::Nobody | Who::Cli | Who::System => None,
        }
    }
}

impl Who {
    /// The stored word for the kind of actor.
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::User { .. } => "user",
            Self::Key { .. } => "api_key",
            Self::Link(_) => "link",
            Self::Nobody => "nobody",
            Self::Cli => "cli",
            Self::System => "system",
        }
    }

    pub fn id(&self) -> Option<&str> {
        match self {
            Self::User { id, .. } => Some(id.as_str()),
            Self::Key { id, .. } => Some(id.as_str()),
            Self::Link(id) => Some(id),
            Self::Nobody | Self::Cli | Self::System => None,
        }
    }

    /// What people know the actor by, at the time of the deed.
    pub fn name(&self) -> Option<&str> {
        match self {
            Self::User { email, .. } => Some(email.as_str()),
            Self::Key { name, .. } => Some(name),
            Self::Link(_) | Self::Nobody | Self::Cli | Self::System => None,
        }
    }
}

impl std::fmt::Display for Who {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.id() {
            Some(id) => write!(f, "{} {id}", self.kind()),
            None => f.write_str(self.kind()),
        }
    }
}

/// What was done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Whose members may read of it; `None`: the platform only.
    pub tenant: Option<TenantId>,
    pub action: Action,
    pub subject: Subject,
    pub detail: Detail,
}

impl Entry {
    /// Something within a tenant.
    pub fn of(tenant: &TenantId, action: Action, subject: Subject) -> Self {
        Self { tenant: Some(tenant.clone()), action, subject, detail: Detail::none() }
    }

    /// Something of the platform, or of a person as such.
    pub fn platform(action: Action, subject: Subject) -> Self {
        Self { tenant: None, action, subject, detail: Detail::none() }
    }

    #[must_use]
    pub fn with(self, detail: Detail) -> Self {
        Self { detail, ..self }
    }
}
