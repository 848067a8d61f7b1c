//! Hundreds of `kill -9` under load, most of them when WeChat has just begun or just answered a refresh; refresh tokens
//! work once. In the end nobody is lost.

use std::time::Duration;

use hufu::clock::Clock;
use hufu::domain::health::Health;
use hufu::random::Random;
use hufu::sandbox::{Control, Fault, FaultKind, Rotation};

use crate::fleet::{Fleet, REFRESH};
use crate::patience::{PROMISE, pause_for, within};

/// Of a token, in seconds: each account is refreshed about every 48 s.
const LIFE: u64 = 60;
const LONG_LIFE: u64 = 7200;
/// WeChat's slowest answer while processes are killed, in milliseconds.
const SLOWEST: u64 = 800;
/// At least so long between two kills, and up to so much more.
const PAUSE: Duration = Duration::from_millis(400);
const MORE: u64 = 1000;
/// After the moment, in milliseconds: the way from an answer to its commit.
const AFTER: u64 = 25;
/// A moment that does not come does not hold up the next kill.
const DULL: Duration = Duration::from_secs(10);

pub(crate) struct Plan {
    pub(crate) kills: u64,
    pub(crate) accounts: u32,
}

/// When a process is killed.
#[derive(Clone, Copy, Debug)]
enum Moment {
    Begun,
    Answered,
    Any,
}

pub(crate) async fn run(mut fleet: Fleet, plan: &Plan) {
    let wechat = fleet.wechat();
    wechat.switch(|switches| {
        switches.access_token_seconds = LIFE;
        switches.rotation = Rotation::SingleUse;
    });
    fleet.start().await;
    let appids = fleet.adopt(plan.accounts).await;
    let well = within(2 * PROMISE, async || fleet.all_are_healthy().await.then_some(())).await;
    assert!(well.is_some(), "before the first kill: {:?}", fleet.states().await);
    wechat.fault(Fault::on(REFRESH, FaultKind::RandomDelay { ms: SLOWEST }));
    wechat.clear_journal();

    let (watch, random) = (Clock::stopwatch(), Random::system());
    for kill in 1..=plan.kills {
        let moment = [Moment::Begun, Moment::Answered, Moment::Answered, Moment::Any]
            [usize::try_from(random.below(4)).unwrap()];
        await_moment(&wechat, moment, &random).await;
        let victim = usize::try_from(kill).unwrap() % fleet.members.len();
        fleet.kill(victim);
        fleet.launch(victim);
        if kill % 25 == 0 {
            let states = fleet.states().await;
            crate::say(&format!("{:>5} s  {}  {states:?}", watch.elapsed().as_secs(), books(&wechat, kill)));
            assert_eq!(lost(&states), 0, "after {kill} kills");
        }
    }

    wechat.clear_faults(None);
    let rest = Clock::stopwatch();
    let well = within(PROMISE, async || fleet.all_are_healthy().await.then_some(())).await;
    let states = fleet.states().await;
    assert!(well.is_some(), "a minute after the last kill: {states:?}");
    crate::say(&format!("all healthy {:?} after the last kill", rest.elapsed()));
    wechat.switch(|switches| switches.access_token_seconds = LONG_LIFE);
    let at_rest = within(2 * PROMISE, async || fleet.is_at_rest(&appids).await.then_some(())).await;
    assert!(at_rest.is_some(), "not at rest: {:?}", fleet.states().await);
    crate::say(&format!("in the end: {}", books(&wechat, plan.kills)));
    assert_eq!(fleet.strangers(&appids).await, Vec::<String>::new(), "stored and last issued differ");
    assert_eq!(wechat.max_refreshes_at_work(), 1, "overlaps");
    crate::say("soak: ok, zero accounts lost, zero overlaps");
    fleet.end().await;
}

/// Waits for the moment, and a little more.
async fn await_moment(wechat: &Control, moment: Moment, random: &Random) {
    pause_for(PAUSE + Duration::from_millis(random.below(MORE))).await;
    let count = || match moment {
        Moment::Begun => begun_and_ended(wechat).0,
        Moment::Answered => begun_and_ended(wechat).1,
        Moment::Any => 0,
    };
    let (before, watch) = (count(), Clock::stopwatch());
    while !matches!(moment, Moment::Any) && count() == before && watch.elapsed() < DULL {
        pause_for(Duration::from_millis(2)).await;
    }
    pause_for(Duration::from_millis(random.below(AFTER))).await;
}

fn begun_and_ended(wechat: &Control) -> (u64, u64) {
    let counts = wechat.counts(REFRESH, "");
    let begun: u64 = counts.iter().map(|line| line.count.calls).sum();
    let running: u64 = counts.iter().map(|line| u64::from(line.count.in_flight)).sum();
    (begun, begun - running)
}

fn lost(states: &[(Health, i64)]) -> i64 {
    let asks_for_people =
        [Health::NeedsReauthorization, Health::NotExchanged, Health::Unauthorized, Health::Paused];
    states.iter().filter(|(health, _)| asks_for_people.contains(health)).map(|(_, count)| count).sum()
}

fn books(wechat: &Control, kills: u64) -> String {
    let counts = wechat.counts(REFRESH, "");
    let sum = |of: fn(&hufu::sandbox::Count) -> u64| counts.iter().map(|line| of(&line.count)).sum::<u64>();
    format!(
        "{kills} kills, {} refreshes begun, {} cut off, {} refused, at most {} at once for one account",
        sum(|count| count.calls),
        sum(|count| count.in_doubt),
        sum(|count| count.errors) - sum(|count| count.in_doubt),
        wechat.max_refreshes_at_work(),
    )
}
