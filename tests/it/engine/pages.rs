//! The way to WeChat and back through the portal's own pages.

use hufu::domain::authorization::AuthorizationStatus;
use hufu::domain::health::Health;
use hufu::domain::role::Role;

use super::world::{SHOP, World};

on_both_databases!(every_page_lets_the_referer_through_to_wechat, |db| async move {
    let world = World::new(&db).await;
    world.authorize(&world.acme, SHOP).await;
    world.portal.user("ann", Some((&world.acme, Role::Operator))).await;
    world.portal.admin("root").await;
    let mut pages = vec![("ann", "/".to_owned()), ("ann", "/authorizers".to_owned())];
    for path in [format!("/authorizers/{SHOP}"), "/authorize".to_owned(), "/no-such-page".to_owned()] {
        pages.push(("ann", path));
    }
    for path in ["/admin", "/admin/components", "/admin/authorizers", "/admin/tenants", "/admin/users"] {
        pages.push(("root", path.to_owned()));
    }
    for (who, path) in pages {
        let mut browser = world.portal.signed_in(who).await;
        let page = browser.get(&path).await;
        let policy = page.header("referrer-policy");
        assert!(
            ["origin", "strict-origin", "strict-origin-when-cross-origin"].contains(&policy),
            "{path} answers {} with Referrer-Policy {policy:?}",
            page.status
        );
        assert!(!page.body.contains(r#"name="referrer""#), "{path} says otherwise in its head");
    }
    world.end().await;
});

on_both_databases!(a_press_leads_to_an_entry_page_with_a_link, |db| async move {
    let world = World::new(&db).await;
    world.portal.user("ann", Some((&world.acme, Role::Operator))).await;
    let mut ann = world.portal.signed_in("ann").await;
    ann.get("/authorize").await;

    let pressed = ann.post("/authorize", &[("auth_type", "1")]).await;
    assert_eq!(pressed.status, 303, "{}", pressed.body);
    let entry = ann.get(pressed.location()).await;

    assert_eq!((entry.status, entry.header("referrer-policy")), (200, "origin"));
    let link = entry.body.split(r#"id="go""#).nth(1).unwrap().split('>').next().unwrap().to_owned();
    assert!(
        link.contains("/cgi-bin/componentloginpage?") && link.contains(r#"referrerpolicy="origin""#),
        "{link}"
    );
    assert!(entry.body.contains("<svg"), "a QR code for another device");

    world.skip(700);
    let lapsed = ann.get(pressed.location()).await;
    assert!(!lapsed.body.contains(r#"id="go""#), "a link that no longer works is not offered");
    let renewed = ann.post(&format!("{}/renew", pressed.location()), &[]).await;
    assert_eq!(renewed.status, 303, "{}", renewed.body);
    assert!(ann.get(renewed.location()).await.body.contains(r#"id="go""#));
    world.end().await;
});

on_both_databases!(a_return_that_nobody_asked_for_changes_nothing, |db| async move {
    let world = World::new(&db).await;
    let pressed = world.press(&world.acme, None).await;
    let code = world.consent(&pressed, SHOP, false).await;
    let state = hufu::secret::Secret::expose(&pressed.state).to_owned();
    let mut stranger = world.portal.browser();

    for query in [
        String::new(),
        format!("?auth_code={code}"),
        format!("?state=&auth_code={code}&expires_in=3600"),
        format!("?state=guessed&auth_code={code}&expires_in=3600"),
        format!("?state={state}"),
        // The right state, brought by a browser that never saw the entry page.
        format!("?state={state}&auth_code={code}&expires_in=3600"),
    ] {
        let answer = stranger.get(&format!("/authorize/callback{query}")).await;
        // Without a code the person came back without having agreed: no error, only an unfinished attempt.
        let expected = if query == format!("?state={state}") { 200 } else { 400 };
        assert_eq!(answer.status, expected, "{query}");
        assert!(answer.body.contains("<a "), "a way back: {query}");
        assert!(!answer.body.contains(&code), "the code is not repeated: {query}");
    }

    assert!(world.held(SHOP).await.is_none());
    assert_eq!(world.look(&pressed).await.status, AuthorizationStatus::Started);
    world.end().await;
});

on_both_databases!(a_foreign_account_is_the_same_404_as_none, |db| async move {
    let world = World::new(&db).await;
    world.authorize(&world.acme, SHOP).await;
    world.portal.user("rita", Some((&world.rival, Role::Owner))).await;
    let mut rita = world.portal.signed_in("rita").await;

    let foreign = rita.get(&format!("/authorizers/{SHOP}")).await;
    let none = rita.get("/authorizers/wxa0000000000000zz").await;

    assert_eq!((foreign.status, none.status), (404, 404));
    assert_eq!(foreign.plain().replace(SHOP, "X"), none.plain().replace("wxa0000000000000zz", "X"));
    for action in ["refresh", "pause", "resume", "reauthorize"] {
        let refused = rita.post(&format!("/authorizers/{SHOP}/{action}"), &[]).await;
        assert_eq!(refused.status, 404, "{action}");
    }
    assert_eq!(world.health(SHOP).await, Health::Healthy);
    world.end().await;
});
