//! Sandbox and portal as two programs of their own, set up with the commands an operator uses. The portal is reached
//! as `localhost` and the sandbox as `127.0.0.1`, so that they are different sites for the browser.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::Stdio;

use serde_json::{Value, json};

use super::patience::eventually;
use super::process::{Process, free_port, hufu};

pub(crate) const COMPONENT: &str = "wx5a6e6d0b0c0d0e0f";
const SECRET: &str = "0123456789abcdef0123456789abcdef";
const TOKEN: &str = "sandboxToken";
const AES_KEY: &str = "c2FuZGJveFNhbmRib3hzYW5kYm94U2FuZGJveDAxMjA";

/// The customer's operator and the platform's administrator.
pub(crate) const CUSTOMER: &str = "operator@acme.example";
pub(crate) const RIVAL: &str = "operator@rival.example";
pub(crate) const ADMIN: &str = "admin@platform.example";
pub(crate) const PASSWORD: &str = "correct horse battery staple";

pub(crate) struct House {
    folder: PathBuf,
    portal: Process,
    _sandbox: Process,
    http: reqwest::Client,
    portal_port: u16,
    sandbox_port: u16,
}

impl House {
    /// Sandbox with six accounts; portal on SQLite with two tenants, two customers, one administrator.
    pub(crate) async fn open(folder: &Path) -> Self {
        rustls::crypto::ring::default_provider().install_default().ok();
        let http = reqwest::Client::builder().no_proxy().build().unwrap();
        let (portal_port, sandbox_port) = (free_port(), free_port());
        let sandbox = hufu(&["sandbox", "--listen", &format!("127.0.0.1:{sandbox_port}")]);
        let sandbox = Process::start("sandbox", folder, sandbox);
        let portal = Process::start("portal", folder, set_up(folder, portal_port, sandbox_port));
        let mut house =
            Self { folder: folder.to_owned(), portal, _sandbox: sandbox, http, portal_port, sandbox_port };
        house.wait_until_ready().await;
        house.introduce().await;
        house
    }

    /// An address of the portal.
    pub(crate) fn at(&self, path: &str) -> String {
        format!("http://localhost:{}{path}", self.portal_port)
    }

    /// One verb of the sandbox's control API.
    pub(crate) async fn sandbox(&self, verb: &str, body: Value) -> Value {
        let url = format!("http://127.0.0.1:{}/sandbox/api/{verb}", self.sandbox_port);
        let answer = self.http.post(url).json(&body).send().await.unwrap();
        let status = answer.status();
        let answer: Value = answer.json().await.unwrap();
        assert!(status.is_success(), "{verb} {body}: {answer}");
        answer
    }

    pub(crate) async fn look_into_sandbox(&self, what: &str) -> Value {
        let url = format!("http://127.0.0.1:{}/sandbox/api/{what}", self.sandbox_port);
        self.http.get(url).send().await.unwrap().json().await.unwrap()
    }

    /// `kill -9`, then the same command again on the same database.
    pub(crate) async fn kill_and_restart(&mut self) {
        self.portal.kill();
        let command = with_settings(&["serve"], self.portal_port, self.sandbox_port);
        self.portal = Process::start("portal", &self.folder, command);
        self.wait_until_ready().await;
    }

    pub(crate) fn kill(&mut self) {
        self.portal.kill();
    }

    async fn wait_until_ready(&mut self) {
        let url = format!("http://127.0.0.1:{}/readyz", self.portal_port);
        eventually("the portal is ready", async || {
            assert_eq!(self.portal.death(), None);
            let answer = self.http.get(&url).send().await.ok()?;
            answer.status().is_success().then_some(())
        })
        .await;
    }

    /// Tells the sandbox where to push, as an operator enters it in WeChat's console; waits for the first ticket.
    async fn introduce(&self) {
        let portal = format!("http://127.0.0.1:{}", self.portal_port);
        let component = json!({
            "appid": COMPONENT,
            "event_url": format!("{portal}/wechat/{COMPONENT}/events"),
            "message_url": format!("{portal}/wechat/{COMPONENT}/messages/$APPID$"),
            "entry_domain": format!("localhost:{}", self.portal_port),
        });
        self.sandbox("component", component).await;
        self.sandbox("push_ticket", json!({})).await;
    }
}

/// Tenants, users and the component, made with the commands; answers with the command that serves.
fn set_up(folder: &Path, portal: u16, sandbox: u16) -> std::process::Command {
    let run = |arguments: &[&str], input: &str| {
        let mut command = with_settings(arguments, portal, sandbox);
        command.current_dir(folder).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        child.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
        let output = child.wait_with_output().unwrap();
        let words = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "hufu {}: {words}", arguments.join(" "));
    };
    for slug in ["acme", "rival"] {
        run(&["tenant", "create", slug], "");
        let email = format!("operator@{slug}.example");
        let user =
            ["user", "create", "--email", &email, "--tenant", slug, "--role", "operator", "--password-stdin"];
        run(&user, PASSWORD);
    }
    run(&["user", "create", "--email", ADMIN, "--platform-admin", "--password-stdin"], PASSWORD);
    for (name, text) in [("secret", SECRET), ("token", TOKEN), ("aes-key", AES_KEY)] {
        std::fs::write(folder.join(name), text).unwrap();
    }
    let files = ["--secret-file", "secret", "--token-file", "token", "--aes-key-file", "aes-key"];
    run(&[["component", "add", "--appid", COMPONENT].as_slice(), &files].concat(), "");
    with_settings(&["serve"], portal, sandbox)
}

fn with_settings(arguments: &[&str], portal: u16, sandbox: u16) -> std::process::Command {
    let wechat = format!("http://127.0.0.1:{sandbox}");
    let mut command = hufu(arguments);
    command
        .env("HUFU_LISTEN", format!("127.0.0.1:{portal}"))
        .env("HUFU_PUBLIC_URL", format!("http://localhost:{portal}"))
        .env("HUFU_DATABASE_URL", "sqlite:hufu.sqlite")
        .env("HUFU_WECHAT_API_URL", &wechat)
        .env("HUFU_WECHAT_MP_URL", &wechat)
        .env("HUFU_WECHAT_OPEN_URL", &wechat);
    command
}
