//! One merchant's link: its address and QR code, its funnel, and what happened with it.

use askama::Template;

use crate::clock::Timestamp;
use crate::domain::authorization::{AuthType, Authorization, AuthorizationStatus, GrantProblem};
use crate::domain::merchant_link::{Standing, Way};
use crate::domain::text::Lang;
use crate::service::list_links::Link;
use crate::web::authorize::problem;
use crate::web::authorize::qr::Qr;
use crate::web::samples::NOW;
use crate::web::shell::{Nav, Shell};
use crate::web::when::Moment;
use crate::web::words::{Words, fill};

use super::view::{PATH, Step, Tag, funnel};

#[derive(Debug, Template)]
#[template(path = "links/show.html")]
pub struct LinkView {
    pub shell: Shell,
    pub label: String,
    pub tag: Tag,
    /// The address to hand out, while it is of use.
    pub url: Option<String>,
    pub qr: Option<Qr>,
    pub revoke: Option<String>,
    pub funnel: Vec<Step>,
    pub sent: String,
    pub facts: Vec<Fact>,
    pub ends: Moment,
    pub made: Moment,
    pub events: Vec<Event>,
    /// Where the form that sends it posts to.
    pub send: Option<String>,
    pub email: String,
    pub bad_email: &'static str,
}

#[derive(Clone, Debug)]
pub struct Fact {
    pub label: &'static str,
    pub value: String,
}

/// A line of the timeline.
#[derive(Clone, Debug)]
pub struct Event {
    pub tone: &'static str,
    pub icon: &'static str,
    pub text: String,
    pub at: Moment,
}

impl LinkView {
    pub fn new(shell: Shell, now: Timestamp, one: &Link, attempts: &[Authorization]) -> Self {
        let (words, locale) = (shell.w, shell.locale());
        let w = &words.links;
        let link = &one.handed.link;
        let standing = link.standing(now);
        let open = standing == Standing::Open;
        Self {
            label: link.label.clone(),
            tag: Tag::of(standing, w),
            url: open.then(|| one.handed.url.to_string()),
            qr: if open { Qr::of(one.handed.url.as_str()) } else { None },
            revoke: open.then(|| format!("{PATH}/{}/revoke", link.id)),
            funnel: funnel(one, w),
            sent: match (&link.email, link.sent_at) {
                (Some(email), Some(_)) => fill(w.by_email, &[email.as_str()]),
                _ => w.by_hand.to_owned(),
            },
            facts: facts(one, words),
            ends: Moment::left(link.expires_at, now, locale),
            made: Moment::of(link.created_at, now, locale),
            events: events(one, attempts, now, &shell),
            send: open.then(|| format!("{PATH}/{}/send", link.id)),
            email: link.email.as_ref().map_or_else(String::new, ToString::to_string),
            bad_email: "",
            shell,
        }
    }

    /// Without a mail server there is nothing to send with; `refused` is what was entered and is no address.
    #[must_use]
    pub fn with_mail(mut self, has_mail: bool, refused: Option<&str>) -> Self {
        if !has_mail {
            self.send = None;
        }
        if let Some(entered) = refused {
            entered.clone_into(&mut self.email);
            self.bad_email = self.shell.w.links.bad_email;
        }
        self
    }

    pub fn samples(lang: Lang) -> Vec<(&'static str, Self)> {
        let shell = || Shell { nav: Nav::Links, ..Shell::sample(lang) };
        let links = super::samples::links();
        let attempts = super::samples::attempts();
        let show = |number: usize, attempts: &[Authorization]| {
            links.get(number).map(|link| Self::new(shell(), NOW, link, attempts))
        };
        let all = [("new", show(0, &[])), ("tried", show(1, &attempts)), ("revoked", show(4, &[]))];
        all.into_iter().filter_map(|(name, view)| Some((name, view?))).collect()
    }
}

