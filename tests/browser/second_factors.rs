//! Second factors in a real browser: an authenticator app, its recovery codes, and passkeys with Chromium's own virtual
//! authenticator.

use std::time::Duration;

use hufu::clock::Clock;
use hufu::service::authenticator_app;

use crate::harness::{ADMIN, Browser, CUSTOMER, House, Look, PASSWORD, perform};

#[tokio::test]
async fn an_admin_adds_an_app_and_a_passkey_and_signs_in_with_each() {
    perform("second-factors", |stage| async move {
        let house = House::open_with(stage.folder(), &[("HUFU_REQUIRE_ADMIN_MFA", "true")]).await;
        let admin = stage.browser("admin", Look::ZH).await;
        admin.plug_in_authenticator().await;
        admin.sign_in(&house, ADMIN).await;
        admin.arrive("/account/security").await;
        admin.see("你需要先启用两步验证").await;
        admin.shoot("1-must").await;

        let (secret, codes) = admin.add_app().await;
        admin.goto(house.at("/admin")).await;
        admin.arrive("/admin").await;

        admin.add_passkey(&house, "办公室电脑").await;
        admin.see("通行密钥已添加").await;
        admin.shoot("4-passkey").await;

        admin.sign_out().await;
        admin.shoot("5-sign-in").await;
        admin.press("form[data-passkey] button").await;
        admin.find(".account-menu").await;
        admin.arrive("/admin").await;

        // The code of the enrolment is used up; the app's next one counts already.
        admin.sign_out().await;
        half_way(&admin, &house).await;
        admin.shoot("6-second").await;
        admin.fill("input[name=code]", "000000").await;
        admin.press("form[action='/sign-in/second'] button").await;
        admin.see("不正确，或已经用过").await;
        let next = Clock::system().now().plus(Duration::from_secs(30));
        admin.fill("input[name=code]", &authenticator_app::code(&secret, next).unwrap()).await;
        admin.press("form[action='/sign-in/second'] button").await;
        admin.find(".account-menu").await;

        admin.sign_out().await;
        half_way(&admin, &house).await;
        admin.press("form[data-passkey] button").await;
        admin.find(".account-menu").await;

        admin.sign_out().await;
        half_way(&admin, &house).await;
        admin.fill("input[name=code]", &codes[0]).await;
        admin.press("form[action='/sign-in/second'] button").await;
        admin.find(".account-menu").await;
        admin.goto(house.at("/account/security")).await;
        admin.see("还剩 9 个").await;
        admin.shoot("7-all").await;
    })
    .await;
}

#[tokio::test]
async fn a_customer_adds_an_app_on_a_phone_and_could_without_a_script() {
    perform("second-factors-phone", |stage| async move {
        let house = House::open(stage.folder()).await;
        // The driver takes no pictures where scripts do not run.
        let plain = stage.browser("plain", Look { javascript: false, ..Look::EN }).await;
        plain.sign_in(&house, CUSTOMER).await;
        plain.goto(house.at("/account/security")).await;
        // What is inside it are elements only where scripts do not run; the driver never counts it as visible text.
        plain.find("#passkeys noscript p").await;
        plain.press("form[action='/account/security/app'] button").await;
        plain.find(".copy code").await;

        let customer = stage.browser("customer", Look { phone: true, dark: true, ..Look::EN }).await;
        customer.sign_in(&house, CUSTOMER).await;
        customer.goto(house.at("/account/security")).await;
        customer.shoot("1-nothing").await;
        customer.add_app().await;
        customer.see("10 left").await;
        customer.shoot("4-app").await;
    })
    .await;
}

/// The password was right, and the second step is asked for.
async fn half_way(person: &Browser, house: &House) {
    person.goto(house.at("/sign-in")).await;
    person.fill("input[name=email]", ADMIN).await;
    person.fill("input[name=password]", PASSWORD).await;
    person.press("form[action='/sign-in'] button").await;
    person.find("form[action='/sign-in/second']").await;
}
