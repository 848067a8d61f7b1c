//! A portal and a sandbox whose clocks are moved together by hand.

use std::collections::BTreeMap;
use std::time::Duration;

use hufu::clock::{Clock, Timestamp};
use hufu::domain::audit::Actor;
use hufu::domain::authorization::{AuthType, Authorization};
use hufu::domain::authorizer::Authorizer;
use hufu::domain::health::Health;
use hufu::domain::ids::{AuthorizerAppid, AuthorizerKey, ComponentAppid, TenantId};
use hufu::jobs::Engine;
use hufu::sandbox::{
    self, AccountKind, AccountPatch, ComponentPatch, Control, GrantRequest, NEWCOMER_AES_KEY, NEWCOMER_APPID,
    NEWCOMER_SECRET, NEWCOMER_TOKEN, PushRecord, Sandbox, SandboxConfig,
};
use hufu::secret::{
    AuthorizationCode, ComponentAppsecret, EncodingAesKey, OneTimeToken, PushToken, Secret as _,
};
use hufu::service::Context;
use hufu::service::enter_authorization::Browser;
use hufu::service::finish_authorization::{self, Return, ReturnRefused};
use hufu::service::put_component::{self, Input, Mode};
use hufu::service::start_authorization::{self, Request};
use hufu::store::{authorization, authorizer, authorizer_token, history_list};

use crate::harness::{Database, Portal};

pub(crate) const REFRESH: &str = "/cgi-bin/component/api_authorizer_token";
pub(crate) const EXCHANGE: &str = "/cgi-bin/component/api_query_auth";
pub(crate) const INFO: &str = "/cgi-bin/component/api_get_authorizer_info";
pub(crate) const LIST: &str = "/cgi-bin/component/api_get_authorizer_list";
pub(crate) const TOKEN: &str = "/cgi-bin/component/api_component_token";
pub(crate) const SHOP: &str = "wxa0000000000000s1";
/// The moment at which a world's clocks start.
pub(crate) const START: Timestamp = Timestamp::from_unix(1_800_000_000);
const SESSION: &str = "the hash of a session";

pub(crate) struct World {
    pub(crate) portal: Portal,
    pub(crate) sandbox: Sandbox,
    pub(crate) control: Control,
    pub(crate) engine: Engine,
    pub(crate) acme: TenantId,
    pub(crate) rival: TenantId,
    clock: Clock,
}

/// A press of the button: what the browser knows afterwards.
pub(crate) struct Pressed {
    pub(crate) authorization: Authorization,
    pub(crate) state: OneTimeToken,
    pub(crate) pre_auth_code: String,
}

impl World {
    /// A component that has its first ticket and token, two tenants, one account that has granted nothing yet.
    pub(crate) async fn new(db: &Database) -> Self {
        Self::with_clock(db, db.url(), Clock::manual(START)).await
    }

    /// As `new` with a clock of the test's own, on the same database by another address.
    pub(crate) async fn with_clock(db: &Database, url: &str, portal_clock: Clock) -> Self {
        Self::with(db, &[("HUFU_DATABASE_URL", url)], portal_clock).await
    }

    /// With settings of the portal besides.
    pub(crate) async fn with(db: &Database, more: &[(&str, &str)], portal_clock: Clock) -> Self {
        let clock = Clock::manual(START);
        let config = SandboxConfig { clock: clock.clone(), seed: Some(7), ..SandboxConfig::default() };
        let listen = "127.0.0.1:0".parse().unwrap();
        let sandbox = sandbox::start(SandboxConfig { listen, ..config }).await.unwrap();
        let url = sandbox.url().to_string();
        let settings =
            [("HUFU_WECHAT_API_URL", &*url), ("HUFU_WECHAT_MP_URL", &*url), ("HUFU_WECHAT_OPEN_URL", &*url)];
        let settings = [&settings, more].concat();
        let portal = Portal::start_at(db, &settings, portal_clock).await;
        let control = sandbox.control();
        connect(&portal, &control).await;
        let acme = portal.tenant("acme").await;
        let rival = portal.tenant("rival").await;
        let engine = Engine::new(portal.cx().clone());
        let world = Self { portal, sandbox, control, engine, acme, rival, clock };
        world.account(SHOP);
        world.tick().await;
        world
    }

    pub(crate) async fn end(self) {
        self.portal.stop().await;
        self.sandbox.stop().await;
    }

    pub(crate) fn cx(&self) -> &Context {
        self.portal.cx()
    }

    pub(crate) fn now(&self) -> Timestamp {
        self.portal.clock.now()
    }

    pub(crate) async fn tick(&self) {
        self.engine.tick(self.now()).await;
    }

    /// Both clocks go on, then the engine ticks.
    pub(crate) async fn after(&self, seconds: u64) {
        self.skip(seconds);
        self.tick().await;
    }

    /// Both clocks go on and nothing is done.
    pub(crate) fn skip(&self, seconds: u64) {
        self.portal.clock.advance(Duration::from_secs(seconds));
        self.clock.advance(Duration::from_secs(seconds));
    }

    pub(crate) fn account(&self, appid: &str) {
        self.control.account(AccountPatch {
            appid: Some(appid.to_owned()),
            kind: Some(AccountKind::OfficialAccount),
            nick_name: Some(format!("店 {appid}")),
            ..AccountPatch::default()
        });
    }

