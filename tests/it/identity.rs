//! Who may come in, for how long, and how one gets out again: set-up, sign-in, sessions, tenants, languages.

use std::time::Duration;

use hufu::domain::audit::Actor;
use hufu::domain::role::Role;
use hufu::secret::{Password, Secret as _};
use hufu::service::disable_user::{self, Access};
use hufu::service::{IdentityError, change_membership, reset_password, set_up};
use hufu::store::{app_user, membership, merchant_link};

use crate::harness::{Browser, PASSWORD, Portal};

const HOUR: Duration = Duration::from_secs(3600);

async fn is_signed_in(browser: &mut Browser) -> bool {
    let answer = browser.get("/authorize").await;
    match answer.status {
        200 => true,
        303 => {
            assert_eq!(answer.location(), "/sign-in?next=%2Fauthorize");
            false
        }
        other => panic!("{other}: {}", answer.body),
    }
}

on_both_databases!(the_first_administrator_comes_in_through_the_set_up_link_once, |db| async {
    let portal = Portal::start(&db).await;
    let token = set_up::offer(portal.cx(), portal.clock.now()).await.unwrap().unwrap();
    let path = format!("/setup/{}", token.expose());
    let mut browser = portal.browser();
    assert_eq!(browser.get("/setup/something-else").await.status, 404);
    assert_eq!(browser.get(&path).await.status, 200);

    let refused = browser.post(&path, &[("name", "A"), ("email", "nobody"), ("password", "short")]).await;
    assert_eq!(refused.status, 422);
    let short = [("name", "A"), ("email", "a@example.com"), ("password", "short")];
    assert_eq!(browser.post(&path, &short).await.status, 422, "a short password does not use the link up");
    let made =
        browser.post(&path, &[("name", "管理员"), ("email", "A@Example.com"), ("password", PASSWORD)]).await;
    assert_eq!((made.status, made.location()), (303, "/admin"));

    assert_eq!(browser.get(&path).await.status, 404, "the link is used up");
    let again = set_up::offer(portal.cx(), portal.clock.now()).await.unwrap();
    assert!(again.is_none(), "there is an administrator, so there is no other link");
    assert_eq!(portal.browser().sign_in("a@example.com", PASSWORD).await.status, 303);
    portal.stop().await;
});

on_both_databases!(a_set_up_link_lapses_after_a_day_and_when_a_newer_one_is_printed, |db| async {
    let portal = Portal::start(&db).await;
    let path = |token: &str| format!("/setup/{token}");
    let first = set_up::offer(portal.cx(), portal.clock.now()).await.unwrap().unwrap();
    let second = set_up::offer(portal.cx(), portal.clock.now()).await.unwrap().unwrap();
    let mut browser = portal.browser();
    assert_eq!(browser.get(&path(first.expose())).await.status, 404);
    assert_eq!(browser.get(&path(second.expose())).await.status, 200);
    portal.clock.advance(24 * HOUR);
    assert_eq!(browser.get(&path(second.expose())).await.status, 404);
    portal.stop().await;
});

on_both_databases!(wrong_unknown_and_disabled_are_the_same_answer, |db| async {
    let portal = Portal::start(&db).await;
    let acme = portal.tenant("acme").await;
    portal.user("chen", Some((&acme, Role::Owner))).await;
    let gone = portal.user("gone", Some((&acme, Role::Owner))).await;
    disable_user::run(portal.cx(), portal.clock.now(), &Actor::cli(), &gone.id, Access::Disabled)
        .await
        .unwrap();

    let mut answers = Vec::new();
    for (email, password) in [
        ("chen@example.com", "wrong wrong wrong"),
        ("who@example.com", PASSWORD),
        ("gone@example.com", PASSWORD),
    ] {
        let mut browser = portal.browser();
        let answer = browser.sign_in(email, password).await;
        assert_eq!(answer.status, 422);
        assert!(!is_signed_in(&mut browser).await);
        answers.push(answer.body.replace(email, "EMAIL").replace(&browser.csrf, "CSRF").len());
    }
    assert!(answers.windows(2).all(|pair| pair[0] == pair[1]), "{answers:?}");
    portal.stop().await;
});

