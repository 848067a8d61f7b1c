//! The trial of one refresher: many processes, many accounts that are due at once, and a WeChat that is slower than the
//! client's patience and goes on with calls whose callers have hung up.

use std::time::Duration;

use hufu::sandbox::{Fault, FaultKind, Rotation};

use super::{Fleet, REFRESH};
use crate::patience::{pause_for, within};

/// Longer than the client waits (8 s).
const SLOWEST: u64 = 15_000;
/// Of a token, in seconds. Half of it, between two refreshes of an account at least, is longer than WeChat ever takes.
const LIFE: u64 = 60;
/// Afterwards; nothing is due again then.
const LONG_LIFE: u64 = 7200;
/// How long the slow time lasts, and how long everything may take to come right after it.
const SLOW_TIME: Duration = Duration::from_secs(45);
const AFTERWARDS: Duration = Duration::from_secs(150);

/// What WeChat's journal says in the end.
#[derive(Debug)]
#[expect(dead_code, reason = "told in full when a trial fails")]
pub(crate) struct Verdict {
    pub(crate) refreshes: u64,
    /// Whose callers hung up before the answer.
    pub(crate) in_doubt: u64,
    /// For one account, counted until WeChat was done with them.
    pub(crate) most_at_once: u32,
    /// Accounts whose stored tokens are not the last ones issued.
    pub(crate) strangers: Vec<String>,
}

/// Runs on a fleet that has been started.
pub(crate) async fn run(fleet: &Fleet, accounts: u32) -> Verdict {
    let wechat = fleet.wechat();
    wechat.switch(|switches| {
        switches.access_token_seconds = LIFE;
        switches.rotation = Rotation::SingleUse;
    });
    wechat.fault(Fault::on(REFRESH, FaultKind::RandomDelay { ms: SLOWEST }));

    let appids = fleet.adopt(accounts).await;
    pause_for(SLOW_TIME).await;
    wechat.clear_faults(None);
    wechat.switch(|switches| switches.access_token_seconds = LONG_LIFE);
    within(AFTERWARDS, async || fleet.is_at_rest(&appids).await.then_some(())).await;

    let counts = wechat.counts(REFRESH, "");
    Verdict {
        refreshes: counts.iter().map(|line| line.count.calls).sum(),
        in_doubt: counts.iter().map(|line| line.count.in_doubt).sum(),
        most_at_once: wechat.max_refreshes_at_work(),
        strangers: fleet.strangers(&appids).await,
    }
}

impl Fleet {
    /// WeChat is at work on nothing, and every account is healthy with a token that lives long.
    pub(crate) async fn is_at_rest(&self, appids: &[String]) -> bool {
        let at_work = self.wechat().counts(REFRESH, "").iter().any(|line| line.count.at_work > 0);
        if at_work || !self.all_are_healthy().await {
            return false;
        }
        let mut tx = self.cx.store.read().await.unwrap();
        let late = self.cx.clock.now().plus(Duration::from_secs(LONG_LIFE / 2));
        for appid in appids {
            let held = hufu::store::authorizer_token::find(&mut tx, &self.cx.vault, &super::key(appid)).await;
            if held.unwrap().unwrap().token_expires_at.is_none_or(|end| end < late) {
                return false;
            }
        }
        true
    }
}