    pub(crate) async fn press(&self, tenant: &TenantId, expected: Option<&str>) -> Pressed {
        let request = Request {
            tenant: tenant.clone(),
            user: None,
            session_hash: Some(SESSION.to_owned()),
            component: None,
            auth_type: AuthType::Both,
            expected_appid: expected.map(appid),
            link: None,
            asked_at: None,
        };
        let started = start_authorization::run(self.cx(), self.now(), &Actor::cli(), request).await.unwrap();
        let mut tx = self.cx().store.read().await.unwrap();
        let opened = authorization::find(&mut tx, &self.cx().vault, &started.id).await.unwrap().unwrap();
        Pressed {
            authorization: opened.authorization,
            state: opened.state,
            pre_auth_code: opened.pre_auth_code.expose().to_owned(),
        }
    }

    /// How the attempt stands now.
    pub(crate) async fn look(&self, pressed: &Pressed) -> Authorization {
        let mut tx = self.cx().store.read().await.unwrap();
        let id = &pressed.authorization.id;
        authorization::find(&mut tx, &self.cx().vault, id).await.unwrap().unwrap().authorization
    }

    /// The merchant consents; the push leaves unless it is switched off. Returns the code of the redirect.
    pub(crate) async fn consent(&self, pressed: &Pressed, account: &str, push: bool) -> String {
        let grant = GrantRequest {
            pre_auth_code: Some(pressed.pre_auth_code.clone()),
            push: Some(push),
            ..GrantRequest::new(account)
        };
        let code = self.control.grant(&grant).unwrap();
        if push {
            self.pushed().await;
        }
        code
    }

    /// Waits for the newest push to have its answer.
    pub(crate) async fn pushed(&self) -> PushRecord {
        let newest = self.control.pushes(1).remove(0);
        let record = self.control.wait_for_push(newest.id).await.unwrap();
        self.tick().await;
        record
    }

    /// The browser comes back from WeChat.
    pub(crate) async fn come_back(
        &self,
        pressed: &Pressed,
        code: &str,
    ) -> Result<OneTimeToken, ReturnRefused> {
        let back = Return {
            state: pressed.state.clone(),
            code: AuthorizationCode::new(code),
            expires_in: Some(3600),
            browser: Browser { session_hash: Some(SESSION.to_owned()), device: None },
        };
        finish_authorization::run(self.cx(), self.now(), &Actor::cli(), back).await.unwrap()
    }

    /// The whole way: press, consent, push and browser; healthy afterwards.
    pub(crate) async fn authorize(&self, tenant: &TenantId, account: &str) {
        let pressed = self.press(tenant, None).await;
        let code = self.consent(&pressed, account, true).await;
        self.come_back(&pressed, &code).await.unwrap();
        self.tick().await;
        assert_eq!(self.health(account).await, Health::Healthy);
    }

    pub(crate) async fn health(&self, account: &str) -> Health {
        self.held(account).await.expect("the account is known").health
    }

    pub(crate) async fn held(&self, account: &str) -> Option<authorizer_token::Held> {
        let mut tx = self.cx().store.read().await.unwrap();
        authorizer_token::find(&mut tx, &self.cx().vault, &key(account)).await.unwrap()
    }

    pub(crate) async fn row(&self, tenant: &TenantId, account: &str) -> Option<Authorizer> {
        let mut tx = self.cx().store.read().await.unwrap();
        authorizer::find(&mut tx, tenant, &appid(account)).await.unwrap()
    }

    /// The stored access token works at WeChat.
    pub(crate) async fn holds_a_live_token(&self, account: &str) -> bool {
        let mut tx = self.cx().store.read().await.unwrap();
        let token = authorizer_token::access_token(&mut tx, &self.cx().vault, &key(account)).await.unwrap();
        token.is_some_and(|token| self.control.is_alive(token.expose()))
    }

    /// How often WeChat was called on this path for this account (`""`: for any).
    pub(crate) fn calls(&self, path: &str, account: &str) -> u64 {
        self.control.counts(path, account).iter().map(|line| line.count.calls).sum()
    }

    /// The names of what happened to the account, oldest first.
    pub(crate) async fn events(&self, tenant: &TenantId, account: &str) -> Vec<String> {
        let mut tx = self.cx().store.read().await.unwrap();
        let mut lines = history_list::told(&mut tx, tenant, &key(account), 100).await.unwrap();
        lines.reverse();
        lines.into_iter().map(|line| line.event).collect()
    }
}

async fn connect(portal: &Portal, control: &Control) {
    let input = Input {
        appid: ComponentAppid::parse(NEWCOMER_APPID).unwrap(),
        name: None,
        appsecret: Some(ComponentAppsecret::new(NEWCOMER_SECRET)),
        token: Some(PushToken::new(NEWCOMER_TOKEN)),
        aes_key: Some(EncodingAesKey::new(NEWCOMER_AES_KEY)),
        previous_token: None,
        previous_aes_key: None,
    };
    put_component::run(portal.cx(), portal.clock.now(), &Actor::cli(), Mode::Add, input)
        .await
        .unwrap()
        .unwrap();
    let url = &portal.running.url;
    control.component(ComponentPatch {
        appid: Some(NEWCOMER_APPID.to_owned()),
        event_url: Some(format!("{url}wechat/{NEWCOMER_APPID}/events")),
        ..ComponentPatch::default()
    });
    let push = control.push_ticket(None).unwrap();
    control.wait_for_push(push).await.unwrap();
}

pub(crate) fn appid(text: &str) -> AuthorizerAppid {
    AuthorizerAppid::parse(text).unwrap()
}

pub(crate) fn key(account: &str) -> AuthorizerKey {
    AuthorizerKey { component: ComponentAppid::parse(NEWCOMER_APPID).unwrap(), authorizer: appid(account) }
}

/// Counts equal texts.
pub(crate) fn tally(texts: &[String]) -> BTreeMap<&str, usize> {
    let mut tally = BTreeMap::new();
    for text in texts {
        *tally.entry(text.as_str()).or_default() += 1;
    }
    tally
}
