//! A signed statement of how the chain stood: HMAC-SHA256 with a key that the database holds only sealed, so that who can
//! write to the database alone cannot make one.

use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

use crate::clock::Timestamp;
use crate::secret::{AuditKey, Secret};

const FORM: &str = "hufu-audit-checkpoint-1";
const BLOCK: usize = 64;

/// The chain up to a record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Checkpoint {
    pub seq: i64,
    pub at: Timestamp,
    /// The record's hash.
    pub hash: String,
    /// Names the key, see [`name_of`].
    pub key_id: String,
    pub mac: String,
}

impl Checkpoint {
    pub fn sign(key: &AuditKey, seq: i64, at: Timestamp, hash: &str) -> Self {
        let mac = hex::encode(hmac(key.expose().as_bytes(), text(seq, at, hash).as_bytes()));
        Self { seq, at, hash: hash.to_owned(), key_id: name_of(key), mac }
    }

    /// Whether this key signed exactly this.
    pub fn is_signed_by(&self, key: &AuditKey) -> bool {
        let own = Self::sign(key, self.seq, self.at, &self.hash);
        own.mac.as_bytes().ct_eq(self.mac.as_bytes()).into()
    }
}

/// Sixteen hexadecimal digits.
pub fn name_of(key: &AuditKey) -> String {
    let mut name = key.fingerprint();
    name.truncate(16);
    name
}

fn text(seq: i64, at: Timestamp, hash: &str) -> String {
    format!("{FORM}\n{seq}\n{}\n{hash}\n", at.unix())
}

/// RFC 2104 with SHA-256.
fn hmac(key: &[u8], message: &[u8]) -> [u8; 32] {
    let mut block = [0_u8; BLOCK];
    if key.len() > BLOCK {
        block[..32].copy_from_slice(&Sha256::digest(key));
    } else {
        block[..key.len()].copy_from_slice(key);
    }
    let pad = |with: u8| block.map(|byte| byte ^ with);
    let inner = Sha256::new().chain_update(pad(0x36)).chain_update(message).finalize();
    Sha256::new().chain_update(pad(0x5c)).chain_update(inner).finalize().into()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 4231, test cases 1, 2 and 6.
    #[test]
    fn the_hmac_is_the_one_of_the_standard() {
        let told = |key: &[u8], message: &[u8]| hex::encode(hmac(key, message));
        assert_eq!(
            told(&[0x0b; 20], b"Hi There"),
            "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"
        );
        assert_eq!(
            told(b"Jefe", b"what do ya want for nothing?"),
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
        );
        assert_eq!(
            told(&[0xaa; 131], b"Test Using Larger Than Block-Size Key - Hash Key First"),
            "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54"
        );
    }

    #[test]
    fn nothing_of_a_checkpoint_can_be_changed() {
        let key = AuditKey::new("key");
        let good = Checkpoint::sign(&key, 7, Timestamp::from_unix(9), "hash");
        assert!(good.is_signed_by(&key));
        assert!(!good.is_signed_by(&AuditKey::new("other")));
        assert!(!Checkpoint { seq: 8, ..good.clone() }.is_signed_by(&key));
        assert!(!Checkpoint { at: Timestamp::from_unix(8), ..good.clone() }.is_signed_by(&key));
        assert!(!Checkpoint { hash: "hasi".to_owned(), ..good }.is_signed_by(&key));
    }
}
