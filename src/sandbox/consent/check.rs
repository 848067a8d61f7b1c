//! What is checked when a consent page is opened, and what it then offers.

use std::collections::BTreeSet;
use std::time::Duration;

use serde::Deserialize;
use url::Url;

use super::Variant;
use super::problem::Problem;
use crate::sandbox::account::{Account, AccountKind};
use crate::sandbox::codes::ConsentTicket;
use crate::sandbox::component::Component;
use crate::sandbox::state::World;
use crate::sandbox::switches::{ConsumeAt, ExclusiveSets};
use crate::sandbox::{ids, sets};

const FORM_LIVES: Duration = Duration::from_secs(1800);
/// A longer list is cut; the rest is reached with `biz_appid`.
const ACCOUNTS_SHOWN: usize = 200;

/// The query of the consent page.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Params {
    pub component_appid: String,
    pub pre_auth_code: String,
    pub redirect_uri: String,
    pub auth_type: String,
    pub biz_appid: String,
    pub category_id_list: String,
    pub lang: String,
}

pub struct OfferedAccount {
    pub appid: String,
    pub name: String,
    pub kind: AccountKind,
    pub principal: String,
    pub granted: bool,
}

pub struct OfferedSet {
    pub id: u32,
    /// Only one component may hold it.
    pub exclusive: bool,
}

/// Everything that the page shows.
pub struct Offer {
    pub variant: Variant,
    pub english: bool,
    pub ticket: String,
    pub component_name: String,
    pub component_appid: String,
    pub return_host: String,
    pub domain_unchecked: bool,
    pub unpublished: bool,
    pub locked: bool,
    pub accounts: Vec<OfferedAccount>,
    pub more_accounts: usize,
    pub sets: Vec<OfferedSet>,
}

/// Checks the query and the Referer.
///
/// # Errors
/// The first [`Problem`], in the order in which WeChat seems to look.
pub fn open(
    world: &mut World,
    variant: Variant,
    params: &Params,
    referer: &str,
    english: bool,
) -> Result<Offer, Problem> {
    let component = world.components.get(&params.component_appid).filter(|known| known.enabled);
    let component = component.ok_or(Problem::Component)?.clone();
    let redirect = Url::parse(&params.redirect_uri).ok().filter(|url| url.has_host());
    let redirect = redirect.ok_or(Problem::RedirectUri)?;
    check_domains(world, variant, &component, &redirect, referer)?;
    check_code(world, &component, &params.pre_auth_code)?;
    let kinds = AccountKind::of_auth_type(&params.auth_type).ok_or(Problem::AuthType)?;
    let biz_appid = (!params.biz_appid.is_empty()).then(|| params.biz_appid.clone());
    let (accounts, total) = eligible(world, &component, kinds, biz_appid.as_deref());
    if biz_appid.is_some() && accounts.is_empty() {
        return Err(Problem::BizAppid);
    }
    let offered_sets = offered_sets(&component, &params.category_id_list);
    let now = world.now();
    let ticket = ids::consent_ticket(&world.random);
    let kept = ConsentTicket {
        component: component.appid.clone(),
        pre_auth_code: params.pre_auth_code.clone(),
        redirect_uri: redirect.to_string(),
        kinds,
        biz_appid: biz_appid.clone(),
        sets: offered_sets.clone(),
        english,
        expires_at: now.plus(FORM_LIVES),
    };
    world.codes.consents.insert(ticket.clone(), kept);
    Ok(Offer {
        variant,
        english,
        ticket,
        return_host: host_of(&redirect),
        domain_unchecked: component.entry_domain.is_empty(),
        unpublished: !component.published,
        locked: biz_appid.is_some(),
        more_accounts: total.saturating_sub(accounts.len()),
        sets: offered_sets.into_iter().map(offered_set).collect(),
        accounts,
        component_name: component.name,
        component_appid: component.appid,
    })
}

fn check_code(world: &mut World, component: &Component, value: &str) -> Result<(), Problem> {
    let (now, consume_at) = (world.now(), world.switches.consume_pre_auth_code_at);
    let code = world.codes.pre_auth.get_mut(value).ok_or(Problem::PreAuthCode)?;
    if code.component != component.appid || code.used || now >= code.expires_at {
        return Err(Problem::PreAuthCode);
    }
    code.used = consume_at == ConsumeAt::Open;
    Ok(())
}

