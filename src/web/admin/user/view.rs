//! The page of one user, ready to print.

use askama::Template;

use crate::clock::Timestamp;
use crate::domain::text::Lang;
use crate::domain::user::User;
use crate::store::session::Listed;
use crate::web::admin::{people_samples, samples};
use crate::web::profile::view::{SessionRow, sample};
use crate::web::samples::NOW;
use crate::web::shell::{Nav, Shell, platform_label};

#[derive(Clone, Debug, Template)]
#[template(path = "admin/user.html")]
pub struct UserView {
    pub shell: Shell,
    pub id: String,
    pub name: String,
    pub email: String,
    /// What the user is on the platform.
    pub platform: Option<&'static str>,
    pub disabled: bool,
    pub rows: Vec<SessionRow>,
    pub shown: Shown,
}

/// What an answer shows besides the user.
#[derive(Clone, Debug, Default)]
pub struct Shown {
    /// A link to choose another password, this once.
    pub link: Option<String>,
    /// The address that was entered, and what is wrong with it.
    pub new_email: String,
    pub bad_email: &'static str,
}

impl UserView {
    pub fn new(shell: Shell, now: Timestamp, (user, found): (&User, &[Listed]), shown: Shown) -> Self {
        Self {
            id: user.id.to_string(),
            name: user.name.clone(),
            email: user.email.to_string(),
            platform: user.platform.map(|role| platform_label(role, shell.w)),
            disabled: user.disabled_at.is_some(),
            rows: found.iter().map(|one| SessionRow::of(one, now, &shell, None)).collect(),
            shown,
            shell,
        }
    }

    pub fn samples(lang: Lang) -> Vec<(&'static str, Self)> {
        let shell = || samples::shell(lang, Nav::AdminUsers);
        let users = people_samples::users();
        let view = |at: usize, found: &[Listed], link: Option<&str>| {
            let shown = Shown { link: link.map(str::to_owned), ..Shown::default() };
            Some(Self::new(shell(), NOW, (users.get(at)?, found), shown))
        };
        [
            ("sessions", view(1, &sample(), None)),
            ("link", view(1, &[], Some("https://portal.example.com/password/reset/9Zr2…"))),
            ("disabled", view(2, &[], None)),
        ]
        .into_iter()
        .filter_map(|(name, view)| Some((name, view?)))
        .collect()
    }
}
