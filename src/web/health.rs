//! What machines ask: is the process there, can it do its work, and how is it doing.

use actix_web::http::header::CACHE_CONTROL;
use actix_web::web::Data;
use actix_web::{HttpResponse, Responder};
use metrics_exporter_prometheus::PrometheusHandle;
use serde_json::json;

use crate::clock::Timestamp;
use crate::service::Context;
use crate::store::StoreError;

use super::error::chain;
use super::viewer::HEARTBEAT_LOST;
use super::viewer::ReadOnly;

/// `GET /healthz`: the process answers.
pub(super) async fn alive() -> impl Responder {
    HttpResponse::Ok().insert_header((CACHE_CONTROL, "no-store")).content_type("text/plain").body("ok")
}

/// `GET /readyz`: the database can be read and the scheduler's heartbeat is fresh; 503 otherwise.
pub(super) async fn ready(cx: Data<Context>, db: Data<ReadOnly>) -> impl Responder {
    let now = cx.clock.now();
    let (database, beat) = match heartbeat(&db).await {
        Ok(beat) => ("ok", beat),
        Err(error) => {
            tracing::error!(error = chain(&error), "the database cannot be read");
            ("failed", None)
        }
    };
    let age = beat.map(|at| now.since(at));
    let fresh = age.is_some_and(|age| age <= HEARTBEAT_LOST);
    let ready = fresh && database == "ok";
    let mut response = if ready { HttpResponse::Ok() } else { HttpResponse::ServiceUnavailable() };
    response.insert_header((CACHE_CONTROL, "no-store")).json(json!({
        "ready": ready,
        "database": database,
        "scheduler": if fresh { "ok" } else { "lost" },
        "heartbeat_age_seconds": age.map(|age| age.as_secs()),
        "version": env!("CARGO_PKG_VERSION"),
    }))
}

async fn heartbeat(db: &ReadOnly) -> Result<Option<Timestamp>, StoreError> {
    db.heartbeat().await
}

/// `GET /metrics`, for Prometheus.
pub(super) async fn metrics(handle: Data<PrometheusHandle>) -> impl Responder {
    HttpResponse::Ok().content_type("text/plain; version=0.0.4; charset=utf-8").body(handle.render())
}
