//! Words of the list of grants that wait to be assigned, and of the reasons why pushes were refused.

words! {
    /// Words of the list of grants that wait to be assigned.
    pub struct UnclaimedWords {
        title: "待认领的授权" / "Unclaimed grants";
        lead: "微信送来了授权，但不能自动归到某个租户。决定之前什么都不会改变，现有租户照常使用。" / "Grants that WeChat delivered and that belong to no tenant by themselves. Nothing changes until you decide; whoever has the account goes on using it.";
        none: "没有待认领的授权" / "No unclaimed grants";
        none_text: "所有授权都已归到发起它的租户。" / "Every grant went to the tenant that asked for it.";
        account: "账号" / "Account";
        unknown_account: "未知账号" / "Unknown account";
        received: "收到于" / "Received";
        why: "原因" / "Why";
        asked_by: "发起租户" / "Asked by";
        asked_by_nobody: "不明" / "Unknown";
        owned_by: "现属租户" / "Owned by";
        owned_by_nobody: "无" / "Nobody";
        assign_to: "归到" / "Assign to";
        choose: "选择租户" / "Choose a tenant";
        assign: "归属" / "Assign";
        dismiss: "忽略" / "Dismiss";
        assigned: "已归到租户" / "Assigned";
        dismissed: "已忽略，没有任何更改" / "Dismissed; nothing was changed";
        full: "该租户的授权账号已达到上限，授权仍保留在这里：先在租户页提高上限，再归属" / "The tenant has as many accounts as it may have. The grant stays here: raise the limit on the tenant's page, then assign it";
        raise: "先提高该租户的上限" / "Raise the tenant's limit first";
        gone: "这个授权已经处理过了" / "This grant was settled already";
        choose_first: "请先选择租户" / "Choose a tenant first";

        refused_component: "未知的第三方平台" / "Unknown component";
        refused_no_signature: "没有签名" / "No signature";
        refused_envelope: "格式不对" / "Malformed envelope";
        refused_signature: "签名不匹配（Token 不一致？）" / "Signature does not match (different Token?)";
        refused_encryption: "无法解密（Key 不一致？）" / "Cannot be decrypted (different key?)";
        refused_appid: "不是发给这个平台的" / "Meant for another component";
        refused_message: "内容无法读懂" / "Unreadable message";
        refused_store: "数据库暂时没有收下" / "The database did not take it";
    }
}
