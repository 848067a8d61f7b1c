//! What of the audit was asked for. Anything that makes no sense is as if not asked.

use serde::Deserialize;
use time::Date;
use time::macros::format_description;
use url::form_urlencoded::Serializer;

use crate::clock::Timestamp;
use crate::domain::audit::Action;
use crate::domain::ids::TenantId;
use crate::domain::zone::Zone;
use crate::store::audit_list::{Filter, Place};

/// The address's query, or the form, as it came.
#[derive(Clone, Debug, Default, Deserialize)]
pub struct Asked {
    #[serde(default)]
    pub who: String,
    #[serde(default)]
    pub action: String,
    #[serde(default)]
    pub subject: String,
    #[serde(default)]
    pub since: String,
    #[serde(default)]
    pub until: String,
    #[serde(default)]
    pub after: String,
    /// One tenant of all; only the platform's own page asks for it.
    #[serde(default)]
    pub tenant: String,
    /// Of a file: `csv` or `json`.
    #[serde(default)]
    pub format: String,
}

/// The query as it is understood.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AuditQuery {
    pub who: String,
    pub action: Option<Action>,
    pub subject: String,
    /// Days as browsers write them, `2026-11-21`.
    pub since: String,
    pub until: String,
    pub after: Option<Place>,
    pub tenant: Option<TenantId>,
}

const LONGEST: usize = 254;

impl AuditQuery {
    pub fn read(asked: &Asked) -> Self {
        let text = |text: &str| text.trim().chars().take(LONGEST).filter(|c| !c.is_control()).collect();
        let day = |text: &String| date_of(text).map_or_else(String::new, |_| text.clone());
        Self {
            who: text(&asked.who),
            action: Action::from_name(&asked.action),
            subject: text(&asked.subject),
            since: day(&asked.since),
            until: day(&asked.until),
            after: place(&asked.after),
            tenant: TenantId::parse(&asked.tenant).ok(),
        }
    }

    /// From the beginning of the first day to the end of the last, by the clock of whoever asks.
    pub fn filter(&self, zone: Zone) -> Filter {
        let some = |text: &String| Some(text.clone()).filter(|text| !text.is_empty());
        Filter {
            actor: some(&self.who),
            action: self.action,
            subject: some(&self.subject),
            since: date_of(&self.since).and_then(|day| beginning(day, zone)),
            until: date_of(&self.until).and_then(|day| beginning(day.next_day()?, zone)),
        }
    }

    pub fn is_narrow(&self) -> bool {
        self.filter(Zone::default()) != Filter::default() || self.tenant.is_some()
    }

    /// The address of this list below `path`.
    pub fn href(&self, path: &str) -> String {
        let mut pairs = Serializer::new(String::new());
        let mut put = |name: &str, value: &str| {
            if !value.is_empty() {
                pairs.append_pair(name, value);
            }
        };
        put("tenant", self.tenant.as_ref().map_or("", TenantId::as_str));
        put("who", &self.who);
        put("action", self.action.map_or("", Action::as_str));
        put("subject", &self.subject);
        put("since", &self.since);
        put("until", &self.until);
        put("after", &self.after.map_or_else(String::new, |place| format!("{}.{}", place.at, place.seq)));
        let query = pairs.finish();
        if query.is_empty() { path.to_owned() } else { format!("{path}?{query}") }
    }
}

fn place(text: &str) -> Option<Place> {
    let (at, seq) = text.split_once('.')?;
    Some(Place { at: at.parse().ok()?, seq: seq.parse().ok()? })
}

fn date_of(text: &str) -> Option<Date> {
    Date::parse(text, format_description!("[year]-[month]-[day]")).ok()
}

/// The first second of a day.
fn beginning(day: Date, zone: Zone) -> Option<i64> {
    zone.beginning_of(day.year(), u8::from(day.month()).into(), day.day().into()).map(Timestamp::unix)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_says_what_was_asked_and_nonsense_is_as_if_not_asked() {
        let asked = Asked {
            who: " ann@example.com ".to_owned(),
            action: "tenant.renamed".to_owned(),
            since: "2026-11-21".to_owned(),
            until: "2026-11-21".to_owned(),
            after: "5.7".to_owned(),
            ..Asked::default()
        };
        let query = AuditQuery::read(&asked);
        assert_eq!(
            query.href("/audit"),
            "/audit?who=ann%40example.com&action=tenant.renamed&since=2026-11-21&until=2026-11-21&after=5.7"
        );
        let filter = query.filter(Zone::BEIJING);
        assert_eq!((filter.since, filter.until), (Some(1_795_190_400), Some(1_795_276_800)));
        let in_london = query.filter(Zone::parse("Europe/London").unwrap());
        assert_eq!((in_london.since, in_london.until), (Some(1_795_219_200), Some(1_795_305_600)));
        let nonsense = Asked {
            action: "x".to_owned(),
            since: "soon".to_owned(),
            after: "5".to_owned(),
            tenant: "a b".to_owned(),
            ..Asked::default()
        };
        assert_eq!(AuditQuery::read(&nonsense), AuditQuery::default());
    }
}
