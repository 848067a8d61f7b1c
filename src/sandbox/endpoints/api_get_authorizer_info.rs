//! `api_get_authorizer_info`: what an account is and what it granted, in the shape of its kind. Carries the refresh
//! token, which makes it a way to get a lost one back.

use serde_json::{Map, Value, json};

use super::call::Call;
use super::{func_info, gate};
use crate::sandbox::account::{Account, AccountKind};
use crate::sandbox::refusal::Refusal;
use crate::sandbox::state::World;

pub fn run(world: &mut World, call: &Call) -> Result<Value, Refusal> {
    let component = gate::component(world, call)?;
    let appid = call.text("authorizer_appid").ok_or(40013)?;
    let now = world.now();
    world.quotas.charge(&component, &call.path, now)?;
    let grant = world.grant(&component, &appid)?;
    let refresh_token = if grant.exchanged { grant.refresh_token.clone() } else { String::new() };
    let mut answer = json!({"authorizer_info": info(world.account(&appid)?, &world.base_url)});
    if !world.switches.info_without_authorization {
        answer["authorization_info"] = json!({
            "authorizer_appid": appid,
            "authorizer_refresh_token": refresh_token,
            "func_info": func_info::of(world, &component, &appid)?,
        });
    }
    Ok(answer)
}

fn info(account: &Account, base_url: &str) -> Map<String, Value> {
    let appid = &account.appid;
    let mut info = Map::new();
    let mut put = |name: &str, value: Value| info.insert(name.to_owned(), value);
    if !account.nick_name.is_empty() {
        put("nick_name", json!(account.nick_name));
    }
    match account.head_img.as_str() {
        "none" => None,
        "" => put("head_img", json!(format!("{base_url}/sandbox/avatar/{appid}.svg"))),
        own => put("head_img", json!(own)),
    };
    put("service_type_info", json!({"id": account.service_type}));
    put("verify_type_info", json!({"id": account.verify_type}));
    put("user_name", json!(account.gh_id));
    put("alias", json!(account.alias));
    put("principal_name", json!(account.principal));
    put("qrcode_url", json!(format!("{base_url}/sandbox/qrcode/{appid}.svg")));
    put(
        "business_info",
        json!({"open_pay": 1, "open_shake": 0, "open_scan": 0, "open_card": 0, "open_store": 0}),
    );
    put("idc", json!(1));
    put("account_status", json!(account.status.number()));
    match account.kind {
        AccountKind::OfficialAccount => {}
        AccountKind::MiniProgram => {
            put("signature", json!(account.signature));
            put("register_type", json!(account.register_type));
            put("basic_config", json!({"is_phone_configured": true, "is_email_configured": true}));
            put("MiniProgramInfo", mini_program_info());
        }
        AccountKind::Channels => {
            put("channels_info", json!({"id": 1}));
        }
        AccountKind::Promoter | AccountKind::Talent => {
            put("talent_info", json!({"id": 1}));
        }
    }
    info
}

fn mini_program_info() -> Value {
    json!({
        "network": {
            "RequestDomain": ["https://api.example.com"],
            "WsRequestDomain": ["wss://ws.example.com"],
            "UploadDomain": ["https://up.example.com"],
            "DownloadDomain": ["https://down.example.com"],
            "BizDomain": [], "UDPDomain": [], "TCPDomain": [], "PrefetchDNSDomain": [],
            "NewRequestDomain": [], "NewWsRequestDomain": [], "NewUploadDomain": [], "NewDownloadDomain": [],
        },
        "categories": [{"first": "工具", "second": "效率"}],
        "visit_status": 0,
    })
}
