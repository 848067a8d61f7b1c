//! `api_create_preauthcode`: one code for one visit of the consent page.

use std::time::Duration;

use serde_json::{Value, json};

use super::call::Call;
use super::gate;
use crate::sandbox::codes::PreAuthCode;
use crate::sandbox::ids;
use crate::sandbox::refusal::Refusal;
use crate::sandbox::state::World;

pub fn run(world: &mut World, call: &Call) -> Result<Value, Refusal> {
    let component = gate::component(world, call)?;
    let now = world.now();
    world.quotas.charge(&component, &call.path, now)?;
    let value = ids::pre_auth_code(&world.random);
    let seconds = world.switches.pre_auth_code_seconds;
    let code = PreAuthCode { component, expires_at: now.plus(Duration::from_secs(seconds)), used: false };
    world.codes.sweep(now);
    world.codes.pre_auth.insert(value.clone(), code);
    Ok(json!({"pre_auth_code": value, "expires_in": seconds}))
}
