//! A running sandbox with a manual clock, and a small client of WeChat's API.

use std::time::Duration;

use hufu::clock::{Clock, Timestamp};
use hufu::sandbox::{self, Control, NEWCOMER_APPID, NEWCOMER_SECRET, Sandbox, SandboxConfig};
use serde_json::{Value, json};

/// An official account and a mini program of the newcomer's world.
pub const TEA: &str = "wxa0000000000000a1";
pub const RIDE: &str = "wxb0000000000000b2";
pub const COMPONENT: &str = NEWCOMER_APPID;
pub const REFRESH: &str = "/cgi-bin/component/api_authorizer_token";

pub struct Bench {
    pub sandbox: Sandbox,
    pub control: Control,
    pub http: reqwest::Client,
}

/// An answer of `api_query_auth` or `api_authorizer_token`.
#[derive(Clone, Debug)]
pub struct Tokens {
    pub access: String,
    pub refresh: String,
}

impl Bench {
    pub async fn start() -> Self {
        let clock = Clock::manual(Timestamp::from_unix(1_800_000_000));
        let sandbox =
            sandbox::start(SandboxConfig { clock, seed: Some(7), ..SandboxConfig::default() }).await.unwrap();
        let control = sandbox.control();
        control.switch(|switches| switches.push_retry_delay_ms = 0);
        let http = reqwest::Client::builder()
            .no_proxy()
            .redirect(reqwest::redirect::Policy::none())
            .pool_max_idle_per_host(0)
            .build()
            .unwrap();
        Self { sandbox, control, http }
    }

    pub fn url(&self, path: &str) -> String {
        self.sandbox.url().join(path).unwrap().to_string()
    }

    pub fn advance(&self, seconds: u64) {
        self.control.advance(Duration::from_secs(seconds));
    }

    pub async fn send(&self, path: &str, body: &Value) -> reqwest::Result<reqwest::Response> {
        self.http.post(self.url(path)).body(body.to_string()).send().await
    }

    pub async fn post(&self, path: &str, body: &Value) -> Value {
        let response = self.send(path, body).await.unwrap();
        assert_eq!(response.status(), 200);
        serde_json::from_str(&response.text().await.unwrap()).unwrap()
    }

    pub async fn get(&self, path: &str) -> Value {
        serde_json::from_str(&self.http.get(self.url(path)).send().await.unwrap().text().await.unwrap())
            .unwrap()
    }

    /// A verb of the JSON control API.
    pub async fn verb(&self, verb: &str, body: &Value) -> Value {
        self.post(&format!("/sandbox/api/{verb}"), body).await
    }

    pub async fn component_token(&self) -> String {
        let ticket = self.control.ticket(None).unwrap();
        let body = json!({
            "component_appid": COMPONENT,
            "component_appsecret": NEWCOMER_SECRET,
            "component_verify_ticket": ticket,
        });
        text(&self.post("/cgi-bin/component/api_component_token", &body).await, "/component_access_token")
    }

    /// A component API with the component's token.
    pub async fn component_call(&self, name: &str, token: &str, mut body: Value) -> Value {
        body["component_appid"] = json!(COMPONENT);
        self.post(&format!("/cgi-bin/component/{name}?component_access_token={token}"), &body).await
    }

    pub async fn pre_auth_code(&self, token: &str) -> String {
        text(&self.component_call("api_create_preauthcode", token, json!({})).await, "/pre_auth_code")
    }

    pub async fn exchange(&self, token: &str, code: &str) -> Value {
        self.component_call("api_query_auth", token, json!({"authorization_code": code})).await
    }

    pub async fn refresh(&self, token: &str, account: &str, refresh_token: &str) -> Value {
        let body = json!({"authorizer_appid": account, "authorizer_refresh_token": refresh_token});
        self.component_call("api_authorizer_token", token, body).await
    }

    /// An account that has granted and whose code was exchanged.
    pub async fn granted(&self, token: &str, account: &str) -> Tokens {
        let code = self.control.grant(&sandbox::GrantRequest::new(account)).unwrap();
        let answer = self.exchange(token, &code).await;
        Tokens {
            access: text(&answer, "/authorization_info/authorizer_access_token"),
            refresh: text(&answer, "/authorization_info/authorizer_refresh_token"),
        }
    }

    /// What a merchant's API answers to this token.
    pub async fn merchant(&self, access_token: &str) -> i64 {
        errcode(&self.get(&format!("/cgi-bin/account/getaccountbasicinfo?access_token={access_token}")).await)
    }

    pub async fn list(&self, token: &str) -> Value {
        self.component_call("api_get_authorizer_list", token, json!({"offset": 0, "count": 100})).await
    }
}

/// The text at a place in an answer.
pub fn text(answer: &Value, pointer: &str) -> String {
    let found = answer.pointer(pointer).and_then(Value::as_str);
    found.unwrap_or_else(|| panic!("no {pointer} in {answer}")).to_owned()
}

/// 0 when there is none.
pub fn errcode(answer: &Value) -> i64 {
    answer.get("errcode").and_then(Value::as_i64).unwrap_or(0)
}
