//! Seals secrets at rest with XChaCha20-Poly1305. A sealed text names its key and is bound to the table, column and
//! row it was written for: copied anywhere else it does not open.

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use chacha20poly1305::aead::{Aead, KeyInit, Payload};
use chacha20poly1305::{Key, XChaCha20Poly1305, XNonce};
use zeroize::Zeroizing;

use crate::random::Random;
use crate::secret::Secret;

const NONCE: usize = 24;

/// Where a sealed text lives. It opens nowhere else.
#[derive(Clone, Copy, Debug)]
pub struct Place<'a> {
    pub table: &'a str,
    pub column: &'a str,
    /// The row's whole key, parts joined by `/`.
    pub row: &'a str,
}

impl Place<'_> {
    fn associated_data(self) -> Vec<u8> {
        [self.table, self.column, self.row].join("\0").into_bytes()
    }
}

#[derive(Debug, thiserror::Error)]
pub enum VaultError {
    #[error("HUFU_MASTER_KEY_FILE: the master key file {path} cannot be read or written")]
    File { path: PathBuf, source: io::Error },
    #[error(
        "HUFU_MASTER_KEY_FILE: the master key file {path} is not one of ours: expected lines `hufu-key <id> <base64 of 32 bytes>`"
    )]
    Malformed { path: PathBuf },
    #[error(
        "the master key file {path} does not exist, but the database holds secrets sealed with it; put the original file back (HUFU_MASTER_KEY_FILE)"
    )]
    Missing { path: PathBuf },
    #[error(
        "the master key file {path} is not the one this database was sealed with; put the original file back (HUFU_MASTER_KEY_FILE)"
    )]
    WrongKey { path: PathBuf },
    #[error(
        "the sealed text in {table}.{column} does not open: it was changed, moved from another row, or sealed with a key that is gone"
    )]
    Sealed { table: String, column: String },
}

/// The key ring: seals with its first key, opens with any. Clones share the keys.
#[derive(Clone)]
pub struct Vault {
    keys: Arc<Vec<NamedKey>>,
    random: Random,
}

struct NamedKey {
    id: String,
    cipher: XChaCha20Poly1305,
}

impl std::fmt::Debug for Vault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_list().entries(self.keys.iter().map(|key| &key.id)).finish()
    }
}

impl Vault {
    /// Reads the key file.
    ///
    /// # Errors
    /// `Missing` when there is none, `File` when it cannot be read, `Malformed` when it is something else.
    pub fn open(path: &Path, random: Random) -> Result<Self, VaultError> {
        let text = match fs::read_to_string(path) {
            Ok(text) => Zeroizing::new(text),
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                return Err(VaultError::Missing { path: path.to_owned() });
            }
            Err(source) => return Err(VaultError::File { path: path.to_owned(), source }),
        };
        let malformed = || VaultError::Malformed { path: path.to_owned() };
        let keys: Vec<NamedKey> = text
            .lines()
            .map(str::trim)
            .filter(|line| !line.is_empty() && !line.starts_with('#'))
            .map(NamedKey::parse)
            .collect::<Option<_>>()
            .ok_or_else(malformed)?;
        if keys.is_empty() {
            return Err(malformed());
        }
        Ok(Self { keys: Arc::new(keys), random })
    }

    /// Makes a new key file (mode 0600) that must not exist yet, and opens it.
    ///
    /// # Errors
    /// `File` when it exists already or cannot be written.
    pub fn create(path: &Path, random: Random) -> Result<Self, VaultError> {
        let failed = |source| VaultError::File { path: path.to_owned(), source };
        let key = Zeroizing::new(random.bytes::<32>());
        let line = Zeroizing::new(format!("hufu-key k{} {}\n", random.base62(6), STANDARD.encode(*key)));
        if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
            fs::create_dir_all(folder).map_err(failed)?;
        }
        let mut options = fs::OpenOptions::new();
        options.write(true).create_new(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let mut file = options.open(path).map_err(failed)?;
        file.write_all(line.as_bytes()).and_then(|()| file.sync_all()).map_err(failed)?;
        Self::open(path, random)
    }

    /// A vault with one fresh key that is written nowhere, for tests.
    pub fn ephemeral(random: Random) -> Self {
        let key = random.bytes::<32>();
        let cipher = XChaCha20Poly1305::new(&Key::from(key));
        Self { keys: Arc::new(vec![NamedKey { id: "ephemeral".to_owned(), cipher }]), random }
    }

    /// `<key id>.<base64url of nonce ‖ ciphertext>`.
    pub fn seal<S: Secret>(&self, secret: &S, place: Place<'_>) -> String {
        let nonce = self.random.bytes::<NONCE>();
        let aad = place.associated_data();
        let payload = Payload { msg: secret.expose().as_bytes(), aad: &aad };
        let key = &self.keys[0];
        // The cipher refuses only texts of 256 GiB and more.
        let sealed = key.cipher.encrypt(&XNonce::from(nonce), payload).unwrap_or_default();
        format!("{}.{}", key.id, URL_SAFE_NO_PAD.encode([&nonce[..], &sealed].concat()))
    }

    /// # Errors
    /// `Sealed` when the text was changed, belongs to another place, or its key is not on the ring.
    pub fn open_sealed<S: Secret>(&self, sealed: &str, place: Place<'_>) -> Result<S, VaultError> {
        let refused =
            || VaultError::Sealed { table: place.table.to_owned(), column: place.column.to_owned() };
        let (id, body) = sealed.split_once('.').ok_or_else(refused)?;
        let key = self.keys.iter().find(|key| key.id == id).ok_or_else(refused)?;
        let body = URL_SAFE_NO_PAD.decode(body).map_err(|_| refused())?;
        let (nonce, ciphertext) = body.split_at_checked(NONCE).ok_or_else(refused)?;
        let nonce = XNonce::try_from(nonce).map_err(|_| refused())?;
        let aad = place.associated_data();
        let plain =
            key.cipher.decrypt(&nonce, Payload { msg: ciphertext, aad: &aad }).map_err(|_| refused())?;
        Ok(S::new(String::from_utf8(plain).map_err(|_| refused())?))
    }
}

impl NamedKey {
    fn parse(line: &str) -> Option<Self> {
        let mut words = line.split_whitespace();
        let (Some("hufu-key"), Some(id), Some(key), None) =
            (words.next(), words.next(), words.next(), words.next())
        else {
            return None;
        };
        let bytes = Zeroizing::new(STANDARD.decode(key).ok()?);
        let key = Key::try_from(bytes.as_slice()).ok()?;
        let named = !id.is_empty() && id.bytes().all(|byte| byte.is_ascii_alphanumeric());
        named.then(|| Self { id: id.to_owned(), cipher: XChaCha20Poly1305::new(&key) })
    }
}
