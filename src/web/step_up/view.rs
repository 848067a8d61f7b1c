//! The page that asks once more who is there, ready to print.

use askama::Template;

use crate::domain::text::Lang;
use crate::web::shell::Shell;

#[derive(Clone, Debug, Template)]
#[template(path = "step_up/form.html")]
pub struct StepUpView {
    pub shell: Shell,
    /// An own path to go on to.
    pub next: String,
    /// What a form sent is gone.
    pub lost: bool,
    /// Why it did not work.
    pub problem: Option<&'static str>,
}

impl StepUpView {
    pub fn new(shell: Shell, next: &str, lost: bool, problem: Option<&'static str>) -> Self {
        Self { shell, next: next.to_owned(), lost, problem }
    }

    /// The account's own address, for the browser's store of passwords.
    pub fn email(&self) -> &str {
        self.shell.user.as_ref().map_or("", |user| &user.email)
    }

    pub fn samples(lang: Lang) -> Vec<(&'static str, Self)> {
        let view = |lost, problem| Self::new(Shell::sample(lang), "/api-keys", lost, problem);
        vec![
            ("asked", view(false, None)),
            ("too_late", view(true, None)),
            ("wrong", view(false, Some(Shell::sample(lang).w.step_up.wrong))),
        ]
    }
}
