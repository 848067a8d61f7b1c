//! The consent pages: what they check, what they offer, and what follows.

use hufu::sandbox::{AccountStatus, EventOrder, Redirect};
use serde_json::json;

use super::bench::{Bench, COMPONENT, RIDE, TEA, errcode};

const PC: &str = "/cgi-bin/componentloginpage";
const H5: &str = "/wxaopen/safe/bindcomponent";

struct Visit<'a> {
    page: &'a str,
    code: &'a str,
    auth_type: &'a str,
    redirect_uri: &'a str,
    referer: Option<&'a str>,
    extra: &'a [(&'a str, &'a str)],
}

impl<'a> Visit<'a> {
    fn new(code: &'a str) -> Self {
        let redirect_uri = "https://portal.example.com/back?state=s#/done";
        let referer = Some("https://portal.example.com/entry");
        Self { page: PC, code, auth_type: "3", redirect_uri, referer, extra: &[] }
    }

    async fn open(&self, bench: &Bench) -> String {
        let mut url = url::Url::parse(&bench.url(self.page)).unwrap();
        url.query_pairs_mut()
            .append_pair("component_appid", COMPONENT)
            .append_pair("pre_auth_code", self.code)
            .append_pair("redirect_uri", self.redirect_uri)
            .append_pair("auth_type", self.auth_type)
            .extend_pairs(self.extra);
        let mut request = bench.http.get(url);
        if let Some(referer) = self.referer {
            request = request.header("Referer", referer);
        }
        let response = request.send().await.unwrap();
        assert_eq!(response.headers()["content-type"], "text/html; charset=utf-8");
        response.text().await.unwrap()
    }
}

fn ticket_of(page: &str) -> String {
    let (_, rest) =
        page.split_once("name=\"ticket\" value=\"").unwrap_or_else(|| panic!("no form in {page}"));
    rest.split_once('"').unwrap().0.to_owned()
}

/// Presses a button; the address that the browser is sent to, or the page.
async fn press(
    bench: &Bench,
    page: &str,
    button: &str,
    appid: &str,
    sets: &[&str],
) -> Result<String, String> {
    let mut form = url::form_urlencoded::Serializer::new(String::new());
    form.append_pair("ticket", &ticket_of(page)).append_pair("appid", appid).append_pair("decision", button);
    form.extend_pairs(sets.iter().map(|set| ("set", set)));
    let request = bench.http.post(bench.url("/sandbox/consent")).body(form.finish());
    let response = request.send().await.unwrap();
    match response.headers().get("location") {
        Some(location) => Ok(location.to_str().unwrap().to_owned()),
        None => Err(response.text().await.unwrap()),
    }
}

async fn bench_with_code() -> (Bench, String, String) {
    let bench = Bench::start().await;
    bench.verb("component", &json!({"appid": COMPONENT, "entry_domain": "portal.example.com"})).await;
    let token = bench.component_token().await;
    let code = bench.pre_auth_code(&token).await;
    (bench, token, code)
}

#[tokio::test]
async fn a_consent_comes_back_with_a_code_behind_query_and_before_fragment() {
    let (bench, token, code) = bench_with_code().await;
    let page = Visit::new(&code).open(&bench).await;
    assert!(page.contains("微信沙盒") && page.contains("id=\"confirm\"") && page.contains("id=\"reject\""));

    let location = press(&bench, &page, "confirm", TEA, &["1", "3", "18"]).await.unwrap();

    let (start, rest) = location.split_once("&auth_code=").unwrap();
    assert_eq!(start, "https://portal.example.com/back?state=s");
    let (auth_code, rest) = rest.split_once('&').unwrap();
    assert_eq!(rest, "expires_in=3600#/done");
    let exchanged = bench.exchange(&token, auth_code).await;
    assert_eq!(exchanged["authorization_info"]["authorizer_appid"], TEA);
    let sets = &exchanged["authorization_info"]["func_info"];
    assert_eq!(sets.as_array().unwrap().len(), 2, "18 belongs to mini programs");
}

