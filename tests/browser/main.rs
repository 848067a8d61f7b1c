//! What people do, in a real Chromium, against the real binary; pictures in `target/screenshots`.

#![expect(clippy::unwrap_used, clippy::expect_used, reason = "tests stop at the first surprise")]

mod harness;

#[tokio::test]
async fn chromium_opens() {
    harness::perform("trial", |stage| async move {
        let browser = stage.browser("me", harness::Look::EN).await;
        browser.goto("data:text/html,<h1>hello</h1><a id=go href='data:text/html,there'>x</a>").await;
        browser.see("hello").await;
        browser.shoot("hello").await;
        browser.press("#go").await;
    })
    .await;
}
