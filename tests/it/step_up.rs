//! Grave things ask once more who is there, and nothing that was entered disappears without a word.

use std::time::Duration;

use hufu::domain::role::Role;

use crate::harness::{Answer, Browser, PASSWORD, Portal};

const FRESH: Duration = Duration::from_secs(5 * 60);
const SECOND: Duration = Duration::from_secs(1);
const KEY: [(&str, &str); 2] = [("name", "订单服务"), ("read_token", "on")];

async fn make_key(browser: &mut Browser) -> Answer {
    browser.post("/api-keys", &KEY).await
}

async fn step_up(browser: &mut Browser, password: &str, next: &str) -> Answer {
    browser.post("/step-up", &[("password", password), ("next", next)]).await
}

on_both_databases!(a_proof_counts_for_five_minutes_and_not_a_second_more, |db| async {
    let portal = Portal::start(&db).await;
    let acme = portal.tenant("acme").await;
    portal.user("chen", Some((&acme, Role::Owner))).await;
    let mut browser = portal.signed_in("chen").await;
    assert!(browser.get("/api-keys").await.body.contains(r#"action="/api-keys""#));

    portal.clock.advance(FRESH);
    assert_eq!(make_key(&mut browser).await.status, 200, "signing in counts as a proof");
    portal.clock.advance(SECOND);
    let refused = make_key(&mut browser).await;

    assert_eq!((refused.status, refused.location()), (303, "/step-up?next=%2F&lost=1"));
    let page = browser.get("/api-keys").await;
    assert!(!page.body.contains(r#"action="/api-keys""#), "a form that cannot be sent is not shown");
    assert!(page.body.contains(r#"href="/step-up?next=%2Fapi-keys""#));
    assert_eq!(page.body.matches("hufu_live_").count(), 1, "the second was not made");
    portal.stop().await;
});

on_both_databases!(who_shows_the_password_comes_back_with_a_new_session_key, |db| async {
    let portal = Portal::start(&db).await;
    let acme = portal.tenant("acme").await;
    portal.user("chen", Some((&acme, Role::Owner))).await;
    let mut browser = portal.signed_in("chen").await;
    portal.clock.advance(FRESH + SECOND);
    browser.get("/step-up?next=/api-keys").await;

    let wrong = step_up(&mut browser, "not the password", "/api-keys").await;
    assert_eq!(wrong.status, 422);
    assert_eq!(make_key(&mut browser).await.status, 303, "a wrong password proves nothing");
    let before = browser.cookies["hufu_session"].clone();
    let right = step_up(&mut browser, PASSWORD, "/api-keys").await;

    assert_eq!((right.status, right.location()), (303, "/api-keys"));
    assert_ne!(browser.cookies["hufu_session"], before);
    let mut old = portal.browser();
    old.cookies.insert("hufu_session".to_owned(), before);
    assert_eq!(old.get("/authorizers").await.status, 303, "the old key is worth nothing");
    assert!(browser.get("/api-keys").await.body.contains(r#"action="/api-keys""#));
    assert_eq!(make_key(&mut browser).await.status, 200);
    assert_eq!(browser.get("/step-up?next=/api-keys").await.location(), "/api-keys", "no second question");
    portal.stop().await;
});

on_both_databases!(a_form_sent_too_late_leads_back_to_its_page_with_a_sentence, |db| async {
    let portal = Portal::start(&db).await;
    let acme = portal.tenant("acme").await;
    portal.user("chen", Some((&acme, Role::Owner))).await;
    let mut browser = portal.signed_in("chen").await;
    browser.get("/api-keys").await;
    portal.clock.advance(FRESH + SECOND);
    let page = format!("{}api-keys", portal.cx().settings.public_url);
    browser.headers = vec![("referer", page), ("accept-language", "en".to_owned())];

    let refused = make_key(&mut browser).await;
    assert_eq!(refused.location(), "/step-up?next=%2Fapi-keys&lost=1");
    let asked = browser.get(refused.location()).await;
    assert!(asked.body.contains("was not carried out"), "{}", asked.body);
    let fields = [("password", PASSWORD), ("next", "/api-keys"), ("lost", "1")];
    let back = browser.post("/step-up", &fields).await;

    assert_eq!(back.location(), "/api-keys");
    let page = browser.get("/api-keys").await;
    assert!(page.body.contains("please send it again"), "{}", page.body);
    portal.stop().await;
});

on_both_databases!(stepping_up_leads_nowhere_else, |db| async {
    let portal = Portal::start(&db).await;
    let acme = portal.tenant("acme").await;
    portal.user("chen", Some((&acme, Role::Owner))).await;
    let mut browser = portal.signed_in("chen").await;
    portal.clock.advance(FRESH + SECOND);
    browser.get("/api-keys").await;
    for foreign in ["https://evil.example/", "//evil.example", "/\\evil.example", "api-keys"] {
        browser.headers = vec![("referer", "https://evil.example/api-keys".to_owned())];
        assert_eq!(make_key(&mut browser).await.location(), "/step-up?next=%2F&lost=1");
        let back = step_up(&mut browser, PASSWORD, foreign).await;
        assert_eq!((back.status, back.location()), (303, "/"), "{foreign}");
        portal.clock.advance(FRESH + SECOND);
    }
    portal.stop().await;
});

on_both_databases!(a_no_to_the_person_comes_before_the_question_who_it_is, |db| async {
    let portal = Portal::start(&db).await;
    let acme = portal.tenant("acme").await;
    portal.user("watch", Some((&acme, Role::Viewer))).await;
    let mut browser = portal.signed_in("watch").await;
    browser.get("/authorizers").await;
    portal.clock.advance(FRESH + SECOND);

    assert_eq!(make_key(&mut browser).await.status, 403);
    assert_eq!(browser.post("/admin/users", &[]).await.status, 403);
    portal.stop().await;
});

on_both_databases!(who_belongs_to_a_tenant_changes_only_with_a_fresh_proof, |db| async {
    let portal = Portal::start(&db).await;
    let acme = portal.tenant("acme").await;
    portal.user("chen", Some((&acme, Role::Owner))).await;
    let lin = portal.user("lin", Some((&acme, Role::Viewer))).await;
    let mut browser = portal.signed_in("chen").await;
    let page = browser.get("/members").await;
    assert!(page.body.contains(r#"action="/members""#) && page.body.contains("/remove"), "{}", page.body);
    portal.clock.advance(FRESH + SECOND);

    let invite = [("email", "xin@example.com"), ("role", "viewer")];
    for (path, fields) in [
        ("/members".to_owned(), &invite[..]),
        (format!("/members/{}/role", lin.id), &[("role", "owner")]),
        (format!("/members/{}/remove", lin.id), &[]),
    ] {
        let refused = browser.post(&path, fields).await;
        assert!(refused.location().starts_with("/step-up"), "{path}: {}", refused.status);
    }
    let page = browser.get("/members").await;
    assert!(!page.body.contains(r#"action="/members""#) && !page.body.contains("/remove"), "{}", page.body);
    assert!(
        page.body.contains("lin@example.com") && page.body.contains(r#"href="/step-up?next=%2Fmembers""#)
    );
    browser.get("/step-up?next=/members").await;
    assert_eq!(step_up(&mut browser, PASSWORD, "/members").await.location(), "/members");
    browser.get("/members").await;
    let sent = browser.post("/members", &invite).await;
    assert_eq!(sent.status, 200, "the link is shown: {}", sent.body);
    portal.stop().await;
});
