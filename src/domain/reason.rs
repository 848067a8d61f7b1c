//! Why an account or a component is in its state: a stable code, a sentence, a remedy and whose move it is.

use crate::domain::health::Mover;
use crate::domain::text::Text;

macro_rules! reasons {
    ($($(#[$doc:meta])* $name:ident = $code:literal, $mover:ident,
        $zh:literal / $en:literal,
        $remedy_zh:literal / $remedy_en:literal;)*) => {
        /// The code is stored and shown; it never changes its meaning.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum Reason {
            $($(#[$doc])* $name,)*
        }

        impl Reason {
            pub const ALL: &'static [Self] = &[$(Self::$name),*];

            pub const fn code(self) -> &'static str {
                match self { $(Self::$name => $code,)* }
            }

            /// One sentence that says what happened.
            pub const fn sentence(self) -> Text {
                match self { $(Self::$name => Text::new($zh, $en),)* }
            }

            /// One sentence that says what to do, or what happens by itself.
            pub const fn remedy(self) -> Text {
                match self { $(Self::$name => Text::new($remedy_zh, $remedy_en),)* }
            }

            pub const fn mover(self) -> Mover {
                match self { $(Self::$name => Mover::$mover,)* }
            }
        }
    };
}

reasons! {
    /// Nothing is wrong.
    Ok = "ok", Hufu,
        "令牌有效，自动续期正常" / "The token is valid and is being renewed on schedule",
        "无需操作" / "Nothing to do";
    /// The grant is stored and the first refresh is under way.
    FirstTokenPending = "first_token_pending", Hufu,
        "已授权，正在获取第一个令牌" / "Authorized; the first token is being obtained",
        "通常几秒内完成" / "This usually takes a few seconds";
    /// The planned refresh is late.
    RefreshOverdue = "refresh_overdue", Hufu,
        "计划中的续期尚未完成，令牌已到期" / "The planned renewal is late and the token has run out",
        "系统会按紧急程度尽快续期" / "It is renewed as soon as its turn comes";
    WechatTransient = "wechat_transient", Wechat,
        "微信接口暂时出错，上一次续期没有成功" / "WeChat reported a temporary error; the last renewal did not succeed",
        "系统会自动重试，通常无需操作" / "It is retried automatically; usually nothing needs to be done";
    WechatUnreachable = "wechat_unreachable", Wechat,
        "微信接口没有给出有效的回应（超时、断线或内容不完整）" / "WeChat gave no usable answer (timeout, broken connection or incomplete content)",
        "系统会自动重试；若所有账号都如此，请检查服务器网络" / "It is retried automatically; if every account is affected, check this server's network";
    RateLimited = "rate_limited", Wechat,
        "微信接口调用过于频繁，被限流" / "WeChat is limiting the rate of our calls",
        "系统会放慢并自动重试" / "Calls are slowed down and retried automatically";
    /// 61023; the ladder is running.
    RefreshTokenRefused = "refresh_token_refused", Hufu,
        "微信不接受当前的刷新令牌，正在自动找回" / "WeChat does not accept the current refresh token; it is being recovered",
        "系统正在向微信核对并取回最新的刷新令牌" / "The newest refresh token is being fetched back from WeChat";
    /// The ladder ended: WeChat lists the account, but no token it gives is accepted.
    RefreshTokenLost = "refresh_token_lost", Account,
        "刷新令牌已失效，自动找回没有成功" / "The refresh token is no longer valid and could not be recovered",
        "请账号管理员重新扫码授权一次" / "Ask the account's administrator to authorize once more";
    AttemptInDoubt = "attempt_in_doubt", Hufu,
        "上一次续期中断，结果待确认" / "The last renewal was interrupted and its outcome is being checked",
        "系统正在自动核对" / "It is being checked automatically";
    CodeNotExchanged = "code_not_exchanged", Account,
        "账号已在微信侧授权，但授权码没有换成令牌" / "WeChat has the grant, but its code was never exchanged for tokens",
        "请账号管理员重新扫码授权一次" / "Ask the account's administrator to authorize once more";
    CancelledByAccount = "cancelled_by_account", Account,
        "账号管理员在微信公众平台取消了授权" / "The account's administrator cancelled the authorization at WeChat",
        "如需继续使用，请重新授权" / "Authorize again to go on using it";
    AbsentFromList = "absent_from_list", Account,
        "微信的授权列表里已没有该账号" / "WeChat no longer lists this account as authorized",
        "如需继续使用，请重新授权" / "Authorize again to go on using it";
    AccountFrozen = "account_frozen", Account,
        "账号被微信冻结、封禁或注销" / "WeChat has frozen, banned or closed this account",
        "请账号管理员登录微信公众平台处理后再恢复" / "Its administrator has to settle this with WeChat; resume afterwards";
    PausedByPerson = "paused_by_person", Account,
        "由成员手动暂停，不再自动续期" / "Paused by a member; it is not renewed",
        "需要时点击“恢复”" / "Press “Resume” when it is needed again";
    NoApiRights = "no_api_rights", Account,
        "该账号没有接口权限，微信没有给出令牌" / "The account has no API rights; WeChat issued no token",
        "请账号管理员在授权时勾选所需权限后重新授权" / "Ask its administrator to authorize again with the permissions needed";
    TicketMissing = "ticket_missing", Platform,
        "还没有收到微信推送的 component_verify_ticket" / "No component_verify_ticket has been received from WeChat yet",
        "请核对“授权事件接收URL”、Token 与加解密 Key；系统会自动请求微信重新推送" / "Check the event URL, token and AES key at WeChat; the push is requested again automatically";
    TicketStale = "ticket_stale", Platform,
        "超过 11 小时没有收到新的 component_verify_ticket" / "No new component_verify_ticket for more than 11 hours",
        "请检查“授权事件接收URL”能否从公网访问；系统会自动请求微信重新推送" / "Check that the event URL can be reached from the internet; the push is requested again automatically";
    ComponentTokenFailing = "component_token_failing", Platform,
        "无法获取第三方平台的 component_access_token" / "The component_access_token cannot be obtained",
        "请查看第三方平台页面上的错误说明" / "See the error on the third-party platform page";
    /// Newly issued ones as well.
    ComponentTokenRefused = "component_token_refused", Platform,
        "微信不接受刚换取的 component_access_token" / "WeChat refuses the component_access_token that it has just issued",
        "通常是另一套系统也在用同一个 AppSecret 换取令牌：请停掉它，或重置 AppSecret；每分钟会自动再试" / "Usually another system fetches tokens with the same AppSecret: stop it, or reset the AppSecret; it is tried again each minute";
    SecretRefused = "secret_refused", Platform,
        "微信不接受第三方平台的 AppSecret，可能已被重置" / "WeChat does not accept the platform's AppSecret; it may have been reset",
        "请在第三方平台页面更新 AppSecret" / "Enter the new AppSecret for the component";
    IpNotListed = "ip_not_listed", Platform,
        "服务器出口 IP 不在第三方平台的白名单里" / "This server's address is not on the platform's IP list",
        "请在微信开放平台把该 IP 加入白名单" / "Add the address to the IP list at the WeChat Open Platform";
    QuotaExhausted = "quota_exhausted", Platform,
        "今天的接口调用额度已用完" / "Today's call quota is used up",
        "次日零点（北京时间）恢复；也可以使用每月有限次数的额度清零" / "It resets at midnight, Beijing time; or use one of the month's quota resets";
    WechatDown = "wechat_down", Wechat,
        "微信接口整体不可用" / "WeChat's interface is down as a whole",
        "无需操作，恢复后会自动补齐" / "Nothing to do; everything catches up once it is back";
    UnexpectedRefusal = "unexpected_refusal", Platform,
        "微信拒绝了请求，原因不在常见之列" / "WeChat refused the call for an unusual reason",
        "请把错误码和 rid 提供给平台管理员" / "Give the error code and rid to the platform's administrators";
}

impl Reason {
    /// Whether a component with this incident can do nothing at WeChat until it ends.
    pub const fn stops_calls(self) -> bool {
        matches!(
            self,
            Self::TicketMissing | Self::ComponentTokenFailing | Self::SecretRefused | Self::IpNotListed
        )
    }

    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|reason| reason.code() == code)
    }
}
