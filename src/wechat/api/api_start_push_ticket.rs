//! Asks WeChat to push tickets again; also a probe of the AppSecret, since it needs no token.
//! Source: openApi/ticket-token/api_startpushticket.

use serde_json::json;

use crate::domain::ids::ComponentAppid;
use crate::secret::{ComponentAppsecret, Secret};
use crate::wechat::client::{Call, Client};
use crate::wechat::error::WechatError;

pub const NAME: &str = "api_start_push_ticket";
pub const PATH: &str = "/cgi-bin/component/api_start_push_ticket";

/// WeChat's answer: `ok` when the push was stopped and runs again, `in a normal state` when it was running.
///
/// # Errors
/// Any [`WechatError`]; a refusal means a wrong appid or secret (61011, 40125), or -1.
pub async fn call(
    client: &Client,
    component: &ComponentAppid,
    secret: &ComponentAppsecret,
) -> Result<String, WechatError> {
    // Here, and only here, the secret is called component_secret.
    let body = json!({"component_appid": component.as_str(), "component_secret": secret.expose()});
    let reply = client.send(Call { api: NAME, path: PATH, token: None, body }).await?;
    let errmsg = reply.fields.object().text("errmsg").unwrap_or_else(|| "ok".to_owned());
    Ok(crate::wechat::error::clean_errmsg(&errmsg))
}
