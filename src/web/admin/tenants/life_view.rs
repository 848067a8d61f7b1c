//! The part of a tenant's page about its limits, its suspension and its end; and the tenants that are gone.

use crate::clock::Timestamp;
use crate::domain::tenant_life::{Counted, Life, Purged, Quota, Usage};
use crate::web::when::{Locale, Moment};
use crate::web::words::{Words, fill};

#[derive(Clone, Debug)]
pub struct LifeCard {
    pub limits: Vec<LimitRow>,
    pub suspended: Option<Moment>,
    pub end: End,
    /// The label of the field that the short name is typed into.
    pub type_slug: String,
}

#[derive(Clone, Debug)]
pub struct LimitRow {
    pub name: &'static str,
    pub label: &'static str,
    pub in_use: String,
    pub most: String,
}

/// How near its end a tenant is.
#[derive(Clone, Debug)]
pub enum End {
    No,
    Requested(Moment),
    Purging,
}

/// What is known of a tenant besides its row.
#[derive(Clone, Copy, Debug, Default)]
pub struct Known {
    pub life: Life,
    pub quota: Quota,
    pub usage: Usage,
}

impl LifeCard {
    /// Once its rows are being deleted, a file could not be whole.
    pub const fn can_be_exported(&self) -> bool {
        !matches!(self.end, End::Purging)
    }

    pub fn new(locale: Locale, now: Timestamp, slug: &str, known: &Known) -> Self {
        let w = &Words::of(locale.lang).admin.life;
        let limit = |what: Counted| {
            let (name, label) = match what {
                Counted::Authorizers => ("authorizers", w.authorizers),
                Counted::Members => ("members", w.members),
                Counted::Keys => ("keys", w.keys),
            };
            let in_use = fill(w.in_use, &[&known.usage.of(what).to_string()]);
            let most = known.quota.of(what).map(|most| most.to_string()).unwrap_or_default();
            LimitRow { name, label, in_use, most }
        };
        let end = match (known.life.purge_began_at, known.life.purge_at) {
            (Some(_), _) => End::Purging,
            (None, Some(at)) => End::Requested(Moment::of(at, now, locale)),
            (None, None) => End::No,
        };
        Self {
            limits: Counted::ALL.into_iter().map(limit).collect(),
            suspended: known.life.suspended_at.map(|at| Moment::of(at, now, locale)),
            end,
            type_slug: fill(w.type_slug, &[slug]),
        }
    }
}

#[derive(Clone, Debug)]
pub struct PurgedRow {
    pub slug: String,
    pub at: Moment,
    pub shredding: String,
    pub is_shredded: bool,
}

impl PurgedRow {
    pub fn new(locale: Locale, now: Timestamp, purged: &Purged) -> Self {
        let w = &Words::of(locale.lang).admin.life;
        let is_shredded = purged.keys_left.is_empty();
        let left = || fill(w.keys_left, &[&purged.keys_left.join(", ")]);
        Self {
            slug: purged.slug.clone(),
            at: Moment::of(purged.purged_at, now, locale),
            shredding: if is_shredded { w.shredded.to_owned() } else { left() },
            is_shredded,
        }
    }
}
