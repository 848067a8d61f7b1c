//! What a merchant is told when a link leads nowhere: why, and whom to ask.

use askama::Template;

use crate::domain::text::Lang;
use crate::service::open_link::Closed;
use crate::web::shell::Shell;

#[derive(Debug, Template)]
#[template(path = "connect/closed.html")]
pub struct ClosedView {
    pub shell: Shell,
    pub tone: &'static str,
    pub icon: &'static str,
    pub title: &'static str,
    pub text: &'static str,
    /// The page to try again from.
    pub back: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Why {
    Closed(Closed),
    TooFast,
    NotReady,
}

impl ClosedView {
    pub fn new(shell: Shell, why: Why, back: Option<String>) -> Self {
        let w = &shell.w.connect;
        let (tone, icon, title, text) = match why {
            Why::Closed(Closed::Finished) => ("good", "check", w.finished, w.finished_text),
            Why::Closed(Closed::Expired) => ("warn", "clock", w.expired, w.expired_text),
            Why::Closed(Closed::Withdrawn) => ("off", "ban", w.withdrawn, w.withdrawn_text),
            Why::TooFast => ("warn", "clock", w.too_fast, w.too_fast_text),
            Why::NotReady => ("warn", "alert", w.not_ready, w.not_ready_text),
        };
        Self { tone, icon, title, text, back, shell }
    }

    pub fn samples(lang: Lang) -> Vec<(&'static str, Self)> {
        let shell = || Shell { user: None, tenant: None, ..Shell::sample(lang) };
        let back = Some("/connect/sample".to_owned());
        vec![
            ("finished", Self::new(shell(), Why::Closed(Closed::Finished), None)),
            ("expired", Self::new(shell(), Why::Closed(Closed::Expired), None)),
            ("withdrawn", Self::new(shell(), Why::Closed(Closed::Withdrawn), None)),
            ("too_fast", Self::new(shell(), Why::TooFast, back.clone())),
            ("not_ready", Self::new(shell(), Why::NotReady, back)),
        ]
    }
}
