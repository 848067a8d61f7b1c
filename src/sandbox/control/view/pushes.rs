//! The last pushes.

use askama::Template;

use super::{Frame, ROWS};
use crate::sandbox::clip::clip;
use crate::sandbox::control::Control;
use crate::sandbox::control::moments::moment;
use crate::sandbox::pushes::{Outcome, PushRecord};

#[derive(Template)]
#[template(path = "sandbox/pushes.html")]
struct PushesPage {
    frame: Frame,
    pushes: Vec<PushRow>,
}

struct PushRow {
    record: PushRecord,
    at: String,
    outcome: &'static str,
    good: bool,
    bad: bool,
    about: String,
    answers: String,
}

pub(in crate::sandbox::control) fn pushes(control: &Control, frame: Frame) -> Result<String, askama::Error> {
    let row = |record: PushRecord| {
        let answers = record.attempts.iter().map(|attempt| match &attempt.problem {
            None => format!("{} ms", attempt.ms),
            Some(problem) if attempt.answer.is_empty() => format!("{} ms: {problem}", attempt.ms),
            Some(problem) => format!("{} ms: {problem} “{}”", attempt.ms, clip(&attempt.answer, 60)),
        });
        PushRow {
            at: moment(record.at),
            outcome: match record.outcome {
                Outcome::Pending => frame.say("推送中", "pending"),
                Outcome::Accepted => frame.say("已接收", "accepted"),
                Outcome::Failed => frame.say("失败", "failed"),
                Outcome::Dropped => frame.say("丢弃", "dropped"),
                Outcome::Held => frame.say("扣留", "held"),
                Outcome::NoUrl => frame.say("未配置 URL", "no URL"),
            },
            good: record.outcome == Outcome::Accepted,
            bad: record.outcome == Outcome::Failed,
            about: record.account.clone().unwrap_or_default(),
            answers: answers.collect::<Vec<_>>().join(" / "),
            record,
        }
    };
    let pushes = control.pushes(ROWS).into_iter().map(row).collect();
    PushesPage { pushes, frame }.render()
}
