//! What people of a tenant do with each other and with merchants, in one sentence each.

use super::browser::Browser;
use super::house::{House, PASSWORD};

impl Browser {
    /// On a page with members; returns the link that is shown once.
    pub(crate) async fn invite(&self, email: &str, role: &str) -> String {
        self.fill("form[action$='/members'] input[name=email]", email).await;
        self.press(&format!("form[action$='/members'] select[name=role] option[value={role}]")).await;
        self.press("form[action$='/members'] button").await;
        self.find(".made code").await.text().await.unwrap()
    }

    /// Accepts an invitation as somebody new.
    pub(crate) async fn join(&self, invitation: &str, name: &str) {
        self.goto(invitation).await;
        self.fill("input[name=name]", name).await;
        self.fill("input[name=password]", PASSWORD).await;
        self.press("form[action^='/invitation/'] button").await;
        self.find(".account-menu").await;
    }

    /// Makes a link for a merchant; its address.
    pub(crate) async fn make_link(&self, house: &House, label: &str) -> String {
        self.goto(house.at("/links")).await;
        self.fill("input[name=label]", label).await;
        self.press("form[action='/links'] button").await;
        self.find("svg.qr").await;
        self.find("code").await.text().await.unwrap()
    }

    pub(crate) async fn sign_out(&self) {
        self.press(".account-menu summary").await;
        self.press("form[action='/sign-out'] button").await;
        self.find("form[action='/sign-in']").await;
    }
}
