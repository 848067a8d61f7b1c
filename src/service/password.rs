//! Passwords: the only file that names argon2. Hashing runs off the async threads and on half of the cores at most,
//! because each takes 19 MiB and tens of milliseconds: however many sign in at once, the other half serves pages. Who
//! comes first is first; who would wait too long is told so at once.

use std::num::NonZero;
use std::sync::LazyLock;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use argon2::password_hash::phc::PasswordHash;
use argon2::{Algorithm, Argon2, Params, PasswordHasher, PasswordVerifier, Version};
use tokio::sync::{Semaphore, SemaphorePermit};

use crate::random::Random;
use crate::secret::{Password, Secret};

/// OWASP's second recommendation for argon2id: 19 MiB, two passes, one lane.
const MEMORY_KIB: u32 = 19_456;
const PASSES: u32 = 2;
const LANES: u32 = 1;
const SALT: usize = 16;

/// Characters, not bytes.
pub const SHORTEST: usize = 12;
pub const LONGEST: usize = 256;

/// Longer than two hundred people take on one core; a browser would wait longer, but not its person.
const LONGEST_WAIT: Duration = Duration::from_secs(15);
/// Whoever comes later would not have a turn in that time.
const LONGEST_QUEUE: usize = 400;

/// Half of the cores, in the order of coming.
static TURNS: LazyLock<Semaphore> = LazyLock::new(|| {
    let cores = std::thread::available_parallelism().map_or(1, NonZero::get);
    Semaphore::new((cores / 2).max(1))
});
static WAITING: AtomicUsize = AtomicUsize::new(0);

/// Why a password cannot be chosen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadPassword {
    #[error("a password has at least {SHORTEST} characters")]
    TooShort,
    #[error("a password has at most {LONGEST} characters")]
    TooLong,
    #[error(
        "this password is on every list of common ones; take several words that have nothing to do with each other"
    )]
    Common,
    #[error(
        "a name, an address or a word of this house makes it easy to guess; take words that have nothing to do with you"
    )]
    AboutYou,
    #[error("it is guessed in no time; take several words that have nothing to do with each other")]
    Weak,
    #[error("it is nearly strong enough; add another word")]
    NotYetStrong,
}

/// Why a password was not hashed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum HashingFailed {
    /// Too many people at once.
    #[error("too many passwords wait to be hashed")]
    Busy,
    /// Out of memory, or the runtime is stopping.
    #[error("the password could not be hashed")]
    Broken,
}

/// # Errors
/// When the password is shorter than [`SHORTEST`] or longer than [`LONGEST`].
pub fn check(password: &Password) -> Result<(), BadPassword> {
    match password.expose().chars().count() {
        0..SHORTEST => Err(BadPassword::TooShort),
        SHORTEST..=LONGEST => Ok(()),
        _ => Err(BadPassword::TooLong),
    }
}

/// The PHC string of a password, with a fresh salt.
///
/// # Errors
/// `HashingFailed`.
pub(super) async fn hash(random: &Random, password: Password) -> Result<String, HashingFailed> {
    let salt = random.bytes::<SALT>();
    in_turn(move || {
        let hash = hasher().hash_password_with_salt(password.expose().as_bytes(), &salt);
        hash.map(|hash| hash.to_string()).map_err(|_| HashingFailed::Broken)
    })
    .await?
}

/// Whether the password is the one behind the PHC string. Takes the same time when there is none to compare with.
///
/// # Errors
/// `HashingFailed`.
pub(super) async fn verify(password: Password, phc: Option<String>) -> Result<bool, HashingFailed> {
    in_turn(move || match phc.as_deref().map(PasswordHash::new) {
        Some(Ok(hash)) => hasher().verify_password(password.expose().as_bytes(), &hash).is_ok(),
        Some(Err(_)) | None => {
            let _ = hasher().hash_password_with_salt(password.expose().as_bytes(), &[0; SALT]);
            false
        }
    })
    .await
}

/// What is longer than any password is hashed as the empty one, which nobody has.
pub(super) fn bounded(password: Password) -> Password {
    if password.expose().chars().count() > LONGEST { Password::new("") } else { password }
}

