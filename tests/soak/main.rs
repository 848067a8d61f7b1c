//! Many accounts with short tokens, for a long time, against the real programs; the sandbox's books are the judge.
//!
//! ```sh
//! SOAK_MINUTES=10 cargo test --test soak                    # 1,000 accounts with 60-second tokens on SQLite
//! SOAK_MINUTES=10 SOAK_POSTGRES=1 cargo test --test soak    # on HUFU_TEST_POSTGRES_URL
//! SOAK_KILLS=300 cargo test --test soak                     # 300 times `kill -9` at bad moments; SOAK_POSTGRES=1: 3 processes
//! SOAK_PROCESSES=8 SOAK_ACCOUNTS=1000 cargo test --test soak    # one refresher: on PostgreSQL, WeChat slower than a call may take
//! ```
//! `SOAK_ACCOUNTS` and `SOAK_TOKEN_SECONDS` change the size, `SOAK_KILL_SECONDS=45` kills the portal (`-9`) so often and
//! starts it again, `SOAK_SWITCHES='{"rotation":"single_use"}'` turns switches of the sandbox; `--release` makes it a
//! measurement.

#![expect(clippy::unwrap_used, clippy::expect_used, reason = "tests stop at the first surprise")]

mod books;
#[path = "../it/fleet/mod.rs"]
mod fleet;
mod house;
mod kills;
#[path = "../browser/harness/patience.rs"]
mod patience;
mod portal;
#[path = "../browser/harness/process.rs"]
mod process;
#[path = "../browser/harness/schema.rs"]
mod schema;

use std::io::Write as _;
use std::time::Duration;

use hufu::clock::Clock;
use serde_json::{Value, json};

use books::Books;
use fleet::Fleet;
use house::House;
use schema::Schema;

/// How often it looks.
const LOOK: Duration = Duration::from_secs(5);

struct Plan {
    span: Duration,
    accounts: usize,
    token_seconds: u64,
    /// How long the portal lives before it is killed, if it is.
    life: Option<Duration>,
    switches: Value,
}

fn main() {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    let accounts = |usual| u32::try_from(number("SOAK_ACCOUNTS").unwrap_or(usual)).unwrap();
    if let Some(kills) = number("SOAK_KILLS") {
        return runtime.block_on(kill_again_and_again(&kills::Plan { kills, accounts: accounts(100) }));
    }
    if let Some(processes) = number("SOAK_PROCESSES") {
        return runtime.block_on(one_refresher(usize::try_from(processes).unwrap(), accounts(1000)));
    }
    let Some(minutes) = number("SOAK_MINUTES") else {
        say("soak: not asked for (SOAK_MINUTES=10 cargo test --test soak)");
        return;
    };
    let token_seconds = number("SOAK_TOKEN_SECONDS").unwrap_or(60);
    let plan = Plan {
        span: Duration::from_secs(minutes * 60),
        accounts: usize::try_from(number("SOAK_ACCOUNTS").unwrap_or(1000)).unwrap(),
        token_seconds,
        life: number("SOAK_KILL_SECONDS").map(Duration::from_secs),
        switches: switches(token_seconds),
    };
    runtime.block_on(soak(&plan));
}

async fn kill_again_and_again(plan: &kills::Plan) {
    if std::env::var_os("SOAK_POSTGRES").is_some() {
        let schema = Schema::make().expect("PostgreSQL answers");
        return kills::run(Fleet::open(&schema.url(), 3).await, plan).await;
    }
    let folder = tempfile::TempDir::new().unwrap();
    let url = format!("sqlite:{}", folder.path().join("hufu.sqlite").display());
    kills::run(Fleet::open(&url, 1).await, plan).await;
}

