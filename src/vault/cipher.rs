//! XChaCha20-Poly1305: base64url of a random nonce and the ciphertext. The key is wiped when it is dropped.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chacha20poly1305::aead::{Aead, KeyInit, Payload};
use chacha20poly1305::{Key, XChaCha20Poly1305, XNonce};
use zeroize::Zeroizing;

use crate::random::Random;
use crate::secret::Secret;

const NONCE: usize = 24;

pub(super) struct Cipher(XChaCha20Poly1305);

impl Cipher {
    pub(super) fn new(key: &[u8; 32]) -> Self {
        Self(XChaCha20Poly1305::new(&Key::from(*key)))
    }

    pub(super) fn seal(&self, random: &Random, plain: &[u8], associated: &[u8]) -> String {
        let nonce = random.bytes::<NONCE>();
        let payload = Payload { msg: plain, aad: associated };
        // The cipher refuses only texts of 256 GiB and more.
        let sealed = self.0.encrypt(&XNonce::from(nonce), payload).unwrap_or_default();
        URL_SAFE_NO_PAD.encode([&nonce[..], &sealed].concat())
    }

    /// `None` when it was changed, belongs to another place or was sealed with another key.
    pub(super) fn open(&self, body: &str, associated: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
        let body = URL_SAFE_NO_PAD.decode(body).ok()?;
        let (nonce, ciphertext) = body.split_at_checked(NONCE)?;
        let nonce = XNonce::try_from(nonce).ok()?;
        let payload = Payload { msg: ciphertext, aad: associated };
        self.0.decrypt(&nonce, payload).ok().map(Zeroizing::new)
    }
}

/// A secret from what was opened.
pub(super) fn text<S: Secret>(plain: &[u8]) -> Option<S> {
    std::str::from_utf8(plain).ok().map(S::new)
}
