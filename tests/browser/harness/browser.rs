//! One window of Chromium and the verbs of the person before it. Every verb waits for what it needs.

use std::path::PathBuf;

use fantoccini::elements::Element;
use fantoccini::{Client, ClientBuilder, Locator};
use hyper_util::client::legacy::connect::HttpConnector;
use serde_json::{Value, json};

use super::driver::Driver;
use super::patience::{PATIENCE, within};

/// Who looks, and at what.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Look {
    pub(crate) language: &'static str,
    pub(crate) javascript: bool,
    pub(crate) phone: bool,
    /// The browser inside WeChat.
    pub(crate) in_wechat: bool,
    pub(crate) dark: bool,
}

impl Look {
    /// A person at a desk who reads Chinese.
    pub(crate) const ZH: Self =
        Self { language: "zh-CN", javascript: true, phone: false, in_wechat: false, dark: false };
    pub(crate) const EN: Self = Self { language: "en", ..Self::ZH };
}

#[derive(Clone)]
pub(crate) struct Browser {
    client: Client,
    driver: String,
    name: String,
}

impl Browser {
    pub(super) async fn open(driver: &Driver, profile: &str, name: &str, look: Look) -> Self {
        let capabilities = json!({ "goog:chromeOptions": options(driver, profile, look) });
        let Value::Object(capabilities) = capabilities else { unreachable!("an object") };
        let client = ClientBuilder::new(HttpConnector::new())
            .capabilities(capabilities)
            .connect(&driver.url)
            .await
            .expect("Chromium starts");
        if !look.phone {
            client.set_window_size(1280, 1060).await.unwrap();
        }
        Self { client, driver: driver.url.clone(), name: name.to_owned() }
    }

    pub(super) async fn close(&self) {
        self.client.clone().close().await.ok();
    }

    /// Plugs an authenticator into the machine that keeps passkeys and recognises its person at once.
    pub(crate) async fn plug_in_authenticator(&self) {
        let session = self.client.session_id().await.unwrap().unwrap();
        let authenticator = json!({
            "protocol": "ctap2", "transport": "internal", "hasResidentKey": true,
            "hasUserVerification": true, "isUserVerified": true,
        });
        let url = format!("{}/session/{session}/webauthn/authenticator", self.driver);
        let http = reqwest::Client::builder().no_proxy().build().unwrap();
        let request = http.post(url).header("content-type", "application/json");
        let answer = request.body(authenticator.to_string()).send().await.unwrap();
        assert!(answer.status().is_success(), "{}", answer.text().await.unwrap());
    }

    pub(crate) async fn goto(&self, url: impl AsRef<str>) {
        self.client.goto(url.as_ref()).await.unwrap();
    }

    /// A page that is just being left refuses to be loaded again; the one that follows it does not.
    pub(crate) async fn reload(&self) {
        let done = within(PATIENCE, async || self.client.refresh().await.ok()).await;
        assert!(done.is_some(), "{} cannot be loaded again", self.describe().await);
    }

    /// The browser's own button.
    pub(crate) async fn back(&self) {
        self.client.back().await.unwrap();
    }

    /// On a phone, too, nobody has to push the page sideways.
    pub(crate) async fn fits_its_window(&self) {
        let wider = self.run("return document.documentElement.scrollWidth > window.innerWidth").await;
        assert_eq!(wider, false, "wider than its window: {}", self.describe().await);
    }

    pub(crate) async fn url(&self) -> url::Url {
        self.client.current_url().await.unwrap()
    }

    /// The first element that matches, as soon as there is one.
    pub(crate) async fn find(&self, css: &str) -> Element {
        let found = self.client.wait().at_most(PATIENCE).for_element(Locator::Css(css)).await;
        match found {
            Ok(element) => element,
            Err(error) => panic!("no {css} on {}: {error}", self.describe().await),
        }
    }

    pub(crate) async fn has(&self, css: &str) -> bool {
        !self.client.find_all(Locator::Css(css)).await.unwrap().is_empty()
    }

