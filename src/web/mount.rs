//! Hangs the routes and their middleware into an actix application. `app.rs` and tests use it.

use actix_web::cookie::Key;
use actix_web::web::{Data, ServiceConfig};
use metrics_exporter_prometheus::PrometheusHandle;
use sha2::{Digest, Sha512};

use crate::secret::{CookieKey, Secret};
use crate::service::Context;

use super::ceremony::CeremonyKey;
use super::session_store::SessionRows;
use super::viewer::ReadOnly;
use super::{routes, session};

pub use super::headers::around;

/// What the web floor is made of. One for each worker is cloned from the first.
#[derive(Clone)]
pub struct Mount {
    cx: Context,
    cookie_key: Key,
    metrics: PrometheusHandle,
}

impl Mount {
    /// Sessions survive a restart as long as `cookie_key` stays the same.
    pub fn new(cx: Context, cookie_key: &CookieKey, metrics: PrometheusHandle) -> Self {
        Self { cx, cookie_key: Key::from(&Sha512::digest(cookie_key.expose().as_bytes())), metrics }
    }

    /// For `App::configure`.
    pub fn configure(&self, cfg: &mut ServiceConfig) {
        let cx = &self.cx;
        let rows = SessionRows::new(cx.store.clone(), cx.clock.clone(), cx.random.clone());
        let secure = cx.settings.public_url.scheme() == "https";
        cfg.app_data(Data::new(cx.clone()))
            .app_data(Data::new(ReadOnly::new(cx.store.clone())))
            .app_data(Data::new(self.metrics.clone()))
            .app_data(Data::new(CeremonyKey(self.cookie_key.clone())))
            // First, because they are asked for most.
            .configure(routes::programs)
            .configure(routes::machines)
            .service(routes::ui(session::middleware(rows, self.cookie_key.clone(), secure)));
    }
}
