//! The health of the connection to WeChat, in words a customer understands.

use crate::clock::Timestamp;
use crate::domain::component::{ComponentStatus, TicketAge};
use crate::domain::health::{Health, Heartbeat};
use crate::domain::ids::ComponentAppid;
use crate::web::account::Gaze;
use crate::web::parts::{Badge, Bar};
use crate::web::when::Moment;
use crate::web::words::fill;

use super::Found;

/// Ready to print.
#[derive(Clone, Debug)]
pub struct PlatformCard {
    pub name: String,
    pub badge: Badge,
    pub ticket: Option<Moment>,
    /// The ticket is older than it should be.
    pub ticket_late: bool,
    pub token: Option<Bar>,
    pub running: bool,
    pub troubles: Vec<Trouble>,
}

/// Something that is wrong with the platform as a whole.
#[derive(Clone, Debug)]
pub struct Trouble {
    pub sentence: &'static str,
    pub mover: &'static str,
    /// `2 小时前开始`, with the moment itself.
    pub since: Moment,
}

/// The platforms this tenant's accounts hang on; the oldest one for a tenant without accounts.
pub(super) fn cards(found: &Found, gaze: &Gaze) -> Vec<PlatformCard> {
    let used = |appid: &ComponentAppid| found.counts.iter().any(|count| count.component == *appid);
    let none = found.counts.is_empty();
    let all = found.components.iter().enumerate();
    all.filter(|(place, component)| if none { *place == 0 } else { used(&component.appid) })
        .map(|(_, component)| card(component, found, gaze))
        .collect()
}

fn card(component: &ComponentStatus, found: &Found, gaze: &Gaze) -> PlatformCard {
    let troubles: Vec<Trouble> = found
        .incidents
        .iter()
        .filter(|incident| incident.component == component.appid)
        .map(|incident| Trouble {
            sentence: incident.cause.sentence().get(gaze.lang),
            mover: incident.cause.mover().label().get(gaze.lang),
            since: since(gaze, incident.opened_at),
        })
        .collect();
    let age = TicketAge::of(component.ticket_received_at, gaze.now);
    let token = component.token_expires_at.filter(|end| *end > gaze.now);
    let obtained = component.token_obtained_at.unwrap_or(component.created_at);
    PlatformCard {
        name: component.name.clone(),
        badge: badge(!troubles.is_empty() || token.is_none(), age, gaze),
        ticket: gaze.maybe(component.ticket_received_at),
        ticket_late: age != TicketAge::Fresh,
        token: token.map(|end| bar(obtained, end, gaze)),
        running: gaze.heartbeat == Heartbeat::Fresh,
        troubles,
    }
}

/// Grey when nobody renews the token at the moment.
fn bar(from: Timestamp, until: Timestamp, gaze: &Gaze) -> Bar {
    let bar = Bar::of(from, until, gaze.now, gaze.locale());
    match gaze.heartbeat {
        Heartbeat::Fresh => bar,
        Heartbeat::Lost => Bar { tone: "stopped", ..bar },
    }
}

fn since(gaze: &Gaze, at: Timestamp) -> Moment {
    let moment = gaze.moment(at);
    Moment { text: fill(gaze.w.overview.since, &[&moment.text]), ..moment }
}

/// The worst of what is known, in the platform's own words and the colours of the states.
fn badge(blocked: bool, age: TicketAge, gaze: &Gaze) -> Badge {
    let words = &gaze.w.overview;
    let with = |health: Health, label| Badge { label, ..Badge::of(health, gaze.lang) };
    match (gaze.heartbeat, age) {
        (Heartbeat::Lost, _) => Badge::of(Health::Unknown, gaze.lang),
        _ if blocked => with(Health::BlockedUpstream, words.platform_bad),
        (_, TicketAge::Missing | TicketAge::Outage) => with(Health::BlockedUpstream, words.platform_bad),
        (_, TicketAge::Late | TicketAge::Alarming) => with(Health::Retrying, words.platform_late),
        (_, TicketAge::Fresh) => with(Health::Healthy, words.platform_good),
    }
}
