//! `func_info`: the permission sets of a grant, short or long.

use serde_json::{Value, json};

use crate::sandbox::refusal::Refusal;
use crate::sandbox::sets;
use crate::sandbox::state::World;

/// A number that no catalogue knows: programs must keep it.
const UNKNOWN_SET: u32 = 9001;

pub fn of(world: &World, component: &str, account: &str) -> Result<Value, Refusal> {
    let grant = world.grant(component, account)?;
    if !world.switches.long_func_info {
        return Ok(grant.sets.iter().map(|id| json!({"funcscope_category": {"id": id}})).collect());
    }
    Ok(grant.sets.iter().copied().chain([UNKNOWN_SET]).map(long).collect())
}

fn long(id: u32) -> Value {
    let name = sets::find(id).map_or("未知权限集", |set| set.zh);
    let mut entry = json!({"funcscope_category": {"id": id, "type": 0, "name": name, "desc": name}});
    if sets::is_exclusive(id) {
        entry["confirm_info"] = json!({"need_confirm": 0, "already_confirm": 0, "can_confirm": 0});
    }
    entry
}
