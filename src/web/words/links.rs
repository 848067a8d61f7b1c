//! Words of the pages about merchants' links.

words! {
    /// Words of the pages about merchants' links.
    pub struct LinkWords {
        title: "授权链接" / "Authorization links";
        lede: "给没有登录账号的商户发一个链接：他打开、扫码，账号就归到你这里。链接可设期限，可随时撤销。" / "Send a link to a merchant who has no login: they open it, scan, and the account is yours to use. Links expire and can be revoked.";
        none_title: "还没有授权链接" / "No links yet";
        none_text: "在右侧新建一个，把链接或二维码发给商户。" / "Make one on the right and send the link or the QR code to the merchant.";
        none_of: "没有这种状态的链接" / "No link is in this state";

        create: "新建授权链接" / "New link";
        label: "给谁" / "For whom";
        label_hint: "只有你们看得到，例如“西湖店 王店长”。" / "Only your people see it, such as “West Lake shop, Ms Wang”.";
        bad_label: "请填写 1 到 80 个字符" / "1 to 80 characters, please";
        kind: "账号类型" / "Kind of account";
        way: "在哪里授权" / "Where it is done";
        way_any: "电脑或手机都可以" / "Computer or phone";
        way_pc: "只在电脑上（扫码）" / "Computer only, with a QR code";
        way_h5: "只在手机微信里" / "Only inside WeChat on a phone";
        locked: "只允许这个账号（AppID）" / "Only this account (AppID)";
        locked_hint: "用于重新授权：只有这个账号能通过。新账号请留空。" / "For re-authorization: no other account is taken. Leave empty for a new account.";
        bad_locked: "你的账号里没有这个 AppID" / "None of your accounts has this AppID";
        uses: "可成功几次" / "Accounts it may bring";
        uses_1: "1 个账号" / "1 account";
        uses_5: "5 个账号" / "5 accounts";
        uses_20: "20 个账号" / "20 accounts";
        uses_any: "不限" / "Any number";
        days: "有效期" / "Valid for";
        days_1: "1 天" / "1 day";
        days_7: "7 天" / "7 days";
        days_30: "30 天" / "30 days";
        days_90: "90 天" / "90 days";
        language: "页面语言" / "Language of the page";
        language_any: "跟随浏览器" / "As their browser asks";
        component: "第三方平台" / "Third-party platform";
        component_any: "默认平台" / "The usual one";
        make: "生成链接" / "Make the link";
        too_many: "可用的链接太多了，请先撤销一些" / "There are too many open links; revoke some first";
        not_published: "第三方平台若还没有全网发布，只有测试列表里的账号能授权。" / "Until the third-party platform is published, only accounts on its test list can grant.";
        made: "链接已生成，发给商户即可。" / "The link is ready to be sent.";

        open: "可用" / "Open";
        finished: "已完成" / "Finished";
        expired: "已过期" / "Expired";
        revoked: "已撤销" / "Revoked";

        state: "状态" / "State";
        funnel: "进度" / "Progress";
        sent: "已发送" / "Sent";
        by_email: "邮件 {}" / "e-mail {}";
        by_hand: "复制发送" / "by hand";
        opened: "打开" / "Opened";
        opened_by: "{} 个浏览器" / "{} browsers";
        started: "开始" / "Started";
        granted: "成功" / "Granted";
        failed: "失败" / "Failed";
        times: "{} 次" / "{} times";
        of_uses: "{} / {}" / "{} of {}";
        why: "最近失败原因" / "Why it failed last";
        ends: "到期" / "Expires";
        made_at: "创建" / "Made";
        copy_link: "复制链接" / "Copy link";
        for_account: "仅限 {}" / "Only {}";
        any_account: "任意账号" / "Any account";

        back: "全部链接" / "All links";
        link: "链接" / "Link";
        link_note: "谁拿到这个链接，谁就能以商户的身份授权一个账号给你；它看不到你的任何数据。" / "Whoever has this link can grant an account to you as the merchant; it shows none of your data.";
        qr_label: "授权链接的二维码" / "QR code of the link";
        look: "看看商户看到的页面" / "See what the merchant sees";
        revoke: "撤销" / "Revoke";
        revoke_note: "撤销后链接立刻失效，无法恢复。" / "It stops working at once, for good.";
        was_revoked: "链接已撤销。" / "The link was revoked.";
        settings: "设置" / "Settings";
        timeline: "经过" / "What happened";
        at_made: "创建了链接" / "The link was made";
        at_sent: "邮件已发往 {}" / "An e-mail was sent to {}";
        at_opened: "第一次被打开" / "Opened for the first time";
        at_opened_last: "最近一次有新的浏览器打开" / "Opened by another browser, most recently";
        at_started: "点击了“开始授权”，还没有回来" / "Pressed “Start”; nobody has come back yet";
        at_lapsed: "点击了“开始授权”，没有完成（可能没扫码、取消了，或没有可选的账号）" / "Pressed “Start” and did not finish: not scanned, cancelled, or no account to choose";
        at_exchanging: "微信已确认，正在完成" / "WeChat has confirmed; it is being finished";
        at_finished: "授权成功：{}" / "Granted: {}";
        at_failed: "没有成功：{}" / "Not granted: {}";
        at_revoked: "链接被撤销" / "The link was revoked";
        at_expired: "链接到期" / "The link expired";
    }
}
