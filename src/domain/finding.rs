//! What a comparison of WeChat's list of accounts with ours can find. The names are stored and never change their meaning.

use crate::domain::text::Text;

macro_rules! findings {
    ($($(#[$doc:meta])* $name:ident = $code:literal, $zh:literal / $en:literal, $note_zh:literal / $note_en:literal;)*) => {
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum Finding {
            $($(#[$doc])* $name,)*
        }

        impl Finding {
            pub const ALL: &'static [Self] = &[$(Self::$name),*];

            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$name => $code,)* }
            }

            pub const fn label(self) -> Text {
                match self { $(Self::$name => Text::new($zh, $en),)* }
            }

            /// What is done about it.
            pub const fn note(self) -> Text {
                match self { $(Self::$name => Text::new($note_zh, $note_en),)* }
            }
        }
    };
}

findings! {
    /// In the order in which they are shown.
    MissingHere = "missing_here", "微信有，这里没有" / "Known to WeChat, unknown here",
        "在“待认领账号”里等待划入租户" / "They wait among the unclaimed accounts";
    MissingThere = "missing_there", "这里有，微信没有" / "Known here, unknown to WeChat",
        "已安排一次续期来核实；确认后显示为已取消授权" / "A renewal verifies it; if it is so, they show as cancelled";
    OtherToken = "other_token", "刷新令牌不同" / "Another refresh token",
        "已安排一次续期，必要时改用微信给出的令牌" / "A renewal is due; it takes WeChat's token if ours is refused";
    CameBack = "came_back", "失效后又有了新令牌" / "Lost, and now with a new token",
        "已安排用新令牌续期" / "A renewal with the new token is due";
    NeverExchanged = "never_exchanged", "已授权，但授权码从未兑换" / "Granted, but the code was never exchanged",
        "请账号管理员重新扫码授权一次" / "Their administrators have to authorize once more";
    PermissionsChanged = "permissions_changed", "权限集有变化" / "Permission sets changed",
        "详见账号的历史" / "See the accounts' histories";
    StatusChanged = "status_changed", "账号状态有变化" / "Account status changed",
        "详见账号的历史" / "See the accounts' histories";
}

impl Finding {
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|finding| finding.as_str() == name)
    }
}
