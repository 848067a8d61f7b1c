//! Words of the page about keys of business servers.

words! {
    /// Words of the page about keys of business servers.
    pub struct ApiKeyWords {
        title: "API 密钥" / "API keys";
        lede: "业务服务器凭密钥获取账号的 access_token，并上报失效的令牌；它们不需要保存刷新令牌，也不需要自己续期。" / "With a key, your business servers get access tokens of your accounts and report dead ones. They never hold a refresh token and never refresh.";
        none_title: "还没有密钥" / "No keys yet";
        none_text: "为每个业务系统各创建一个，泄露时可以单独吊销。" / "Create one for each of your systems, so that each can be revoked on its own.";
        name: "名称" / "Name";
        key: "密钥" / "Key";
        allows: "权限" / "Allows";
        last_used: "最近使用" / "Last used";
        never_used: "从未使用" / "Never used";
        ends: "到期" / "Expires";
        never_ends: "长期有效" / "Never";
        created: "创建于" / "Created";
        live: "有效" / "Live";
        expired: "已过期" / "Expired";
        revoked: "已吊销" / "Revoked";
        revoke: "吊销" / "Revoke";
        was_revoked: "密钥已吊销，立即失效" / "Key revoked, effective at once";
        all_accounts: "全部账号" / "All accounts";
        some_accounts: "{} 个账号" / "{} account(s)";
        from_networks: "仅限 {}" / "Only from {}";

        create: "创建密钥" / "Create a key";
        name_hint: "用途，例如“订单服务”" / "What it is for, such as “order service”";
        bad_name: "名称为 1 到 80 个字，不能换行" / "A name has 1 to 80 characters, on one line";
        scopes: "权限" / "Permissions";
        bad_scopes: "至少选择一项" / "Choose at least one";
        accounts: "限定账号" / "Only these accounts";
        accounts_hint: "每行一个 AppID；留空表示本租户的全部账号" / "One AppID on each line; empty for all accounts of this tenant";
        bad_accounts: "“{}”不是 AppID" / "“{}” is not an AppID";
        networks: "限定来源 IP" / "Only from these addresses";
        networks_hint: "每行一个 IP 或网段，例如 10.0.0.0/8；留空表示不限" / "One address or range on each line, such as 10.0.0.0/8; empty for anywhere";
        bad_networks: "“{}”不是 IP 或网段" / "“{}” is not an address or range";
        lives: "有效期" / "Expires after";
        days_30: "30 天" / "30 days";
        days_90: "90 天" / "90 days";
        days_365: "1 年" / "1 year";
        too_many: "有效的密钥已达上限，请先吊销不用的" / "The limit of live keys is reached; revoke some first";

        made_title: "密钥已创建，请现在复制" / "Copy the key now";
        made_text: "密钥只显示这一次。请保存到业务服务器的密钥管理系统，不要写进代码或日志。" / "It is shown only this once. Keep it with your server's secrets, not in code or logs.";
        try_it: "马上试试" / "Try it";
        done: "我已保存" / "I have saved it";
    }
}
