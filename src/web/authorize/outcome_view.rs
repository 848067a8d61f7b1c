//! The page that says how an attempt stands or ended: one layout for success, failure, waiting and refusal.

use askama::Template;

use crate::domain::authorization::{AuthorizationStatus, GrantProblem};
use crate::domain::authorizer::Authorizer;
use crate::domain::text::Lang;
use crate::service::enter_authorization::Entry;
use crate::service::finish_authorization::ReturnRefused;
use crate::web::connect::merchant;
use crate::web::parts::Badge;
use crate::web::shell::Shell;
use crate::web::words::fill;

use super::problem;

#[derive(Debug, Template)]
#[template(path = "authorize/outcome.html")]
pub struct OutcomeView {
    pub shell: Shell,
    /// The page looks again by itself.
    pub refresh: bool,
    /// `good`, `bad`, `warn` or `move`: class `event-<tone>`.
    pub tone: &'static str,
    pub icon: &'static str,
    pub title: &'static str,
    pub text: String,
    pub badge: Option<Badge>,
    pub facts: Vec<Fact>,
    /// What to do.
    pub next: Option<String>,
    pub actions: Vec<Action>,
    /// Said last, in small print.
    pub note: Option<&'static str>,
}

#[derive(Clone, Debug)]
pub struct Fact {
    pub label: &'static str,
    pub value: String,
}

#[derive(Clone, Debug)]
pub struct Action {
    pub href: String,
    pub label: &'static str,
    pub icon: &'static str,
    pub look: &'static str,
    pub kind: ActionKind,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ActionKind {
    Link,
    Post,
}

/// Whether the browser that looks may see the tenant's pages.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Insider {
    Member,
    Stranger,
    /// Came by a merchant's link: plain words, nothing of the tenant's.
    Merchant,
}

/// An attempt as its result page needs it.
#[derive(Clone, Copy, Debug)]
pub struct Attempt<'a> {
    pub entry: &'a Entry,
    /// The path's entry token.
    pub token: &'a str,
    /// The account that came back, when it is the tenant's now.
    pub account: Option<&'a Authorizer>,
    pub insider: Insider,
}

impl OutcomeView {
    /// How an attempt stands. An attempt that has only started counts as lapsed here.
    pub fn of(shell: Shell, attempt: &Attempt<'_>) -> Self {
        match attempt.entry.authorization.status {
            AuthorizationStatus::Exchanging => Self::exchanging(shell, attempt),
            AuthorizationStatus::Finished => Self::finished(shell, attempt),
            AuthorizationStatus::Failed => Self::failed(shell, attempt),
            AuthorizationStatus::Started | AuthorizationStatus::Lapsed => Self::lapsed(shell, attempt),
        }
    }

    fn blank(shell: Shell, tone: &'static str, icon: &'static str, title: &'static str) -> Self {
        let (badge, facts, next, actions, note) = (None, Vec::new(), None, Vec::new(), None);
        Self {
            shell,
            refresh: false,
            tone,
            icon,
            title,
            text: String::new(),
            badge,
            facts,
            next,
            actions,
            note,
        }
    }

    fn exchanging(shell: Shell, attempt: &Attempt<'_>) -> Self {
        let w = &shell.w.authorize;
        let again =
            Action::link(format!("/authorize/{}/result", attempt.token), w.check_again, "retry", "plain");
        Self {
            refresh: true,
            text: match attempt.insider {
                Insider::Merchant => shell.w.connect.exchanging_text.to_owned(),
                Insider::Member | Insider::Stranger => w.exchanging_text.to_owned(),
            },
            actions: vec![again],
            ..Self::blank(shell, "move", "heal", w.exchanging_title)
        }
    }

    fn finished(shell: Shell, attempt: &Attempt<'_>) -> Self {
        let (w, lang) = (&shell.w.authorize, shell.lang);
        let entry = attempt.entry;
        let name = attempt.account.and_then(|account| account.profile.nick_name.clone());
        let name = name.or_else(|| entry.account_name.clone()).filter(|name| !name.trim().is_empty());
        let mut facts = Vec::new();
        if let Some(appid) = &entry.authorization.authorizer {
            facts.push(Fact { label: w.appid, value: appid.to_string() });
        }
        facts.push(Fact { label: w.to, value: entry.component_name.clone() });
        facts.push(Fact { label: w.from, value: entry.tenant_name.clone() });
        let actions = match (attempt.insider, &entry.authorization.authorizer) {
            (Insider::Member, Some(appid)) => vec![
                Action::link(format!("/authorizers/{appid}"), w.see_account, "right", "primary"),
                Action::link("/authorize".to_owned(), w.another, "plus", "plain"),
            ],
            (Insider::Member, None) => {
                vec![Action::link("/authorizers".to_owned(), w.see_list, "right", "primary")]
            }
            (Insider::Stranger | Insider::Merchant, _) => Vec::new(),
        };
        let name = name.as_deref().unwrap_or(w.this_account);
        let is_merchant = attempt.insider == Insider::Merchant;
        Self {
            text: match is_merchant {
                true => fill(shell.w.connect.done_text, &[name, &entry.tenant_name]),
                false => fill(w.done_text, &[name, &entry.component_name]),
            },
            badge: attempt.account.filter(|_| !is_merchant).map(|account| Badge::of(account.health, lang)),
            facts,
            actions,
            note: (attempt.insider == Insider::Stranger).then_some(w.done_stranger),
            ..Self::blank(shell, "good", "check", w.done_title)
        }
    }

