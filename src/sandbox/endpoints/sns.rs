//! `/sns/component/jscode2session`: the login of a mini program through the component, in its own style of parameters.

use serde_json::{Value, json};

use super::call::Call;
use super::gate;
use crate::sandbox::ids;
use crate::sandbox::refusal::Refusal;
use crate::sandbox::state::World;
use crate::sandbox::tokens::Lane;

pub fn jscode2session(world: &mut World, call: &Call) -> Result<Value, Refusal> {
    let Lane::Component { component } = gate::lane(world, call)? else { return Err(61014.into()) };
    gate::check_component(world, call, &component)?;
    let appid = call.query("appid").ok_or(41002)?;
    call.query("js_code").ok_or_else(|| Refusal::with(41008, "missing code"))?;
    world.grant(&component, appid)?;
    Ok(json!({"openid": ids::openid(&world.random), "session_key": ids::aes_key(&world.random)}))
}
