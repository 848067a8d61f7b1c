//! Every setting as a type. They come from the environment (`HUFU_LISTEN`) or from `hufu.toml` (`listen`); the
//! environment wins. A key nobody knows is a mistake, and all mistakes are told at once.

use std::collections::BTreeMap;
use std::net::{IpAddr, SocketAddr};
use std::path::{Path, PathBuf};

use ipnet::IpNet;
use url::Url;

mod keys;
mod mail;
mod source;

pub use keys::{KEYS, Key};
pub use mail::{Mail, SmtpUrl};
use source::Values;
pub use source::environment;

/// What the program was told, checked.
#[derive(Clone, Debug)]
pub struct Config {
    /// `HUFU_LISTEN`: the address to listen on. Port 0 takes a free one.
    pub listen: SocketAddr,
    /// `HUFU_PUBLIC_URL`: where people reach the portal. `None`: the address that is listened on.
    pub public_url: Option<Url>,
    /// `HUFU_DATABASE_URL`, or the file named by `HUFU_DATABASE_URL_FILE`.
    pub database_url: DatabaseUrl,
    /// `HUFU_DATABASE_CONNECTIONS`: connections to PostgreSQL at once, 2 to 1000.
    pub database_connections: u32,
    /// `HUFU_MASTER_KEY_FILE`: the keys that wrap the keys of the database's secrets.
    pub master_key_file: PathBuf,
    /// `HUFU_MASTER_KEY`: the same keys themselves; no file is used then.
    pub master_key: Option<MasterKeyText>,
    /// `HUFU_WECHAT_API_URL`.
    pub wechat_api_url: Url,
    /// `HUFU_WECHAT_MP_URL`: the consent page for computers.
    pub wechat_mp_url: Url,
    /// `HUFU_WECHAT_OPEN_URL`: the consent page for phones.
    pub wechat_open_url: Url,
    /// `HUFU_REFRESH_PARALLEL`: refreshes in flight at once, 1 to 1000.
    pub refresh_parallel: usize,
    /// `HUFU_REFRESH_RATE`: refreshes that may begin in a second for each component, 1 to 10000.
    pub refresh_rate: u32,
    /// `HUFU_TRUSTED_PROXIES`: whose `X-Forwarded-For` is believed; nobody's by default.
    pub trusted_proxies: Vec<IpNet>,
    /// `HUFU_CONNECTIONS_PER_ADDRESS`: connections that one address may hold open, 1 to 100000.
    pub connections_per_address: usize,
    /// `HUFU_SMTP_URL` and `HUFU_MAIL_FROM`. `None`: no letters, links are shown to whoever makes them.
    pub mail: Option<Mail>,
    /// `HUFU_REQUIRE_ADMIN_MFA`: platform administrators need a second factor.
    pub require_admin_mfa: bool,
    /// `HUFU_SIGN_UP`: companies may make tenants of their own; needs `mail`.
    pub sign_up: bool,
    /// `HUFU_LOG`: what is logged, as in `info,hufu=debug`.
    pub log: String,
    /// `HUFU_LOG_FORMAT`.
    pub log_format: LogFormat,
}

/// An address that may hold a password: it is never printed.
#[derive(Clone, PartialEq, Eq)]
pub struct DatabaseUrl(String);

impl DatabaseUrl {
    pub fn new(url: impl Into<String>) -> Self {
        Self(url.into())
    }

    /// The address itself, for connecting.
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// The file of an SQLite database; `None` for PostgreSQL and for one in memory.
    pub fn sqlite_file(&self) -> Option<PathBuf> {
        let path = self.0.strip_prefix("sqlite:")?;
        let path = path.strip_prefix("//").unwrap_or(path);
        let path = path.split('?').next().unwrap_or("");
        (!path.is_empty() && path != ":memory:").then(|| PathBuf::from(path))
    }

    /// `sqlite` or `postgres`.
    pub fn kind(&self) -> &str {
        self.0.split(':').next().unwrap_or("")
    }
}

