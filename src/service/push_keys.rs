//! The keys that pushes are checked with, kept opened for a moment: reading and opening them for each push costs many
//! times what the push's own cryptography does. A push that they do not fit is checked once more with fresh ones, and a
//! replaced key is taken for two seconds longer at most.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use crate::clock::{Clock, Stopwatch};
use crate::domain::component::ComponentConfig;
use crate::domain::ids::ComponentAppid;
use crate::store::{StoreError, component};

use super::Context;

const LIFE: Duration = Duration::from_secs(2);

/// What was read lately. Clones share it.
#[derive(Clone, Default)]
pub struct PushKeys(Arc<Mutex<HashMap<ComponentAppid, Kept>>>);

/// Since when, and the keys.
type Kept = (Stopwatch, Arc<ComponentConfig>);

impl std::fmt::Debug for PushKeys {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("PushKeys").finish_non_exhaustive()
    }
}

impl PushKeys {
    /// What was read within the last two seconds.
    pub(super) fn recent(&self, appid: &ComponentAppid) -> Option<Arc<ComponentConfig>> {
        let kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        kept.get(appid).filter(|(read, _)| read.elapsed() < LIFE).map(|(_, config)| Arc::clone(config))
    }

    /// The keys as they are stored now; from here on they are recent.
    ///
    /// # Errors
    /// `Database`, `Vault`.
    pub(super) async fn read(
        &self,
        cx: &Context,
        appid: &ComponentAppid,
    ) -> Result<Option<Arc<ComponentConfig>>, StoreError> {
        let read = Clock::stopwatch();
        let config = component::config(&mut cx.store.read().await?, &cx.vault, appid).await?.map(Arc::new);
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        match &config {
            Some(config) => kept.insert(appid.clone(), (read, Arc::clone(config))),
            None => kept.remove(appid),
        };
        Ok(config)
    }

    /// Somebody has changed them.
    pub(super) fn forget(&self, appid: &ComponentAppid) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).remove(appid);
    }
}