on_both_databases!(signing_in_makes_a_new_session_and_signing_out_ends_it_for_good, |db| async {
    let portal = Portal::start(&db).await;
    let acme = portal.tenant("acme").await;
    portal.user("chen", Some((&acme, Role::Owner))).await;
    let mut browser = portal.signed_in("chen").await;
    let first = browser.cookies.clone();
    assert!(is_signed_in(&mut browser).await);

    browser.sign_in("chen@example.com", PASSWORD).await;
    assert!(is_signed_in(&mut browser).await);
    let second = browser.cookies.clone();
    assert_ne!(first, second, "signing in again makes another session");
    let out = browser.post("/sign-out", &[]).await;
    assert_eq!((out.status, out.location()), (303, "/sign-in"));

    assert!(!is_signed_in(&mut browser).await);
    for stolen in [first, second] {
        browser.cookies = stolen;
        assert!(!is_signed_in(&mut browser).await, "the old cookie opens nothing");
    }
    portal.stop().await;
});

on_both_databases!(a_session_survives_a_restart, |db| async {
    let portal = Portal::start(&db).await;
    let acme = portal.tenant("acme").await;
    portal.user("chen", Some((&acme, Role::Owner))).await;
    let cookies = portal.signed_in("chen").await.cookies;
    let portal = portal.restart().await;
    let mut browser = portal.browser();
    browser.cookies = cookies;
    assert!(is_signed_in(&mut browser).await);
    portal.stop().await;
});

on_both_databases!(a_session_ends_after_twelve_idle_hours_and_after_a_week_in_any_case, |db| async {
    let portal = Portal::start(&db).await;
    let acme = portal.tenant("acme").await;
    portal.user("chen", Some((&acme, Role::Owner))).await;
    let mut idle = portal.signed_in("chen").await;
    let mut busy = portal.signed_in("chen").await;
    for hours in 1..=24 * 7 {
        assert!(is_signed_in(&mut busy).await, "hour {hours}");
        portal.clock.advance(HOUR);
        if hours == 12 {
            assert!(!is_signed_in(&mut idle).await);
        }
    }
    assert!(!is_signed_in(&mut busy).await, "a week has passed");
    portal.stop().await;
});

on_both_databases!(disabling_and_a_new_password_end_every_session_at_once, |db| async {
    let portal = Portal::start(&db).await;
    let acme = portal.tenant("acme").await;
    let user = portal.user("chen", Some((&acme, Role::Owner))).await;
    let mut browser = portal.signed_in("chen").await;
    reset_password::run(
        portal.cx(),
        portal.clock.now(),
        &Actor::cli(),
        &user.id,
        Password::new("another horse battery"),
    )
    .await
    .unwrap();
    assert!(!is_signed_in(&mut browser).await);
    assert_eq!(browser.sign_in("chen@example.com", PASSWORD).await.status, 422);
    assert_eq!(browser.sign_in("chen@example.com", "another horse battery").await.status, 303);

    disable_user::run(portal.cx(), portal.clock.now(), &Actor::cli(), &user.id, Access::Disabled)
        .await
        .unwrap();
    assert!(!is_signed_in(&mut browser).await);
    disable_user::run(portal.cx(), portal.clock.now(), &Actor::cli(), &user.id, Access::Enabled)
        .await
        .unwrap();
    assert!(!is_signed_in(&mut browser).await, "being let in again does not bring the session back");
    assert_eq!(browser.sign_in("chen@example.com", "another horse battery").await.status, 303);
    portal.stop().await;
});

on_both_databases!(the_last_administrator_cannot_be_disabled, |db| async {
    let portal = Portal::start(&db).await;
    let (first, second) = (portal.admin("first").await, portal.admin("second").await);
    let disable = async |user| {
        disable_user::run(portal.cx(), portal.clock.now(), &Actor::cli(), user, Access::Disabled).await
    };
    disable(&first.id).await.unwrap();
    assert!(matches!(disable(&second.id).await, Err(IdentityError::LastAdmin)));
    let left = app_user::count_platform_admins(&mut portal.cx().store.read().await.unwrap()).await.unwrap();
    assert_eq!(left, 1);
    portal.stop().await;
});

