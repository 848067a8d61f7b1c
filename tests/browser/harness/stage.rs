//! Where a journey is performed: a driver, a folder, and every browser that was opened. All of it is gone afterwards,
//! also when the journey fails; a failure leaves a picture of each window.

use std::future::Future;
use std::panic::AssertUnwindSafe;
use std::sync::{Arc, Mutex};

use futures_util::FutureExt as _;
use tempfile::TempDir;

use super::browser::{Browser, Look};
use super::driver::Driver;

#[derive(Clone)]
pub(crate) struct Stage(Arc<Inner>);

struct Inner {
    name: String,
    driver: Driver,
    folder: TempDir,
    browsers: Mutex<Vec<Browser>>,
}

impl Stage {
    /// Opens a window of a person who has never been here.
    pub(crate) async fn browser(&self, who: &str, look: Look) -> Browser {
        let profile = self.0.folder.path().join(format!("profile-{who}"));
        let name = format!("{}-{who}", self.0.name);
        let browser = Browser::open(&self.0.driver, profile.to_str().unwrap(), &name, look).await;
        self.0.browsers.lock().unwrap().push(browser.clone());
        browser
    }

    pub(crate) fn folder(&self) -> &std::path::Path {
        self.0.folder.path()
    }
}

/// Performs a journey; it is skipped loudly where there is no Chromium.
pub(crate) async fn perform<F, T>(name: &str, journey: F)
where
    F: FnOnce(Stage) -> T,
    T: Future<Output = ()>,
{
    let folder = TempDir::new().unwrap();
    let Some(driver) = Driver::start(folder.path()).await else { return };
    let stage = Stage(Arc::new(Inner { name: name.to_owned(), driver, folder, browsers: Mutex::default() }));

    let outcome = AssertUnwindSafe(journey(stage.clone())).catch_unwind().await;

    let browsers = std::mem::take(&mut *stage.0.browsers.lock().unwrap());
    for browser in browsers {
        if outcome.is_err() {
            AssertUnwindSafe(browser.shoot("failed")).catch_unwind().await.ok();
        }
        browser.close().await;
    }
    if let Some(inner) = Arc::into_inner(stage.0) {
        inner.driver.stop();
    }
    if let Err(panic) = outcome {
        std::panic::resume_unwind(panic);
    }
}
