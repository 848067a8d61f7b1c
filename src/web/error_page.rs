//! The page for an error: what happened, in one sentence, the trace id and a way back.

use actix_web::http::StatusCode;
use askama::Template;

use crate::domain::text::{Lang, Text};

use super::error::WebError;
use super::shell::Shell;
use super::words::error::ErrorWords;

/// Ready to print. It stands alone: who is looking may be what went wrong.
#[derive(Debug, Template)]
#[template(path = "error/page.html")]
pub struct ErrorView {
    pub shell: Shell,
    /// The status, for the small print.
    pub status: u16,
    /// `bad`, `warn` or `off`: class `event-<tone>`.
    pub tone: &'static str,
    pub icon: &'static str,
    pub title: &'static str,
    pub sentence: &'static str,
    pub trace: String,
    /// What the button says; it leads to the start.
    pub back: &'static str,
}

/// The request an error answers.
#[derive(Clone, Copy, Debug)]
pub struct Asked<'a> {
    pub lang: Lang,
    pub trace: &'a str,
    pub nonce: &'a str,
    /// Path and query, for the link to the other language.
    pub here: &'a str,
}

/// Tone and icon, title, sentence, the button's label.
type Said = ((&'static str, &'static str), &'static str, &'static str, &'static str);

impl ErrorView {
    pub fn new(error: &WebError, status: StatusCode, asked: &Asked<'_>) -> Self {
        Self::with(status, asked, |w, lang| said(error, w, lang))
    }

    /// For a status that no handler of ours made: a wrong method, an unreadable address.
    pub fn of_status(status: StatusCode, asked: &Asked<'_>) -> Self {
        match status {
            StatusCode::NOT_FOUND => Self::new(&WebError::NotFound, status, asked),
            StatusCode::PAYLOAD_TOO_LARGE => Self::new(&WebError::TooLarge, status, asked),
            StatusCode::METHOD_NOT_ALLOWED => {
                Self::with(status, asked, |w, _| (ASKED, w.wrong, w.method, w.home))
            }
            status if status.is_server_error() => {
                Self::with(status, asked, |w, _| (BROKEN, w.broken, w.broken_text, w.home))
            }
            _ => Self::with(status, asked, |w, _| (ASKED, w.wrong, w.unreadable, w.home)),
        }
    }

    fn with(
        status: StatusCode,
        asked: &Asked<'_>,
        say: impl FnOnce(&'static ErrorWords, Lang) -> Said,
    ) -> Self {
        let shell = Shell::alone(asked.lang, asked.here, asked.nonce);
        let ((tone, icon), title, sentence, back) = say(&shell.w.error, asked.lang);
        let trace = asked.trace.to_owned();
        Self { shell, status: status.as_u16(), tone, icon, title, sentence, trace, back }
    }

    pub fn samples(lang: Lang) -> Vec<(&'static str, Self)> {
        let asked = Asked { lang, trace: "4tQ9sampleTrace1", nonce: "sample-nonce", here: "/somewhere" };
        let no_component = Text::new(
            "还没有配置第三方平台，请联系平台管理员",
            "No third-party platform has been set up yet; ask the platform's administrators",
        );
        let show = |error: &WebError| Self::new(error, actix_web::ResponseError::status_code(error), &asked);
        vec![
            ("not_found", show(&WebError::NotFound)),
            ("invitation_closed", show(&WebError::InvitationClosed)),
            ("forbidden", show(&WebError::Forbidden)),
            ("foreign_form", show(&WebError::ForeignForm)),
            ("no_workspace", show(&WebError::NoWorkspace)),
            ("suspended", show(&WebError::Suspended)),
            ("bad_request", Self::of_status(StatusCode::BAD_REQUEST, &asked)),
            ("too_large", show(&WebError::TooLarge)),
            ("unavailable", show(&WebError::Unavailable(no_component))),
            ("method", Self::of_status(StatusCode::METHOD_NOT_ALLOWED, &asked)),
            ("broken", Self::of_status(StatusCode::INTERNAL_SERVER_ERROR, &asked)),
        ]
    }
}

/// The visitor's doing, nobody's, ours.
const ASKED: (&str, &str) = ("warn", "alert");
const NOWHERE: (&str, &str) = ("off", "question");
const CLOSED: (&str, &str) = ("off", "shield");
const WAIT: (&str, &str) = ("warn", "clock");
const BROKEN: (&str, &str) = ("bad", "alert");

fn said(error: &WebError, w: &'static ErrorWords, lang: Lang) -> Said {
    match error {
        WebError::NotFound => (NOWHERE, w.not_found, w.not_found_text, w.home),
        WebError::InvitationClosed => (CLOSED, w.invitation_closed, w.invitation_closed_text, w.home),
        WebError::Forbidden => (CLOSED, w.forbidden, w.forbidden_text, w.home),
        WebError::ForeignForm => (ASKED, w.foreign_form, w.foreign_form_text, w.home),
        WebError::NoWorkspace => (CLOSED, w.no_workspace, w.no_workspace_text, w.again),
        WebError::Suspended => (CLOSED, w.suspended, w.suspended_text, w.again),
        WebError::SignIn { .. } | WebError::SeeOther(_) => (NOWHERE, w.moved, w.moved_text, w.home),
        WebError::BadRequest(sentence) => (ASKED, w.wrong, sentence.get(lang), w.home),
        WebError::TooLarge => (ASKED, w.wrong, w.too_large, w.home),
        WebError::Conflict(sentence) => (WAIT, w.conflict, sentence.get(lang), w.home),
        WebError::Unavailable(sentence) => (WAIT, w.unavailable, sentence.get(lang), w.home),
        WebError::Internal(_) => (BROKEN, w.broken, w.broken_text, w.home),
    }
}
