//! Words for merchants, who have no login and need not know what a token is.

words! {
    /// Words for merchants.
    pub struct ConnectWords {
        title: "授权你的账号" / "Grant your account";
        invites: "{} 邀请你授权" / "{} invites you to grant your account";
        lead_official: "把你的公众号授权给“{}”，让 {} 可以为你提供服务。" / "Grant your official account to “{}”, so that {} can work for you.";
        lead_mini: "把你的小程序授权给“{}”，让 {} 可以为你提供服务。" / "Grant your mini program to “{}”, so that {} can work for you.";
        lead_both: "把你的公众号或小程序授权给“{}”，让 {} 可以为你提供服务。" / "Grant your official account or mini program to “{}”, so that {} can work for you.";
        logo: "{} 的标志" / "Logo of {}";
        locked: "请重新授权这个账号" / "Please grant this account again";
        locked_note: "只能选择它，并由它的管理员扫码；选择其他账号不会生效。" / "Only this account can be chosen, by its own administrator; another one has no effect.";

        start: "开始授权" / "Start";
        start_note: "下一页会带你去微信的官方页面；每次点击都会得到一个新的二维码，约 10 分钟内有效。" / "The next page leads to WeChat's own page. Every press makes a fresh code that is valid for about 10 minutes.";
        valid: "此邀请" / "This invitation:";
        stranger: "不认识 {}，或没有约好要授权？请不要继续，直接关闭本页。" / "You do not know {} or did not expect this? Then do not go on; close this page.";

        how: "操作步骤" / "How it works";
        how_pc_1: "点击“开始授权”，打开微信的授权页，页面上会出现一个二维码。" / "Press “Start” and open WeChat's page; it shows a QR code.";
        how_pc_2: "请账号的管理员用自己的微信扫码。必须是公众平台上登记的管理员本人，运营者不行。" / "The account's administrator scans it with WeChat: the person registered as administrator, not an operator.";
        how_pc_3: "在手机上选择账号，勾选权限并确认。完成后页面会自动回到这里，告诉你结果。" / "Choose the account on the phone, tick the permissions and confirm. This browser comes back and tells you how it went.";
        how_h5_1: "请账号的管理员在手机微信里打开本页，点击“开始授权”。" / "The account's administrator opens this page inside WeChat on the phone and presses “Start”.";
        how_h5_2: "在微信的页面上选择账号，勾选权限并确认。" / "Choose the account on WeChat's page, tick the permissions and confirm.";
        how_h5_3: "完成后会回到这里，告诉你结果。" / "You come back here and are told how it went.";

        granted: "会授权哪些内容" / "What is granted";
        granted_known: "通常包括下面这些权限；微信的确认页会逐项列出，可以只勾选一部分。" / "Usually the permissions below; WeChat's page lists each of them, and you may tick only some.";
        granted_unknown: "微信的确认页会逐项列出要授予的权限，可以只勾选一部分。" / "WeChat's page lists every permission, and you may tick only some.";
        granted_never: "不会拿到你的登录密码，也不能改换管理员或提走钱款。" / "Nobody gets your password, can change the administrator or take money.";
        granted_undo: "随时可以取消：公众平台 → 设置与开发 → 授权管理。" / "You can take it back at any time in WeChat's console: Settings → Authorization management.";

        other_device: "用手机打开本页" / "Open this page on the phone";
        other_device_note: "管理员用微信扫一扫即可在手机上继续；也可以把链接发给他。" / "The administrator scans this with WeChat and goes on there; or send the link.";
        only_phone: "这个邀请要在手机微信里完成：请管理员用微信扫一扫下面的二维码。" / "This invitation is completed inside WeChat on a phone: the administrator scans the code below with WeChat.";
        only_computer: "这个邀请要在电脑上完成：请把链接复制到电脑的浏览器里打开。" / "This invitation is completed on a computer: copy the link and open it in a browser there.";
        open_in_wechat: "现在不是在微信里。建议复制链接发到微信，再从微信中打开；也可以直接继续。" / "You are not inside WeChat. It works best to copy the link into WeChat and open it there; you may also just go on.";
        link: "本页链接" / "Link to this page";

        finished: "这个邀请已经完成" / "This invitation has been used";
        finished_text: "账号已经授权成功，不需要再做什么。如果还要授权别的账号，请让邀请你的公司另发一个链接。" / "The account was granted; nothing is left to do. For another account, ask the company that invited you for a new link.";
        expired: "这个邀请已过期" / "This invitation has expired";
        expired_text: "请联系邀请你的公司，让他们重新发一个链接。" / "Ask the company that invited you for a new link.";
        withdrawn: "这个邀请已停用" / "This invitation is no longer in use";
        withdrawn_text: "邀请你的公司已停用这个链接。如需继续，请与他们联系。" / "The company that invited you has ended this link. Please ask them if you still need it.";
        too_fast: "操作太频繁" / "Too many presses";
        too_fast_text: "请稍等一分钟再试。已经打开的授权页仍然可以使用。" / "Wait a minute and try again. An authorization page that is already open can still be used.";
        not_ready: "暂时无法开始授权" / "It cannot be started right now";
        not_ready_text: "平台与微信之间的连接暂时有问题，不是你的账号的原因。请过几分钟再试；邀请仍然有效。" / "The platform cannot reach WeChat at the moment; your account is not the cause. Try again in a few minutes, the invitation stays valid.";
        entry_too_old: "这个授权页已过期" / "This authorization page has expired";
        entry_too_old_text: "授权页只能在发起后的 24 小时内续用。请联系给你这个页面的人，请他重新发起授权；已经完成的授权不受影响。" / "An authorization page can be renewed for 24 hours. Ask whoever gave it to you to start a new one; grants that are done are not affected.";
        entry_over: "这个授权页已停用" / "This authorization page is no longer in use";
        entry_suspended_text: "发起授权的公司目前不能接入新的授权。请联系给你这个页面的人；如果你是这家公司的成员，请联系平台管理员。" / "The company behind this page cannot take grants at the moment. Ask whoever gave it to you; if you belong to the company, ask the platform's administrators.";
        entry_not_allowed_text: "发起这次授权的人已不再管理这家公司的账号。请联系这家公司，请其他同事重新发起授权。" / "Whoever started this no longer manages the company's accounts. Ask the company: somebody else there has to start a new one.";
        again: "返回再试" / "Back, and try again";

        done_text: "“{}”已授权成功。可以关闭本页了，接下来由 {} 为你服务。" / "“{}” has been granted. You can close this page; {} takes it from here.";
        exchanging_text: "微信已经确认，正在完成最后一步。通常几秒钟，本页会自动更新；关掉也没有关系。" / "WeChat has confirmed and the last step is being done. It takes a few seconds and the page updates itself; closing it does no harm.";
        lapsed_text: "微信的授权页只在约 10 分钟内有效，且只能用一次。再点一次即可，不需要新的邀请。" / "WeChat's page is valid for about 10 minutes and only once. Press again; you need no new invitation.";
        retry: "再试一次" / "Try again";

        waits: "授权已收到，但这个账号需要人工确认后才能接入" / "Your grant arrived; this account has to be confirmed by hand first";
        waits_next: "不需要再扫码。请告诉邀请你的公司：授权已完成，正在等待平台确认。" / "There is no need to scan again. Tell the company that invited you that you are done and the platform has to confirm.";
        wrong_account: "选择的不是邀请里的那个账号，没有任何更改" / "A different account was chosen; nothing was changed";
        wrong_account_next: "请由 {} 的管理员扫码，并选择它。" / "The administrator of {} has to scan and choose it.";
        code: "微信没有接受这次确认：可能停留太久，或同一个二维码用了两次" / "WeChat did not take the confirmation: it took too long, or the same code was used twice";
        code_next: "请再试一次，扫码后尽快确认。" / "Try again, and confirm soon after scanning.";
        no_rights: "微信没有给出权限：账号还没有认证，或确认时没有勾选任何权限" / "WeChat gave no permission: the account is not verified, or none was ticked";
        no_rights_next: "请再试一次并勾选权限；未认证的账号请先在公众平台完成认证。" / "Try again with the permissions ticked; verify the account in WeChat's console first if it is not.";
        refused: "微信没有同意这次授权" / "WeChat did not agree to this grant";
        refused_next: "请稍后再试；若反复出现，请告诉邀请你的公司。" / "Try again later; if it keeps happening, tell the company that invited you.";
    }
}
