//! What the samples of the platform's views are made of.

use crate::domain::component::ComponentStatus;
use crate::domain::health::Health;
use crate::domain::ids::{ComponentAppid, IncidentId};
use crate::domain::reason::Reason;
use crate::domain::role::PlatformRole;
use crate::domain::text::Lang;
use crate::domain::time_left::TimeLeft;
use crate::service::count_time_left::Counted;
use crate::store::incident_list;
use crate::store::platform_counts::Refusals;
use crate::web::charts;
use crate::web::samples::{ago, ahead};
use crate::web::shell::{Nav, Shell, ShellUser};

/// Support: the same pages, without what changes something.
pub(in crate::web) fn support_shell(lang: Lang, nav: Nav) -> Shell {
    let name = "林支持".to_owned();
    let user =
        ShellUser { name, email: "support@example.com".to_owned(), platform: Some(PlatformRole::Support) };
    Shell { user: Some(user), ..shell(lang, nav) }
}

/// A platform admin who belongs to no tenant.
pub(in crate::web) fn shell(lang: Lang, nav: Nav) -> Shell {
    let user = ShellUser {
        name: "周平台".to_owned(),
        email: "ops@example.com".to_owned(),
        platform: Some(PlatformRole::Admin),
    };
    Shell { user: Some(user), tenant: None, tenants: Vec::new(), nav, ..Shell::sample(lang) }
}

pub(super) fn counts() -> Vec<(Health, i64)> {
    vec![
        (Health::Healthy, 1840),
        (Health::NeedsReauthorization, 12),
        (Health::BlockedUpstream, 5),
        (Health::Retrying, 31),
        (Health::Paused, 7),
    ]
}

/// The refreshes of a day, and tokens that were counted a little while ago.
pub(super) fn engine() -> charts::Found {
    let left = TimeLeft([1, 5, 13, 167, 480, 590, 620]);
    charts::Found { left: Counted { left, at: Some(ago(42)) }, ..charts::Found::sample(1890) }
}

/// A healthy component, one whose ticket is overdue, and one that has never received one.
pub(super) fn components() -> Vec<ComponentStatus> {
    [
        ("wx1111111111111111", "青禾开放平台", Some(4)),
        ("wx2222222222222222", "北辰第三方平台", Some(700)),
        ("wx3333333333333333", "测试平台", None),
    ]
    .into_iter()
    .filter_map(|(appid, name, ticket)| component(appid, name, ticket))
    .collect()
}

pub(super) fn component(appid: &str, name: &str, ticket: Option<u64>) -> Option<ComponentStatus> {
    Some(ComponentStatus {
        appid: ComponentAppid::parse(appid).ok()?,
        name: name.to_owned(),
        created_at: ago(60 * 24 * 90),
        ticket_received_at: ticket.map(ago),
        token_expires_at: ticket.map(|_| ahead(74)),
        token_obtained_at: ticket.map(|_| ago(46)),
        next_token_refresh_at: Some(ahead(50)),
        push_requested_at: ticket.map(|_| ago(60 * 24 * 3)),
        push_answer: ticket.map(|_| "in a normal state".to_owned()),
        last_reconciled_at: ticket.map(|_| ago(400)),
        authorizers: Some(if ticket.is_some() { 948 } else { 0 }),
    })
}

pub(super) fn incidents() -> Vec<incident_list::Listed> {
    let one = |id: &str, cause, closed_at| {
        Some(incident_list::Listed {
            id: IncidentId::parse(id).ok()?,
            component: ComponentAppid::parse("wx2222222222222222").ok()?,
            component_name: "北辰第三方平台".to_owned(),
            cause,
            opened_at: ago(95),
            last_seen_at: ago(1),
            closed_at,
            errcode: (cause == Reason::IpNotListed).then_some(61004),
            rid: (cause == Reason::IpNotListed).then(|| "65f1c2d3-1a2b3c4d-5e6f7a8b".to_owned()),
            evidence: (cause == Reason::IpNotListed)
                .then(|| "access clientip is not registered requestIP: 203.0.113.7".to_owned()),
            failed_calls: 0,
            next_probe_at: ahead(2),
        })
    };
    [one("i1", Reason::IpNotListed, None), one("i2", Reason::TicketStale, None)]
        .into_iter()
        .flatten()
        .collect()
}

/// The same, and one that is over.
pub(super) fn incidents_past() -> Vec<incident_list::Listed> {
    let mut all = incidents();
    if let Some(mut over) = all.first().cloned() {
        over.cause = Reason::WechatDown;
        over.closed_at = Some(ago(30));
        (over.errcode, over.rid) = (None, None);
        (over.failed_calls, over.evidence) = (48, Some("WeChat did not answer in time".to_owned()));
        all.push(over);
    }
    all
}

pub(super) fn refusals() -> Vec<Refusals> {
    let one = |reason: &str, count| Refusals {
        component: "wx2222222222222222".to_owned(),
        reason: reason.to_owned(),
        count,
        last_at: ago(3),
    };
    vec![one("bad_signature", 214), one("bad_encryption", 1), one("something_new", 2)]
}
