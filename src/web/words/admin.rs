//! Words of the platform administrators' pages.

words! {
    /// Words of the platform's first page, and what several of its pages share.
    pub struct AdminWords {
        title: "平台概览" / "Platform status";
        lead: "所有租户的账号、平台自身的凭据和正在发生的问题。" / "Every tenant's accounts, the platform's own credentials, and what is wrong right now.";
        accounts: "账号健康" / "Accounts";
        accounts_total: "共 {} 个账号" / "{} accounts";
        accounts_none: "还没有账号授权" / "No account has been authorized yet";
        accounts_none_text: "租户发起的授权完成后，账号会出现在这里。" / "They appear here once a tenant's first authorization is finished.";

        incidents: "正在发生的问题" / "Open incidents";
        incidents_none: "平台一切正常，没有未解决的问题。" / "Everything works; there is no open incident.";
        failed_calls: "期间的 {} 次续期调用都没有得到有效回应" / "None of the {} renewals called meanwhile got a usable answer";
        incidents_past: "问题记录" / "Incidents";
        incidents_never: "还没有出现过问题。" / "There has been none so far.";
        since: "开始" / "Since";
        last_seen: "最近一次" / "Last seen";
        closed: "已恢复" / "Resolved";
        open: "进行中" / "Open";
        evidence: "微信返回" / "WeChat said";
        mover: "由谁处理" / "Who has to act";
        remedy: "处理方法" / "What to do";
        next_probe: "下次自动检查" / "Next automatic check";

        waiting: "{} 个授权等待认领" / "{} grants wait to be assigned";
        waiting_text: "来源不明，或账号已属于其他租户，需要你决定归属。" / "Their origin is unknown, or the account is another tenant's. You decide whose they are.";
        decide: "去处理" / "Decide";

        components: "第三方平台" / "Components";
        refusals: "被拒绝的推送" / "Refused pushes";
        refusals_lead: "不是微信发来的，或密钥对不上的请求。偶尔出现是正常的网络扫描；持续增加请核对 Token 和 Key。" / "Requests that WeChat did not send or whose keys do not match. A few are ordinary scans; a steady rise means the Token or key differs.";
        refusals_none: "没有推送被拒绝。" / "No push has been refused.";
        reason: "原因" / "Reason";
        count: "次数" / "Count";
        last: "最近" / "Latest";

        tenant: "租户" / "Tenant";
        all_tenants: "所有租户" / "All tenants";
        all_authorizers: "全部账号" / "All accounts";
        all_authorizers_lead: "所有租户的账号，最需要处理的在前。" / "Every tenant's accounts, the most urgent first.";
    }
    with {
        component: super::admin_component::ComponentWords;
        life: super::admin_life::LifeWords;
        people: super::admin_people::PeopleWords;
        unclaimed: super::admin_unclaimed::UnclaimedWords;
    }
}
