//! The portal as a program of its own, set up with the commands an operator uses, and a WeChat beside it. The portal is
//! reached as `localhost` and the sandbox as `127.0.0.1`, so that they are different sites for the browser.

use std::path::{Path, PathBuf};
use std::process::Command;

use hufu::sandbox::{
    ComponentPatch, Control, NEWCOMER_AES_KEY, NEWCOMER_APPID, NEWCOMER_SECRET, NEWCOMER_TOKEN, Sandbox,
    SandboxConfig, start,
};
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{ConnectOptions as _, Connection as _, Executor as _, PgConnection};

use super::patience::eventually;
use super::process::{Process, free_port, hufu, run_to_the_end};

/// The customer's operator, a viewer beside them, another customer's operator, the platform's administrator.
pub(crate) const CUSTOMER: &str = "operator@acme.example";
pub(crate) const VIEWER: &str = "viewer@acme.example";
pub(crate) const RIVAL: &str = "operator@rival.example";
pub(crate) const ADMIN: &str = "admin@platform.example";
pub(crate) const PASSWORD: &str = "correct horse battery staple";

/// Accounts of the sandbox: two 公众号 and a 小程序.
pub(crate) const TEA: (&str, &str) = ("wxa0000000000000a1", "山野茶馆");
pub(crate) const BOOKS: (&str, &str) = ("wxa0000000000000a2", "青禾读书会");
pub(crate) const ORDERS: (&str, &str) = ("wxb0000000000000b1", "山野茶馆点单");

pub(crate) struct House {
    folder: PathBuf,
    settings: Settings,
    portal: Process,
    portal_port: u16,
    sandbox: Sandbox,
    http: reqwest::Client,
}

impl House {
    /// Portal on SQLite with two tenants, three customers, one administrator; the first ticket has arrived.
    pub(crate) async fn open(folder: &Path) -> Self {
        Self::open_with(folder, &[]).await
    }