    fn failed(shell: Shell, attempt: &Attempt<'_>) -> Self {
        let w = &shell.w.authorize;
        let authorization = &attempt.entry.authorization;
        let what = authorization.problem.unwrap_or(GrantProblem::Refused);
        let expected = authorization.expected_appid.as_ref().map(|appid| appid.as_str());
        let mut facts = Vec::new();
        if let (GrantProblem::WrongAccount, Some(expected)) = (what, expected) {
            facts.push(Fact { label: w.expected, value: expected.to_owned() });
        }
        if let Some(chosen) = &authorization.authorizer {
            let label = if what == GrantProblem::WrongAccount { w.chosen } else { w.appid };
            facts.push(Fact { label, value: chosen.to_string() });
        }
        let waits = what.waits_for_admin();
        let (tone, icon, title) = match waits {
            true => ("warn", "clock", w.waiting_title),
            false => ("bad", "cross", w.failed_title),
        };
        let mut actions = Vec::new();
        if !waits {
            actions.push(Action::renew(attempt.token, w.retry));
        }
        let (sentence, remedy) = match attempt.insider {
            Insider::Merchant => merchant::told(what, expected, &shell.w.connect),
            Insider::Member | Insider::Stranger => {
                (problem::sentence(what, &w.problem), problem::remedy(what, expected, &w.problem))
            }
        };
        if attempt.insider == Insider::Member {
            actions.push(Action::link("/authorizers".to_owned(), w.see_list, "accounts", "plain"));
        }
        Self {
            text: format!("{sentence}{}", stop(shell.lang)),
            facts,
            next: Some(remedy),
            actions,
            ..Self::blank(shell, tone, icon, title)
        }
    }

    fn lapsed(shell: Shell, attempt: &Attempt<'_>) -> Self {
        let w = &shell.w.authorize;
        Self {
            text: match attempt.insider {
                Insider::Merchant => shell.w.connect.lapsed_text.to_owned(),
                Insider::Member | Insider::Stranger => w.lapsed_text.to_owned(),
            },
            actions: vec![Action::renew(attempt.token, w.renew)],
            ..Self::blank(shell, "warn", "clock", w.lapsed_title)
        }
    }

    /// The browser came back without a code: it was cancelled at WeChat.
    pub fn not_finished(shell: Shell) -> Self {
        let w = &shell.w.authorize;
        Self {
            text: w.not_finished_text.to_owned(),
            next: Some(w.not_finished_next.to_owned()),
            actions: Action::start_over(&shell),
            ..Self::blank(shell, "warn", "half", w.not_finished_title)
        }
    }

    /// What the browser brought was not accepted, and nothing was changed.
    pub fn refused(shell: Shell, refused: ReturnRefused) -> Self {
        let w = &shell.w.authorize;
        let (title, text, next) = match refused {
            ReturnRefused::UnknownState => (w.unknown_title, w.unknown_text, w.unknown_next),
            ReturnRefused::StateUsed => (w.used_title, w.used_text, w.used_next),
        };
        Self {
            text: text.to_owned(),
            next: Some(next.to_owned()),
            actions: Action::start_over(&shell),
            ..Self::blank(shell, "bad", "shield", title)
        }
    }
}

impl Action {
    fn link(href: String, label: &'static str, icon: &'static str, look: &'static str) -> Self {
        Self { href, label, icon, look, kind: ActionKind::Link }
    }

    fn renew(token: &str, label: &'static str) -> Self {
        let href = format!("/authorize/{token}/renew");
        Self { href, label, icon: "retry", look: "primary", kind: ActionKind::Post }
    }

    /// Members start again; others have no page to start from but the first.
    fn start_over(shell: &Shell) -> Vec<Self> {
        let w = &shell.w.authorize;
        if shell.tenant.is_none() {
            return vec![Self::link("/".to_owned(), shell.w.error.home, "home", "plain")];
        }
        vec![
            Self::link("/authorize".to_owned(), w.start_over, "plus", "primary"),
            Self::link("/authorizers".to_owned(), w.see_list, "accounts", "plain"),
        ]
    }
}

const fn stop(lang: Lang) -> &'static str {
    match lang {
        Lang::Zh => "。",
        Lang::En => ".",
    }
}
