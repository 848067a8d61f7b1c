//! A temporary folder for what a command leaves nothing of.

use std::path::{Path, PathBuf};

use crate::random::Random;

use super::failure::Failure;

/// Removed with everything in it when it is dropped.
pub(super) struct Folder(PathBuf);

impl Folder {
    /// `name` and something random, where the machine keeps temporary files.
    pub(super) fn make(name: &str) -> Result<Self, Failure> {
        let path = std::env::temp_dir().join(format!("{name}-{}", Random::system().base62(10)));
        std::fs::create_dir_all(&path).map_err(Failure::other)?;
        Ok(Self(path))
    }

    pub(super) fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        // What cannot be removed now is the temporary folder's to clean up.
        let _ = std::fs::remove_dir_all(&self.0);
    }
}
