//! Faults and quotas.

use askama::Template;

use super::Frame;
use crate::sandbox::control::Control;
use crate::sandbox::faults::FaultKind;

#[derive(Template)]
#[template(path = "sandbox/faults.html")]
struct FaultsPage {
    frame: Frame,
    rules: Vec<RuleRow>,
    push_rules: Vec<RuleRow>,
    limits: Vec<RuleRow>,
}

struct RuleRow {
    id: u64,
    what: String,
    whom: String,
    times: String,
}

pub(in crate::sandbox::control) fn faults(control: &Control, frame: Frame) -> Result<String, askama::Error> {
    let times = |times: Option<u32>| times.map_or_else(|| "∞".to_owned(), |times| format!("× {times}"));
    let (rules, push_rules, limits) = control.with(|world| {
        let rules = world.faults.rules().iter().map(|rule| RuleRow {
            id: rule.id,
            what: match &rule.kind {
                FaultKind::Errcode { errcode } => format!("errcode {errcode}"),
                FaultKind::Delay { ms } | FaultKind::DelayAfter { ms } | FaultKind::RandomDelay { ms } => {
                    format!("{} {ms} ms", rule.kind.code())
                }
                kind => kind.code().to_owned(),
            },
            whom: format!("{} · {}", rule.path, rule.account),
            times: times(rule.times),
        });
        let push_rules = world.push_faults.iter().map(|rule| RuleRow {
            id: 0,
            what: serde_json::to_value(rule.kind)
                .ok()
                .and_then(|kind| kind.as_str().map(str::to_owned))
                .unwrap_or_default(),
            whom: rule.info_type.clone().unwrap_or_else(|| "*".to_owned()),
            times: times(Some(rule.times)),
        });
        let limits = world.quotas.limits().iter().map(|limit| RuleRow {
            id: 0,
            what: format!("{} · {}", limit.path, limit.account),
            whom: limit.daily.map(|daily| format!("{daily} / day")).unwrap_or_default(),
            times: limit.minute.map(|minute| format!("{minute} / min")).unwrap_or_default(),
        });
        (rules.collect(), push_rules.collect(), limits.collect())
    });
    FaultsPage { frame, rules, push_rules, limits }.render()
}
