//! People who sign in, and what they are within a tenant.

use crate::clock::Timestamp;
use crate::domain::ids::UserId;
use crate::domain::role::{PlatformPermission, PlatformRole, Role};
use crate::domain::tenant::Tenant;
use crate::domain::text::Lang;
use crate::domain::zone::Zone;

/// An e-mail address in lower case; names a user when signing in.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Email(String);

/// The text is no e-mail address.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("an e-mail address has the form name@example.com and at most 254 characters")]
pub struct BadEmail;

impl Email {
    /// Drops blanks around it and makes it lower case.
    ///
    /// # Errors
    /// `BadEmail` unless there is one `@` with something printable on both sides and a dot-free or dotted host.
    pub fn parse(text: &str) -> Result<Self, BadEmail> {
        let text = text.trim().to_lowercase();
        let (name, host) = text.split_once('@').ok_or(BadEmail)?;
        let printable = !text.chars().any(|c| c.is_whitespace() || c.is_control() || c == '<' || c == '>');
        let host_fits = !host.is_empty()
            && !host.contains('@')
            && host.split('.').all(|label| !label.is_empty() && !label.starts_with('-'));
        if name.is_empty() || !host_fits || !printable || text.len() > 254 {
            return Err(BadEmail);
        }
        Ok(Self(text))
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Display for Email {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

/// A person who signs in. The password's hash stays in the store.
#[derive(Clone, Debug)]
pub struct User {
    pub id: UserId,
    pub email: Email,
    pub name: String,
    /// Set for who runs the third-party platform: sees every tenant.
    pub platform: Option<PlatformRole>,
    /// The language chosen by hand, if any.
    pub language: Option<Lang>,
    /// The time zone chosen by hand, if any.
    pub zone: Option<Zone>,
    pub created_at: Timestamp,
    pub last_sign_in_at: Option<Timestamp>,
    /// Set: cannot sign in, and every session is over.
    pub disabled_at: Option<Timestamp>,
}

impl User {
    pub fn may_on_platform(&self, permission: PlatformPermission) -> bool {
        self.platform.is_some_and(|role| role.may(permission))
    }

    pub fn is_platform_admin(&self) -> bool {
        self.platform == Some(PlatformRole::Admin)
    }
}

/// Counts how often sessions of a user were ended. A session lives while the count is the one it began with, so that
/// none outlives an ending that came between the proof and the session.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SessionEpoch(i64);

impl SessionEpoch {
    /// Of an account that was just made.
    pub const FIRST: Self = Self(0);

    pub const fn of_number(number: i64) -> Self {
        Self(number)
    }

    pub const fn number(self) -> i64 {
        self.0
    }
}

/// Somebody who showed who they are, and the epoch in which it was looked at.
#[derive(Clone, Debug)]
pub struct Proved {
    pub user: User,
    pub epoch: SessionEpoch,
}

impl Proved {
    /// Who just made the account.
    pub const fn newcomer(user: User) -> Self {
        Self { user, epoch: SessionEpoch::FIRST }
    }
}

/// One tenant as one user sees it.
#[derive(Clone, Debug)]
pub struct Membership {
    pub tenant: Tenant,
    pub role: Role,
}

/// One user as the tenant's list of members shows it.
#[derive(Clone, Debug)]
pub struct Member {
    pub user: User,
    pub role: Role,
    pub since: Timestamp,
}

/// A name of a person or a company, which letters carry to strangers: a label without the address of a page.
///
/// # Errors
/// `BadName` otherwise. Blanks around it are dropped.
pub fn parse_name(text: &str) -> Result<String, BadName> {
    let name = parse_label(text)?;
    let plain = name.to_lowercase();
    if plain.contains("://") || plain.contains("www.") { Err(BadName::Address) } else { Ok(name) }
}

/// What one's own people call a thing: 1 to 80 characters, none of them a control character.
///
/// # Errors
/// `BadName` otherwise. Blanks around it are dropped.
pub fn parse_label(text: &str) -> Result<String, BadName> {
    let name = text.trim();
    let fits = !name.is_empty() && name.chars().count() <= 80 && !name.chars().any(char::is_control);
    if fits { Ok(name.to_owned()) } else { Err(BadName::Length) }
}

/// The text cannot be shown as a name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadName {
    #[error("a name has 1 to 80 characters, on one line")]
    Length,
    #[error("a name holds no address of a page: no \"://\" and no \"www.\"")]
    Address,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_carries_no_address_of_a_page() {
        for lure in ["中奖 https://example.com", "ftp://x", "see WWW.example.com", "a www.b"] {
            assert_eq!(parse_name(lure), Err(BadName::Address), "{lure}");
            assert!(parse_label(lure).is_ok(), "{lure}: for one's own people");
        }
        assert_eq!(parse_name(" 青禾茶业 (Qinghe): 1/2 ").unwrap(), "青禾茶业 (Qinghe): 1/2");
        assert_eq!(parse_name("awww"), Ok("awww".to_owned()));
        assert_eq!(parse_name("a\nb"), Err(BadName::Length));
    }
}