impl std::fmt::Debug for DatabaseUrl {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}:…", self.kind())
    }
}

/// Master keys in clear: never printed, wiped when dropped.
#[derive(Clone)]
pub struct MasterKeyText(std::sync::Arc<zeroize::Zeroizing<String>>);

impl MasterKeyText {
    /// The lines themselves, for the vault.
    pub fn expose(&self) -> std::sync::Arc<zeroize::Zeroizing<String>> {
        std::sync::Arc::clone(&self.0)
    }
}

impl std::fmt::Debug for MasterKeyText {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("MasterKeyText(…)")
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LogFormat {
    Text,
    Json,
}

/// Everything that is wrong with the configuration, one sentence each, naming the key.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the configuration is not right:{}", .problems.iter().map(|p| format!("\n  {p}")).collect::<String>())]
pub struct ConfigError {
    pub problems: Vec<String>,
}

impl Config {
    /// Reads the environment and the file it names, or `./hufu.toml` when there is one.
    ///
    /// # Errors
    /// Every mistake that was found.
    pub fn load(variables: &BTreeMap<String, String>) -> Result<Self, ConfigError> {
        Self::collect(variables, |path| std::fs::read_to_string(path))
    }

    /// As `load` without looking for a file.
    ///
    /// # Errors
    /// Every mistake that was found.
    pub fn from_variables(variables: &BTreeMap<String, String>) -> Result<Self, ConfigError> {
        Self::collect(variables, |_| Err(std::io::ErrorKind::NotFound.into()))
    }

    fn collect(
        variables: &BTreeMap<String, String>,
        read: impl Fn(&Path) -> std::io::Result<String>,
    ) -> Result<Self, ConfigError> {
        let mut values = Values::collect(variables, read);
        let config = Self::from_values(&mut values);
        values.finish(config)
    }

