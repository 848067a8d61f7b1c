//! Makes the code that one visit of the consent page needs: single use, so one per press of the button.
//! Source: openApi/ticket-token/api_getpreauthcode.

use std::time::Duration;

use serde_json::json;

use super::with;
use crate::domain::ids::ComponentAppid;
use crate::secret::{ComponentAccessToken, PreAuthCode, Secret};
use crate::wechat::client::{Call, Client};
use crate::wechat::error::WechatError;
use crate::wechat::reply::{self, Fields};

pub const NAME: &str = "api_create_preauthcode";
pub const PATH: &str = "/cgi-bin/component/api_create_preauthcode";

/// WeChat's pages say 1800 s in the text and 600 s in the sample: the shorter one when the answer is silent.
const LIFE: i64 = 600;

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PreAuth {
    pub code: PreAuthCode,
    pub expires_in: Duration,
}

/// # Errors
/// Any [`WechatError`].
pub async fn call(
    client: &Client,
    component: &ComponentAppid,
    token: &ComponentAccessToken,
) -> Result<PreAuth, WechatError> {
    let body = json!({"component_appid": component.as_str()});
    let reply = client.send(Call { api: NAME, path: PATH, token: with(token), body }).await?;
    read(&reply.fields)
}

/// # Errors
/// Those of an unusable answer.
pub fn parse(body: &str) -> Result<PreAuth, WechatError> {
    read(&reply::parse(NAME, body, &[])?)
}

fn read(fields: &Fields) -> Result<PreAuth, WechatError> {
    let object = fields.object();
    let code = PreAuthCode::new(object.required("pre_auth_code")?);
    let seconds = object.number("expires_in").unwrap_or(LIFE);
    Ok(PreAuth { code, expires_in: Duration::from_secs(u64::try_from(seconds).unwrap_or(0)) })
}
