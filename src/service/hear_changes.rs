//! Hears what other processes change, for as long as this one lives. Where nothing is heard, what is kept in memory is
//! read again every second anyway.

use std::time::Duration;

use crate::clock::Clock;
use crate::store::{Listener, Store, StoreError};

const BEFORE_AGAIN: Duration = Duration::from_millis(500);

/// Ends at once on SQLite, otherwise never.
pub async fn run(store: Store) {
    loop {
        match store.listen().await {
            Ok(Some(listener)) => listen(listener).await,
            Ok(None) => return,
            Err(error) => note(&error),
        }
        Clock::pause(BEFORE_AGAIN).await;
    }
}

async fn listen(mut listener: Listener) {
    metrics::gauge!("hufu_listening").set(1.0);
    while listener.hear().await {}
    metrics::gauge!("hufu_listening").set(0.0);
    tracing::warn!("the connection that tells what other processes change is gone; a new one is made");
}

fn note(error: &StoreError) {
    tracing::warn!(error = error as &dyn std::error::Error, "other processes' changes are not heard");
}
