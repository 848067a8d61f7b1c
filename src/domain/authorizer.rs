//! An account that granted us, as pages and the programs that show it see it. No token in it.

use crate::clock::Timestamp;
use crate::domain::health::Health;
use crate::domain::ids::{AuthorizerKey, TenantId};
use crate::domain::reason::Reason;
use crate::domain::text::{Lang, Text};

/// What kind of account it is. An open list: WeChat adds kinds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    OfficialAccount,
    MiniProgram,
    Channels,
    Other,
    /// api_get_authorizer_info has not answered yet.
    Unknown,
}

impl Kind {
    pub const ALL: [Self; 5] =
        [Self::OfficialAccount, Self::MiniProgram, Self::Channels, Self::Other, Self::Unknown];

    pub const fn as_str(self) -> &'static str {
        match self {
            Self::OfficialAccount => "official_account",
            Self::MiniProgram => "mini_program",
            Self::Channels => "channels",
            Self::Other => "other",
            Self::Unknown => "unknown",
        }
    }

    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == name)
    }

    pub const fn label(self) -> Text {
        match self {
            Self::OfficialAccount => Text::new("公众号", "Official account"),
            Self::MiniProgram => Text::new("小程序", "Mini program"),
            Self::Channels => Text::new("视频号", "Channels"),
            Self::Other => Text::new("其他", "Other"),
            Self::Unknown => Text::new("待识别", "Not known yet"),
        }
    }
}

/// What WeChat tells of an account (api_get_authorizer_info).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Profile {
    pub nick_name: Option<String>,
    pub head_img: Option<String>,
    /// The original id, `gh_…`.
    pub user_name: Option<String>,
    pub alias: Option<String>,
    pub principal_name: Option<String>,
    pub signature: Option<String>,
    pub service_type: Option<i64>,
    pub verify_type: Option<i64>,
    /// 1 normal, 14 cancelled, 16 banned, 18 warned, 19 frozen.
    pub account_status: Option<i64>,
}

/// What WeChat's `account_status` says, or its number when nobody has written it down.
pub fn status_label(id: i64, lang: Lang) -> String {
    let known = match id {
        1 => Text::new("正常", "normal"),
        14 => Text::new("已注销", "closed"),
        16 => Text::new("已封禁", "banned"),
        18 => Text::new("已告警", "warned"),
        19 => Text::new("已冻结", "frozen"),
        _ => return id.to_string(),
    };
    known.get(lang).to_owned()
}

/// One account of one tenant.
#[derive(Clone, Debug)]
pub struct Authorizer {
    pub key: AuthorizerKey,
    pub tenant: TenantId,
    pub kind: Kind,
    pub profile: Profile,
    /// Ids of the granted permission sets, as WeChat sent them.
    pub func_info: Vec<i64>,
    pub health: Health,
    pub health_since: Timestamp,
    pub reason: Reason,
    /// WeChat's error code and rid of the last failure, while it lasts.
    pub errcode: Option<i64>,
    pub rid: Option<String>,
    pub authorized_at: Timestamp,
    pub token_obtained_at: Option<Timestamp>,
    pub token_expires_at: Option<Timestamp>,
    /// The last refresh or exchange that gave tokens.
    pub last_success_at: Option<Timestamp>,
    pub next_refresh_at: Option<Timestamp>,
    /// Failures in a row.
    pub failures: i64,
    /// Raised whenever the tokens change.
    pub generation: i64,
    pub info_at: Option<Timestamp>,
}
