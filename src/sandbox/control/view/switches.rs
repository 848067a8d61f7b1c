//! The board of switches.

use askama::Template;

use super::Frame;
use crate::sandbox::control::Control;
use crate::sandbox::control::switch_words::{GROUPS, SwitchWords};
use crate::sandbox::switches::Switches;

#[derive(Template)]
#[template(path = "sandbox/switches.html")]
struct SwitchesPage {
    frame: Frame,
    groups: Vec<SwitchGroup>,
}

struct SwitchGroup {
    title: &'static str,
    switches: Vec<SwitchRow>,
}

struct SwitchRow {
    name: &'static str,
    text: &'static str,
    value: String,
    usual: String,
    /// It stands elsewhere than usual.
    changed: bool,
    kind: SwitchKind,
}

enum SwitchKind {
    Choice(Vec<(String, bool)>),
    YesNo(bool),
    Number,
}

pub(in crate::sandbox::control) fn switches(
    control: &Control,
    frame: Frame,
) -> Result<String, askama::Error> {
    let json = |switches: &Switches| serde_json::to_value(switches).unwrap_or_default();
    let (now, usual) = (json(&control.switches()), json(&Switches::default()));
    let row = |words: &SwitchWords| {
        let text =
            |value: &serde_json::Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        let (value, usual) = (&now[words.name], &usual[words.name]);
        let usual_text = match usual.as_bool() {
            Some(true) => frame.say("开", "on").to_owned(),
            Some(false) => frame.say("关", "off").to_owned(),
            None => text(usual),
        };
        SwitchRow {
            name: words.name,
            text: frame.say(words.zh, words.en),
            value: text(value),
            changed: value != usual,
            usual: usual_text,
            kind: match value {
                serde_json::Value::Bool(on) => SwitchKind::YesNo(*on),
                serde_json::Value::String(at) => SwitchKind::Choice(
                    words.positions.iter().map(|position| ((*position).to_owned(), position == at)).collect(),
                ),
                _ => SwitchKind::Number,
            },
        }
    };
    let groups = GROUPS
        .iter()
        .map(|(zh, en, switches)| SwitchGroup {
            title: frame.say(zh, en),
            switches: switches.iter().map(row).collect(),
        })
        .collect();
    SwitchesPage { groups, frame }.render()
}
