//! Reading quotas and single requests, and the addresses that WeChat calls from.

use serde_json::{Value, json};

use super::call::Call;
use super::gate;
use crate::sandbox::refusal::Refusal;
use crate::sandbox::state::World;

const USUAL_DAILY_LIMIT: u64 = 1_000_000;
const USUAL_MINUTE_LIMIT: u64 = 60_000;

/// `/cgi-bin/openapi/quota/get`
pub fn quota(world: &mut World, call: &Call) -> Result<Value, Refusal> {
    let lane = gate::lane(world, call)?;
    let path = call.text("cgi_path").ok_or(76003)?;
    if path.starts_with("/sns/") {
        return Err(76022.into());
    }
    if !super::is_known(&path) {
        return Err(76003.into());
    }
    let limit = world.quotas.limit_of(lane.appid(), &path);
    let daily = limit.and_then(|limit| limit.daily).unwrap_or(USUAL_DAILY_LIMIT);
    let minute = limit.and_then(|limit| limit.minute).unwrap_or(USUAL_MINUTE_LIMIT);
    let used = world.quotas.used_today(lane.appid(), &path, world.now());
    Ok(json!({
        "errcode": 0,
        "errmsg": "ok",
        "quota": {"daily_limit": daily, "used": used, "remain": daily.saturating_sub(used)},
        "rate_limit": {"call_count": minute, "refresh_second": 60},
        "component_rate_limit": {"call_count": minute, "refresh_second": 60},
    }))
}

/// `/cgi-bin/openapi/rid/get`: the request behind a rid, if it was the account's own.
pub fn rid(world: &mut World, call: &Call) -> Result<Value, Refusal> {
    let lane = gate::lane(world, call)?;
    let rid = call.text("rid").ok_or(40097)?;
    let entry = world.journal.with_rid(&rid).ok_or_else(|| Refusal::with(76001, "rid not found"))?;
    if entry.account != lane.appid() {
        return Err(Refusal::with(76002, "rid not belong to this account"));
    }
    let cost = entry.ended_ms.map_or(0, |ended| ended.saturating_sub(entry.started_ms));
    Ok(json!({
        "errcode": 0,
        "errmsg": "ok",
        "request": {
            "invoke_time": entry.at,
            "cost_in_ms": cost,
            "request_url": entry.url,
            "request_body": entry.request,
            "response_body": entry.response,
            "client_ip": entry.client_ip,
        },
    }))
}

/// `/cgi-bin/getcallbackip`: where pushes come from. The sandbox pushes from this machine.
pub fn callback_ips(world: &mut World, call: &Call) -> Result<Value, Refusal> {
    gate::lane(world, call)?;
    Ok(json!({"ip_list": ["127.0.0.1", "::1", "101.226.103.0/25", "101.226.233.128/25"]}))
}

/// `/cgi-bin/get_api_domain_ip`
pub fn api_ips(world: &mut World, call: &Call) -> Result<Value, Refusal> {
    gate::lane(world, call)?;
    Ok(json!({"ip_list": ["127.0.0.1"]}))
}

/// `/cgi-bin/callback/check`
pub fn callback_check(world: &mut World, call: &Call) -> Result<Value, Refusal> {
    gate::lane(world, call)?;
    Ok(json!({
        "dns": [{"ip": "127.0.0.1", "real_operator": "UNICOM"}],
        "ping": [{"ip": "127.0.0.1", "from_operator": "CAP", "package_loss": "0%", "time": "0.4ms"}],
    }))
}
