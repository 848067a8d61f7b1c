//! One line of an account's history: icon, sentence, what is known besides, moment.

use serde_json::Value;

use crate::domain::authorizer::status_label;
use crate::domain::errcode::explain;
use crate::domain::event::Event;
use crate::domain::finding::Finding;
use crate::domain::func_info;
use crate::domain::health::Health;
use crate::domain::reason::Reason;
use crate::store::history_list::Told;
use crate::web::account::Gaze;
use crate::web::parts;
use crate::web::when::Moment;
use crate::web::words::fill;

/// Ready to print.
#[derive(Clone, Debug)]
pub struct Entry {
    pub icon: &'static str,
    /// Class `event-<tone>`.
    pub tone: &'static str,
    pub sentence: String,
    pub detail: String,
    pub moment: Moment,
}

impl Entry {
    pub fn of(told: &Told, gaze: &Gaze) -> Self {
        let event = Event::from_name(&told.event);
        let to = health(&told.detail, "to");
        let (icon, tone) = event.map_or(("info", "off"), |event| look(event, to));
        Self {
            icon,
            tone,
            sentence: event.map_or_else(|| told.event.clone(), |event| sentence(event, told, gaze)),
            detail: detail(event, &told.detail, gaze),
            moment: gaze.moment(told.at),
        }
    }
}

fn sentence(event: Event, told: &Told, gaze: &Gaze) -> String {
    let words = &gaze.w.detail;
    let label = |health: Health| health.label().get(gaze.lang);
    match (event, health(&told.detail, "from"), health(&told.detail, "to")) {
        (Event::HealthChanged, Some(from), Some(to)) => fill(words.became_from, &[label(from), label(to)]),
        (Event::HealthChanged, None, Some(to)) => fill(words.became, &[label(to)]),
        (Event::RecoveryStep, _, _) => recovery(&told.detail, gaze),
        (event, _, _) => event.label().get(gaze.lang).to_owned(),
    }
}

/// `自动找回：向微信查询账号信息 · 没有找到`.
fn recovery(detail: &Value, gaze: &Gaze) -> String {
    let words = &gaze.w.detail;
    let step = match text(detail, "step") {
        "re_read" => words.step_re_read,
        "journal" => words.step_journal,
        "previous" => words.step_previous,
        "info" => words.step_info,
        "list" => words.step_list,
        _ => return Event::RecoveryStep.label().get(gaze.lang).to_owned(),
    };
    let outcome = match text(detail, "outcome") {
        "found" => words.outcome_found,
        "refused" => words.outcome_refused,
        "known" => words.outcome_known,
        "nothing" => words.outcome_nothing,
        code => Reason::from_code(code).map_or("", |reason| reason.sentence().get(gaze.lang)),
    };
    fill(words.recovery, &[step, outcome])
}

/// Reason, error code and rid, as far as they were written down.
fn detail(event: Option<Event>, detail: &Value, gaze: &Gaze) -> String {
    let reason = Reason::from_code(text(detail, "reason")).filter(|reason| *reason != Reason::Ok);
    let errcode = detail.get("errcode").and_then(Value::as_i64);
    let chosen = Some(text(detail, "chosen")).filter(|_| event == Some(Event::WrongAccount));
    let finding = Finding::from_name(text(detail, "finding"));
    let parts = [
        finding.map(|finding| finding.label().get(gaze.lang).to_owned()),
        sets(detail, "added", '+', gaze),
        sets(detail, "removed", '−', gaze),
        status(detail, gaze),
        evidence(text(detail, "evidence"), gaze).map(str::to_owned),
        reason.map(|reason| reason.sentence().get(gaze.lang).to_owned()),
        errcode.map(|code| format!("{code} {}", explain(code).sentence.get(gaze.lang))),
        Some(text(detail, "rid")).filter(|rid| !rid.is_empty()).map(|rid| format!("rid {rid}")),
        chosen.filter(|appid| !appid.is_empty()).map(str::to_owned),
    ];
    parts.into_iter().flatten().collect::<Vec<_>>().join(" · ")
}

/// `+ 消息管理、用户管理`.
fn sets(detail: &Value, name: &str, sign: char, gaze: &Gaze) -> Option<String> {
    let ids = detail.get(name)?.as_array()?.iter().filter_map(Value::as_i64);
    let names: Vec<String> = ids.map(|id| func_info::label(id, gaze.lang)).collect();
    (!names.is_empty()).then(|| format!("{sign} {}", names.join(gaze.w.detail.and)))
}

