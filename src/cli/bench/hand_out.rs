//! `hufu bench hand-out`: access tokens handed out to holders of an API key through the real web server, against
//! actix-web's own plain-text answer in the same process with as many workers.
//!
//! The load is a child process on kept-open raw sockets. The ceiling is measured before and after, as the machine may
//! change its mind in between.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use clap::Args;

use crate::domain::api_key::{Allowed, Scope, Sources};
use crate::domain::audit::Actor;
use crate::secret::Secret;
use crate::service::create_api_key::{self, NewKey};

use super::super::failure::Failure;
use super::house::House;
use super::load::{self, Loaded};
use super::report::{Line, Report, number};
use super::seed::{self, Crowd, Look};
use super::{Common, http, plain, process};

#[derive(Args, Clone, Debug)]
pub(in crate::cli) struct HandOut {
    #[command(flatten)]
    pub(super) common: Common,
    /// Connections that ask at once.
    #[arg(long, default_value_t = 32, value_parser = clap::value_parser!(u64).range(1..=1000))]
    concurrency: u64,
    /// Accounts whose tokens are asked for, in turns.
    #[arg(long, default_value_t = 1_000)]
    accounts: u64,
}

pub(super) async fn run(args: HandOut) -> Result<Report, Failure> {
    let log = [("HUFU_LOG", "info".to_owned())];
    let house = House::build(args.common.database_url.as_deref(), &log).await?;
    let mut report = Report::new("hand-out", house.scratch.describe());
    report.setup("concurrency", args.concurrency);
    report.setup("accounts", args.accounts);
    report.setup("seconds", args.common.seconds);
    report.setup("log", "info");
    report.setup("load", "a child process");
    house.inhabit(async |house| measure(&mut report, house, &args).await).await?;
    Ok(report)
}

async fn measure(report: &mut Report, house: &House, args: &HandOut) -> Result<(), Failure> {
    let asked = requests(house, args).await?;
    let (plain, address) = plain::server()?;
    let greeting = house.scratch.folder().join("plain");
    load::write(&greeting, &[http::get(plain::PATH, "")])?;
    let before = at(args, address, &greeting).await?;
    let (handed, each) = on_the_clock(at(args, house.address()?, &asked)).await?;
    let (after, each_plain) = on_the_clock(at(args, address, &greeting)).await?;
    plain.stop(false).await;
    let ceiling = f64::midpoint(before.rate(), after.rate());
    report.line(Line::new("tokens handed out", handed.rate(), "/s").against(ceiling, "≥ 0.7"));
    report.line(Line::new("p50", handed.p50_ms, "ms").against(after.p50_ms, ""));
    report.line(Line::new("p99", handed.p99_ms, "ms").against(after.p99_ms, ""));
    if let (Some(each), Some(plain)) = (each, each_plain) {
        report.line(Line::new("processor time of a request", each, "µs").against(plain, ""));
    }
    Ok(())
}

/// What a load found, and the microseconds of processor time that each answer took this process.
async fn on_the_clock(
    load: impl Future<Output = Result<Loaded, Failure>>,
) -> Result<(Loaded, Option<f64>), Failure> {
    let before = process::cpu("self");
    let loaded = load.await?;
    let used = process::cpu("self").zip(before).map(|(after, before)| after.saturating_sub(before));
    let each = used.map(|used| used.as_secs_f64() * 1e6 / number(loaded.done.max(1)));
    Ok((loaded, each))
}

async fn at(args: &HandOut, address: SocketAddr, requests: &Path) -> Result<Loaded, Failure> {
    let loaded = load::run_child(address, requests, (args.concurrency, args.common.span() / 2), &[]).await?;
    if loaded.refused > 0 {
        return Err(Failure::sentence(format!("{} requests were refused", loaded.refused)));
    }
    Ok(loaded)
}

/// One request for each account, with the key of a business server.
async fn requests(house: &House, args: &HandOut) -> Result<PathBuf, Failure> {
    let (cx, tenant) = (house.cx(), house.tenant("bench").await?);
    let component = house.component("wxbench").await?;
    let crowd = Crowd { tenant: &tenant, component: &component, look: Look::MidLife };
    seed::accounts(cx, &house.scratch, &crowd, (0, args.accounts)).await?;
    let new = NewKey {
        name: "bench".to_owned(),
        scopes: vec![Scope::ReadToken],
        authorizers: Allowed::All,
        sources: Sources::Anywhere,
        lives_for: None,
    };
    let made = create_api_key::run(cx, cx.clock.now(), &Actor::cli(), &tenant, new).await?;
    let key = format!("authorization: Bearer {}\r\n", made.secret.expose());
    let requests: Vec<Vec<u8>> = (0..args.accounts)
        .map(|number| http::get(&format!("/api/v1/authorizers/{}/access-token", seed::appid(number)), &key))
        .collect();
    let file = house.scratch.folder().join("requests");
    load::write(&file, &requests)?;
    Ok(file)
}
