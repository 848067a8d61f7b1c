//! One-time links to a person.

use crate::domain::ids::UserId;
use crate::domain::user::Email;

/// What a link is good for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum LinkKind {
    /// To choose another password.
    PasswordReset,
    /// To show that a new e-mail address is one's own.
    NewEmail,
    /// To finish signing up.
    SignUp,
}

impl LinkKind {
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::PasswordReset => "password_reset",
            Self::NewEmail => "new_email",
            Self::SignUp => "sign_up",
        }
    }
}

/// Whose link it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PersonLink {
    pub kind: LinkKind,
    /// `None` for somebody who has no account yet.
    pub user: Option<UserId>,
    /// The address it was sent to, or that it confirms.
    pub email: Email,
    /// Of somebody who signs up, and of nobody else.
    pub applicant: Option<Applicant>,
}

/// What somebody who signs up says of themselves; see `domain::user::parse_name`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Applicant {
    pub name: String,
    pub company: String,
}
