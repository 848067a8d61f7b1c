//! What WeChat's error codes mean: a class that programs act on, a sentence and a remedy for people.
//! Source: the global return code list and wechat's component pages; a new code is one line in the table.

mod table;

use crate::domain::reason::Reason;
use crate::domain::text::Text;

/// How a refusal is to be met.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Class {
    /// The token that was sent is not accepted: refresh that token once, then try again.
    Token,
    /// Too many calls: wait for the next minute, day or month.
    Rate,
    /// IP list, secret, ticket or the platform's set-up: an operator's move, and every account is affected.
    Environment,
    /// The account no longer grants us, or the stored refresh token is dead.
    AuthorizationLost,
    /// The account or the grant does not include what was asked.
    Permission,
    /// The call was wrong; repeating it does not help.
    Bug,
    /// WeChat's own trouble: try again later.
    Transient,
}

impl Class {
    pub const ALL: [Self; 7] = [
        Self::Token,
        Self::Rate,
        Self::Environment,
        Self::AuthorizationLost,
        Self::Permission,
        Self::Bug,
        Self::Transient,
    ];

    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Token => "token",
            Self::Rate => "rate",
            Self::Environment => "environment",
            Self::AuthorizationLost => "authorization_lost",
            Self::Permission => "permission",
            Self::Bug => "bug",
            Self::Transient => "transient",
        }
    }

    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|class| class.as_str() == name)
    }

    pub const fn label(self) -> Text {
        match self {
            Self::Token => Text::new("令牌", "Token"),
            Self::Rate => Text::new("频率与额度", "Rate and quota"),
            Self::Environment => Text::new("平台环境", "Platform set-up"),
            Self::AuthorizationLost => Text::new("授权失效", "Authorization lost"),
            Self::Permission => Text::new("权限", "Permission"),
            Self::Bug => Text::new("请求有误", "Faulty call"),
            Self::Transient => Text::new("临时故障", "Temporary"),
        }
    }
}

/// One line of the table.
#[derive(Debug, PartialEq, Eq)]
pub struct Explained {
    /// `None` for the line that stands for every code nobody has written down.
    pub errcode: Option<i64>,
    pub class: Class,
    /// The state's reason that an account, or the component, gets for it.
    pub reason: Reason,
    pub sentence: Text,
    pub remedy: Text,
}

impl Explained {
    /// Whether the same call may succeed later without anyone doing anything. True for unknown codes: one wasted
    /// call is cheaper than an account that is given up because WeChat invented a number.
    pub const fn worth_retrying(&self) -> bool {
        matches!(self.class, Class::Token | Class::Rate | Class::Transient) || self.errcode.is_none()
    }
}

/// What a code means on most calls. An unknown code is a `Bug` that is [worth retrying](Explained::worth_retrying).
pub fn explain(errcode: i64) -> &'static Explained {
    table::ALL.iter().find(|line| line.errcode == Some(errcode)).unwrap_or(&table::UNKNOWN)
}

/// What a code means on that call, named as WeChat names it. Only 40001 differs: where the AppSecret is sent, it is
/// the AppSecret that is wrong.
pub fn explain_for(api: &str, errcode: i64) -> &'static Explained {
    if errcode == 40001 && sends_the_secret(api) { explain(40125) } else { explain(errcode) }
}

/// Calls that carry the component's AppSecret instead of a token.
pub fn sends_the_secret(api: &str) -> bool {
    matches!(api, "api_component_token" | "api_start_push_ticket" | "component_clear_quota_v2")
}

/// Every code in the table.
pub fn known() -> impl Iterator<Item = &'static Explained> {
    table::ALL.iter()
}
