//! Waiting for what must happen: the only place of the tests that waits at all.

use std::time::Duration;

/// How long something may take that people would wait for.
pub(crate) const PATIENCE: Duration = Duration::from_secs(20);
const PAUSE: Duration = Duration::from_millis(100);

/// Asks again until the answer is `Some`; `None` when patience ends.
pub(crate) async fn patiently<T>(mut ask: impl AsyncFnMut() -> Option<T>) -> Option<T> {
    let asking = async {
        loop {
            if let Some(answer) = ask().await {
                return answer;
            }
            pause().await;
        }
    };
    tokio::time::timeout(PATIENCE, asking).await.ok()
}

/// Asks again until the answer is `Some`; panics with `what` when patience ends.
pub(crate) async fn eventually<T>(what: &str, ask: impl AsyncFnMut() -> Option<T>) -> T {
    patiently(ask).await.unwrap_or_else(|| panic!("waited {PATIENCE:?} in vain: {what}"))
}

#[expect(
    clippy::disallowed_methods,
    reason = "other programs are watched from outside: there is nothing to await"
)]
async fn pause() {
    tokio::time::sleep(PAUSE).await;
}
