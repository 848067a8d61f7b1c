//! The pages of one's own account, ready to print.

use askama::Template;

use crate::clock::Timestamp;
use crate::domain::text::Lang;
use crate::domain::user::{Email, User};
use crate::domain::zone::Zone;
use crate::store::session::{Listed, Marks};
use crate::web::samples::{NOW, ago, ahead};
use crate::web::shell::Shell;
use crate::web::when::{self, Moment};
use crate::web::words::{Words, fill};

use super::device;

#[derive(Clone, Debug, Template)]
#[template(path = "profile/show.html")]
pub struct ProfileView {
    pub shell: Shell,
    pub email: String,
    pub form: ProfileForm,
    /// Whether a new address can be confirmed.
    pub mails: bool,
    pub lead: String,
    pub pending: Option<Pending>,
    /// What is offered first, and the whole list.
    pub zones: Zones,
}

/// What the database and the settings know of the address.
#[derive(Debug, Default)]
pub struct Found {
    pub mails: bool,
    /// The address that waits to be confirmed, and how long.
    pub pending: Option<(Email, Timestamp)>,
}

/// An address that waits to be confirmed.
#[derive(Clone, Debug)]
pub struct Pending {
    pub text: String,
    pub ends: Moment,
}

/// Time zones to choose from.
#[derive(Clone, Debug)]
pub struct Zones {
    pub common: Vec<ZoneChoice>,
    pub all: Vec<ZoneChoice>,
}

#[derive(Clone, Debug)]
pub struct ZoneChoice {
    pub name: &'static str,
    /// `Asia/Shanghai (UTC+8)`, as its clocks are now.
    pub label: String,
    pub chosen: bool,
}

impl Zones {
    fn new(chosen: Zone, now: Timestamp) -> Self {
        let choice = |zone: Zone, chosen| ZoneChoice {
            name: zone.name(),
            label: format!("{zone} ({})", when::ahead_of_utc(now, zone)),
            chosen,
        };
        let is_common = Zone::COMMON.contains(&chosen);
        Self {
            common: Zone::COMMON.map(|zone| choice(zone, zone == chosen)).to_vec(),
            all: Zone::all().map(|zone| choice(zone, !is_common && zone == chosen)).collect(),
        }
    }
}

/// What was entered, and what is wrong with it.
#[derive(Clone, Debug, Default)]
pub struct ProfileForm {
    pub name: String,
    pub bad_name: &'static str,
    pub bad_zone: &'static str,
    pub new_email: String,
    pub bad_email: String,
    pub bad_present: String,
    pub bad_password: &'static str,
}

impl ProfileForm {
    pub fn of(user: &User) -> Self {
        Self { name: user.name.clone(), ..Self::default() }
    }
}

impl ProfileView {
    pub fn new(shell: Shell, now: Timestamp, (user, found): (&User, Found), form: ProfileForm) -> Self {
        let zones = Zones::new(user.zone.unwrap_or_default(), now);
        Self::with(shell, now, (user.email.as_str(), found), (form, zones))
    }

    fn with(
        shell: Shell,
        now: Timestamp,
        (email, found): (&str, Found),
        (form, zones): (ProfileForm, Zones),
    ) -> Self {
        let w = &shell.w.people;
        let pending = found.pending.map(|(email, until)| Pending {
            text: fill(w.email_change_pending, &[email.as_str()]),
            ends: Moment::left(until, now, shell.locale()),
        });
        let lead = fill(w.email_change_lead, &[email]);
        Self { email: email.to_owned(), form, mails: found.mails, lead, pending, zones, shell }
    }

    pub fn is(&self, code: &str) -> bool {
        self.shell.lang.code() == code
    }

    pub fn samples(lang: Lang) -> Vec<(&'static str, Self)> {
        // The whole list is the tz database's.
        let zones = || Zones { all: Vec::new(), ..Zones::new(Zone::default(), NOW) };
        let view =
            |form, found| Self::with(Shell::sample(lang), NOW, ("chen@example.com", found), (form, zones()));
        let pending = Email::parse("chen.xiao@example.net").ok().map(|email| (email, ahead(23 * 60)));
        let form = ProfileForm { name: "陈晓".to_owned(), ..ProfileForm::default() };
        let wrong = ProfileForm {
            bad_name: "…",
            bad_zone: "…",
            bad_email: "…".to_owned(),
            bad_present: "…".to_owned(),
            bad_password: "…",
            ..ProfileForm::default()
        };
        let mails = || Found { mails: true, pending: None };
        vec![
            ("plain", view(form.clone(), mails())),
            ("mistakes", view(wrong, mails())),
            ("pending", view(form.clone(), Found { mails: true, pending })),
            ("no_mail", view(form, Found::default())),
        ]
    }
}

