//! `kill -9` at the worst moments, on both databases: the real program, a WeChat beside it, and nobody scans twice.

use hufu::domain::health::Health;
use hufu::domain::tenant::Slug;
use hufu::random::Random;
use hufu::sandbox::{
    self, AccountPatch, ComponentPatch, Control, Fault, FaultKind, GrantRequest, NEWCOMER_AES_KEY,
    NEWCOMER_APPID, NEWCOMER_SECRET, NEWCOMER_TOKEN, Rotation, Sandbox, SandboxConfig,
};
use hufu::secret::Secret as _;
use hufu::service::open_vault;
use hufu::store::{authorizer, authorizer_token, tenant};
use hufu::vault::KeySource;
use tempfile::TempDir;

use crate::engine::world::{EXCHANGE, REFRESH, SHOP, TOKEN, appid, key};
use crate::harness::{Browser, Database, PASSWORD};
use crate::patience::{PROMISE, eventually, within};
use crate::process::{Process, free_port, hufu, run_to_the_end};

const PRESS: &str = "/cgi-bin/component/api_create_preauthcode";
const OWNER: &str = "owner@example.com";

on_both_databases!(a_portal_killed_while_a_code_is_exchanged_finishes_it_later, |db| async {
    let mut house = House::open(&db).await;
    let pressed = house.press().await;
    // WeChat uses the code up, but its answer comes too late.
    house.wechat().fault(Fault::on(EXCHANGE, FaultKind::DelayAfter { ms: 3000 }).times(1));
    let code = house.wechat().grant(&pressed.grant()).unwrap();
    let back = format!("/authorize/callback?state={}&auth_code={code}&expires_in=3600", pressed.state);
    let returning = house.send_off(&back);
    house.under_way(EXCHANGE).await;

    house.kill();
    let _ = returning.await;
    house.restart().await;

    house.is_healthy().await;
    let answer = house.browser.get(&back).await;
    assert_eq!(answer.status, 303, "who presses reload is brought to the result: {}", answer.body);
    assert!(answer.location().ends_with("/result"));
    house.end().await;
});

on_both_databases!(a_portal_killed_while_the_only_refresh_token_is_replaced_gets_the_new_one, |db| async {
    let mut house = House::open(&db).await;
    // The account gets a refresh token that works once, and the reply to its use is lost.
    house.wechat().switch(|switches| switches.rotation = Rotation::SingleUse);
    house.authorize().await;
    house.wechat().fault(Fault::on(REFRESH, FaultKind::DelayAfter { ms: 3000 }).times(1));
    house.refresh_now().await;
    house.under_way(REFRESH).await;

    house.kill();
    house.restart().await;

    house.is_healthy().await;
    house.end().await;
});

on_both_databases!(a_portal_killed_after_it_has_thanked_for_a_push_still_acts_on_it, |db| async {
    let mut house = House::open(&db).await;
    let pressed = house.press().await;
    // Nobody gets through to WeChat as long as this portal lives; the browser never comes back.
    house.wechat().fault(Fault::on(EXCHANGE, FaultKind::Html502));
    house.wechat().grant(&pressed.grant()).unwrap();
    let push = house.wechat().pushes(1).remove(0);
    assert!(house.wechat().wait_for_push(push.id).await.is_some(), "the push was answered");

    house.kill();
    house.wechat().clear_faults(None);
    house.restart().await;

    house.is_healthy().await;
    house.end().await;
});

/// The portal as a process of its own, a customer's browser, and a WeChat in this process.
struct House {
    db: Database,
    folder: TempDir,
    port: u16,
    portal: Process,
    sandbox: Sandbox,
    browser: Browser,
}

/// What the entry page tells WeChat.
struct Pressed {
    state: String,
    pre_auth_code: String,
}

impl Pressed {
    fn grant(&self) -> GrantRequest {
        GrantRequest { pre_auth_code: Some(self.pre_auth_code.clone()), ..GrantRequest::new(SHOP) }
    }
}

impl House {
    async fn open(db: &Database) -> Self {
        let folder = TempDir::new().unwrap();
        let sandbox = sandbox::start(SandboxConfig::default()).await.unwrap();
        let port = free_port();
        set_up(db, &folder);
        let portal = serve(db, &folder, port, &sandbox);
        let browser = Browser::new(&format!("http://127.0.0.1:{port}"));
        let mut house = Self { db: db.clone(), folder, port, portal, sandbox, browser };
        house.ready().await;
        house.introduce().await;
        let answer = house.browser.sign_in(OWNER, PASSWORD).await;
        assert_eq!(answer.status, 303, "{}", answer.body);
        house
    }

    fn wechat(&self) -> Control {
        self.sandbox.control()
    }

    fn kill(&mut self) {
        self.portal.kill();
    }

    async fn restart(&mut self) {
        self.portal = serve(&self.db, &self.folder, self.port, &self.sandbox);
        self.ready().await;
    }

    async fn end(mut self) {
        self.kill();
        self.sandbox.stop().await;
    }

    async fn ready(&mut self) {
        let address = format!("http://127.0.0.1:{}/readyz", self.port);
        eventually("the portal is ready", async || {
            assert_eq!(self.portal.death(), None);
            reqwest::get(&address).await.ok()?.status().is_success().then_some(())
        })
        .await;
    }

