//! Samples of the page of one account.

use std::time::Duration;

use serde_json::{Value, json};

use crate::domain::text::Lang;
use crate::store::history_list::{Attempted, Told};
use crate::web::samples::{self, NOW, ago};
use crate::web::shell::{Nav, Shell};

use super::{AuthorizerView, Found};

impl AuthorizerView {
    pub fn samples(lang: Lang) -> Vec<(&'static str, Self)> {
        let shell = || Shell { nav: Nav::Authorizers, ..Shell::sample(lang) };
        let stale = Shell { stale: Some(shell().w.heartbeat_never.to_owned()), ..shell() };
        let view =
            |shell, number, may_manage| found(number).map(|found| Self::new(shell, NOW, &found, may_manage));
        [
            ("healthy", view(shell(), 9, true)),
            ("lost", view(shell(), 0, true)),
            ("foreign", foreign(shell())),
            ("long_name", view(shell(), 1, true)),
            ("expired", view(shell(), 2, true)),
            ("cancelled", view(shell(), 6, true)),
            ("paused", view(shell(), 7, true)),
            ("new_and_nameless", view(shell(), 8, true)),
            ("stale_for_a_viewer", view(stale, 9, false)),
        ]
        .into_iter()
        .filter_map(|(name, view)| Some((name, view?)))
        .collect()
    }
}

/// A healthy account that somebody else refreshes as well, and that WeChat told news of.
fn foreign(shell: Shell) -> Option<AuthorizerView> {
    let mut found = found(9)?;
    found.foreign_at = Some(ago(30));
    for (minutes, event, detail) in [
        (400, "status_changed", json!({ "was": 18, "is": 1 })),
        (390, "permissions_changed", json!({ "added": [3], "removed": [8, 15] })),
        (31, "list_differs", json!({ "finding": "other_token" })),
        (30, "foreign_refresher", json!({ "evidence": "refresh_token" })),
    ] {
        found.history.insert(0, Told { at: ago(minutes), event: event.to_owned(), detail });
    }
    found.history.sort_by_key(|told| std::cmp::Reverse(told.at));
    Some(AuthorizerView::new(shell, NOW, &found, true))
}

fn found(number: usize) -> Option<Found> {
    let mut authorizer = samples::authorizers().into_iter().nth(number)?;
    let is_new = number == 8;
    if is_new {
        authorizer.authorized_at = ago(200);
    }
    Some(Found {
        history: if is_new { Vec::new() } else { history() },
        attempts: if is_new { attempts(0, 2) } else { attempts(if number < 3 { 2 } else { 0 }, 15) },
        foreign_at: None,
        component_name: Some("虎符开放平台".to_owned()),
        authorizer,
    })
}

/// `count` refreshes, the newest `failed` of them without success, after an outage in the night.
fn attempts(failed: u64, count: u64) -> Vec<Attempted> {
    let one = |n: u64| {
        let started_at = ago(20 + n * 96);
        let bad = n < failed || (7..9).contains(&n);
        Attempted {
            started_at,
            ended_at: Some(started_at.plus(Duration::from_secs(1))),
            outcome: Some(if bad { "failed" } else { "succeeded" }.to_owned()),
            token_expires_at: (!bad).then(|| started_at.plus(Duration::from_secs(7200))),
        }
    };
    (0..count).rev().map(one).collect()
}

fn history() -> Vec<Told> {
    let lines: [(u64, &str, Value); 9] = [
        (12, "refresh_requested", json!({})),
        (45, "recovered", json!({ "from": "recovering", "to": "healthy", "reason": "ok" })),
        (45, "recovery_step", json!({ "step": "list", "outcome": "found" })),
        (46, "recovery_step", json!({ "step": "previous", "outcome": "refused" })),
        (
            46,
            "refresh_failed",
            json!({ "to": "recovering", "reason": "refresh_token_refused", "errcode": 61023, "rid": "69201b3c-5ad1f7e2-1c0f3d44" }),
        ),
        (640, "health_changed", json!({ "from": "expired_retrying", "to": "healthy", "reason": "ok" })),
        (700, "health_changed", json!({ "to": "expired_retrying", "reason": "wechat_unreachable" })),
        (60 * 24 * 9, "wrong_account", json!({ "chosen": "wx00000000000000ff" })),
        (60 * 24 * 43, "authorized", json!({ "sets": 10 })),
    ];
    lines
        .into_iter()
        .map(|(minutes, event, detail)| Told { at: ago(minutes), event: event.to_owned(), detail })
        .collect()
}