/// The page behind the link of a letter that confirms an address.
#[derive(Clone, Debug, Template)]
#[template(path = "profile/email.html")]
pub struct ConfirmView {
    pub shell: Shell,
    pub token: String,
    /// From which address to which; `None` when the link does not work any more.
    pub lede: Option<String>,
}

impl ConfirmView {
    pub fn new(shell: Shell, token: &str, (user, new): (&User, &Email)) -> Self {
        Self::with(shell, token, (user.email.as_str(), new.as_str()))
    }

    pub const fn closed(shell: Shell) -> Self {
        Self { shell, token: String::new(), lede: None }
    }

    fn with(shell: Shell, token: &str, (old, new): (&str, &str)) -> Self {
        let lede = Some(fill(shell.w.people.email_confirm_lede, &[old, new]));
        Self { shell, token: token.to_owned(), lede }
    }

    pub fn samples(lang: Lang) -> Vec<(&'static str, Self)> {
        let addresses = ("chen@example.com", "chen.xiao@example.net");
        vec![
            ("open", Self::with(Shell::sample(lang), "token", addresses)),
            ("closed", Self::closed(Shell::sample(lang))),
        ]
    }
}

#[derive(Clone, Debug, Template)]
#[template(path = "profile/sessions.html")]
pub struct SessionsView {
    pub shell: Shell,
    pub rows: Vec<SessionRow>,
    pub others: bool,
}

/// One session, ready to print.
#[derive(Clone, Debug)]
pub struct SessionRow {
    /// Names it in the form; `None` for one that began before sessions had names.
    pub id: Option<String>,
    pub device: String,
    pub address: String,
    pub began: Moment,
    pub last_seen: Moment,
    pub this_one: bool,
    pub end: String,
}

impl SessionRow {
    pub fn of(one: &Listed, now: Timestamp, shell: &Shell, here: Option<&str>) -> Self {
        let w: &Words = shell.w;
        let name = one.marks.name_hash.clone();
        let known = one.marks.agent.as_deref().and_then(device::plain);
        let device = known.unwrap_or_else(|| w.people.unknown_device.to_owned());
        Self {
            this_one: name.is_some() && name.as_deref() == here,
            id: name,
            end: fill(w.people.end_which, &[&device]),
            device,
            address: one.marks.address.clone().unwrap_or_default(),
            began: Moment::of(one.created_at, now, shell.locale()),
            last_seen: Moment::of(one.last_seen_at, now, shell.locale()),
        }
    }
}

impl SessionsView {
    pub fn new(shell: Shell, now: Timestamp, found: &[Listed], here: &str) -> Self {
        let rows: Vec<_> = found.iter().map(|one| SessionRow::of(one, now, &shell, Some(here))).collect();
        Self { others: rows.iter().any(|row| !row.this_one), rows, shell }
    }

    pub fn samples(lang: Lang) -> Vec<(&'static str, Self)> {
        let view = |found: &[Listed]| Self::new(Shell::sample(lang), NOW, found, "here");
        vec![("some", view(&sample())), ("one", view(&sample()[..1]))]
    }
}

/// Sessions for samples: this one, a phone, and an old one.
pub fn sample() -> Vec<Listed> {
    let one = |name: Option<&str>, agent: Option<&str>, minutes| Listed {
        marks: Marks {
            name_hash: name.map(str::to_owned),
            agent: agent.map(str::to_owned),
            address: agent.map(|_| "203.0.113.9".to_owned()),
        },
        created_at: ago(minutes * 10),
        last_seen_at: ago(minutes),
    };
    vec![
        one(Some("here"), Some("Mozilla/5.0 (Windows NT 10.0) Chrome/140.0 Safari/537.36"), 1),
        one(Some("phone"), Some("Mozilla/5.0 (iPhone) Mobile MicroMessenger/8.0.50"), 90),
        one(None, None, 600),
    ]
}
