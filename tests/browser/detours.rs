//! What else happens between the portal and WeChat: the wrong account, a refusal, lost browsers, lost pushes, another
//! device, a phone, a rival.

use hufu::domain::health::Health;
use hufu::sandbox::{EventOrder, Redirect};

use crate::harness::{ADMIN, BOOKS, CUSTOMER, House, Look, ORDERS, RIVAL, TEA, VIEWER, perform};

#[tokio::test]
async fn the_wrong_account_on_a_locked_link_changes_nothing() {
    perform("wrong-account", |stage| async move {
        let house = House::open(stage.folder()).await;
        let customer = stage.browser("customer", Look::ZH).await;
        customer.sign_in(&house, CUSTOMER).await;
        customer.ask_for(&house, 1).await;
        customer.agree(TEA.0).await;
        house.wechat().cancel(None, TEA.0, true).unwrap();
        customer.see_health(&house, TEA.0, Health::Unauthorized).await;

        customer.press("form[action$='/reauthorize'] button").await;
        // WeChat's page offers the one account only; a forwarded or edited link offers more.
        let unlock = "const go = document.querySelector('#go'); \
                      go.href = go.href.replace(/&biz_appid=[^&]*/, '').replace(/auth_type=\\d/, 'auth_type=3');";
        customer.run(unlock).await;
        customer.press("#go").await;
        customer.agree(BOOKS.0).await;

        customer.find(".outcome.event-bad, .outcome.event-warn").await;
        customer.see(TEA.0).await;
        customer.see(BOOKS.0).await;
        customer.shoot("refused").await;
        customer.see_health(&house, TEA.0, Health::Unauthorized).await;
        customer.goto(house.at("/authorizers")).await;
        assert!(!customer.text().await.contains(BOOKS.1), "the other account was taken");
    })
    .await;
}

#[tokio::test]
async fn wechat_lets_people_in_by_our_page_only() {
    perform("referer", |stage| async move {
        let house = House::open(stage.folder()).await;
        let customer = stage.browser("customer", Look::ZH).await;
        customer.sign_in(&house, CUSTOMER).await;
        customer.ask_for(&house, 1).await;
        // The headers of our pages (docs/network.md) let the Referer through.
        customer.find("#confirm").await;
        let link = customer.url().await;

        // The same address, opened directly: no Referer.
        customer.goto(link.as_str()).await;

        customer.find("#reason").await;
        assert!(!customer.has("#confirm").await, "the sandbox does not look at the Referer");
        customer.shoot("no-referer").await;
    })
    .await;
}

#[tokio::test]
async fn who_refuses_at_wechat_can_come_back_and_agree() {
    perform("refusal", |stage| async move {
        let house = House::open(stage.folder()).await;
        let customer = stage.browser("customer", Look::EN).await;
        customer.sign_in(&house, CUSTOMER).await;
        customer.ask_for(&house, 2).await;
        customer.press("#reject").await;
        customer.shoot("rejected").await;

        customer.ask_for(&house, 2).await;
        customer.agree(ORDERS.0).await;

        customer.see_health(&house, ORDERS.0, Health::Healthy).await;
        customer.see(ORDERS.1).await;
    })
    .await;
}

#[tokio::test]
async fn a_browser_that_never_returns_loses_nothing() {
    perform("lost-browser", |stage| async move {
        let house = House::open(stage.folder()).await;
        house.wechat().switch(|switches| switches.redirect = Redirect::Never);
        let customer = stage.browser("customer", Look::ZH).await;
        customer.sign_in(&house, CUSTOMER).await;
        customer.ask_for(&house, 1).await;
        customer.press(&format!("input[name=appid][value='{}']", TEA.0)).await;
        customer.press("#confirm").await;
        customer.shoot("stranded").await;

        customer.see_health(&house, TEA.0, Health::Healthy).await;
    })
    .await;
}

#[tokio::test]
async fn a_push_that_never_comes_loses_nothing() {
    perform("lost-push", |stage| async move {
        let house = House::open(stage.folder()).await;
        house.wechat().switch(|switches| switches.event_order = EventOrder::Never);
        let customer = stage.browser("customer", Look::ZH).await;
        customer.sign_in(&house, CUSTOMER).await;
        customer.ask_for(&house, 1).await;
        customer.agree(TEA.0).await;
        customer.see_health(&house, TEA.0, Health::Healthy).await;
    })
    .await;
}

