//! Does whatever is due and returns. It never waits for a moment to come, so a test can say what time it is.

use std::sync::Arc;

use tokio::sync::{Mutex, Semaphore};

use crate::clock::Timestamp;
use crate::service::{Context, keep_time};

use super::job::Job;

/// The work of the scheduler. Clones share their lanes and slots.
#[derive(Clone, Debug)]
pub struct Engine {
    cx: Context,
    lanes: Arc<[(Job, Mutex<()>); Job::ALL.len()]>,
    slots: Arc<Semaphore>,
}

impl Engine {
    pub fn new(cx: Context) -> Self {
        let slots = Arc::new(Semaphore::new(cx.settings.refresh_parallel));
        Self { cx, lanes: Arc::new(Job::ALL.map(|job| (job, Mutex::new(())))), slots }
    }

    /// Does everything that is due at `now`, one job after the other. A job that an earlier tick is still at is left
    /// to it; refreshes may overlap, because slots and leases bound them.
    pub async fn tick(&self, now: Timestamp) {
        let now = self.beat(now).await;
        for (job, lane) in self.lanes.iter() {
            let alone = lane.try_lock();
            if alone.is_err() && *job != Job::RefreshAuthorizers {
                continue;
            }
            // Boxed: the largest of them would otherwise lie on every tick's stack.
            if let Err(error) = Box::pin(job.run(&self.cx, now, &self.slots)).await {
                let chain = &error as &dyn std::error::Error;
                tracing::error!(error = chain, job = job.as_str(), "a job could not do its work");
                metrics::counter!("hufu_job_failures_total", "job" => job.as_str()).increment(1);
            }
        }
    }

    /// Returns the moment to go on with: another one when the clock was found to be set.
    async fn beat(&self, now: Timestamp) -> Timestamp {
        match self.cx.store.in_time(keep_time::run(&self.cx, now)).await {
            Ok(now) => {
                #[expect(clippy::cast_precision_loss, reason = "a gauge is a float; seconds stay exact")]
                metrics::gauge!("hufu_scheduler_heartbeat_seconds").set(now.unix() as f64);
                now
            }
            Err(error) => {
                tracing::error!(
                    error = &error as &dyn std::error::Error,
                    "no heartbeat: the database does not answer"
                );
                now
            }
        }
    }
}
