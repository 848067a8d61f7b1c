//! Waiting for what must happen: the only place of the tests that waits at all.

use std::time::Duration;

/// How long something may take that people would wait for.
pub(crate) const PATIENCE: Duration = Duration::from_secs(20);
/// How long an account may take to be healthy again after a crash.
pub(crate) const PROMISE: Duration = Duration::from_secs(60);
const PAUSE: Duration = Duration::from_millis(100);

/// Asks again until the answer is `Some`; `None` when the time is over.
pub(crate) async fn within<T>(span: Duration, mut ask: impl AsyncFnMut() -> Option<T>) -> Option<T> {
    let asking = async {
        loop {
            if let Some(answer) = ask().await {
                return answer;
            }
            pause_for(PAUSE).await;
        }
    };
    tokio::time::timeout(span, asking).await.ok()
}

/// Asks again until the answer is `Some`; panics with `what` when patience ends.
pub(crate) async fn eventually<T>(what: &str, ask: impl AsyncFnMut() -> Option<T>) -> T {
    within(PATIENCE, ask).await.unwrap_or_else(|| panic!("waited {PATIENCE:?} in vain: {what}"))
}

#[expect(
    clippy::disallowed_methods,
    reason = "other programs are watched from outside: there is nothing to await"
)]
pub(crate) async fn pause_for(span: Duration) {
    tokio::time::sleep(span).await;
}
