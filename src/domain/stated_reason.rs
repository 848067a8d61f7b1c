//! Why somebody does what is rarely done: in their own words, for whoever reads the audit.

use std::fmt;

/// One line of [`StatedReason::SHORTEST`] to [`StatedReason::LONGEST`] characters.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StatedReason(String);

/// The text says too little, or too much.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a reason has 8 to 200 characters, on one line")]
pub struct BadReason;

impl StatedReason {
    pub const SHORTEST: usize = 8;
    /// As much as a record of the audit keeps.
    pub const LONGEST: usize = 200;

    /// # Errors
    /// [`BadReason`]; blanks around the text do not count.
    pub fn parse(text: &str) -> Result<Self, BadReason> {
        let text = text.trim();
        let is_long_enough = (Self::SHORTEST..=Self::LONGEST).contains(&text.chars().count());
        let says_something = text.chars().filter(|c| c.is_alphanumeric()).count() >= Self::SHORTEST / 2;
        if is_long_enough && says_something && !text.chars().any(char::is_control) {
            Ok(Self(text.to_owned()))
        } else {
            Err(BadReason)
        }
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for StatedReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reason_says_something_on_one_line() {
        assert_eq!(
            StatedReason::parse(" 迁移到新的服务器上 ").map(|reason| reason.to_string()),
            Ok("迁移到新的服务器上".to_owned())
        );
        assert!(StatedReason::parse("move to another server").is_ok());
        for bad in ["", "        ", "because", "........", "two\nlines of it", &"x".repeat(201)] {
            assert_eq!(StatedReason::parse(bad), Err(BadReason), "{bad}");
        }
    }
}
