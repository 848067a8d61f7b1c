//! How WeChat says no: an errcode and an English sentence. The caller's address and the rid are added on the way out.

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    pub errcode: i64,
    pub text: String,
}

impl Refusal {
    pub fn with(errcode: i64, text: impl Into<String>) -> Self {
        Self { errcode, text: text.into() }
    }
}

/// A refusal with the sentence that WeChat uses for this code.
impl From<i64> for Refusal {
    fn from(errcode: i64) -> Self {
        Self::with(errcode, text(errcode))
    }
}

const fn text(errcode: i64) -> &'static str {
    match errcode {
        -1 => "system error",
        0 => "ok",
        40001 => "invalid credential, access_token is invalid or not latest",
        40002 => "invalid grant_type",
        40003 => "invalid openid",
        40013 => "invalid appid",
        40014 => "invalid access_token",
        40066 => "invalid url",
        40097 => "invalid args",
        40125 => "invalid appsecret",
        40164 => "invalid ip, not in whitelist",
        40170 => "args count exceed count limit",
        41001 => "access_token missing",
        41002 => "appid missing",
        41003 => "refresh_token missing",
        41004 => "appsecret missing",
        41020 => "component ticket missing",
        42001 => "access_token expired",
        43001 => "require GET method",
        43002 => "require POST method",
        44002 => "empty post data",
        45009 => "reach max api daily quota limit",
        45011 => "api minute-quota reach limit, must slower, retry next minute",
        45015 => "response out of time limit or subscription is canceled",
        47001 => "data format error",
        48001 => "api unauthorized",
        48004 => "api forbidden for irregularities, view detail on mp.weixin.qq.com",
        48006 => "forbid to clear quota because of reaching the limit",
        49001 => "not same appid with appid of access_token",
        50002 => "user limited",
        61003 => "component is not authorized by this account",
        61004 => "access clientip is not registered",
        61005 => "component ticket is expired",
        61006 => "component ticket is invalid",
        61007 => "api is unauhorized to component",
        61009 => "code is invalid",
        61010 => "code is expired",
        61011 => "invalid component",
        61012 => "invalid option name",
        61013 => "invalid option value",
        61014 => "must use component token for component api",
        61015 => "must use biz account token for not component api",
        61023 => "refresh_token is invalid",
        61024 => "must use api_component_token to get token for component acct",
        61028 => "component is unpublished",
        76003 => "cgi_path not found",
        76022 => "could not use this cgi_path, no permission",
        _ => "system error",
    }
}
