//! Starts and stops the sandbox: one port for the API, the consent pages, the control page and the control API.

use std::net::{IpAddr, Ipv4Addr, SocketAddr, TcpListener};
use std::sync::Arc;
use std::time::Duration;

use actix_web::dev::ServerHandle;
use actix_web::{App, HttpServer, web};
use tokio::runtime::Handle;
use tokio::sync::Notify;
use url::Url;

use super::caller::Caller;
use super::control::Control;
use super::seed::WorldFile;
use super::state::{Shared, World};
use super::{avatar, consent, control, endpoints};
use crate::clock::Clock;
use crate::random::Random;

/// How often the ticket pusher looks at the clock.
const PUSHER_LOOKS_EVERY: Duration = Duration::from_millis(200);
const BODY_LIMIT: usize = 4 * 1024 * 1024;

#[derive(Clone, Debug)]
pub struct SandboxConfig {
    /// Port 0 takes any free one.
    pub listen: SocketAddr,
    /// The same ids, codes and tokens again for the same sequence of calls. Left out: the system's randomness.
    pub seed: Option<u64>,
    /// `Clock::shiftable()` or `Clock::manual(…)` can be moved through the control API.
    pub clock: Clock,
    /// The address under which others see the sandbox, if it is not the one it listens on.
    pub public_url: Option<Url>,
    /// What exists at the start and after a reset.
    pub world: WorldFile,
    /// How many calls the journal remembers in full; the counts are never lost.
    pub journal_capacity: usize,
}

impl Default for SandboxConfig {
    /// A free port of this machine, a clock that can be moved, one component and a few accounts.
    fn default() -> Self {
        Self {
            listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 0)),
            seed: None,
            clock: Clock::shiftable(),
            public_url: None,
            world: WorldFile::newcomer(),
            journal_capacity: 4000,
        }
    }
}

#[derive(Debug, thiserror::Error)]
pub enum SandboxError {
    #[error("cannot listen on {address}")]
    Listen { address: SocketAddr, source: std::io::Error },
    #[error("cannot make the HTTP client for pushes")]
    Http(#[source] reqwest::Error),
    #[error("the start configuration is wrong: {0}")]
    World(String),
}

/// A running sandbox. Stop it with [`Sandbox::stop`]; dropping it leaves it running until the runtime ends.
pub struct Sandbox {
    url: Url,
    control: Control,
    server: ServerHandle,
    stopping: Arc<Notify>,
}

/// Serves API, consent pages, control page and control API on one port.
///
/// # Errors
/// A [`SandboxError`] when the port is taken or the start configuration names what does not exist.
pub async fn start(config: SandboxConfig) -> Result<Sandbox, SandboxError> {
    let listen_error = |source| SandboxError::Listen { address: config.listen, source };
    let listener = TcpListener::bind(config.listen).map_err(listen_error)?;
    let address = listener.local_addr().map_err(listen_error)?;
    let url = config.public_url.clone().unwrap_or_else(|| url_of(address));
    let random = config.seed.map_or_else(Random::system, Random::seeded);
    let base_url = url.as_str().trim_end_matches('/').to_owned();
    let mut world = World::empty(config.clock.clone(), random, base_url, config.journal_capacity);
    config.world.settle(&mut world).map_err(SandboxError::World)?;
    let shared = Shared::new(world, Handle::current(), push_client()?);
    let control = Control::new(Arc::clone(&shared), config.world, config.journal_capacity);
    let server = serve(listener, &shared, &control).map_err(listen_error)?;
    let stopping = Arc::new(Notify::new());
    shared.spawn(push_tickets(Arc::clone(&shared), Arc::clone(&stopping)));
    Ok(Sandbox { url, control, server, stopping })
}

impl Sandbox {
    /// `HUFU_WECHAT_API_URL`, `HUFU_WECHAT_MP_URL` and `HUFU_WECHAT_OPEN_URL` in one, and the control page.
    pub fn url(&self) -> Url {
        self.url.clone()
    }

    /// The verbs of the control API, in process.
    pub fn control(&self) -> Control {
        self.control.clone()
    }

    /// Stops at once; connections are closed.
    pub async fn stop(self) {
        self.stopping.notify_one();
        self.server.stop(false).await;
    }
}

fn serve(listener: TcpListener, shared: &Arc<Shared>, control: &Control) -> std::io::Result<ServerHandle> {
    let (data, verbs) = (web::Data::from(Arc::clone(shared)), web::Data::new(control.clone()));
    let server = HttpServer::new(move || {
        App::new()
            .app_data(data.clone())
            .app_data(verbs.clone())
            .app_data(web::PayloadConfig::new(BODY_LIMIT))
            .configure(consent::routes)
            .configure(avatar::routes)
            .configure(control::routes)
            .default_service(web::to(endpoints::serve::api))
    })
    .on_connect(Caller::arrives)
    .workers(2)
    .disable_signals()
    .shutdown_timeout(1)
    .listen(listener)?
    .run();
    let handle = server.handle();
    shared.spawn(async move {
        if let Err(error) = server.await {
            tracing::error!(%error, "the sandbox stopped serving");
        }
    });
    Ok(handle)
}

/// A socket that listens everywhere is reached here.
fn url_of(address: SocketAddr) -> Url {
    let ip = match address.ip() {
        ip if ip.is_unspecified() => IpAddr::V4(Ipv4Addr::LOCALHOST),
        ip => ip,
    };
    let mut url = Url::parse("http://127.0.0.1").unwrap_or_else(|_| unreachable!("a constant"));
    let _ = url.set_ip_host(ip);
    let _ = url.set_port(Some(address.port()));
    url
}

fn push_client() -> Result<reqwest::Client, SandboxError> {
    // Fails when another part of the program was first, which is as good.
    let _ = rustls::crypto::ring::default_provider().install_default();
    reqwest::Client::builder()
        .no_proxy()
        .gzip(false)
        .http1_title_case_headers()
        .redirect(reqwest::redirect::Policy::none())
        .build()
        .map_err(SandboxError::Http)
}

async fn push_tickets(shared: Arc<Shared>, stopping: Arc<Notify>) {
    while tokio::time::timeout(PUSHER_LOOKS_EVERY, stopping.notified()).await.is_err() {
        shared.with(World::push_due_tickets);
    }
}
