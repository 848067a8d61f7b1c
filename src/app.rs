//! Puts the parts together: database, vault, WeChat client, web server, scheduler.

use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;

use actix_web::dev::ServerHandle;
use tokio::task::JoinHandle;
use url::Url;

use crate::clock::Clock;
use crate::config::{Config, Mail};
use crate::jobs::Pulse;
use crate::mail::{Mailer, NoMailer};
use crate::random::Random;
use crate::service::ladder::Ladder;
use crate::service::listing::Listings;
use crate::service::measure::Measured;
use crate::service::outage::Silences;
use crate::service::push_keys::PushKeys;
use crate::service::record_refreshes::Recorder;
use crate::service::refresh_queue::Refreshing;
use crate::service::shelf::Shelf;
use crate::service::sign_audit::Remembered;
use crate::service::store_tickets::Tickets;
use crate::service::token_reads::{self, TokenReads};
use crate::service::{Context, Settings, Wake, hear_changes, keep_time, open_vault};
use crate::store::{Store, StoreError, lease};
use crate::vault::KeySource;
use crate::web::Mount;
use crate::wechat::Client;

mod guests;
pub mod instruments;
mod meter;
mod wire;

use guests::Guests;

/// Who makes the scheduler tick.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ticking {
    /// The alarm clock, as in production.
    Pulse,
    /// The caller, with `jobs::Engine::tick`: for tests.
    ByHand,
}

/// A portal that answers. Dropping it stops nothing: call [`Running::stop`].
pub struct Running {
    /// Where it listens; people may reach it elsewhere, see `context.settings.public_url`.
    pub url: Url,
    pub context: Context,
    handle: ServerHandle,
    server: JoinHandle<std::io::Result<()>>,
    pulse: Option<Pulse>,
    upkeep: JoinHandle<()>,
    hearing: JoinHandle<()>,
}

