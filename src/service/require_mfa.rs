//! A tenant's owner decides whether its members need a second factor.

use crate::clock::Timestamp;
use crate::domain::audit::{Action, Actor, Detail, Entry, Subject};
use crate::domain::ids::TenantId;
use crate::store::{audit, second_factor};

use super::{Context, ServiceError};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rule {
    Required,
    Optional,
}

/// # Errors
/// `Store`.
pub async fn run(
    cx: &Context,
    now: Timestamp,
    by: &Actor,
    (tenant, rule): (&TenantId, Rule),
) -> Result<(), ServiceError> {
    let mut tx = cx.store.write().await?;
    let before = second_factor::required_since(&mut tx, tenant).await?.is_some();
    match rule {
        Rule::Required => second_factor::require(&mut tx, tenant, now).await?,
        Rule::Optional => second_factor::waive(&mut tx, tenant).await?,
    }
    let detail = Detail::none().change("required", before, rule == Rule::Required);
    let entry = Entry::of(tenant, Action::MfaRuleChanged, Subject::tenant_id(tenant)).with(detail);
    audit::append(&mut tx, now, by, &entry).await?;
    tx.commit().await?;
    Ok(())
}
