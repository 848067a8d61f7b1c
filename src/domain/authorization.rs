//! One attempt at granting: who asked for it, for which account, and how it ended.

use crate::clock::Timestamp;
use crate::domain::ids::{
    AuthorizationId, AuthorizerAppid, ComponentAppid, MerchantLinkId, TenantId, UserId,
};

/// WeChat's `auth_type`: which kinds of account the consent page offers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum AuthType {
    OfficialAccount,
    MiniProgram,
    Both,
}

impl AuthType {
    pub const ALL: [Self; 3] = [Self::OfficialAccount, Self::MiniProgram, Self::Both];

    /// The number in WeChat's URL.
    pub const fn number(self) -> i64 {
        match self {
            Self::OfficialAccount => 1,
            Self::MiniProgram => 2,
            Self::Both => 3,
        }
    }

    pub fn from_number(number: i64) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.number() == number)
    }
}

/// How an attempt stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum AuthorizationStatus {
    /// The entry page was made; nobody has come back.
    Started,
    /// The browser came back or the push arrived; the code is being exchanged.
    Exchanging,
    Finished,
    /// It came back and could not be accepted; see the problem.
    Failed,
    /// Nobody came back in time.
    Lapsed,
}

impl AuthorizationStatus {
    pub const ALL: [Self; 5] = [Self::Started, Self::Exchanging, Self::Finished, Self::Failed, Self::Lapsed];

    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Started => "started",
            Self::Exchanging => "exchanging",
            Self::Finished => "finished",
            Self::Failed => "failed",
            Self::Lapsed => "lapsed",
        }
    }

    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|status| status.as_str() == name)
    }
}

/// Why a grant could not be taken as it came. Also the reason why it waits in the unclaimed list.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum GrantProblem {
    /// No attempt of ours is known for it.
    UnknownOrigin,
    /// The account belongs to another tenant already.
    BelongsToAnotherTenant,
    /// The attempt was locked to another appid.
    WrongAccount,
    /// It came by a merchant's link that was revoked, or used up by others, in the meantime.
    LinkClosed,
    /// The tenant that asked has as many accounts as it may have.
    OverQuota,
    /// WeChat says the code was used or is unknown (61009), and no stored success explains it.
    CodeInvalid,
    /// WeChat says the code has expired (61010).
    CodeExpired,
    /// WeChat gave no tokens: the account has no API rights.
    NoApiRights,
    /// WeChat refused for another reason.
    Refused,
}

impl GrantProblem {
    pub const ALL: [Self; 9] = [
        Self::UnknownOrigin,
        Self::BelongsToAnotherTenant,
        Self::WrongAccount,
        Self::LinkClosed,
        Self::OverQuota,
        Self::CodeInvalid,
        Self::CodeExpired,
        Self::NoApiRights,
        Self::Refused,
    ];

    pub const fn as_str(self) -> &'static str {
        match self {
            Self::UnknownOrigin => "unknown_origin",
            Self::BelongsToAnotherTenant => "belongs_to_another_tenant",
            Self::WrongAccount => "wrong_account",
            Self::LinkClosed => "link_closed",
            Self::OverQuota => "over_quota",
            Self::CodeInvalid => "code_invalid",
            Self::CodeExpired => "code_expired",
            Self::NoApiRights => "no_api_rights",
            Self::Refused => "refused",
        }
    }

    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|problem| problem.as_str() == name)
    }

    /// Whether the grant waits for a platform admin: another try would not help.
    pub const fn waits_for_admin(self) -> bool {
        match self {
            Self::UnknownOrigin | Self::BelongsToAnotherTenant | Self::LinkClosed | Self::OverQuota => true,
            Self::WrongAccount
            | Self::CodeInvalid
            | Self::CodeExpired
            | Self::NoApiRights
            | Self::Refused => false,
        }
    }
}

/// An attempt as pages show it.
#[derive(Clone, Debug)]
pub struct Authorization {
    pub id: AuthorizationId,
    pub component: ComponentAppid,
    pub tenant: TenantId,
    pub user: Option<UserId>,
    pub auth_type: AuthType,
    /// Set for a re-authorisation: only this account is accepted.
    pub expected_appid: Option<AuthorizerAppid>,
    pub status: AuthorizationStatus,
    pub problem: Option<GrantProblem>,
    /// The account that came back.
    pub authorizer: Option<AuthorizerAppid>,
    pub created_at: Timestamp,
    /// When somebody who may asked for it; an attempt that follows on its entry page keeps this moment.
    pub asked_at: Timestamp,
    pub finished_at: Option<Timestamp>,
    /// Until when the entry page can be used; a new press makes a new code.
    pub code_expires_at: Timestamp,
    /// The merchant's link it was begun with.
    pub link: Option<MerchantLinkId>,
}
