//! What other sites, forged headers and odd methods achieve: nothing.

use super::wire::{House, OWNER};
use crate::harness::{Browser, PASSWORD};

fn browser(house: &House) -> Browser {
    Browser::new(&house.at(""))
}

#[tokio::test]
async fn what_other_sites_embed_or_fetch_is_turned_away_and_links_are_followed() {
    let house = House::open().await;
    let mut browser = browser(&house);
    assert_eq!(browser.sign_in(OWNER, PASSWORD).await.status, 303);

    for site in ["cross-site", "same-site"] {
        for (mode, dest) in
            [("no-cors", "image"), ("cors", "empty"), ("navigate", "iframe"), ("no-cors", "script")]
        {
            browser.headers = vec![
                ("sec-fetch-site", site.into()),
                ("sec-fetch-mode", mode.into()),
                ("sec-fetch-dest", dest.into()),
            ];
            let answer = browser.get("/authorizers").await;
            assert_eq!(answer.status, 403, "{site} {mode} {dest}");
            assert!(!answer.body.contains(OWNER), "no session is read");
        }
        let link = [("sec-fetch-site", site), ("sec-fetch-mode", "navigate"), ("sec-fetch-dest", "document")];
        browser.headers = link.iter().map(|(name, value)| (*name, (*value).to_owned())).collect();
        assert_eq!(browser.get("/authorizers").await.status, 200);
        assert_eq!(
            browser.get("/authorize/callback?state=x&auth_code=y").await.status,
            400,
            "as back from WeChat"
        );
        assert_eq!(browser.post("/sign-out", &[]).await.status, 403, "a form of theirs");
    }
    browser.headers.clear();
    assert_eq!(browser.get("/authorizers").await.status, 200, "still signed in");
}

#[tokio::test]
async fn forged_hosts_and_schemes_change_nothing() {
    let house = House::open().await;
    let forged = "x-forwarded-host: evil.example\r\nx-forwarded-proto: https\r\nforwarded: host=evil.example;proto=https\r\n\
                  x-original-url: /admin\r\nx-rewrite-url: /admin\r\nx-http-method-override: DELETE\r\n";

    for path in ["/", "/sign-in", "/authorizers", "/nowhere", "/api/v1/authorizers", "/authorize/callback"] {
        let words = format!("GET {path} HTTP/1.1\r\nhost: evil.example\r\n{forged}connection: close\r\n\r\n");
        let heard = house.say(words).await;
        assert!(!heard.text.contains("evil.example"), "{path}: {heard:?}");
        assert!(!heard.text.to_lowercase().contains("strict-transport-security"), "{path}: {heard:?}");
        assert!(!heard.text.contains("__Host-"), "{path}: the scheme is the configured one: {heard:?}");
    }
}

#[tokio::test]
async fn nobody_is_led_away_by_next() {
    let house = House::open().await;
    for next in [
        "https://evil.example/",
        "//evil.example/",
        "/\\evil.example",
        "\\\\evil.example",
        "/%0d%0aset-cookie:x=y",
        "/\r\nset-cookie: x=y",
        "javascript:alert(1)",
        "/\tx//evil.example",
        " https://evil.example",
        "https:evil.example",
        "///evil.example",
    ] {
        let mut browser = browser(&house);
        browser.get("/sign-in").await;
        let fields = [("email", OWNER), ("password", PASSWORD), ("next", next)];
        let answer = browser.post("/sign-in", &fields).await;
        assert_eq!(answer.status, 303, "{next}");
        let location = answer.location();
        assert!(
            location.starts_with('/') && !location.starts_with("//") && !location.contains('\\'),
            "{location}"
        );
        assert!(
            !answer.headers.get_all("set-cookie").iter().any(|value| value.as_bytes().starts_with(b"x="))
        );
    }
}

#[tokio::test]
async fn who_asks_for_the_head_of_a_file_gets_it_and_opens_nothing_for_people() {
    let house = House::open().await;
    let ask =
        |method, path| house.say(format!("{method} {path} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n"));
    for path in ["/static/app.css", "/healthz"] {
        let (head, whole) = (ask("HEAD", path).await, ask("GET", path).await);
        assert_eq!(head.statuses(), whole.statuses(), "{path}");
        assert_eq!(head.text.split_once("\r\n\r\n").map(|(_, body)| body), Some(""), "{path}: {head:?}");
    }
    for path in ["/sign-in", "/authorize/callback", "/authorize/x", "/connect/x", "/setup/x"] {
        assert_eq!(ask("HEAD", path).await.statuses(), [405], "{path}");
    }
}

#[tokio::test]
async fn odd_methods_and_crooked_paths_lead_nowhere() {
    let house = House::open().await;
    for method in ["TRACE", "TRACK", "OPTIONS", "PUT", "DELETE", "PATCH", "PROPFIND", "HUFU"] {
        for path in ["/", "/sign-in", "/admin", "/api/v1/authorizers", "/static/app.css", "/healthz"] {
            let words = format!(
                "{method} {path} HTTP/1.1\r\nhost: x\r\nx-secret: canary\r\nconnection: close\r\n\r\n"
            );
            let heard = house.say(words).await;
            assert!(matches!(heard.statuses()[..], [400..=405]), "{method} {path}: {heard:?}");
            assert!(!heard.text.contains("canary"), "{method} {path} is sent back");
        }
    }
    for path in [
        "/static/../hufu.key",
        "/static/..%2fhufu.key",
        "/static/%2e%2e/%2e%2e/etc/passwd",
        "/static/..\\hufu.key",
        "/static//etc/passwd",
        "/static/%00",
        "/static/app.css%00.html",
        "/.git/config",
        "/hufu.sqlite",
        "/%",
        "/%ff%fe",
        "/authorizers/%2e%2e%2fadmin",
        "//admin",
        "/admin/..;/",
        "/authorizers/wx1%0d%0aset-cookie:x=y",
    ] {
        let heard = house.say(format!("GET {path} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n")).await;
        assert!(matches!(heard.statuses()[..], [303 | 400 | 404]), "{path}: {heard:?}");
        assert!(!heard.text.contains("root:") && !heard.text.contains("SQLite"), "{path}: {heard:?}");
        assert!(!heard.text.to_lowercase().contains("\r\nset-cookie: x=y"), "{path}: {heard:?}");
        assert!(!heard.text.contains("panicked") && !heard.text.contains(".rs:"), "{path}: {heard:?}");
    }
}