    fn from_values(values: &mut Values) -> Option<Self> {
        let listen = values
            .parse("HUFU_LISTEN", "an address with a port, such as 127.0.0.1:8080", |text| text.parse().ok());
        let public_url = values.parse_optional("HUFU_PUBLIC_URL", ORIGIN, origin);
        let database_url =
            values.parse("HUFU_DATABASE_URL", "`sqlite:<file>` or `postgres://…`", database_url);
        let database_connections =
            values.parse("HUFU_DATABASE_CONNECTIONS", "a number from 2 to 1000", |text| {
                text.parse().ok().filter(|number| (2..=1000).contains(number))
            });
        let named_key =
            values.parse_optional("HUFU_MASTER_KEY_FILE", "a path", |text| Some(PathBuf::from(text)));
        let master_key = values.parse_optional("HUFU_MASTER_KEY", MASTER_KEY, master_key);
        let wechat_api_url = values.parse("HUFU_WECHAT_API_URL", HTTP, base_url);
        let wechat_mp_url = values.parse("HUFU_WECHAT_MP_URL", HTTP, base_url);
        let wechat_open_url = values.parse("HUFU_WECHAT_OPEN_URL", HTTP, base_url);
        let refresh_parallel = values.parse("HUFU_REFRESH_PARALLEL", "a number from 1 to 1000", |text| {
            text.parse().ok().filter(|number| (1..=1000).contains(number))
        });
        let refresh_rate = values.parse("HUFU_REFRESH_RATE", "a number from 1 to 10000", |text| {
            text.parse().ok().filter(|number| (1..=10_000).contains(number))
        });
        let trusted_proxies = values.parse_optional(
            "HUFU_TRUSTED_PROXIES",
            "addresses or ranges such as 127.0.0.1, 10.0.0.0/8, with commas between",
            networks,
        );
        let connections_per_address =
            values.parse("HUFU_CONNECTIONS_PER_ADDRESS", "a number from 1 to 100000", |text| {
                text.parse().ok().filter(|number| (1..=100_000).contains(number))
            });
        let mail = Mail::from_values(values);
        let require_admin_mfa =
            values.parse("HUFU_REQUIRE_ADMIN_MFA", "`true` or `false`", |text| text.parse().ok());
        let sign_up = sign_up(values);
        let log = values.parse("HUFU_LOG", "a filter such as `info` or `info,hufu=debug`", log_filter);
        let log_format = values.parse("HUFU_LOG_FORMAT", "`text` or `json`", log_format);
        let database_url = database_url?;
        Some(Self {
            listen: listen?,
            public_url,
            master_key,
            master_key_file: named_key.unwrap_or_else(|| beside(&database_url)),
            database_url,
            database_connections: database_connections?,
            wechat_api_url: wechat_api_url?,
            wechat_mp_url: wechat_mp_url?,
            wechat_open_url: wechat_open_url?,
            refresh_parallel: refresh_parallel?,
            refresh_rate: refresh_rate?,
            trusted_proxies: trusted_proxies.unwrap_or_default(),
            connections_per_address: connections_per_address?,
            mail,
            require_admin_mfa: require_admin_mfa?,
            sign_up: sign_up?,
            log: log?,
            log_format: log_format?,
        })
    }
}

const ORIGIN: &str = "an address such as https://hufu.example.com, without a path";
const MASTER_KEY: &str = "one or more `hufu-key <id> <base64 of 32 bytes>`, with semicolons between";
const HTTP: &str = "an http or https address";

/// Scheme, host and port and nothing else: WeChat compares the host, and our own paths start at the root.
fn origin(text: &str) -> Option<Url> {
    let url = base_url(text)?;
    (url.path() == "/").then_some(url)
}

fn base_url(text: &str) -> Option<Url> {
    let url = Url::parse(text).ok()?;
    let plain = url.query().is_none() && url.fragment().is_none() && url.password().is_none();
    let named = url.username().is_empty() && url.has_host();
    (matches!(url.scheme(), "http" | "https") && plain && named).then_some(url)
}

/// Whoever signs up proves an address by letter.
fn sign_up(values: &mut Values) -> Option<bool> {
    let wanted = values.parse("HUFU_SIGN_UP", "`true` or `false`", |text| text.parse().ok())?;
    if wanted && !values.is_set("HUFU_SMTP_URL") {
        values.problem("HUFU_SIGN_UP needs a mail server: set HUFU_SMTP_URL and HUFU_MAIL_FROM".to_owned());
    }
    Some(wanted)
}

fn master_key(text: &str) -> Option<MasterKeyText> {
    let text = zeroize::Zeroizing::new(text.to_owned());
    text.starts_with("hufu-key ").then(|| MasterKeyText(std::sync::Arc::new(text)))
}

fn database_url(text: &str) -> Option<DatabaseUrl> {
    let known = ["sqlite:", "postgres://", "postgresql://"].iter().any(|kind| text.starts_with(kind));
    (known && text != "sqlite:").then(|| DatabaseUrl::new(text))
}

fn networks(text: &str) -> Option<Vec<IpNet>> {
    let network = |text: &str| text.parse().ok().or_else(|| text.parse::<IpAddr>().ok().map(IpNet::from));
    text.split(',').map(|part| network(part.trim())).collect()
}

fn log_filter(text: &str) -> Option<String> {
    tracing_subscriber::EnvFilter::try_new(text).ok().map(|_| text.to_owned())
}

fn log_format(text: &str) -> Option<LogFormat> {
    match text {
        "text" => Some(LogFormat::Text),
        "json" => Some(LogFormat::Json),
        _ => None,
    }
}

/// Beside the SQLite file, so that both are moved and backed up together on purpose or not at all.
fn beside(database: &DatabaseUrl) -> PathBuf {
    let file = database.sqlite_file();
    let folder = file.as_deref().and_then(Path::parent).unwrap_or_else(|| Path::new(""));
    folder.join("hufu.key")
}
