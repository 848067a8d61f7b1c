//! The recorder behind `metrics::counter!` and its like: one for the process, told of every instrument there is.

use std::sync::OnceLock;
use std::time::Duration;

use metrics::{Unit, describe_counter, describe_gauge, describe_histogram};
use metrics_exporter_prometheus::{Matcher, PrometheusBuilder, PrometheusHandle};
use tokio::task::JoinHandle;

use crate::domain::health::Health;
use crate::domain::letter::LetterKind;
use crate::jobs::Job;
use crate::service::foreign_refresher::Evidence;
use crate::store::attempt::Outcome;

use super::instruments::{self, Instrument, Kind};

/// Samples of histograms pile up until they are folded into their buckets.
const UPKEEP_EVERY: Duration = Duration::from_secs(5);

/// What `/metrics` prints.
pub(super) fn handle() -> PrometheusHandle {
    static HANDLE: OnceLock<PrometheusHandle> = OnceLock::new();
    HANDLE
        .get_or_init(|| {
            // Somebody else's recorder is in place: ours prints nothing then.
            let handle = builder().install_recorder().unwrap_or_else(|_| builder().build_recorder().handle());
            describe();
            begin_at_zero();
            handle
        })
        .clone()
}

fn builder() -> PrometheusBuilder {
    let mut builder = PrometheusBuilder::new();
    for one in instruments::ALL {
        if let Kind::Histogram(buckets) = one.kind {
            let matcher = Matcher::Full(one.name.to_owned());
            // Refused are only empty buckets, which a test would see.
            builder =
                builder.set_buckets_for_metric(matcher, buckets).unwrap_or_else(|_| PrometheusBuilder::new());
        }
    }
    builder
}

fn describe() {
    for one in instruments::ALL {
        match one.kind {
            Kind::Counter => describe_counter!(one.name, Unit::Count, one.meaning),
            Kind::Gauge("seconds") => describe_gauge!(one.name, Unit::Seconds, one.meaning),
            Kind::Gauge(_) => describe_gauge!(one.name, Unit::Count, one.meaning),
            Kind::Histogram(_) => describe_histogram!(one.name, Unit::Seconds, one.meaning),
        }
    }
}

/// A counter that does not exist before its first event hides that event from `rate()`.
fn begin_at_zero() {
    let unlabelled = |one: &&Instrument| one.kind == Kind::Counter && one.labels.is_empty();
    for one in instruments::ALL.iter().filter(unlabelled) {
        metrics::counter!(one.name).increment(0);
    }
    for job in Job::ALL {
        metrics::counter!("hufu_job_failures_total", "job" => job.as_str()).increment(0);
    }
    for lease in ["component_token", "authorizer"] {
        metrics::counter!("hufu_lease_conflicts_total", "lease" => lease).increment(0);
    }
    for evidence in [Evidence::RefreshToken, Evidence::AccessTokenDied] {
        metrics::counter!("hufu_foreign_refreshers_total", "evidence" => evidence.as_str()).increment(0);
    }
    for outcome in Outcome::ALL {
        metrics::counter!("hufu_refreshes_total", "outcome" => outcome.as_str(), "class" => "none")
            .increment(0);
    }
    for outcome in ["served", "served_from_memory", "not_now", "database_away", "failed"] {
        metrics::counter!("hufu_hand_outs_total", "outcome" => outcome).increment(0);
    }
    for outcome in ["renewed", "replaced_before", "not_now"] {
        metrics::counter!("hufu_reports_total", "outcome" => outcome).increment(0);
    }
    for why in ["too_many", "not_read"] {
        metrics::counter!("hufu_connections_cut_total", "why" => why).increment(0);
    }
    for reason in ["unknown", "revoked", "expired", "tenant_suspended", "address", "scope", "database_away"] {
        metrics::counter!("hufu_keys_refused_total", "reason" => reason).increment(0);
    }
    for kind in LetterKind::ALL {
        for outcome in ["sent", "delayed", "given_up"] {
            metrics::counter!("hufu_letters_total", "kind" => kind.as_str(), "outcome" => outcome)
                .increment(0);
        }
    }
    metrics::gauge!("hufu_listening").set(0.0);
    let given_up = Health::ALL.into_iter().filter(|health| health.needs_a_person()).map(Health::as_str);
    for outcome in ["recovered", "waits", "fenced"].into_iter().chain(given_up) {
        metrics::counter!("hufu_recoveries_total", "outcome" => outcome).increment(0);
    }
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
