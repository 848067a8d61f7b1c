//! `hufu bench`: what this build does on this machine, as ratios to a ceiling that the same run measures. Absolute
//! figures belong to one machine and one day; the ratios say what Hufu itself costs.

use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, Subcommand};
use tokio::signal::unix::{SignalKind, signal};

use super::failure::Failure;
use super::say;

mod audit;
mod audit_seed;
mod ceiling;
mod child;
mod hand_out;
mod house;
mod http;
mod list;
mod load;
mod plain;
mod plan;
mod process;
mod push;
mod refresh;
mod report;
mod scratch;
mod seed;
mod size;

use report::Report;

#[derive(Debug, Subcommand)]
pub(super) enum Bench {
    /// Refreshes from claim to record, against the bare HTTP client.
    Refresh(refresh::Refresh),
    /// Tokens handed out over HTTP, against actix-web's plain-text answer.
    HandOut(hand_out::HandOut),
    /// Tickets pushed over HTTP, against the bare cost of their cryptography.
    Push(push::Push),
    /// What very many accounts cost on the disk, in memory, at the start and at rest.
    Size(size::Size),
    /// A day of a platform in virtual time: how late, how often, how close to the end. Takes as long as it takes.
    Plan(plan::Plan),
    /// Pages of lists at very different sizes, each against the smallest.
    List(list::List),
    /// The audit's pages, export and verification at very different lengths, each against the shortest.
    Audit(audit::Audit),
    /// Requests from a file, over many connections.
    #[command(hide = true)]
    Load(load::Load),
    /// A server that answers every call with the same tokens: what the others measure against.
    #[command(hide = true)]
    Ceiling,
}

/// What every bench takes.
#[derive(Args, Clone, Debug)]
pub(in crate::cli) struct Common {
    /// Where to make the scratch database: a PostgreSQL server's postgres://… ; without it, a temporary SQLite file.
    #[arg(long, value_name = "URL")]
    database_url: Option<String>,
    /// How long each measurement takes.
    #[arg(long, value_name = "S", default_value_t = 10, value_parser = clap::value_parser!(u64).range(1..=600))]
    seconds: u64,
    /// Also writes the figures as JSON, to a file or to standard output (`-`).
    #[arg(long, value_name = "FILE|-")]
    json: Option<PathBuf>,
}

impl Common {
    const fn span(&self) -> Duration {
        Duration::from_secs(self.seconds)
    }
}

pub(super) async fn run(bench: Bench) -> Result<(), Failure> {
    match bench {
        Bench::Ceiling => ceiling::run().await,
        Bench::Load(args) => load::run(args).await,
        Bench::HandOut(args) => publish(&args.common.clone(), hand_out::run(args)).await,
        Bench::Push(args) => publish(&args.common.clone(), push::run(args)).await,
        Bench::Size(args) => publish(&args.common.clone(), size::run(args)).await,
        Bench::Plan(args) => publish(&args.common.clone(), plan::run(args)).await,
        Bench::List(args) => publish(&args.common.clone(), list::run(args)).await,
        Bench::Audit(args) => publish(&args.common.clone(), audit::run(args)).await,
        Bench::Refresh(args) => publish(&args.common.clone(), refresh::run(args)).await,
    }
}

/// Waits for a bench, or until somebody asks it to stop: what it made is taken down in either case.
async fn publish(
    common: &Common,
    bench: impl Future<Output = Result<Report, Failure>>,
) -> Result<(), Failure> {
    let mut interrupt = signal(SignalKind::interrupt()).map_err(Failure::other)?;
    let report = tokio::select! {
        report = bench => report?,
        _ = interrupt.recv() => return Err(Failure::sentence("interrupted")),
    };
    match common.json.as_deref() {
        Some(path) if path.as_os_str() == "-" => say::line(&report.json()),
        Some(path) => {
            std::fs::write(path, report.json()).map_err(Failure::other)?;
            say::line(&report.table());
        }
        None => say::line(&report.table()),
    }
    Ok(())
}
