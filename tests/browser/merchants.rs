//! A merchant without a login opens a link, goes to WeChat and comes back: at a desk and on a phone, in both languages.

use hufu::domain::health::Health;

use crate::harness::{Browser, CUSTOMER, House, Look, ORDERS, Stage, TEA, perform};

/// The operator makes a link; its address.
async fn make_link(customer: &Browser, house: &House, label: &str, language: &str) -> String {
    customer.goto(house.at("/links")).await;
    customer.fill("input[name=label]", label).await;
    customer.press(&format!("select[name=language] option[value='{language}']")).await;
    customer.press("form[action='/links'] button").await;
    customer.find("svg.qr").await;
    customer.find("code").await.text().await.unwrap()
}

async fn no_wider_than_its_window(browser: &Browser) {
    let wider = browser.run("return document.documentElement.scrollWidth > window.innerWidth").await;
    assert_eq!(wider, false, "the page is wider than its window");
}

/// The merchant opens the link, presses both buttons, consents and reads how it ended.
async fn grant(merchant: &Browser, link: &str, account: (&str, &str), words: (&str, &str)) {
    merchant.goto(link).await;
    merchant.see(words.0).await;
    no_wider_than_its_window(merchant).await;
    merchant.shoot("1-invitation").await;
    merchant.press("#start").await;
    merchant.find("#go").await;
    no_wider_than_its_window(merchant).await;
    merchant.shoot("2-entry").await;
    merchant.press("#go").await;
    // The sandbox lets nobody in whose Referer is not the portal's domain.
    merchant.find("#consent").await;
    merchant.shoot("3-consent").await;
    merchant.agree(account.0).await;
    merchant.see(words.1).await;
    merchant.see(account.1).await;
    no_wider_than_its_window(merchant).await;
    merchant.shoot("4-done").await;
    assert!(!merchant.has(".nav").await, "nothing of the tenant's is shown");
    merchant.goto(link).await;
    merchant.find(".outcome.event-good").await;
    merchant.shoot("5-used-up").await;
}

#[tokio::test]
async fn a_merchant_at_a_desk_grants_an_account_in_chinese() {
    perform("merchant-zh", |stage: Stage| async move {
        let house = House::open(stage.folder()).await;
        let customer = stage.browser("customer", Look::ZH).await;
        customer.sign_in(&house, CUSTOMER).await;
        let link = make_link(&customer, &house, "西湖店 王店长", "").await;
        customer.shoot("0-link").await;

        let merchant = stage.browser("merchant", Look::ZH).await;
        grant(&merchant, &link, TEA, ("邀请你授权", "已授权成功")).await;

        customer.see_health(&house, TEA.0, Health::Healthy).await;
        customer.goto(house.at("/links")).await;
        customer.see("已完成").await;
        customer.shoot("6-links").await;
        no_wider_than_its_window(&customer).await;
        customer.press(".link-rows a").await;
        customer.see("授权成功").await;
        customer.shoot("7-link").await;
    })
    .await;
}

#[tokio::test]
async fn a_merchant_on_a_phone_grants_an_account_in_english() {
    perform("merchant-en", |stage: Stage| async move {
        let house = House::open(stage.folder()).await;
        let customer = stage.browser("customer", Look::ZH).await;
        customer.sign_in(&house, CUSTOMER).await;
        let link = make_link(&customer, &house, "Second shop", "en").await;

        let phone = Look { phone: true, in_wechat: true, dark: true, ..Look::ZH };
        let merchant = stage.browser("merchant", phone).await;
        grant(&merchant, &link, ORDERS, ("invites you to grant", "has been granted")).await;

        customer.see_health(&house, ORDERS.0, Health::Healthy).await;
        let operator = stage.browser("operator", Look { phone: true, ..Look::EN }).await;
        operator.sign_in(&house, CUSTOMER).await;
        for (path, name) in [("/links", "6-links"), ("/links/bulk", "7-bulk")] {
            operator.goto(house.at(path)).await;
            operator.find("h1").await;
            no_wider_than_its_window(&operator).await;
            operator.shoot(name).await;
        }
    })
    .await;
}
