//! What a merchant sees who opens a link, and counts the browser that did.

use std::collections::BTreeSet;

use crate::clock::Timestamp;
use crate::domain::ids::{ComponentAppid, TenantId};
use crate::domain::merchant_link::{MOST_VISITS, MerchantLink, Standing};
use crate::domain::tenant::Tenant;
use crate::store::merchant_link::Opened;
use crate::store::{Reader, StoreError, authorizer, authorizer_list, component, tenant};
use crate::store::{merchant_link, merchant_link_visit, tenant_logo};

use super::create_link::Handed;
use super::{Context, ServiceError};

/// Accounts that are asked what they granted, to tell what is usually asked for.
const SAMPLED: usize = 20;

/// Everything the merchant is told before pressing the button.
#[derive(Clone, Debug)]
pub struct Invitation {
    pub handed: Handed,
    pub tenant_name: String,
    pub component_name: String,
    /// The locked account's name, when it is known.
    pub account_name: Option<String>,
    /// Permission sets that the locked account granted, or that other accounts of this tenant did.
    pub sets: Vec<i64>,
    /// Where the tenant's logo is served.
    pub logo: Option<String>,
}

/// Why a link leads nowhere. Only who holds the link learns this.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Closed {
    Finished,
    Expired,
    /// Revoked, or its tenant is suspended.
    Withdrawn,
}

/// `visit_hash` names the browser. Insiders, who look at how their own page is, are not counted.
///
/// # Errors
/// `NotFound` when there is no such link, `Store`.
pub async fn run(
    cx: &Context,
    now: Timestamp,
    token: &str,
    (visit_hash, is_insider): (&str, impl FnOnce(&TenantId) -> bool),
) -> Result<Result<Invitation, Closed>, ServiceError> {
    let mut tx = cx.store.read().await?;
    let opened = find(cx, &mut tx, token).await?;
    let tenant = tenant::find(&mut tx, &opened.link.tenant).await?.ok_or(ServiceError::NotFound)?;
    if let Some(closed) = closed(&opened.link, &tenant, now) {
        return Ok(Err(closed));
    }
    let link = &opened.link;
    let is_new = !is_insider(&tenant.id)
        && link.opened < MOST_VISITS
        && !merchant_link_visit::seen(&mut tx, &link.id, visit_hash).await?;
    let invitation = describe(cx, &mut tx, opened, &tenant).await?;
    drop(tx);
    if is_new {
        let mut tx = cx.store.write().await?;
        merchant_link_visit::count(&mut tx, &invitation.handed.link.id, visit_hash, now).await?;
        tx.commit().await?;
    }
    Ok(Ok(invitation))
}

pub(super) async fn find(cx: &Context, tx: &mut Reader, token: &str) -> Result<Opened, ServiceError> {
    merchant_link::find_by_token(tx, &cx.vault, token).await?.ok_or(ServiceError::NotFound)
}

/// Why nothing can be begun with the link; `None` when something can.
pub(super) fn closed(link: &MerchantLink, tenant: &Tenant, now: Timestamp) -> Option<Closed> {
    match link.standing(now) {
        Standing::Revoked => Some(Closed::Withdrawn),
        Standing::Open | Standing::Finished | Standing::Expired if tenant.suspended_at.is_some() => {
            Some(Closed::Withdrawn)
        }
        Standing::Finished => Some(Closed::Finished),
        Standing::Expired => Some(Closed::Expired),
        Standing::Open => None,
    }
}

async fn describe(
    cx: &Context,
    tx: &mut Reader,
    opened: Opened,
    tenant: &Tenant,
) -> Result<Invitation, StoreError> {
    let link = &opened.link;
    let component = match &link.component {
        Some(component) => Some(component.clone()),
        None => component::first(tx).await?,
    };
    let account = match &link.locked {
        Some(appid) => authorizer::find(tx, &tenant.id, appid).await?,
        None => None,
    };
    let known = component::list(tx).await?;
    let name = known.into_iter().find(|status| Some(&status.appid) == component.as_ref());
    let sets = match &account {
        Some(account) => account.func_info.clone(),
        None => usual_sets(tx, &tenant.id, component.as_ref()).await?,
    };
    Ok(Invitation {
        tenant_name: tenant.name.clone(),
        component_name: name.map_or_else(String::new, |status| status.name),
        account_name: account.and_then(|account| account.profile.nick_name),
        sets,
        logo: tenant_logo::name_of(tx, &tenant.id).await?.map(|name| format!("/logo/{name}")),
        handed: Handed::of(cx, opened),
    })
}

/// What the tenant's accounts granted to this component: WeChat tells nobody beforehand what it will ask for.
async fn usual_sets(
    tx: &mut Reader,
    tenant: &TenantId,
    component: Option<&ComponentAppid>,
) -> Result<Vec<i64>, StoreError> {
    let some =
        authorizer_list::of_tenant(tx, tenant, &authorizer_list::Filter::default(), (None, SAMPLED)).await?;
    let of_component = some.rows.into_iter().filter(|account| Some(&account.key.component) == component);
    let sets: BTreeSet<i64> = of_component.flat_map(|account| account.func_info).collect();
    Ok(sets.into_iter().collect())
}
