//! Words of the error pages.

words! {
    /// Words of the error pages.
    pub struct ErrorWords {
        home: "返回首页" / "Back to home";
        again: "再试一次" / "Try again";
        trace: "追踪号" / "Trace id";
        not_found: "找不到这个页面" / "Page not found";
        not_found_text: "它可能已被移走，或者不属于你的租户。" / "It may have moved, or it does not belong to your tenant.";
        invitation_closed: "邀请已失效" / "This invitation no longer works";
        invitation_closed_text: "它可能已被使用、撤回，或超过了 7 天。请联系邀请人重新邀请。" / "It may have been used or withdrawn, or be older than 7 days. Ask whoever invited you for a new one.";
        forbidden: "没有权限" / "No permission";
        forbidden_text: "你的角色不能执行这个操作；需要时请联系租户的所有者或平台管理员。" / "Your role does not allow this; ask an owner of the tenant or a platform administrator if you need it.";
        foreign_form: "表单已失效" / "This form is no longer valid";
        foreign_form_text: "页面可能打开太久，或登录已过期。请返回重新打开页面再试，什么都没有改变。" / "The page was open for too long or you were signed out. Open the page again and retry; nothing was changed.";
        no_workspace: "还没有加入任何租户" / "You belong to no tenant yet";
        no_workspace_text: "请平台管理员把你加入所在公司的租户，之后点“再试一次”即可。" / "Ask the platform's administrators to add you to your company's tenant, then press “Try again”.";
        suspended: "租户已停用" / "This tenant is suspended";
        suspended_text: "平台停用了你所在的租户：现在看不到数据，也不能操作，接口密钥同样无效。账号的授权都还保留着，恢复后即可继续使用。请联系平台管理员。" / "The platform has suspended your tenant: there is nothing to see or do here for now, and its API keys are refused. The authorizations of its accounts are kept, so everything goes on once it is resumed. Ask a platform administrator.";
        moved: "请继续" / "Please continue";
        moved_text: "正在前往下一页。" / "You are being taken on.";
        wrong: "请求有误" / "Bad request";
        too_large: "提交的内容太大" / "What was sent is too large";
        method: "这个地址不接受这样的请求" / "This address does not take that kind of request";
        unreadable: "无法读懂这个请求" / "The request could not be understood";
        conflict: "现在不能这样做" / "Not possible now";
        unavailable: "暂时不可用" / "Not available at the moment";
        broken: "出错了" / "Something went wrong";
        broken_text: "这是我们的问题，没有丢失任何数据。请稍后再试；若仍出现，请把追踪号告诉管理员。" / "This is our fault and nothing was lost. Try again in a moment; if it keeps happening, give the trace id to an administrator.";
    }
}
