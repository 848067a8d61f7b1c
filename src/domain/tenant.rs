//! A customer company, whose accounts are kept apart from everybody else's.

use crate::clock::Timestamp;
use crate::domain::ids::TenantId;

/// The short name of a tenant on the command line: lower-case letters, digits and `-`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Slug(String);

/// The text is no slug.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a slug has 1 to 40 lower-case letters, digits and “-”, and starts with a letter or digit")]
pub struct BadSlug;

impl Slug {
    /// # Errors
    /// `BadSlug` when it is empty, longer than 40, or holds anything else than `a`–`z`, `0`–`9` and inner `-`.
    pub fn parse(text: &str) -> Result<Self, BadSlug> {
        let text = text.trim();
        let plain = text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-');
        let edges = !text.starts_with('-') && !text.ends_with('-');
        let fits = !text.is_empty() && text.len() <= 40;
        if plain && edges && fits { Ok(Self(text.to_owned())) } else { Err(BadSlug) }
    }

    /// Made of the letters and digits of a name, at most 32; `None` when it has none that a slug may hold.
    pub fn of_name(name: &str) -> Option<Self> {
        let plain = |c: char| if c.is_ascii_alphanumeric() { c.to_ascii_lowercase() } else { ' ' };
        let text: String = name.chars().map(plain).collect();
        let joined = text.split_whitespace().collect::<Vec<_>>().join("-");
        Self::parse(joined.get(..32.min(joined.len()))?.trim_end_matches('-')).ok()
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Display for Slug {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

#[derive(Clone, Debug)]
pub struct Tenant {
    pub id: TenantId,
    pub slug: Slug,
    pub name: String,
    pub created_at: Timestamp,
    /// Set: its members are shut out; its accounts stay as they are.
    pub suspended_at: Option<Timestamp>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slug_is_made_of_what_a_name_has() {
        let slug = |name| Slug::of_name(name).map(|slug| slug.to_string());
        assert_eq!(slug(" Tiger & Tea (Shanghai) Ltd. "), Some("tiger-tea-shanghai-ltd".to_owned()));
        assert_eq!(slug("青禾 Tea 2026"), Some("tea-2026".to_owned()));
        assert_eq!(slug("青禾茶业"), None);
        assert_eq!(slug(&"ab ".repeat(80)).map(|slug| slug.len()), Some(32));
    }
}
