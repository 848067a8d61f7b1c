//! The only file that prints: results to standard output, complaints to standard error.

use super::failure::Failure;

#[expect(clippy::print_stdout, reason = "this is what the command was asked for")]
pub(super) fn line(text: &str) {
    println!("{text}");
}

/// How far a long command has come.
#[expect(clippy::print_stderr, reason = "the result goes to standard output")]
pub(super) fn progress(text: &str) {
    eprintln!("{text}");
}

#[expect(clippy::print_stderr, reason = "the person at the terminal must see it, whatever is logged")]
pub(super) fn error(failure: &Failure) {
    eprintln!("hufu: {failure}");
}
