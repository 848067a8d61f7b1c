//! What people do at the portal and at WeChat's consent page, in one sentence each.

use std::time::Duration;

use hufu::domain::health::Health;

use super::browser::Browser;
use super::house::{House, PASSWORD};
use super::patience::{PROMISE, within};

impl Browser {
    pub(crate) async fn sign_in(&self, house: &House, email: &str) {
        self.goto(house.at("/sign-in")).await;
        self.fill("input[name=email]", email).await;
        self.fill("input[name=password]", PASSWORD).await;
        self.press("form[action='/sign-in'] button").await;
        self.find(".account-menu").await;
    }

    /// From any page to the consent page of WeChat, by pressing what a person presses.
    pub(crate) async fn ask_for(&self, house: &House, auth_type: u8) {
        self.goto(house.at("/authorizers")).await;
        self.press("main a[href='/authorize']").await;
        self.press(&format!("form:has(input[name=auth_type][value='{auth_type}']) button")).await;
        self.press("#go").await;
        self.find("#consent").await;
    }

    /// Agrees at the consent page and waits for the portal's last word.
    pub(crate) async fn agree(&self, appid: &str) {
        self.press(&format!("input[name=appid][value='{appid}']")).await;
        self.press("#confirm").await;
        self.arrive("/result").await;
        self.find(".outcome:not([aria-busy])").await;
    }

    /// Opens the account's page and waits until it shows this state, loading it again.
    pub(crate) async fn see_health(&self, house: &House, appid: &str, health: Health) {
        self.see_health_within(PROMISE, house, appid, health).await;
    }

    pub(crate) async fn see_health_within(
        &self,
        patience: Duration,
        house: &House,
        appid: &str,
        health: Health,
    ) {
        self.goto(house.at(&format!("/authorizers/{appid}"))).await;
        let badge = format!(".standing .health-{}", health.as_str());
        let seen = within(patience, async || {
            if self.has(&badge).await {
                return Some(());
            }
            self.reload().await;
            None
        });
        if seen.await.is_none() {
            panic!("{appid} never became {} on {}", health.as_str(), self.describe().await);
        }
    }
}
