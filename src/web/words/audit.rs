//! Words of the audit's pages.

words! {
    /// Words of the audit's pages.
    pub struct AuditWords {
        title: "审计" / "Audit";
        lead: "谁在什么时候、从哪里、对什么做了什么。记录只增不改，逐条相连。" / "Who did what to what, when and from where. Records are only ever added, each chained to the one before.";
        at: "时间" / "When";
        who: "操作者" / "Who";
        action: "操作" / "Action";
        subject: "对象" / "Target";
        detail: "详情" / "Details";
        address: "来源" / "From";
        tenant: "租户" / "Tenant";
        request: "请求编号" / "Request";
        who_label: "操作者的邮箱或编号" / "Who: e-mail or id";
        subject_label: "对象的编号或邮箱" / "Target: id or e-mail";
        all_actions: "全部操作" / "All actions";
        since: "从" / "From";
        until: "到" / "To";
        nobody: "未登录者" / "Not signed in";
        command_line: "命令行" / "Command line";
        system: "系统" / "System";
        merchant: "商户（授权链接）" / "A merchant's link";
        api_key: "API 密钥" / "API key";
        none_title: "没有符合条件的记录" / "No matching records";
        none_text: "换个条件再试试。" / "Try different filters.";
        empty_title: "还没有记录" / "No records yet";
        empty_text: "从现在起，每次更改都会记在这里。" / "From now on every change is recorded here.";
        export: "导出" / "Export";
        export_lead: "导出符合当前条件的全部记录，新的在前。下载中断的文件不完整：JSON 会缺少结尾的 ]，请重新导出。导出本身也会被记录。" / "Exports every record that matches the filters, newest first. A download that breaks off is incomplete (JSON then lacks its closing bracket): export again. The export itself is recorded, too.";
        export_csv: "导出 CSV" / "Export CSV";
        all_title: "导出全部数据" / "Take everything along";
        all_lead: "本租户的成员、账号、历史、授权链接、API 密钥信息和审计，每行一条 JSON，不含任何密钥和令牌。会记入审计。" / "The tenant's members, accounts, history, links, API keys and audit, one JSON object per line, without any secret or token. The export is recorded in the audit.";
        all_export: "导出全部" / "Export everything";
        export_json: "导出 JSON" / "Export JSON";
    }
}
