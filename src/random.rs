//! The only file that asks for random bytes. Everyone else takes a [`Random`], so that the sandbox and the tests
//! can be seeded.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use sha2::{Digest, Sha256};

use crate::clock::Timestamp;

const BASE62: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
const URL_SAFE: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/// A source of random bytes. Clones share one sequence.
#[derive(Clone, Debug)]
pub struct Random(Source);

#[derive(Clone, Debug)]
enum Source {
    System,
    Seeded { seed: u64, counter: Arc<AtomicU64> },
}

impl Random {
    /// The operating system's generator; the only one fit for secrets.
    pub const fn system() -> Self {
        Self(Source::System)
    }

    /// The same sequence for the same seed. For the sandbox and tests: anyone who knows the seed knows every value.
    pub fn seeded(seed: u64) -> Self {
        Self(Source::Seeded { seed, counter: Arc::new(AtomicU64::new(0)) })
    }

    #[expect(clippy::disallowed_methods, reason = "this file is the one place that asks for random bytes")]
    pub fn fill(&self, bytes: &mut [u8]) {
        match &self.0 {
            Source::System => {
                if getrandom::fill(bytes).is_err() {
                    // Without randomness no token can be made safely; going on would be worse than stopping.
                    std::process::abort();
                }
            }
            Source::Seeded { seed, counter } => {
                for chunk in bytes.chunks_mut(32) {
                    let mut hash = Sha256::new();
                    hash.update(seed.to_be_bytes());
                    hash.update(counter.fetch_add(1, Ordering::SeqCst).to_be_bytes());
                    let block = hash.finalize();
                    chunk.copy_from_slice(&block.as_slice()[..chunk.len()]);
                }
            }
        }
    }

    pub fn bytes<const N: usize>(&self) -> [u8; N] {
        let mut bytes = [0; N];
        self.fill(&mut bytes);
        bytes
    }

    /// A number below `bound` (0 when `bound` is 0). The bias is below 2⁻³² for the small bounds used here.
    pub fn below(&self, bound: u64) -> u64 {
        if bound == 0 { 0 } else { u64::from_be_bytes(self.bytes()) % bound }
    }

    /// A fraction from -1 to 1, for jitter.
    #[expect(clippy::cast_precision_loss, reason = "2_000_001 steps are exact in an f64")]
    pub fn jitter(&self) -> f64 {
        self.below(2_000_001) as f64 / 1_000_000.0 - 1.0
    }

    /// `length` letters and digits: 5.95 bits each.
    pub fn base62(&self, length: usize) -> String {
        self.pick(BASE62, length)
    }

    /// `length` characters of the URL-safe base64 alphabet: 6 bits each.
    pub fn url_safe(&self, length: usize) -> String {
        self.pick(URL_SAFE, length)
    }

    /// A time-ordered id of 26 characters: 10 hexadecimal digits of seconds, then 16 random letters and digits.
    pub fn id(&self, now: Timestamp) -> String {
        format!("{:010x}{}", now.unix().max(0), self.base62(16))
    }

    fn pick(&self, alphabet: &[u8], length: usize) -> String {
        let bound = alphabet.len() as u64;
        let letter = |number: u64| char::from(alphabet[usize::try_from(number % bound).unwrap_or(0)]);
        match &self.0 {
            // One question to the system for the whole text: each costs more than the letter.
            Source::System => {
                let mut bytes = vec![0; length * 8];
                self.fill(&mut bytes);
                bytes.as_chunks::<8>().0.iter().map(|eight| letter(u64::from_be_bytes(*eight))).collect()
            }
            Source::Seeded { .. } => (0..length).map(|_| letter(u64::from_be_bytes(self.bytes()))).collect(),
        }
    }
}

/// When an id of [`Random::id`] was made.
pub fn moment_of(id: &str) -> Option<Timestamp> {
    i64::from_str_radix(id.get(..10)?, 16).ok().map(Timestamp::from_unix)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_tells_when_it_was_made() {
        let now = Timestamp::from_unix(1_795_228_508);
        assert_eq!(moment_of(&Random::seeded(1).id(now)), Some(now));
        assert_eq!(moment_of("demo"), None);
        assert_eq!(moment_of("not hexadecimal"), None);
    }
}
