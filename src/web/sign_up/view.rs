//! The pages of signing up, ready to print.

use askama::Template;

use crate::domain::person_link::Applicant;
use crate::domain::text::Lang;
use crate::domain::user::Email;
use crate::web::shell::Shell;
use crate::web::words::fill;

#[derive(Clone, Debug, Template)]
#[template(path = "sign_up/ask.html")]
pub struct AskView {
    pub shell: Shell,
    pub form: AskForm,
    /// Set once it was asked: the sentence, the same for everybody.
    pub sent: Option<String>,
}

/// What was entered, and what is wrong with it.
#[derive(Clone, Debug, Default)]
pub struct AskForm {
    pub company: String,
    pub name: String,
    pub email: String,
    pub bad_company: &'static str,
    pub bad_name: &'static str,
    pub bad_email: String,
}

impl AskView {
    pub const fn new(shell: Shell, form: AskForm) -> Self {
        Self { shell, form, sent: None }
    }

    pub fn sent(shell: Shell, email: &str) -> Self {
        let sent = Some(fill(shell.w.sign_up.sent, &[email]));
        Self { sent, ..Self::new(shell, AskForm::default()) }
    }

    pub fn samples(lang: Lang) -> Vec<(&'static str, Self)> {
        let wrong = AskForm {
            email: "chen".to_owned(),
            bad_company: "…",
            bad_name: "…",
            bad_email: "…".to_owned(),
            ..AskForm::default()
        };
        vec![
            ("empty", Self::new(alone(lang), AskForm::default())),
            ("mistakes", Self::new(alone(lang), wrong)),
            ("sent", Self::sent(alone(lang), "chen@example.com")),
        ]
    }
}

/// Behind the link of the letter.
#[derive(Clone, Debug, Template)]
#[template(path = "sign_up/finish.html")]
pub struct FinishView {
    pub shell: Shell,
    pub token: String,
    /// `None` when the link does not work any more.
    pub who: Option<Who>,
    pub problem: &'static str,
}

/// Who signs up, as they said.
#[derive(Clone, Debug)]
pub struct Who {
    pub lede: String,
    pub email: String,
}

impl FinishView {
    pub fn new(
        shell: Shell,
        token: &str,
        (email, applicant): (&Email, &Applicant),
        problem: &'static str,
    ) -> Self {
        let words = [applicant.company.as_str(), applicant.name.as_str(), email.as_str()];
        let who = Who { lede: fill(shell.w.sign_up.finish_lede, &words), email: email.to_string() };
        Self { shell, token: token.to_owned(), who: Some(who), problem }
    }

    pub const fn closed(shell: Shell) -> Self {
        Self { shell, token: String::new(), who: None, problem: "" }
    }

    pub fn samples(lang: Lang) -> Vec<(&'static str, Self)> {
        let applicant = Applicant { name: "陈晓".to_owned(), company: "青禾茶业".to_owned() };
        let open = |problem| {
            let email = Email::parse("chen@example.com").ok()?;
            Some(Self::new(alone(lang), "token", (&email, &applicant), problem))
        };
        [("open", open("")), ("weak", open("…")), ("closed", Some(Self::closed(alone(lang))))]
            .into_iter()
            .filter_map(|(name, view)| Some((name, view?)))
            .collect()
    }
}

fn alone(lang: Lang) -> Shell {
    Shell { user: None, tenant: None, tenants: Vec::new(), ..Shell::sample(lang) }
}
