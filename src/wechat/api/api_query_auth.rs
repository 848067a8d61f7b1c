//! Exchanges an authorization code for the grant: which account, which tokens, which permission sets.
//! Source: openApi/ticket-token/api_getauthorizerrefreshtoken.

use std::time::Duration;

use serde_json::json;

use super::{require_appid, with};
use crate::domain::ids::{AuthorizerAppid, ComponentAppid};
use crate::secret::{
    AuthorizationCode, AuthorizerAccessToken, AuthorizerRefreshToken, ComponentAccessToken, Secret,
};
use crate::wechat::client::{Answer, Call, Client};
use crate::wechat::error::WechatError;
use crate::wechat::reply::{self, Fields};

pub const NAME: &str = "api_query_auth";
pub const PATH: &str = "/cgi-bin/component/api_query_auth";

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Grant {
    pub authorizer: AuthorizerAppid,
    /// `None` when the account has no API rights.
    pub access_token: Option<AuthorizerAccessToken>,
    pub expires_in: Duration,
    pub refresh_token: Option<AuthorizerRefreshToken>,
    /// What was really granted; may be less than was asked.
    pub func_info: Vec<i64>,
}

/// # Errors
/// Any [`WechatError`]; 61009 when the code was used, 61010 when it expired.
pub async fn call(
    client: &Client,
    component: &ComponentAppid,
    token: &ComponentAccessToken,
    code: &AuthorizationCode,
) -> Result<Answer<Grant>, WechatError> {
    let body = json!({"component_appid": component.as_str(), "authorization_code": code.expose()});
    let reply = client.send(Call { api: NAME, path: PATH, token: with(token), body }).await?;
    Ok(Answer { value: read(&reply.fields)?, raw: reply.raw })
}

/// Reads an answer that was kept in the journal.
///
/// # Errors
/// Those of an unusable answer.
pub fn parse(body: &str) -> Result<Grant, WechatError> {
    read(&reply::parse(NAME, body, &[])?)
}

fn read(fields: &Fields) -> Result<Grant, WechatError> {
    let info =
        fields.object().child("authorization_info").ok_or(WechatError::Incomplete("authorization_info"))?;
    Ok(Grant {
        authorizer: require_appid(info)?,
        access_token: info.text("authorizer_access_token").map(AuthorizerAccessToken::new),
        expires_in: info.expires_in(),
        refresh_token: info.text("authorizer_refresh_token").map(AuthorizerRefreshToken::new),
        func_info: info.func_info().unwrap_or_default(),
    })
}
