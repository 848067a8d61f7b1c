//! The data keys that one piece of work needs, held until it is done: what was loaded for it cannot be forgotten in
//! between.

use std::collections::HashMap;
use std::sync::Arc;

use crate::secret::Secret;

use super::data_key::parts;
use super::{DataKey, Place, Vault, VaultError, cipher};

/// Seals with the newest of them for each scope, opens with any of them.
#[derive(Clone, Debug)]
pub struct Keys {
    vault: Vault,
    by_name: HashMap<(String, i64), Arc<DataKey>>,
    newest: HashMap<String, Arc<DataKey>>,
}

impl Keys {
    pub(super) fn new(vault: Vault, keys: impl IntoIterator<Item = Arc<DataKey>>) -> Self {
        let mut made = Self { vault, by_name: HashMap::new(), newest: HashMap::new() };
        for key in keys {
            made.add(key);
        }
        made
    }

    fn add(&mut self, key: Arc<DataKey>) {
        let newer = self.newest.get(key.scope()).is_none_or(|known| known.version() < key.version());
        if newer {
            self.newest.insert(key.scope().to_owned(), Arc::clone(&key));
        }
        self.by_name.insert((key.id().to_owned(), key.version()), key);
    }

    /// These and those.
    #[must_use]
    pub fn and(mut self, others: &Self) -> Self {
        others.by_name.values().for_each(|key| self.add(Arc::clone(key)));
        self
    }

    /// # Errors
    /// `NoDataKey` when no key for this place was loaded.
    pub fn seal<S: Secret>(&self, secret: &S, place: Place<'_>) -> Result<String, VaultError> {
        let none = || VaultError::NoDataKey { scope: place.scope().to_owned() };
        let key = self.newest.get(place.scope()).ok_or_else(none)?;
        Ok(key.seal(self.vault.random(), secret.expose().as_bytes(), place))
    }

    /// # Errors
    /// `Sealed` when the text was changed, belongs to another place, or its key is gone or was not loaded.
    pub fn open_sealed<S: Secret>(&self, sealed: &str, place: Place<'_>) -> Result<S, VaultError> {
        let refused = || VaultError::of(place);
        let Some((id, version, body)) = parts(sealed) else {
            return self.vault.open_directly(sealed, place);
        };
        let key = self.by_name.get(&(id.to_owned(), version)).ok_or_else(refused)?;
        if key.scope() != place.scope() {
            return Err(refused());
        }
        let plain = key.open(body, place).ok_or_else(refused)?;
        cipher::text(&plain).ok_or_else(refused)
    }

    /// Whether sealing this place now would use the key that this text names.
    pub fn is_newest(&self, sealed: &str, scope: &str) -> bool {
        let Some((id, version, _)) = parts(sealed) else { return false };
        self.newest.get(scope).is_some_and(|key| key.id() == id && key.version() == version)
    }
}
