//! What browsers are told about every answer, whoever made it.

use hufu::domain::role::Role;

use crate::harness::{Answer, PASSWORD, Portal};

const HTTPS: (&str, &str) = ("HUFU_PUBLIC_URL", "https://portal.example.com/");

/// What every answer has.
fn guards(answer: &Answer, what: &str) {
    assert_eq!(answer.header("x-content-type-options"), "nosniff", "{what}");
    assert_eq!(answer.header("cross-origin-resource-policy"), "same-origin", "{what}");
    assert_eq!(answer.header("strict-transport-security"), "max-age=63072000; includeSubDomains", "{what}");
    assert!(!answer.header("x-request-id").is_empty(), "{what}");
    assert_eq!(answer.header("server"), "", "{what}");
    assert_eq!(answer.header("access-control-allow-origin"), "", "{what}");
}

on_both_databases!(every_answer_tells_the_browser_what_it_may_do, |db| async {
    let portal = Portal::start_with(&db, &[HTTPS]).await;
    let acme = portal.tenant("acme").await;
    portal.user("chen", Some((&acme, Role::Owner))).await;
    let mut nobody = portal.browser();
    for path in [
        "/healthz",
        "/readyz",
        "/metrics",
        "/static/app.css",
        "/static/nothing.css",
        "/api/v1/authorizers",
        "/api/nowhere",
        "/wechat/wx1/events",
    ] {
        let answer = nobody.get(path).await;
        guards(&answer, path);
        if !path.starts_with("/api/") {
            assert_eq!(
                answer.header("content-security-policy"),
                "default-src 'none'; frame-ancestors 'none'",
                "{path}"
            );
        }
        let kept = path == "/static/app.css";
        assert_eq!(answer.header("cache-control") == "no-store", !kept, "{path}");
    }
    let mut chen = portal.signed_in("chen").await;
    for path in [
        "/",
        "/authorizers",
        "/authorize",
        "/api-keys",
        "/nowhere",
        "/admin",
        "/authorizers/wx1",
        "/sign-in",
        "/authorize/callback",
        "/authorize/nothing",
        "/language?lang=en",
    ] {
        for browser in [&mut nobody, &mut chen] {
            let answer = browser.get(path).await;
            guards(&answer, path);
            assert_eq!(answer.header("cache-control"), "no-store", "{path}");
            assert_eq!(answer.header("cross-origin-opener-policy"), "same-origin", "{path}");
            assert_eq!(answer.header("x-frame-options"), "DENY", "{path}");
            assert!(answer.header("permissions-policy").contains("camera=()"), "{path}");
            let policy = answer.header("content-security-policy");
            assert!(
                policy.contains("default-src 'none'") && policy.contains("frame-ancestors 'none'"),
                "{path}"
            );
            assert!(
                policy.contains("script-src 'self' 'nonce-") && !policy.contains("unsafe"),
                "{path}: {policy}"
            );
            assert!(
                policy.contains("form-action 'self'") && policy.contains("base-uri 'none'"),
                "{path}: {policy}"
            );
        }
    }
    portal.stop().await;
});

on_both_databases!(over_https_cookies_are_the_hosts_own_and_a_new_session_has_a_new_name, |db| async {
    let portal = Portal::start_with(&db, &[HTTPS]).await;
    let acme = portal.tenant("acme").await;
    portal.user("chen", Some((&acme, Role::Owner))).await;
    let mut chen = portal.browser();
    let mut names = Vec::new();
    let mut seen = |answer: &Answer| {
        for cookie in answer.headers.get_all("set-cookie") {
            let cookie = cookie.to_str().unwrap();
            for part in ["__Host-", "; Secure", "; HttpOnly", "; SameSite=Lax", "; Path=/"] {
                assert!(cookie.contains(part), "{part} is missing: {cookie}");
            }
            assert!(!cookie.contains("Domain="), "{cookie}");
            names.push(cookie.split('=').next().unwrap().to_owned());
        }
    };
    seen(&chen.get("/sign-in?lang=en").await);
    seen(&chen.sign_in("chen@example.com", PASSWORD).await);
    let first = chen.cookies["__Host-hufu_session"].clone();
    chen.get("/authorizers").await;
    // Somebody signs in over a session that another person has planted.
    let mut again = portal.browser();
    (again.cookies, again.csrf) = (chen.cookies.clone(), chen.csrf.clone());
    let fields = [("email", "chen@example.com"), ("password", PASSWORD), ("next", "/")];
    seen(&again.post("/sign-in", &fields).await);

    assert_ne!(again.cookies.get("__Host-hufu_session"), Some(&first), "a session is never carried over");
    for name in ["__Host-hufu_visit", "__Host-hufu_lang", "__Host-hufu_session"] {
        assert!(names.iter().any(|found| found == name), "{name} was not set: {names:?}");
    }
    portal.stop().await;
});

on_both_databases!(signing_out_leaves_nothing_behind, |db| async {
    let portal = Portal::start(&db).await;
    let acme = portal.tenant("acme").await;
    portal.user("chen", Some((&acme, Role::Owner))).await;
    let mut chen = portal.signed_in("chen").await;
    let stolen = chen.cookies.clone();
    chen.get("/authorizers").await;

    let answer = chen.post("/sign-out", &[]).await;

    assert_eq!((answer.status, answer.location()), (303, "/sign-in"));
    assert_eq!(answer.header("clear-site-data"), r#""cache", "storage""#);
    let mut thief = portal.browser();
    thief.cookies = stolen;
    assert_eq!(thief.get("/authorizers").await.status, 303, "the session is over on both sides");
    portal.stop().await;
});
