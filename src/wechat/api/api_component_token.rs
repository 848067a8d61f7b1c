//! Obtains the component_access_token from the newest ticket. A new token ends the old one within five minutes,
//! possibly at once: exactly one refresher may call this. Source: openApi/ticket-token/api_getcomponentaccesstoken.

use std::time::Duration;

use serde_json::json;

use crate::domain::ids::ComponentAppid;
use crate::secret::{ComponentAccessToken, ComponentAppsecret, ComponentVerifyTicket, Secret};
use crate::wechat::client::{Answer, Call, Client};
use crate::wechat::error::WechatError;
use crate::wechat::reply::{self, Fields};

pub const NAME: &str = "api_component_token";
pub const PATH: &str = "/cgi-bin/component/api_component_token";

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ComponentToken {
    pub token: ComponentAccessToken,
    /// Documented as two hours.
    pub expires_in: Duration,
}

/// # Errors
/// Any [`WechatError`].
pub async fn call(
    client: &Client,
    component: &ComponentAppid,
    secret: &ComponentAppsecret,
    ticket: &ComponentVerifyTicket,
) -> Result<Answer<ComponentToken>, WechatError> {
    let body = json!({
        "component_appid": component.as_str(),
        "component_appsecret": secret.expose(),
        "component_verify_ticket": ticket.expose(),
    });
    let reply = client.send(Call { api: NAME, path: PATH, token: None, body }).await?;
    Ok(Answer { value: read(&reply.fields)?, raw: reply.raw })
}

/// Reads an answer that was kept in the journal.
///
/// # Errors
/// Those of an unusable answer.
pub fn parse(body: &str) -> Result<ComponentToken, WechatError> {
    read(&reply::parse(NAME, body, &[])?)
}

fn read(fields: &Fields) -> Result<ComponentToken, WechatError> {
    let object = fields.object();
    let token = ComponentAccessToken::new(object.required("component_access_token")?);
    Ok(ComponentToken { token, expires_in: object.expires_in() })
}
