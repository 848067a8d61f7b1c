//! Every word of the portal, Chinese and English on one line, so that neither can be forgotten. Pages have their own
//! file below `words/`; what several pages share is here.

use crate::domain::text::Lang;

/// Makes a struct of phrases with both its values: `words! { pub struct W { sign_in: "登录" / "Sign in"; } }`.
macro_rules! words {
    (
        $(#[$doc:meta])*
        pub struct $name:ident {
            $($field:ident: $zh:literal / $en:literal;)*
        }
        $(with { $($part:ident: $of:path;)* })?
    ) => {
        $(#[$doc])*
        #[derive(Debug)]
        pub struct $name {
            $(pub $field: &'static str,)*
            $($(pub $part: $of,)*)?
        }

        impl $name {
            pub const ZH: Self = Self { $($field: $zh,)* $($($part: <$of>::ZH,)*)? };
            pub const EN: Self = Self { $($field: $en,)* $($($part: <$of>::EN,)*)? };
        }
    };
}

pub mod admin;
pub mod admin_component;
pub mod admin_life;
pub mod admin_people;
pub mod admin_unclaimed;
pub mod api_keys;
pub mod audit;
pub mod authorize;
pub mod authorize_problem;
pub mod charts;
pub mod connect;
pub mod detail;
pub mod error;
pub mod links;
pub mod list;
pub mod overview;
pub mod people;
pub mod security;
pub mod sign_in;
pub mod sign_up;
pub mod step_up;

words! {
    /// The words of one language; those of single pages are in its parts.
    pub struct Words {
        product: "虎符" / "Hufu";
        tagline: "微信授权，稳稳在手" / "WeChat authority, safely held";
        skip: "跳到主要内容" / "Skip to content";

        nav: "主导航" / "Main navigation";
        nav_overview: "概览" / "Overview";
        nav_authorizers: "授权账号" / "Accounts";
        nav_authorize: "新增授权" / "Authorize";
        nav_links: "授权链接" / "Links";
        nav_api_keys: "API 密钥" / "API keys";
        nav_audit: "审计" / "Audit";
        nav_platform: "平台管理" / "Platform";
        nav_admin_overview: "平台概览" / "Status";
        nav_admin_components: "第三方平台" / "Components";
        nav_admin_authorizers: "全部账号" / "All accounts";
        nav_admin_tenants: "租户" / "Tenants";
        nav_admin_users: "用户" / "Users";
        nav_admin_unclaimed: "待认领" / "Unclaimed";

        tenant: "当前租户" / "Tenant";
        switch_tenant: "切换租户" / "Switch tenant";
        switch: "切换" / "Switch";
        account_menu: "账户" / "Your account";
        platform_admin: "平台管理员" / "Platform administrator";
        platform_support: "平台支持（只读）" / "Platform support (read only)";
        other_language: "English" / "中文";
        language: "语言" / "Language";
        nav_security: "安全" / "Security";
        sign_out: "退出登录" / "Sign out";
        sign_in: "登录" / "Sign in";

        search: "搜索" / "Search";
        filter: "筛选" / "Filter";
        clear: "清除条件" / "Clear filters";
        all: "全部" / "All";
        next_page: "下一页" / "Next page";
        first_page: "回到第一页" / "First page";
        pages: "分页" / "Pages";
        back: "返回" / "Back";
        save: "保存" / "Save";
        details: "详情" / "Details";
        copy: "复制" / "Copy";
        copied: "已复制" / "Copied";
        none: "无" / "None";
        unknown: "未知" / "Not known";
        never: "从未" / "Never";
        new_account: "授权公众号 / 小程序" / "Authorize an account";

        refresh_now: "立即续期" / "Refresh now";
        reauthorize: "重新授权" / "Re-authorize";
        pause: "暂停" / "Pause";
        resume: "恢复" / "Resume";

        heartbeat_lost: "调度器没有心跳，以下状态可能不是最新的。最后一次心跳：{}" / "The scheduler has gone quiet; what is shown may be out of date. Last heartbeat: {}";
        heartbeat_never: "调度器尚未启动，以下状态可能不是最新的。" / "The scheduler has not started; what is shown may be out of date.";

        role_owner: "所有者" / "Owner";
        role_operator: "操作员" / "Operator";
        role_viewer: "只读成员" / "Viewer";

        footer_zone: "时间均为北京时间（UTC+8）" / "Times are in UTC+8 (Beijing)";
        footer_other_zone: "时间按 {} 显示" / "Times are by the clock of {}";

    }
    with {
        overview: overview::OverviewWords;
        charts: charts::ChartWords;
        list: list::ListWords;
        detail: detail::DetailWords;
        signing: sign_in::SignInWords;
        sign_up: sign_up::SignUpWords;
        security: security::SecurityWords;
        step_up: step_up::StepUpWords;
        audit: audit::AuditWords;
        authorize: authorize::AuthorizeWords;
        api_keys: api_keys::ApiKeyWords;
        connect: connect::ConnectWords;
        links: links::LinkWords;
        people: people::PeopleWords;
        admin: admin::AdminWords;
        error: error::ErrorWords;
    }
}

static ZH: Words = Words::ZH;
static EN: Words = Words::EN;

impl Words {
    pub const fn of(lang: Lang) -> &'static Self {
        match lang {
            Lang::Zh => &ZH,
            Lang::En => &EN,
        }
    }
}

/// Puts the arguments where the phrase says `{}`, in order. Missing ones leave nothing, spare ones are dropped.
pub fn fill(phrase: &str, arguments: &[&str]) -> String {
    let mut arguments = arguments.iter();
    let mut filled = String::with_capacity(phrase.len() + 16);
    let mut rest = phrase;
    while let Some((before, after)) = rest.split_once("{}") {
        filled.push_str(before);
        filled.push_str(arguments.next().copied().unwrap_or_default());
        rest = after;
    }
    filled.push_str(rest);
    filled
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arguments_take_the_places_in_order() {
        assert_eq!(fill("{} of {}", &["3", "50"]), "3 of 50");
        assert_eq!(fill("{} of {}", &["{}"]), "{} of ");
        assert_eq!(fill("no place", &["3"]), "no place");
    }
}
