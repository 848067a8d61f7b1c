//! `hufu bench size`: what very many accounts cost a process that has nothing to do: bytes on the disk, bytes in memory,
//! time from its start to its first `ready`, time on the processors.
//!
//! The process is a child, `hufu serve` itself, once over an empty database and once over the full one.

use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use clap::Args;

use crate::clock::Clock;

use super::super::failure::Failure;
use super::house::House;
use super::http::{self, Connection};
use super::report::{Line, Report, number};
use super::scratch::Scratch;
use super::seed::{self, Crowd, Look};
use super::{Common, process};

/// Whoever takes longer to be ready never will be.
const PATIENCE: Duration = Duration::from_secs(60);

#[derive(Args, Clone, Debug)]
pub(in crate::cli) struct Size {
    #[command(flatten)]
    pub(super) common: Common,
    #[arg(long, default_value_t = 1_000_000)]
    accounts: u64,
}

/// What one process used.
struct Used {
    ready: Duration,
    memory: Option<u64>,
    /// Of one processor, from 0 to 1, while nothing was asked of it.
    idle: Option<f64>,
}

pub(super) async fn run(args: Size) -> Result<Report, Failure> {
    let house = House::build(args.common.database_url.as_deref(), &[]).await?;
    let mut report = Report::new("size", house.scratch.describe());
    report.setup("accounts", args.accounts);
    report.setup("seconds", args.common.seconds);
    report.setup("ceiling", "the same process over an empty database");
    house.inhabit(async |house| measure(&mut report, house, &args).await).await?;
    Ok(report)
}

async fn measure(report: &mut Report, house: &House, args: &Size) -> Result<(), Failure> {
    let (component, tenant) = (house.component("wxbench").await?, house.tenant("bench").await?);
    let (empty, bytes_before) =
        (serve(&house.scratch, args.common.span()).await?, house.scratch.bytes().await?);
    let crowd = Crowd { tenant: &tenant, component: &component, look: Look::Mixed };
    seed::accounts(house.cx(), &house.scratch, &crowd, (0, args.accounts)).await?;
    let bytes = house.scratch.bytes().await?.saturating_sub(bytes_before);
    let full = serve(&house.scratch, args.common.span()).await?;
    let accounts = number(args.accounts);
    report.line(Line::new("on the disk, of each account", number(bytes) / accounts, "B"));
    if let (Some(full), Some(empty)) = (full.memory, empty.memory) {
        let each = number(full.saturating_sub(empty)) / accounts;
        report.line(Line::new("in memory, of each account", each, "B"));
        report
            .line(Line::new("in memory, in all", number(full) / 1e6, "MB").against(number(empty) / 1e6, ""));
    }
    let millis = |span: Duration| span.as_secs_f64() * 1000.0;
    report.line(
        Line::new("from its start to ready", millis(full.ready), "ms").against(millis(empty.ready), ""),
    );
    if let (Some(full), Some(empty)) = (full.idle, empty.idle) {
        let of = |share: f64| share * 100.0;
        report.line(Line::new("idle, of one processor", of(full), "%").against(of(empty), ""));
    }
    Ok(())
}

/// Starts the real thing, waits until it is ready, and watches it do nothing.
async fn serve(scratch: &Scratch, span: Duration) -> Result<Used, Failure> {
    let address = free_port()?;
    let watch = Clock::stopwatch();
    let child = Server::start(scratch, address)?;
    let ready = loop {
        if is_ready(address).await {
            break watch.elapsed();
        }
        if watch.elapsed() > PATIENCE {
            return Err(Failure::sentence("the portal did not become ready"));
        }
        Clock::pause(Duration::from_millis(2)).await;
    };
    // Whatever it does at its start is not idling.
    rest(Duration::from_secs(2)).await;
    let pid = child.0.id().to_string();
    let (before, watch) = (process::cpu(&pid), Clock::stopwatch());
    rest(span).await;
    let used = process::cpu(&pid).zip(before).map(|(after, before)| after.saturating_sub(before));
    let idle = used.map(|used| used.as_secs_f64() / watch.elapsed().as_secs_f64());
    Ok(Used { ready, memory: process::memory(&pid), idle })
}

async fn rest(span: Duration) {
    let watch = Clock::stopwatch();
    while watch.elapsed() < span {
        Clock::pause(Duration::from_millis(100)).await;
    }
}

async fn is_ready(address: SocketAddr) -> bool {
    let Ok(mut connection) = Connection::open(address).await else { return false };
    connection.send(&http::get("/readyz", "")).await.is_ok_and(|answer| answer.status == 200)
}

/// One that nobody listens on at this moment.
fn free_port() -> Result<SocketAddr, Failure> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).map_err(Failure::other)?;
    listener.local_addr().map_err(Failure::other)
}

/// A `hufu serve`. Dropping it kills it, which it must survive anyway.
struct Server(Child);

impl Server {
    fn start(scratch: &Scratch, address: SocketAddr) -> Result<Self, Failure> {
        let mut command = Command::new(std::env::current_exe().map_err(Failure::other)?);
        command
            .arg("serve")
            .current_dir(scratch.folder())
            .env("HUFU_LISTEN", address.to_string())
            .env("HUFU_DATABASE_URL", scratch.url.expose())
            .env("HUFU_MASTER_KEY_FILE", scratch.folder().join("hufu.key"))
            .env("HUFU_WECHAT_API_URL", "http://127.0.0.1:9/")
            .env("HUFU_LOG", "error")
            .stdin(Stdio::null())
            .stdout(Stdio::null());
        command.spawn().map(Self).map_err(Failure::other)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // An error here means that it has ended already.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}
