//! Component tokens, codes and authorizer tokens: lives, graces, rotation, loss.

use hufu::sandbox::{AccountStatus, Rotation};
use serde_json::json;

use super::bench::{Bench, COMPONENT, RIDE, TEA, errcode, text};

#[tokio::test]
async fn the_whole_chain_from_ticket_to_list() {
    let bench = Bench::start().await;
    let token = bench.component_token().await;

    let code = bench.control.grant(&hufu::sandbox::GrantRequest::new(TEA)).unwrap();
    let before = bench.list(&token).await;
    assert_eq!(text(&before, "/list/0/refresh_token"), "", "authorised, never exchanged");
    let answer = bench.exchange(&token, &code).await;
    let refresh = text(&answer, "/authorization_info/authorizer_refresh_token");
    let renewed = bench.refresh(&token, TEA, &refresh).await;

    assert_eq!(text(&renewed, "/authorizer_refresh_token"), refresh);
    assert_eq!(bench.merchant(&text(&renewed, "/authorizer_access_token")).await, 0);
    assert_eq!(text(&bench.list(&token).await, "/list/0/refresh_token"), refresh);
    assert!(answer.get("errcode").is_none(), "success bodies of component APIs have no errcode");
    assert_eq!(text(&renewed, "/authorizer_access_token").len(), 156);
}

#[tokio::test]
async fn the_component_token_wants_the_right_secret_and_a_living_ticket() {
    let bench = Bench::start().await;
    let ticket = bench.control.ticket(None).unwrap();
    let ask = async |appid: &str, secret: &str, ticket: &str| {
        let body = json!({
            "component_appid": appid, "component_appsecret": secret, "component_verify_ticket": ticket,
        });
        errcode(&bench.post("/cgi-bin/component/api_component_token", &body).await)
    };
    let secret = hufu::sandbox::NEWCOMER_SECRET;

    assert_eq!(ask("wx0", secret, &ticket).await, 40013);
    assert_eq!(ask("", secret, &ticket).await, 41002);
    assert_eq!(ask(COMPONENT, "", &ticket).await, 41004);
    assert_eq!(ask(COMPONENT, "wrong", &ticket).await, 40125);
    assert_eq!(ask(COMPONENT, secret, "ticket@@@x").await, 61006);
    assert_eq!(ask(COMPONENT, secret, &ticket).await, 0);
    bench.control.ticket_outage(None, true).unwrap();
    bench.advance(12 * 3600);
    assert_eq!(ask(COMPONENT, secret, &ticket).await, 61005);
    bench.control.reset_secret(None).unwrap();
    assert_eq!(ask(COMPONENT, secret, &ticket).await, 40125);
}

#[tokio::test]
async fn the_old_component_token_lives_for_the_grace_and_the_new_one_for_two_hours() {
    let bench = Bench::start().await;
    let old = bench.component_token().await;
    let new = bench.component_token().await;

    assert_eq!(errcode(&bench.list(&old).await), 0);
    bench.advance(301);
    assert_eq!(errcode(&bench.list(&old).await), 40001);
    assert_eq!(errcode(&bench.list(&new).await), 0);
    bench.advance(7200);
    assert_eq!(errcode(&bench.list(&new).await), 42001);
}

#[tokio::test]
async fn a_refresh_leaves_the_token_before_it_alive_and_kills_the_one_before_that() {
    let bench = Bench::start().await;
    let token = bench.component_token().await;
    let first = bench.granted(&token, TEA).await;
    let second = text(&bench.refresh(&token, TEA, &first.refresh).await, "/authorizer_access_token");

    assert_eq!(bench.merchant(&first.access).await, 0);
    bench.refresh(&token, TEA, &first.refresh).await;
    assert_eq!(bench.merchant(&first.access).await, 40001);
    assert_eq!(bench.merchant(&second).await, 0);
    bench.advance(300);
    assert_eq!(bench.merchant(&second).await, 40001);
}

#[tokio::test]
async fn strict_grace_kills_the_old_token_at_once_and_short_lives_are_told() {
    let bench = Bench::start().await;
    bench.control.switch(|switches| {
        switches.old_token_grace_seconds = 0;
        switches.access_token_seconds = 60;
    });
    let token = bench.component_token().await;
    let first = bench.granted(&token, TEA).await;
    let renewed = bench.refresh(&token, TEA, &first.refresh).await;

    assert_eq!(renewed["expires_in"], 60);
    assert_eq!(bench.merchant(&first.access).await, 40001);
    bench.advance(60);
    assert_eq!(bench.merchant(&text(&renewed, "/authorizer_access_token")).await, 42001);
}

