//! What handlers get of the database: reading, through their viewer. Changing something takes a use case.

use crate::clock::Timestamp;
use crate::domain::ids::TenantId;
use crate::store::{Reader, Store, StoreError, pulse};

/// The database without its pen. A handler opens it with what its signature names: `viewer.read(&db)`, `caller.read(&db)`
/// for one tenant, `admin.read(&db)` for all of them.
#[derive(Clone, Debug)]
pub struct ReadOnly(Store);

impl ReadOnly {
    pub const fn new(store: Store) -> Self {
        Self(store)
    }

    /// What belongs to one tenant, and what every tenant may know of the platform.
    ///
    /// # Errors
    /// `Database` when no connection can be had.
    pub(in crate::web) async fn read_for(&self, tenant: &TenantId) -> Result<Reader, StoreError> {
        self.0.read_for(tenant).await
    }

    /// Everything, of every tenant.
    pub(super) async fn read(&self) -> Result<Reader, StoreError> {
        self.0.read().await
    }

    /// When the scheduler was last heard of.
    ///
    /// # Errors
    /// `Database` when the database cannot be read.
    pub(in crate::web) async fn heartbeat(&self) -> Result<Option<Timestamp>, StoreError> {
        pulse::last(&mut self.read().await?, pulse::SCHEDULER).await
    }
}
