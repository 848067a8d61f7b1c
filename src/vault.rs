//! Secrets at rest, in three floors. A *master key* lives outside of the database and wraps *data keys*: one for each
//! tenant and one for the platform, random, kept wrapped in a table. A data key seals *records* with
//! XChaCha20-Poly1305. A sealed text names its data key and that key's version, and is bound to the tenant, table,
//! column and row it was written for: copied anywhere else it does not open. Without its data key nothing of a tenant
//! opens any more, whatever copies of the database there are: that is how a tenant is shredded.
//!
//! **Whose is what.** Sealed for the tenant: the tokens of its accounts, the answers in the attempt journal, its
//! attempts at granting, the links that it sends to merchants. For the platform: components and tickets, pushes and
//! authorization codes (whose tenant is not known before they are settled, and which live for minutes), letters, second
//! factors and the key of session cookies, because a person may belong to several tenants.
//!
//! Texts from before there were data keys name a master key, were sealed with it directly and are bound to table, column
//! and row only. They open as ever, and `hufu keys rotate` seals them anew.

use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex, PoisonError, RwLock};
use std::time::Duration;

use quick_cache::sync::Cache;

use crate::clock::{Clock, Stopwatch};
use crate::random::Random;
use crate::secret::Secret;

mod cipher;
mod data_key;
mod error;
mod keys;
mod ring;

pub use data_key::{DataKey, Wrapped, is_direct, name_of};
pub use error::VaultError;
pub use keys::Keys;
pub use ring::{KeySource, Line};

use ring::Ring;

/// Data keys in memory: about 200 bytes each.
const MOST_KEYS: usize = 50_000;

/// How long a process may seal with a data key before it looks whether there is a newer one. The old one is destroyed
/// only long after that.
pub const TRUST: Duration = Duration::from_secs(2);

/// Where a sealed text lives. It opens nowhere else.
#[derive(Clone, Copy, Debug)]
pub struct Place<'a> {
    /// Whose data key seals it: a tenant's, or the platform's.
    pub tenant: Option<&'a str>,
    pub table: &'a str,
    pub column: &'a str,
    /// The row's whole key, parts joined by `/`.
    pub row: &'a str,
}

impl<'a> Place<'a> {
    /// The name under which a data key is kept for this place.
    pub fn scope(self) -> &'a str {
        self.tenant.unwrap_or(PLATFORM)
    }
}

/// The platform's scope; tenants' are their ids.
pub const PLATFORM: &str = "";

/// The master keys, and the data keys that were needed so far. Clones share them.
#[derive(Clone)]
pub struct Vault {
    shared: Arc<Shared>,
    random: Random,
}

struct Shared {
    source: KeySource,
    ring: RwLock<Arc<Ring>>,
    known: Cache<(String, i64), Arc<DataKey>>,
    newest: Cache<String, Arc<DataKey>>,
    generation: AtomicI64,
    looked: Mutex<Option<Stopwatch>>,
}

impl std::fmt::Debug for Vault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_list().entries(self.ring().ids()).finish()
    }
}

impl Vault {
    /// Reads the master keys.
    ///
    /// # Errors
    /// `Missing` when there is no key file, `File` when it cannot be read, `Malformed` when it is something else.
    pub fn open(source: KeySource, random: Random) -> Result<Self, VaultError> {
        let ring = Ring::read(&source)?;
        Ok(Self::with(source, ring, random))
    }

    /// Makes a new key file (mode 0600) that must not exist yet, and opens it.
    ///
    /// # Errors
    /// `File` when it exists already or cannot be written.
    pub fn create(path: &std::path::Path, random: Random) -> Result<Self, VaultError> {
        ring::create(path, &random)?;
        Self::open(KeySource::File(path.to_owned()), random)
    }

    /// A vault with one fresh master key that is written nowhere, for tests.
    pub fn ephemeral(random: Random) -> Self {
        let line = Line::fresh_named("ephemeral", &random);
        let ring = Ring::of(vec![line]);
        Self::with(KeySource::Nowhere, ring, random)
    }