#[tokio::test]
async fn rotation_is_a_switch_with_four_positions() {
    let bench = Bench::start().await;
    let token = bench.component_token().await;
    let first = bench.granted(&token, TEA).await.refresh;
    let rotated = async |refresh: &str| bench.refresh(&token, TEA, refresh).await;

    bench.control.switch(|switches| switches.rotation = Rotation::On);
    let second = text(&rotated(&first).await, "/authorizer_refresh_token");
    assert_ne!(second, first);
    assert_eq!(errcode(&rotated(&first).await), 0, "older ones go on working");

    bench.control.switch(|switches| switches.rotation = Rotation::SingleUse);
    let newest = bench.control.refresh_token(COMPONENT, TEA).unwrap();
    let third = text(&rotated(&newest).await, "/authorizer_refresh_token");
    assert_eq!(errcode(&rotated(&newest).await), 61023, "used once");
    assert_eq!(errcode(&rotated(&first).await), 61023);

    bench.control.switch(|switches| switches.rotation = Rotation::Overlap);
    rotated(&third).await;
    assert_eq!(errcode(&rotated(&third).await), 0, "within five minutes");
    bench.advance(301);
    assert_eq!(errcode(&rotated(&third).await), 61023);
}

#[tokio::test]
async fn a_lost_refresh_token_is_refused_and_the_list_shows_the_new_one() {
    let bench = Bench::start().await;
    let token = bench.component_token().await;
    let first = bench.granted(&token, TEA).await;

    bench.control.lose_refresh_token(None, TEA).unwrap();

    assert_eq!(errcode(&bench.refresh(&token, TEA, &first.refresh).await), 61023);
    let listed = text(&bench.list(&token).await, "/list/0/refresh_token");
    assert_ne!(listed, first.refresh);
    assert_eq!(errcode(&bench.refresh(&token, TEA, &listed).await), 0);
    let info =
        bench.component_call("api_get_authorizer_info", &token, json!({"authorizer_appid": TEA})).await;
    assert_eq!(text(&info, "/authorization_info/authorizer_refresh_token"), listed);
}

#[tokio::test]
async fn a_refused_refresh_token_stays_in_the_list() {
    let bench = Bench::start().await;
    let token = bench.component_token().await;
    let first = bench.granted(&token, TEA).await;

    bench.control.refuse_refresh_token(None, TEA, true).unwrap();

    assert_eq!(errcode(&bench.refresh(&token, TEA, &first.refresh).await), 61023);
    assert_eq!(text(&bench.list(&token).await, "/list/0/refresh_token"), first.refresh);
    bench.control.refuse_refresh_token(None, TEA, false).unwrap();
    assert_eq!(errcode(&bench.refresh(&token, TEA, &first.refresh).await), 0);
}

#[tokio::test]
async fn an_account_whose_code_was_never_exchanged_is_listed_without_a_refresh_token() {
    let bench = Bench::start().await;
    let token = bench.component_token().await;
    let first = bench.granted(&token, TEA).await;

    bench.control.never_exchanged(None, TEA).unwrap();

    assert_eq!(text(&bench.list(&token).await, "/list/0/refresh_token"), "");
    assert_eq!(errcode(&bench.refresh(&token, TEA, &first.refresh).await), 61023);
}

#[tokio::test]
async fn a_cancel_ends_everything_and_a_new_grant_brings_new_tokens() {
    let bench = Bench::start().await;
    let token = bench.component_token().await;
    let first = bench.granted(&token, TEA).await;

    bench.control.cancel(None, TEA, true).unwrap();
    assert_eq!(bench.merchant(&first.access).await, 61003);
    bench.control.switch(|switches| switches.cancelled_call_errcode = 40001);
    assert_eq!(bench.merchant(&first.access).await, 40001);
    assert_eq!(errcode(&bench.refresh(&token, TEA, &first.refresh).await), 61023);
    assert_eq!(bench.list(&token).await["total_count"], 0);

    let second = bench.granted(&token, TEA).await;
    assert_ne!(second.refresh, first.refresh);
    assert_eq!(errcode(&bench.refresh(&token, TEA, &first.refresh).await), 61023);
    assert_eq!(bench.merchant(&first.access).await, 40001);
    assert_eq!(bench.merchant(&second.access).await, 0);
}

