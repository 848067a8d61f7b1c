//! A new press on an entry page that is over: the same purpose with a fresh code, bound to this browser. The page's
//! address is kept in chats and by people who have left, so it is good for a day, at a pace, and only for as long as
//! whoever began it may begin one.

use std::time::Duration;

use crate::clock::Timestamp;
use crate::domain::audit::Actor;
use crate::domain::authorization::{Authorization, AuthorizationStatus};
use crate::domain::merchant_link::{PACE_OF_ADDRESS, PACE_OF_LINK, Pace};
use crate::domain::role::Permission;
use crate::secret::OneTimeToken;
use crate::store::authorization::{self, Opened};
use crate::store::{Reader, StoreError, Writer, app_user, membership, press_rate, tenant};

use super::press_link::{self, PressRefused, Presser};
use super::start_authorization::{self, Request};
use super::{Context, ServiceError};

/// Since it was asked for, however often it was renewed. After that somebody who knows what it is for begins a new one.
const RENEWABLE: Duration = Duration::from_secs(24 * 3600);
/// For all entry pages of a tenant: every renewal has a page of its own, whose pace starts afresh.
const PACE_OF_TENANT: Pace = Pace { every: Duration::from_secs(10), burst: 60 };

/// Why nothing was begun.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RenewRefused {
    /// By a merchant's link: the link's own reasons. Without one: too fast.
    Pressed(PressRefused),
    /// It has ended well, is being finished or waits for an admin: its page says which.
    NothingToRenew,
    TooOld,
    /// The tenant is suspended, or about to be deleted.
    Suspended,
    /// Whoever began it may not begin one any more.
    NotAllowedAnyMore,
}

/// The token of the new entry page, or why there is none.
///
/// # Errors
/// As `start_authorization`; `NotFound` when the entry token is unknown.
pub async fn run(
    cx: &Context,
    now: Timestamp,
    by: &Actor,
    entry: &str,
    who: &Presser,
) -> Result<Result<OneTimeToken, RenewRefused>, ServiceError> {
    let opened = authorization::find_by_entry(&mut cx.store.read().await?, &cx.vault, entry)
        .await?
        .ok_or(ServiceError::NotFound)?;
    if let Some(link) = &opened.authorization.link {
        let of = &opened.authorization.tenant;
        let pressed = press_link::again(cx, (now, by), (of, link), who).await?;
        return Ok(pressed.map_err(RenewRefused::Pressed));
    }
    let mut tx = cx.store.write().await?;
    if let Some(refused) = refusal(&mut tx, now, &opened.authorization).await? {
        return Ok(Err(refused));
    }
    if !keeps_pace(&mut tx, now, &opened.authorization, who).await? {
        return Ok(Err(RenewRefused::Pressed(PressRefused::TooFast)));
    }
    tx.commit().await?;
    Ok(Ok(start_authorization::run(cx, now, by, same_purpose(opened, who)).await?.entry))
}

async fn refusal(
    tx: &mut Reader,
    now: Timestamp,
    old: &Authorization,
) -> Result<Option<RenewRefused>, ServiceError> {
    let of = tenant::find(tx, &old.tenant).await?.ok_or(ServiceError::NotFound)?;
    Ok(if of.suspended_at.is_some() {
        Some(RenewRefused::Suspended)
    } else if !may_be_renewed(old) {
        Some(RenewRefused::NothingToRenew)
    } else if old.asked_at.plus(RENEWABLE) <= now {
        Some(RenewRefused::TooOld)
    } else if !may_still_begin(tx, old).await? {
        Some(RenewRefused::NotAllowedAnyMore)
    } else {
        None
    })
}

/// Where the page offers another try.
fn may_be_renewed(old: &Authorization) -> bool {
    match old.status {
        AuthorizationStatus::Started | AuthorizationStatus::Lapsed => true,
        AuthorizationStatus::Failed => !old.problem.is_some_and(|problem| problem.waits_for_admin()),
        AuthorizationStatus::Exchanging | AuthorizationStatus::Finished => false,
    }
}

/// Whether the person who began it could do so today. One that nobody answers for is not begun again.
async fn may_still_begin(tx: &mut Reader, old: &Authorization) -> Result<bool, StoreError> {
    let Some(user) = &old.user else { return Ok(false) };
    let works_here = app_user::find(tx, user).await?.is_some_and(|user| user.disabled_at.is_none());
    let role = membership::find(tx, &old.tenant, user).await?;
    Ok(works_here && role.is_some_and(|role| role.may(Permission::ManageAuthorizers)))
}

async fn keeps_pace(
    tx: &mut Writer,
    now: Timestamp,
    old: &Authorization,
    who: &Presser,
) -> Result<bool, StoreError> {
    let of_entry = press_rate::take(tx, &format!("entry:{}", old.id), PACE_OF_LINK, now).await?;
    let of_tenant = press_rate::take(tx, &format!("renew:{}", old.tenant), PACE_OF_TENANT, now).await?;
    let of_address = press_rate::take(tx, &press_link::bucket(who.from), PACE_OF_ADDRESS, now).await?;
    Ok(of_entry && of_tenant && of_address)
}

fn same_purpose(opened: Opened, who: &Presser) -> Request {
    let old = opened.authorization;
    Request {
        tenant: old.tenant,
        user: old.user,
        session_hash: who.browser.session_hash.clone().or(opened.session_hash),
        component: Some(old.component),
        auth_type: old.auth_type,
        expected_appid: old.expected_appid,
        link: None,
        asked_at: Some(old.asked_at),
    }
}
