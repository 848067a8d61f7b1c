//! `hufu bench refresh`: refreshes that were claimed, called, sealed, journaled and recorded, against the same client
//! calling the same server at the same concurrency with no database behind it.
//!
//! The server is a child process. The ceiling is measured before and after the engine, half of the time each, so that
//! a machine that grows slower in between does not flatter anyone.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use clap::Args;
use tokio::task::JoinSet;

use crate::clock::Clock;
use crate::domain::ids::{AuthorizerAppid, ComponentAppid, TenantId};
use crate::jobs::Engine;
use crate::secret::{AuthorizerRefreshToken, ComponentAccessToken, Secret};
use crate::service::Context;
use crate::wechat::api::api_authorizer_token;

use super::super::failure::Failure;
use super::Common;
use super::ceiling::REFRESH_TOKEN;
use super::child;
use super::house::House;
use super::report::{Line, Report, per_second};
use super::seed::{self, Crowd, Look};

#[derive(Args, Clone, Debug)]
pub(in crate::cli) struct Refresh {
    #[command(flatten)]
    pub(super) common: Common,
    /// Calls in flight at once.
    #[arg(long, default_value_t = 32, value_parser = clap::value_parser!(u64).range(1..=1000))]
    concurrency: u64,
    /// How long the server takes to answer; each is measured by itself.
    #[arg(long, value_name = "MS", value_delimiter = ',', default_values_t = [0, 50])]
    latency_ms: Vec<u64>,
    /// Accounts that are due at the start of each measurement.
    #[arg(long, default_value_t = 50_000)]
    accounts: u64,
}

pub(super) async fn run(args: Refresh) -> Result<Report, Failure> {
    let server = child::Running::start(&["ceiling"]).await?;
    let settings = [
        ("HUFU_REFRESH_PARALLEL", args.concurrency.to_string()),
        // As many as there can be: the budget is not what is measured.
        ("HUFU_REFRESH_RATE", "10000".to_owned()),
    ];
    let house = House::build(args.common.database_url.as_deref(), &settings).await?;
    let mut report = Report::new("refresh", house.scratch.describe());
    report.setup("concurrency", args.concurrency);
    report.setup("accounts_due", args.accounts);
    report.setup("seconds", args.common.seconds);
    report.setup("server", "a child process");
    house
        .inhabit(async |house| {
            let tenant = house.tenant("bench").await?;
            for latency in &args.latency_ms {
                let cx = house.with_wechat(&format!("http://{}/{latency}/", server.said))?;
                measure(&mut report, (house, &tenant, &cx), *latency, &args).await?;
            }
            Ok(())
        })
        .await?;
    Ok(report)
}

async fn measure(
    report: &mut Report,
    (house, tenant, cx): (&House, &TenantId, &Context),
    latency: u64,
    args: &Refresh,
) -> Result<(), Failure> {
    let component = house.component(&format!("wxbench{latency:09}")).await?;
    let crowd = Crowd { tenant, component: &component, look: Look::Due };
    seed::accounts(cx, &house.scratch, &crowd, (0, args.accounts)).await?;
    let half = args.common.span() / 2;
    let before = bare(cx, args.concurrency, half / 2).await?;
    let engine = refreshes(house, cx, &component, half).await?;
    let after = bare(cx, args.concurrency, half / 2).await?;
    let ceiling = f64::midpoint(before, after);
    report
        .line(Line::new(format!("refreshes, {latency} ms latency"), engine, "/s").against(ceiling, "≥ 0.6"));
    Ok(())
}

/// Calls a second of the bare client.
async fn bare(cx: &Context, concurrency: u64, span: Duration) -> Result<f64, Failure> {
    let (done, watch) = (Arc::new(AtomicU64::new(0)), Clock::stopwatch());
    let mut callers = JoinSet::new();
    for number in 0..concurrency {
        let (cx, done) = (cx.clone(), Arc::clone(&done));
        let component = ComponentAppid::parse("wxbench").map_err(Failure::other)?;
        let authorizer = AuthorizerAppid::parse(&seed::appid(number)).map_err(Failure::other)?;
        callers.spawn(async move {
            let token = ComponentAccessToken::new(cx.random.base62(157));
            let refresh = AuthorizerRefreshToken::new(REFRESH_TOKEN);
            while watch.elapsed() < span {
                api_authorizer_token::call(&cx.wechat, &component, &token, &authorizer, &refresh).await?;
                done.fetch_add(1, Ordering::Relaxed);
            }
            Ok::<(), crate::wechat::WechatError>(())
        });
    }
    while let Some(ended) = callers.join_next().await {
        ended.map_err(Failure::other)?.map_err(Failure::other)?;
    }
    Ok(per_second(done.load(Ordering::Relaxed), watch.elapsed()))
}

/// Refreshes a second of the real engine: those that are in the database when the time is over.
async fn refreshes(
    house: &House,
    cx: &Context,
    component: &ComponentAppid,
    span: Duration,
) -> Result<f64, Failure> {
    let mut raw = house.scratch.connect().await?;
    let due = format!(
        "SELECT COUNT(*) FROM authorizer WHERE component_appid = '{component}' AND next_refresh_at <= {}",
        cx.clock.now().unix()
    );
    let recorded = format!(
        "SELECT COUNT(*) FROM attempt WHERE component_appid = '{component}' AND outcome = 'succeeded'"
    );
    let (engine, watch) = (Engine::new(cx.clone()), Clock::stopwatch());
    let mut ticks = JoinSet::new();
    let (mut left, mut done) = (1, 0);
    // A machine that does not manage one in the time gets a little more.
    while left > 0 && (watch.elapsed() < span || done == 0 && watch.elapsed() < span * 20) {
        // As the alarm clock does: ticks overlap.
        let (engine, now) = (engine.clone(), cx.clock.now());
        ticks.spawn(async move { engine.tick(now).await });
        Clock::pause((span / 10).min(Duration::from_millis(500))).await;
        left = raw.number(due.clone()).await?;
        done = raw.number(recorded.clone()).await?;
    }
    let elapsed = watch.elapsed();
    // With nothing due any more the engine comes to rest by itself.
    let rest = format!(
        "UPDATE authorizer SET next_refresh_at = NULL WHERE component_appid = '{component}' AND generation = 1"
    );
    // PostgreSQL may choose it for the victim of a deadlock with accounts that are being recorded: then once more.
    let mut rested = raw.execute(rest.clone()).await;
    for _ in 0..4 {
        if rested.is_ok() {
            break;
        }
        rested = raw.execute(rest.clone()).await;
    }
    rested?;
    while let Some(ended) = ticks.join_next().await {
        ended.map_err(Failure::other)?;
    }
    Ok(per_second(done, elapsed))
}
