//! Takes the audit out of the house, and tells so in it.

use crate::clock::Timestamp;
use crate::domain::audit::{Action, Actor, Detail, Entry, Record, Subject};
use crate::domain::ids::TenantId;
use crate::store::audit_list::{self, Filter};
use crate::store::{StoreError, audit};

use super::Context;

/// The newest that fit; whoever wants more asks for spans of time.
pub const MOST: i64 = 20_000;

/// Whose records.
#[derive(Clone, Copy, Debug)]
pub enum Whose<'a> {
    Tenant(&'a TenantId),
    /// Every tenant's and the platform's, or one tenant's.
    Platform(Option<&'a TenantId>),
}

/// The records, the newest first.
///
/// # Errors
/// `Database`.
pub async fn run(
    cx: &Context,
    now: Timestamp,
    by: &Actor,
    (whose, filter): (Whose<'_>, &Filter),
    form: &'static str,
) -> Result<Vec<Record>, StoreError> {
    let mut tx = match whose {
        Whose::Tenant(tenant) => cx.store.write_for(tenant).await?,
        Whose::Platform(_) => cx.store.write().await?,
    };
    let (records, of, subject) = match whose {
        Whose::Tenant(tenant) => {
            let records = audit_list::of_tenant(&mut tx, tenant, filter, (None, MOST)).await?;
            (records, Some(tenant.clone()), Subject::tenant_id(tenant))
        }
        Whose::Platform(tenant) => {
            let records = audit_list::of_all(&mut tx, tenant, filter, (None, MOST)).await?;
            (records, None, tenant.map_or_else(Subject::platform, Subject::tenant_id))
        }
    };
    let count = u64::try_from(records.len()).unwrap_or_default();
    let detail = Detail::none()
        .fact("form", form)
        .fact("records", count)
        .fact("since", filter.since)
        .fact("until", filter.until);
    let entry = Entry { tenant: of, action: Action::AuditExported, subject, detail };
    audit::append(&mut tx, now, by, &entry).await?;
    tx.commit().await?;
    Ok(records)
}
