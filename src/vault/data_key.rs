//! A data key, wrapped as it is stored and open as it is used; and the form of what it seals:
//! `2.<data key>.<version>.<base64url of nonce ‖ ciphertext>`.

use crate::random::Random;

use super::Place;
use super::cipher::Cipher;

/// Begins every text that a data key sealed.
const FORM: &str = "2";

/// A data key as its row has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wrapped {
    pub id: String,
    pub version: i64,
    /// The tenant whose it is; empty for the platform's.
    pub scope: String,
    /// The master key that wraps it.
    pub master: String,
    pub wrapped: String,
}

/// A data key that seals and opens.
pub struct DataKey {
    id: String,
    version: i64,
    scope: String,
    cipher: Cipher,
}

impl std::fmt::Debug for DataKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "DataKey({}.{})", self.id, self.version)
    }
}

impl DataKey {
    pub(super) fn new(scope: &str, (id, version): (&str, i64), key: &[u8; 32]) -> Self {
        Self { id: id.to_owned(), version, scope: scope.to_owned(), cipher: Cipher::new(key) }
    }

    pub fn id(&self) -> &str {
        &self.id
    }

    pub const fn version(&self) -> i64 {
        self.version
    }

    /// The tenant whose it is; empty for the platform's.
    pub fn scope(&self) -> &str {
        &self.scope
    }

    pub(super) fn seal(&self, random: &Random, plain: &[u8], place: Place<'_>) -> String {
        let body = self.cipher.seal(random, plain, &self.associated(place));
        format!("{FORM}.{}.{}.{body}", self.id, self.version)
    }

    pub(super) fn open(&self, body: &str, place: Place<'_>) -> Option<zeroize::Zeroizing<Vec<u8>>> {
        self.cipher.open(body, &self.associated(place))
    }

    fn associated(&self, place: Place<'_>) -> Vec<u8> {
        let version = self.version.to_string();
        bound(&[FORM, &self.id, &version, place.scope(), place.table, place.column, place.row])
    }
}

/// The data key and version that a text names; `None` for a text that a master key sealed directly.
pub fn name_of(sealed: &str) -> Option<(&str, i64)> {
    let (id, version, _) = parts(sealed)?;
    Some((id, version))
}

/// Whether this is a text that the master key `master` sealed directly.
pub fn is_direct(sealed: &str, master: &str) -> bool {
    sealed.split_once('.').is_some_and(|(id, body)| id == master && !body.contains('.'))
}

pub(super) fn parts(sealed: &str) -> Option<(&str, i64, &str)> {
    let (id, rest) = sealed.strip_prefix(FORM)?.strip_prefix('.')?.split_once('.')?;
    let (version, body) = rest.split_once('.')?;
    let canonical = !version.starts_with(['0', '+', '-']);
    Some((id, version.parse().ok().filter(|_| canonical)?, body))
}

/// What a wrapped data key is bound to.
pub(super) fn wrapping(scope: &str, id: &str, version: i64) -> Vec<u8> {
    bound(&["data_key", id, &version.to_string(), scope])
}

/// What a text that a master key sealed directly is bound to.
pub(super) fn direct(place: Place<'_>) -> Vec<u8> {
    bound(&[place.table, place.column, place.row])
}

fn bound(parts: &[&str]) -> Vec<u8> {
    parts.join("\0").into_bytes()
}
