//! Words of the pages about third-party platforms and their credentials.

words! {
    /// Words of the pages about third-party platforms.
    pub struct ComponentWords {
        title: "第三方平台" / "Components";
        lead: "在微信开放平台创建的第三方平台，以及它自己的凭据。" / "The third-party platforms made at the WeChat Open Platform, and their own credentials.";
        none: "还没有第三方平台" / "No component yet";
        none_text: "先在 open.weixin.qq.com 创建第三方平台，再把它的 AppID、AppSecret、Token 和 Key 填到这里。" / "Create a third-party platform at open.weixin.qq.com, then enter its AppID, AppSecret, Token and key here.";
        add: "添加第三方平台" / "Add a component";
        add_lead: "四个值都在微信开放平台 → 管理中心 → 第三方平台 → 详情里。保存后，下一页会给出要填回微信的地址。" / "All four values are at WeChat Open Platform → Management → Third-party platform → Details. The next page shows the addresses to enter there.";
        added: "已添加，请把下面的地址填到微信开放平台" / "Added. Now enter the addresses below at the WeChat Open Platform";
        update: "更新凭据" / "Update credentials";
        update_lead: "只填需要更换的；留空表示不变。已保存的值不会显示在这里。更换 Token 或 Key 后，旧值仍会继续接受一段时间的推送。" / "Fill in only what changes; blank means unchanged. Stored values are not shown here. After a change of Token or key, pushes made with the old one are still accepted.";
        updated: "已保存" / "Saved";

        reveal: "查看已保存的密钥" / "See a stored secret";
        reveal_lead: "密钥只写不读；确有需要（例如迁移、与微信核对）时，可以一次查看一项。谁、何时、为什么查看，都会记入审计。" / "Secrets are written only. When there is need, such as a migration or a comparison with WeChat's console, one of them can be seen at a time. Who saw it, when and why is written down in the audit.";
        reveal_which: "哪一项" / "Which one";
        reveal_reason: "理由" / "Reason";
        reveal_reason_hint: "{} 到 {} 个字，会原样记入审计" / "{} to {} characters; stands in the audit as it is";
        reveal_bad_reason: "请写明理由，至少 {} 个字，至多 {} 个字，不能换行" / "Give a reason of {} to {} characters, on one line";
        reveal_show: "显示一次" / "Show it once";
        reveal_once: "只在这一页显示一次。离开后要再看，需重新填写理由。" / "It is shown on this page only. To see it again, give a reason again.";
        reveal_back: "返回" / "Back";
        appid: "第三方平台 AppID" / "Component AppID";
        appid_hint: "以 wx 开头" / "Starts with wx";
        name: "名称" / "Name";
        name_hint: "只在虎符里显示，授权页上的商户会看到" / "Shown in Hufu only; merchants see it on the authorization page";
        appsecret: "AppSecret" / "AppSecret";
        token: "消息校验 Token" / "Message Token";
        token_hint: "与微信后台填写的完全一致" / "Exactly as entered at WeChat";
        aes_key: "消息加解密 Key（EncodingAESKey）" / "EncodingAESKey";
        aes_key_hint: "43 位字母和数字" / "43 letters and digits";
        unchanged: "留空则不变" / "Blank: unchanged";
        save: "保存" / "Save";

        bad_appid: "AppID 只含字母、数字、- 和 _" / "An AppID has only letters, digits, - and _";
        exists: "已经有这个 AppID 的第三方平台" / "There is a component with this AppID already";
        bad_name: "名称为 1 到 80 个字，不能换行" / "A name has 1 to 80 characters, on one line";
        no_appsecret: "请填写 AppSecret" / "Enter the AppSecret";
        no_token: "请填写消息校验 Token" / "Enter the message Token";
        bad_token: "Token 为 3 到 32 位字母和数字" / "The Token has 3 to 32 letters and digits";
        no_aes_key: "请填写 EncodingAESKey" / "Enter the EncodingAESKey";
        bad_aes_key: "EncodingAESKey 必须正好是 43 位字母和数字" / "The EncodingAESKey has exactly 43 letters and digits";

        console: "填到微信开放平台的值" / "Values for WeChat's console";
        console_lead: "微信开放平台 → 管理中心 → 第三方平台 → 开发资料。逐项复制，一个字符都不能差；修改后需要重新全网发布才对所有账号生效。" / "WeChat Open Platform → Management → Third-party platform → Development. Copy them exactly; changes reach every account only after publishing again.";
        events_url: "授权事件接收 URL" / "Authorization event URL";
        events_note: "微信每 10 分钟把 component_verify_ticket 推到这里，授权、变更和取消授权的通知也在这里。" / "WeChat pushes the component_verify_ticket here every 10 minutes, and every grant, change and cancellation.";
        messages_url: "消息与事件接收 URL" / "Message and event URL";
        messages_note: "$APPID$ 原样填写，微信会换成每个账号的 AppID。" / "Enter $APPID$ as it is; WeChat puts each account's AppID there.";
        domain: "授权发起页域名" / "Authorization entry domain";
        domain_note: "只填域名，不带 https:// 和路径。微信会核对授权页的来源，域名不一致就无法授权。" / "The host only, without https:// and path. WeChat checks where people come from; another host cannot authorize anyone.";
        callback: "授权完成后的回调地址" / "Callback after granting";
        callback_note: "由系统自动带上，不用填写；它必须与上面的域名一致。" / "Sent along automatically, nothing to enter; it has to be on the domain above.";
        egress: "服务器出口 IP（白名单）" / "This server's outgoing address (IP list)";
        egress_note: "把本服务器访问公网时的 IP 加到“白名单 IP 地址列表”。如果漏了，微信会返回 61004 并带上实际的 IP，我们会把它显示在“正在发生的问题”里。使用令牌的业务服务器同样要加。" / "Add the address this server reaches the internet from to the platform's IP list. If it is missing, WeChat answers 61004 with the actual address and it is shown under open incidents. Servers that use the tokens have to be listed too.";
        egress_value: "IP 见网络或云服务商控制台" / "See your network or cloud provider";
        insecure: "当前公网地址不是 https。微信只接受 80 端口的 http 或 443 端口的 https。" / "The public address is not https. WeChat accepts http on port 80 or https on port 443 only.";

        state: "平台凭据" / "Credentials";
        ticket: "component_verify_ticket" / "component_verify_ticket";
        ticket_fresh: "正常" / "Fresh";
        ticket_late: "有些迟" / "Late";
        ticket_alarming: "告警" / "Alarming";
        ticket_outage: "即将失效" / "Outage";
        ticket_missing: "从未收到" / "Never received";
        ticket_fresh_note: "微信约每 10 分钟推送一次。" / "WeChat pushes one about every 10 minutes.";
        ticket_late_note: "超过 30 分钟没有新的 ticket，暂不影响使用。" / "None for more than 30 minutes; nothing is affected yet.";
        ticket_alarming_note: "超过 2 小时没有新的 ticket，系统会自动请求微信重新推送。" / "None for more than 2 hours; the push is requested again automatically.";
        ticket_outage_note: "超过 11 小时没有新的 ticket，满 12 小时后无法再获取新的令牌。请检查事件 URL 能否从公网访问。" / "None for more than 11 hours; after 12 no new token can be obtained. Check that the event URL can be reached from the internet.";
        ticket_missing_note: "请先把下面的事件 URL、Token 和 Key 填到微信开放平台。" / "Enter the event URL, Token and key below at the WeChat Open Platform first.";
        token_title: "component_access_token" / "component_access_token";
        token_none: "还没有获得" / "Not obtained yet";
        token_none_note: "收到第一个 ticket 后自动获取。" / "Obtained automatically after the first ticket.";
        next_refresh: "下次续期" / "Next renewal";
        push: "推送服务" / "Push service";
        push_again: "重新推送 ticket" / "Request the ticket again";
        push_last: "上次请求" / "Last requested";
        push_answer: "微信返回" / "WeChat said";
        push_ok: "推送曾停止，现已恢复" / "The push had stopped and is running again";
        push_normal: "推送一直正常" / "The push was running all along";
        push_done: "已请求微信重新推送：{}" / "Requested: {}";
        push_refused: "请求没有成功：{}" / "Not successful: {}";
        push_never: "还没有请求过" / "Never requested";
        reconciled: "上次与微信核对" / "Last compared with WeChat";
        report: "与微信授权列表的核对" / "Comparison with WeChat's list";
        report_lead: "每天凌晨核对一次，不一致的账号会自动核实。" / "Made each night; accounts that differ are verified automatically.";
        report_counts: "微信列表 {} 个，本系统 {} 个" / "{} in WeChat's list, {} here";
        report_same: "完全一致，没有差异。" / "Both agree; there is no difference.";
        report_none: "还没有核对过，今晚会进行第一次。" / "Not compared yet; the first comparison is tonight.";
        report_more: "另有 {} 个" / "and {} more";
        reconciled_never: "还没有核对过" / "Not compared yet";
        authorizers: "授权账号" / "Accounts";
        incidents_open: "{} 个问题" / "{} open incidents";
        added_at: "添加于" / "Added";
    }
}
