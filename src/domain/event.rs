//! What can happen to an account, for its timeline. The names are stored and never change their meaning.

use crate::domain::text::Text;

macro_rules! events {
    ($($(#[$doc:meta])* $name:ident = $code:literal, $zh:literal / $en:literal;)*) => {
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum Event {
            $($(#[$doc])* $name,)*
        }

        impl Event {
            pub const ALL: &'static [Self] = &[$(Self::$name),*];

            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$name => $code,)* }
            }

            pub const fn label(self) -> Text {
                match self { $(Self::$name => Text::new($zh, $en),)* }
            }
        }
    };
}

events! {
    Authorized = "authorized", "授权成功，令牌已保存" / "Authorized; tokens stored";
    Reauthorized = "reauthorized", "重新授权成功，令牌已更换" / "Re-authorized; tokens replaced";
    Updated = "updated", "授权内容有变更，令牌已更换" / "The grant was changed; tokens replaced";
    Cancelled = "cancelled", "账号取消了授权" / "The account cancelled its authorization";
    /// A cancellation older than the newest grant.
    StaleNotice = "stale_notice", "收到一条过时的取消通知，已忽略" / "An outdated cancellation notice was ignored";
    /// A notice that contradicts what we know; it is verified with WeChat.
    NoticeVerified = "notice_verified", "收到取消通知，正在向微信核实" / "A cancellation notice is being verified with WeChat";
    HealthChanged = "health_changed", "状态变化" / "State changed";
    RefreshFailed = "refresh_failed", "续期失败" / "Renewal failed";
    /// A step of the ladder.
    RecoveryStep = "recovery_step", "自动找回" / "Recovery step";
    Recovered = "recovered", "自动修复成功" / "Recovered automatically";
    RefreshTokenRotated = "refresh_token_rotated", "微信更换了刷新令牌，新值已保存" / "WeChat rotated the refresh token; the new one is stored";
    AttemptInDoubt = "attempt_in_doubt", "续期被中断，正在核对结果" / "A renewal was interrupted; its outcome is being checked";
    /// A process that had lost its lease came back with tokens.
    AttemptFenced = "attempt_fenced", "一次迟到的续期结果未被采用" / "A late renewal's outcome was not used";
    RefreshRequested = "refresh_requested", "成员请求立即续期" / "A member asked for an immediate renewal";
    /// A business server found the current token dead before its time.
    TokenReported = "token_reported", "业务服务器上报令牌失效，正在重新获取" / "A business server reported the token dead; a new one is obtained";
    Paused = "paused", "成员暂停了续期" / "Paused by a member";
    Resumed = "resumed", "成员恢复了续期" / "Resumed by a member";
    /// Another tenant's attempt returned this account.
    ClaimedByAnother = "claimed_by_another", "另一个租户请求接入该账号，等待平台管理员确认" / "Another tenant asked for this account; a platform administrator has to decide";
    WrongAccount = "wrong_account", "重新授权时选择了其他账号，未作任何更改" / "Another account was chosen on re-authorization; nothing was changed";
    Moved = "moved", "平台管理员把账号划入本租户" / "A platform administrator moved the account to this tenant";
    MovedAway = "moved_away", "平台管理员把账号划出本租户" / "A platform administrator moved the account to another tenant";
    /// A refresh token that we never wrote, or an access token that died early.
    ForeignRefresher = "foreign_refresher", "可能有另一套系统也在刷新这个账号的令牌" / "Another system seems to refresh this account's tokens";
    PermissionsChanged = "permissions_changed", "权限集有变化" / "The permission sets changed";
    StatusChanged = "status_changed", "微信侧的账号状态有变化" / "The account's status at WeChat changed";
    ListDiffers = "list_differs", "与微信授权列表不一致，正在核对" / "WeChat's list differs from ours; it is being checked";
}

impl Event {
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|event| event.as_str() == name)
    }
}
