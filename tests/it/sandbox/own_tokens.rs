//! `/cgi-bin/token`, `/cgi-bin/stable_token`, quotas and requests by their rid.

use serde_json::{Value, json};

use super::bench::{Bench, COMPONENT, TEA, errcode, text};

async fn stable(bench: &Bench, secret: &str, force: bool) -> Value {
    let body =
        json!({"grant_type": "client_credential", "appid": TEA, "secret": secret, "force_refresh": force});
    bench.post("/cgi-bin/stable_token", &body).await
}

async fn own_secret(bench: &Bench) -> String {
    let state = bench.get(&format!("/sandbox/api/state?account={TEA}")).await;
    text(&state, "/accounts/0/secret")
}

#[tokio::test]
async fn the_stable_token_repeats_until_five_minutes_before_its_end() {
    let bench = Bench::start().await;
    let secret = own_secret(&bench).await;

    let first = text(&stable(&bench, &secret, false).await, "/access_token");
    bench.advance(6000);
    assert_eq!(text(&stable(&bench, &secret, false).await, "/access_token"), first);
    bench.advance(1000);
    let second = text(&stable(&bench, &secret, false).await, "/access_token");

    assert_ne!(second, first);
    assert_eq!(bench.merchant(&first).await, 0, "both work for the rest of the old one's life");
    assert_eq!(bench.merchant(&second).await, 0);
}

#[tokio::test]
async fn forcing_kills_the_token_but_not_twice_within_thirty_seconds() {
    let bench = Bench::start().await;
    let secret = own_secret(&bench).await;
    let first = text(&stable(&bench, &secret, false).await, "/access_token");

    let second = text(&stable(&bench, &secret, true).await, "/access_token");
    let again = text(&stable(&bench, &secret, true).await, "/access_token");

    assert_ne!(first, second);
    assert_eq!(second, again);
    assert_eq!(bench.merchant(&first).await, 40001);
    for _ in 0..19 {
        bench.advance(30);
        assert_eq!(errcode(&stable(&bench, &secret, true).await), 0);
    }
    bench.advance(30);
    assert_eq!(errcode(&stable(&bench, &secret, true).await), 45009);
}

#[tokio::test]
async fn the_two_lanes_do_not_disturb_each_other() {
    let bench = Bench::start().await;
    let secret = own_secret(&bench).await;
    let steady = text(&stable(&bench, &secret, false).await, "/access_token");
    let token = async |appid: &str, secret: &str| {
        bench.get(&format!("/cgi-bin/token?grant_type=client_credential&appid={appid}&secret={secret}")).await
    };

    let plain = text(&token(TEA, &secret).await, "/access_token");
    token(TEA, &secret).await;
    token(TEA, &secret).await;

    assert_eq!(bench.merchant(&plain).await, 40001);
    assert_eq!(bench.merchant(&steady).await, 0);
    assert_eq!(errcode(&token(TEA, "wrong").await), 40125);
    assert_eq!(errcode(&token(COMPONENT, &secret).await), 61024);
    assert_eq!(errcode(&token("wx0", &secret).await), 40013);
}

#[tokio::test]
async fn the_accounts_own_white_list_names_the_address() {
    let bench = Bench::start().await;
    let secret = own_secret(&bench).await;
    bench.verb("account", &json!({"appid": TEA, "ip_list": ["203.0.113.0/24"]})).await;

    let answer = stable(&bench, &secret, false).await;

    assert_eq!(errcode(&answer), 40164);
    assert!(
        text(&answer, "/errmsg").starts_with("invalid ip 127.0.0.1 ipv6 ::ffff:127.0.0.1, not in whitelist")
    );
    bench.verb("account", &json!({"appid": TEA, "ip_list": ["127.0.0.0/8"]})).await;
    assert_eq!(errcode(&stable(&bench, &secret, false).await), 0);
}

#[tokio::test]
async fn ten_clears_a_month_and_no_more() {
    let bench = Bench::start().await;
    let body = json!({
        "appid": COMPONENT, "component_appid": COMPONENT, "appsecret": hufu::sandbox::NEWCOMER_SECRET,
    });
    for _ in 0..10 {
        assert_eq!(errcode(&bench.post("/cgi-bin/component/clear_quota/v2", &body).await), 0);
    }

    assert_eq!(errcode(&bench.post("/cgi-bin/component/clear_quota/v2", &body).await), 48006);
    bench.advance(31 * 86_400);
    assert_eq!(errcode(&bench.post("/cgi-bin/component/clear_quota/v2", &body).await), 0);
}

#[tokio::test]
async fn quotas_and_requests_can_be_looked_up() {
    let bench = Bench::start().await;
    let token = bench.component_token().await;
    let tea = bench.granted(&token, TEA).await;
    let path = "/cgi-bin/account/getaccountbasicinfo";
    bench.merchant(&tea.access).await;
    let with_token = |path: &str| format!("{path}?access_token={}", tea.access);

    let quota = bench.post(&with_token("/cgi-bin/openapi/quota/get"), &json!({"cgi_path": path})).await;
    assert_eq!(quota["quota"]["used"], 1);
    let unknown =
        bench.post(&with_token("/cgi-bin/openapi/quota/get"), &json!({"cgi_path": "nowhere"})).await;
    assert_eq!(errcode(&unknown), 76003);
    let rid = text(&bench.get(&format!("/sandbox/api/journal?path={path}")).await, "/entries/0/rid");
    let request = bench.post(&with_token("/cgi-bin/openapi/rid/get"), &json!({"rid": rid})).await;
    assert!(text(&request, "/request/request_url").starts_with(path));
}

#[tokio::test]
async fn malformed_calls_are_told_what_is_wrong() {
    let bench = Bench::start().await;
    let url = bench.url("/cgi-bin/component/api_component_token");
    let post = async |body: &'static str| -> Value {
        let response = bench.http.post(&url).body(body).send().await.unwrap();
        serde_json::from_str(&response.text().await.unwrap()).unwrap()
    };

    assert_eq!(errcode(&post("").await), 44002);
    assert_eq!(errcode(&post("{\"component").await), 47001);
    assert_eq!(errcode(&post("[]").await), 47001);
    assert_eq!(errcode(&bench.get("/cgi-bin/component/api_component_token").await), 43002);
    assert_eq!(errcode(&bench.get("/cgi-bin/nowhere").await), 40066);
}