#[tokio::test]
async fn a_pre_auth_code_serves_one_consent() {
    let (bench, _, code) = bench_with_code().await;
    let visit = Visit::new(&code);
    let (one, two) = (visit.open(&bench).await, visit.open(&bench).await);
    press(&bench, &one, "confirm", TEA, &["1"]).await.unwrap();

    assert!(press(&bench, &two, "confirm", RIDE, &["18"]).await.unwrap_err().contains("预授权码无效"));
    assert!(visit.open(&bench).await.contains("预授权码无效"));
    assert!(Visit::new("preauthcode@@@nonsense").open(&bench).await.contains("预授权码无效"));
}

#[tokio::test]
async fn a_pre_auth_code_lapses_and_can_be_used_up_by_opening() {
    let (bench, token, code) = bench_with_code().await;
    bench.advance(600);
    assert!(Visit::new(&code).open(&bench).await.contains("预授权码无效"));

    bench.verb("switches", &json!({"consume_pre_auth_code_at": "open"})).await;
    let code = bench.pre_auth_code(&token).await;
    let visit = Visit::new(&code);
    let page = visit.open(&bench).await;
    assert!(visit.open(&bench).await.contains("预授权码无效"));
    press(&bench, &page, "confirm", TEA, &["1"]).await.unwrap();
}

#[tokio::test]
async fn the_referer_must_be_on_the_configured_domain() {
    let (bench, _, code) = bench_with_code().await;
    let visit = |referer| Visit { referer, ..Visit::new(&code) };

    assert!(visit(None).open(&bench).await.contains("授权入口页所在域名：空"));
    let foreign = visit(Some("https://evil.example.net/x")).open(&bench).await;
    assert!(foreign.contains("授权入口页所在域名：evil.example.net"));
    let english = Visit { extra: &[("lang", "en_US")], ..visit(None) }.open(&bench).await;
    assert!(english.contains("Domain of the entry page: 空 (empty)"));
    let phone = Visit { page: H5, ..visit(None) };
    assert!(phone.open(&bench).await.contains("id=\"confirm\""), "not checked on phones by default");
    bench.verb("switches", &json!({"referer_check_h5": true, "referer_check_pc": false})).await;
    assert!(phone.open(&bench).await.contains("授权入口页所在域名：空"));
    assert!(visit(None).open(&bench).await.contains("id=\"confirm\""));
}

#[tokio::test]
async fn the_redirect_must_lead_to_the_configured_domain() {
    let (bench, _, code) = bench_with_code().await;
    let to = |redirect_uri| Visit { redirect_uri, ..Visit::new(&code) };

    let foreign = to("https://other.example.com/back").open(&bench).await;
    assert!(foreign.contains("授权后回调页所在域名：other.example.com"));
    assert!(to("nonsense").open(&bench).await.contains("redirect_uri"));
    bench.verb("component", &json!({"appid": COMPONENT, "entry_domain": "portal.example.com:8080"})).await;
    assert!(to("https://portal.example.com/back").open(&bench).await.contains("回调页所在域名"));
}

#[tokio::test]
async fn auth_type_and_biz_appid_decide_who_is_offered() {
    let (bench, _, code) = bench_with_code().await;
    let offers = async |auth_type: &'static str, extra: &'static [(&'static str, &'static str)]| {
        let page = Visit { auth_type, extra, ..Visit::new(&code) }.open(&bench).await;
        let radio = |appid: &str| page.contains(&format!("name=\"appid\" value=\"{appid}\""));
        (radio(TEA), radio(RIDE), radio("wxc0000000000000c1"))
    };

    assert_eq!(offers("1", &[]).await, (true, false, false));
    assert_eq!(offers("2", &[]).await, (false, true, false));
    assert_eq!(offers("3", &[]).await, (true, true, false));
    assert_eq!(offers("5", &[]).await, (false, false, true));
    assert_eq!(offers("6", &[]).await, (true, true, true));
    assert_eq!(offers("1", &[("biz_appid", RIDE)]).await, (false, true, false), "biz_appid wins");
    let page = Visit { auth_type: "7", ..Visit::new(&code) }.open(&bench).await;
    assert!(page.contains("auth_type"));
    let page = Visit { extra: &[("biz_appid", "wx0")], ..Visit::new(&code) }.open(&bench).await;
    assert!(page.contains("指定的帐号不存在"));
}

