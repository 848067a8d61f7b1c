//! Logs to standard error, as text or as JSON.

use std::io::IsTerminal;

use tracing_subscriber::EnvFilter;

use crate::config::{Config, LogFormat};

/// What libraries say on every start is of no use to anyone, and what they say in detail holds addresses and headers,
/// which carry codes and tokens. A filter that names them still gets them.
pub const LOUD_LIBRARIES_ARE_QUIET: &str = "actix_server=warn,tokio_cron_scheduler=warn,actix_http=info,actix_web=info,reqwest=info,\
                     hyper=info,hyper_util=info,sqlx=info";

/// Once for each process; what is set up already stays.
pub(super) fn start(config: &Config) {
    let filter = EnvFilter::try_new(format!("{LOUD_LIBRARIES_ARE_QUIET},{}", config.log)).unwrap_or_default();
    let colours = std::io::stderr().is_terminal();
    let builder =
        tracing_subscriber::fmt().with_env_filter(filter).with_ansi(colours).with_writer(std::io::stderr);
    let _ = match config.log_format {
        LogFormat::Text => builder.try_init(),
        LogFormat::Json => builder.json().try_init(),
    };
}
