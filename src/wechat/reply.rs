//! Reads WeChat's JSON as leniently as WeChat writes it: numbers as texts, `errcode` as either, a byte order mark,
//! raw control characters in names, fields that come and go.

use std::time::Duration;

use serde_json::{Map, Value};

use crate::secret::SealedBody;
use crate::wechat::error::{Refusal, WechatError};

/// What WeChat documents for every token, should an answer leave it out.
const TOKEN_LIFE: Duration = Duration::from_secs(7200);
const LONGEST_LIFE: Duration = Duration::from_secs(86_400);

/// A successful answer.
pub(super) struct Reply {
    pub(super) fields: Fields,
    pub(super) raw: SealedBody,
}

/// One JSON object.
#[derive(Clone, Copy)]
pub(super) struct Object<'a>(&'a Map<String, Value>);

/// The answer's outermost object.
pub(super) struct Fields(Map<String, Value>);

/// Reads an answer of any status.
///
/// # Errors
/// `Refused`, `HttpStatus`, `Empty`, `NotJson`, or `Incomplete("errcode")` for an errcode that is no number.
pub(super) fn read(
    api: &'static str,
    status: u16,
    body: &[u8],
    secrets: &[&str],
) -> Result<Reply, WechatError> {
    let text = String::from_utf8_lossy(body);
    let fine = (200..300).contains(&status);
    match parse(api, &text, secrets) {
        Err(refused @ WechatError::Refused(_)) => Err(refused),
        _ if !fine => Err(WechatError::HttpStatus(status)),
        outcome => Ok(Reply { fields: outcome?, raw: crate::secret::Secret::new(text) }),
    }
}

/// Reads the text of an answer, also one that was kept in the journal.
///
/// # Errors
/// As [`read`], without the status.
pub(super) fn parse(api: &'static str, text: &str, secrets: &[&str]) -> Result<Fields, WechatError> {
    let text = text.trim_start_matches('\u{feff}').trim();
    if text.is_empty() {
        return Err(WechatError::Empty);
    }
    let Some(Value::Object(fields)) = lenient_json(text) else { return Err(WechatError::NotJson) };
    let fields = Fields(fields);
    let object = fields.object();
    let errcode = match object.0.get("errcode") {
        None | Some(Value::Null) => 0,
        Some(value) => number(value).ok_or(WechatError::Incomplete("errcode"))?,
    };
    if errcode == 0 {
        return Ok(fields);
    }
    let errmsg = object.text("errmsg").unwrap_or_default();
    Err(WechatError::Refused(Refusal::read(api, errcode, &errmsg, secrets)))
}

/// Names may hold raw control characters, which JSON forbids: they are blanked and the text is read again.
fn lenient_json(text: &str) -> Option<Value> {
    serde_json::from_str(text).ok().or_else(|| {
        let blanked: String = text.chars().map(|c| if c < ' ' { ' ' } else { c }).collect();
        serde_json::from_str(&blanked).ok()
    })
}

impl Fields {
    pub(super) fn object(&self) -> Object<'_> {
        Object(&self.0)
    }
}

impl<'a> Object<'a> {
    pub(super) fn of(value: &'a Value) -> Option<Self> {
        value.as_object().map(Self)
    }

    /// The field, unless it is `null`.
    pub(super) fn get(self, name: &str) -> Option<&'a Value> {
        self.0.get(name).filter(|value| !value.is_null())
    }

    pub(super) fn child(self, name: &str) -> Option<Self> {
        self.get(name).and_then(Self::of)
    }

    pub(super) fn list(self, name: &str) -> Option<&'a [Value]> {
        self.get(name)?.as_array().map(Vec::as_slice)
    }

    pub(super) fn number(self, name: &str) -> Option<i64> {
        self.get(name).and_then(number)
    }

    /// A text that is not empty; a number is its digits.
    pub(super) fn text(self, name: &str) -> Option<String> {
        match self.get(name)? {
            Value::String(text) if !text.is_empty() => Some(text.clone()),
            Value::Number(number) => Some(number.to_string()),
            _ => None,
        }
    }

    /// # Errors
    /// `Incomplete` when the field is missing, empty or no text.
    pub(super) fn required(self, name: &'static str) -> Result<String, WechatError> {
        self.text(name).ok_or(WechatError::Incomplete(name))
    }

    /// `expires_in`; two hours when it is missing or no span of time. Never longer than a day: a token that is not
    /// refreshed for years would not be found dead.
    pub(super) fn expires_in(self) -> Duration {
        let seconds = self.number("expires_in").and_then(|seconds| u64::try_from(seconds).ok());
        seconds
            .filter(|seconds| *seconds > 0)
            .map_or(TOKEN_LIFE, |seconds| Duration::from_secs(seconds).min(LONGEST_LIFE))
    }

    /// The ids of `func_info`, in WeChat's order; `None` when there is no such list.
    pub(super) fn func_info(self) -> Option<Vec<i64>> {
        Some(self.list("func_info")?.iter().filter_map(func_id).collect())
    }
}

fn func_id(entry: &Value) -> Option<i64> {
    let Some(object) = Object::of(entry) else { return number(entry) };
    object.child("funcscope_category").unwrap_or(object).number("id")
}

/// A number, or a text that is one.
pub(super) fn number(value: &Value) -> Option<i64> {
    match value {
        Value::Number(number) => number.as_i64().or_else(|| whole(number.as_f64()?)),
        Value::String(text) => text.trim().parse().ok(),
        _ => None,
    }
}

#[expect(clippy::cast_possible_truncation, reason = "checked to be whole and far below the limits of i64")]
fn whole(number: f64) -> Option<i64> {
    (number.fract() == 0.0 && number.abs() < 9e15).then_some(number as i64)
}
