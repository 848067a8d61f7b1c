//! `api_start_push_ticket`: starts stopped ticket pushes; needs no token. Also a probe: the errmsg tells whether they
//! were stopped.

use serde_json::{Value, json};

use super::call::Call;
use super::gate;
use crate::sandbox::refusal::Refusal;
use crate::sandbox::state::World;

pub fn run(world: &mut World, call: &Call) -> Result<Value, Refusal> {
    let appid = call.text("component_appid").ok_or(41002)?;
    let secret = call.text("component_secret").ok_or(41004)?;
    let Some(component) = world.components.get(&appid) else {
        // Staff: -1 for the appid of an ordinary account.
        return Err(if world.accounts.contains_key(&appid) { -1 } else { 40013 }.into());
    };
    if component.secret != secret {
        return Err(61011.into());
    }
    gate::check_component(world, call, &appid)?;
    let component = world.components.get_mut(&appid).ok_or(40013)?;
    if !component.pusher.stopped {
        return Ok(json!({"errcode": 0, "errmsg": "in a normal state"}));
    }
    component.pusher.stopped = false;
    component.pusher.failed_periods = 0;
    if !component.pusher.outage {
        world.push_ticket(&appid)?;
    }
    Ok(json!({"errcode": 0, "errmsg": "ok"}))
}
