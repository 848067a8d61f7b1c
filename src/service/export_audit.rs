//! Takes the audit out of the house, and tells so in it before the first record leaves. The records are read in pieces,
//! each in a transaction of its own: whoever fetches them slowly holds up nobody, and nothing grows with their number.

use crate::clock::Timestamp;
use crate::domain::audit::{Action, Actor, Detail, Entry, Record, Said, Subject};
use crate::domain::ids::TenantId;
use crate::store::audit_list::{self, Filter, Place};
use crate::store::{Store, StoreError, audit};

use super::Context;

/// Records in a piece.
pub const AT_ONCE: usize = 500;

/// Whose records.
#[derive(Clone, Debug)]
pub enum Whose {
    Tenant(TenantId),
    /// Every tenant's and the platform's, or one tenant's.
    Platform(Option<TenantId>),
}

/// The records that fit, the newest first. What is written while they are fetched is newer than all of them, so that none
/// is missed and none comes twice.
pub struct Records {
    store: Store,
    whose: Whose,
    filter: Filter,
    after: Option<Place>,
    over: bool,
}

/// # Errors
/// `Database`; nothing may leave then.
pub async fn run(
    cx: &Context,
    now: Timestamp,
    by: &Actor,
    (whose, filter): (Whose, Filter),
    form: &'static str,
) -> Result<Records, StoreError> {
    let mut tx = match &whose {
        Whose::Tenant(tenant) => cx.store.write_for(tenant).await?,
        Whose::Platform(_) => cx.store.write().await?,
    };
    let (of, subject) = match &whose {
        Whose::Tenant(tenant) => (Some(tenant.clone()), Subject::tenant_id(tenant)),
        Whose::Platform(tenant) => (None, tenant.as_ref().map_or_else(Subject::platform, Subject::tenant_id)),
    };
    let detail = told_of(&filter).fact("form", form);
    audit::append(&mut tx, now, by, &Entry { tenant: of, action: Action::AuditExported, subject, detail })
        .await?;
    tx.commit().await?;
    Ok(Records { store: cx.store.clone(), whose, filter, after: None, over: false })
}

/// What was asked for; nothing of what was not.
fn told_of(filter: &Filter) -> Detail {
    let mut detail = Detail::none();
    if let Some(actor) = &filter.actor {
        detail = detail.fact("who", Said(actor));
    }
    if let Some(action) = filter.action {
        detail = detail.fact("only", action.as_str());
    }
    if let Some(subject) = &filter.subject {
        detail = detail.fact("on", Said(subject));
    }
    detail.fact("since", filter.since).fact("until", filter.until)
}

impl Records {
    /// Some more; none at the end.
    ///
    /// # Errors
    /// `Database`.
    pub async fn next(&mut self) -> Result<Vec<Record>, StoreError> {
        if self.over {
            return Ok(Vec::new());
        }
        let place = (self.after, i64::try_from(AT_ONCE).unwrap_or(i64::MAX));
        let records = match &self.whose {
            Whose::Tenant(tenant) => {
                let mut tx = self.store.read_for(tenant).await?;
                audit_list::of_tenant(&mut tx, tenant, &self.filter, place).await?
            }
            Whose::Platform(tenant) => {
                let mut tx = self.store.read().await?;
                audit_list::of_all(&mut tx, tenant.as_ref(), &self.filter, place).await?
            }
        };
        self.after = records.last().map(|last| Place { at: last.at, seq: last.seq });
        self.over = records.len() < AT_ONCE;
        Ok(records)
    }
}
