//! The database, or the way to WeChat, is lost in the middle of refreshes whose tokens work once.

use std::time::Duration;

use hufu::domain::event::Event;
use hufu::sandbox::{Fault, FaultKind, Rotation};
use hufu::store::history_list;

#[path = "fleet/wire.rs"]
pub(crate) mod wire;

use crate::fleet::{Fleet, REFRESH, key};
use crate::harness::Kind;
use crate::patience::{PROMISE, eventually, pause_for, within};
use wire::Wire;

const OUTAGE: Duration = Duration::from_secs(10);
const ACCOUNTS: u32 = 20;
/// Long enough that every call is under way when the wire is cut.
const SLOW: u64 = 3000;

#[tokio::test]
async fn answers_that_find_no_database_are_kept_until_there_is_one() {
    crate::harness::run(Kind::Postgres, |db| async move {
        let wire = Wire::to(db.url()).await;
        let mut fleet = Fleet::open(db.url(), 1).await;
        fleet.set("HUFU_DATABASE_URL", &wire.through(db.url()));
        let appids = fleet.all_are_called().await;

        wire.cut();
        pause_for(OUTAGE).await;
        wire.mend();

        let right = within(PROMISE, async || fleet.is_right(&appids).await.then_some(())).await;
        assert!(right.is_some(), "a minute after the outage: {:?}", fleet.states().await);
        let calls: Vec<u64> =
            fleet.wechat().counts(REFRESH, "").iter().map(|line| line.count.calls).collect();
        assert_eq!(calls, vec![1; appids.len()], "no answer was lost, so nobody was called twice");
        for appid in &appids {
            assert!(!fleet.climbed(appid).await, "{appid} had to be recovered");
        }
        fleet.end().await;
    })
    .await;
}

on_both_databases!(refreshes_that_lose_the_way_to_wechat_come_right_by_themselves, |db| async {
    let mut fleet = Fleet::open(db.url(), 1).await;
    let wechat = fleet.sandbox.url();
    let wire = Wire::to(wechat.as_str()).await;
    fleet.set("HUFU_WECHAT_API_URL", &wire.through(wechat.as_str()));
    let appids = fleet.all_are_called().await;

    wire.cut();
    pause_for(OUTAGE).await;
    wire.mend();

    let right = within(2 * PROMISE, async || fleet.is_right(&appids).await.then_some(())).await;
    assert!(right.is_some(), "two minutes after the outage: {:?}", fleet.states().await);
    assert_eq!(fleet.wechat().max_refreshes_at_work(), 1);
    fleet.end().await;
});

impl Fleet {
    /// Started; WeChat has replaced every account's refresh token, and its answers are still to come.
    async fn all_are_called(&mut self) -> Vec<String> {
        let wechat = self.wechat();
        wechat.switch(|switches| switches.rotation = Rotation::SingleUse);
        wechat.fault(Fault::on(REFRESH, FaultKind::DelayAfter { ms: SLOW }).times(ACCOUNTS));
        self.start().await;
        let appids = self.adopt(ACCOUNTS).await;
        eventually("WeChat is at work on every account", async || {
            let counts = wechat.counts(REFRESH, "");
            let at_work = counts.iter().filter(|line| line.count.at_work == 1).count();
            (at_work == appids.len()).then_some(())
        })
        .await;
        appids
    }

    async fn is_right(&self, appids: &[String]) -> bool {
        self.is_at_rest(appids).await && self.strangers(appids).await.is_empty()
    }

    /// Whether the recovery ladder was needed.
    async fn climbed(&self, appid: &str) -> bool {
        let mut tx = self.cx.store.read().await.unwrap();
        let lines = history_list::told(&mut tx, &self.tenant, &key(appid), 100).await.unwrap();
        lines.iter().any(|line| line.event == Event::RecoveryStep.as_str())
    }
}
