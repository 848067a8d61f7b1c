//! `hufu demo`: everything at once, to try: a portal, a WeChat of its own, sample tenants and logins, in a temporary
//! folder that is gone afterwards.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::Path;

use clap::Args;
use url::Url;

use crate::app::{self, Running, StartError, Ticking};
use crate::clock::Clock;
use crate::config::Config;
use crate::random::Random;
use crate::sandbox::{Sandbox, SandboxConfig, SandboxError};
use crate::secret::Secret as _;

use super::failure::Failure;
use super::folder::Folder;
use super::{logging, say, serve};

mod accounts;
mod day;
mod links;
mod seed;

const PORTAL: SocketAddr = SocketAddr::new(std::net::IpAddr::V4(std::net::Ipv4Addr::LOCALHOST), 8080);
const SANDBOX: SocketAddr = SocketAddr::new(std::net::IpAddr::V4(std::net::Ipv4Addr::LOCALHOST), 8090);

#[derive(Args, Debug)]
pub(super) struct Demo {
    /// Where the portal listens; 127.0.0.1:8080, or any free port when that is taken.
    #[arg(long)]
    listen: Option<SocketAddr>,
    /// Where the WeChat sandbox listens; 127.0.0.1:8090, or any free port when that is taken.
    #[arg(long)]
    sandbox_listen: Option<SocketAddr>,
    /// What is logged, as HUFU_LOG.
    #[arg(long, default_value = "warn")]
    log: String,
}

pub(super) async fn run(demo: Demo) -> Result<(), Failure> {
    let folder = Folder::make("hufu-demo")?;
    let sandbox = start_sandbox(&demo).await?;
    let running = start_portal(&demo, folder.path(), &sandbox.url()).await?;
    let seeded = seed::run(&running, &sandbox.control()).await;
    let outcome = match seeded {
        Ok(seeded) => {
            announce(&running, &sandbox, &seeded);
            serve::until_stopped(running).await
        }
        Err(failure) => {
            running.stop().await;
            Err(failure)
        }
    };
    sandbox.stop().await;
    outcome
}

fn announce(running: &Running, sandbox: &Sandbox, seeded: &seed::Seeded) {
    say::line("");
    say::line(&format!("  门户 / Portal            {}", running.context.settings.public_url));
    say::line(&format!("  微信沙盒 / WeChat sandbox {}", sandbox.url()));
    say::line("");
    for login in seed::LOGINS {
        say::line(&format!("  {:<24} {:<24} {}", login.email, login.password, login.meaning));
    }
    say::line("");
    say::line("  商户授权链接（无需登录）/ a link for a merchant without a login:");
    say::line(&format!("  {}", seeded.merchant));
    say::line("");
    say::line("  业务服务器取令牌 / what a business server asks:");
    say::line(&format!(
        "  curl -H 'Authorization: Bearer {}' {}api/v1/authorizers/{}/access-token",
        seeded.key.expose(),
        running.context.settings.public_url,
        accounts::HEALTHY,
    ));
    say::line("");
    say::line("  Ctrl-C 结束并清除一切 / ends it and leaves nothing behind");
    say::line("");
}

async fn start_sandbox(demo: &Demo) -> Result<Sandbox, Failure> {
    let at = |listen| SandboxConfig { listen, ..SandboxConfig::default() };
    let wanted = crate::sandbox::start(at(demo.sandbox_listen.unwrap_or(SANDBOX))).await;
    match wanted {
        Err(SandboxError::Listen { .. }) if demo.sandbox_listen.is_none() => {
            crate::sandbox::start(at(any_port(SANDBOX))).await.map_err(Failure::other)
        }
        other => other.map_err(Failure::other),
    }
}

async fn start_portal(demo: &Demo, folder: &Path, wechat: &Url) -> Result<Running, Failure> {
    let config = configuration(demo.listen.unwrap_or(PORTAL), folder, wechat, &demo.log)?;
    logging::start(&config);
    let start =
        async |config: &Config| app::start(config, Clock::system(), Random::system(), Ticking::Pulse).await;
    match start(&config).await {
        Err(StartError::Listen { .. }) if demo.listen.is_none() => {
            Ok(start(&Config { listen: any_port(PORTAL), ..config }).await?)
        }
        other => Ok(other?),
    }
}

/// Settings of its own: the environment's are for the real portal.
fn configuration(listen: SocketAddr, folder: &Path, wechat: &Url, log: &str) -> Result<Config, Failure> {
    let database = format!("sqlite:{}", folder.join("hufu.sqlite").display());
    let values = [
        ("HUFU_LISTEN", listen.to_string()),
        ("HUFU_DATABASE_URL", database),
        ("HUFU_WECHAT_API_URL", wechat.to_string()),
        ("HUFU_WECHAT_MP_URL", wechat.to_string()),
        ("HUFU_WECHAT_OPEN_URL", wechat.to_string()),
        // To look around at once; the page about security says so.
        ("HUFU_REQUIRE_ADMIN_MFA", "false".to_owned()),
        ("HUFU_LOG", log.to_owned()),
    ];
    let values: BTreeMap<String, String> =
        values.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
    Ok(Config::from_variables(&values)?)
}

fn any_port(address: SocketAddr) -> SocketAddr {
    SocketAddr::new(address.ip(), 0)
}
