//! Portals as processes of their own on one database, and a WeChat in this process whose journal is the judge.

pub(crate) mod trial;

use hufu::app;
use hufu::clock::Clock;
use hufu::config::Config;
use hufu::domain::audit::Actor;
use hufu::domain::health::Health;
use hufu::domain::ids::{AuthorizerAppid, AuthorizerKey, ComponentAppid, TenantId};
use hufu::domain::tenant::Slug;
use hufu::random::Random;
use hufu::sandbox::{
    self, BulkAccounts, ComponentPatch, Control, NEWCOMER_AES_KEY, NEWCOMER_APPID, NEWCOMER_SECRET,
    NEWCOMER_TOKEN, Sandbox, SandboxConfig,
};
use hufu::secret::{AuthorizerRefreshToken, ComponentAppsecret, EncodingAesKey, PushToken, Secret as _};
use hufu::service::put_component::{self, Input, Mode};
use hufu::service::{Context, create_tenant};
use hufu::store::authorizer_count;
use hufu::store::authorizer_grant::{self, Granted};
use hufu::store::authorizer_token::{self, NewTokens};
use hufu::store::component_token;
use tempfile::TempDir;

use crate::patience::{PROMISE, eventually, within};
use crate::process::{Process, free_port, hufu};

pub(crate) const REFRESH: &str = "/cgi-bin/component/api_authorizer_token";

pub(crate) struct Fleet {
    /// The test's own look into the database.
    pub(crate) cx: Context,
    pub(crate) tenant: TenantId,
    pub(crate) members: Vec<Member>,
    pub(crate) sandbox: Sandbox,
    /// For processes that are launched from now on.
    pub(crate) settings: Vec<(&'static str, String)>,
    http: reqwest::Client,
    folder: TempDir,
}

/// One `hufu serve`, which may be down.
pub(crate) struct Member {
    pub(crate) port: u16,
    pub(crate) process: Option<Process>,
}

impl Fleet {
    /// A database with a component and a tenant; nobody serves yet.
    pub(crate) async fn open(database: &str, members: usize) -> Self {
        let _ = rustls::crypto::ring::default_provider().install_default();
        let folder = TempDir::new().unwrap();
        let sandbox = sandbox::start(SandboxConfig::default()).await.unwrap();
        let url = sandbox.url().to_string();
        let settings = vec![
            ("HUFU_DATABASE_URL", database.to_owned()),
            ("HUFU_DATABASE_CONNECTIONS", "4".to_owned()),
            ("HUFU_MASTER_KEY_FILE", folder.path().join("hufu.key").display().to_string()),
            ("HUFU_WECHAT_API_URL", url.clone()),
            ("HUFU_WECHAT_MP_URL", url.clone()),
            ("HUFU_WECHAT_OPEN_URL", url),
            ("HUFU_LOG", "warn".to_owned()),
        ];
        let all = settings.iter().map(|(name, value)| ((*name).to_owned(), value.clone())).collect();
        let config = Config::from_variables(&all).unwrap();
        let cx = app::open(&config, Clock::system(), Random::system()).await.unwrap();
        let tenant = introduce(&cx).await;
        let members = (0..members).map(|_| Member { port: free_port(), process: None }).collect();
        let http = reqwest::Client::builder().no_proxy().build().unwrap();
        Self { cx, tenant, members, sandbox, settings, http, folder }
    }

    pub(crate) fn wechat(&self) -> Control {
        self.sandbox.control()
    }

    /// Everybody serves, and the component has its first ticket and token.
    pub(crate) async fn start(&mut self) {
        for member in 0..self.members.len() {
            self.launch(member);
        }
        for member in 0..self.members.len() {
            self.ready(member).await;
        }
        let wechat = self.wechat();
        wechat.component(ComponentPatch {
            appid: Some(NEWCOMER_APPID.to_owned()),
            event_url: Some(format!(
                "http://127.0.0.1:{}/wechat/{NEWCOMER_APPID}/events",
                self.members[0].port
            )),
            ..ComponentPatch::default()
        });
        let push = wechat.push_ticket(None).unwrap();
        wechat.wait_for_push(push).await.unwrap();
        eventually("the portal has a component_access_token", async || {
            let (cx, now) = (&self.cx, self.cx.clock.now());
            let mut tx = cx.store.read().await.unwrap();
            component_token::access_token(&mut tx, &cx.vault, &the_component(), now)
                .await
                .unwrap()
                .map(|_| ())
        })
        .await;
    }

    pub(crate) fn launch(&mut self, member: usize) {
        let mut command = hufu(&["serve"]);
        command.envs(self.settings.iter().map(|(name, value)| (name, value)));
        command.env("HUFU_LISTEN", format!("127.0.0.1:{}", self.members[member].port));
        let name = format!("portal-{member}");
        self.members[member].process = Some(Process::start(&name, self.folder.path(), command));
    }

