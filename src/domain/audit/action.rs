//! Everything that is audited, with its stored code and its words. A code never changes its meaning.

use crate::domain::text::Text;

macro_rules! actions {
    ($($(#[$doc:meta])* $name:ident = $code:literal, $zh:literal / $en:literal;)*) => {
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum Action {
            $($(#[$doc])* $name,)*
        }

        impl Action {
            pub const ALL: &'static [Self] = &[$(Self::$name),*];

            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$name => $code,)* }
            }

            pub const fn label(self) -> Text {
                match self { $(Self::$name => Text::new($zh, $en),)* }
            }
        }
    };
}

actions! {
    // Coming and going.
    /// Complete: a second step, where there is one, is passed.
    SignedIn = "session.sign_in", "登录" / "Signed in";
    FirstStepPassed = "session.first_step", "密码正确，等待第二步" / "Entered the password, second step to come";
    SignInFailed = "session.sign_in_failed", "登录失败" / "Sign-in failed";
    SignedOut = "session.sign_out", "退出登录" / "Signed out";
    SteppedUp = "session.step_up", "再次验证身份" / "Confirmed their identity";
    StepUpFailed = "session.step_up_failed", "再次验证身份失败" / "Failed to confirm their identity";
    TenantSwitched = "session.tenant_switched", "切换租户" / "Switched tenant";

    // One's own account.
    PlatformSetUp = "platform.set_up", "创建首位平台管理员" / "Made the first platform administrator";
    LanguageChosen = "profile.language", "更改界面语言" / "Changed the language";
    PasswordReset = "user.password_reset", "重置密码" / "Reset a password";

    SecondStepFailed = "session.second_step_failed", "登录第二步失败" / "Failed the second step of signing in";
    AppAdded = "mfa.app_added", "添加验证器应用" / "Added an authenticator app";
    PasskeyAdded = "mfa.passkey_added", "添加通行密钥" / "Added a passkey";
    SecondFactorRemoved = "mfa.removed", "移除一项两步验证" / "Removed a second factor";
    SecondFactorsReset = "mfa.reset", "重置用户的两步验证" / "Reset a user's second factors";
    RecoveryCodesRenewed = "mfa.recovery_codes", "重新生成恢复码" / "Generated new recovery codes";
    MfaRuleChanged = "tenant.mfa_rule", "更改两步验证要求" / "Changed whether second factors are required";
    PasswordChanged = "user.password_changed", "修改密码" / "Changed the password";
    ProfileChanged = "profile.changed", "修改个人资料" / "Changed the profile";
    EmailChangeAsked = "user.email_change_asked", "申请更改登录邮箱" / "Asked for another e-mail address";
    EmailChangeRevoked = "user.email_change_revoked", "撤回更改登录邮箱" / "Took back asking for another e-mail address";
    EmailChanged = "user.email_changed", "更改登录邮箱" / "Changed the e-mail address";
    SessionsEnded = "session.ended", "结束登录会话" / "Ended sessions";
    ResetLinkMade = "user.reset_link", "生成重设密码链接" / "Created a password reset link";

    // People and tenants.
    MemberInvited = "member.invited", "邀请成员" / "Invited a member";
    InvitationRevoked = "member.invitation_revoked", "撤回邀请" / "Withdrew an invitation";
    InvitationAccepted = "member.invitation_accepted", "接受邀请" / "Accepted an invitation";
    TenantCreated = "tenant.created", "创建租户" / "Created a tenant";
    SignedUp = "tenant.signed_up", "自助注册公司" / "Signed up a company";
    TenantRenamed = "tenant.renamed", "更改租户名称" / "Renamed a tenant";
    TenantSuspended = "tenant.suspended", "停用租户" / "Suspended a tenant";
    TenantResumed = "tenant.resumed", "恢复租户" / "Resumed a tenant";
    TenantLimited = "tenant.limited", "设置租户限额" / "Set a tenant's limits";
    TenantExported = "tenant.exported", "导出租户数据" / "Exported a tenant's data";
    TenantDeletionRequested = "tenant.deletion_requested", "申请删除租户" / "Requested the deletion of a tenant";
    TenantDeletionUndone = "tenant.deletion_undone", "撤销删除租户" / "Cancelled the deletion of a tenant";
    TenantPurged = "tenant.purged", "删除租户并销毁密钥" / "Deleted a tenant and destroyed its key";
    MemberPut = "member.put", "添加成员或更改角色" / "Added a member or changed a role";
    MemberRemoved = "member.removed", "移除成员" / "Removed a member";
    UserCreated = "user.created", "创建用户" / "Created a user";
    UserDisabled = "user.disabled", "停用用户" / "Disabled a user";
    UserEnabled = "user.enabled", "恢复用户" / "Enabled a user";

    // The third-party platform.
    ComponentAdded = "component.added", "添加第三方平台" / "Added a third-party platform";
    ComponentChanged = "component.changed", "更改第三方平台" / "Changed a third-party platform";
    SecretRevealed = "component.secret_revealed", "查看第三方平台的密钥" / "Saw a secret of a third-party platform";
    TicketPushRequested = "component.push_requested", "请求微信推送 ticket" / "Asked WeChat to push tickets";
    GrantAssigned = "grant.assigned", "把待认领授权划给租户" / "Gave an unclaimed grant to a tenant";
    GrantDismissed = "grant.dismissed", "忽略待认领授权" / "Dismissed an unclaimed grant";

    // Accounts.
    AuthorizationStarted = "authorization.started", "发起授权" / "Began an authorization";
    ReauthorizationStarted = "authorization.restarted", "发起重新授权" / "Began a re-authorization";
    AuthorizationReturned = "authorization.returned", "从微信授权返回" / "Came back from WeChat";
    RefreshRequested = "authorizer.refresh_requested", "请求立即续期" / "Asked for an immediate renewal";
    AuthorizerPaused = "authorizer.paused", "暂停续期" / "Paused renewals";
    AuthorizerResumed = "authorizer.resumed", "恢复续期" / "Resumed renewals";

    // The audit itself.
    AuditExported = "audit.exported", "导出审计记录" / "Exported the audit";
    // Merchants.
    LinkCreated = "link.created", "创建授权链接" / "Created a merchant link";
    LinksCreated = "link.created_in_bulk", "批量创建授权链接" / "Created merchant links in bulk";
    LinkSent = "link.sent", "邮件发送授权链接" / "Sent merchant links by e-mail";
    LinkRevoked = "link.revoked", "撤销授权链接" / "Revoked a merchant link";
    LogoChanged = "tenant.logo_changed", "更换标志" / "Changed the logo";
    LogoRemoved = "tenant.logo_removed", "移除标志" / "Removed the logo";

    // Programs.
    KeyCreated = "api_key.created", "创建 API 密钥" / "Created an API key";
    KeyRevoked = "api_key.revoked", "吊销 API 密钥" / "Revoked an API key";
    /// One record for each key and hour.
    TokensRead = "token.read", "读取令牌（每小时汇总）" / "Read tokens (added up by the hour)";
    TokenReported = "token.reported", "上报令牌失效" / "Reported a dead token";
}

impl Action {
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|action| action.as_str() == name)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_action_has_a_code_of_its_own() {
        let codes: BTreeSet<_> = Action::ALL.iter().map(|action| action.as_str()).collect();
        assert_eq!(codes.len(), Action::ALL.len());
        for action in Action::ALL {
            assert_eq!(Action::from_name(action.as_str()), Some(*action));
            let code = action.as_str();
            assert!(code.bytes().all(|byte| byte.is_ascii_lowercase() || b"._".contains(&byte)), "{code}");
        }
    }
}
