//! The accounts of merchants: what they are, what they own, and how WeChat regards them.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::ids;
use super::sets;
use crate::random::Random;

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AccountKind {
    #[default]
    OfficialAccount,
    MiniProgram,
    /// 视频号
    Channels,
    /// 小程序推客, auth_type 4
    Promoter,
    /// 带货助手, auth_type 8
    Talent,
}

impl AccountKind {
    pub const ALL: [Self; 5] =
        [Self::OfficialAccount, Self::MiniProgram, Self::Channels, Self::Promoter, Self::Talent];

    /// The kinds that an `auth_type` lets through; `None` for a number that does not exist.
    pub fn of_auth_type(auth_type: &str) -> Option<&'static [Self]> {
        Some(match auth_type {
            "1" => &[Self::OfficialAccount],
            "2" => &[Self::MiniProgram],
            // Old pages say: optional, both by default.
            "3" | "" => &[Self::OfficialAccount, Self::MiniProgram],
            "4" => &[Self::Promoter],
            "5" => &[Self::Channels],
            "6" => &[Self::OfficialAccount, Self::MiniProgram, Self::Channels],
            "8" => &[Self::Talent],
            _ => return None,
        })
    }

    pub const fn zh(self) -> &'static str {
        match self {
            Self::OfficialAccount => "公众号",
            Self::MiniProgram => "小程序",
            Self::Channels => "视频号",
            Self::Promoter => "小程序推客",
            Self::Talent => "带货助手",
        }
    }

    pub const fn en(self) -> &'static str {
        match self {
            Self::OfficialAccount => "Official account",
            Self::MiniProgram => "Mini program",
            Self::Channels => "Channels",
            Self::Promoter => "Promoter",
            Self::Talent => "Talent",
        }
    }

    pub const fn code(self) -> &'static str {
        match self {
            Self::OfficialAccount => "official_account",
            Self::MiniProgram => "mini_program",
            Self::Channels => "channels",
            Self::Promoter => "promoter",
            Self::Talent => "talent",
        }
    }
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AccountStatus {
    #[default]
    Normal,
    Cancelled,
    Banned,
    Warned,
    Frozen,
}

impl AccountStatus {
    /// `account_status` as `api_get_authorizer_info` tells it.
    pub const fn number(self) -> i64 {
        match self {
            Self::Normal => 1,
            Self::Cancelled => 14,
            Self::Banned => 16,
            Self::Warned => 18,
            Self::Frozen => 19,
        }
    }

    /// Whether the consent page offers the account.
    pub const fn may_grant(self) -> bool {
        matches!(self, Self::Normal | Self::Warned)
    }

    pub const fn zh(self) -> &'static str {
        match self {
            Self::Normal => "正常",
            Self::Cancelled => "已注销",
            Self::Banned => "已封禁",
            Self::Warned => "被警告",
            Self::Frozen => "已冻结",
        }
    }

    pub const fn en(self) -> &'static str {
        match self {
            Self::Normal => "normal",
            Self::Cancelled => "cancelled",
            Self::Banned => "banned",
            Self::Warned => "warned",
            Self::Frozen => "frozen",
        }
    }
}

#[derive(Clone, Serialize)]
pub struct Account {
    pub appid: String,
    pub secret: String,
    pub kind: AccountKind,
    /// `user_name` on the wire: the original id, `gh_…`.
    pub gh_id: String,
    /// Empty for an unnamed mini program: the field is left out then.
    pub nick_name: String,
    /// Empty: the sandbox draws one. `none`: the field is left out.
    pub head_img: String,
    pub principal: String,
    pub alias: String,
    pub signature: String,
    pub status: AccountStatus,
    pub service_type: i64,
    pub verify_type: i64,
    pub register_type: i64,
    /// The sets whose APIs the account itself has; without them a granted set answers 48001.
    pub sets_owned: BTreeSet<u32>,
    /// Without API rights the exchange of a code brings no tokens.
    pub api_rights: bool,
    /// For calls with the account's own secret: addresses, CIDR blocks or `*`; empty allows all.
    pub ip_list: Vec<String>,
}

/// What is said about an account when it is made or changed; what is left out stays as it is.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct AccountPatch {
    pub appid: Option<String>,
    pub secret: Option<String>,
    pub kind: Option<AccountKind>,
    pub gh_id: Option<String>,
    pub nick_name: Option<String>,
    pub head_img: Option<String>,
    pub principal: Option<String>,
    pub alias: Option<String>,
    pub signature: Option<String>,
    pub status: Option<AccountStatus>,
    pub service_type: Option<i64>,
    pub verify_type: Option<i64>,
    pub register_type: Option<i64>,
    pub sets_owned: Option<BTreeSet<u32>>,
    pub api_rights: Option<bool>,
    pub ip_list: Option<Vec<String>>,
}

impl Account {
    /// A plausible account of this kind.
    pub fn fresh(appid: String, kind: AccountKind, random: &Random) -> Self {
        let official = kind == AccountKind::OfficialAccount;
        let owned = sets::CATALOGUE.iter().filter(|set| sets::fits(set.id, kind)).map(|set| set.id).collect();
        Self {
            nick_name: format!("{} {}", kind.zh(), appid.get(appid.len().saturating_sub(4)..).unwrap_or("")),
            appid,
            secret: ids::secret(random),
            kind,
            gh_id: ids::original_id(random),
            head_img: String::new(),
            principal: "深圳市沙盒科技有限公司".to_owned(),
            alias: String::new(),
            signature: String::new(),
            status: AccountStatus::Normal,
            service_type: if official { 2 } else { 0 },
            verify_type: 0,
            register_type: 0,
            sets_owned: owned,
            api_rights: true,
            ip_list: Vec::new(),
        }
    }

    pub fn apply(&mut self, patch: AccountPatch) {
        put(&mut self.secret, patch.secret);
        put(&mut self.gh_id, patch.gh_id);
        put(&mut self.nick_name, patch.nick_name);
        put(&mut self.head_img, patch.head_img);
        put(&mut self.principal, patch.principal);
        put(&mut self.alias, patch.alias);
        put(&mut self.signature, patch.signature);
        put(&mut self.status, patch.status);
        put(&mut self.service_type, patch.service_type);
        put(&mut self.verify_type, patch.verify_type);
        put(&mut self.register_type, patch.register_type);
        put(&mut self.sets_owned, patch.sets_owned);
        put(&mut self.api_rights, patch.api_rights);
        put(&mut self.ip_list, patch.ip_list);
    }
}

/// Replaces a field when something was said about it.
pub fn put<T>(field: &mut T, said: Option<T>) {
    if let Some(value) = said {
        *field = value;
    }
}
