//! The first command of the README: what it prints is true, and what it shows is the README's picture
//! (`HUFU_TEST_NEW_SCREENSHOT=1 cargo test --test browser demo` takes it anew).

use crate::harness::{Look, Process, eventually, hufu, perform};

#[tokio::test]
async fn the_demo_shows_everything_to_those_who_sign_in_with_what_it_prints() {
    perform("demo", |stage| async move {
        let demo = hufu(&["demo", "--listen", "127.0.0.1:0", "--sandbox-listen", "127.0.0.1:0"]);
        let mut demo = Process::start("demo", stage.folder(), demo);
        let said = eventually("the demo says where it is", async || {
            assert_eq!(demo.death(), None);
            let said = demo.said();
            said.contains("Ctrl-C").then_some(said)
        })
        .await;
        let addresses: Vec<&str> =
            said.split_whitespace().filter(|word| word.starts_with("http://")).collect();
        let logins: Vec<(&str, &str)> = said.lines().filter_map(login).collect();
        // The portal, the sandbox, a link for a merchant, and the line that asks for a token as a business server does.
        assert_eq!((addresses.len(), logins.len()), (4, 3), "{said}");
        for part in ["/connect/", "/api/v1/authorizers/"] {
            assert!(addresses[2..].iter().any(|address| address.contains(part)), "{said}");
        }

        for (number, (email, password)) in logins.iter().enumerate() {
            let person = stage.browser(email.split('@').next().unwrap(), Look::ZH).await;
            person.goto(format!("{}sign-in", addresses[0])).await;
            person.fill("input[name=email]", email).await;
            person.fill("input[name=password]", password).await;
            person.press("form[action='/sign-in'] button").await;
            person.find(".account-menu").await;
            person.shoot("home").await;
            if number == 0 {
                person.goto(format!("{}authorizers", addresses[0])).await;
                let picture = person.shoot("list").await;
                if std::env::var_os("HUFU_TEST_NEW_SCREENSHOT").is_some() {
                    std::fs::copy(picture, concat!(env!("CARGO_MANIFEST_DIR"), "/docs/screenshot.png"))
                        .unwrap();
                }
            }
        }
        let visitor = stage.browser("visitor", Look::ZH).await;
        visitor.goto(addresses[1]).await;
        visitor.shoot("sandbox").await;
    })
    .await;
}

/// `  owner@example.com   copper-teapot-lantern   …`
fn login(line: &str) -> Option<(&str, &str)> {
    let mut words = line.split_whitespace();
    let email = words.next().filter(|word| word.contains('@'))?;
    Some((email, words.next()?))
}
