//! `hufu serve`: the portal, until it is asked to stop.

use tokio::signal::unix::{SignalKind, signal};

use crate::app::{self, Running, Ticking};
use crate::clock::Clock;
use crate::config::Config;
use crate::random::Random;
use crate::secret::Secret;
use crate::service::set_up;

use super::failure::Failure;
use super::{logging, say};

pub(super) async fn run(config: &Config) -> Result<(), Failure> {
    logging::start(config);
    let running = app::start(config, Clock::system(), Random::system(), Ticking::Pulse).await?;
    let cx = &running.context;
    say::line(&format!(
        "Hufu {} listens on {}, people reach it at {}",
        env!("CARGO_PKG_VERSION"),
        running.url,
        cx.settings.public_url
    ));
    if let Some(token) = set_up::offer(cx, cx.clock.now()).await? {
        say::line("还没有管理员。请在 24 小时内打开下面的链接，成为第一位管理员：");
        say::line("There is no administrator yet. Open this link within 24 hours to become the first:");
        say::line(&format!("{}setup/{}", cx.settings.public_url, token.expose()));
    }
    until_stopped(running).await
}

/// Waits for SIGTERM, SIGINT or the server's own end, then stops everything in order.
pub(super) async fn until_stopped(mut running: Running) -> Result<(), Failure> {
    let mut terminate = signal(SignalKind::terminate()).map_err(Failure::other)?;
    let mut interrupt = signal(SignalKind::interrupt()).map_err(Failure::other)?;
    let outcome = tokio::select! {
        _ = terminate.recv() => Ok(()),
        _ = interrupt.recv() => Ok(()),
        ended = running.ended() => ended,
    };
    tracing::info!("stopping");
    tokio::select! {
        () = running.stop() => {}
        // Who asks twice does not want to wait.
        _ = interrupt.recv() => {}
    }
    Ok(outcome?)
}
