//! Resets an account's daily quotas with the component's secret, for when the token itself is out of quota. Ten a
//! month, shared with WeChat's console. Source: openApi/openapi/api_componentclearquota_v2.

use serde_json::json;

use crate::domain::ids::{AuthorizerAppid, ComponentAppid};
use crate::secret::{ComponentAppsecret, Secret};
use crate::wechat::client::{Call, Client};
use crate::wechat::error::WechatError;

pub const NAME: &str = "component_clear_quota_v2";
pub const PATH: &str = "/cgi-bin/component/clear_quota/v2";

/// # Errors
/// Any [`WechatError`]; 48006 when this month's resets are used up.
pub async fn call(
    client: &Client,
    component: &ComponentAppid,
    secret: &ComponentAppsecret,
    authorizer: &AuthorizerAppid,
) -> Result<(), WechatError> {
    let body = json!({
        "appid": authorizer.as_str(),
        "component_appid": component.as_str(),
        "appsecret": secret.expose(),
    });
    client.send(Call { api: NAME, path: PATH, token: None, body }).await?;
    Ok(())
}
