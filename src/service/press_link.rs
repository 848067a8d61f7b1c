//! A merchant presses the button of a link: begins an authorisation of the link's tenant with a fresh pre_auth_code.

use std::net::IpAddr;

use crate::clock::Timestamp;
use crate::domain::audit::Actor;
use crate::domain::ids::{MerchantLinkId, TenantId};
use crate::domain::merchant_link::{MerchantLink, PACE_OF_ADDRESS, PACE_OF_LINK};
use crate::secret::{OneTimeToken, fingerprint};
use crate::store::{StoreError, merchant_link, press_rate, tenant};

use super::enter_authorization::Browser;
use super::open_link::{self, Closed};
use super::start_authorization::{self, Request};
use super::{Context, ServiceError};

/// Why nothing was begun.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PressRefused {
    Closed(Closed),
    /// The link or the address was pressed too often.
    TooFast,
}

/// Who presses.
#[derive(Clone, Debug, Default)]
pub struct Presser {
    pub browser: Browser,
    pub from: Option<IpAddr>,
}

/// The token of the entry page, or why there is none.
///
/// # Errors
/// `NotFound` when there is no such link; as `start_authorization`.
pub async fn run(
    cx: &Context,
    now: Timestamp,
    by: &Actor,
    token: &str,
    who: &Presser,
) -> Result<Result<OneTimeToken, PressRefused>, ServiceError> {
    let link = open_link::find(cx, &mut cx.store.read().await?, token).await?.link;
    begin(cx, (now, by), link, who).await
}

/// The same from the pages that come after the link's own.
///
/// # Errors
/// As `run`.
pub(super) async fn again(
    cx: &Context,
    (now, by): (Timestamp, &Actor),
    (of, link): (&TenantId, &MerchantLinkId),
    who: &Presser,
) -> Result<Result<OneTimeToken, PressRefused>, ServiceError> {
    let found = merchant_link::find(&mut cx.store.read().await?, &cx.vault, of, link).await?;
    begin(cx, (now, by), found.ok_or(ServiceError::NotFound)?.link, who).await
}

async fn begin(
    cx: &Context,
    (now, by): (Timestamp, &Actor),
    link: MerchantLink,
    who: &Presser,
) -> Result<Result<OneTimeToken, PressRefused>, ServiceError> {
    let mut tx = cx.store.write().await?;
    let tenant = tenant::find(&mut tx, &link.tenant).await?.ok_or(ServiceError::NotFound)?;
    if let Some(closed) = open_link::closed(&link, &tenant, now) {
        return Ok(Err(PressRefused::Closed(closed)));
    }
    let of_link = press_rate::take(&mut tx, &format!("link:{}", link.id), PACE_OF_LINK, now).await?;
    let of_address = press_rate::take(&mut tx, &bucket(who.from), PACE_OF_ADDRESS, now).await?;
    if !(of_link && of_address) {
        return Ok(Err(PressRefused::TooFast));
    }
    tx.commit().await?;
    let by = by.holding(link.id.as_str());
    let request = Request {
        tenant: link.tenant,
        user: None,
        session_hash: who.browser.session_hash.clone(),
        component: link.component,
        auth_type: link.auth_type,
        expected_appid: link.locked,
        link: Some(link.id),
        asked_at: None,
    };
    Ok(Ok(start_authorization::run(cx, now, &by, request).await?.entry))
}

/// One for each IPv4 address, and for each network of IPv6, which one household has whole. The address itself is not kept.
pub(super) fn bucket(from: Option<IpAddr>) -> String {
    let network = match from {
        None => "nowhere".to_owned(),
        Some(IpAddr::V4(address)) => address.to_string(),
        Some(IpAddr::V6(address)) => match address.to_ipv4_mapped() {
            Some(address) => address.to_string(),
            None => format!("{:x?}", &address.segments()[..4]),
        },
    };
    format!("address:{}", &fingerprint(&network)[..32])
}

/// How often merchants pressed is nobody's business once the buckets are rested, and visits once they are old.
pub(super) async fn forget_old(
    tx: &mut crate::store::Writer,
    (now, visits_before): (Timestamp, Timestamp),
) -> Result<u64, StoreError> {
    let visits = crate::store::merchant_link_visit::forget_old(tx, visits_before).await?;
    Ok(visits + press_rate::forget_rested(tx, now).await?)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(text: &str) -> String {
        bucket(Some(text.parse().unwrap()))
    }

    #[test]
    fn a_household_has_one_bucket() {
        assert_eq!(of("2001:db8:1:2::3"), of("2001:db8:1:2:ffff::9"));
        assert_ne!(of("2001:db8:1:2::3"), of("2001:db8:1:3::3"));
        assert_eq!(of("::ffff:203.0.113.9"), of("203.0.113.9"));
        assert_ne!(of("203.0.113.8"), of("203.0.113.9"));
        assert!(!of("203.0.113.8").contains("203"));
    }
}
