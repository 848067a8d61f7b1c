//! The XML inside pushes, as captured: CDATA around texts, none around numbers, a line for each element.

use std::fmt::Write as _;

use crate::clock::Timestamp;

pub struct Authorized<'a> {
    pub component: &'a str,
    pub info_type: &'a str,
    pub account: &'a str,
    pub code: &'a str,
    /// AuthorizationCodeExpiredTime
    pub ends: i64,
    pub pre_auth_code: Option<&'a str>,
    pub at: i64,
}

pub fn ticket(component: &str, ticket: &str, at: i64) -> String {
    xml(|body| {
        head(body, component, at, "component_verify_ticket");
        text(body, "ComponentVerifyTicket", ticket);
    })
}

pub fn authorized(notice: &Authorized<'_>) -> String {
    xml(|body| {
        head(body, notice.component, notice.at, notice.info_type);
        text(body, "AuthorizerAppid", notice.account);
        text(body, "AuthorizationCode", notice.code);
        number(body, "AuthorizationCodeExpiredTime", notice.ends);
        if let Some(code) = notice.pre_auth_code {
            text(body, "PreAuthCode", code);
        }
    })
}

pub fn unauthorized(component: &str, account: &str, at: i64) -> String {
    xml(|body| {
        head(body, component, at, "unauthorized");
        text(body, "AuthorizerAppid", account);
    })
}

pub fn unknown(component: &str, now: Timestamp) -> String {
    xml(|body| {
        head(body, component, now.unix(), "notify_sandbox_unknown");
        text(body, "appid", "wx0000000000000000");
        number(body, "status", 0);
    })
}

pub struct Message<'a> {
    pub to: &'a str,
    pub from: &'a str,
    pub at: i64,
    pub id: u64,
}

pub fn text_message(message: &Message<'_>, content: &str) -> String {
    xml(|body| {
        message_head(body, message, "text");
        text(body, "Content", content);
        let _ = writeln!(body, "<MsgId>{}</MsgId>", message.id);
    })
}

pub fn event_message(message: &Message<'_>, event: &str, event_key: &str) -> String {
    xml(|body| {
        message_head(body, message, "event");
        text(body, "Event", event);
        text(body, "EventKey", event_key);
    })
}

fn message_head(body: &mut String, message: &Message<'_>, kind: &str) {
    text(body, "ToUserName", message.to);
    text(body, "FromUserName", message.from);
    number(body, "CreateTime", message.at);
    text(body, "MsgType", kind);
}

fn xml(fill: impl FnOnce(&mut String)) -> String {
    let mut body = String::from("<xml>\n");
    fill(&mut body);
    body.push_str("</xml>");
    body
}

fn head(body: &mut String, component: &str, at: i64, info_type: &str) {
    text(body, "AppId", component);
    number(body, "CreateTime", at);
    text(body, "InfoType", info_type);
}

fn text(body: &mut String, name: &str, value: &str) {
    // A CDATA section cannot hold its own end.
    let value = value.replace("]]>", "]]]]><![CDATA[>");
    let _ = writeln!(body, "<{name}><![CDATA[{value}]]></{name}>");
}

fn number(body: &mut String, name: &str, value: i64) {
    let _ = writeln!(body, "<{name}>{value}</{name}>");
}
