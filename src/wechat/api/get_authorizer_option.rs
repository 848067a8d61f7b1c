//! Reads one option of an account. WeChat's pages disagree about the token, so the account's own is tried first and
//! the component's when WeChat asks for it. Source: T/api/…/api_get_authorizer_option, openApi pages of 2024.

use serde_json::{Value, json};

use crate::domain::ids::{AuthorizerAppid, ComponentAppid};
use crate::secret::{AuthorizerAccessToken, ComponentAccessToken, Secret};
use crate::wechat::client::{Call, Client};
use crate::wechat::error::WechatError;
use crate::wechat::reply::Reply;

pub const NAME: &str = "get_authorizer_option";
pub const PATH: &str = "/cgi-bin/component/get_authorizer_option";

/// An account, and both tokens that may open its options.
#[derive(Clone, Copy, Debug)]
pub struct Subject<'a> {
    pub component: &'a ComponentAppid,
    pub component_token: &'a ComponentAccessToken,
    pub authorizer: &'a AuthorizerAppid,
    pub authorizer_token: &'a AuthorizerAccessToken,
}

/// The option's value, a text even where it looks like a number. Names: `location_report`, `voice_recognize`,
/// `customer_service`.
///
/// # Errors
/// Any [`WechatError`]; 61012 for an unknown name.
pub async fn call(client: &Client, subject: Subject<'_>, name: &str) -> Result<String, WechatError> {
    let body = subject.body(name, None);
    let reply = subject.send(client, NAME, PATH, body).await?;
    reply.fields.object().required("option_value")
}

impl Subject<'_> {
    pub(super) fn body(&self, name: &str, value: Option<&str>) -> Value {
        let mut body = json!({
            "component_appid": self.component.as_str(),
            "authorizer_appid": self.authorizer.as_str(),
            "option_name": name,
        });
        if let Some(value) = value {
            body["option_value"] = Value::from(value);
        }
        body
    }

    /// Sends with the account's token, once more with the component's when WeChat says 61014.
    pub(super) async fn send(
        &self,
        client: &Client,
        api: &'static str,
        path: &'static str,
        body: Value,
    ) -> Result<Reply, WechatError> {
        let token = |token| Some(("access_token", token));
        let own = Call { api, path, token: token(self.authorizer_token.expose()), body: body.clone() };
        match client.send(own).await {
            Err(error) if error.errcode() == Some(61014) => {
                client.send(Call { api, path, token: token(self.component_token.expose()), body }).await
            }
            outcome => outcome,
        }
    }
}
