//! One-time passwords of authenticator apps (RFC 6238): the only file that names totp-rs. SHA-1, six digits and thirty
//! seconds are what every app understands; a clock may be one step off.

use totp_rs::{Builder, Totp};

use crate::clock::Timestamp;
use crate::domain::user::Email;
use crate::random::Random;
use crate::secret::{Secret, TotpSecret};

const STEPS_OFF: u16 = 1;
const ISSUER: &str = "Hufu";

/// 160 bits in base 32, as apps take it.
pub(super) fn new_secret(random: &Random) -> TotpSecret {
    TotpSecret::new(totp_rs::Secret::from(random.bytes::<20>()).to_base32())
}

/// The time step whose code it is, around now. A code is good once: the caller keeps the step.
pub(super) fn step_of(secret: &TotpSecret, code: &str, now: Timestamp) -> Option<i64> {
    let now = u64::try_from(now.unix()).ok()?;
    let step = totp(secret, "")?.check(code, now)?;
    i64::try_from(step).ok()
}

/// `otpauth://totp/…`, what the QR code says.
pub fn address(secret: &TotpSecret, email: &Email) -> Option<String> {
    totp(secret, &email.as_str().replace(':', "."))?.to_url().ok()
}

/// The code of a moment, for tests and for the demo.
pub fn code(secret: &TotpSecret, now: Timestamp) -> Option<String> {
    Some(totp(secret, "")?.generate(u64::try_from(now.unix()).ok()?).to_string())
}

fn totp(secret: &TotpSecret, account: &str) -> Option<Totp> {
    let secret = totp_rs::Secret::try_from_base32(secret.expose()).ok()?;
    let builder = Builder::new().with_secret(secret).with_skew(STEPS_OFF).with_issuer(Some(ISSUER));
    builder.with_account_name(account).build().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 6238, appendix B, the last six digits.
    #[test]
    fn the_codes_are_those_of_the_standard() {
        let secret = TotpSecret::new(totp_rs::Secret::from(*b"12345678901234567890").to_base32());
        for (second, expected) in
            [(59, "287082"), (1_111_111_109, "081804"), (1_234_567_890, "005924"), (2_000_000_000, "279037")]
        {
            let now = Timestamp::from_unix(second);
            assert_eq!(code(&secret, now).unwrap(), expected);
            assert_eq!(step_of(&secret, expected, now), Some(second / 30));
        }
    }

    #[test]
    fn a_code_counts_one_step_early_and_late_and_no_more() {
        let secret = new_secret(&Random::seeded(3));
        let now = Timestamp::from_unix(1_800_000_000);
        let code = code(&secret, now).unwrap();
        let step = now.unix() / 30;
        for (seconds, expected) in
            [(-60, None), (-30, Some(step)), (0, Some(step)), (59, Some(step)), (60, None)]
        {
            let then = Timestamp::from_unix(now.unix() + seconds);
            assert_eq!(step_of(&secret, &code, then), expected, "{seconds}");
        }
        assert_eq!(step_of(&secret, "", now), None);
    }

    #[test]
    fn the_address_names_the_portal_and_the_person() {
        let secret = new_secret(&Random::seeded(4));
        let address = address(&secret, &Email::parse("chen@example.com").unwrap()).unwrap();
        assert!(address.starts_with("otpauth://totp/Hufu:chen%40example.com?"), "{address}");
        assert!(address.contains(secret.expose()) && address.contains("issuer=Hufu"), "{address}");
    }
}
