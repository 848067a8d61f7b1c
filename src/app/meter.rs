//! The recorder behind `metrics::counter!` and its like: one for the process.

use std::sync::OnceLock;
use std::time::Duration;

use metrics_exporter_prometheus::{Matcher, PrometheusBuilder, PrometheusHandle};
use tokio::task::JoinHandle;

/// Samples of histograms pile up until they are folded into their buckets.
const UPKEEP_EVERY: Duration = Duration::from_secs(5);

/// Seconds; a call to WeChat ends at 8.
const BUCKETS: &[f64] = &[0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 8.0];

/// What `/metrics` prints.
pub(super) fn handle() -> PrometheusHandle {
    static HANDLE: OnceLock<PrometheusHandle> = OnceLock::new();
    HANDLE
        .get_or_init(|| {
            let builder = || {
                let builder = PrometheusBuilder::new();
                builder
                    .set_buckets_for_metric(Matcher::Suffix("_seconds".to_owned()), BUCKETS)
                    .unwrap_or_else(|_| PrometheusBuilder::new())
            };
            // Somebody else's recorder is in place: ours prints nothing then.
            builder().install_recorder().unwrap_or_else(|_| builder().build_recorder().handle())
        })
        .clone()
}

/// Keeps the recorder's memory flat also when nobody ever reads `/metrics`.
pub(super) fn upkeep() -> JoinHandle<()> {
    tokio::spawn(async {
        let mut every = tokio::time::interval(UPKEEP_EVERY);
        loop {
            every.tick().await;
            handle().run_upkeep();
        }
    })
}
