//! `/cgi-bin/token` and `/cgi-bin/stable_token`: tokens by an account's own secret, in two lanes that do not disturb each
//! other nor the component's.

use std::time::Duration;

use serde_json::{Value, json};

use super::call::Call;
use super::gate;
use crate::sandbox::quotas::Forced;
use crate::sandbox::refusal::Refusal;
use crate::sandbox::state::World;
use crate::sandbox::tokens::Lane;

/// A stable token is renewed during the last five minutes of its life.
const RENEW_BEFORE: Duration = Duration::from_secs(300);
const TOKEN_PER_DAY: u64 = 2000;
const STABLE_PER_DAY: u64 = 500_000;

/// `GET /cgi-bin/token`: every call replaces the token.
pub fn token(world: &mut World, call: &Call) -> Result<Value, Refusal> {
    let get = |name: &str| call.query(name).map(str::to_owned);
    let appid = admitted(world, call, call.query("grant_type"), get("appid"), get("secret"))?;
    charge(world, call, &appid, TOKEN_PER_DAY)?;
    let (token, seconds) = world.issue_token(&Lane::Own { account: appid });
    Ok(json!({"access_token": token, "expires_in": seconds}))
}

/// `POST /cgi-bin/stable_token`: repeats the token until five minutes before its end; `force_refresh` kills it.
pub fn stable_token(world: &mut World, call: &Call) -> Result<Value, Refusal> {
    let appid =
        admitted(world, call, call.text("grant_type").as_deref(), call.text("appid"), call.text("secret"))?;
    charge(world, call, &appid, STABLE_PER_DAY)?;
    let (lane, now) = (Lane::Stable { account: appid.clone() }, world.now());
    let renew = if call.flag("force_refresh") {
        match world.quotas.force(&appid, now) {
            Forced::Yes => {
                world.tokens.kill(&lane, now);
                true
            }
            Forced::TooSoon => false,
            Forced::TooOften => return Err(45009.into()),
        }
    } else {
        false
    };
    let life = Duration::from_secs(world.switches.access_token_seconds);
    let renew_before = RENEW_BEFORE.min(life / 2);
    let living = world.tokens.latest(&lane).filter(|(_, issued)| now.until(issued.expires_at) > renew_before);
    if let (false, Some((token, issued))) = (renew, living) {
        return Ok(json!({"access_token": token, "expires_in": now.until(issued.expires_at).as_secs()}));
    }
    let (token, seconds) = world.issue_token(&lane);
    Ok(json!({"access_token": token, "expires_in": seconds}))
}

fn admitted(
    world: &World,
    call: &Call,
    grant_type: Option<&str>,
    appid: Option<String>,
    secret: Option<String>,
) -> Result<String, Refusal> {
    if grant_type != Some("client_credential") {
        return Err(40002.into());
    }
    let appid = appid.ok_or(41002)?;
    let secret = secret.ok_or(41004)?;
    if world.components.contains_key(&appid) {
        return Err(61024.into());
    }
    let account = world.account(&appid)?;
    if account.secret != secret {
        return Err(40125.into());
    }
    gate::check_own_address(account, call)?;
    Ok(appid)
}

fn charge(world: &mut World, call: &Call, appid: &str, per_day: u64) -> Result<(), Refusal> {
    let now = world.now();
    if world.quotas.used_today(appid, &call.path, now) >= per_day {
        return Err(45009.into());
    }
    world.quotas.charge(appid, &call.path, now)
}
