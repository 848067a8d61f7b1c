//! Words of the overview.

words! {
    /// Words of the overview.
    pub struct OverviewWords {
        title: "概览" / "Overview";
        lede_one: "{} 个账号，{} 个正常" / "{} accounts, {} healthy";
        shares: "各状态的账号数量" / "Accounts by state";
        needs_title: "需要你处理" / "Needs your attention";
        needs_more: "查看全部 {} 个" / "See all {}";
        needs_none: "没有需要你处理的账号" / "Nothing needs you right now";
        next_title: "即将续期" / "Next refreshes";
        next_none: "没有已安排的续期" / "No refresh is planned";
        platform_title: "微信平台连接" / "Connection to WeChat";
        platform_good: "连接正常" / "Working";
        platform_bad: "连接受阻" / "Blocked";
        platform_late: "需要留意" / "Watch";
        platform_note: "这不是你的账号的问题，恢复后会自动补齐续期。" / "This is not a fault of your accounts; renewals catch up by themselves once it is over.";
        ticket: "微信推送" / "Pushes from WeChat";
        ticket_missing: "还没有收到" / "None received yet";
        token: "平台令牌" / "Platform token";
        token_missing: "暂无" / "None at the moment";
        scheduler: "自动续期" / "Automatic renewal";
        scheduler_good: "运行中" / "Running";
        scheduler_bad: "没有心跳" / "No heartbeat";
        since: "{}开始" / "began {}";
        empty_title: "授权你的第一个账号" / "Authorize your first account";
        empty_text: "点击下面的按钮，由公众号或小程序的管理员用微信扫码确认。之后令牌由系统自动续期，不用再管。" / "Press the button and let the administrator of the official account or mini program confirm by scanning. From then on its tokens are renewed for you.";
        empty_viewer: "还没有账号。请租户的所有者或操作员发起授权。" / "There is no account yet. An owner or operator of your tenant can authorize one.";
        no_component: "平台尚未配置完成，暂时无法授权；请联系平台管理员。" / "The platform is not set up yet, so nothing can be authorized; ask its administrators.";
    }
}
