//! Sets one option of an account; see `get_authorizer_option` for the tokens.

use super::get_authorizer_option::Subject;
use crate::wechat::client::Client;
use crate::wechat::error::WechatError;

pub const NAME: &str = "set_authorizer_option";
pub const PATH: &str = "/cgi-bin/component/set_authorizer_option";

/// # Errors
/// Any [`WechatError`]; 61012 and 61013 for an unknown name or value, 61025 for a read-only option.
pub async fn call(client: &Client, subject: Subject<'_>, name: &str, value: &str) -> Result<(), WechatError> {
    let body = subject.body(name, Some(value));
    subject.send(client, NAME, PATH, body).await?;
    Ok(())
}
