//! `hufu sandbox`: the WeChat simulator alone, for anyone's portal or SDK.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};

use clap::Args;
use tokio::signal::unix::{SignalKind, signal};
use url::Url;

use crate::clock::Clock;
use crate::sandbox::{self, ComponentPatch, SandboxConfig, WorldFile};

use super::failure::Failure;
use super::say;

const LISTEN: SocketAddr = SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 9797);

#[derive(Args, Debug)]
pub(super) struct Sandbox {
    /// Where it listens; port 0 takes any free one.
    #[arg(long, default_value_t = LISTEN)]
    listen: SocketAddr,
    /// Makes ids, codes and tokens come out the same every time.
    #[arg(long)]
    seed: Option<u64>,
    /// Components, accounts, grants, faults and switches to start with, as JSON; without it there is one ready component.
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    /// The address under which others see it, if it is not the one it listens on.
    #[arg(long, value_name = "URL")]
    public_url: Option<Url>,
}

pub(super) async fn run(args: Sandbox) -> Result<(), Failure> {
    let world = match &args.config {
        Some(path) => read(path)?,
        None => WorldFile::newcomer(),
    };
    let components = world.components.clone();
    let config = SandboxConfig {
        listen: args.listen,
        seed: args.seed,
        clock: Clock::shiftable(),
        public_url: args.public_url,
        world,
        ..SandboxConfig::default()
    };
    let sandbox = sandbox::start(config).await.map_err(Failure::other)?;
    announce(&sandbox.url(), &components);
    let mut terminate = signal(SignalKind::terminate()).map_err(Failure::other)?;
    let mut interrupt = signal(SignalKind::interrupt()).map_err(Failure::other)?;
    tokio::select! {
        _ = terminate.recv() => {}
        _ = interrupt.recv() => {}
    }
    sandbox.stop().await;
    Ok(())
}

fn read(path: &Path) -> Result<WorldFile, Failure> {
    let text = std::fs::read_to_string(path)
        .map_err(|error| Failure::usage(format!("--config {}: {error}", path.display())))?;
    serde_json::from_str(&text)
        .map_err(|error| Failure::usage(format!("--config {}: {error}", path.display())))
}

fn announce(url: &Url, components: &[ComponentPatch]) {
    say::line("");
    say::line(&format!("  微信沙盒 / WeChat sandbox   {url}"));
    say::line(&format!("  control API                {url}sandbox/api/state"));
    say::line("");
    say::line("  Point a portal or an SDK here:");
    for name in ["HUFU_WECHAT_API_URL", "HUFU_WECHAT_MP_URL", "HUFU_WECHAT_OPEN_URL"] {
        say::line(&format!("    {name}={url}"));
    }
    for component in components {
        say::line("");
        for (name, value) in [
            ("component_appid", &component.appid),
            ("appsecret", &component.secret),
            ("token", &component.token),
            ("EncodingAESKey", &component.aes_key),
        ] {
            say::line(&format!(
                "  {name:<16} {}",
                value.as_deref().unwrap_or("(made at random, see the page)")
            ));
        }
    }
    say::line("");
}