#[tokio::test]
async fn an_account_that_was_not_offered_cannot_be_chosen() {
    let (bench, _, code) = bench_with_code().await;
    let page = Visit { auth_type: "1", ..Visit::new(&code) }.open(&bench).await;

    assert!(press(&bench, &page, "confirm", RIDE, &["18"]).await.is_err());
    assert!(press(&bench, &page, "confirm", TEA, &[]).await.is_err(), "no set");
    bench.control.status(TEA, AccountStatus::Frozen).unwrap();
    assert!(press(&bench, &page, "confirm", TEA, &["1"]).await.is_err());
    assert!(!Visit::new(&code).open(&bench).await.contains(&format!("value=\"{TEA}\"")));
}

#[tokio::test]
async fn an_unpublished_platform_has_its_test_list_only() {
    let (bench, _, code) = bench_with_code().await;
    bench.verb("component", &json!({"appid": COMPONENT, "published": false, "test_list": [RIDE]})).await;

    let page = Visit::new(&code).open(&bench).await;

    assert!(page.contains(&format!("value=\"{RIDE}\"")) && !page.contains(&format!("value=\"{TEA}\"")));
}

#[tokio::test]
async fn category_id_list_narrows_the_sets() {
    let (bench, _, code) = bench_with_code().await;
    let page = Visit { extra: &[("category_id_list", "1|3")], ..Visit::new(&code) }.open(&bench).await;

    assert!(page.contains("name=\"set\" value=\"3\"") && !page.contains("name=\"set\" value=\"2\""));
}

#[tokio::test]
async fn a_rejection_leads_nowhere() {
    let (bench, token, code) = bench_with_code().await;
    let page = Visit::new(&code).open(&bench).await;

    assert!(press(&bench, &page, "reject", TEA, &["1"]).await.unwrap_err().contains("已拒绝授权"));

    assert_eq!(bench.list(&token).await["total_count"], 0);
}

#[tokio::test]
async fn redirect_and_push_are_switches() {
    let (bench, token, code) = bench_with_code().await;
    bench.control.switch(|switches| {
        switches.redirect = Redirect::Never;
        switches.event_order = EventOrder::Never;
    });
    let page = Visit::new(&code).open(&bench).await;

    assert!(press(&bench, &page, "confirm", TEA, &["1"]).await.unwrap_err().contains("授权成功"));

    assert_eq!(bench.list(&token).await["total_count"], 1);
    assert!(bench.control.pushes(10).iter().all(|push| push.info_type == "component_verify_ticket"));
}

#[tokio::test]
async fn a_set_that_another_platform_holds_alone_can_be_denied() {
    let (bench, token, code) = bench_with_code().await;
    bench.verb("component", &json!({"appid": "wx00000000000other"})).await;
    bench.verb("grant", &json!({"component": "wx00000000000other", "account": RIDE, "sets": [18]})).await;
    bench.verb("switches", &json!({"exclusive_sets": "deny"})).await;
    let page = Visit::new(&code).open(&bench).await;

    assert!(
        press(&bench, &page, "confirm", RIDE, &["18", "19"])
            .await
            .unwrap_err()
            .contains("已授权给其他第三方平台")
    );
    press(&bench, &page, "confirm", RIDE, &["19"]).await.unwrap();
    assert_eq!(errcode(&bench.list(&token).await), 0);
}