fn check_domains(
    world: &World,
    variant: Variant,
    component: &Component,
    redirect: &Url,
    referer: &str,
) -> Result<(), Problem> {
    let wanted = component.entry_domain.as_str();
    if wanted.is_empty() {
        return Ok(());
    }
    let found = host_of(redirect);
    if !same_domain(wanted, &found) {
        return Err(Problem::RedirectDomain { found, wanted: wanted.to_owned() });
    }
    let checked = match variant {
        Variant::Pc => world.switches.referer_check_pc,
        Variant::H5 => world.switches.referer_check_h5,
    };
    let found = Url::parse(referer).ok().map(|url| host_of(&url));
    match found {
        Some(host) if same_domain(wanted, &host) => Ok(()),
        _ if !checked => Ok(()),
        found => Err(Problem::EntryDomain { found, wanted: wanted.to_owned() }),
    }
}

/// Host, and port when it is not the usual one.
fn host_of(url: &Url) -> String {
    let host = url.host_str().unwrap_or("");
    url.port().map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"))
}

/// The configured domain may leave out the port; then any port fits.
fn same_domain(wanted: &str, found: &str) -> bool {
    let without_port = |host: &str| host.rsplit_once(':').map_or(host, |(host, _)| host).to_ascii_lowercase();
    wanted.eq_ignore_ascii_case(found)
        || (!wanted.contains(':') && wanted.to_ascii_lowercase() == without_port(found))
}

/// The accounts that may grant: in good standing, of the right kind (unless one was named), on the test list while
/// the platform is unpublished. Also how many there are.
fn eligible(
    world: &World,
    component: &Component,
    kinds: &[AccountKind],
    biz_appid: Option<&str>,
) -> (Vec<OfferedAccount>, usize) {
    let fits = |account: &&Account| may_choose(component, kinds, biz_appid, account);
    let offered = |account: &Account| OfferedAccount {
        appid: account.appid.clone(),
        name: if account.nick_name.is_empty() { account.appid.clone() } else { account.nick_name.clone() },
        kind: account.kind,
        principal: account.principal.clone(),
        granted: world.grant(&component.appid, &account.appid).is_ok(),
    };
    let mut accounts: Vec<OfferedAccount> = world.accounts.values().filter(fits).map(offered).collect();
    let total = accounts.len();
    // Whoever comes here usually wants an account that is not authorised yet.
    accounts.sort_by_key(|account| account.granted);
    accounts.truncate(ACCOUNTS_SHOWN);
    (accounts, total)
}

/// Whether this account may grant on this page. A named account wins over `auth_type`.
pub fn may_choose(
    component: &Component,
    kinds: &[AccountKind],
    biz_appid: Option<&str>,
    account: &Account,
) -> bool {
    let meant = match biz_appid {
        Some(biz_appid) => account.appid == biz_appid,
        None => kinds.contains(&account.kind),
    };
    meant
        && account.status.may_grant()
        && (component.published || component.test_list.contains(&account.appid))
}

/// All sets of the platform, or those of `category_id_list` among them.
fn offered_sets(component: &Component, category_id_list: &str) -> BTreeSet<u32> {
    let listed: BTreeSet<u32> = category_id_list.split('|').filter_map(|id| id.trim().parse().ok()).collect();
    component.sets.iter().copied().filter(|id| listed.is_empty() || listed.contains(id)).collect()
}

fn offered_set(id: u32) -> OfferedSet {
    OfferedSet { id, exclusive: sets::is_exclusive(id) }
}

/// The exclusive sets among these that another component holds for this account.
pub fn taken_elsewhere(
    world: &World,
    component: &str,
    account: &str,
    wanted: &BTreeSet<u32>,
) -> BTreeSet<u32> {
    if world.switches.exclusive_sets == ExclusiveSets::Off {
        return BTreeSet::new();
    }
    let others =
        world.grants.iter().filter(|((holder, granted), _)| granted == account && holder != component);
    let held: BTreeSet<u32> = others.flat_map(|(_, grant)| grant.sets.iter().copied()).collect();
    wanted.iter().copied().filter(|id| sets::is_exclusive(*id) && held.contains(id)).collect()
}