    /// The same with other settings, as `("HUFU_LOG", "trace")`.
    pub(crate) async fn open_with(folder: &Path, others: &[(&'static str, &str)]) -> Self {
        let sandbox = start(SandboxConfig::default()).await.unwrap();
        let portal_port = free_port();
        let mut settings = usual_settings(portal_port, sandbox.url().as_str());
        settings.extend(others.iter().map(|(name, value)| (*name, (*value).to_owned())));
        set_up(folder, &settings);
        let portal = Process::start("portal", folder, with_settings(&["serve"], &settings));
        let http = reqwest::Client::builder().no_proxy().build().unwrap();
        let mut house = Self { folder: folder.to_owned(), settings, portal, portal_port, sandbox, http };
        house.wait_until_ready().await;
        house.introduce().await;
        house
    }

    /// An address of the portal.
    pub(crate) fn at(&self, path: &str) -> String {
        format!("http://localhost:{}{path}", self.portal_port)
    }

    /// All that the portal has written anywhere: its log (of every level), its database and what it says of itself.
    pub(crate) async fn everything_written(&self) -> String {
        let mut all = self.portal.said();
        for file in ["hufu.sqlite", "hufu.sqlite-wal"] {
            let bytes = std::fs::read(self.folder.join(file)).unwrap_or_default();
            all.push_str(&String::from_utf8_lossy(&bytes));
        }
        for path in ["/metrics", "/readyz"] {
            all.push_str(&self.http.get(self.at(path)).send().await.unwrap().text().await.unwrap());
        }
        all
    }

    /// What a business server is answered that asks for an account's token with this key.
    pub(crate) async fn ask_for_token(&self, appid: &str, key: &str) -> u16 {
        let url = self.at(&format!("/api/v1/authorizers/{appid}/access-token"));
        self.http.get(url).bearer_auth(key).send().await.unwrap().status().as_u16()
    }

    /// Minutes pass in which nobody showed who they are.
    pub(crate) async fn let_proofs_grow_old(&self) {
        const AGE: &str =
            "UPDATE session SET state = replace(state, 'authenticated_at', 'authenticated_long_ago')";
        let url = self.settings.iter().rfind(|(name, _)| *name == "HUFU_DATABASE_URL").unwrap().1.clone();
        if url.starts_with("postgres") {
            PgConnection::connect(&url).await.unwrap().execute(AGE).await.unwrap();
        } else {
            let options = SqliteConnectOptions::new().filename(self.folder.join("hufu.sqlite"));
            options.connect().await.unwrap().execute(AGE).await.unwrap();
        }
    }

    /// The hand that moves the sandbox.
    pub(crate) fn wechat(&self) -> Control {
        self.sandbox.control()
    }

    /// `kill -9`.
    pub(crate) fn kill(&mut self) {
        self.portal.kill();
    }

    /// The same command again on the same database.
    pub(crate) async fn restart(&mut self) {
        self.portal = Process::start("portal", &self.folder, with_settings(&["serve"], &self.settings));
        self.wait_until_ready().await;
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

    /// Tells the sandbox where to push, as an operator enters it in WeChat's console.
    async fn introduce(&self) {
        let portal = format!("http://127.0.0.1:{}", self.portal_port);
        let wechat = self.wechat();
        wechat.component(ComponentPatch {
            appid: Some(NEWCOMER_APPID.to_owned()),
            event_url: Some(format!("{portal}/wechat/{NEWCOMER_APPID}/events")),
            message_url: Some(format!("{portal}/wechat/{NEWCOMER_APPID}/messages/$APPID$")),
            entry_domain: Some(format!("localhost:{}", self.portal_port)),
            ..ComponentPatch::default()
        });
        let push = wechat.push_ticket(None).unwrap();
        wechat.wait_for_push(push).await;
        eventually("the portal has a component_access_token", async || {
            let calls = wechat.counts("/cgi-bin/component/api_component_token", "");
            calls.iter().any(|line| line.count.calls > line.count.errors).then_some(())
        })
        .await;
    }
}

/// Tenants, users and the component, made with the commands.
fn set_up(folder: &Path, settings: &Settings) {
    let run = |arguments: &[&str], input: &str| {
        let mut command = with_settings(arguments, settings);
        command.current_dir(folder);
        run_to_the_end(command, input);
    };
    run(&["tenant", "create", "acme", "--name", "山野餐饮集团"], "");
    run(&["tenant", "create", "rival", "--name", "海边咖啡"], "");
    for (email, tenant, role) in
        [(CUSTOMER, "acme", "operator"), (VIEWER, "acme", "viewer"), (RIVAL, "rival", "owner")]
    {
        let user =
            ["user", "create", "--email", email, "--tenant", tenant, "--role", role, "--password-stdin"];
        run(&user, PASSWORD);
    }
    run(&["user", "create", "--email", ADMIN, "--platform-admin", "--password-stdin"], PASSWORD);
    for (name, text) in
        [("secret", NEWCOMER_SECRET), ("token", NEWCOMER_TOKEN), ("aes-key", NEWCOMER_AES_KEY)]
    {
        std::fs::write(folder.join(name), text).unwrap();
    }
    let files = ["--secret-file", "secret", "--token-file", "token", "--aes-key-file", "aes-key"];
    let name = ["--name", "山海开放平台"];
    run(&[["component", "add", "--appid", NEWCOMER_APPID].as_slice(), &name, &files].concat(), "");
}

type Settings = Vec<(&'static str, String)>;

fn usual_settings(portal: u16, wechat: &str) -> Settings {
    vec![
        ("HUFU_LISTEN", format!("127.0.0.1:{portal}")),
        ("HUFU_PUBLIC_URL", format!("http://localhost:{portal}")),
        ("HUFU_DATABASE_URL", "sqlite:hufu.sqlite".to_owned()),
        ("HUFU_WECHAT_API_URL", wechat.to_owned()),
        ("HUFU_WECHAT_MP_URL", wechat.to_owned()),
        ("HUFU_WECHAT_OPEN_URL", wechat.to_owned()),
        ("HUFU_REQUIRE_ADMIN_MFA", "false".to_owned()),
    ]
}

fn with_settings(arguments: &[&str], settings: &Settings) -> Command {
    let mut command = hufu(arguments);
    command.envs(settings.iter().map(|(name, value)| (name, value)));
    command
}
