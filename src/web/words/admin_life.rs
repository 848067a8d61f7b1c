//! Words about a tenant's limits, its suspension and its end.

words! {
    /// Words about a tenant's limits, its suspension and its end.
    pub struct LifeWords {
        limits: "用量与上限" / "Usage and limits";
        limits_lead: "留空表示不限。已有的不受影响，只是不能再增加。" / "Leave a field empty for no limit. What exists stays; only adding more is refused.";
        authorizers: "授权账号" / "Accounts";
        members: "成员" / "Members";
        keys: "API 密钥" / "API keys";
        in_use: "已用 {}" / "{} in use";
        no_limit: "不限" / "No limit";
        save_limits: "保存上限" / "Save the limits";
        was_limited: "上限已保存" / "The limits are saved";
        bad_limit: "上限须是 0 到 1000000 的整数，或留空" / "A limit is a whole number from 0 to 1,000,000, or empty";

        suspension: "停用" / "Suspension";
        suspend_lead: "停用后，成员只看到停用说明，接口密钥立即失效；令牌照常续期，恢复后不需要重新授权。" / "Members then see a page that says so and API keys are refused at once. Tokens are kept fresh, so nothing has to be authorized again afterwards.";
        suspended_since: "停用于" / "Suspended";
        suspend: "停用租户" / "Suspend the tenant";
        resume: "恢复租户" / "Resume the tenant";
        was_suspended: "租户已停用" / "The tenant is suspended";
        was_resumed: "租户已恢复" / "The tenant is active again";
        so_already: "状态已经改变，没有执行任何操作" / "It had changed already, so nothing was done";

        deletion: "删除租户" / "Delete the tenant";
        delete_lead: "申请后全部停止，包括令牌续期；7 天内可以撤销。之后删除全部数据并销毁该租户的数据密钥，无法恢复。" / "Everything stops from the request on, renewals of tokens included. It can be taken back for 7 days; then all data is deleted and the tenant's data key destroyed, for good.";
        delete_backups: "早先的备份里还有用当时主密钥包裹的数据密钥：要让它们也无法打开，请在删除完成后运行 hufu keys rotate，做新的备份，再运行 hufu keys retire 停用旧主密钥。" / "Earlier backups still hold the data key, wrapped by the master key of their time. To make them unreadable as well, run hufu keys rotate after the deletion, make a new backup, and retire the old master key with hufu keys retire.";
        export_first: "先导出：租户的全部数据（不含密钥和令牌），每行一条 JSON。停用或待删除时也可以导出；会记入审计。" / "Export first: everything of the tenant but secrets and tokens, one JSON object a line. This works while it is suspended or about to be deleted, and is written down in the audit.";
        export: "导出全部数据" / "Export everything";
        type_slug: "输入短名称 {} 以确认" / "Type the short name {} to confirm";
        not_the_slug: "输入的短名称不一致，没有执行任何操作" / "That is not the short name; nothing was done";
        delete: "申请删除" / "Request deletion";
        was_requested: "已申请删除，一切已停止" / "Deletion requested; everything has stopped";
        purge_at: "开始删除数据" / "Data is deleted from";
        keep: "撤销删除" / "Cancel the deletion";
        was_kept: "已撤销删除；租户仍处于停用状态，令牌恢复续期" / "Deletion cancelled. The tenant is still suspended; its tokens are renewed again";
        purging: "正在删除数据，无法撤销" / "Its data is being deleted; this cannot be cancelled";
        to_be_deleted: "待删除" / "To be deleted";

        purged: "已删除的租户" / "Deleted tenants";
        purged_at: "删除于" / "Deleted";
        shredding: "备份中的密文" / "Secrets in backups";
        shredded: "已无法打开" / "Unreadable";
        keys_left: "仍可用主密钥 {} 打开；轮换后停用它" / "Can still be opened with master key {}; rotate, then retire it";
    }
}
