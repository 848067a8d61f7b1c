//! A load on a server, from a child process: many kept-open connections that send requests from a file, one after the
//! other, and say at the end how many were answered and how fast.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use clap::Args;
use serde::{Deserialize, Serialize};
use tokio::task::JoinSet;

use crate::clock::{Clock, Stopwatch};

use super::super::failure::Failure;
use super::super::say;
use super::child;
use super::http::Connection;
use super::report::per_second;

#[derive(Args, Clone, Debug)]
pub(in crate::cli) struct Load {
    #[arg(long)]
    address: SocketAddr,
    /// Requests as `write` leaves them.
    #[arg(long)]
    requests: PathBuf,
    #[arg(long)]
    concurrency: usize,
    #[arg(long)]
    seconds: u64,
    /// Sends each request once instead of beginning again.
    #[arg(long)]
    once: bool,
}

/// What a load found.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(super) struct Loaded {
    /// Answers with a status below 400.
    pub(super) done: u64,
    pub(super) refused: u64,
    pub(super) seconds: f64,
    pub(super) p50_ms: f64,
    pub(super) p99_ms: f64,
}

impl Loaded {
    pub(super) fn rate(&self) -> f64 {
        per_second(self.done, Duration::from_secs_f64(self.seconds))
    }
}

/// Puts requests into a file for the child.
pub(super) fn write(path: &Path, requests: &[Vec<u8>]) -> Result<(), Failure> {
    let mut bytes = Vec::new();
    for request in requests {
        bytes.extend(u32::try_from(request.len()).unwrap_or(u32::MAX).to_be_bytes());
        bytes.extend(request);
    }
    std::fs::write(path, bytes).map_err(Failure::other)
}

fn read(path: &Path) -> Result<Vec<Vec<u8>>, Failure> {
    let bytes = std::fs::read(path).map_err(Failure::other)?;
    let (mut rest, mut requests) = (bytes.as_slice(), Vec::new());
    while let Some((length, after)) = rest.split_first_chunk::<4>() {
        let length = usize::try_from(u32::from_be_bytes(*length)).unwrap_or(usize::MAX);
        let (request, after) = after.split_at_checked(length).unwrap_or((after, &[]));
        requests.push(request.to_vec());
        rest = after;
    }
    Ok(requests)
}

/// Runs a load in a child process and waits for its end.
pub(super) async fn run_child(
    address: SocketAddr,
    requests: &Path,
    (concurrency, span): (u64, Duration),
    more: &[&str],
) -> Result<Loaded, Failure> {
    let (address, file) = (address.to_string(), requests.display().to_string());
    let (concurrency, seconds) = (concurrency.to_string(), span.as_secs().max(1).to_string());
    let arguments = [
        &[
            "load",
            "--address",
            &address,
            "--requests",
            &file,
            "--concurrency",
            &concurrency,
            "--seconds",
            &seconds,
        ],
        more,
    ];
    let child = child::Running::start(&arguments.concat()).await?;
    serde_json::from_str(&child.said).map_err(Failure::other)
}

/// What the child does.
pub(super) async fn run(load: Load) -> Result<(), Failure> {
    child::end_with_parent();
    let requests = Arc::new(read(&load.requests)?);
    let (next, watch) = (Arc::new(AtomicUsize::new(0)), Clock::stopwatch());
    let mut senders = JoinSet::new();
    for _ in 0..load.concurrency {
        senders.spawn(send(load.clone(), Arc::clone(&requests), Arc::clone(&next), watch));
    }
    let (mut loaded, mut took) = (Loaded::default(), Vec::new());
    while let Some(ended) = senders.join_next().await {
        let (spans, refused) = ended.map_err(Failure::other)??;
        loaded.refused += refused;
        took.extend(spans);
    }
    loaded.seconds = watch.elapsed().as_secs_f64();
    loaded.done = u64::try_from(took.len()).unwrap_or(u64::MAX) - loaded.refused;
    took.sort_unstable();
    (loaded.p50_ms, loaded.p99_ms) = (percentile(&took, 50), percentile(&took, 99));
    say::line(&serde_json::to_string(&loaded).map_err(Failure::other)?);
    Ok(())
}

async fn send(
    load: Load,
    requests: Arc<Vec<Vec<u8>>>,
    next: Arc<AtomicUsize>,
    watch: Stopwatch,
) -> Result<(Vec<Duration>, u64), Failure> {
    let mut connection = Connection::open(load.address).await?;
    let (mut spans, mut refused) = (Vec::new(), 0);
    while watch.elapsed().as_secs() < load.seconds {
        let number = next.fetch_add(1, Ordering::Relaxed);
        if load.once && number >= requests.len() {
            break;
        }
        let Some(request) = requests.get(number % requests.len().max(1)) else { break };
        let answer = connection.send(request).await?;
        refused += u64::from(answer.status >= 400);
        spans.push(answer.took);
    }
    Ok((spans, refused))
}

/// In milliseconds, of sorted spans.
pub(super) fn percentile(sorted: &[Duration], percent: usize) -> f64 {
    let at = (sorted.len() * percent / 100).min(sorted.len().saturating_sub(1));
    sorted.get(at).map_or(0.0, |span| span.as_secs_f64() * 1000.0)
}