/// `正常 → 冻结`.
fn status(detail: &Value, gaze: &Gaze) -> Option<String> {
    let word = |name| detail.get(name).and_then(Value::as_i64).map(|id| status_label(id, gaze.lang));
    Some(format!("{} → {}", word("was")?, word("is")?))
}

fn evidence(code: &str, gaze: &Gaze) -> Option<&'static str> {
    match code {
        "refresh_token" => Some(gaze.w.detail.foreign_token),
        "access_token_died" => Some(gaze.w.detail.foreign_death),
        _ => None,
    }
}

fn look(event: Event, to: Option<Health>) -> (&'static str, &'static str) {
    match event {
        Event::Authorized | Event::Reauthorized | Event::Updated => ("shield", "good"),
        Event::Recovered => ("heal", "good"),
        Event::HealthChanged => to.map_or(("info", "off"), |to| (parts::icon(to), tone(to))),
        Event::RefreshFailed => ("retry", "warn"),
        Event::ForeignRefresher
        | Event::AttemptInDoubt
        | Event::AttemptFenced
        | Event::WrongAccount
        | Event::ClaimedByAnother
        | Event::TokenReported => ("alert", "warn"),
        Event::Cancelled | Event::MovedAway => ("ban", "bad"),
        Event::RecoveryStep | Event::NoticeVerified | Event::ListDiffers => ("heal", "move"),
        Event::RefreshTokenRotated | Event::RefreshRequested => ("retry", "move"),
        Event::Moved => ("inbox", "move"),
        Event::Paused => ("pause", "off"),
        Event::Resumed => ("play", "move"),
        Event::PermissionsChanged | Event::StatusChanged => ("info", "move"),
        Event::StaleNotice => ("info", "off"),
    }
}

const fn tone(health: Health) -> &'static str {
    match health {
        Health::Healthy => "good",
        Health::Retrying | Health::ExpiredRetrying | Health::BlockedUpstream => "warn",
        Health::Recovering | Health::PendingAuthorization => "move",
        Health::NotExchanged | Health::NeedsReauthorization | Health::Unauthorized => "bad",
        Health::Paused | Health::Unknown => "off",
    }
}

fn health(detail: &Value, name: &str) -> Option<Health> {
    Health::from_name(text(detail, name))
}

fn text<'a>(detail: &'a Value, name: &str) -> &'a str {
    detail.get(name).and_then(Value::as_str).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::text::Lang;
    use crate::web::samples::NOW;
    use crate::web::shell::Shell;
    use serde_json::json;

    fn entry(event: &str, detail: Value) -> Entry {
        let told = Told { at: NOW, event: event.to_owned(), detail };
        Entry::of(&told, &Gaze::new(&Shell::sample(Lang::En), NOW))
    }

    #[test]
    fn an_event_of_a_newer_version_is_shown_by_its_name() {
        assert_eq!(entry("teleported", json!({})).sentence, "teleported");
    }

    #[test]
    fn every_event_has_a_sentence_whatever_its_detail() {
        for event in Event::ALL {
            for detail in [json!({}), json!([]), json!({ "to": 3, "step": "?", "errcode": "x" })] {
                assert!(!entry(event.as_str(), detail).sentence.is_empty());
            }
        }
    }

    #[test]
    fn a_change_at_wechat_is_spelled_out() {
        let sets = entry("permissions_changed", json!({ "added": [1], "removed": [2, 12345] }));
        assert_eq!(sets.detail, "+ Messages · − Users, 12345");
        assert_eq!(entry("status_changed", json!({ "was": 1, "is": 19 })).detail, "normal → frozen");
        assert_eq!(
            entry("list_differs", json!({ "finding": "other_token" })).detail,
            "Another refresh token"
        );
    }

    #[test]
    fn a_change_names_both_states() {
        let changed = entry("health_changed", json!({ "from": "retrying", "to": "healthy", "reason": "ok" }));
        assert_eq!(changed.sentence, "State changed: Retrying → Healthy");
        assert_eq!((changed.tone, changed.detail.as_str()), ("good", ""));
    }
}
