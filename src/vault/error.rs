//! What can go wrong with keys and sealed texts.

use std::io;
use std::path::PathBuf;

use super::Place;

#[derive(Debug, thiserror::Error)]
pub enum VaultError {
    #[error("HUFU_MASTER_KEY_FILE: the master key file {path} cannot be read or written")]
    File { path: PathBuf, source: io::Error },
    #[error(
        "HUFU_MASTER_KEY_FILE: {place} is not one of ours: expected lines `hufu-key <id> <base64 of 32 bytes>`"
    )]
    Malformed { place: String },
    #[error(
        "the master key file {path} does not exist, but the database holds secrets sealed with it; put the original file back (HUFU_MASTER_KEY_FILE)"
    )]
    Missing { path: PathBuf },
    #[error(
        "{place} is not the one this database was sealed with; put the original back (HUFU_MASTER_KEY_FILE, HUFU_MASTER_KEY)"
    )]
    WrongKey { place: String },
    #[error(
        "the master key {id} is needed and not there; put it back (HUFU_MASTER_KEY_FILE, HUFU_MASTER_KEY)"
    )]
    Unknown { id: String },
    #[error("{place} is not a file: add or remove the key's line there by hand")]
    NotAFile { place: String },
    #[error("there is no data key for {scope}: the tenant does not exist or its keys were destroyed")]
    NoDataKey { scope: String },
    #[error(
        "the sealed text in {table}.{column} does not open: it was changed, moved from another row, or sealed with a key that is gone"
    )]
    Sealed { table: String, column: String },
}

impl VaultError {
    pub(super) fn of(place: Place<'_>) -> Self {
        Self::Sealed { table: place.table.to_owned(), column: place.column.to_owned() }
    }
}