/// The test of the suite (tests/it/many.rs) with as many accounts as wanted.
async fn one_refresher(processes: usize, accounts: u32) {
    let schema = Schema::make().expect("PostgreSQL answers");
    let mut fleet = Fleet::open(&schema.url(), processes).await;
    fleet.start().await;
    let verdict = fleet::trial::run(&fleet, accounts).await;
    say(&format!("{processes} processes, {accounts} accounts: {verdict:?}"));
    assert_eq!(verdict.most_at_once, 1, "overlaps");
    assert!(verdict.strangers.is_empty() && fleet.all_are_healthy().await, "{:?}", fleet.states().await);
    say("soak: ok");
    fleet.end().await;
}

async fn soak(plan: &Plan) {
    let mut house = House::open(plan.switches.clone()).await;
    let appids = house.grant_all(plan.accounts).await;
    house.wait_until_all_live(plan.accounts).await;
    house.forget_the_past().await;
    say(&format!("{} accounts are authorised; {} s begin", appids.len(), plan.span.as_secs()));

    let watch = Clock::stopwatch();
    let (mut looks, mut memory, mut born) = (0, Vec::new(), Clock::stopwatch());
    while watch.elapsed() < plan.span {
        patience::pause_for(LOOK).await;
        house.must_be_alive().await;
        let lapsed = house.lapsed().await;
        assert!(lapsed.is_empty(), "after {:?} these have no valid token: {lapsed:?}", watch.elapsed());
        memory.push(house.memory_kib());
        looks += 1;
        if plan.life.is_some_and(|life| born.elapsed() > life) {
            house.crash(plan.accounts).await;
            born = Clock::stopwatch();
        }
        if looks % 12 == 0 {
            let books = house.books().await;
            say(&format!(
                "{:>5} s  {}  portal {} KiB",
                watch.elapsed().as_secs(),
                books,
                memory.last().unwrap()
            ));
        }
    }
    judge(plan, &appids, &house.books().await, watch.elapsed());
    if plan.life.is_none() {
        judge_memory(&memory);
    }
    house.all_must_be_healthy(plan.accounts).await;
    say(&format!("soak: ok, {looks} looks, every token valid at each"));
}

/// Nobody was missed and nobody was refreshed twice at once.
fn judge(plan: &Plan, appids: &[String], books: &Books, elapsed: Duration) {
    say(&format!("in the end: {books}"));
    assert!(books.most_at_once <= 1, "an account was refreshed {} times at once", books.most_at_once);
    if plan.life.is_some() {
        return;
    }
    assert_eq!(books.errors, 0, "refreshes failed");
    // At the latest at 85 % of its life, with room for one look at each end.
    let latest = plan.token_seconds * 85 / 100 + 2;
    let least = (elapsed.as_secs() / latest).saturating_sub(1);
    let missed: Vec<_> = appids.iter().filter(|appid| books.calls_of(appid) < least).collect();
    assert!(missed.is_empty(), "refreshed fewer than {least} times: {missed:?}");
}

/// Flat: the last quarter uses hardly more than the second.
fn judge_memory(memory: &[u64]) {
    let quarter = memory.len() / 4;
    if quarter == 0 {
        return;
    }
    let most = |part: &[u64]| part.iter().copied().max().unwrap_or(0);
    let (early, late) = (most(&memory[quarter..2 * quarter]), most(&memory[3 * quarter..]));
    say(&format!("memory of the portal: {early} KiB in the second quarter, {late} KiB in the last"));
    assert!(late <= early + early / 5 + 4096, "the portal's memory grows");
}

fn switches(token_seconds: u64) -> Value {
    let mut switches = json!({ "access_token_seconds": token_seconds });
    if let Ok(more) = std::env::var("SOAK_SWITCHES") {
        let Ok(Value::Object(more)) = serde_json::from_str(&more) else {
            panic!("SOAK_SWITCHES is a JSON object")
        };
        switches.as_object_mut().unwrap().extend(more);
    }
    switches
}

fn number(name: &str) -> Option<u64> {
    let text = std::env::var(name).ok()?;
    Some(text.parse().unwrap_or_else(|_| panic!("{name} is a number, not {text}")))
}

fn say(line: &str) {
    std::io::stderr().write_all(format!("{line}\n").as_bytes()).unwrap();
}
