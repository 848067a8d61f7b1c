//! The alarm clock: the only file that names tokio-cron-scheduler. It rings once a second and whenever somebody wakes
//! the engine; what is due is the engine's business.

use std::sync::Arc;

use tokio::sync::Notify;
use tokio::task::JoinHandle;
use tokio_cron_scheduler::{Job, JobScheduler, JobSchedulerError};

use crate::service::Context;

use super::Engine;

/// A running alarm clock.
pub struct Pulse {
    scheduler: JobScheduler,
    bell: Arc<Bell>,
    worker: JoinHandle<()>,
}

#[derive(Default)]
struct Bell {
    ring: Notify,
    stop: Notify,
}

impl Pulse {
    /// Starts ticking.
    ///
    /// # Errors
    /// When the alarm clock cannot be started.
    pub async fn start(cx: Context) -> Result<Self, JobSchedulerError> {
        let bell = Arc::new(Bell::default());
        let scheduler = JobScheduler::new().await?;
        let hand = Arc::clone(&bell);
        // Cron in UTC and async only: repeated jobs die after a stall, synchronous ones freeze the runtime.
        let every_second = Job::new_async("* * * * * *", move |_, _| {
            let hand = Arc::clone(&hand);
            Box::pin(async move { hand.ring.notify_one() })
        })?;
        scheduler.add(every_second).await?;
        scheduler.start().await?;
        let worker = tokio::spawn(work(cx, Arc::clone(&bell)));
        Ok(Self { scheduler, bell, worker })
    }

    /// Rings no more and waits for what is under way.
    pub async fn stop(mut self) {
        // An error here means that it stands still already.
        let _ = self.scheduler.shutdown().await;
        self.bell.stop.notify_one();
        let _ = self.worker.await;
    }
}

async fn work(cx: Context, bell: Arc<Bell>) {
    let engine = Engine::new(cx.clone());
    let mut running = tokio::task::JoinSet::new();
    loop {
        tokio::select! {
            () = bell.stop.notified() => break,
            () = bell.ring.notified() => {}
            () = cx.wake.heard() => {}
        }
        while let Some(done) = running.try_join_next() {
            report(done);
        }
        let (engine, now) = (engine.clone(), cx.clock.now());
        running.spawn(async move { engine.tick(now).await });
    }
    while let Some(done) = running.join_next().await {
        report(done);
    }
}

fn report(done: Result<(), tokio::task::JoinError>) {
    if let Err(error) = done {
        tracing::error!(%error, "a tick of the scheduler panicked");
    }
}
