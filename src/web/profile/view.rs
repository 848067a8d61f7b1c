//! The pages of one's own account, ready to print.

use askama::Template;

use crate::clock::Timestamp;
use crate::domain::text::Lang;
use crate::domain::user::User;
use crate::store::session::{Listed, Marks};
use crate::web::samples::{NOW, ago};
use crate::web::shell::Shell;
use crate::web::when::Moment;
use crate::web::words::{Words, fill};

use super::device;

#[derive(Clone, Debug, Template)]
#[template(path = "profile/show.html")]
pub struct ProfileView {
    pub shell: Shell,
    pub email: String,
    pub form: ProfileForm,
}

/// What was entered, and what is wrong with it.
#[derive(Clone, Debug, Default)]
pub struct ProfileForm {
    pub name: String,
    pub bad_name: &'static str,
    pub bad_present: String,
    pub bad_password: &'static str,
}

impl ProfileForm {
    pub fn of(user: &User) -> Self {
        Self { name: user.name.clone(), ..Self::default() }
    }
}

impl ProfileView {
    pub fn is(&self, code: &str) -> bool {
        self.shell.lang.code() == code
    }

    pub fn samples(lang: Lang) -> Vec<(&'static str, Self)> {
        let view = |form| Self { shell: Shell::sample(lang), email: "chen@example.com".to_owned(), form };
        let form = ProfileForm { name: "陈晓".to_owned(), ..ProfileForm::default() };
        let wrong = ProfileForm {
            bad_name: "…",
            bad_present: "…".to_owned(),
            bad_password: "…",
            ..ProfileForm::default()
        };
        vec![("plain", view(form)), ("mistakes", view(wrong))]
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
            began: Moment::of(one.created_at, now, shell.lang),
            last_seen: Moment::of(one.last_seen_at, now, shell.lang),
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
