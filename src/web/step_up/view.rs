//! The page that asks once more who is there, ready to print.

use askama::Template;

use crate::clock::Timestamp;
use crate::domain::second_factor::Factors;
use crate::domain::text::Lang;
use crate::web::shell::Shell;

#[derive(Clone, Debug, Template)]
#[template(path = "step_up/form.html")]
pub struct StepUpView {
    pub shell: Shell,
    /// An own path to go on to.
    pub next: String,
    /// A code is asked for instead of the password.
    pub second_factor: bool,
    pub has_app: bool,
    pub has_passkey: bool,
    /// What a form sent is gone.
    pub lost: bool,
    /// Why it did not work.
    pub problem: Option<String>,
}

impl StepUpView {
    pub fn new(shell: Shell, factors: &Factors, (next, lost): (&str, bool), problem: Option<String>) -> Self {
        let (second_factor, has_app, has_passkey) = (factors.any(), factors.has_app(), factors.passkeys > 0);
        Self { shell, next: next.to_owned(), second_factor, has_app, has_passkey, lost, problem }
    }

    /// The account's own address, for the browser's store of passwords.
    pub fn email(&self) -> &str {
        self.shell.user.as_ref().map_or("", |user| &user.email)
    }

    pub fn samples(lang: Lang) -> Vec<(&'static str, Self)> {
        let nothing = Factors::default();
        let app = Factors { app_since: Some(Timestamp::EPOCH), passkeys: 1, codes_left: 9 };
        let view =
            |factors, lost, problem| Self::new(Shell::sample(lang), factors, ("/api-keys", lost), problem);
        let wrong = Shell::sample(lang).w.step_up.wrong.to_owned();
        vec![
            ("asked", view(&nothing, false, None)),
            ("too_late", view(&nothing, true, None)),
            ("wrong", view(&nothing, false, Some(wrong))),
            ("code", view(&app, false, None)),
        ]
    }
}
