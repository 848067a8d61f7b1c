//! How an account stands, in sentences: what happened, what to do, whose move it is, what WeChat said.

use crate::domain::authorizer::Authorizer;
use crate::domain::errcode::explain;
use crate::domain::health::Health;
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
    pub since: Moment,
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
        Self {
            tone: tone(health),
            sentence: reason.sentence().get(gaze.lang),
            remedy: reason.remedy().get(gaze.lang),
            mover: (!well).then(|| reason.mover().label().get(gaze.lang)),
            code: reason.code(),
            since: Moment { text: fill(gaze.w.detail.since, &[&since.text]), ..since },
            next_try: gaze.maybe(one.next_refresh_at.filter(|at| !well && *at > gaze.now)),
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
