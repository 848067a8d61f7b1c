//! The health of an account's tokens: the only vocabulary, in code, pages, metrics and docs.

use crate::clock::Timestamp;
use crate::domain::text::Text;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Health {
    /// A link was made and not finished.
    PendingAuthorization,
    /// The access token is valid, the last attempt went well, the scheduler's heartbeat is fresh.
    Healthy,
    /// A transient failure; the access token is still valid.
    Retrying,
    /// No valid access token, the cause is transient.
    ExpiredRetrying,
    /// The recovery ladder is running, or an attempt is in doubt.
    Recovering,
    /// WeChat lists the account with an empty refresh token.
    NotExchanged,
    /// A permanent cause after the ladder failed.
    NeedsReauthorization,
    /// Cancelled by the account's owner.
    Unauthorized,
    /// The platform itself cannot refresh: ticket, component token, address list, quota.
    BlockedUpstream,
    /// By a person, or the account is frozen.
    Paused,
    /// The scheduler's heartbeat is lost, so nothing we stored can be trusted to be current. Never stored.
    Unknown,
}

impl Health {
    /// In order of urgency, most urgent first.
    pub const ALL: [Self; 11] = [
        Self::NeedsReauthorization,
        Self::NotExchanged,
        Self::ExpiredRetrying,
        Self::BlockedUpstream,
        Self::Unknown,
        Self::Recovering,
        Self::Retrying,
        Self::Unauthorized,
        Self::PendingAuthorization,
        Self::Paused,
        Self::Healthy,
    ];

    pub const fn as_str(self) -> &'static str {
        match self {
            Self::PendingAuthorization => "pending_authorization",
            Self::Healthy => "healthy",
            Self::Retrying => "retrying",
            Self::ExpiredRetrying => "expired_retrying",
            Self::Recovering => "recovering",
            Self::NotExchanged => "not_exchanged",
            Self::NeedsReauthorization => "needs_reauthorization",
            Self::Unauthorized => "unauthorized",
            Self::BlockedUpstream => "blocked_upstream",
            Self::Paused => "paused",
            Self::Unknown => "unknown",
        }
    }

    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|health| health.as_str() == name)
    }

    /// The place in the list: small numbers need a person first. Stored beside the name so that SQL can sort by it.
    pub const fn rank(self) -> i64 {
        match self {
            Self::NeedsReauthorization => 10,
            Self::NotExchanged => 20,
            Self::ExpiredRetrying => 30,
            Self::BlockedUpstream => 40,
            Self::Unknown => 45,
            Self::Recovering => 50,
            Self::Retrying => 60,
            Self::Unauthorized => 70,
            Self::PendingAuthorization => 75,
            Self::Paused => 80,
            Self::Healthy => 90,
        }
    }

    pub const fn label(self) -> Text {
        match self {
            Self::PendingAuthorization => Text::new("待授权", "Awaiting authorization"),
            Self::Healthy => Text::new("正常", "Healthy"),
            Self::Retrying => Text::new("重试中", "Retrying"),
            Self::ExpiredRetrying => Text::new("已过期·重试中", "Expired, retrying"),
            Self::Recovering => Text::new("自动修复中", "Self-healing"),
            Self::NotExchanged => Text::new("授权未完成", "Not exchanged"),
            Self::NeedsReauthorization => Text::new("需重新授权", "Needs re-authorization"),
            Self::Unauthorized => Text::new("已取消授权", "Authorization cancelled"),
            Self::BlockedUpstream => Text::new("平台受阻", "Blocked by platform"),
            Self::Paused => Text::new("已暂停", "Paused"),
            Self::Unknown => Text::new("未知", "No data"),
        }
    }

    /// Whether a person of the tenant should act.
    pub const fn needs_a_person(self) -> bool {
        match self {
            Self::NeedsReauthorization | Self::NotExchanged | Self::Unauthorized => true,
            Self::PendingAuthorization
            | Self::Healthy
            | Self::Retrying
            | Self::ExpiredRetrying
            | Self::Recovering
            | Self::BlockedUpstream
            | Self::Paused
            | Self::Unknown => false,
        }
    }

    /// Whether the scheduler keeps refreshing an account in this state.
    pub const fn is_refreshed(self) -> bool {
        match self {
            Self::Healthy
            | Self::Retrying
            | Self::ExpiredRetrying
            | Self::Recovering
            | Self::BlockedUpstream => true,
            Self::PendingAuthorization
            | Self::NotExchanged
            | Self::NeedsReauthorization
            | Self::Unauthorized
            | Self::Paused
            | Self::Unknown => false,
        }
    }
}

/// What a page may show of a stored state. Without a fresh heartbeat nothing is called healthy, and a token that has
/// run out is not called valid, whatever the row still says.
pub fn shown(
    stored: Health,
    heartbeat: Heartbeat,
    token_expires_at: Option<Timestamp>,
    now: Timestamp,
) -> Health {
    let expired = token_expires_at.is_none_or(|end| end <= now);
    match (stored, heartbeat) {
        (Health::Healthy, Heartbeat::Lost) => Health::Unknown,
        (Health::Healthy | Health::Retrying, _) if expired => Health::ExpiredRetrying,
        (stored, _) => stored,
    }
}

/// Whether the scheduler is alive.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Heartbeat {
    Fresh,
    Lost,
}

/// Who has to act next.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Mover {
    /// Nobody: it goes by itself.
    Hufu,
    /// The account's owner or the tenant's operators.
    Account,
    /// The operators of the third-party platform.
    Platform,
    /// Tencent.
    Wechat,
}

impl Mover {
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Hufu => "hufu",
            Self::Account => "account",
            Self::Platform => "platform",
            Self::Wechat => "wechat",
        }
    }

    pub const fn label(self) -> Text {
        match self {
            Self::Hufu => Text::new("系统自动处理", "Handled automatically"),
            Self::Account => Text::new("等待商户", "The account's owner"),
            Self::Platform => Text::new("等待平台管理员", "The platform's administrators"),
            Self::Wechat => Text::new("等待微信", "WeChat"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp::from_unix(1_800_000_000);
    const LATER: Option<Timestamp> = Some(Timestamp::from_unix(1_800_000_001));

    #[test]
    fn nothing_is_green_without_a_heartbeat() {
        for stored in Health::ALL {
            assert_ne!(shown(stored, Heartbeat::Lost, LATER, NOW), Health::Healthy);
            assert_eq!(shown(stored, Heartbeat::Fresh, LATER, NOW), stored);
        }
        assert_eq!(shown(Health::Healthy, Heartbeat::Lost, LATER, NOW), Health::Unknown);
    }

    #[test]
    fn a_token_that_has_run_out_is_never_called_valid() {
        for end in [None, Some(NOW)] {
            assert_eq!(shown(Health::Healthy, Heartbeat::Fresh, end, NOW), Health::ExpiredRetrying);
            assert_eq!(shown(Health::Retrying, Heartbeat::Lost, end, NOW), Health::ExpiredRetrying);
            assert_eq!(shown(Health::Paused, Heartbeat::Fresh, end, NOW), Health::Paused);
        }
    }
}