on_both_databases!(one_switches_between_ones_own_tenants_and_no_other, |db| async {
    let portal = Portal::start(&db).await;
    let (acme, other, foreign) =
        (portal.tenant("acme").await, portal.tenant("other").await, portal.tenant("foreign").await);
    let user = portal.user("chen", Some((&acme, Role::Owner))).await;
    portal.clock.advance(HOUR);
    let (cx, now) = (portal.cx(), portal.clock.now());
    let refused = change_membership::run(cx, now, &Actor::cli(), &other, &user.id, Some(Role::Owner)).await;
    assert!(matches!(refused, Err(IdentityError::NotFound)), "nobody becomes a member this way");
    let mut tx = cx.store.write().await.unwrap();
    membership::put(&mut tx, &other, &user.id, Role::Viewer, now).await.unwrap();
    tx.commit().await.unwrap();
    let mut browser = portal.signed_in("chen").await;
    assert_eq!(browser.get("/authorize").await.status, 200, "owner of the first tenant");

    assert_eq!(browser.post("/tenant", &[("tenant", foreign.as_str())]).await.status, 404);
    assert_eq!(browser.post("/tenant", &[("tenant", other.as_str())]).await.status, 303);
    assert_eq!(browser.get("/authorize").await.status, 403, "only viewer of the second");

    change_membership::run(portal.cx(), portal.clock.now(), &Actor::cli(), &other, &user.id, None)
        .await
        .unwrap();
    assert_eq!(browser.get("/authorize").await.status, 200, "the membership is gone, back in the first");
    portal.stop().await;
});

on_both_databases!(a_form_acts_on_the_tenant_that_its_page_was_shown_for, |db| async {
    let portal = Portal::start(&db).await;
    let (acme, other) = (portal.tenant("acme").await, portal.tenant("other").await);
    let user = portal.user("chen", Some((&acme, Role::Owner))).await;
    portal.clock.advance(HOUR);
    let mut tx = portal.cx().store.write().await.unwrap();
    membership::put(&mut tx, &other, &user.id, Role::Operator, portal.clock.now()).await.unwrap();
    tx.commit().await.unwrap();
    let links = async || {
        let (mut tx, now) = (portal.cx().store.read().await.unwrap(), portal.clock.now());
        let of_acme = merchant_link::count_open(&mut tx, &acme, now).await.unwrap();
        (of_acme, merchant_link::count_open(&mut tx, &other, now).await.unwrap())
    };
    let mut browser = portal.signed_in("chen").await;
    assert_eq!(browser.get("/links").await.status, 200);
    let of_acme = browser.csrf.clone();

    // In another tab.
    assert_eq!(browser.post("/tenant", &[("tenant", other.as_str())]).await.status, 303);
    let refused = browser.post_with("/links", &of_acme, &[("label", "店")]).await;
    assert_eq!(refused.status, 409);
    assert!(refused.body.contains("另一个租户"), "{}", refused.body);
    assert_eq!(links().await, (0, 0));
    browser.get("/links").await;
    assert_eq!(browser.post("/links", &[("label", "店")]).await.status, 303);
    assert_eq!(links().await, (0, 1));

    // The page is one of a tenant that is left meanwhile: what was meant for it does not happen in the next.
    let of_other = browser.csrf.clone();
    let (cx, now) = (portal.cx(), portal.clock.now());
    change_membership::run(cx, now, &Actor::cli(), &other, &user.id, None).await.unwrap();
    assert_eq!(browser.post_with("/links", &of_other, &[("label", "店")]).await.status, 409);
    assert_eq!(links().await.0, 0);
    portal.stop().await;
});

