//! The sign-in page, ready to print.

use askama::Template;

use crate::domain::text::Lang;
use crate::web::shell::Shell;

#[derive(Clone, Debug, Template)]
#[template(path = "sign_in/form.html")]
pub struct SignInView {
    pub shell: Shell,
    pub email: String,
    /// An own path to go on to.
    pub next: String,
    /// Whether browsers can use passkeys at this address.
    pub passkeys: bool,
    /// Whether one can sign up.
    pub sign_up: bool,
    /// Why it did not work.
    pub problem: Option<String>,
    /// What was just done.
    pub done: Option<&'static str>,
    /// Something was sent after the session had ended, and not carried out.
    pub lost: bool,
}

impl SignInView {
    pub fn new(shell: Shell, email: &str, next: &str, problem: Option<String>) -> Self {
        let (email, next) = (email.to_owned(), next.to_owned());
        Self { shell, email, next, passkeys: false, sign_up: false, problem, done: None, lost: false }
    }

    pub fn samples(lang: Lang) -> Vec<(&'static str, Self)> {
        let shell = || Shell { user: None, tenant: None, tenants: Vec::new(), ..Shell::sample(lang) };
        vec![
            ("empty", Self::new(shell(), "", "/", None)),
            ("sign_up", Self { sign_up: true, ..Self::new(shell(), "", "/", None) }),
            ("after_reset", Self { done: Some("…"), ..Self::new(shell(), "", "/", None) }),
            ("lost", Self { lost: true, ..Self::new(shell(), "", "/links", None) }),
            ("wrong", Self::new(shell(), "chen@example.com", "/authorizers", Some("…".to_owned()))),
        ]
    }
}