#[tokio::test]
async fn other_sets_kill_the_access_token_at_once() {
    let bench = Bench::start().await;
    let token = bench.component_token().await;
    let first = bench.granted(&token, TEA).await;

    bench.verb("grant", &json!({"account": TEA, "sets": [1, 3]})).await;

    assert_eq!(bench.merchant(&first.access).await, 40001);
    assert_eq!(
        errcode(&bench.refresh(&token, TEA, &first.refresh).await),
        0,
        "the refresh token is the same"
    );
}

#[tokio::test]
async fn a_killed_access_token_is_refused_until_the_next_refresh() {
    let bench = Bench::start().await;
    let token = bench.component_token().await;
    let first = bench.granted(&token, TEA).await;

    bench.control.kill_access_token(None, TEA).unwrap();

    assert_eq!(bench.merchant(&first.access).await, 40001);
    let renewed = bench.refresh(&token, TEA, &first.refresh).await;
    assert_eq!(bench.merchant(&text(&renewed, "/authorizer_access_token")).await, 0);
}

#[tokio::test]
async fn a_code_is_exchanged_once_within_its_hour() {
    let bench = Bench::start().await;
    let token = bench.component_token().await;
    let code = bench.control.grant(&hufu::sandbox::GrantRequest::new(TEA)).unwrap();
    let late = bench.control.grant(&hufu::sandbox::GrantRequest::new(RIDE)).unwrap();

    assert_eq!(errcode(&bench.exchange(&token, &code).await), 0);
    assert_eq!(errcode(&bench.exchange(&token, &code).await), 61009);
    bench.control.switch(|switches| switches.auth_code_idempotent = true);
    assert_eq!(errcode(&bench.exchange(&token, &code).await), 0);
    assert_eq!(errcode(&bench.exchange(&token, "queryauthcode@@@x").await), 61009);
    bench.advance(3600);
    assert_eq!(errcode(&bench.exchange(&bench.component_token().await, &late).await), 61010);
}

#[tokio::test]
async fn an_account_without_api_rights_brings_no_tokens() {
    let bench = Bench::start().await;
    let token = bench.component_token().await;
    bench.verb("account", &json!({"appid": TEA, "api_rights": false})).await;
    let code = bench.control.grant(&hufu::sandbox::GrantRequest::new(TEA)).unwrap();

    let answer = bench.exchange(&token, &code).await;

    assert_eq!(text(&answer, "/authorization_info/authorizer_refresh_token"), "");
    assert!(answer.pointer("/authorization_info/authorizer_access_token").is_none());
}

#[tokio::test]
async fn each_kind_of_token_opens_its_own_doors_only() {
    let bench = Bench::start().await;
    let token = bench.component_token().await;
    let first = bench.granted(&token, TEA).await;
    let list = async |query: &str| {
        let body = json!({"component_appid": COMPONENT, "offset": "0", "count": "20"});
        errcode(&bench.post(&format!("/cgi-bin/component/api_get_authorizer_list{query}"), &body).await)
    };

    assert_eq!(list(&format!("?component_access_token={token}")).await, 0, "numbers as texts");
    assert_eq!(list(&format!("?access_token={token}")).await, 0);
    assert_eq!(list("").await, 41001);
    assert_eq!(list(&format!("?access_token={}", first.access)).await, 61014);
    assert_eq!(bench.merchant(&token).await, 61015);
    bench.verb("switches", &json!({"query_name": "component_access_token"})).await;
    assert_eq!(list(&format!("?access_token={token}")).await, 41001);
}

#[tokio::test]
async fn a_merchants_api_looks_at_sets_rights_state_and_quota() {
    let bench = Bench::start().await;
    let token = bench.component_token().await;
    let tea = bench.granted(&token, TEA).await;
    let users = async || errcode(&bench.get(&format!("/cgi-bin/user/get?access_token={}", tea.access)).await);

    assert_eq!(users().await, 0);
    bench.verb("account", &json!({"appid": TEA, "sets_owned": [1, 3]})).await;
    assert_eq!(users().await, 48001);
    bench.control.status(TEA, AccountStatus::Frozen).unwrap();
    assert_eq!(users().await, 50002);
    bench.control.status(TEA, AccountStatus::Banned).unwrap();
    assert_eq!(users().await, 48004);
    bench.control.status(TEA, AccountStatus::Normal).unwrap();
    bench
        .verb("quota", &json!({"account": TEA, "path": "/cgi-bin/account/getaccountbasicinfo", "daily": 1}))
        .await;
    assert_eq!(bench.merchant(&tea.access).await, 0);
    assert_eq!(bench.merchant(&tea.access).await, 45009);
    let cleared = bench
        .post(&format!("/cgi-bin/clear_quota?access_token={}", tea.access), &json!({"appid": TEA}))
        .await;
    assert_eq!(errcode(&cleared), 0);
    assert_eq!(bench.merchant(&tea.access).await, 0);
    let foreign = bench
        .post(&format!("/cgi-bin/clear_quota?access_token={}", tea.access), &json!({"appid": RIDE}))
        .await;
    assert_eq!(errcode(&foreign), 49001);
}

