//! The tenant's pages on the running portal: who sees which accounts, and what the pages say of them.

use hufu::clock::Timestamp;
use hufu::domain::authorizer::{Kind, Profile};
use hufu::domain::component::ComponentConfig;
use hufu::domain::health::Health;
use hufu::domain::ids::{AuthorizerAppid, AuthorizerKey, ComponentAppid, TenantId};
use hufu::domain::reason::Reason;
use hufu::domain::role::Role;
use hufu::secret::{
    AuthorizerAccessToken, AuthorizerRefreshToken, ComponentAppsecret, EncodingAesKey, PushToken, Secret as _,
};
use hufu::store::authorizer_grant::{self, Granted};
use hufu::store::authorizer_state::{self, Verdict};
use hufu::store::authorizer_sweep::{self, Told};
use hufu::store::authorizer_token::NewTokens;
use hufu::store::{component, pulse};

use crate::harness::{Database, Portal};

const COMPONENT: &str = "wxcomponent";

fn key(appid: &str) -> AuthorizerKey {
    AuthorizerKey {
        component: ComponentAppid::parse(COMPONENT).unwrap(),
        authorizer: AuthorizerAppid::parse(appid).unwrap(),
    }
}

fn later(portal: &Portal, seconds: i64) -> Timestamp {
    Timestamp::from_unix(portal.clock.now().unix() + seconds)
}

/// A healthy account with a token of two hours, or one in another state.
async fn an_account(portal: &Portal, tenant: &TenantId, (appid, name): (&str, &str), health: Health) {
    let now = portal.clock.now();
    let mut tx = portal.cx().store.write().await.unwrap();
    let key = key(appid);
    authorizer_grant::insert(&mut tx, &key, tenant, now).await.unwrap();
    let tokens = NewTokens {
        access_token: Some(AuthorizerAccessToken::new("access token")),
        refresh_token: Some(AuthorizerRefreshToken::new("refresh token")),
        obtained_at: now,
        expires_at: later(portal, 7200),
        next_refresh_at: later(portal, 5760),
    };
    let granted = Granted { tokens: &tokens, func_info: &[1, 2], grant_time: None, now };
    authorizer_grant::record_grant(&mut tx, &portal.cx().vault, &key, &granted).await.unwrap();
    let profile = Profile { nick_name: Some(name.to_owned()), ..Profile::default() };
    let told = Told { kind: Kind::MiniProgram, profile: &profile, func_info: None, next_info_at: now };
    authorizer_sweep::put_profile(&mut tx, &key, now, &told).await.unwrap();
    if health != Health::Healthy {
        let reason = Reason::CancelledByAccount;
        let verdict = Verdict { health, reason, next_refresh_at: None, token_ends: true };
        authorizer_state::judge(&mut tx, &key, now, &verdict).await.unwrap();
    }
    tx.commit().await.unwrap();
}

async fn beat(portal: &Portal) {
    let mut tx = portal.cx().store.write().await.unwrap();
    pulse::beat(&mut tx, pulse::SCHEDULER, portal.clock.now(), "").await.unwrap();
    tx.commit().await.unwrap();
}

/// Two tenants with one component: tea has a healthy and a cancelled account, silk a healthy one.
async fn two_tenants(db: &Database) -> Portal {
    let portal = Portal::start(db).await;
    let mut tx = portal.cx().store.write().await.unwrap();
    let config = ComponentConfig {
        appid: ComponentAppid::parse(COMPONENT).unwrap(),
        name: "平台".to_owned(),
        appsecret: ComponentAppsecret::new("appsecret"),
        token: PushToken::new("token"),
        previous_token: None,
        aes_key: EncodingAesKey::new("k".repeat(43)),
        previous_aes_key: None,
    };
    component::put(&mut tx, &portal.cx().vault, portal.clock.now(), &config).await.unwrap();
    tx.commit().await.unwrap();
    let (tea, silk) = (portal.tenant("tea").await, portal.tenant("silk").await);
    portal.user("operator", Some((&tea, Role::Operator))).await;
    portal.user("viewer", Some((&tea, Role::Viewer))).await;
    an_account(&portal, &tea, ("wxtea1", "<b>茶馆</b>"), Health::Healthy).await;
    an_account(&portal, &tea, ("wxtea2", "茶山"), Health::Unauthorized).await;
    an_account(&portal, &silk, ("wxsilk", "丝路"), Health::Healthy).await;
    beat(&portal).await;
    portal
}

