//! `hufu bench plan`: a day of a platform in virtual time. The real engine plans, claims, calls, journals and records on
//! a real database; only the clock is moved by hand, from one due second to the next, and nothing waits.
//!
//! The provider answers at once in real time. That it takes a while in virtual time is reckoned afterwards from the calls
//! of each virtual second, as a queue before the slots: so the wait for a free slot counts as lateness.
//!
//! The least number of calls is that of the plan itself: each account once in 80 % of its token's life.

use std::time::Duration;

use clap::Args;

use crate::clock::{Clock, Timestamp};
use crate::jobs::Engine;
use crate::service::Context;

use super::super::failure::Failure;
use super::house::House;
use super::report::{Line, Report, number};
use super::scratch::Raw;
use super::seed::{self, Crowd, Look};
use super::{Common, child};

const LIFE: u64 = 7200;
const SHARE: f64 = 0.8;
/// What a token must always have left.
const LEAST_LEFT: f64 = 300.0;

#[derive(Args, Clone, Debug)]
pub(in crate::cli) struct Plan {
    #[command(flatten)]
    pub(super) common: Common,
    #[arg(long, default_value_t = 50_000)]
    accounts: u64,
    /// Virtual hours.
    #[arg(long, default_value_t = 24)]
    hours: u64,
    /// How long WeChat takes to answer, in virtual time.
    #[arg(long, value_name = "MS", default_value_t = 300)]
    latency_ms: u64,
    /// Calls in flight at once.
    #[arg(long, default_value_t = 32, value_parser = clap::value_parser!(u64).range(1..=1000))]
    concurrency: u64,
}

pub(super) async fn run(args: Plan) -> Result<Report, Failure> {
    if args.common.database_url.is_some() {
        return Err(Failure::usage("--database-url: the plan is watched on SQLite only"));
    }
    let server = child::Running::start(&["ceiling"]).await?;
    let parallel = [("HUFU_REFRESH_PARALLEL", args.concurrency.to_string())];
    let house = House::build(None, &parallel).await?;
    let mut report = Report::new("plan", house.scratch.describe());
    report.setup("accounts", args.accounts);
    report.setup("token_life_seconds", LIFE);
    report.setup("virtual_hours", args.hours);
    report.setup("latency_ms", args.latency_ms);
    report.setup("slots", args.concurrency);
    house
        .inhabit(async |house| {
            let clock = Clock::manual(house.cx().clock.now());
            let wechat = house.with_wechat(&format!("http://{}/0/", server.said))?;
            measure(&mut report, house, &Context { clock, ..wechat }, &args).await
        })
        .await?;
    Ok(report)
}

async fn measure(report: &mut Report, house: &House, cx: &Context, args: &Plan) -> Result<(), Failure> {
    let (component, tenant) = (house.component("wxbench").await?, house.tenant("bench").await?);
    let crowd = Crowd { tenant: &tenant, component: &component, look: Look::MidLife };
    seed::accounts(cx, &house.scratch, &crowd, (0, args.accounts)).await?;
    let mut raw = house.scratch.connect().await?;
    raw.execute(WATCH.to_owned()).await?;
    let watch = Clock::stopwatch();
    live(cx, &mut raw, Duration::from_secs(args.hours * 3600)).await?;
    let real = watch.elapsed();
    let seen = raw.triples("SELECT at, late, n FROM bench_seen ORDER BY at, late DESC".to_owned()).await?;
    let seen: Vec<Seen> = seen.into_iter().map(Seen::from).collect();
    let waits = waits(&seen, args);
    let calls: u64 = seen.iter().map(|one| one.calls).sum();
    let least = number(args.accounts) * number(args.hours * 3600) / (SHARE * number(LIFE));
    let left = raw.number("SELECT MIN(least_left) FROM bench_seen".to_owned()).await?;
    let idle = raw.number("SELECT COUNT(*) FROM authorizer WHERE health <> 'healthy'".to_owned()).await?;
    report
        .line(Line::new("least life that any token had left", number(left), "s").against(LEAST_LEFT, "≥ 1"));
    report.line(Line::new("calls", number(calls), "").against(least, "0.95 – 1.05"));
    report.line(Line::new("lateness, p99", percentile(&waits, 99), "s").against(10.0, "< 1"));
    report.line(Line::new("lateness, most", percentile(&waits, 100), "s"));
    report.line(
        Line::new("most calls in a virtual second", number(most(&seen)), "").against(capacity(args), "≤ 1"),
    );
    report.line(Line::new("accounts that are not healthy at the end", number(idle), ""));
    report.line(Line::new("virtual hours in a real second", number(args.hours) / real.as_secs_f64(), "h/s"));
    Ok(())
}