    pub(crate) async fn ready(&mut self, member: usize) {
        let address = format!("http://127.0.0.1:{}/readyz", self.members[member].port);
        let http = self.http.clone();
        let process = self.members[member].process.as_mut().unwrap();
        let answers = async || {
            assert_eq!(process.death(), None);
            http.get(&address).send().await.ok()?.status().is_success().then_some(())
        };
        assert!(within(PROMISE, answers).await.is_some(), "portal {member} is not ready in a minute");
    }

    /// `kill -9`.
    pub(crate) fn kill(&mut self, member: usize) {
        self.members[member].process.take().unwrap().kill();
    }

    /// Accounts that have granted already; the refresh of each is due now.
    pub(crate) async fn adopt(&self, count: u32) -> Vec<String> {
        let component = Some(NEWCOMER_APPID.to_owned());
        let bulk = BulkAccounts { count, grant_to: component, exchanged: true, ..BulkAccounts::default() };
        let appids = self.wechat().accounts(&bulk).unwrap();
        let (cx, now) = (&self.cx, self.cx.clock.now());
        let life = std::time::Duration::from_secs(self.wechat().switches().access_token_seconds);
        let mut tx = cx.store.write().await.unwrap();
        for appid in &appids {
            let key = key(appid);
            authorizer_grant::insert(&mut tx, &key, &self.tenant, now).await.unwrap();
            let tokens = NewTokens {
                access_token: None,
                refresh_token: self.at_wechat(appid).map(AuthorizerRefreshToken::new),
                obtained_at: now,
                expires_at: now.plus(life),
                next_refresh_at: now,
            };
            let granted = Granted { tokens: &tokens, func_info: &[], grant_time: None, now };
            authorizer_grant::record_grant(&mut tx, &cx.vault, &key, &granted).await.unwrap();
        }
        tx.commit().await.unwrap();
        appids
    }

    fn at_wechat(&self, appid: &str) -> Option<String> {
        self.wechat().refresh_token(NEWCOMER_APPID, appid)
    }

    pub(crate) async fn states(&self) -> Vec<(Health, i64)> {
        authorizer_count::of_all(&mut self.cx.store.read().await.unwrap()).await.unwrap()
    }

    pub(crate) async fn all_are_healthy(&self) -> bool {
        self.states().await.iter().all(|(health, _)| *health == Health::Healthy)
    }

    /// The accounts whose stored tokens, opened, are not the ones that WeChat issued last.
    pub(crate) async fn strangers(&self, appids: &[String]) -> Vec<String> {
        let (wechat, cx) = (self.wechat(), &self.cx);
        let mut strangers = Vec::new();
        for appid in appids {
            let mut tx = cx.store.read().await.unwrap();
            let access = authorizer_token::access_token(&mut tx, &cx.vault, &key(appid)).await.unwrap();
            let held = authorizer_token::find(&mut tx, &cx.vault, &key(appid)).await.unwrap().unwrap();
            let access = access.map(|token| token.expose().to_owned());
            let refresh = held.refresh_token.map(|token| token.expose().to_owned());
            let last = (wechat.access_token(NEWCOMER_APPID, appid), self.at_wechat(appid));
            if (access, refresh) != last {
                strangers.push(appid.clone());
            }
        }
        strangers
    }

    pub(crate) async fn end(mut self) {
        for member in &mut self.members {
            member.process.take();
        }
        self.cx.store.close().await;
        self.sandbox.stop().await;
    }
}

/// A tenant and a component.
async fn introduce(cx: &Context) -> TenantId {
    let input = Input {
        appid: the_component(),
        name: None,
        appsecret: Some(ComponentAppsecret::new(NEWCOMER_SECRET)),
        token: Some(PushToken::new(NEWCOMER_TOKEN)),
        aes_key: Some(EncodingAesKey::new(NEWCOMER_AES_KEY)),
        previous_token: None,
        previous_aes_key: None,
    };
    let now = cx.clock.now();
    put_component::run(cx, now, &Actor::cli(), Mode::Add, input).await.unwrap().unwrap();
    create_tenant::run(cx, now, &Actor::cli(), Slug::parse("acme").unwrap(), "公司 acme".to_owned())
        .await
        .unwrap()
        .id
}

fn the_component() -> ComponentAppid {
    ComponentAppid::parse(NEWCOMER_APPID).unwrap()
}

pub(crate) fn key(appid: &str) -> AuthorizerKey {
    AuthorizerKey { component: the_component(), authorizer: AuthorizerAppid::parse(appid).unwrap() }
}
