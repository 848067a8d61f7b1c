//! An echo of the merchants' own APIs: enough to see whether a token works, and for whom. Checks the token, the granted
//! set, the account's own rights and state, the address and the quota, as WeChat does.

use serde_json::{Value, json};

use super::call::Call;
use super::gate;
use crate::sandbox::account::{AccountKind, AccountStatus};
use crate::sandbox::ids;
use crate::sandbox::refusal::Refusal;
use crate::sandbox::state::World;
use crate::sandbox::tokens::Lane;

const SENT_KEPT: usize = 500;

/// Which set an API needs, by the beginning of its path: for official accounts, for mini programs. 0: none.
const RULES: &[(&str, u32, u32)] = &[
    ("/cgi-bin/message/custom/", 1, 19),
    ("/cgi-bin/message/mass/", 7, 0),
    ("/cgi-bin/message/template/", 7, 0),
    ("/cgi-bin/message/subscribe/", 89, 19),
    ("/cgi-bin/message/", 1, 19),
    ("/cgi-bin/template/", 7, 0),
    ("/cgi-bin/user/", 2, 30),
    ("/cgi-bin/tags/", 2, 0),
    ("/cgi-bin/menu/", 15, 0),
    ("/cgi-bin/get_current_selfmenu_info", 15, 0),
    ("/cgi-bin/get_current_autoreply_info", 1, 0),
    ("/cgi-bin/material/", 11, 19),
    ("/cgi-bin/media/", 11, 19),
    ("/cgi-bin/draft/", 11, 0),
    ("/cgi-bin/freepublish/", 7, 0),
    ("/cgi-bin/qrcode/", 3, 0),
    ("/cgi-bin/shorturl", 3, 0),
    ("/cgi-bin/account/", 3, 30),
    ("/cgi-bin/open/", 24, 25),
    ("/cgi-bin/wxopen/", 33, 30),
    ("/cgi-bin/ticket/", 4, 0),
    ("/card/", 8, 0),
    ("/datacube/", 2, 18),
    ("/wxa/getwxacode", 0, 17),
    ("/wxa/business/", 0, 19),
    ("/wxa/", 0, 18),
    ("/wxaapi/", 0, 18),
    ("/product/", 0, 70),
    ("/channels/", 0, 129),
];

pub fn knows(path: &str) -> bool {
    rule(path).is_some()
}

fn rule(path: &str) -> Option<&'static (&'static str, u32, u32)> {
    RULES.iter().find(|(beginning, _, _)| path.starts_with(beginning))
}

pub fn run(world: &mut World, call: &Call) -> Result<Value, Refusal> {
    let lane = gate::merchant(world, call)?;
    let appid = lane.appid().to_owned();
    check_account(world, call, &lane)?;
    let now = world.now();
    world.quotas.charge(&appid, &call.path, now)?;
    answer(world, call, &appid)
}

fn check_account(world: &World, call: &Call, lane: &Lane) -> Result<(), Refusal> {
    let account = world.account(lane.appid())?;
    match account.status {
        AccountStatus::Normal | AccountStatus::Warned => {}
        AccountStatus::Frozen | AccountStatus::Cancelled => return Err(50002.into()),
        AccountStatus::Banned => return Err(48004.into()),
    }
    let (_, official, mini) = rule(&call.path).ok_or(40066)?;
    let needed = if account.kind == AccountKind::OfficialAccount { *official } else { *mini };
    if let Lane::Authorizer { component, account } = lane
        && needed != 0
        && !world.grant(component, account)?.sets.contains(&needed)
    {
        return Err(61007.into());
    }
    let own_right = account.api_rights && (needed == 0 || account.sets_owned.contains(&needed));
    if own_right { Ok(()) } else { Err(48001.into()) }
}

fn answer(world: &mut World, call: &Call, appid: &str) -> Result<Value, Refusal> {
    match call.path.as_str() {
        "/cgi-bin/message/custom/send" => send(world, call, appid),
        "/cgi-bin/user/get" => Ok(json!({
            "total": 2, "count": 2, "next_openid": "oSandbox00000000000000000002",
            "data": {"openid": ["oSandbox00000000000000000001", "oSandbox00000000000000000002"]},
        })),
        "/cgi-bin/account/getaccountbasicinfo" => {
            let account = world.account(appid)?;
            Ok(json!({
                "errcode": 0, "errmsg": "ok", "appid": appid, "nickname": account.nick_name,
                "principal_name": account.principal, "account_type": 2, "realname_status": 1,
            }))
        }
        "/cgi-bin/ticket/getticket" => Ok(
            json!({"errcode": 0, "errmsg": "ok", "ticket": ids::ticket(&world.random), "expires_in": 7200}),
        ),
        _ => Ok(json!({"errcode": 0, "errmsg": "ok", "sandbox": {"appid": appid, "path": call.path}})),
    }
}

fn send(world: &mut World, call: &Call, appid: &str) -> Result<Value, Refusal> {
    call.check_body()?;
    let to = call.text("touser").ok_or(40003)?;
    let kind = call.text("msgtype").ok_or_else(|| Refusal::with(40008, "invalid message type"))?;
    let sent = json!({
        "at": world.now().unix(), "account": appid, "touser": to, "msgtype": kind,
        "content": call.field("text").and_then(|text| text.get("content")),
    });
    world.sent_messages.push_back(sent);
    if world.sent_messages.len() > SENT_KEPT {
        world.sent_messages.pop_front();
    }
    Ok(json!({"errcode": 0, "errmsg": "ok"}))
}
