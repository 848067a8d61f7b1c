//! The pages of a forgotten password, ready to print.

use askama::Template;

use crate::domain::text::Lang;
use crate::web::shell::Shell;
use crate::web::words::fill;

#[derive(Clone, Debug, Template)]
#[template(path = "password/forgot.html")]
pub struct ForgotView {
    pub shell: Shell,
    /// Without a mail server only an administrator can help.
    pub mails: bool,
    pub email: String,
    pub problem: String,
    /// Set once it was asked: the sentence, the same for everybody.
    pub sent: Option<String>,
}

impl ForgotView {
    pub fn new(shell: Shell, mails: bool, email: &str, problem: String) -> Self {
        Self { shell, mails, email: email.to_owned(), problem, sent: None }
    }

    pub fn sent(shell: Shell, mails: bool, email: &str) -> Self {
        let sent = Some(fill(shell.w.people.forgot_sent, &[email]));
        Self { sent, ..Self::new(shell, mails, email, String::new()) }
    }

    pub fn samples(lang: Lang) -> Vec<(&'static str, Self)> {
        let shell = || Shell { user: None, tenant: None, tenants: Vec::new(), ..Shell::sample(lang) };
        vec![
            ("empty", Self::new(shell(), true, "", String::new())),
            ("mistake", Self::new(shell(), true, "chen", "…".to_owned())),
            ("sent", Self::sent(shell(), true, "chen@example.com")),
            ("no_mail", Self::new(shell(), false, "", String::new())),
        ]
    }
}

#[derive(Clone, Debug, Template)]
#[template(path = "password/reset.html")]
pub struct ResetView {
    pub shell: Shell,
    pub token: String,
    /// Whose password it is; `None` when the link does not work any more.
    pub account: Option<String>,
    pub problem: String,
}

impl ResetView {
    pub fn new(shell: Shell, token: &str, email: &str, problem: String) -> Self {
        let account = Some(fill(shell.w.people.reset_lede, &[email]));
        Self { shell, token: token.to_owned(), account, problem }
    }

    pub const fn closed(shell: Shell) -> Self {
        Self { shell, token: String::new(), account: None, problem: String::new() }
    }

    pub fn samples(lang: Lang) -> Vec<(&'static str, Self)> {
        let shell = || Shell { user: None, tenant: None, tenants: Vec::new(), ..Shell::sample(lang) };
        vec![
            ("open", Self::new(shell(), "token", "chen@example.com", String::new())),
            ("weak", Self::new(shell(), "token", "chen@example.com", "…".to_owned())),
            ("closed", Self::closed(shell())),
        ]
    }
}
