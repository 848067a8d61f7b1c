//! The set-up page, ready to print.

use askama::Template;

use crate::domain::text::Lang;
use crate::web::shell::Shell;

#[derive(Clone, Debug, Template)]
#[template(path = "set_up/form.html")]
pub struct SetUpView {
    pub shell: Shell,
    /// The link's token, in the form's address.
    pub token: String,
    pub name: String,
    pub email: String,
    pub problems: Problems,
}

/// What is wrong with each field; empty when nothing is.
#[derive(Clone, Debug, Default)]
pub struct Problems {
    pub name: &'static str,
    pub email: &'static str,
    pub password: &'static str,
}

impl SetUpView {
    pub fn new(shell: Shell, token: &str) -> Self {
        let problems = Problems::default();
        Self { shell, token: token.to_owned(), name: String::new(), email: String::new(), problems }
    }

    pub fn samples(lang: Lang) -> Vec<(&'static str, Self)> {
        let shell = || Shell { user: None, tenant: None, tenants: Vec::new(), ..Shell::sample(lang) };
        let problems = Problems { name: "…", email: "…", password: "…" };
        vec![
            ("empty", Self::new(shell(), "token")),
            ("mistakes", Self { email: "chen".to_owned(), problems, ..Self::new(shell(), "token") }),
        ]
    }
}
