//! What a list of accounts was asked for: state, kind, text, place. Anything that makes no sense is as if not asked.

use serde::Deserialize;
use url::form_urlencoded::Serializer;

use crate::domain::authorizer::Kind;
use crate::domain::health::{Health, Heartbeat};
use crate::domain::ids::TenantId;
use crate::store::authorizer_list::{Cursor, Filter};

/// The address's query as it came.
#[derive(Clone, Debug, Default, Deserialize)]
pub struct Asked {
    #[serde(default)]
    pub state: String,
    #[serde(default)]
    pub kind: String,
    #[serde(default)]
    pub q: String,
    #[serde(default)]
    pub after: String,
    /// One tenant of all; only the platform's own list asks for it.
    #[serde(default)]
    pub tenant: String,
}

/// The query as it is understood.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ListQuery {
    pub state: Option<Health>,
    pub kind: Option<Kind>,
    pub text: String,
    pub after: Option<Cursor>,
    pub tenant: Option<TenantId>,
}

/// No name is longer.
const LONGEST_TEXT: usize = 100;

impl ListQuery {
    pub fn read(asked: &Asked) -> Self {
        Self {
            state: Health::from_name(&asked.state),
            kind: Kind::from_name(&asked.kind),
            text: asked.q.trim().chars().take(LONGEST_TEXT).filter(|c| !c.is_control()).collect(),
            after: Cursor::parse(&asked.after),
            tenant: TenantId::parse(&asked.tenant).ok(),
        }
    }

    /// What the database is asked. Accounts that are shown as unknown are stored as healthy.
    pub fn filter(&self, heartbeat: Heartbeat) -> Filter {
        let stored = |state| match (state, heartbeat) {
            (Health::Unknown, Heartbeat::Lost) => Health::Healthy,
            (state, _) => state,
        };
        Filter { health: self.state.map(stored), kind: self.kind, text: self.text.clone() }
    }

    /// Whether something was asked for besides a place.
    pub fn is_narrow(&self) -> bool {
        self.state.is_some() || self.kind.is_some() || !self.text.is_empty() || self.tenant.is_some()
    }

    /// Whether this is the first page of a list that has rows in that state and is not narrowed otherwise.
    pub fn is_first_of(&self, state: Health) -> bool {
        let fits = self.state.is_none() || self.state == Some(state);
        fits && self.kind.is_none() && self.text.is_empty() && self.after.is_none()
    }

    #[must_use]
    pub fn with_state(&self, state: Option<Health>) -> Self {
        Self { state, after: None, ..self.clone() }
    }

    #[must_use]
    pub fn with_after(&self, after: Option<Cursor>) -> Self {
        Self { after, ..self.clone() }
    }

    /// The address of this list below `path`.
    pub fn href(&self, path: &str) -> String {
        let mut pairs = Serializer::new(String::new());
        if let Some(tenant) = &self.tenant {
            pairs.append_pair("tenant", tenant.as_str());
        }
        if let Some(state) = self.state {
            pairs.append_pair("state", state.as_str());
        }
        if let Some(kind) = self.kind {
            pairs.append_pair("kind", kind.as_str());
        }
        if !self.text.is_empty() {
            pairs.append_pair("q", &self.text);
        }
        if let Some(after) = &self.after {
            pairs.append_pair("after", &after.to_string());
        }
        let query = pairs.finish();
        if query.is_empty() { path.to_owned() } else { format!("{path}?{query}") }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn an_address_says_what_was_asked(q in "[^\\p{Cc}]{0,40}", state in 0_usize..12, kind in 0_usize..6) {
            let query = ListQuery {
                state: Health::ALL.get(state).copied(),
                kind: Kind::ALL.get(kind).copied(),
                text: q.trim().to_owned(),
                after: Cursor::parse("10.-5.wx1.wx2"),
                tenant: TenantId::parse("t-1").ok(),
            };
            let href = query.href("/authorizers");
            let asked = url::Url::parse(&format!("http://localhost{href}")).unwrap();
            let pairs: std::collections::HashMap<String, String> = asked.query_pairs().into_owned().collect();
            let get = |name: &str| pairs.get(name).cloned().unwrap_or_default();
            let asked = Asked { state: get("state"), kind: get("kind"), q: get("q"), after: get("after"), tenant: get("tenant") };
            prop_assert_eq!(ListQuery::read(&asked), query);
        }
    }

    #[test]
    fn nonsense_is_as_if_not_asked() {
        let asked = Asked {
            state: "green".into(),
            kind: "?".into(),
            q: " \u{7} ".into(),
            after: "x".into(),
            tenant: "a b".into(),
        };
        assert_eq!(ListQuery::read(&asked), ListQuery::default());
    }

    #[test]
    fn unknown_accounts_are_found_among_the_healthy_ones() {
        let query = ListQuery { state: Some(Health::Unknown), ..ListQuery::default() };
        assert_eq!(query.filter(Heartbeat::Lost).health, Some(Health::Healthy));
        assert_eq!(query.filter(Heartbeat::Fresh).health, Some(Health::Unknown));
    }
}
