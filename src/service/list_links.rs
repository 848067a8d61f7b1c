//! A tenant's links with their addresses, for those who hand them out.

use crate::clock::Timestamp;
use crate::domain::authorization::{Authorization, GrantProblem};
use crate::domain::ids::{MerchantLinkId, TenantId};
use crate::domain::merchant_link::Standing;
use crate::store::merchant_link_list::{self, Cursor, Listed};

use super::create_link::Handed;
use super::{Context, ServiceError};

/// Attempts that the page of a link tells of.
const ATTEMPTS: i64 = 50;

/// A link and how far merchants came with it.
#[derive(Clone, Debug)]
pub struct Link {
    pub handed: Handed,
    /// Presses of the button.
    pub started: i64,
    pub failed: i64,
    /// Why the newest failed press failed.
    pub last_problem: Option<GrantProblem>,
}

/// One page of the list.
#[derive(Clone, Debug)]
pub struct Links {
    pub rows: Vec<Link>,
    pub counts: Vec<(Standing, i64)>,
    /// Where the next page starts; `None` when this was the last.
    pub next: Option<Cursor>,
}

impl Link {
    fn of(cx: &Context, listed: Listed) -> Self {
        let Listed { opened, started, failed, last_problem } = listed;
        Self { handed: Handed::of(cx, opened), started, failed, last_problem }
    }
}

/// Newest first.
///
/// # Errors
/// `Store`.
pub async fn run(
    cx: &Context,
    now: Timestamp,
    tenant: &TenantId,
    standing: Option<Standing>,
    (after, limit): (Option<&Cursor>, usize),
) -> Result<Links, ServiceError> {
    let mut tx = cx.store.read_for(tenant).await?;
    let one_more = i64::try_from(limit).unwrap_or(i64::MAX).saturating_add(1);
    let mut rows =
        merchant_link_list::page(&mut tx, &cx.vault, (tenant, now), standing, (after, one_more)).await?;
    let next = (rows.len() > limit).then(|| rows.truncate(limit)).and_then(|()| rows.last().map(Cursor::of));
    let counts = merchant_link_list::counts(&mut tx, tenant, now).await?;
    Ok(Links { rows: rows.into_iter().map(|listed| Link::of(cx, listed)).collect(), counts, next })
}

/// One link and what was begun with it, newest first.
///
/// # Errors
/// `NotFound` when the tenant has no such link, `Store`.
pub async fn one(
    cx: &Context,
    tenant: &TenantId,
    link: &MerchantLinkId,
) -> Result<(Link, Vec<Authorization>), ServiceError> {
    let mut tx = cx.store.read_for(tenant).await?;
    let listed = merchant_link_list::find(&mut tx, &cx.vault, tenant, link).await?;
    let listed = listed.ok_or(ServiceError::NotFound)?;
    let attempts = merchant_link_list::attempts(&mut tx, tenant, link, ATTEMPTS).await?;
    Ok((Link::of(cx, listed), attempts))
}
