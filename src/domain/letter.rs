//! Letters to people: what they are about, and what became of one.

use crate::clock::Timestamp;

/// What a letter is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum LetterKind {
    /// Somebody is asked to become a member of a tenant.
    Invitation,
    /// A link to choose another password.
    PasswordReset,
    /// Tells that the password was changed.
    PasswordChanged,
    /// A link that confirms a new e-mail address.
    EmailConfirmation,
    /// Tells the old address that there is a new one.
    EmailChanged,
    /// A link that finishes signing up.
    SignUp,
    /// A link for a merchant who has no login.
    MerchantLink,
}

impl LetterKind {
    pub const ALL: [Self; 7] = [
        Self::Invitation,
        Self::PasswordReset,
        Self::PasswordChanged,
        Self::EmailConfirmation,
        Self::EmailChanged,
        Self::SignUp,
        Self::MerchantLink,
    ];

    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Invitation => "invitation",
            Self::PasswordReset => "password_reset",
            Self::PasswordChanged => "password_changed",
            Self::EmailConfirmation => "email_confirmation",
            Self::EmailChanged => "email_changed",
            Self::SignUp => "sign_up",
            Self::MerchantLink => "merchant_link",
        }
    }

    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == name)
    }
}

/// What became of a letter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LetterState {
    /// Waits to be sent, or to be tried again after so many tries; the problem is the last one's.
    Waiting {
        tries: i64,
        problem: Option<String>,
    },
    Sent(Timestamp),
    /// Given up, with the mail server's own words.
    Failed {
        at: Timestamp,
        problem: String,
    },
}
