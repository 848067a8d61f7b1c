//! What handlers get of the database: reading. Changing something takes a use case.

use crate::store::{Reader, Store, StoreError};

/// The database without its pen.
#[derive(Clone, Debug)]
pub struct ReadOnly(Store);

impl ReadOnly {
    pub const fn new(store: Store) -> Self {
        Self(store)
    }

    /// # Errors
    /// `Database` when no connection can be had.
    pub async fn read(&self) -> Result<Reader, StoreError> {
        self.0.read().await
    }
}