/// Each refresh as the database saw it: when, how late after its plan, and what its token had left.
const WATCH: &str = "CREATE TABLE bench_seen (at BIGINT, late BIGINT, n BIGINT, least_left BIGINT, PRIMARY KEY (at, late)); \
    CREATE TRIGGER bench_see AFTER UPDATE OF token_obtained_at ON authorizer BEGIN \
    INSERT INTO bench_seen VALUES (NEW.token_obtained_at, NEW.token_obtained_at - OLD.next_refresh_at, 1, \
    OLD.token_expires_at - NEW.token_obtained_at) ON CONFLICT DO UPDATE SET n = n + 1, \
    least_left = MIN(least_left, excluded.least_left); END";

/// Ticks in every virtual second in which something is due, and in each minute.
async fn live(cx: &Context, raw: &mut Raw, span: Duration) -> Result<(), Failure> {
    let (engine, end) = (Engine::new(cx.clone()), cx.clock.now().plus(span));
    let mut tickets_until = Timestamp::EPOCH;
    while cx.clock.now() < end {
        let now = cx.clock.now();
        if tickets_until <= now {
            // WeChat would have pushed a new one.
            raw.execute(format!("UPDATE component_ticket SET received_at = {now}, create_time = {now}"))
                .await?;
            tickets_until = now.plus(Duration::from_secs(600));
        }
        engine.tick(now).await;
        let due = raw.number("SELECT COALESCE(MIN(next_refresh_at), 0) FROM authorizer".to_owned()).await?;
        let next = Timestamp::from_unix(i64::try_from(due).unwrap_or(i64::MAX));
        let step = now.until(next).clamp(Duration::from_secs(1), Duration::from_secs(60));
        cx.clock.advance(step);
    }
    Ok(())
}

/// Calls of one virtual second with the same lateness.
struct Seen {
    at: u64,
    late: u64,
    calls: u64,
}

impl From<(i64, i64, i64)> for Seen {
    fn from((at, late, calls): (i64, i64, i64)) -> Self {
        let number = |value| u64::try_from(value).unwrap_or(0);
        Self { at: number(at), late: number(late), calls: number(calls) }
    }
}

/// How many seconds so many calls waited at most: the engine's own lateness, a second because it looks once a second, and
/// the wait for one of the slots. Sorted.
fn waits(seen: &[Seen], args: &Plan) -> Vec<(f64, u64)> {
    let (rate, mut free_at) = (capacity(args), 0.0_f64);
    let mut waits = Vec::with_capacity(seen.len());
    for one in seen {
        let at = number(one.at);
        free_at = free_at.max(at) + number(one.calls) / rate;
        waits.push((number(one.late) + 1.0 + free_at - at, one.calls));
    }
    waits.sort_by(|a, b| a.0.total_cmp(&b.0));
    waits
}

/// Calls a virtual second that the slots allow.
fn capacity(args: &Plan) -> f64 {
    number(args.concurrency) * 1000.0 / number(args.latency_ms.max(1))
}

fn most(seen: &[Seen]) -> u64 {
    let mut seconds = std::collections::BTreeMap::new();
    for one in seen {
        *seconds.entry(one.at).or_insert(0) += one.calls;
    }
    seconds.into_values().max().unwrap_or(0)
}

fn percentile(sorted: &[(f64, u64)], percent: u64) -> f64 {
    let all: u64 = sorted.iter().map(|(_, calls)| calls).sum();
    let mut left = all * percent / 100;
    for (wait, calls) in sorted {
        if *calls >= left {
            return *wait;
        }
        left -= calls;
    }
    sorted.last().map_or(0.0, |(wait, _)| *wait)
}
