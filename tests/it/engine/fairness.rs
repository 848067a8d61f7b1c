//! Backlogs drain by a budget, the most urgent first, tenant by tenant in turns, and leave no herd behind.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use hufu::clock::Timestamp;
use hufu::domain::audit::Actor;
use hufu::domain::ids::{AuthorizerAppid, AuthorizerKey, ComponentAppid, TenantId};
use hufu::jobs::Engine;
use hufu::secret::{
    AuthorizerAccessToken, AuthorizerRefreshToken, ComponentAccessToken, ComponentAppsecret, EncodingAesKey,
    PushToken, Secret as _,
};
use hufu::service::put_component::{self, Input, Mode};
use hufu::store::authorizer_grant::{self, Granted};
use hufu::store::authorizer_token::NewTokens;
use hufu::store::component_token::{self, NewToken};
use hufu::store::{authorizer_token, pulse};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

use crate::harness::{Database, Kind, Portal};

const PLATFORM: &str = "wx00000000platform";

/// A portal with one component whose WeChat refreshes whatever it is asked for.
struct Town {
    portal: Portal,
    engine: Engine,
    /// Who was refreshed, in order.
    called: Arc<Mutex<Vec<String>>>,
}

impl Town {
    async fn new(db: &Database, rate: u32) -> Self {
        let called = Arc::new(Mutex::new(Vec::new()));
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/", listener.local_addr().unwrap());
        tokio::spawn(answer_all(listener, Arc::clone(&called)));
        let settings = [("HUFU_WECHAT_API_URL", url), ("HUFU_REFRESH_RATE", rate.to_string())];
        let settings: Vec<_> = settings.iter().map(|(name, value)| (*name, value.as_str())).collect();
        let portal = Portal::start_with(db, &settings).await;
        let town = Self { engine: Engine::new(portal.cx().clone()), portal, called };
        town.connect().await;
        db.execute("UPDATE component SET next_reconcile_at = 9999999999").await.unwrap();
        town
    }

    async fn connect(&self) {
        let (cx, now) = (self.portal.cx(), self.now());
        let input = Input {
            appid: platform(),
            name: None,
            appsecret: Some(ComponentAppsecret::new("0123456789abcdef0123456789abcdef")),
            token: Some(PushToken::new("token")),
            aes_key: Some(EncodingAesKey::new("a".repeat(43))),
            previous_token: None,
            previous_aes_key: None,
        };
        put_component::run(cx, now, &Actor::cli(), Mode::Add, input).await.unwrap().unwrap();
        let far = now.plus(Duration::from_secs(1_000_000));
        let token = ComponentAccessToken::new("component");
        let new = NewToken { token, obtained_at: now, expires_at: far, next_refresh_at: far };
        let mut tx = cx.store.write().await.unwrap();
        let lanes = component_token::claim_token_lanes(&mut tx, now, "test", Duration::ZERO).await.unwrap();
        assert!(component_token::record_token(&mut tx, &cx.vault, &lanes[0], &new).await.unwrap());
        tx.commit().await.unwrap();
    }

    /// Accounts that are due now; the token of the first ends in `end` seconds, each other's a second later.
    async fn due(&self, db: &Database, tenant: &TenantId, (from, to): (u64, u64), end: u64) {
        let (cx, now) = (self.portal.cx(), self.now());
        let mut tx = cx.store.write().await.unwrap();
        for number in from..to {
            let key = AuthorizerKey { component: platform(), authorizer: appid(number) };
            let tokens = NewTokens {
                access_token: Some(AuthorizerAccessToken::new("access")),
                refresh_token: Some(AuthorizerRefreshToken::new("refresh")),
                obtained_at: now,
                expires_at: now.plus(Duration::from_secs(end + number - from)),
                next_refresh_at: now,
            };
            let granted = Granted { tokens: &tokens, func_info: &[], grant_time: None, now };
            authorizer_grant::insert(&mut tx, &key, tenant, now).await.unwrap();
            authorizer_grant::record_grant(&mut tx, &cx.vault, &key, &granted).await.unwrap();
        }
        tx.commit().await.unwrap();
        db.execute("UPDATE authorizer SET next_info_at = 9999999999").await.unwrap();
    }

    fn now(&self) -> Timestamp {
        self.portal.clock.now()
    }

    async fn tick(&self) {
        self.engine.tick(self.now()).await;
    }

    async fn next_second(&self) {
        self.portal.clock.advance(Duration::from_secs(1));
        self.tick().await;
    }

    fn called(&self) -> Vec<String> {
        self.called.lock().unwrap().clone()
    }
}

fn platform() -> ComponentAppid {
    ComponentAppid::parse(PLATFORM).unwrap()
}

