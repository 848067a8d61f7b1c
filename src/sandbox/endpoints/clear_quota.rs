//! The ways to clear quotas. All of one account share ten clears a month.

use serde_json::{Value, json};

use super::call::Call;
use super::gate;
use crate::sandbox::refusal::Refusal;
use crate::sandbox::state::World;
use crate::sandbox::tokens::Lane;

/// `/cgi-bin/clear_quota`: the appid must be the token's.
pub fn of_token(world: &mut World, call: &Call) -> Result<Value, Refusal> {
    let lane = gate::lane(world, call)?;
    let appid = call.text("appid").ok_or(41002)?;
    match &lane {
        Lane::Component { component } => gate::check_component(world, call, component)?,
        Lane::Authorizer { .. } | Lane::Own { .. } | Lane::Stable { .. } => {
            gate::check_merchant(world, call, &lane)?;
        }
    }
    if lane.appid() != appid {
        return Err(49001.into());
    }
    clear(world, &appid, None)
}

/// `/cgi-bin/component/clear_quota`: the old form for the platform itself.
pub fn of_component(world: &mut World, call: &Call) -> Result<Value, Refusal> {
    let component = gate::component(world, call)?;
    clear(world, &component, None)
}

/// `/cgi-bin/component/clear_quota/v2`: no token, for when the token itself is out of quota.
pub fn by_component_secret(world: &mut World, call: &Call) -> Result<Value, Refusal> {
    let component = call.anywhere("component_appid").ok_or(41002)?;
    let secret = call.anywhere("appsecret").ok_or(41004)?;
    let appid = call.anywhere("appid").ok_or(41002)?;
    if world.component(&component)?.secret != secret {
        return Err(40125.into());
    }
    gate::check_component(world, call, &component)?;
    if appid != component {
        world.grant(&component, &appid).map_err(|_| 40013)?;
    }
    clear(world, &appid, None)
}

/// `/cgi-bin/clear_quota/v2`: with the account's own secret.
pub fn by_own_secret(world: &mut World, call: &Call) -> Result<Value, Refusal> {
    let appid = call.anywhere("appid").ok_or(41002)?;
    let secret = call.anywhere("appsecret").ok_or(41004)?;
    let account = world.account(&appid)?;
    if account.secret != secret {
        return Err(40125.into());
    }
    gate::check_own_address(account, call)?;
    clear(world, &appid, None)
}

/// `/cgi-bin/openapi/quota/clear`: one API only.
pub fn of_path(world: &mut World, call: &Call) -> Result<Value, Refusal> {
    let lane = gate::lane(world, call)?;
    let path = call.text("cgi_path").filter(|path| path.starts_with('/')).ok_or(76003)?;
    clear(world, lane.appid(), Some(&path))
}

fn clear(world: &mut World, appid: &str, path: Option<&str>) -> Result<Value, Refusal> {
    let now = world.now();
    world.quotas.clear(appid, path, now)?;
    Ok(json!({"errcode": 0, "errmsg": "ok"}))
}
