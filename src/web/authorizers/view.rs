//! The list of accounts, ready to print.

use askama::Template;

use crate::clock::Timestamp;
use crate::domain::authorizer::{Authorizer, Kind};
use crate::domain::health::{Health, Heartbeat};
use crate::service::open_authorizations::OpenAuthorization;
use crate::store::authorizer_count::Count;
use crate::store::authorizer_list::Page;
use crate::store::grant_list::Waiting;
use crate::web::account::{AccountRow, Gaze};
use crate::web::authorize::waiting;
use crate::web::parts::Pager;
use crate::web::shell::Shell;

use super::query::ListQuery;

mod open;
mod samples;

pub use open::OpenRow;

pub const PATH: &str = "/authorizers";

/// What the database knows.
#[derive(Clone, Debug)]
pub struct Found {
    pub page: Page<Authorizer>,
    pub counts: Vec<Count>,
    pub open: Vec<OpenAuthorization>,
    /// Grants this tenant asked for that wait for a platform admin.
    pub asked: Vec<Waiting>,
    /// Accounts of this tenant that somebody else asked for.
    pub claimed: Vec<Waiting>,
}

#[derive(Clone, Debug, Template)]
#[template(path = "authorizers/list.html")]
pub struct AuthorizersView {
    pub shell: Shell,
    pub filters: Filters,
    pub rows: Vec<AccountRow>,
    pub pager: Pager,
    pub open: Vec<OpenRow>,
    /// What waits for a platform admin, a sentence each.
    pub waiting: Vec<String>,
    pub may_manage: bool,
    /// Some accounts can only be brought back by their administrators.
    pub needs_links: bool,
    /// The tenant has accounts at all.
    pub has_accounts: bool,
}

/// The conditions above a list.
#[derive(Clone, Debug)]
pub struct Filters {
    pub text: String,
    pub states: Vec<Choice>,
    pub kinds: Vec<Choice>,
    /// Every tenant, in the platform's own list.
    pub tenants: Vec<TenantChoice>,
    pub is_narrow: bool,
}

/// One value of a condition, as a link or as an option.
#[derive(Clone, Debug)]
pub struct Choice {
    pub value: &'static str,
    pub label: &'static str,
    pub count: Option<i64>,
    pub href: String,
    pub current: bool,
}

#[derive(Clone, Debug)]
pub struct TenantChoice {
    pub id: String,
    pub name: String,
    pub chosen: bool,
}

impl AuthorizersView {
    pub fn new(shell: Shell, now: Timestamp, (query, found): (&ListQuery, &Found), may_manage: bool) -> Self {
        let gaze = Gaze::new(&shell, now);
        let waiting = i64::try_from(found.open.len()).unwrap_or(i64::MAX);
        let stored = found.counts.iter().map(|count| (count.health, count.count));
        let counts: Vec<(Health, i64)> = stored.chain([(Health::PendingAuthorization, waiting)]).collect();
        let open = if query.is_first_of(Health::PendingAuthorization) { found.open.as_slice() } else { &[] };
        Self {
            filters: Filters::new(query, &counts, &gaze, PATH),
            rows: found.page.rows.iter().map(|row| AccountRow::of(row, &gaze)).collect(),
            pager: pager(query, found.page.next.clone(), PATH),
            open: open.iter().map(|open| OpenRow::of(open, &gaze)).collect(),
            waiting: waiting::notices(&found.asked, &found.claimed, &gaze),
            has_accounts: !found.counts.is_empty(),
            may_manage,
            needs_links: found.counts.iter().any(|one| one.count > 0 && waits_for_merchant(one.health)),
            shell,
        }
    }
}

/// Links from a page back to the first and on to the next.
pub fn pager(query: &ListQuery, next: Option<crate::store::authorizer_list::Cursor>, path: &str) -> Pager {
    Pager {
        first: query.after.as_ref().map(|_| query.with_after(None).href(path)),
        next: next.map(|next| query.with_after(Some(next)).href(path)),
    }
}

impl Filters {
    /// The conditions of a list below `path`, with how many accounts are in each state.
    pub fn new(query: &ListQuery, counts: &[(Health, i64)], gaze: &Gaze, path: &str) -> Self {
        Self {
            text: query.text.clone(),
            states: states(query, counts, gaze, path),
            kinds: kinds(query, gaze, path),
            tenants: Vec::new(),
            is_narrow: query.is_narrow(),
        }
    }
}

/// All, then every state that has accounts or is asked for.
fn states(query: &ListQuery, counts: &[(Health, i64)], gaze: &Gaze, path: &str) -> Vec<Choice> {
    let shown = |stored| match (stored, gaze.heartbeat) {
        (Health::Healthy, Heartbeat::Lost) => Health::Unknown,
        (stored, _) => stored,
    };
    let all = Choice {
        value: "",
        label: gaze.w.all,
        count: Some(counts.iter().filter(|(health, _)| is_account(*health)).map(|(_, count)| count).sum()),
        href: query.with_state(None).href(path),
        current: query.state.is_none(),
    };
    let of_states = Health::ALL.into_iter().filter_map(|health| {
        let count =
            counts.iter().filter(|(stored, _)| shown(*stored) == health).map(|(_, count)| count).sum();
        let current = query.state == Some(health);
        (count > 0 || current).then(|| Choice {
            value: health.as_str(),
            label: health.label().get(gaze.lang),
            count: Some(count),
            href: query.with_state(Some(health)).href(path),
            current,
        })
    });
    std::iter::once(all).chain(of_states).collect()
}

const fn waits_for_merchant(health: Health) -> bool {
    matches!(health, Health::NeedsReauthorization | Health::NotExchanged | Health::Unauthorized)
}

/// What waits to be authorised is not an account yet.
const fn is_account(health: Health) -> bool {
    !matches!(health, Health::PendingAuthorization)
}

fn kinds(query: &ListQuery, gaze: &Gaze, path: &str) -> Vec<Choice> {
    let choice = |kind: Option<Kind>| Choice {
        value: kind.map_or("", Kind::as_str),
        label: kind.map_or(gaze.w.list.any_kind, |kind| kind.label().get(gaze.lang)),
        count: None,
        href: ListQuery { kind, after: None, ..query.clone() }.href(path),
        current: query.kind == kind,
    };
    std::iter::once(None).chain(Kind::ALL.map(Some)).map(choice).collect()
}
