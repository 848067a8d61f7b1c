//! The checks that many endpoints share: which token, whose, from which address.

use super::call::Call;
use crate::sandbox::account::Account;
use crate::sandbox::refusal::Refusal;
use crate::sandbox::state::World;
use crate::sandbox::switches::QueryName;
use crate::sandbox::tokens::{Lane, TokenProblem};

/// The token of the query, under the names that are understood.
fn token_of<'a>(world: &World, call: &'a Call) -> Result<&'a str, Refusal> {
    let (old, new) = (call.query("component_access_token"), call.query("access_token"));
    match world.switches.query_name {
        QueryName::Either => old.or(new),
        QueryName::ComponentAccessToken => old,
        QueryName::AccessToken => new,
    }
    .ok_or_else(|| 41001.into())
}

/// The lane of a living token.
///
/// # Errors
/// 41001, 40001, 42001.
pub fn lane(world: &World, call: &Call) -> Result<Lane, Refusal> {
    living(world, token_of(world, call)?)
}

fn living(world: &World, token: &str) -> Result<Lane, Refusal> {
    match world.tokens.check(token, world.now()) {
        Ok(lane) => Ok(lane.clone()),
        Err(TokenProblem::Invalid) => Err(40001.into()),
        Err(TokenProblem::Expired) => Err(42001.into()),
    }
}

/// The component whose token this call carries, let in from this address and named in the body.
///
/// # Errors
/// 41001, 40001, 42001, 61014 (another kind of token), 61004, 61011, 41002, 40013.
pub fn component(world: &World, call: &Call) -> Result<String, Refusal> {
    let Lane::Component { component } = lane(world, call)? else { return Err(61014.into()) };
    check_component(world, call, &component)?;
    match call.text("component_appid") {
        Some(named) if named == component => Ok(component),
        Some(_) => Err(40013.into()),
        None => Err(41002.into()),
    }
}

/// Whether the component is enabled and lets this address in.
///
/// # Errors
/// 61011, 61004.
pub fn check_component(world: &World, call: &Call, appid: &str) -> Result<(), Refusal> {
    let component = world.component(appid)?;
    if !component.enabled {
        return Err(61011.into());
    }
    if component.lets_in(&call.client_ip) {
        return Ok(());
    }
    Err(Refusal::with(61004, format!("access clientip is not registered requestIP: {}", call.client_ip)))
}

/// Whose token a merchant's call carries; it goes under `access_token` only.
///
/// # Errors
/// 41001, 40001, 42001, 61015 (a component's token), 61004, 40164, and what the grant and the account say.
pub fn merchant(world: &World, call: &Call) -> Result<Lane, Refusal> {
    let lane = living(world, call.query("access_token").ok_or(41001)?)?;
    check_merchant(world, call, &lane)?;
    Ok(lane)
}

pub fn check_merchant(world: &World, call: &Call, lane: &Lane) -> Result<(), Refusal> {
    match lane {
        Lane::Component { .. } => Err(61015.into()),
        Lane::Authorizer { component, account } => {
            check_component(world, call, component)?;
            let cancelled = Refusal::from(world.switches.cancelled_call_errcode);
            world.grant(component, account).map_err(|_| cancelled)?;
            Ok(())
        }
        Lane::Own { account } | Lane::Stable { account } => check_own_address(world.account(account)?, call),
    }
}

/// The white list of an account's own secret.
///
/// # Errors
/// 40164 with the address.
pub fn check_own_address(account: &Account, call: &Call) -> Result<(), Refusal> {
    let ip = &call.client_ip;
    if account.ip_list.is_empty() || account.ip_list.iter().any(|listed| covers(listed, ip)) {
        return Ok(());
    }
    Err(Refusal::with(40164, format!("invalid ip {ip} ipv6 ::ffff:{ip}, not in whitelist")))
}

/// A single address, a CIDR block (IPv4) or `*`.
fn covers(listed: &str, ip: &str) -> bool {
    if listed == "*" || listed == ip {
        return true;
    }
    let block = || {
        let (network, bits) = listed.split_once('/')?;
        let network: std::net::Ipv4Addr = network.parse().ok()?;
        let ip: std::net::Ipv4Addr = ip.parse().ok()?;
        let bits: u32 = bits.parse().ok().filter(|bits| *bits <= 32)?;
        let mask = u32::MAX.checked_shl(32 - bits).unwrap_or(0);
        Some(network.to_bits() & mask == ip.to_bits() & mask)
    };
    block().unwrap_or(false)
}
