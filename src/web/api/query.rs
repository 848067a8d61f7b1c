//! The query of an API address: each parameter at most once, and none that is not known.

use std::borrow::Cow;

use super::problem::Problem;

pub(super) struct Query<'a>(Vec<(&'static str, Cow<'a, str>)>);

impl<'a> Query<'a> {
    pub(super) fn read(query: &'a str, known: &[&'static str]) -> Result<Self, Problem> {
        let mut found: Vec<(&'static str, Cow<'a, str>)> = Vec::new();
        for (name, value) in url::form_urlencoded::parse(query.as_bytes()) {
            let Some(known) = known.iter().find(|known| **known == name) else {
                return Err(Problem::unknown_parameter(&name));
            };
            if found.iter().any(|(name, _)| name == known) {
                return Err(Problem::bad_parameter(known, "given once"));
            }
            found.push((known, value));
        }
        Ok(Self(found))
    }

    pub(super) fn get(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(known, _)| *known == name).map(|(_, value)| value.as_ref())
    }
}
