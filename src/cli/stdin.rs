//! Reads secrets from files or standard input, never from the command line, which everyone on the machine can see.

use std::io::Read;
use std::path::Path;

use crate::secret::Secret;

use super::failure::Failure;

/// More than any secret of ours.
const LONGEST: u64 = 64 * 1024;

/// The text of a file, or of standard input for `-`, without the line's end.
pub(super) fn secret<S: Secret>(path: &Path, option: &str) -> Result<S, Failure> {
    let mut text = String::new();
    let read = if path == Path::new("-") {
        std::io::stdin().take(LONGEST).read_to_string(&mut text)
    } else {
        std::fs::File::open(path).and_then(|file| file.take(LONGEST).read_to_string(&mut text))
    };
    read.map_err(|error| Failure::sentence(format!("{option}: {} cannot be read: {error}", path.display())))?;
    S::non_empty(text.trim_end_matches(['\r', '\n']))
        .ok_or_else(|| Failure::usage(format!("{option}: {} is empty", path.display())))
}
