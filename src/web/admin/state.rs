//! The state of a component's own credentials and of its incidents, ready to print. Used by the platform's first page
//! and by the pages of components.

use crate::clock::Timestamp;
use crate::domain::component::{ComponentStatus, TicketAge};
use crate::store::incident_list;
use crate::web::parts::{Badge, Bar};
use crate::web::when::{Locale, Moment};
use crate::web::words::{Words, fill};

/// How old the newest component_verify_ticket is, in word, icon and colour.
#[derive(Clone, Debug)]
pub struct Ticket {
    pub badge: Badge,
    pub received: Option<Moment>,
    pub note: &'static str,
    /// Somebody should look: `callout` instead of small print.
    pub alarming: bool,
}

impl Ticket {
    pub fn of(received_at: Option<Timestamp>, now: Timestamp, locale: Locale) -> Self {
        let w = &Words::of(locale.lang).admin.component;
        let age = TicketAge::of(received_at, now);
        let badge = |state, icon, label| Badge { state, icon, label };
        let (badge, note) = match age {
            TicketAge::Fresh => (badge("healthy", "check", w.ticket_fresh), w.ticket_fresh_note),
            TicketAge::Late => (badge("retrying", "clock", w.ticket_late), w.ticket_late_note),
            TicketAge::Alarming => {
                (badge("needs_reauthorization", "alert", w.ticket_alarming), w.ticket_alarming_note)
            }
            TicketAge::Outage => {
                (badge("needs_reauthorization", "block", w.ticket_outage), w.ticket_outage_note)
            }
            TicketAge::Missing => {
                (badge("pending_authorization", "half", w.ticket_missing), w.ticket_missing_note)
            }
        };
        let alarming = match age {
            TicketAge::Fresh | TicketAge::Late => false,
            TicketAge::Missing | TicketAge::Alarming | TicketAge::Outage => true,
        };
        Self { badge, received: Moment::maybe(received_at, now, locale), note, alarming }
    }
}

/// One component as a card.
#[derive(Clone, Debug)]
pub struct ComponentCard {
    pub appid: String,
    pub name: String,
    pub href: String,
    pub ticket: Ticket,
    /// What is left of the component_access_token.
    pub token: Option<Bar>,
    pub next_refresh: Option<Moment>,
    pub authorizers: i64,
    /// `2 个问题`, while there are open ones.
    pub open: Option<String>,
}

impl ComponentCard {
    pub fn of(
        status: &ComponentStatus,
        incidents: &[incident_list::Listed],
        now: Timestamp,
        locale: Locale,
    ) -> Self {
        let open = incidents
            .iter()
            .filter(|incident| incident.component == status.appid && incident.closed_at.is_none())
            .count();
        Self {
            appid: status.appid.to_string(),
            name: status.name.clone(),
            href: format!("/admin/components/{}", status.appid),
            ticket: Ticket::of(status.ticket_received_at, now, locale),
            token: token_bar(status, now, locale),
            next_refresh: Moment::maybe(status.next_token_refresh_at, now, locale),
            authorizers: status.authorizers.unwrap_or(0),
            open: (open > 0)
                .then(|| fill(Words::of(locale.lang).admin.component.incidents_open, &[&open.to_string()])),
        }
    }
}

fn token_bar(status: &ComponentStatus, now: Timestamp, locale: Locale) -> Option<Bar> {
    let until = status.token_expires_at?;
    Some(Bar::of(status.token_obtained_at.unwrap_or(status.created_at), until, now, locale))
}

/// One incident with everything somebody needs to act on it.
#[derive(Clone, Debug)]
pub struct IncidentRow {
    pub component: String,
    pub href: String,
    pub badge: Badge,
    pub sentence: &'static str,
    pub code: &'static str,
    pub remedy: &'static str,
    pub mover: &'static str,
    pub since: Moment,
    pub last_seen: Moment,
    /// Set once it is over.
    pub closed: Option<Moment>,
    pub next_probe: Option<Moment>,
    /// `期间 48 次续期调用全部没有得到有效回应`.
    pub failed_calls: Option<String>,
    /// `errcode 61004 · access clientip … · rid …`.
    pub evidence: Option<String>,
}

impl IncidentRow {
    pub fn of(incident: &incident_list::Listed, now: Timestamp, locale: Locale) -> Self {
        let (lang, w) = (locale.lang, &Words::of(locale.lang).admin);
        let moment = |at| Moment::of(at, now, locale);
        let badge = match incident.closed_at {
            None => Badge { state: "needs_reauthorization", icon: "alert", label: w.open },
            Some(_) => Badge { state: "healthy", icon: "check", label: w.closed },
        };
        Self {
            component: incident.component_name.clone(),
            href: format!("/admin/components/{}", incident.component),
            badge,
            sentence: incident.cause.sentence().get(lang),
            code: incident.cause.code(),
            remedy: incident.cause.remedy().get(lang),
            mover: incident.cause.mover().label().get(lang),
            since: moment(incident.opened_at),
            last_seen: moment(incident.last_seen_at),
            closed: incident.closed_at.map(moment),
            next_probe: incident.closed_at.is_none().then(|| moment(incident.next_probe_at)),
            failed_calls: (incident.failed_calls > 0)
                .then(|| fill(w.failed_calls, &[&incident.failed_calls.to_string()])),
            evidence: evidence(incident),
        }
    }
}

/// What WeChat said, to hand to somebody: code, text and rid.
fn evidence(incident: &incident_list::Listed) -> Option<String> {
    let code = incident.errcode.map(|code| format!("errcode {code}"));
    let text = incident.evidence.clone().filter(|text| !text.is_empty());
    // The text of WeChat's answers often ends with the rid already.
    let rid =
        incident.rid.as_ref().filter(|rid| text.as_ref().is_none_or(|text| !text.contains(rid.as_str())));
    let parts: Vec<String> =
        [code, text, rid.map(|rid| format!("rid {rid}"))].into_iter().flatten().collect();
    (!parts.is_empty()).then(|| parts.join(" · "))
}