#[tokio::test]
async fn a_set_that_was_not_granted_answers_61007() {
    let bench = Bench::start().await;
    let token = bench.component_token().await;
    let answer = bench.verb("grant", &json!({"account": TEA, "sets": [3]})).await;
    let exchanged = bench.exchange(&token, &text(&answer, "/authorization_code")).await;
    let access = text(&exchanged, "/authorization_info/authorizer_access_token");

    assert_eq!(errcode(&bench.get(&format!("/cgi-bin/user/get?access_token={access}")).await), 61007);
    assert_eq!(exchanged["authorization_info"]["func_info"], json!([{"funcscope_category": {"id": 3}}]));
}

#[tokio::test]
async fn an_unlisted_address_is_told_its_own_address() {
    let bench = Bench::start().await;
    let token = bench.component_token().await;
    bench.control.restrict_ip(None, vec!["203.0.113.9".to_owned()]).unwrap();

    let answer = bench.list(&token).await;

    assert_eq!(errcode(&answer), 61004);
    assert!(text(&answer, "/errmsg").contains("requestIP: 127.0.0.1 rid: "), "{answer}");
}

#[tokio::test]
async fn the_list_is_paged_and_gives_no_more_than_500() {
    let bench = Bench::start().await;
    let token = bench.component_token().await;
    bench.verb("accounts", &json!({"count": 7, "grant_to": COMPONENT, "exchanged": true})).await;
    let page = async |offset: u32, count: u32| {
        bench
            .component_call("api_get_authorizer_list", &token, json!({"offset": offset, "count": count}))
            .await
    };

    assert_eq!(page(0, 5).await["list"].as_array().unwrap().len(), 5);
    assert_eq!(page(5, 5).await["list"].as_array().unwrap().len(), 2);
    assert_eq!(page(5, 5).await["total_count"], 7);
    assert_eq!(errcode(&page(0, 501).await), 40170);
}

#[tokio::test]
async fn info_tells_the_kinds_apart() {
    let bench = Bench::start().await;
    let token = bench.component_token().await;
    bench.granted(&token, TEA).await;
    bench.granted(&token, RIDE).await;
    let info = async |appid: &str| {
        bench.component_call("api_get_authorizer_info", &token, json!({"authorizer_appid": appid})).await
    };

    let (tea, ride) = (info(TEA).await, info(RIDE).await);

    assert_eq!(text(&tea, "/authorizer_info/nick_name"), "山野茶馆");
    assert!(tea.pointer("/authorizer_info/MiniProgramInfo").is_none());
    assert!(ride.pointer("/authorizer_info/MiniProgramInfo/network").is_some());
    assert_eq!(errcode(&info("wxa0000000000000a2").await), 61003);
    let picture = bench.http.get(text(&tea, "/authorizer_info/head_img")).send().await.unwrap();
    assert_eq!(picture.headers()["content-type"], "image/svg+xml");
    bench.verb("switches", &json!({"info_without_authorization": true})).await;
    assert!(info(TEA).await.get("authorization_info").is_none());
}

#[tokio::test]
async fn options_are_set_and_read_in_both_styles() {
    let bench = Bench::start().await;
    let token = bench.component_token().await;
    let tea = bench.granted(&token, TEA).await;
    let set = json!({"authorizer_appid": TEA, "option_name": "voice_recognize", "option_value": "1"});
    let wrong = json!({"authorizer_appid": TEA, "option_name": "voice_recognize", "option_value": "7"});

    assert_eq!(errcode(&bench.component_call("api_set_authorizer_option", &token, set).await), 0);
    assert_eq!(errcode(&bench.component_call("api_set_authorizer_option", &token, wrong).await), 61013);
    let path = format!("/cgi-bin/component/get_authorizer_option?access_token={}", tea.access);
    let read = bench.post(&path, &json!({"option_name": "voice_recognize"})).await;
    assert_eq!(text(&read, "/option_value"), "1");
    assert_eq!(errcode(&bench.post(&path, &json!({"option_name": "nonsense"})).await), 61012);
}
