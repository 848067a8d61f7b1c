//! How people prove who they are besides their password, in one sentence each.

use hufu::clock::Clock;
use hufu::secret::{Secret as _, TotpSecret};
use hufu::service::authenticator_app;

use super::browser::Browser;
use super::house::House;

impl Browser {
    /// From the page about security to it again; returns the secret and the recovery codes.
    pub(crate) async fn add_app(&self) -> (TotpSecret, Vec<String>) {
        self.press("form[action='/account/security/app'] button").await;
        let shown = self.find(".copy code").await.text().await.unwrap();
        let secret = TotpSecret::new(shown.replace(' ', ""));
        self.shoot("scan").await;
        let code = authenticator_app::code(&secret, Clock::system().now()).unwrap();
        assert!(!secret.expose().is_empty());
        self.fill("input[name=code]", &code).await;
        self.press("form[action$='/confirm'] button").await;
        let codes = self.recovery_codes().await;
        (secret, codes)
    }

    /// Waits for the page that shows them once, and leaves it for the page about security.
    pub(crate) async fn recovery_codes(&self) -> Vec<String> {
        self.find(".codes").await;
        self.shoot("codes").await;
        let page = self.source().await;
        let codes = page.split("<li><code>").skip(1).filter_map(|part| part.split('<').next());
        let codes = codes.map(str::to_owned).collect();
        self.press("a.button[href='/account/security']").await;
        self.find("#codes").await;
        codes
    }

    pub(crate) async fn add_passkey(&self, house: &House, name: &str) {
        self.goto(house.at("/account/security")).await;
        self.fill("form[data-passkey] input[name=name]", name).await;
        self.press("form[data-passkey] button").await;
        self.see(name).await;
    }
}
