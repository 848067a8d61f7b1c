//! `api_component_token`: ticket and secret make a `component_access_token`. The one before lives on for the grace.

use std::time::Duration;

use serde_json::{Value, json};

use super::call::Call;
use super::gate;
use crate::sandbox::component::TicketProblem;
use crate::sandbox::refusal::Refusal;
use crate::sandbox::state::World;
use crate::sandbox::tokens::Lane;

const PATH: &str = "/cgi-bin/component/api_component_token";

pub fn run(world: &mut World, call: &Call) -> Result<Value, Refusal> {
    let appid = call.text("component_appid").ok_or(41002)?;
    let secret = call.text("component_appsecret").ok_or(41004)?;
    let ticket = call.text("component_verify_ticket").ok_or(61006)?;
    let component = world.component(&appid)?;
    if component.secret != secret {
        return Err(40125.into());
    }
    let life = Duration::from_secs(world.switches.ticket_seconds);
    component.check_ticket(&ticket, life, world.now()).map_err(|problem| match problem {
        TicketProblem::Unknown => Refusal::from(61006),
        TicketProblem::Expired => Refusal::from(61005),
    })?;
    gate::check_component(world, call, &appid)?;
    let now = world.now();
    if world.quotas.used_today(&appid, PATH, now) >= world.switches.component_tokens_per_day {
        return Err(45009.into());
    }
    world.quotas.charge(&appid, PATH, now)?;
    let (token, seconds) = world.issue_token(&Lane::component(&appid));
    Ok(json!({"component_access_token": token, "expires_in": seconds}))
}
