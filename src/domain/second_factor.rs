//! What a person adds to the password: an authenticator app, passkeys, and recovery codes for the day they are lost.

use std::time::Duration;

use crate::clock::Timestamp;
use crate::domain::ids::PasskeyId;
use crate::secret::{RecoveryCode, Secret};

/// Made at once; each works once.
pub const RECOVERY_CODES: usize = 10;
/// Wrong proofs in a row before one has to wait.
pub const FREE_TRIES: i64 = 5;
/// Wrong proofs older than this are forgotten.
pub const TRIES_FADE: Duration = Duration::from_secs(24 * 3600);
const FIRST_WAIT: Duration = Duration::from_secs(60);
const LONGEST_WAIT: Duration = Duration::from_secs(3600);

/// What one user has.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Factors {
    /// Since when the authenticator app counts.
    pub app_since: Option<Timestamp>,
    pub passkeys: i64,
    /// Recovery codes that are left.
    pub codes_left: i64,
}

impl Factors {
    pub const fn has_app(&self) -> bool {
        self.app_since.is_some()
    }

    /// Whether signing in has a second step. Recovery codes alone are none.
    pub const fn any(&self) -> bool {
        self.app_since.is_some() || self.passkeys > 0
    }
}

/// A passkey as its list shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Passkey {
    pub id: PasskeyId,
    pub name: String,
    pub created_at: Timestamp,
    pub last_used_at: Option<Timestamp>,
}

/// What a proof is for. Tries are counted apart, so that a stolen session cannot keep its owner from signing in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    SignIn,
    StepUp,
}

impl Purpose {
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::SignIn => "sign_in",
            Self::StepUp => "step_up",
        }
    }
}

/// How long to wait after so many wrong proofs in a row: nothing for the first few, then ever longer.
pub fn wait_after(failures: i64) -> Duration {
    let over = failures - FREE_TRIES;
    if over < 0 {
        return Duration::ZERO;
    }
    let over = u32::try_from(over).unwrap_or(u32::MAX);
    FIRST_WAIT.saturating_mul(2u32.saturating_pow(over)).min(LONGEST_WAIT)
}

/// What somebody typed as a second factor.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Typed {
    /// Six digits of an authenticator app.
    App(String),
    Recovery(RecoveryCode),
    Nonsense,
}

impl Typed {
    /// Blanks and dashes are for the eye only; letters may be small.
    pub fn parse(text: &str) -> Self {
        let text: String = text
            .chars()
            .take(80)
            .filter(|c| !c.is_whitespace() && *c != '-')
            .map(|c| c.to_ascii_uppercase())
            .collect();
        if text.len() == 6 && text.bytes().all(|byte| byte.is_ascii_digit()) {
            return Self::App(text);
        }
        let text: String = text.chars().map(alike).collect();
        let fits = text.len() == 1 + LETTERS && text.starts_with(|c: char| c.is_ascii_digit());
        if fits && text.bytes().all(|byte| ALPHABET.contains(&byte)) {
            return Self::Recovery(RecoveryCode::new(text));
        }
        Self::Nonsense
    }
}

/// Crockford's: no letter that is taken for a digit, none that makes words.
const ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
/// 60 bits each, stored under argon2id.
pub const LETTERS: usize = 12;

const fn alike(c: char) -> char {
    match c {
        'O' => '0',
        'I' | 'L' => '1',
        other => other,
    }
}

impl RecoveryCode {
    /// The code of a slot below [`RECOVERY_CODES`].
    pub fn make(slot: usize, chance: &[u8; LETTERS]) -> Self {
        let letters = chance.iter().map(|byte| char::from(ALPHABET[usize::from(byte % 32)]));
        Self::new(format!("{slot}{}", letters.collect::<String>()))
    }

    /// The number it begins with.
    pub fn slot(&self) -> i64 {
        self.expose().bytes().next().map_or(0, |byte| i64::from(byte.saturating_sub(b'0')))
    }

    /// As people write it down: `3-K7QM-9XFD-2HPV`.
    pub fn written(&self) -> String {
        let text = self.expose();
        let groups = text.as_bytes().get(1..).unwrap_or_default().chunks(4);
        let groups = groups.map(|group| String::from_utf8_lossy(group).into_owned());
        std::iter::once(text.chars().take(1).collect()).chain(groups).collect::<Vec<String>>().join("-")
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn the_first_five_cost_no_time_and_the_wait_has_an_end() {
        assert_eq!(wait_after(0), Duration::ZERO);
        assert_eq!(wait_after(4), Duration::ZERO);
        assert_eq!(wait_after(5), Duration::from_secs(60));
        assert_eq!(wait_after(7), Duration::from_secs(240));
        assert_eq!(wait_after(i64::MAX), LONGEST_WAIT);
    }

    #[test]
    fn six_digits_are_the_apps_and_what_else_is_no_code_is_nonsense() {
        assert_eq!(Typed::parse(" 123 456 "), Typed::App("123456".to_owned()));
        for nonsense in [
            "",
            "12345",
            "1234567",
            "１２３４５６",
            "A-K7QM-9XFD-2HPV",
            "3-K7QM-9XFD-2HP",
            "3-K7QM-9XFD-2HPU",
        ] {
            assert_eq!(Typed::parse(nonsense), Typed::Nonsense, "{nonsense}");
        }
    }

    proptest! {
        #[test]
        fn a_recovery_code_is_read_as_it_was_written(chance: [u8; LETTERS], slot in 0..RECOVERY_CODES) {
            let code = RecoveryCode::make(slot, &chance);
            prop_assert_eq!(code.slot(), i64::try_from(slot).unwrap());
            let sloppy = code.written().to_lowercase().replace('-', " ").replace('0', "o").replace('1', "l");
            // Its first sign is a digit and stays one.
            prop_assert_eq!(Typed::parse(&code.written()), Typed::Recovery(code.clone()));
            prop_assert_eq!(Typed::parse(&sloppy), Typed::Recovery(code));
        }

        #[test]
        fn whatever_is_typed_is_read_without_a_fall(text: String) {
            let _ = Typed::parse(&text);
        }
    }
}
