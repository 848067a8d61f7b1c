//! Why a grant was not taken, and what to do: one pair of sentences for each `GrantProblem`.

words! {
    /// Why a grant was not taken, and what to do.
    pub struct ProblemWords {
        unknown_origin: "收到一个授权，但找不到是谁发起的" / "A grant arrived, but nobody here is known to have started it";
        unknown_origin_next: "平台管理员确认归属后即可使用。" / "It can be used once a platform administrator has assigned it.";
        another_tenant: "该账号已属于另一个租户，不会自动转移" / "The account belongs to another tenant and is never moved automatically";
        another_tenant_next: "已转给平台管理员处理，确认后会出现在你的账号列表里；不需要重新扫码。" / "A platform administrator decides; once confirmed it appears in your list. Nobody has to scan again.";
        wrong_account: "选择的不是原来的账号，没有任何更改" / "A different account was chosen; nothing was changed";
        wrong_account_next: "请由原账号的管理员扫码，并选择 {}。想接入另一个账号，请改用“授权账号”。" / "Ask that account's administrator to scan and choose {}. To add a different account, start from “Authorize an account”.";
        link_closed: "商户链接在授权期间被撤销，或已被用完，新账号没有自动接入" / "The merchant link was revoked or used up in the meantime; the new account was not taken";
        link_closed_next: "平台管理员确认后即可接入；不需要重新扫码。" / "A platform administrator can still let it in; nobody has to scan again.";
        over_quota: "租户的授权账号已达到上限，新账号还没有接入；授权已保管好，没有丢失" / "The tenant has as many accounts as it may have; the new one is not added yet, and its grant is kept safe";
        over_quota_next: "平台管理员提高上限后即可接入；不需要重新扫码。" / "A platform administrator can raise the limit and let it in; nobody has to scan again.";
        code_invalid: "微信不接受这次的授权码：它已被使用或无效" / "WeChat did not accept the code: it was used already or is not valid";
        code_invalid_next: "请重新扫码授权一次。" / "Scan and confirm once more.";
        code_expired: "授权码已过期，没来得及换成令牌" / "The code ran out before it could be exchanged";
        code_expired_next: "请重新扫码授权一次。" / "Scan and confirm once more.";
        no_rights: "微信没有给出令牌：该账号没有接口权限，或授权时没有勾选权限" / "WeChat issued no token: the account has no API rights, or no permission was ticked";
        no_rights_next: "请管理员重新授权，并勾选所需权限；未认证的账号请先完成认证。" / "Authorize again with the permissions ticked; verify the account first if it is not verified.";
        refused: "微信拒绝了这次授权" / "WeChat refused this grant";
        refused_next: "请稍后再试；若反复出现，请把页面上的编号告诉平台管理员。" / "Try again later; if it keeps happening, tell the platform's administrators.";

        notice_asked: "{} 的授权在等待平台管理员确认（{}）：{}。" / "The grant of {} waits for a platform administrator ({}): {}.";
        notice_claimed: "另一个租户请求接入你的账号 {}（{}）。账号仍归你使用，是否转移由平台管理员决定。" / "Another tenant asked for your account {} ({}). It stays yours unless a platform administrator decides otherwise.";
        notice_some: "一个账号" / "an account";
    }
}
