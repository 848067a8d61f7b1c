//! The control API itself, and starting from a file.

use hufu::sandbox::{self, SandboxConfig, WorldFile};
use serde_json::{Value, json};

use super::bench::{Bench, COMPONENT, TEA, text};

#[tokio::test]
async fn a_verb_that_cannot_be_says_why() {
    let bench = Bench::start().await;
    let refused = async |verb: &str, body: Value| {
        let response = bench.send(&format!("/sandbox/api/{verb}"), &body).await.unwrap();
        assert_eq!(response.status(), 422);
        text(&serde_json::from_str(&response.text().await.unwrap()).unwrap(), "/error")
    };

    assert!(refused("dance", json!({})).await.contains("dance"));
    assert!(refused("switches", json!({"rotation": "sideways"})).await.contains("sideways"));
    assert!(refused("switches", json!({"no_such_switch": true})).await.contains("no_such_switch"));
    assert!(refused("component", json!({"apid": "x"})).await.contains("apid"));
    assert!(refused("cancel", json!({"account": TEA})).await.contains("61003"));
}

#[tokio::test]
async fn a_reset_brings_the_start_back() {
    let bench = Bench::start().await;
    bench.control.grant(&sandbox::GrantRequest::new(TEA)).unwrap();
    bench.verb("switches", &json!({"rotation": "on"})).await;

    bench.verb("reset", &json!({})).await;

    let state = bench.get("/sandbox/api/state").await;
    assert_eq!(state["grants_total"], 0);
    assert_eq!(state["accounts_total"], 6);
    assert_eq!(state["switches"]["rotation"], "off");
    assert_eq!(text(&state, "/components/0/appid"), COMPONENT);
}

#[tokio::test]
async fn the_same_seed_gives_the_same_tokens() {
    let token = async || {
        let world = WorldFile { components: WorldFile::newcomer().components, ..WorldFile::default() };
        let sandbox = sandbox::start(SandboxConfig { seed: Some(42), world, ..SandboxConfig::default() })
            .await
            .unwrap();
        let ticket = sandbox.control().ticket(None).unwrap();
        sandbox.stop().await;
        ticket
    };

    assert_eq!(token().await, token().await);
}

#[tokio::test]
async fn a_start_file_that_cannot_be_is_refused() {
    let file = r#"{"components": [{"appid": "wx1"}], "grants": [{"account": "wx2"}]}"#;
    let world: WorldFile = serde_json::from_str(file).unwrap();

    let refused = sandbox::start(SandboxConfig { world, ..SandboxConfig::default() }).await;

    assert!(refused.is_err_and(|error| error.to_string().contains("wx2")));
}

#[tokio::test]
async fn thousands_of_accounts_are_quick_to_make_and_to_list() {
    let bench = Bench::start().await;
    let token = bench.component_token().await;

    let made =
        bench.verb("accounts", &json!({"count": 3000, "grant_to": COMPONENT, "exchanged": true})).await;

    assert_eq!(made["accounts"].as_array().unwrap().len(), 3000);
    let body = json!({"offset": 2900, "count": 500});
    let page = bench.component_call("api_get_authorizer_list", &token, body).await;
    assert_eq!(page["total_count"], 3000);
    assert_eq!(page["list"].as_array().unwrap().len(), 100);
}

#[tokio::test]
async fn the_control_page_shows_everything_and_its_buttons_work() {
    let bench = Bench::start().await;
    bench.control.grant(&sandbox::GrantRequest::new(TEA)).unwrap();
    let pages = [
        ("/", "/sandbox/do/push_ticket"),
        ("/?lang=en", "Platforms and accounts"),
        ("/sandbox/switches", "name=\"access_token_seconds:n\""),
        ("/sandbox/faults", "reset_after"),
        ("/sandbox/pushes", "authorized"),
        ("/sandbox/calls", "id=\"concurrency\""),
    ];
    for (path, expected) in pages {
        let page = bench.http.get(bench.url(path)).send().await.unwrap().text().await.unwrap();
        assert!(page.contains("微信沙盒") && page.contains(expected), "{path}: no {expected}");
    }
    let page = bench.http.get(bench.url("/")).send().await.unwrap().text().await.unwrap();
    assert!(page.contains(COMPONENT) && page.contains("山野茶馆"));

    let form = format!("account={TEA}&push%3Ab=false&back=%2F");
    let pressed = bench.http.post(bench.url("/sandbox/do/cancel")).body(form).send().await.unwrap();

    assert_eq!(pressed.status(), 303);
    assert_eq!(bench.get("/sandbox/api/state").await["grants_total"], 0);
}

#[tokio::test]
async fn a_page_of_another_site_cannot_press_the_buttons() {
    let bench = Bench::start().await;
    let request = bench.http.post(bench.url("/sandbox/do/reset")).header("Sec-Fetch-Site", "cross-site");

    assert_eq!(request.send().await.unwrap().status(), 403);
}

#[tokio::test]
async fn the_handbook_names_every_switch_and_only_verbs_that_exist() {
    let bench = Bench::start().await;
    let handbook = include_str!("../../../docs/sandbox.md");
    let switches = bench.get("/sandbox/api/switches").await;
    for name in switches.as_object().unwrap().keys() {
        assert!(handbook.contains(&format!("`{name}`")), "docs/sandbox.md does not name {name}");
    }

    let (_, table) = handbook.split_once("| verb |").unwrap();
    let (table, _) = table.split_once("\n\n").unwrap();
    let cells = table.lines().skip(2).filter_map(|line| line.split('|').nth(1));
    let verbs: Vec<&str> =
        cells.flat_map(|cell| cell.split_whitespace()).map(|verb| verb.trim_matches('`')).collect();
    assert!(verbs.len() > 25);
    for verb in verbs {
        let answer =
            bench.send(&format!("/sandbox/api/{verb}"), &json!({})).await.unwrap().text().await.unwrap();
        assert!(!answer.contains("there is no verb"), "{verb}");
    }
}
