//! Words of the list of accounts, and of a single account wherever it is shown.

words! {
    /// Words of the list of accounts.
    pub struct ListWords {
        title: "授权账号" / "Accounts";
        lede: "按紧急程度排列，最需要处理的在最前面。" / "Sorted by urgency: what needs attention comes first.";
        account: "账号" / "Account";
        state: "状态" / "State";
        life: "令牌" / "Token";
        next: "下次续期" / "Next refresh";
        last: "上次成功" / "Last success";
        tenant: "租户" / "Tenant";
        any_kind: "全部类型" / "Any kind";
        kind: "类型" / "Kind";
        search_label: "按名称、AppID 或原始 ID 搜索" / "Search by name, AppID or original id";
        no_token: "没有令牌" / "No token";
        not_planned: "未安排" / "Not planned";
        due: "即将进行" / "Due now";
        none_title: "没有符合条件的账号" / "No matching accounts";
        none_text: "换一个条件，或清除全部条件再看。" / "Change the filters, or clear them all.";
        none_yet_title: "前面的账号里还没有找到" / "Nothing found so far";
        none_yet_text: "账号很多，每次只查找其中一部分。点“下一页”继续往下找，或输入完整的 AppID 直接定位。" /
            "There are many accounts, and each page looks through a part of them. Go on to the next page, or enter a whole AppID.";
        pending_title: "进行中的授权" / "Authorizations under way";
        pending_lede: "链接已经生成，还没有人扫码完成。" / "A link was made; nobody has finished it yet.";
        pending_any: "等待扫码授权" / "Waiting to be scanned";
        pending_for: "重新授权 {}" / "Re-authorization of {}";
        pending_made: "{} 发起" / "made {}";
        copy_link: "复制链接" / "Copy link";
        go_on: "继续" / "Continue";
        of_kind_official: "公众号" / "Official account";
        of_kind_program: "小程序" / "Mini program";
        of_kind_both: "公众号或小程序" / "Official account or mini program";
    }
}
