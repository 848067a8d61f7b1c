//! No secret in clear, anywhere: not in the log of any level, not in the database, the metrics or a page.

use std::collections::BTreeSet;

use hufu::domain::health::Health;
use hufu::sandbox::{
    Control, Fault, FaultKind, NEWCOMER_AES_KEY, NEWCOMER_APPID, NEWCOMER_SECRET, NEWCOMER_TOKEN, Rotation,
};
use serde_json::Value;

use crate::harness::{ADMIN, CUSTOMER, House, Look, PROMISE, TEA, perform};

const INFO: &str = "/cgi-bin/component/api_get_authorizer_info";
const REFRESH: &str = "/cgi-bin/component/api_authorizer_token";

/// What WeChat's requests and answers call the things that nobody else may know.
const NAMES: [&str; 7] = [
    "component_verify_ticket",
    "component_access_token",
    "pre_auth_code",
    "authorization_code",
    "authorizer_access_token",
    "authorizer_refresh_token",
    "component_appsecret",
];

#[tokio::test]
async fn a_whole_journey_with_every_word_logged_leaves_no_secret_in_clear() {
    perform("secrets", |stage| async move {
        let house = House::open_with(stage.folder(), &[("HUFU_LOG", "trace")]).await;
        let wechat = house.wechat();
        wechat.switch(|switches| switches.rotation = Rotation::SingleUse);
        let customer = stage.browser("customer", Look::ZH).await;
        customer.sign_in(&house, CUSTOMER).await;
        customer.ask_for(&house, 1).await;
        wechat.fault(Fault::on(INFO, FaultKind::Garbage).times(1));
        customer.agree(TEA.0).await;
        // The platform's token is refused, and when that is over the account's refresh token is gone.
        wechat.lose_refresh_token(None, TEA.0).unwrap();
        wechat.fault(Fault::on(REFRESH, FaultKind::Errcode { errcode: 40001 }).times(1));
        customer.see_health(&house, TEA.0, Health::Healthy).await;
        customer.press("form[action$='/refresh'] button").await;
        customer.see_health(&house, TEA.0, Health::BlockedUpstream).await;
        // A canary a minute later, under the account's own floor.
        customer.see_health_within(PROMISE * 3, &house, TEA.0, Health::Healthy).await;
        let mut written = customer.source().await;
        let admin = stage.browser("admin", Look::ZH).await;
        admin.sign_in(&house, ADMIN).await;
        for path in [
            "/admin",
            &format!("/admin/components/{NEWCOMER_APPID}"),
            "/admin/authorizers",
            "/admin/unclaimed",
        ] {
            admin.goto(house.at(path)).await;
            written.push_str(&admin.source().await);
        }
        written.push_str(&house.everything_written().await);

        let secrets = secrets_of(&wechat);

        assert!(secrets.len() >= 9, "the sandbox's journal was not understood: {secrets:?}");
        assert!(written.contains(TEA.0) && written.contains("answered"), "nothing was read");
        for secret in secrets {
            let at = written.find(&secret);
            let around = at.map(|at| written[..at].chars().rev().take(200).collect::<String>());
            let around = around.map(|text| text.chars().rev().collect::<String>());
            assert_eq!(around, None, "{secret} is written in clear, after this");
        }
    })
    .await;
}

/// Every value that went over the wire under one of [`NAMES`], and what both sides agreed upon before.
fn secrets_of(wechat: &Control) -> BTreeSet<String> {
    let mut found: BTreeSet<String> =
        [NEWCOMER_SECRET, NEWCOMER_TOKEN, NEWCOMER_AES_KEY].map(str::to_owned).into();
    for entry in wechat.journal("", "", 4000) {
        for text in [&entry.request, &entry.response] {
            collect(&serde_json::from_str(text).unwrap_or(Value::Null), &mut found);
        }
    }
    found
}

fn collect(value: &Value, found: &mut BTreeSet<String>) {
    match value {
        Value::Object(fields) => {
            for (name, value) in fields {
                if let (true, Some(text)) = (NAMES.contains(&name.as_str()), value.as_str()) {
                    found.insert(text.to_owned());
                }
                collect(value, found);
            }
        }
        Value::Array(values) => values.iter().for_each(|value| collect(value, found)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}
