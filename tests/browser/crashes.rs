//! `kill -9` at the worst moments: nothing is lost and nobody has to scan again.

use hufu::domain::health::Health;
use hufu::sandbox::{Fault, FaultKind};

use crate::harness::{CUSTOMER, House, Look, TEA, eventually, perform};

const EXCHANGE: &str = "/cgi-bin/component/api_query_auth";

#[tokio::test]
async fn the_portal_dies_while_the_person_is_at_wechat() {
    perform("crash-at-wechat", |stage| async move {
        let mut house = House::open(stage.folder()).await;
        let customer = stage.browser("customer", Look::ZH).await;
        customer.sign_in(&house, CUSTOMER).await;
        customer.ask_for(&house, 1).await;
        customer.press(&format!("input[name=appid][value='{}']", TEA.0)).await;

        house.kill();
        // WeChat sends the browser to an address where nobody answers.
        customer.press("#confirm").await;
        customer.arrive("/authorize/callback").await;
        house.restart().await;
        customer.reload().await;

        customer.arrive("/result").await;
        customer.see_health(&house, TEA.0, Health::Healthy).await;
    })
    .await;
}

#[tokio::test]
async fn the_portal_dies_while_wechat_answers_with_the_tokens() {
    perform("crash-in-exchange", |stage| async move {
        let mut house = House::open(stage.folder()).await;
        let wechat = house.wechat();
        // The code is used up at WeChat; the answer takes too long to arrive.
        wechat.fault(Fault::on(EXCHANGE, FaultKind::DelayAfter { ms: 6000 }).times(1));
        let customer = stage.browser("customer", Look::ZH).await;
        customer.sign_in(&house, CUSTOMER).await;
        customer.ask_for(&house, 1).await;
        customer.press(&format!("input[name=appid][value='{}']", TEA.0)).await;
        customer.press("#confirm").await;
        customer.arrive("/result").await;
        eventually("the exchange is under way", async || {
            wechat.counts(EXCHANGE, "").iter().any(|line| line.count.in_flight == 1).then_some(())
        })
        .await;

        house.kill();
        house.restart().await;

        customer.see_health(&house, TEA.0, Health::Healthy).await;
        customer.shoot("healed").await;
    })
    .await;
}