on_both_databases!(who_belongs_to_no_tenant_is_told_so, |db| async {
    let portal = Portal::start(&db).await;
    portal.user("lonely", None).await;
    portal.admin("boss").await;
    let mut lonely = portal.signed_in("lonely").await;
    let answer = lonely.get("/authorize").await;
    assert_eq!(answer.status, 403);
    assert!(answer.body.contains("还没有加入任何租户"), "{}", answer.body);
    assert!(answer.body.contains(r#"action="/sign-out""#), "there is a way out");
    let answer = portal.signed_in("boss").await.get("/authorize").await;
    assert_eq!((answer.status, answer.location()), (303, "/admin"));
    portal.stop().await;
});

on_both_databases!(the_language_is_chosen_by_hand_by_the_user_or_by_the_browser, |db| async {
    let portal = Portal::start(&db).await;
    let acme = portal.tenant("acme").await;
    portal.user("chen", Some((&acme, Role::Owner))).await;
    let mut browser = portal.browser();
    assert!(browser.get("/sign-in").await.body.contains(r#"lang="zh-CN""#), "Chinese comes first");
    browser.headers = vec![("accept-language", "fr, en-GB;q=0.8, zh;q=0.5".to_owned())];
    assert!(browser.get("/sign-in").await.body.contains(r#"<html lang="en""#));
    assert!(browser.get("/sign-in?lang=zh").await.body.contains(r#"lang="zh-CN""#));
    assert!(browser.get("/sign-in").await.body.contains(r#"lang="zh-CN""#), "the choice stays");
    assert!(browser.get("/nowhere").await.body.contains(r#"lang="zh-CN""#), "on error pages, too");

    let mut browser = portal.signed_in("chen").await;
    let chosen = browser.get("/language?lang=en&next=/authorize").await;
    assert_eq!((chosen.status, chosen.location()), (303, "/authorize"));
    let mut elsewhere = portal.signed_in("chen").await;
    assert!(elsewhere.get("/authorize").await.body.contains(r#"<html lang="en""#), "the user's own language");
    for foreign in ["//evil.example", "https://evil.example/", "/\\evil.example"] {
        let answer = browser.get(&format!("/language?lang=en&next={foreign}")).await;
        assert_eq!(answer.location(), "/", "{foreign}");
    }
    portal.stop().await;
});

on_both_databases!(sign_in_leads_back_only_to_the_portal, |db| async {
    let portal = Portal::start(&db).await;
    let acme = portal.tenant("acme").await;
    portal.user("chen", Some((&acme, Role::Owner))).await;
    for (next, leads) in
        [("/authorize?x=1", "/authorize?x=1"), ("//evil.example", "/"), ("https://evil.example", "/")]
    {
        let mut browser = portal.browser();
        browser.get("/sign-in").await;
        let fields = [("email", "chen@example.com"), ("password", PASSWORD), ("next", next)];
        assert_eq!(browser.post("/sign-in", &fields).await.location(), leads);
    }
    portal.stop().await;
});

on_both_databases!(behind_https_the_cookies_are_bound_to_the_host, |db| async {
    let portal = Portal::start_with(&db, &[("HUFU_PUBLIC_URL", "https://hufu.example.com")]).await;
    let acme = portal.tenant("acme").await;
    portal.user("chen", Some((&acme, Role::Owner))).await;
    let mut browser = portal.browser();
    let answer = browser.sign_in("chen@example.com", PASSWORD).await;
    let cookie = answer.header("set-cookie");
    assert!(cookie.starts_with("__Host-hufu_session="), "{cookie}");
    for wanted in ["Secure", "HttpOnly", "SameSite=Lax", "Path=/"] {
        assert!(cookie.contains(wanted), "{wanted} in {cookie}");
    }
    assert!(browser.cookies.contains_key("__Host-hufu_visit"));
    assert!(is_signed_in(&mut browser).await);
    portal.stop().await;
});

on_both_databases!(a_database_that_is_gone_is_a_page_with_a_trace_id, |db| async {
    let portal = Portal::start(&db).await;
    let acme = portal.tenant("acme").await;
    portal.user("chen", Some((&acme, Role::Owner))).await;
    let mut browser = portal.signed_in("chen").await;
    assert_eq!(browser.get("/healthz").await.status, 200);
    assert_eq!(browser.get("/readyz").await.status, 503, "the scheduler does not beat");
    portal.cx().store.close().await;
    let answer = browser.get("/authorize?lang=en").await;
    assert_eq!(answer.status, 500);
    assert!(answer.body.contains("Something went wrong"), "{}", answer.body);
    assert!(answer.body.contains(answer.header("x-request-id")));
    assert_eq!(browser.get("/healthz").await.status, 200);
    let ready = browser.get("/readyz").await;
    assert!(ready.status == 503 && ready.body.contains(r#""database":"failed""#), "{}", ready.body);
    portal.stop().await;
});
