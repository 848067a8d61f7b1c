//! `api_query_auth`: exchanges an `authorization_code` for the first tokens of a grant.

use serde_json::{Map, Value, json};

use super::call::Call;
use super::{func_info, gate};
use crate::sandbox::refusal::Refusal;
use crate::sandbox::state::World;
use crate::sandbox::tokens::Lane;

pub fn run(world: &mut World, call: &Call) -> Result<Value, Refusal> {
    let component = gate::component(world, call)?;
    let now = world.now();
    world.quotas.charge(&component, &call.path, now)?;
    let value = call.text("authorization_code").ok_or(61009)?;
    let idempotent = world.switches.auth_code_idempotent;
    let code = world.codes.auth.get_mut(&value).filter(|code| code.component == component).ok_or(61009)?;
    if now >= code.expires_at {
        return Err(61010.into());
    }
    if code.used && !idempotent {
        return Err(61009.into());
    }
    let account = code.account.clone();
    world.grant(&component, &account)?;
    if let Some(code) = world.codes.auth.get_mut(&value) {
        code.used = true;
    }
    exchange(world, &component, &account)
}

fn exchange(world: &mut World, component: &str, account: &str) -> Result<Value, Refusal> {
    let mut info = Map::new();
    info.insert("authorizer_appid".to_owned(), json!(account));
    if world.account(account)?.api_rights {
        let (token, seconds) = world.issue_token(&Lane::authorizer(component, account));
        let grant = world.grant_mut(component, account)?;
        grant.exchanged = true;
        info.insert("authorizer_access_token".to_owned(), json!(token));
        info.insert("expires_in".to_owned(), json!(seconds));
        info.insert("authorizer_refresh_token".to_owned(), json!(grant.refresh_token));
    } else {
        // Seen both ways: the fields are missing or empty.
        info.insert("authorizer_refresh_token".to_owned(), json!(""));
    }
    info.insert("func_info".to_owned(), func_info::of(world, component, account)?);
    Ok(json!({"authorization_info": info}))
}
