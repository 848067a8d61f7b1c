//! `api_get_authorizer_list`: every grant with its refresh token, in pages without a cursor.

use serde_json::{Value, json};

use super::call::Call;
use super::gate;
use crate::sandbox::refusal::Refusal;
use crate::sandbox::state::World;

pub fn run(world: &mut World, call: &Call) -> Result<Value, Refusal> {
    let component = gate::component(world, call)?;
    let now = world.now();
    world.quotas.charge(&component, &call.path, now)?;
    let number = |name| call.number(name).and_then(|number| usize::try_from(number).ok());
    let (Some(offset), Some(count)) = (number("offset"), number("count")) else { return Err(47001.into()) };
    if u64::try_from(count).unwrap_or(u64::MAX) > world.switches.list_max {
        return Err(40170.into());
    }
    let granted = || {
        let first = (component.clone(), String::new());
        world.grants.range(first..).take_while(|((owner, _), _)| *owner == component)
    };
    let list: Vec<Value> = granted()
        .skip(offset)
        .take(count)
        .map(|((_, account), grant)| {
            let refresh_token = if grant.exchanged { grant.refresh_token.as_str() } else { "" };
            json!({"authorizer_appid": account, "refresh_token": refresh_token, "auth_time": grant.auth_time})
        })
        .collect();
    Ok(json!({"total_count": granted().count(), "list": list}))
}