fn facts(one: &Link, words: &Words) -> Vec<Fact> {
    let w = &words.links;
    let link = &one.handed.link;
    let fact = |label, value: String| Fact { label, value };
    let kind = match link.auth_type {
        AuthType::OfficialAccount => words.authorize.kind_official,
        AuthType::MiniProgram => words.authorize.kind_mini,
        AuthType::Both => words.authorize.kind_both,
    };
    let way = match link.way {
        Way::Any => w.way_any,
        Way::Pc => w.way_pc,
        Way::H5 => w.way_h5,
    };
    let uses = match link.most_uses {
        Some(most) => fill(w.of_uses, &[&link.uses.to_string(), &most.to_string()]),
        None => w.uses_any.to_owned(),
    };
    let mut facts = vec![fact(w.kind, kind.to_owned()), fact(w.way, way.to_owned()), fact(w.uses, uses)];
    if let Some(appid) = &link.locked {
        facts.push(fact(w.locked, appid.to_string()));
    }
    if let Some(lang) = link.lang {
        let name = match lang {
            Lang::Zh => "中文",
            Lang::En => "English",
        };
        facts.push(fact(w.language, name.to_owned()));
    }
    facts
}

/// Newest first.
fn events(one: &Link, attempts: &[Authorization], now: Timestamp, shell: &Shell) -> Vec<Event> {
    let w = &shell.w.links;
    let link = &one.handed.link;
    let mut lines: Vec<(Timestamp, &'static str, &'static str, String)> =
        vec![(link.created_at, "off", "link", w.at_made.to_owned())];
    if let (Some(at), Some(email)) = (link.sent_at, &link.email) {
        lines.push((at, "move", "inbox", fill(w.at_sent, &[email.as_str()])));
    }
    if let Some(at) = link.first_opened_at {
        lines.push((at, "move", "globe", w.at_opened.to_owned()));
    }
    if let Some(at) = link.last_opened_at.filter(|at| Some(*at) != link.first_opened_at) {
        lines.push((at, "move", "globe", w.at_opened_last.to_owned()));
    }
    lines.extend(attempts.iter().map(|attempt| attempted(attempt, now, shell)));
    match link.standing(now) {
        Standing::Revoked => {
            lines.push((link.revoked_at.unwrap_or(now), "bad", "ban", w.at_revoked.to_owned()));
        }
        Standing::Expired => lines.push((link.expires_at, "warn", "clock", w.at_expired.to_owned())),
        Standing::Open | Standing::Finished => {}
    }
    lines.sort_by_key(|(at, ..)| std::cmp::Reverse(*at));
    let event = |(at, tone, icon, text)| Event { tone, icon, text, at: Moment::of(at, now, shell.locale()) };
    lines.into_iter().map(event).collect()
}

fn attempted(
    attempt: &Authorization,
    now: Timestamp,
    shell: &Shell,
) -> (Timestamp, &'static str, &'static str, String) {
    let w = &shell.w.links;
    let ended = attempt.finished_at.unwrap_or(attempt.created_at);
    let lapsed = attempt.code_expires_at <= now;
    match attempt.status {
        AuthorizationStatus::Started if !lapsed => {
            (attempt.created_at, "move", "scan", w.at_started.to_owned())
        }
        AuthorizationStatus::Started | AuthorizationStatus::Lapsed => {
            (attempt.created_at, "warn", "half", w.at_lapsed.to_owned())
        }
        AuthorizationStatus::Exchanging => (attempt.created_at, "move", "heal", w.at_exchanging.to_owned()),
        AuthorizationStatus::Finished => {
            let appid = attempt.authorizer.as_ref().map_or("", |appid| appid.as_str());
            (ended, "good", "check", fill(w.at_finished, &[appid]))
        }
        AuthorizationStatus::Failed => {
            let what = attempt.problem.unwrap_or(GrantProblem::Refused);
            let why = problem::sentence(what, &shell.w.authorize.problem);
            (ended, "bad", "cross", fill(w.at_failed, &[why]))
        }
    }
}