/// Why the portal did not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error("HUFU_LISTEN: cannot listen on {address}")]
    Listen { address: SocketAddr, source: std::io::Error },
    #[error("HUFU_LISTEN: {0} makes no address for browsers; set HUFU_PUBLIC_URL")]
    Address(SocketAddr),
    #[error("the WeChat client cannot be set up")]
    Wechat(#[from] crate::wechat::WechatError),
    #[error(transparent)]
    Mail(#[from] NoMailer),
    #[error("the scheduler cannot be started: {0}")]
    Pulse(String),
    #[error("the web server stopped")]
    Server(#[source] std::io::Error),
}

/// Opens the database and the vault and puts together what use cases need; nothing listens or ticks.
///
/// # Errors
/// See [`StartError`].
pub async fn open(config: &Config, clock: Clock, random: Random) -> Result<Context, StartError> {
    open_at(config, clock, random, config.listen).await
}

async fn open_at(
    config: &Config,
    clock: Clock,
    random: Random,
    address: SocketAddr,
) -> Result<Context, StartError> {
    let public_url = match &config.public_url {
        Some(url) => url.clone(),
        None => url_of(address)?,
    };
    let store = Store::connect_with(config.database_url.expose(), config.database_connections).await?;
    let vault = open_vault::run(&store, &key_source(config), &random).await?;
    let settings = Settings {
        public_url,
        mp_url: config.wechat_mp_url.clone(),
        open_url: config.wechat_open_url.clone(),
        refresh_parallel: config.refresh_parallel,
        refresh_rate: config.refresh_rate,
        trusted_proxies: config.trusted_proxies.clone(),
        mail: mailer(config)?,
        require_admin_mfa: config.require_admin_mfa,
        sign_up: config.sign_up,
        holder: format!("{}-{}", std::process::id(), random.base62(8)),
    };
    let context = Context {
        wechat: Client::new(config.wechat_api_url.clone())?,
        settings: Arc::new(settings),
        wake: Wake::default(),
        listings: Listings::default(),
        recorder: Recorder::default(),
        measured: Measured::default(),
        silences: Silences::default(),
        refreshing: Refreshing::default(),
        ladder: Ladder::new(config.refresh_parallel),
        shelf: Shelf::default(),
        tickets: Tickets::default(),
        push_keys: PushKeys::default(),
        token_reads: TokenReads::default(),
        signed: Remembered::default(),
        store,
        vault,
        random,
        clock,
    };
    keep_time::take_over(&context).await?;
    Ok(context)
}

/// Where the configuration says that the master keys are.
pub fn key_source(config: &Config) -> KeySource {
    match &config.master_key {
        Some(text) => KeySource::Text(text.expose()),
        None => KeySource::File(config.master_key_file.clone()),
    }
}

/// Starts everything. Returns once requests are answered.
///
/// # Errors
/// See [`StartError`].
pub async fn start(
    config: &Config,
    clock: Clock,
    random: Random,
    ticking: Ticking,
) -> Result<Running, StartError> {
    // First, so that a second start finds the port taken before it touches the database.
    let refused = |source| StartError::Listen { address: config.listen, source };
    let listener = TcpListener::bind(config.listen).map_err(refused)?;
    let address = listener.local_addr().map_err(refused)?;
    let context = open_at(config, clock, random, address).await?;
    keep_time::catch_up(&context).await?;
    release_leases(&context).await?;
    let guests = Guests::new(config.connections_per_address, config.trusted_proxies.clone());
    let (handle, server) = serve(&context, listener, guests).await.map_err(|error| match error {
        ServeError::Listen(source) => refused(source),
        ServeError::Store(error) => error.into(),
    })?;
    let pulse = match ticking {
        Ticking::Pulse => {
            Some(Pulse::start(context.clone()).await.map_err(|error| StartError::Pulse(error.to_string()))?)
        }
        Ticking::ByHand => None,
    };
    let hearing = tokio::spawn(hear_changes::run(context.store.clone()));
    Ok(Running { url: url_of(address)?, context, handle, server, pulse, upkeep: meter::upkeep(), hearing })
}

fn mailer(config: &Config) -> Result<Option<Mailer>, NoMailer> {
    let mailer = |mail: &Mail| Mailer::new(mail.smtp_url.expose(), &mail.from);
    config.mail.as_ref().map(mailer).transpose()
}

/// What a killed predecessor held would rest until its leases lapse. Other processes' leases are left alone.
async fn release_leases(cx: &Context) -> Result<(), StoreError> {
    if cx.store.is_shared() {
        return Ok(());
    }
    let mut tx = cx.store.write().await?;
    lease::release_all(&mut tx, cx.clock.now()).await?;
    tx.commit().await
}

enum ServeError {
    Listen(std::io::Error),
    Store(StoreError),
}

async fn serve(
    cx: &Context,
    listener: TcpListener,
    guests: Guests,
) -> Result<(ServerHandle, JoinHandle<std::io::Result<()>>), ServeError> {
    let key = open_vault::cookie_key(&cx.store, &cx.vault, &cx.random).await.map_err(ServeError::Store)?;
    let mount = Mount::new(cx.clone(), &key, meter::handle());
    let server = wire::serve(mount, listener, guests).map_err(ServeError::Listen)?;
    let handle = server.handle();
    Ok((handle, tokio::spawn(server)))
}

impl Running {
    /// Waits until the web server ends by itself, which it only does when it breaks.
    ///
    /// # Errors
    /// `Server`.
    pub async fn ended(&mut self) -> Result<(), StartError> {
        match (&mut self.server).await {
            Ok(outcome) => outcome.map_err(StartError::Server),
            Err(error) => Err(StartError::Server(std::io::Error::other(error))),
        }
    }

    /// Takes no more requests, finishes those under way, lets the scheduler finish its tick, writes down which tokens were
    /// read, closes the database.
    pub async fn stop(self) {
        self.handle.stop(true).await;
        self.context.recorder.close();
        if let Some(pulse) = self.pulse {
            pulse.stop().await;
        }
        self.upkeep.abort();
        self.hearing.abort();
        // Nobody reads any more. What was read since the last minute began is not in the database yet.
        let cx = &self.context;
        if let Err(error) = token_reads::keep(cx, cx.clock.now()).await {
            let error = &error as &dyn std::error::Error;
            tracing::error!(error, "the last counts of token reads are lost");
        }
        self.context.store.close().await;
    }
}

/// `http://` and the address; one that means "every interface" is reached at this machine's own.
fn url_of(address: SocketAddr) -> Result<Url, StartError> {
    let host = match address {
        SocketAddr::V4(v4) if v4.ip().is_unspecified() => format!("127.0.0.1:{}", v4.port()),
        SocketAddr::V6(v6) if v6.ip().is_unspecified() => format!("[::1]:{}", v6.port()),
        other => other.to_string(),
    };
    Url::parse(&format!("http://{host}/")).map_err(|_| StartError::Address(address))
}
