//! `get_authorizer_option` and `set_authorizer_option`, in the old style (component token and appids in the body) and
//! the new one (authorizer token). Values are texts.

use serde_json::{Value, json};

use super::call::Call;
use super::gate;
use crate::sandbox::refusal::Refusal;
use crate::sandbox::state::World;
use crate::sandbox::tokens::Lane;

pub fn get(world: &mut World, call: &Call) -> Result<Value, Refusal> {
    let (component, account) = whose(world, call)?;
    let name = call.text("option_name").ok_or(61012)?;
    let grant = world.grant(&component, &account)?;
    let value = grant.options.get(&name).ok_or(61012)?;
    Ok(json!({"authorizer_appid": account, "option_name": name, "option_value": value}))
}

pub fn set(world: &mut World, call: &Call) -> Result<Value, Refusal> {
    let (component, account) = whose(world, call)?;
    let name = call.text("option_name").ok_or(61012)?;
    let value = call.text("option_value").ok_or(61013)?;
    let grant = world.grant_mut(&component, &account)?;
    let option = grant.options.get_mut(&name).ok_or(61012)?;
    let good = matches!((name.as_str(), value.as_str()), (_, "0" | "1") | ("location_report", "2"));
    if !good {
        return Err(61013.into());
    }
    *option = value;
    Ok(json!({"errcode": 0, "errmsg": "ok"}))
}

fn whose(world: &World, call: &Call) -> Result<(String, String), Refusal> {
    match gate::lane(world, call)? {
        Lane::Component { component } => {
            gate::check_component(world, call, &component)?;
            Ok((component, call.text("authorizer_appid").ok_or(40013)?))
        }
        lane @ Lane::Authorizer { .. } => {
            gate::check_merchant(world, call, &lane)?;
            match lane {
                Lane::Authorizer { component, account } => Ok((component, account)),
                Lane::Component { .. } | Lane::Own { .. } | Lane::Stable { .. } => Err(61014.into()),
            }
        }
        Lane::Own { .. } | Lane::Stable { .. } => Err(61014.into()),
    }
}
