//! Why the consent page refuses, in WeChat's manner: an HTML page for people, never JSON.

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Problem {
    /// No such component_appid.
    Component,
    PreAuthCode,
    AuthType,
    /// The redirect is not a URL.
    RedirectUri,
    /// The redirect leads to another domain than the configured one.
    RedirectDomain {
        found: String,
        wanted: String,
    },
    /// The page that led here is on another domain; `None`: the browser named no page.
    EntryDomain {
        found: Option<String>,
        wanted: String,
    },
    /// The account that was demanded cannot grant.
    BizAppid,
    /// Nothing was chosen, or something that was not offered.
    Choice,
    /// The form lay too long.
    Lapsed,
    /// Sets that another component holds.
    Exclusive {
        sets: String,
    },
}

impl Problem {
    pub fn words(&self, english: bool) -> String {
        if english { self.english() } else { self.chinese() }
    }

    fn chinese(&self) -> String {
        const DOMAINS: &str = "请确认授权入口页所在域名，与授权后回调页所在域名相同，并且，此两者都必须与申请第三方平台时填写的登录授权的发起页域名相同。";
        match self {
            Self::Component => "第三方平台的 component_appid 不存在或已停用。".to_owned(),
            Self::PreAuthCode => "预授权码无效、已使用或已过期，请返回第三方平台重新发起授权。".to_owned(),
            Self::AuthType => "参数 auth_type 无效，应为 1、2、3、4、5、6 或 8。".to_owned(),
            Self::RedirectUri => "参数 redirect_uri 缺失或不是有效的网址。".to_owned(),
            Self::RedirectDomain { found, wanted } => {
                format!("{DOMAINS}授权后回调页所在域名：{found}；登录授权的发起页域名：{wanted}")
            }
            Self::EntryDomain { found, wanted } => {
                let found = found.as_deref().unwrap_or("空");
                format!("{DOMAINS}授权入口页所在域名：{found}；登录授权的发起页域名：{wanted}")
            }
            Self::BizAppid => "指定的帐号不存在、状态异常，或不在授权测试列表中，不能授权。".to_owned(),
            Self::Choice => "请选择要授权的帐号和至少一个权限集。".to_owned(),
            Self::Lapsed => "页面停留太久，请返回第三方平台重新发起授权。".to_owned(),
            Self::Exclusive { sets } => format!("以下权限集已授权给其他第三方平台，不能重复授权：{sets}"),
        }
    }

    fn english(&self) -> String {
        const DOMAINS: &str = "The page that leads here and the page to return to must be on the domain that was entered when the platform was registered. ";
        match self {
            Self::Component => {
                "There is no enabled third-party platform with this component_appid.".to_owned()
            }
            Self::PreAuthCode => {
                "The pre_auth_code is invalid, used or expired. Go back to the platform and start again."
                    .to_owned()
            }
            Self::AuthType => "auth_type is invalid; it must be 1, 2, 3, 4, 5, 6 or 8.".to_owned(),
            Self::RedirectUri => "redirect_uri is missing or not a valid address.".to_owned(),
            Self::RedirectDomain { found, wanted } => {
                format!("{DOMAINS}Domain of the return page: {found}. Registered domain: {wanted}")
            }
            Self::EntryDomain { found, wanted } => {
                let found = found.as_deref().unwrap_or("空 (empty)");
                format!("{DOMAINS}Domain of the entry page: {found}. Registered domain: {wanted}")
            }
            Self::BizAppid => {
                "The requested account does not exist, is not in good standing or is not on the test list."
                    .to_owned()
            }
            Self::Choice => "Choose an account and at least one permission set.".to_owned(),
            Self::Lapsed => {
                "This page was open for too long. Go back to the platform and start again.".to_owned()
            }
            Self::Exclusive { sets } => {
                format!("Another platform already holds these permission sets: {sets}")
            }
        }
    }
}
