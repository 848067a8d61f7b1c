//! What somebody is told when a link or an entry page leads nowhere: why, and whom to ask.

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
    /// An entry page without a link, renewed too late.
    EntryTooOld,
    /// Its tenant is suspended.
    EntrySuspended,
    /// Whoever began it may not any more.
    EntryNotAllowed,
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
            Why::EntryTooOld => ("warn", "clock", w.entry_too_old, w.entry_too_old_text),
            Why::EntrySuspended => ("off", "ban", w.entry_over, w.entry_suspended_text),
            Why::EntryNotAllowed => ("off", "ban", w.entry_over, w.entry_not_allowed_text),
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
            ("entry_too_old", Self::new(shell(), Why::EntryTooOld, None)),
            ("entry_suspended", Self::new(shell(), Why::EntrySuspended, None)),
            ("entry_not_allowed", Self::new(shell(), Why::EntryNotAllowed, None)),
        ]
    }
}
