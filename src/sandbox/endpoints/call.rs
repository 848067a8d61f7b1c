//! One call of the API as it came in: path, query, JSON body, caller.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::sandbox::refusal::Refusal;
use crate::sandbox::state::World;
use crate::sandbox::tokens::Lane;

/// The names under which a token may come.
const TOKEN_NAMES: [&str; 2] = ["component_access_token", "access_token"];

#[derive(Clone, Debug)]
pub struct Call {
    pub path: String,
    /// Path and query as received; carries tokens.
    pub url: String,
    pub query: BTreeMap<String, String>,
    pub is_post: bool,
    pub raw: String,
    body: Body,
    pub client_ip: String,
}

#[derive(Clone, Debug)]
enum Body {
    Empty,
    NotJson,
    Json(Value),
}

impl Call {
    pub fn new(path: &str, query: &str, is_post: bool, body: &[u8], client_ip: String) -> Self {
        let pairs = url::form_urlencoded::parse(query.as_bytes()).into_owned();
        let body_of =
            |value| if matches!(value, Value::Object(_)) { Body::Json(value) } else { Body::NotJson };
        Self {
            path: path.to_owned(),
            url: if query.is_empty() { path.to_owned() } else { format!("{path}?{query}") },
            query: pairs.collect(),
            is_post,
            raw: String::from_utf8_lossy(body).into_owned(),
            body: match serde_json::from_slice(body) {
                _ if body.is_empty() => Body::Empty,
                Ok(value) => body_of(value),
                Err(_) => Body::NotJson,
            },
            client_ip,
        }
    }

    /// # Errors
    /// 44002 without a body, 47001 when it is not a JSON object.
    pub fn check_body(&self) -> Result<(), Refusal> {
        match self.body {
            Body::Json(_) => Ok(()),
            // The old form of clear_quota/v2 puts everything into the query.
            Body::Empty if self.path.ends_with("clear_quota/v2") => Ok(()),
            Body::Empty => Err(44002.into()),
            Body::NotJson => Err(47001.into()),
        }
    }

    pub fn field(&self, name: &str) -> Option<&Value> {
        match &self.body {
            Body::Json(value) => value.get(name).filter(|value| !value.is_null()),
            Body::Empty | Body::NotJson => None,
        }
    }

    /// A text of the body, not empty. Numbers count as texts: WeChat is not strict.
    pub fn text(&self, name: &str) -> Option<String> {
        let text = match self.field(name)? {
            Value::String(text) => text.clone(),
            Value::Number(number) => number.to_string(),
            Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_) => return None,
        };
        (!text.is_empty()).then_some(text)
    }

    /// A number of the body, also when it is written as a text.
    pub fn number(&self, name: &str) -> Option<i64> {
        self.text(name)?.parse().ok()
    }

    pub fn flag(&self, name: &str) -> bool {
        matches!(self.field(name), Some(Value::Bool(true)))
    }

    pub fn query(&self, name: &str) -> Option<&str> {
        self.query.get(name).map(String::as_str).filter(|value| !value.is_empty())
    }

    /// A value from the body or, failing that, from the query.
    pub fn anywhere(&self, name: &str) -> Option<String> {
        self.text(name).or_else(|| self.query(name).map(str::to_owned))
    }

    /// The appid that the call is about, for faults, counts and the journal: the authorizer, else the component.
    pub fn account(&self, world: &World) -> String {
        if let Some(account) = self.text("authorizer_appid") {
            return account;
        }
        if let Some(code) = self.text("authorization_code").and_then(|code| world.codes.auth.get(&code)) {
            return code.account.clone();
        }
        let token = TOKEN_NAMES.iter().find_map(|name| self.query(name));
        match token.and_then(|token| world.tokens.lane_of(token)) {
            Some(lane @ (Lane::Authorizer { .. } | Lane::Own { .. } | Lane::Stable { .. })) => {
                lane.appid().to_owned()
            }
            lane @ (Some(Lane::Component { .. }) | None) => self
                .text("component_appid")
                .or_else(|| self.anywhere("appid"))
                .or_else(|| lane.map(|lane| lane.appid().to_owned()))
                .unwrap_or_default(),
        }
    }
}