#[tokio::test]
async fn the_administrator_scans_the_qr_code_with_a_phone() {
    perform("phone", |stage| async move {
        let house = House::open(stage.folder()).await;
        let customer = stage.browser("customer", Look::ZH).await;
        customer.sign_in(&house, CUSTOMER).await;
        customer.goto(house.at("/authorize")).await;
        customer.press("form:has(input[name=auth_type][value='3']) button").await;
        customer.find("svg.qr").await;
        let link = customer.url().await;

        // The phone's browser has never been here: nobody is signed in on it.
        let phone = stage.browser("administrator", Look { phone: true, in_wechat: true, ..Look::ZH }).await;
        phone.goto(link.as_str()).await;
        phone.shoot("1-entry").await;
        phone.press("#go").await;
        phone.arrive("/wxaopen/safe/bindcomponent").await;
        phone.shoot("2-consent").await;
        phone.agree(TEA.0).await;
        phone.shoot("3-done").await;

        customer.see_health(&house, TEA.0, Health::Healthy).await;
        phone.sign_in(&house, CUSTOMER).await;
        phone.goto(house.at("/authorizers")).await;
        phone.see(TEA.1).await;
        phone.fits_its_window().await;
        phone.shoot("4-list").await;
        phone.see_health(&house, TEA.0, Health::Healthy).await;
        phone.shoot("5-account").await;
    })
    .await;
}

#[tokio::test]
async fn everything_works_without_javascript() {
    perform("no-javascript", |stage| async move {
        let house = House::open(stage.folder()).await;
        let customer = stage.browser("customer", Look { javascript: false, ..Look::ZH }).await;
        customer.sign_in(&house, CUSTOMER).await;
        customer.ask_for(&house, 1).await;
        customer.agree(TEA.0).await;
        customer.see_health(&house, TEA.0, Health::Healthy).await;

        customer.press("form[action$='/pause'] button").await;
        customer.see_health(&house, TEA.0, Health::Paused).await;
        customer.press("form[action$='/resume'] button").await;
        customer.see_health(&house, TEA.0, Health::Healthy).await;
        customer.sign_out().await;
        customer.goto(house.at("/authorizers")).await;
        customer.find("input[name=password]").await;
    })
    .await;
}

#[tokio::test]
async fn a_viewer_looks_and_a_rival_sees_nothing() {
    perform("others", |stage| async move {
        let house = House::open(stage.folder()).await;
        let customer = stage.browser("customer", Look::ZH).await;
        customer.sign_in(&house, CUSTOMER).await;
        customer.ask_for(&house, 1).await;
        customer.agree(TEA.0).await;

        let viewer = stage.browser("viewer", Look::ZH).await;
        viewer.sign_in(&house, VIEWER).await;
        viewer.see_health(&house, TEA.0, Health::Healthy).await;
        assert!(!viewer.has("form[action$='/reauthorize']").await, "a viewer may only look");
        viewer.goto(house.at("/authorize")).await;
        viewer.shoot("viewer-may-not").await;
        assert!(!viewer.has("form[action='/authorize']").await, "a viewer may only look");

        let rival = stage.browser("rival", Look::ZH).await;
        rival.sign_in(&house, RIVAL).await;
        rival.goto(house.at("/authorizers")).await;
        assert!(!rival.text().await.contains(TEA.1));
        rival.goto(house.at(&format!("/authorizers/{}", TEA.0))).await;
        let theirs = rival.text().await;
        rival.goto(house.at("/authorizers/wxnobodyhasthisone")).await;
        let nobodys = rival.text().await;
        let without_trace = |text: &str| text.split("404").next().unwrap_or_default().to_owned();
        assert_eq!(
            without_trace(&theirs),
            without_trace(&nobodys),
            "not theirs and not there look different"
        );
        rival.shoot("not-found").await;
    })
    .await;
}

#[tokio::test]
async fn an_account_of_another_tenant_waits_for_the_platform() {
    perform("claim", |stage| async move {
        let house = House::open(stage.folder()).await;
        let customer = stage.browser("customer", Look::ZH).await;
        customer.sign_in(&house, CUSTOMER).await;
        customer.ask_for(&house, 1).await;
        customer.agree(TEA.0).await;

        let rival = stage.browser("rival", Look::ZH).await;
        rival.sign_in(&house, RIVAL).await;
        rival.ask_for(&house, 1).await;
        rival.agree(TEA.0).await;
        rival.shoot("1-waits").await;
        rival.goto(house.at("/authorizers")).await;
        assert!(!rival.has(&format!("a[href='/authorizers/{}']", TEA.0)).await, "it was moved in silence");
        customer.see_health(&house, TEA.0, Health::Healthy).await;
        customer.shoot("2-sees-why").await;

        let admin = stage.browser("admin", Look::ZH).await;
        admin.sign_in(&house, ADMIN).await;
        admin.goto(house.at("/admin/unclaimed")).await;
        admin.see(TEA.0).await;
        admin.shoot("3-unclaimed").await;
    })
    .await;
}
