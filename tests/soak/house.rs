//! `hufu sandbox` and `hufu serve` as programs, one tenant, as many accounts as wanted.

use std::process::Command;

use hufu::domain::health::Health;
use hufu::sandbox::{NEWCOMER_AES_KEY, NEWCOMER_APPID, NEWCOMER_SECRET, NEWCOMER_TOKEN};
use hufu::store::{Store, authorizer_count};
use serde_json::{Value, json};
use tempfile::TempDir;

use super::books::Books;
use super::patience::{PROMISE, eventually, within};
use super::portal::Visitor;
use super::process::{Process, free_port, hufu, run_to_the_end};
use super::schema::Schema;

const EMAIL: &str = "operator@acme.example";
const PASSWORD: &str = "correct horse battery staple";
const REFRESH: &str = "/cgi-bin/component/api_authorizer_token";

pub(crate) struct House {
    sandbox: Process,
    portal: Process,
    settings: Settings,
    sandbox_url: String,
    portal_url: String,
    database: String,
    http: reqwest::Client,
    _schema: Option<Schema>,
    folder: TempDir,
}

type Settings = Vec<(&'static str, String)>;

impl House {
    /// The sandbox's switches are turned as `switches` says.
    pub(crate) async fn open(switches: Value) -> Self {
        rustls::crypto::ring::default_provider().install_default().ok();
        let folder = TempDir::new().unwrap();
        let [sandbox_port, portal_port] = [free_port(), free_port()];
        let sandbox_url = format!("http://127.0.0.1:{sandbox_port}");
        let portal_url = format!("http://127.0.0.1:{portal_port}");
        let schema = std::env::var_os("SOAK_POSTGRES").map(|_| Schema::make().expect("PostgreSQL answers"));
        let file = || format!("sqlite:{}", folder.path().join("hufu.sqlite").display());
        let database = schema.as_ref().map_or_else(file, Schema::url);
        let settings = vec![
            ("HUFU_LISTEN", format!("127.0.0.1:{portal_port}")),
            ("HUFU_DATABASE_URL", database.clone()),
            ("HUFU_MASTER_KEY_FILE", folder.path().join("hufu.key").display().to_string()),
            ("HUFU_WECHAT_API_URL", sandbox_url.clone()),
            ("HUFU_WECHAT_MP_URL", sandbox_url.clone()),
            ("HUFU_WECHAT_OPEN_URL", sandbox_url.clone()),
            ("HUFU_LOG", "warn".to_owned()),
        ];
        let run = |arguments: &[&str], input: &str| {
            let mut command = with_settings(arguments, &settings);
            command.current_dir(folder.path());
            run_to_the_end(command, input);
        };
        set_up(&folder, run);
        let sandbox = hufu(&["sandbox", "--listen", &format!("127.0.0.1:{sandbox_port}")]);
        let house = Self {
            sandbox: Process::start("sandbox", folder.path(), sandbox),
            portal: Process::start("portal", folder.path(), with_settings(&["serve"], &settings)),
            settings,
            sandbox_url,
            portal_url,
            database,
            http: reqwest::Client::builder().no_proxy().build().unwrap(),
            _schema: schema,
            folder,
        };
        house.introduce(switches).await;
        house
    }

    /// Each account by its own press of the button, agreed to at WeChat, brought by the push.
    pub(crate) async fn grant_all(&self, count: usize) -> Vec<String> {
        let made = self.tell("accounts", json!({ "count": count })).await;
        let appids: Vec<String> = serde_json::from_value(made["accounts"].clone()).unwrap();
        let mut visitor = Visitor::sign_in(&self.portal_url, EMAIL, PASSWORD).await;
        for appid in &appids {
            let code = visitor.press_authorize().await;
            self.tell("grant", json!({ "account": appid, "pre_auth_code": code })).await;
        }
        appids
    }

    pub(crate) async fn wait_until_all_live(&self, count: usize) {
        let all = within(2 * PROMISE, async || {
            let states = self.states().await;
            (states == [(Health::Healthy, i64::try_from(count).unwrap())]).then_some(())
        });
        assert!(all.await.is_some(), "not all became healthy: {:?}", self.states().await);
    }

    /// `kill -9` and the same command again; every account must have a valid token and be healthy within a minute.
    pub(crate) async fn crash(&mut self, count: usize) {
        self.portal.kill();
        let serve = with_settings(&["serve"], &self.settings);
        self.portal = Process::start("portal", self.folder.path(), serve);
        let expected = [(Health::Healthy, i64::try_from(count).unwrap())];
        let whole = within(PROMISE, async || {
            let ready = self.http.get(format!("{}/readyz", self.portal_url)).send().await.ok()?;
            let well = ready.status().is_success() && self.lapsed().await.is_empty();
            (well && self.states().await == expected).then_some(())
        });
        let whole = whole.await;
        assert!(
            whole.is_some(),
            "a minute after kill -9: {:?}, {:?}",
            self.states().await,
            self.lapsed().await
        );
    }

    pub(crate) async fn forget_the_past(&self) {
        self.tell("clear_journal", json!({})).await;
    }

    pub(crate) async fn books(&self) -> Books {
        Books::read(&self.ask(&format!("counts?path={REFRESH}&limit=1000000")).await)
    }

    /// The accounts whose newest token is no longer valid at WeChat.
    pub(crate) async fn lapsed(&self) -> Vec<String> {
        let tokens = self.ask("tokens?limit=1000000").await;
        let dead = tokens["tokens"].as_array().unwrap().iter().filter(|line| line["alive"] != true);
        dead.map(|line| line["account"].as_str().unwrap().to_owned()).collect()
    }

    pub(crate) async fn must_be_alive(&mut self) {
        assert_eq!((self.portal.death(), self.sandbox.death()), (None, None));
        let answer = self.http.get(format!("{}/readyz", self.portal_url)).send().await.unwrap();
        assert!(answer.status().is_success(), "not ready: {}", answer.text().await.unwrap());
    }

    pub(crate) async fn all_must_be_healthy(&self, count: usize) {
        assert_eq!(self.states().await, [(Health::Healthy, i64::try_from(count).unwrap())]);
    }

    pub(crate) fn memory_kib(&self) -> u64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.portal.id())).unwrap();
        let line = status.lines().find(|line| line.starts_with("VmRSS:")).unwrap();
        line.split_whitespace().nth(1).unwrap().parse().unwrap()
    }

    async fn states(&self) -> Vec<(Health, i64)> {
        let store = Store::connect(&self.database).await.unwrap();
        let counts = authorizer_count::of_all(&mut store.read().await.unwrap()).await.unwrap();
        store.close().await;
        counts
    }

    async fn introduce(&self, switches: Value) {
        eventually("sandbox and portal answer", async || {
            let sandbox =
                self.http.get(format!("{}/sandbox/api/clock", self.sandbox_url)).send().await.ok()?;
            let portal = self.http.get(format!("{}/readyz", self.portal_url)).send().await.ok()?;
            (sandbox.status().is_success() && portal.status().is_success()).then_some(())
        })
        .await;
        self.tell("switches", switches).await;
        let events = format!("{}/wechat/{NEWCOMER_APPID}/events", self.portal_url);
        self.tell("component", json!({ "appid": NEWCOMER_APPID, "event_url": events })).await;
        self.tell("push_ticket", json!({})).await;
        eventually("the portal has a component_access_token", async || {
            let counts = self.ask("counts?path=/cgi-bin/component/api_component_token").await;
            (counts["calls"].as_u64() > counts["errors"].as_u64()).then_some(())
        })
        .await;
    }

    async fn tell(&self, verb: &str, body: Value) -> Value {
        let url = format!("{}/sandbox/api/{verb}", self.sandbox_url);
        let answer = self.http.post(url).json(&body).send().await.unwrap();
        let status = answer.status();
        let text = answer.text().await.unwrap();
        assert!(status.is_success(), "{verb} {body}: {text}");
        serde_json::from_str(&text).unwrap()
    }

    async fn ask(&self, what: &str) -> Value {
        let url = format!("{}/sandbox/api/{what}", self.sandbox_url);
        self.http.get(url).send().await.unwrap().json().await.unwrap()
    }
}

fn with_settings(arguments: &[&str], settings: &Settings) -> Command {
    let mut command = hufu(arguments);
    command.envs(settings.iter().map(|(name, value)| (name, value)));
    command
}

fn set_up(folder: &TempDir, run: impl Fn(&[&str], &str)) {
    run(&["tenant", "create", "acme"], "");
    let user =
        ["user", "create", "--email", EMAIL, "--tenant", "acme", "--role", "operator", "--password-stdin"];
    run(&user, PASSWORD);
    for (name, text) in
        [("secret", NEWCOMER_SECRET), ("token", NEWCOMER_TOKEN), ("aes-key", NEWCOMER_AES_KEY)]
    {
        std::fs::write(folder.path().join(name), text).unwrap();
    }
    let files = ["--secret-file", "secret", "--token-file", "token", "--aes-key-file", "aes-key"];
    run(&[["component", "add", "--appid", NEWCOMER_APPID].as_slice(), &files].concat(), "");
}