fn appid(number: u64) -> AuthorizerAppid {
    AuthorizerAppid::parse(&format!("wx{number:016}")).unwrap()
}

async fn answer_all(listener: TcpListener, called: Arc<Mutex<Vec<String>>>) {
    while let Ok((stream, _)) = listener.accept().await {
        tokio::spawn(converse(stream, Arc::clone(&called)));
    }
}

async fn converse(mut stream: TcpStream, called: Arc<Mutex<Vec<String>>>) {
    let answer =
        r#"{"authorizer_access_token":"new","expires_in":7200,"authorizer_refresh_token":"refresh"}"#;
    let answer = format!(
        "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n{answer}",
        answer.len()
    );
    let mut bytes = Vec::new();
    while stream.read_buf(&mut bytes).await.is_ok_and(|count| count > 0) {
        let text = String::from_utf8_lossy(&bytes).into_owned();
        let Some((_, body)) = text.split_once("\r\n\r\n") else { continue };
        // A request whose body has not come whole is no JSON yet.
        let Ok(asked) = serde_json::from_str::<serde_json::Value>(body) else { continue };
        if let Some(account) = asked["authorizer_appid"].as_str() {
            called.lock().unwrap().push(account.to_owned());
        }
        bytes.clear();
        stream.write_all(answer.as_bytes()).await.unwrap();
    }
}

on_both_databases!(
    a_tenant_with_one_due_account_does_not_wait_behind_thousands_of_another,
    |db| async move {
        let town = Town::new(&db, 20).await;
        let (whale, minnow) = (town.portal.tenant("whale").await, town.portal.tenant("minnow").await);
        town.due(&db, &whale, (0, 2000), 60).await;
        town.due(&db, &minnow, (9000, 9001), 7000).await;

        town.tick().await;

        let called = town.called();
        assert!(called.contains(&appid(9000).to_string()), "the one account had its turn at once");
        assert_eq!(called.len(), 20, "nothing of the budget was left unused, and no more was begun");
        for second in 2..=4 {
            town.next_second().await;
            assert_eq!(town.called().len(), 20 * second);
        }
        town.portal.stop().await;
    }
);

on_both_databases!(
    a_backlog_drains_under_the_budget_by_the_tokens_end_and_is_spread_afterwards,
    |db| async move {
        let town = Town::new(&db, 150).await;
        let shop = town.portal.tenant("shop").await;
        // The later half ends first.
        town.due(&db, &shop, (0, 750), 5000).await;
        town.due(&db, &shop, (750, 1500), 100).await;

        town.tick().await;
        assert_eq!(town.called().len(), 150);
        for _ in 0..9 {
            town.next_second().await;
        }

        let called = town.called();
        assert_eq!(called.len(), 1500, "ten seconds' budget");
        let urgent = |half: &[String]| half.iter().filter(|one| **one >= appid(750).to_string()).count();
        assert_eq!((urgent(&called[..750]), urgent(&called[750..])), (750, 0), "by the token's end");
        let mut spread: BTreeMap<i64, usize> = BTreeMap::new();
        let mut tx = town.portal.cx().store.read().await.unwrap();
        for number in 0..1500 {
            let key = AuthorizerKey { component: platform(), authorizer: appid(number) };
            let held = authorizer_token::find(&mut tx, &town.portal.cx().vault, &key).await.unwrap().unwrap();
            *spread.entry(held.next_refresh_at.unwrap().unix() / 60).or_default() += 1;
        }
        drop(tx);
        // Twelve minutes and the ten seconds of the backlog; an even spread is 125 a minute.
        assert!((12..=14).contains(&spread.len()), "{spread:?}");
        assert!(spread.values().all(|count| *count < 200), "{spread:?}");
        town.portal.stop().await;
    }
);

on_both_databases!(processes_on_one_database_share_the_budget, |db| async move {
    let town = Town::new(&db, 20).await;
    let shop = town.portal.tenant("shop").await;
    town.due(&db, &shop, (0, 100), 60).await;
    let mut tx = town.portal.cx().store.write().await.unwrap();
    pulse::beat(&mut tx, &pulse::scheduler_of("another"), town.now(), "").await.unwrap();
    tx.commit().await.unwrap();

    town.tick().await;
    town.next_second().await;
    let shared = town.called().len();
    // The other one has stopped.
    for _ in 0..11 {
        town.portal.clock.advance(Duration::from_secs(1));
    }
    town.tick().await;

    let expected = if db.kind == Kind::Postgres { (20, 60) } else { (40, 80) };
    assert_eq!((shared, town.called().len()), expected);
    town.portal.stop().await;
});
