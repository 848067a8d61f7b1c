//! Reads an account's profile, its kind, and its current refresh token (the second rung of the recovery ladder).
//! Source: openApi/authorization-management/api_getauthorizerinfo.

use serde_json::json;

use super::{find_appid, with};
use crate::domain::authorizer::{Kind, Profile};
use crate::domain::ids::{AuthorizerAppid, ComponentAppid};
use crate::secret::{AuthorizerRefreshToken, ComponentAccessToken, Secret};
use crate::wechat::client::{Call, Client};
use crate::wechat::error::WechatError;
use crate::wechat::reply::{self, Fields, Object};

pub const NAME: &str = "api_get_authorizer_info";
pub const PATH: &str = "/cgi-bin/component/api_get_authorizer_info";

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuthorizerInfo {
    pub profile: Profile,
    pub kind: Kind,
    /// `None` when WeChat left it out, sent it empty, or sent that of another account.
    pub refresh_token: Option<AuthorizerRefreshToken>,
    /// `None` when WeChat left the list out: what is stored stays.
    pub func_info: Option<Vec<i64>>,
}

/// # Errors
/// Any [`WechatError`]; 61003 for an account that is not ours.
pub async fn call(
    client: &Client,
    component: &ComponentAppid,
    token: &ComponentAccessToken,
    authorizer: &AuthorizerAppid,
) -> Result<AuthorizerInfo, WechatError> {
    let body = json!({"component_appid": component.as_str(), "authorizer_appid": authorizer.as_str()});
    let reply = client.send(Call { api: NAME, path: PATH, token: with(token), body }).await?;
    read(&reply.fields, authorizer)
}

/// Reads an answer about `authorizer`.
///
/// # Errors
/// Those of an unusable answer.
pub fn parse(body: &str, authorizer: &AuthorizerAppid) -> Result<AuthorizerInfo, WechatError> {
    read(&reply::parse(NAME, body, &[])?, authorizer)
}

fn read(fields: &Fields, asked: &AuthorizerAppid) -> Result<AuthorizerInfo, WechatError> {
    let answer = fields.object();
    let info = answer.child("authorizer_info").ok_or(WechatError::Incomplete("authorizer_info"))?;
    // The grant's part is sometimes missing; one about another account would be worse than none.
    let grant = answer
        .child("authorization_info")
        .filter(|grant| find_appid(*grant).is_none_or(|appid| appid == *asked));
    Ok(AuthorizerInfo {
        profile: profile(info),
        kind: kind(info),
        refresh_token: grant
            .and_then(|grant| grant.text("authorizer_refresh_token"))
            .map(AuthorizerRefreshToken::new),
        func_info: grant.and_then(Object::func_info),
    })
}

/// Never by `service_type_info`: its numbers mean different things for different kinds.
fn kind(info: Object<'_>) -> Kind {
    if info.get("MiniProgramInfo").is_some() {
        Kind::MiniProgram
    } else if info.get("channels_info").is_some() {
        Kind::Channels
    } else if ["store_info", "talent_info", "supplier_info"].into_iter().any(|name| info.get(name).is_some())
    {
        Kind::Other
    } else {
        Kind::OfficialAccount
    }
}

fn profile(info: Object<'_>) -> Profile {
    let id = |name| match info.child(name) {
        Some(object) => object.number("id"),
        None => info.number(name),
    };
    Profile {
        nick_name: info.text("nick_name"),
        head_img: info.text("head_img"),
        user_name: info.text("user_name"),
        alias: info.text("alias"),
        principal_name: info.text("principal_name"),
        signature: info.text("signature"),
        service_type: id("service_type_info"),
        verify_type: id("verify_type_info"),
        account_status: info.number("account_status"),
    }
}
