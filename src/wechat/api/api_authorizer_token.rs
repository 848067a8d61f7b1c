//! Refreshes an account's access token. The refresh token usually comes back unchanged; whatever comes back is the
//! one to keep. Source: openApi/ticket-token/api_getauthorizeraccesstoken.

use std::time::Duration;

use serde_json::json;

use super::with;
use crate::domain::ids::{AuthorizerAppid, ComponentAppid};
use crate::secret::{AuthorizerAccessToken, AuthorizerRefreshToken, ComponentAccessToken, Secret};
use crate::wechat::client::{Answer, Call, Client};
use crate::wechat::error::WechatError;
use crate::wechat::reply::{self, Fields};

pub const NAME: &str = "api_authorizer_token";
pub const PATH: &str = "/cgi-bin/component/api_authorizer_token";

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refreshed {
    pub access_token: AuthorizerAccessToken,
    pub expires_in: Duration,
    /// `None` when WeChat left it out or sent it empty: the stored one stays.
    pub refresh_token: Option<AuthorizerRefreshToken>,
}

/// # Errors
/// Any [`WechatError`]; 61023 when the refresh token is dead, 61003 when the account cancelled.
pub async fn call(
    client: &Client,
    component: &ComponentAppid,
    token: &ComponentAccessToken,
    authorizer: &AuthorizerAppid,
    refresh_token: &AuthorizerRefreshToken,
) -> Result<Answer<Refreshed>, WechatError> {
    let body = json!({
        "component_appid": component.as_str(),
        "authorizer_appid": authorizer.as_str(),
        "authorizer_refresh_token": refresh_token.expose(),
    });
    let reply = client.send(Call { api: NAME, path: PATH, token: with(token), body }).await?;
    Ok(Answer { value: read(&reply.fields)?, raw: reply.raw })
}

/// Reads an answer that was kept in the journal.
///
/// # Errors
/// Those of an unusable answer.
pub fn parse(body: &str) -> Result<Refreshed, WechatError> {
    read(&reply::parse(NAME, body, &[])?)
}

fn read(fields: &Fields) -> Result<Refreshed, WechatError> {
    let object = fields.object();
    Ok(Refreshed {
        access_token: AuthorizerAccessToken::new(object.required("authorizer_access_token")?),
        expires_in: object.expires_in(),
        refresh_token: object.text("authorizer_refresh_token").map(AuthorizerRefreshToken::new),
    })
}
