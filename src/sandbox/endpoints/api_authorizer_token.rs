//! `api_authorizer_token`: a refresh token makes a new access token. Whether the refresh token changes is a switch.

use std::time::Duration;

use serde_json::{Value, json};

use super::call::Call;
use super::gate;
use crate::sandbox::ids;
use crate::sandbox::refusal::Refusal;
use crate::sandbox::state::World;
use crate::sandbox::tokens::Lane;

pub fn run(world: &mut World, call: &Call) -> Result<Value, Refusal> {
    let component = gate::component(world, call)?;
    let account = call.text("authorizer_appid").ok_or(40013)?;
    let now = world.now();
    world.quotas.charge(&account, &call.path, now)?;
    let used = call.text("authorizer_refresh_token").ok_or(61023)?;
    let limited = world.accounts.get(&account).is_some_and(|known| !known.status.may_grant());
    if limited && world.switches.frozen_refresh_errcode != 0 {
        return Err(world.switches.frozen_refresh_errcode.into());
    }
    let fresh = ids::refresh_token(&world.random);
    let (rotation, overlap) = (world.switches.rotation, Duration::from_secs(world.switches.overlap_seconds));
    // Also for an account that cancelled: the pair of appid and refresh token is what is wrong.
    let grant = world.grant_mut(&component, &account).map_err(|_| 61023)?;
    if !grant.accepts(&used, now) {
        return Err(61023.into());
    }
    grant.rotate(rotation, fresh, overlap, now);
    let refresh_token = grant.refresh_token.clone();
    let (token, seconds) = world.issue_token(&Lane::authorizer(&component, &account));
    Ok(json!({
        "authorizer_access_token": token,
        "expires_in": seconds,
        "authorizer_refresh_token": refresh_token,
    }))
}
