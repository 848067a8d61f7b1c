//! Many processes on one PostgreSQL: each account has one refresher at a time, and one that stood still harms nothing.

use std::time::Duration;

use hufu::sandbox::Rotation;
use hufu::store::history_list;
use rustix::process::{Pid, Signal, kill_process};

use crate::fleet::{Fleet, REFRESH, key, trial};
use crate::harness::{Database, Kind};
use crate::patience::{PROMISE, eventually, within};

#[tokio::test]
async fn eight_processes_refresh_an_account_one_at_a_time_however_slow_wechat_is() {
    crate::harness::run(Kind::Postgres, |db| async move {
        let mut fleet = Fleet::open(db.url(), 8).await;
        fleet.start().await;

        let verdict = trial::run(&fleet, 300).await;

        let words = format!("{verdict:?}, {:?}", fleet.states().await);
        assert!(verdict.in_doubt > 0, "slower than the client waits: {words}");
        assert_eq!(verdict.most_at_once, 1, "{words}");
        assert!(verdict.strangers.is_empty() && fleet.all_are_healthy().await, "{words}");
        fleet.end().await;
    })
    .await;
}

#[tokio::test]
async fn a_process_that_slept_past_its_lease_overwrites_nothing_and_its_answer_is_kept() {
    crate::harness::run(Kind::Postgres, |db| async move {
        let mut fleet = Fleet::with_a_sleeper(&db, "after_answer").await;

        fleet.relieve().await;
        fleet.wake(0);

        let seen =
            within(PROMISE, async || (fleet.metric(0, "hufu_fenced_writes_total").await > 0.0).then_some(()));
        assert!(seen.await.is_some(), "the counter says so: {:?}", fleet.outcomes().await);
        let told =
            within(PROMISE, async || fleet.outcomes().await.contains(&"fenced".to_owned()).then_some(()));
        assert!(told.await.is_some(), "and so does the history: {:?}", fleet.outcomes().await);
        fleet.comes_right().await;
        assert!((fleet.metric(0, "hufu_fenced_writes_total").await - 1.0).abs() < 0.5, "once");
        fleet.end().await;
    })
    .await;
}

#[tokio::test]
async fn a_process_that_sleeps_in_a_transaction_keeps_nobody_from_the_account() {
    crate::harness::run(Kind::Postgres, |db| async move {
        let mut fleet = Fleet::with_a_sleeper(&db, "before_commit").await;

        fleet.relieve().await;
        fleet.wake(0);

        fleet.comes_right().await;
        fleet.end().await;
    })
    .await;
}

#[tokio::test]
async fn a_process_that_sleeps_before_its_call_and_calls_too_late_harms_nothing() {
    crate::harness::run(Kind::Postgres, |db| async move {
        let mut fleet = Fleet::with_a_sleeper(&db, "before_call").await;

        fleet.relieve().await;
        let before = fleet.wechat().count(REFRESH, ACCOUNT).calls;
        fleet.wake(0);

        let called = || fleet.wechat().count(REFRESH, ACCOUNT).calls > before;
        // Late it is made, unless its deadline ended while it slept: then the process gives it up and goes on.
        if within(LATE, async || called().then_some(())).await.is_none() {
            fleet.ready(0).await;
        }
        fleet.comes_right().await;
        fleet.end().await;
    })
    .await;
}

/// A process that woke up makes its call well within this time.
const LATE: Duration = Duration::from_secs(20);

const ACCOUNT: &str = "wxload000000000000";

impl Fleet {
    /// The first of two stands still at this place of the refresh of the only account, whose refresh token works once.
    async fn with_a_sleeper(db: &Database, place: &str) -> Self {
        let mut fleet = Self::open(db.url(), 2).await;
        fleet.wechat().switch(|switches| switches.rotation = Rotation::SingleUse);
        fleet.start().await;
        fleet.kill(1);
        fleet.kill(0);
        fleet.set("HUFU_STOP_AT", place);
        assert_eq!(fleet.adopt(1).await, [ACCOUNT]);
        fleet.launch(0);
        fleet.unset("HUFU_STOP_AT");
        let process = fleet.members[0].process.as_ref().unwrap();
        let status = format!("/proc/{}/status", process.id());
        eventually("the process stands still", async || {
            std::fs::read_to_string(&status).ok()?.contains("State:\tT").then_some(())
        })
        .await;
        fleet
    }

    /// The second takes over while the first sleeps.
    async fn relieve(&mut self) {
        self.launch(1);
        self.ready(1).await;
        self.comes_right().await;
    }

    fn wake(&self, member: usize) {
        let id = i32::try_from(self.members[member].process.as_ref().unwrap().id()).unwrap();
        kill_process(Pid::from_raw(id).unwrap(), Signal::CONT).unwrap();
    }

    /// Within a minute: healthy, with the tokens that WeChat issued last, and nothing under way.
    async fn comes_right(&self) {
        let appids = [ACCOUNT.to_owned()];
        let right = within(PROMISE, async || {
            let well = self.is_at_rest(&appids).await && self.strangers(&appids).await.is_empty();
            well.then_some(())
        });
        assert!(right.await.is_some(), "{:?}, {:?}", self.states().await, self.outcomes().await);
        assert_eq!(self.wechat().max_refreshes_at_work(), 1);
    }

    /// How the attempts ended, oldest first.
    async fn outcomes(&self) -> Vec<String> {
        let mut tx = self.cx.store.read().await.unwrap();
        let since = hufu::clock::Timestamp::EPOCH;
        let attempts = history_list::attempted(&mut tx, &self.tenant, &key(ACCOUNT), since).await.unwrap();
        attempts.into_iter().map(|attempt| attempt.outcome.unwrap_or_else(|| "open".to_owned())).collect()
    }

    /// The sum of a counter's lines on a member's /metrics.
    async fn metric(&self, member: usize, name: &str) -> f64 {
        let address = format!("http://127.0.0.1:{}/metrics", self.members[member].port);
        let text = reqwest::get(&address).await.unwrap().text().await.unwrap();
        let lines = text.lines().filter(|line| line.starts_with(name));
        lines.map(|line| line.split_whitespace().last().unwrap().parse::<f64>().unwrap()).sum()
    }
}