    /// An account at WeChat, and a component that has its first ticket and token.
    async fn introduce(&self) {
        let wechat = self.wechat();
        wechat.account(AccountPatch { appid: Some(SHOP.to_owned()), ..AccountPatch::default() });
        wechat.component(ComponentPatch {
            appid: Some(NEWCOMER_APPID.to_owned()),
            event_url: Some(format!("http://127.0.0.1:{}/wechat/{NEWCOMER_APPID}/events", self.port)),
            ..ComponentPatch::default()
        });
        let push = wechat.push_ticket(None).unwrap();
        wechat.wait_for_push(push).await.unwrap();
        eventually("the portal has a component_access_token", async || {
            let calls = wechat.counts(TOKEN, "");
            calls
                .iter()
                .any(|line| line.count.calls > line.count.errors + u64::from(line.count.in_flight))
                .then_some(())
        })
        .await;
    }

    /// The customer presses the button and sees the entry page.
    async fn press(&mut self) -> Pressed {
        self.browser.get("/authorize").await;
        let entry = self.browser.post("/authorize", &[("auth_type", "3")]).await;
        assert_eq!(entry.status, 303, "{}", entry.body);
        let page = self.browser.get(entry.location()).await.body;
        let after = |mark: &str| {
            let text = page.split_once(mark).unwrap().1;
            let word: String =
                text.chars().take_while(|c| c.is_ascii_alphanumeric() || "-_%".contains(*c)).collect();
            word.replace("%40", "@")
        };
        Pressed { state: after("callback%3Fstate%3D"), pre_auth_code: after("pre_auth_code=") }
    }

    /// The whole way, without any accident.
    async fn authorize(&mut self) {
        let pressed = self.press().await;
        self.wechat().grant(&pressed.grant()).unwrap();
        self.is_healthy().await;
    }

    async fn refresh_now(&mut self) {
        let page = format!("/authorizers/{SHOP}");
        self.browser.get(&page).await;
        let answer = self.browser.post(&format!("{page}/refresh"), &[]).await;
        assert_eq!(answer.status, 303, "{}", answer.body);
    }

    /// The browser's request, from which nothing is expected.
    fn send_off(&self, path: &str) -> tokio::task::JoinHandle<()> {
        let cookies: Vec<String> =
            self.browser.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let request = reqwest::Client::new().get(format!("http://127.0.0.1:{}{path}", self.port));
        let request = request.header("cookie", cookies.join("; "));
        tokio::spawn(async move {
            let _ = request.send().await;
        })
    }

    async fn under_way(&self, path: &str) {
        eventually("WeChat is at work on the call", async || {
            self.wechat().counts(path, "").iter().any(|line| line.count.in_flight == 1).then_some(())
        })
        .await;
    }

    /// Within the promised minute: shown healthy, with tokens that WeChat takes, after a single scan.
    async fn is_healthy(&self) {
        let seen = within(PROMISE, async || self.holds_live_tokens().await.then_some(())).await;
        assert!(seen.is_some(), "the account is not healthy: {:?}", self.health().await);
        let presses: u64 = self.wechat().counts(PRESS, "").iter().map(|line| line.count.calls).sum();
        assert_eq!(presses, 1, "nobody has to scan again");
    }

    async fn health(&self) -> Option<Health> {
        let mut tx = self.db.store().read().await.unwrap();
        let owner = tenant::find_by_slug(&mut tx, &Slug::parse("acme").unwrap()).await.unwrap()?;
        Some(authorizer::find(&mut tx, &owner.id, &appid(SHOP)).await.unwrap()?.health)
    }

    async fn holds_live_tokens(&self) -> bool {
        if self.health().await != Some(Health::Healthy) {
            return false;
        }
        let file = self.folder.path().join("hufu.key");
        let vault =
            open_vault::run(self.db.store(), &KeySource::File(file), &Random::system()).await.unwrap();
        let mut tx = self.db.store().read().await.unwrap();
        let access = authorizer_token::access_token(&mut tx, &vault, &key(SHOP)).await.unwrap();
        let held = authorizer_token::find(&mut tx, &vault, &key(SHOP)).await.unwrap().unwrap();
        let at_wechat = self.wechat().refresh_token(NEWCOMER_APPID, SHOP);
        access.is_some_and(|token| self.wechat().is_alive(token.expose()))
            && held.refresh_token.map(|token| token.expose().to_owned()) == at_wechat
    }
}

fn serve(db: &Database, folder: &TempDir, port: u16, sandbox: &Sandbox) -> Process {
    let mut command = hufu(&["serve"]);
    command.env("HUFU_DATABASE_URL", db.url()).env("HUFU_MASTER_KEY_FILE", "hufu.key");
    command.env("HUFU_LISTEN", format!("127.0.0.1:{port}"));
    for name in ["HUFU_WECHAT_API_URL", "HUFU_WECHAT_MP_URL", "HUFU_WECHAT_OPEN_URL"] {
        command.env(name, sandbox.url().as_str());
    }
    Process::start("portal", folder.path(), command)
}

/// Tenant, user and component, made with the commands.
fn set_up(db: &Database, folder: &TempDir) {
    let run = |arguments: &[&str], input: &str| {
        let mut command = hufu(arguments);
        command.env("HUFU_DATABASE_URL", db.url()).env("HUFU_MASTER_KEY_FILE", "hufu.key");
        command.current_dir(folder.path());
        run_to_the_end(command, input);
    };
    run(&["tenant", "create", "acme"], "");
    let member = ["--tenant", "acme", "--role", "owner", "--password-stdin"];
    run(&[&["user", "create", "--email", OWNER], &member[..]].concat(), PASSWORD);
    for (name, text) in [("secret", NEWCOMER_SECRET), ("token", NEWCOMER_TOKEN), ("key", NEWCOMER_AES_KEY)] {
        std::fs::write(folder.path().join(name), text).unwrap();
    }
    let files = ["--secret-file", "secret", "--token-file", "token", "--aes-key-file", "key"];
    run(&[&["component", "add", "--appid", NEWCOMER_APPID], &files[..]].concat(), "");
}
