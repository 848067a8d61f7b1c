//! Lists the accounts that grant us, with every refresh token: reconciliation, and the last rung of recovery.
//! Source: openApi/authorization-management/api_getauthorizerlist.

use serde_json::{Value, json};

use super::{find_appid, with};
use crate::domain::ids::{AuthorizerAppid, ComponentAppid};
use crate::secret::{AuthorizerRefreshToken, ComponentAccessToken, Secret};
use crate::wechat::client::{Call, Client};
use crate::wechat::error::WechatError;
use crate::wechat::reply::{self, Fields, Object};

pub const NAME: &str = "api_get_authorizer_list";
pub const PATH: &str = "/cgi-bin/component/api_get_authorizer_list";
/// More in one page is refused with 40170.
pub const LARGEST_PAGE: u64 = 500;

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuthorizerPage {
    /// How many accounts grant us in all.
    pub total: u64,
    /// How many entries WeChat sent, readable or not: a page is the last one when this is short, not when
    /// `entries` is.
    pub received: u64,
    pub entries: Vec<ListEntry>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListEntry {
    pub authorizer: AuthorizerAppid,
    /// `None`: authorised, but nobody ever exchanged the code.
    pub refresh_token: Option<AuthorizerRefreshToken>,
    /// Unix seconds.
    pub auth_time: Option<i64>,
}

/// # Errors
/// Any [`WechatError`]. An answer without a list is `Incomplete`, unless it says that there is nothing to list:
/// reading silence as "nobody grants us" would end every account.
pub async fn call(
    client: &Client,
    component: &ComponentAppid,
    token: &ComponentAccessToken,
    offset: u64,
    count: u64,
) -> Result<AuthorizerPage, WechatError> {
    let body = json!({"component_appid": component.as_str(), "offset": offset, "count": count});
    let reply = client.send(Call { api: NAME, path: PATH, token: with(token), body }).await?;
    read(&reply.fields)
}

/// # Errors
/// Those of an unusable answer.
pub fn parse(body: &str) -> Result<AuthorizerPage, WechatError> {
    read(&reply::parse(NAME, body, &[])?)
}

fn read(fields: &Fields) -> Result<AuthorizerPage, WechatError> {
    let object = fields.object();
    let total = object.number("total_count").and_then(|total| u64::try_from(total).ok());
    let list = match (object.list("list"), total) {
        (Some(list), _) => list,
        (None, Some(0)) => &[],
        (None, _) => return Err(WechatError::Incomplete("list")),
    };
    let received = list.len() as u64;
    let entries = list.iter().filter_map(entry).collect();
    Ok(AuthorizerPage { total: total.ok_or(WechatError::Incomplete("total_count"))?, received, entries })
}

fn entry(value: &Value) -> Option<ListEntry> {
    let object = Object::of(value)?;
    Some(ListEntry {
        authorizer: find_appid(object)?,
        refresh_token: object
            .text("refresh_token")
            .or_else(|| object.text("authorizer_refresh_token"))
            .map(AuthorizerRefreshToken::new),
        auth_time: object.number("auth_time"),
    })
}
