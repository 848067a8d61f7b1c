//! Judges the answer to a message push: nothing, `success`, or an encrypted passive reply that must be in order.

use serde::Serialize;

use super::pushes::Push;
use crate::wechat::crypt::{self, AesKey};

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ReplyKind {
    Empty,
    Success,
    Passive,
    Invalid,
}

#[derive(Clone, Debug, Serialize)]
pub struct Reply {
    pub kind: ReplyKind,
    /// The decrypted XML of a passive reply.
    pub xml: Option<String>,
    /// Why WeChat would show an error to the fan.
    pub problem: Option<String>,
}

pub fn read(push: &Push, answer: &str) -> Reply {
    match answer {
        "" => Reply { kind: ReplyKind::Empty, xml: None, problem: None },
        "success" => Reply { kind: ReplyKind::Success, xml: None, problem: None },
        _ => match passive(push, answer) {
            Ok(xml) => Reply { kind: ReplyKind::Passive, xml: Some(xml), problem: None },
            Err(problem) => Reply { kind: ReplyKind::Invalid, xml: None, problem: Some(problem.to_owned()) },
        },
    }
}

fn passive(push: &Push, answer: &str) -> Result<String, &'static str> {
    let encrypt = element(answer, "Encrypt").ok_or("the reply has no Encrypt")?;
    let signature = element(answer, "MsgSignature").ok_or("the reply has no MsgSignature")?;
    let timestamp = element(answer, "TimeStamp").ok_or("the reply has no TimeStamp")?;
    let nonce = element(answer, "Nonce").ok_or("the reply has no Nonce")?;
    let expected = crypt::msg_signature(&push.token, &timestamp, &nonce, &encrypt);
    if !crypt::signature_matches(&expected, &signature) {
        return Err("the MsgSignature of the reply is wrong");
    }
    let key = AesKey::parse(&push.aes_key).map_err(|_| "the AES key of the component is not one")?;
    let opened = crypt::decrypt(&key, &encrypt).map_err(|_| "the reply cannot be decrypted")?;
    if opened.appid != push.tail {
        return Err("the appid in the tail of the reply is not the component's");
    }
    let xml = String::from_utf8(opened.message).map_err(|_| "the reply is not UTF-8")?;
    match element(&xml, "MsgType") {
        Some(_) if element(&xml, "ToUserName") == push.openid => Ok(xml),
        Some(_) => Err("the ToUserName of the reply is not the sender"),
        None => Err("the reply has no MsgType"),
    }
}

/// The text of the first element with this name, without its CDATA. Enough for the small XML of replies.
pub fn element(xml: &str, name: &str) -> Option<String> {
    let (_, rest) = xml.split_once(&format!("<{name}>"))?;
    let (text, _) = rest.split_once(&format!("</{name}>"))?;
    let text = text.trim();
    let inner = text.strip_prefix("<![CDATA[").and_then(|text| text.strip_suffix("]]>"));
    Some(inner.unwrap_or(text).to_owned())
}