    pub(crate) async fn press(&self, css: &str) {
        let element = self.find(css).await;
        if let Err(error) = element.click().await {
            panic!("{css} cannot be pressed on {}: {error}", self.describe().await);
        }
    }

    pub(crate) async fn fill(&self, css: &str, text: &str) {
        let element = self.find(css).await;
        element.clear().await.unwrap();
        element.send_keys(text).await.unwrap();
    }

    /// The page as the server sent it, more or less.
    pub(crate) async fn source(&self) -> String {
        self.client.source().await.unwrap()
    }

    /// The visible text of the page.
    pub(crate) async fn text(&self) -> String {
        let Ok(body) = self.client.find(Locator::Css("body")).await else { return String::new() };
        body.text().await.unwrap_or_default()
    }

    /// Waits until the page shows this text.
    pub(crate) async fn see(&self, text: &str) {
        let seen = within(PATIENCE, async || self.text().await.contains(text).then_some(())).await;
        if seen.is_none() {
            panic!("“{text}” is not on {}", self.describe().await);
        }
    }

    /// Loads the page again until it shows this text.
    pub(crate) async fn see_after_reload(&self, text: &str) {
        let look = async || {
            self.reload().await;
            self.text().await.contains(text).then_some(())
        };
        if within(PATIENCE, look).await.is_none() {
            panic!("“{text}” never came to {}", self.describe().await);
        }
    }

    /// Waits until the address contains this text.
    pub(crate) async fn arrive(&self, part: &str) {
        let arrived = async || self.url().await.as_str().contains(part).then_some(());
        if within(PATIENCE, arrived).await.is_none() {
            panic!("not at {part} but on {}", self.describe().await);
        }
    }

    pub(crate) async fn run(&self, script: &str) -> Value {
        self.client.execute(script, Vec::new()).await.unwrap()
    }

    /// Saves what is to be seen as `target/screenshots/<browser>-<name>.png`.
    pub(crate) async fn shoot(&self, name: &str) -> PathBuf {
        let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("target/screenshots");
        std::fs::create_dir_all(&folder).unwrap();
        let path = folder.join(format!("{}-{name}.png", self.name));
        std::fs::write(&path, self.client.screenshot().await.unwrap()).unwrap();
        path
    }

    pub(super) async fn describe(&self) -> String {
        let url =
            self.client.current_url().await.map_or_else(|error| error.to_string(), |url| url.to_string());
        let text: String = self.text().await.chars().take(1500).collect();
        format!("{url}:\n{text}\n")
    }
}

fn options(driver: &Driver, profile: &str, look: Look) -> Value {
    let mut arguments: Vec<String> = [
        "--headless",
        "--no-sandbox",
        "--disable-gpu",
        "--disable-dev-shm-usage",
        "--disable-quic",
        "--no-first-run",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
        "--hide-scrollbars",
    ]
    .map(str::to_owned)
    .to_vec();
    arguments.push(format!("--user-data-dir={profile}"));
    arguments.push(format!("--lang={}", look.language));
    if look.dark {
        arguments.push("--blink-settings=preferredColorScheme=0".to_owned());
    }
    let mut options = json!({
        "binary": driver.chromium,
        "args": arguments,
        "prefs": {
            "intl.accept_languages": look.language,
            "profile.managed_default_content_settings.javascript": if look.javascript { 1 } else { 2 },
        },
    });
    if look.phone {
        let wechat = if look.in_wechat {
            " MicroMessenger/8.0.50(0x18003233) NetType/WIFI Language/zh_CN"
        } else {
            ""
        };
        options["mobileEmulation"] = json!({
            "deviceMetrics": { "width": 390, "height": 844, "pixelRatio": 2.0, "mobile": true, "touch": true },
            "userAgent": format!(
                "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) \
                 Mobile/15E148{wechat}"
            ),
        });
    }
    options
}
