//! Words of the authorisation flow.

words! {
    /// Words of the authorisation flow.
    pub struct AuthorizeWords {
        title: "授权账号" / "Authorize an account";
        lead: "把公众号或小程序授权给平台。授权在微信的页面上完成，平台拿不到账号密码。" / "Grant a WeChat account to the platform. You confirm on WeChat's own page; no password ever reaches us.";
        official: "授权公众号" / "Authorize an official account";
        official_text: "订阅号、服务号" / "Subscription and service accounts";
        mini: "授权小程序" / "Authorize a mini program";
        mini_text: "已完成注册的小程序" / "Mini programs that are fully registered";
        both: "两者都可" / "Either kind";
        both_text: "管理员名下的公众号和小程序都会列出" / "Lists both kinds of account the administrator owns";
        component: "第三方平台" / "Third-party platform";
        press_official: "授权公众号" / "Official account";
        press_mini: "授权小程序" / "Mini program";
        press_both: "都列出来" / "Show both";

        steps: "接下来会发生什么" / "What happens next";
        step_1: "我们打开一个授权页，一次有效，约 10 分钟。" / "We open a one-time page that stays valid for about 10 minutes.";
        step_2: "账号的管理员用微信扫码，选择账号并确认权限。" / "The account's administrator scans with WeChat, picks the account and confirms the permissions.";
        step_3: "页面自动回到这里，账号显示为“正常”。之后的续期都由系统完成。" / "The browser comes back here and the account shows as healthy. Everything after that is renewed for you.";
        who: "谁来扫码" / "Who has to scan";
        who_text: "必须是该账号的管理员本人（公众平台登记的管理员微信号），运营者没有授权的权力。管理员不在身边时，可以把授权页上的二维码或链接发给他。" / "The account's administrator in person: the WeChat id registered as administrator. Operators cannot grant. If they are elsewhere, send them the QR code or link of the next page.";
        why_none: "没有可选的账号？" / "No account to choose from?";
        why_kind: "类型选错了：扫码人名下只有小程序，却选了“公众号”，或者相反。选“两者都可”最稳妥。" / "The wrong kind: the person who scanned owns only mini programs and official accounts were chosen, or the other way round. Either kind is the safe choice.";
        why_admin: "扫码的微信号不是该账号的管理员。" / "The WeChat id that scanned is not the account's administrator.";
        why_state: "账号被冻结、封禁、注销，或注册没有完成。" / "The account is frozen, banned, closed or not fully registered.";
        why_test: "测试号和小游戏不能授权。" / "Test accounts and mini games cannot be granted.";
        why_published: "第三方平台还没有全网发布：此时只有“授权测试公众号/小程序列表”里的账号可以授权。" / "The third-party platform is not published yet: until then only accounts on its test list can grant.";
        why_locked: "这是一次重新授权：只能选原来的账号，且由它的管理员扫码。" / "This is a re-authorization: only the original account can be chosen, by its own administrator.";

        entry_title: "去微信授权" / "Go to WeChat";
        entry_lead: "{} 邀请你把账号授权给 {}。" / "{} invites you to grant your account to {}.";
        entry_locked: "只能授权这个账号" / "Only this account can be granted";
        entry_locked_note: "请由它的管理员扫码；选择其他账号不会生效。" / "Its administrator has to scan; choosing another account has no effect.";
        entry_kind: "授权类型" / "Kind of account";
        kind_official: "公众号" / "Official account";
        kind_mini: "小程序" / "Mini program";
        kind_both: "公众号或小程序" / "Official account or mini program";
        go_pc: "打开微信授权页" / "Open WeChat's page";
        go_pc_note: "微信会显示一个二维码，请账号管理员扫码确认。" / "WeChat shows a QR code for the account's administrator to scan.";
        go_h5: "在微信中授权" / "Grant in WeChat";
        go_h5_note: "请在微信里打开本页，由账号管理员操作。" / "Open this page inside WeChat, as the account's administrator.";
        use_pc: "改用电脑版授权页（扫码）" / "Use the desktop page with a QR code instead";
        use_h5: "改用手机版授权页" / "Use the phone page instead";
        other_device: "管理员不在这台电脑前？" / "The administrator is somewhere else?";
        other_device_note: "用管理员的微信扫一扫，在手机上打开本页；或者把链接发给他。" / "Scan with the administrator's WeChat to open this page on the phone, or send the link.";
        qr_label: "本页的二维码" / "QR code of this page";
        link: "本页链接" / "Link to this page";
        valid: "链接有效时间：" / "This link:";
        lapsed_title: "这个授权链接已过期" / "This link has expired";
        lapsed_text: "微信的授权链接只在约 10 分钟内有效，且只能用一次。重新获取一个就好，之前的设置都保留。" / "WeChat's links are valid for about 10 minutes and only once. Get a new one; everything else stays as it was.";
        renew: "重新获取授权链接" / "Get a new link";
        from: "发起方" / "Asked by";
        to: "授权给" / "Granted to";

        exchanging_title: "正在完成授权…" / "Finishing…";
        exchanging_text: "微信已经确认，正在取回令牌。通常几秒内完成，本页会自动更新；关掉也不会丢失。" / "WeChat has confirmed and the tokens are being fetched. This takes a few seconds and the page updates itself; closing it loses nothing.";
        check_again: "立即查看" / "Check now";
        done_title: "授权成功" / "Authorized";
        done_text: "{} 已授权给 {}，令牌会自动保持有效。" / "{} is granted to {}. Its tokens are kept valid automatically.";
        done_stranger: "可以关闭本页了。" / "You can close this page now.";
        this_account: "该账号" / "The account";
        state: "状态" / "State";
        account: "账号" / "Account";
        see_account: "查看账号" / "See the account";
        see_list: "全部账号" / "All accounts";
        another: "再授权一个" / "Authorize another";
        failed_title: "授权没有完成" / "Not authorized";
        waiting_title: "授权已收到，等待确认" / "Received, waiting for confirmation";
        retry: "再试一次" / "Try again";
        start_over: "重新发起授权" / "Start again";
        appid: "AppID" / "AppID";
        expected: "应为" / "Expected";
        chosen: "实际选择" / "Chosen";
        next: "怎么办" / "What to do";

        not_finished_title: "授权还没有完成" / "Not finished yet";
        not_finished_text: "微信没有带回授权码：可能在微信的页面上取消了，或中途关闭。没有任何更改。" / "WeChat brought no authorization code: it was cancelled or closed on WeChat's page. Nothing was changed.";
        not_finished_next: "回到授权页再试一次即可。" / "Go back and try once more.";
        unknown_title: "无法确认这次授权是谁发起的" / "We cannot tell who started this";
        unknown_text: "返回的链接不完整、已失效，或者是在另一个浏览器里发起的。为安全起见，没有任何更改。" / "The link is incomplete, has lapsed, or was started in another browser. To be safe, nothing was changed.";
        unknown_next: "请在同一个浏览器里重新发起授权；如果你在手机上扫码，请先打开授权页再继续。" / "Start again in the same browser; on a phone, open the authorization page first and go on from there.";
        used_title: "这次授权已经处理过了" / "This one was handled already";
        used_text: "同一个授权链接只能用一次，之前已经带回过结果。没有任何更改。" / "A link works once, and it has already brought back a result. Nothing was changed.";
        used_next: "在账号列表里可以看到结果；如需再次授权，请重新发起。" / "The result is in the list of accounts; start again to authorize once more.";
        not_ready_title: "平台暂时无法发起授权" / "Authorization cannot be started right now";
        no_component: "还没有配置第三方平台" / "No third-party platform has been set up";
        no_component_next: "请联系平台管理员先添加第三方平台。" / "Ask the platform's administrators to add one first.";
        wechat_said: "微信返回" / "WeChat said";
    }
    with {
        problem: super::authorize_problem::ProblemWords;
    }
}