    fn with(source: KeySource, ring: Ring, random: Random) -> Self {
        let shared = Shared {
            source,
            ring: RwLock::new(Arc::new(ring)),
            known: Cache::new(MOST_KEYS),
            newest: Cache::new(MOST_KEYS),
            generation: AtomicI64::new(0),
            looked: Mutex::new(None),
        };
        Self { shared: Arc::new(shared), random }
    }

    pub fn source(&self) -> &KeySource {
        &self.shared.source
    }

    /// The master keys' names, the first one first.
    pub fn master_keys(&self) -> Vec<String> {
        self.ring().ids().map(str::to_owned).collect()
    }

    /// Reads the key file again: somebody added a key.
    ///
    /// # Errors
    /// As `open`; the keys that are known stay.
    pub fn reread(&self) -> Result<(), VaultError> {
        let ring = Ring::read(&self.shared.source)?;
        *self.shared.ring.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(ring);
        Ok(())
    }

    fn ring(&self) -> Arc<Ring> {
        Arc::clone(&self.shared.ring.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// The ring with this master key on it; the file is read again when it is not.
    fn ring_with(&self, id: &str) -> Option<Arc<Ring>> {
        let ring = self.ring();
        if ring.find(id).is_some() {
            return Some(ring);
        }
        if let Err(error) = self.reread() {
            tracing::error!(error = &error as &dyn std::error::Error, "the master keys cannot be read again");
        }
        Some(self.ring()).filter(|ring| ring.find(id).is_some())
    }

    /// A new data key of this scope, wrapped with the master key `master`.
    ///
    /// # Errors
    /// `Unknown` when there is no such master key.
    pub fn make(&self, scope: &str, (id, version): (&str, i64), master: &str) -> Result<Wrapped, VaultError> {
        let key = zeroize::Zeroizing::new(self.random.bytes::<32>());
        self.wrap(&key, (scope, id, version), master)
    }

    /// The id of a new chain of data keys.
    pub fn new_id(&self) -> String {
        self.random.base62(12)
    }

    /// # Errors
    /// `Unknown` when its master key is not there, `Sealed` when it does not open.
    pub fn unwrap(&self, wrapped: &Wrapped) -> Result<Arc<DataKey>, VaultError> {
        let bytes = self.bytes(wrapped)?;
        Ok(Arc::new(DataKey::new(&wrapped.scope, (&wrapped.id, wrapped.version), &bytes)))
    }

    /// The same data key, wrapped with another master key.
    ///
    /// # Errors
    /// As `unwrap`, for either master key.
    pub fn rewrap(&self, wrapped: &Wrapped, master: &str) -> Result<Wrapped, VaultError> {
        let bytes = self.bytes(wrapped)?;
        self.wrap(&bytes, (&wrapped.scope, &wrapped.id, wrapped.version), master)
    }

    fn bytes(&self, wrapped: &Wrapped) -> Result<zeroize::Zeroizing<[u8; 32]>, VaultError> {
        let unknown = || VaultError::Unknown { id: wrapped.master.clone() };
        let ring = self.ring_with(&wrapped.master).ok_or_else(unknown)?;
        let cipher = ring.find(&wrapped.master).ok_or_else(unknown)?;
        let place = data_key::wrapping(&wrapped.scope, &wrapped.id, wrapped.version);
        let refused = || VaultError::Sealed { table: "data_key".to_owned(), column: "wrapped".to_owned() };
        let plain = cipher.open(&wrapped.wrapped, &place).ok_or_else(refused)?;
        plain.as_slice().try_into().map(zeroize::Zeroizing::new).map_err(|_| refused())
    }

    fn wrap(
        &self,
        key: &[u8; 32],
        (scope, id, version): (&str, &str, i64),
        master: &str,
    ) -> Result<Wrapped, VaultError> {
        let unknown = || VaultError::Unknown { id: master.to_owned() };
        let ring = self.ring_with(master).ok_or_else(unknown)?;
        let cipher = ring.find(master).ok_or_else(unknown)?;
        let wrapped = cipher.seal(&self.random, key, &data_key::wrapping(scope, id, version));
        Ok(Wrapped {
            id: id.to_owned(),
            version,
            scope: scope.to_owned(),
            master: master.to_owned(),
            wrapped,
        })
    }

    /// Seals with a master key itself: shows which one a database belongs to.
    ///
    /// # Errors
    /// `Unknown` when there is no such master key.
    pub fn seal_directly<S: Secret>(
        &self,
        secret: &S,
        place: Place<'_>,
        master: &str,
    ) -> Result<String, VaultError> {
        let unknown = || VaultError::Unknown { id: master.to_owned() };
        let ring = self.ring_with(master).ok_or_else(unknown)?;
        let cipher = ring.find(master).ok_or_else(unknown)?;
        let body = cipher.seal(&self.random, secret.expose().as_bytes(), &data_key::direct(place));
        Ok(format!("{master}.{body}"))
    }

    /// Opens what was sealed with a master key itself.
    ///
    /// # Errors
    /// `Sealed`.
    pub fn open_directly<S: Secret>(&self, sealed: &str, place: Place<'_>) -> Result<S, VaultError> {
        let refused = || VaultError::of(place);
        let (id, body) = sealed.split_once('.').ok_or_else(refused)?;
        let ring = self.ring_with(id).ok_or_else(refused)?;
        let cipher = ring.find(id).ok_or_else(refused)?;
        let plain = cipher.open(body, &data_key::direct(place)).ok_or_else(refused)?;
        cipher::text(&plain).ok_or_else(refused)
    }

    /// The data key of this name, if it was needed before.
    pub fn known(&self, id: &str, version: i64) -> Option<Arc<DataKey>> {
        self.shared.known.get(&(id.to_owned(), version))
    }

    /// The newest data key of this scope, if it was needed before. See [`Vault::is_due`].
    pub fn newest(&self, scope: &str) -> Option<Arc<DataKey>> {
        self.shared.newest.get(scope)
    }

    /// Remembers a data key: it is in the database.
    pub fn remember(&self, key: &Arc<DataKey>) {
        self.shared.known.insert((key.id().to_owned(), key.version()), Arc::clone(key));
    }

    /// Remembers a data key as the newest of its scope: it is in the database for good.
    pub fn remember_newest(&self, key: &Arc<DataKey>) {
        self.remember(key);
        self.shared.newest.insert(key.scope().to_owned(), Arc::clone(key));
    }

    /// Whether it is time to look for newer data keys.
    pub fn is_due(&self) -> bool {
        let looked = self.shared.looked.lock().unwrap_or_else(PoisonError::into_inner);
        looked.is_none_or(|looked| looked.elapsed() >= TRUST)
    }

    /// Tells how often data keys were replaced or destroyed so far. When that has changed everything is forgotten.
    /// `since` was taken before the database was asked.
    pub fn looked(&self, generation: i64, since: Stopwatch) {
        if self.shared.generation.swap(generation, Ordering::SeqCst) != generation {
            self.forget();
        }
        *self.shared.looked.lock().unwrap_or_else(PoisonError::into_inner) = Some(since);
    }

    /// Forgets every data key; they are read again when they are needed.
    pub fn forget(&self) {
        self.shared.known.clear();
        self.shared.newest.clear();
    }

    /// Keys to seal and open with, beside a database.
    pub fn keys(&self, keys: impl IntoIterator<Item = Arc<DataKey>>) -> Keys {
        Keys::new(self.clone(), keys)
    }

    pub(crate) const fn random(&self) -> &Random {
        &self.random
    }

    /// When a look at the database begins.
    pub fn watch() -> Stopwatch {
        Clock::stopwatch()
    }
}