/// Whether the hash was made with less work than hashes are made with today.
pub(super) fn is_cheap(phc: &str) -> bool {
    let value = |name: &str| {
        let parameters = phc.split('$').nth(3)?;
        parameters.split(',').find_map(|one| one.strip_prefix(name)?.strip_prefix('=')?.parse::<u32>().ok())
    };
    !phc.starts_with("$argon2id$")
        || value("m").is_none_or(|memory| memory < MEMORY_KIB)
        || value("t").is_none_or(|passes| passes < PASSES)
}

async fn in_turn<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T, HashingFailed> {
    let turn = turn(&TURNS, &WAITING, LONGEST_WAIT).await?;
    let work = move || {
        // The turn is over when the work is, not when the one who asked has gone away.
        let _turn = turn;
        work()
    };
    tokio::task::spawn_blocking(work).await.map_err(|_| HashingFailed::Broken)
}

async fn turn<'a>(
    turns: &'a Semaphore,
    waiting: &AtomicUsize,
    longest: Duration,
) -> Result<SemaphorePermit<'a>, HashingFailed> {
    let place = Place(waiting);
    if waiting.fetch_add(1, Ordering::SeqCst) >= LONGEST_QUEUE {
        return Err(HashingFailed::Busy);
    }
    let turn = tokio::time::timeout(longest, turns.acquire()).await;
    drop(place);
    turn.map_err(|_| HashingFailed::Busy)?.map_err(|_| HashingFailed::Broken)
}

/// A place in the queue, free again when it is dropped.
struct Place<'a>(&'a AtomicUsize);

impl Drop for Place<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::SeqCst);
    }
}

fn hasher() -> Argon2<'static> {
    let params = Params::new(MEMORY_KIB, PASSES, LANES, None).unwrap_or_default();
    Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_hash_names_its_cost_and_opens_only_for_its_password() {
        let random = Random::seeded(1);
        let phc = hash(&random, Password::new("correct horse")).await.unwrap();
        assert!(phc.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{phc}");
        assert!(verify(Password::new("correct horse"), Some(phc.clone())).await.unwrap());
        assert!(!verify(Password::new("Correct horse"), Some(phc)).await.unwrap());
        assert!(!verify(Password::new("correct horse"), None).await.unwrap());
    }

    #[tokio::test]
    async fn who_would_wait_too_long_is_told_and_leaves_the_queue() {
        let (turns, waiting) = (Semaphore::new(1), AtomicUsize::new(0));
        let ask = async || turn(&turns, &waiting, Duration::from_millis(20)).await;
        let first = ask().await.unwrap();
        assert_eq!(ask().await.unwrap_err(), HashingFailed::Busy, "after a while");
        assert_eq!(waiting.load(Ordering::SeqCst), 0, "its place is free again");
        drop(first);
        waiting.store(LONGEST_QUEUE, Ordering::SeqCst);
        assert_eq!(ask().await.unwrap_err(), HashingFailed::Busy, "at once: the queue is full");
        waiting.store(LONGEST_QUEUE - 1, Ordering::SeqCst);
        assert!(ask().await.is_ok());
        assert_eq!(waiting.load(Ordering::SeqCst), LONGEST_QUEUE - 1);
    }

    #[test]
    fn a_hash_is_cheap_when_it_took_less_work() {
        assert!(!is_cheap("$argon2id$v=19$m=19456,t=2,p=1$c2FsdA$aGFzaA"));
        assert!(!is_cheap("$argon2id$v=19$m=65536,t=3,p=4$c2FsdA$aGFzaA"));
        for cheap in ["m=4096,t=2,p=1", "m=19456,t=1,p=1", "p=1"] {
            assert!(is_cheap(&format!("$argon2id$v=19${cheap}$c2FsdA$aGFzaA")), "{cheap}");
        }
        assert!(is_cheap("$2b$12$something"));
    }

    #[test]
    fn a_password_is_measured_in_characters() {
        assert_eq!(check(&Password::new("一二三四五六七八九十一")), Err(BadPassword::TooShort));
        assert_eq!(check(&Password::new("一二三四五六七八九十一二")), Ok(()));
        assert_eq!(check(&Password::new("x".repeat(257))), Err(BadPassword::TooLong));
    }
}
