//! The main job from end to end, in both languages and on both databases: authorise, healthy, healed, cancelled, authorised again.

use hufu::domain::event::Event;
use hufu::domain::health::Health;
use hufu::domain::text::Lang;

use crate::harness::{ADMIN, CUSTOMER, House, Look, Schema, TEA, perform};

#[tokio::test]
async fn a_customer_authorises_and_keeps_an_account_in_chinese() {
    perform("main-job-zh", |stage| async move {
        let house = House::open(stage.folder()).await;
        let customer = stage.browser("customer", Look::ZH).await;
        let admin = stage.browser("admin", Look::ZH).await;
        main_job(&house, [&customer, &admin], Lang::Zh).await;
    })
    .await;
}

#[tokio::test]
async fn a_customer_authorises_and_keeps_an_account_in_english_on_postgresql() {
    let Some(schema) = Schema::make() else { return };
    perform("main-job-en", |stage| async move {
        let house = House::open_with(stage.folder(), &[("HUFU_DATABASE_URL", &schema.url())]).await;
        let customer = stage.browser("customer", Look::EN).await;
        let admin = stage.browser("admin", Look { dark: true, ..Look::EN }).await;
        main_job(&house, [&customer, &admin], Lang::En).await;
    })
    .await;
}

async fn main_job(house: &House, [customer, admin]: [&crate::harness::Browser; 2], lang: Lang) {
    let (appid, name) = TEA;
    let word = |health: Health| health.label().get(lang).to_owned();

    customer.sign_in(house, CUSTOMER).await;
    customer.shoot("1-empty").await;
    customer.ask_for(house, 1).await;
    customer.shoot("2-consent").await;
    customer.agree(appid).await;
    customer.see(&word(Health::Healthy)).await;
    customer.shoot("3-back").await;
    customer.goto(house.at("/authorizers")).await;
    customer.see(name).await;
    customer.find(".cell-state .health-healthy").await;
    customer.shoot("4-list").await;

    // Nothing is due for an hour: "refresh now" meets the refusal at once.
    house.wechat().lose_refresh_token(None, appid).unwrap();
    customer.see_health(house, appid, Health::Healthy).await;
    customer.press("form[action$='/refresh'] button").await;
    customer.see_after_reload(Event::Recovered.label().get(lang)).await;
    customer.see_health(house, appid, Health::Healthy).await;
    customer.shoot("5-healed").await;

    house.wechat().cancel(None, appid, true).unwrap();
    customer.see_health(house, appid, Health::Unauthorized).await;
    customer.see(&word(Health::Unauthorized)).await;
    customer.shoot("6-cancelled").await;

    customer.press("form[action$='/reauthorize'] button").await;
    customer.shoot("7-entry-again").await;
    customer.press("#go").await;
    customer.agree(appid).await;
    customer.see_health(house, appid, Health::Healthy).await;
    customer.shoot("8-again").await;

    admin.sign_in(house, ADMIN).await;
    admin.shoot("9-admin").await;
    admin.goto(house.at("/admin/authorizers")).await;
    admin.see(name).await;
    admin.find(".health-healthy").await;
    admin.shoot("10-admin-authorizers").await;
}
