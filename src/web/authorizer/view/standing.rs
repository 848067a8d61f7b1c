//! How an account stands, in sentences: what happened, what to do, whose move it is, what WeChat said.

use crate::domain::authorizer::Authorizer;
use crate::domain::errcode::explain;
use crate::domain::health::{Health, Mover};
use crate::domain::reason::Reason;
use crate::web::account::Gaze;
use crate::web::when::Moment;
use crate::web::words::fill;

/// Ready to print.
#[derive(Clone, Debug)]
pub struct Standing {
    /// Class `callout-<tone>`.
    pub tone: &'static str,
    pub sentence: &'static str,
    pub remedy: &'static str,
    /// `None` when nobody has to move.
    pub mover: Option<&'static str>,
    /// The stable code, for support.
    pub code: &'static str,
    /// `None` when that is not known.
    pub since: Option<Moment>,
    /// The next attempt, while something is wrong and one is planned.
    pub next_try: Option<Moment>,
    pub failures: Option<String>,
    pub wechat: Option<WechatSaid>,
}

/// WeChat's own error.
#[derive(Clone, Debug)]
pub struct WechatSaid {
    pub errcode: i64,
    pub sentence: &'static str,
    pub rid: Option<String>,
}

impl Standing {
    pub fn of(one: &Authorizer, health: Health, gaze: &Gaze) -> Self {
        let reason = match (health, one.reason) {
            (Health::ExpiredRetrying, Reason::Ok) => Reason::RefreshOverdue,
            (_, reason) => reason,
        };
        let well = health == Health::Healthy;
        let since = gaze.moment(one.health_since);
        let (sentence, remedy, mover) = match health {
            // What the row says was true while the scheduler lived.
            Health::Unknown => {
                let words = &gaze.w.detail;
                (words.unconfirmed, words.unconfirmed_remedy, Mover::Platform.label())
            }
            _ => (reason.sentence().get(gaze.lang), reason.remedy().get(gaze.lang), reason.mover().label()),
        };
        Self {
            tone: tone(health),
            sentence,
            remedy,
            mover: (!well).then(|| mover.get(gaze.lang)),
            code: reason.code(),
            since: (health != Health::Unknown)
                .then(|| Moment { text: fill(gaze.w.detail.since, &[&since.text]), ..since }),
            next_try: gaze
                .maybe(one.next_refresh_at.filter(|at| !well && health.is_refreshed() && *at > gaze.now)),
            failures: (one.failures > 1).then(|| fill(gaze.w.detail.failures, &[&one.failures.to_string()])),
            wechat: one.errcode.map(|errcode| WechatSaid {
                errcode,
                sentence: explain(errcode).sentence.get(gaze.lang),
                rid: one.rid.clone(),
            }),
        }
    }
}

const fn tone(health: Health) -> &'static str {
    match health {
        Health::Healthy => "good",
        Health::Retrying | Health::ExpiredRetrying | Health::BlockedUpstream | Health::Unknown => "warn",
        Health::Recovering | Health::PendingAuthorization | Health::Paused => "note",
        Health::NotExchanged | Health::NeedsReauthorization | Health::Unauthorized => "bad",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::text::Lang;
    use crate::web::samples::{self, NOW};
    use crate::web::shell::Shell;

    #[test]
    fn without_a_heartbeat_nothing_is_said_to_be_well() {
        let healthy = samples::authorizers().pop().unwrap();
        let shell = Shell { stale: Some("lost".to_owned()), ..Shell::sample(Lang::En) };
        let gaze = Gaze::new(&shell, NOW);
        let standing = Standing::of(&healthy, gaze.health(&healthy), &gaze);
        assert_ne!(standing.sentence, Reason::Ok.sentence().en);
        assert_eq!((standing.tone, standing.mover), ("warn", Some("The platform's administrators")));
    }
}
