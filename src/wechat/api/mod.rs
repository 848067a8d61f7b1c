//! One file per endpoint, under WeChat's own name. Each says what it sends, what it reads and what may be missing;
//! `NAME` and `PATH` are shared with the sandbox.

pub mod api_authorizer_token;
pub mod api_component_token;
pub mod api_create_preauthcode;
pub mod api_get_authorizer_info;
pub mod api_get_authorizer_list;
pub mod api_query_auth;
pub mod api_start_push_ticket;
pub mod component_clear_quota_v2;
pub mod get_authorizer_option;
pub mod set_authorizer_option;

use crate::domain::ids::AuthorizerAppid;
use crate::secret::{ComponentAccessToken, Secret};
use crate::wechat::error::WechatError;
use crate::wechat::reply::Object;

/// The query parameter of nearly every call. The newest pages call it `access_token`; WeChat accepts both and every
/// SDK sends this one.
const TOKEN: &str = "component_access_token";

fn with(token: &ComponentAccessToken) -> Option<(&'static str, &str)> {
    Some((TOKEN, token.expose()))
}

/// The account's appid, under the names it has had over the years.
fn find_appid(object: Object<'_>) -> Option<AuthorizerAppid> {
    ["authorizer_appid", "authorization_appid", "appid"]
        .into_iter()
        .find_map(|name| AuthorizerAppid::parse(object.text(name)?.trim()).ok())
}

fn require_appid(object: Object<'_>) -> Result<AuthorizerAppid, WechatError> {
    find_appid(object).ok_or(WechatError::Incomplete("authorizer_appid"))
}
