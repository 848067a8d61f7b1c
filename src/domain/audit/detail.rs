//! What a record tells of before and after. Only values with a type of their own fit in, and no secret's type does: of a
//! secret it can only be told that it was replaced.

use std::fmt::Display;

use serde_json::{Map, Value, json};

use crate::clock::Timestamp;
use crate::domain::ids::{
    ApiKeyId, AuthorizationId, AuthorizerAppid, ComponentAppid, GrantId, TenantId, UserId,
};
use crate::domain::role::{PlatformRole, Role};
use crate::domain::tenant::Slug;
use crate::domain::text::Lang;
use crate::domain::user::Email;

/// Longest text from a person; what is beyond is cut off.
const LONGEST: usize = 200;

/// Facts, and what changed from what to what.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Detail(Map<String, Value>);

impl Detail {
    pub fn none() -> Self {
        Self::default()
    }

    /// A fact: `"role": "owner"`.
    #[must_use]
    pub fn fact(mut self, name: &'static str, value: impl Into<Plain>) -> Self {
        self.0.insert(name.to_owned(), value.into().0);
        self
    }

    /// A change: `"name": {"before": "A", "after": "B"}`; nothing when both are the same.
    #[must_use]
    pub fn change(mut self, name: &'static str, before: impl Into<Plain>, after: impl Into<Plain>) -> Self {
        let (before, after) = (before.into().0, after.into().0);
        if before != after {
            self.0.insert(name.to_owned(), json!({ "before": before, "after": after }));
        }
        self
    }

    /// A secret has another value now: `"appsecret": {"replaced": true}`.
    #[must_use]
    pub fn replaced(mut self, name: &'static str) -> Self {
        self.0.insert(name.to_owned(), json!({ "replaced": true }));
        self
    }

    pub fn to_json(&self) -> String {
        Value::Object(self.0.clone()).to_string()
    }
}

/// A value that may be read by whoever reads the audit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Plain(Value);

/// What a person wrote to be read by others: a name, a reason. Never a password, a token or a link.
#[derive(Clone, Copy, Debug)]
pub struct Said<'a>(pub &'a str);

impl From<Said<'_>> for Plain {
    fn from(said: Said<'_>) -> Self {
        Self(Value::String(said.0.chars().filter(|c| !c.is_control()).take(LONGEST).collect()))
    }
}

/// A word of the program's own.
impl From<&'static str> for Plain {
    fn from(word: &'static str) -> Self {
        Self(Value::String(word.to_owned()))
    }
}

impl From<bool> for Plain {
    fn from(yes: bool) -> Self {
        Self(Value::Bool(yes))
    }
}

impl From<i64> for Plain {
    fn from(number: i64) -> Self {
        Self(number.into())
    }
}

impl From<u64> for Plain {
    fn from(number: u64) -> Self {
        Self(number.into())
    }
}

impl From<Role> for Plain {
    fn from(role: Role) -> Self {
        role.as_str().into()
    }
}

impl From<PlatformRole> for Plain {
    fn from(role: PlatformRole) -> Self {
        role.as_str().into()
    }
}

impl From<Lang> for Plain {
    fn from(lang: Lang) -> Self {
        lang.code().into()
    }
}

/// Unix seconds.
impl From<Timestamp> for Plain {
    fn from(at: Timestamp) -> Self {
        at.unix().into()
    }
}

impl<T: Into<Self>> From<Option<T>> for Plain {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self(Value::Null), Into::into)
    }
}

impl<T: Into<Self>> From<Vec<T>> for Plain {
    fn from(values: Vec<T>) -> Self {
        Self(Value::Array(values.into_iter().map(|value| value.into().0).collect()))
    }
}

macro_rules! shown {
    ($($name:ty)*) => {$(
        impl From<&$name> for Plain {
            fn from(value: &$name) -> Self {
                shown(value)
            }
        }
    )*};
}
shown! {
    ApiKeyId AuthorizationId AuthorizerAppid ComponentAppid GrantId TenantId UserId Email Slug
    std::net::IpAddr ipnet::IpNet
}

fn shown(value: &impl Display) -> Plain {
    Plain(Value::String(value.to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_detail_tells_facts_changes_and_that_a_secret_was_replaced() {
        let detail = Detail::none()
            .fact("role", Role::Owner)
            .change("name", Said("A"), Said("B\u{0}\n"))
            .change("slug", "same", "same")
            .change("language", None::<Lang>, Lang::En)
            .replaced("appsecret");
        assert_eq!(
            detail.to_json(),
            r#"{"appsecret":{"replaced":true},"language":{"after":"en","before":null},"name":{"after":"B","before":"A"},"role":"owner"}"#
        );
        let long = "长".repeat(300);
        let cut = Detail::none().fact("reason", Said(&long)).to_json();
        assert_eq!(cut.chars().filter(|c| *c == '长').count(), LONGEST);
    }
}