on_both_databases!(a_tenant_sees_its_own_accounts_and_no_others, |db| async {
    let portal = two_tenants(&db).await;
    let mut browser = portal.signed_in("operator").await;

    for path in ["/", "/authorizers", "/authorizers?q=wx"] {
        let page = browser.get(path).await;
        assert_eq!(page.status, 200, "{path}");
        assert!(page.body.contains("wxtea2") && !page.body.contains("wxsilk"), "{path}");
    }
    let list = browser.get("/authorizers").await;
    assert!(list.body.contains("&#60;b&#62;茶馆"), "names are escaped");
    assert!(list.body.find("wxtea2") < list.body.find("wxtea1"), "the most urgent comes first");

    let foreign = browser.get("/authorizers/wxsilk").await;
    let nobody = browser.get("/authorizers/wxnobody").await;
    assert_eq!((foreign.status, nobody.status), (404, 404));
    assert_eq!(foreign.plain().replace("wxsilk", ""), nobody.plain().replace("wxnobody", ""));
    for verb in ["refresh", "pause", "resume"] {
        let refused = browser.post(&format!("/authorizers/wxsilk/{verb}"), &[]).await;
        assert_eq!(refused.status, 404, "{verb}");
    }
    portal.stop().await;
});

on_both_databases!(a_list_shows_what_was_asked_for, |db| async {
    let portal = two_tenants(&db).await;
    let mut browser = portal.signed_in("operator").await;

    let cancelled = browser.get("/authorizers?state=unauthorized").await.body;
    assert!(cancelled.contains("wxtea2") && !cancelled.contains("wxtea1"));
    let searched = browser.get("/authorizers?q=%E8%8C%B6%E9%A6%86").await.body;
    assert!(searched.contains("wxtea1") && !searched.contains("wxtea2"));
    for nonsense in ["?state=green", "?after=1.2.3", "?kind=%00", "?q=%25"] {
        assert_eq!(browser.get(&format!("/authorizers{nonsense}")).await.status, 200, "{nonsense}");
    }
    portal.stop().await;
});

on_both_databases!(a_viewer_sees_no_buttons_and_may_press_none, |db| async {
    let portal = two_tenants(&db).await;
    let mut browser = portal.signed_in("viewer").await;

    for path in ["/", "/authorizers", "/authorizers/wxtea1", "/authorizers/wxtea2"] {
        let page = browser.get(path).await;
        assert_eq!(page.status, 200, "{path}");
        assert!(!page.body.contains("action=\"/authorizers/"), "{path}");
    }
    assert_eq!(browser.post("/authorizers/wxtea1/pause", &[]).await.status, 403);
    let mut operator = portal.signed_in("operator").await;
    let page = operator.get("/authorizers/wxtea1").await.body;
    for verb in ["refresh", "pause", "reauthorize"] {
        assert!(page.contains(&format!("action=\"/authorizers/wxtea1/{verb}\"")), "{verb}");
    }
    portal.stop().await;
});

on_both_databases!(nothing_is_green_while_the_scheduler_is_quiet, |db| async {
    let portal = two_tenants(&db).await;
    let mut browser = portal.signed_in("operator").await;
    let paths = ["/", "/authorizers", "/authorizers/wxtea1"];
    for path in paths {
        let page = browser.get(path).await.body;
        assert!(page.contains("health-healthy") && !page.contains("notice-stale"), "{path}");
    }

    portal.clock.advance(std::time::Duration::from_secs(60));

    for path in paths {
        let page = browser.get(path).await.body;
        assert!(!page.contains("health-healthy") && page.contains("notice-stale"), "{path}");
        assert!(!page.contains("life-good"), "{path}");
    }
    let unknown = browser.get("/authorizers?state=unknown").await.body;
    assert!(unknown.contains("wxtea1") && !unknown.contains("wxtea2"));
    portal.stop().await;
});

on_both_databases!(a_token_that_ran_out_is_shown_as_expired_before_anybody_noted_it, |db| async {
    let portal = two_tenants(&db).await;
    portal.clock.advance(std::time::Duration::from_secs(7200));
    beat(&portal).await;
    let mut browser = portal.signed_in("operator").await;

    let page = browser.get("/authorizers/wxtea1").await.body;

    assert!(page.contains("health-expired_retrying") && !page.contains("health-healthy"));
    portal.stop().await;
});
