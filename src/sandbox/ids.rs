//! The shapes of WeChat's ids, codes and tokens, as seen in captures. Seeded chance gives the same values again.

use crate::clock::Timestamp;
use crate::random::Random;

const URL_SAFE: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789ab";

pub fn ticket(random: &Random) -> String {
    format!("ticket@@@{}", text(random, URL_SAFE, 86))
}

pub fn pre_auth_code(random: &Random) -> String {
    format!("preauthcode@@@{}", text(random, URL_SAFE, 86))
}

pub fn auth_code(random: &Random) -> String {
    format!("queryauthcode@@@{}", text(random, URL_SAFE, 86))
}

pub fn refresh_token(random: &Random) -> String {
    format!("refreshtoken@@@{}", text(random, URL_SAFE, 43))
}

/// Access tokens of all kinds look alike: two digits, an underscore, 153 characters.
pub fn access_token(random: &Random) -> String {
    format!("{}_{}", 10 + random.below(90), text(random, URL_SAFE, 153))
}

pub fn consent_ticket(random: &Random) -> String {
    text(random, LETTERS, 40)
}

pub fn push_token(random: &Random) -> String {
    text(random, LETTERS, 24)
}

pub fn aes_key(random: &Random) -> String {
    // The last of the 43 characters carries only four bits of the key; `A` keeps strict decoders happy.
    format!("{}A", text(random, LETTERS, 42))
}

pub fn appid(random: &Random) -> String {
    format!("wx{}", hex::encode(random.bytes::<8>()))
}

pub fn original_id(random: &Random) -> String {
    format!("gh_{}", hex::encode(random.bytes::<6>()))
}

pub fn secret(random: &Random) -> String {
    hex::encode(random.bytes::<16>())
}

pub fn openid(random: &Random) -> String {
    format!("o{}", text(random, URL_SAFE, 27))
}

/// Nine or ten decimal digits.
pub fn nonce(random: &Random) -> String {
    (100_000_000 + random.below(2_000_000_000)).to_string()
}

/// Request ids are three groups of eight hexadecimal digits; the first is the time.
pub fn rid(now: Timestamp, random: &Random) -> String {
    let tail = hex::encode(random.bytes::<8>());
    format!("{:08x}-{}-{}", now.unix().max(0), &tail[..8], &tail[8..])
}

fn text(random: &Random, alphabet: &[u8; 64], length: usize) -> String {
    let mut bytes = vec![0; length];
    random.fill(&mut bytes);
    bytes.iter().map(|byte| char::from(alphabet[usize::from(byte & 63)])).collect()
}
