//! Links for every account that only its administrator can bring back, made at once. An account that has a link already
//! keeps it, so that the same press twice makes nothing twice.

use std::collections::HashMap;
use std::time::Duration;

use crate::clock::Timestamp;
use crate::domain::audit::{Action, Actor, Detail, Entry, Subject};
use crate::domain::authorizer::Authorizer;
use crate::domain::ids::{AuthorizerAppid, AuthorizerKey, ComponentAppid, TenantId};
use crate::domain::merchant_link::{Pace, Way};
use crate::domain::text::Lang;
use crate::store::merchant_link::{self, Opened};
use crate::store::{Reader, StoreError, audit, merchant_link_list, press_rate};

use super::create_link::{self, Handed, MOST_OPEN, NewLink};
use super::{Context, ServiceError};

/// Links made by one press, and accounts on one page.
pub const AT_ONCE: usize = 500;
/// A link that ends sooner is not handed out again.
const LEFT: Duration = Duration::from_secs(24 * 3600);
/// Also the lock: whoever presses at the same time waits here until the other's links are there.
const PACE: Pace = Pace { every: Duration::from_secs(2), burst: 30 };

/// What is chosen for all links of one press.
#[derive(Clone, Copy, Debug)]
pub struct Wanted {
    /// 1 to 90.
    pub days: u64,
    pub lang: Option<Lang>,
}

/// What a press did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Made {
    pub made: usize,
    /// There are accounts left without a link: press again.
    pub left: bool,
}

/// An account that waits for its administrator, and the link to send.
#[derive(Clone, Debug)]
pub struct Waiting {
    pub account: Authorizer,
    pub handed: Option<Handed>,
}

/// Where a page starts: after this account.
pub type After = (AuthorizerAppid, ComponentAppid);

/// A page of accounts that wait, in the order of their appids, and where the next starts.
///
/// # Errors
/// `Store`.
pub async fn list(
    cx: &Context,
    now: Timestamp,
    of: &TenantId,
    after: Option<&After>,
) -> Result<(Vec<Waiting>, Option<After>), ServiceError> {
    let mut tx = cx.store.read_for(of).await?;
    let accounts = page(&mut tx, of, after).await?;
    let next = (accounts.len() == AT_ONCE).then(|| accounts.last().map(place)).flatten();
    let mut links = links(cx, &mut tx, (of, now), &accounts).await?;
    let rows = accounts.into_iter().map(|account| {
        let handed = links.remove(&account.key).map(|opened| Handed::of(cx, opened));
        Waiting { account, handed }
    });
    Ok((rows.collect(), next))
}

/// Makes the links that are missing, at most [`AT_ONCE`], in one transaction.
///
/// # Errors
/// `Conflict` when the tenant has as many open links as it may have or presses too fast, `Store`.
pub async fn run(
    cx: &Context,
    now: Timestamp,
    by: &Actor,
    of: &TenantId,
    wanted: Wanted,
) -> Result<Made, ServiceError> {
    let mut tx = cx.store.write().await?;
    if !press_rate::take(&mut tx, &format!("bulk:{of}"), PACE, now).await? {
        return Err(ServiceError::Conflict("links are made too fast"));
    }
    let missing = missing(cx, &mut tx, of, now).await?;
    let open = merchant_link::count_open(&mut tx, of, now).await?;
    let room = usize::try_from(MOST_OPEN - open).unwrap_or(0);
    if room == 0 && !missing.is_empty() {
        return Err(ServiceError::Conflict("the tenant has as many open links as it may have"));
    }
    let made = missing.len().min(AT_ONCE).min(room);
    for account in missing.iter().take(made) {
        let drawn = create_link::draw(cx, now, (of, by.user_id()), new_link(account, wanted))?;
        merchant_link::insert(&mut tx, &cx.vault, &drawn.link, &drawn.token).await?;
    }
    if made > 0 {
        let detail = Detail::none().fact("links", i64::try_from(made).unwrap_or(i64::MAX));
        let entry = Entry::of(of, Action::LinksCreated, Subject::tenant_id(of)).with(detail);
        audit::append(&mut tx, now, by, &entry).await?;
    }
    tx.commit().await?;
    tracing::info!(tenant = %of, made, "links for waiting accounts were made");
    Ok(Made { made, left: missing.len() > made })
}

/// Accounts without a link, one more than is made at once at most.
async fn missing(
    cx: &Context,
    tx: &mut Reader,
    of: &TenantId,
    now: Timestamp,
) -> Result<Vec<Authorizer>, StoreError> {
    let mut missing = Vec::new();
    let mut after = None;
    while missing.len() <= AT_ONCE {
        let accounts = page(tx, of, after.as_ref()).await?;
        let Some(last) = accounts.last() else { break };
        after = Some(place(last));
        let links = links(cx, tx, (of, now), &accounts).await?;
        missing.extend(accounts.into_iter().filter(|account| !links.contains_key(&account.key)));
    }
    Ok(missing)
}

async fn page(tx: &mut Reader, of: &TenantId, after: Option<&After>) -> Result<Vec<Authorizer>, StoreError> {
    let after = after.map(|(appid, component)| (appid, component));
    merchant_link_list::waiting_accounts(tx, of, after, i64::try_from(AT_ONCE).unwrap_or(i64::MAX)).await
}

fn place(account: &Authorizer) -> After {
    (account.key.authorizer.clone(), account.key.component.clone())
}

/// The longest living link of each account; `accounts` are in the order of their appids.
async fn links(
    cx: &Context,
    tx: &mut Reader,
    (of, now): (&TenantId, Timestamp),
    accounts: &[Authorizer],
) -> Result<HashMap<AuthorizerKey, Opened>, StoreError> {
    let (Some(first), Some(last)) = (accounts.first(), accounts.last()) else { return Ok(HashMap::new()) };
    let span = (&first.key.authorizer, &last.key.authorizer);
    let mut links = HashMap::new();
    for opened in merchant_link_list::locked(tx, &cx.vault, of, span, now.plus(LEFT)).await? {
        if let (Some(component), Some(authorizer)) = (&opened.link.component, &opened.link.locked) {
            let key = AuthorizerKey { component: component.clone(), authorizer: authorizer.clone() };
            links.entry(key).or_insert(opened);
        }
    }
    Ok(links)
}

fn new_link(account: &Authorizer, wanted: Wanted) -> NewLink {
    let name = account.profile.nick_name.as_deref().map(str::trim).filter(|name| !name.is_empty());
    NewLink {
        label: name.unwrap_or(account.key.authorizer.as_str()).chars().take(80).collect(),
        email: None,
        lang: wanted.lang,
        component: Some(account.key.component.clone()),
        auth_type: create_link::kind_of(account),
        way: Way::Any,
        locked: Some(account.key.authorizer.clone()),
        most_uses: Some(1),
        days: wanted.days,
    }
}
