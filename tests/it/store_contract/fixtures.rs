//! Rows that most tests need, made by the store's own functions.

use std::sync::Arc;

use hufu::clock::Timestamp;
use hufu::domain::component::ComponentConfig;
use hufu::domain::ids::{AuthorizerAppid, AuthorizerKey, ComponentAppid, TenantId, UserId};
use hufu::domain::role::PlatformRole;
use hufu::domain::tenant::{Slug, Tenant};
use hufu::domain::user::{Email, User};
use hufu::random::Random;
use hufu::secret::{
    AuthorizerAccessToken, AuthorizerRefreshToken, ComponentAppsecret, EncodingAesKey, PushToken, Secret as _,
};
use hufu::store::authorizer_grant::{self, Granted};
use hufu::store::authorizer_token::NewTokens;
use hufu::store::{Store, app_user, component, tenant};
use hufu::vault::{KeySource, Vault};
use zeroize::Zeroizing;

/// A moment `seconds` after the one at which every test begins.
pub(super) const fn at(seconds: i64) -> Timestamp {
    Timestamp::from_unix(1_800_000_000 + seconds)
}

/// Every process has the same master key, nothing in memory and chance of its own.
pub(super) fn vault() -> Vault {
    let text = Zeroizing::new("hufu-key test AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=".to_owned());
    Vault::open(KeySource::Text(Arc::new(text)), Random::system()).unwrap()
}

pub(super) fn tenant_id(name: &str) -> TenantId {
    TenantId::parse(name).unwrap()
}

pub(super) fn user_id(name: &str) -> UserId {
    UserId::parse(name).unwrap()
}

pub(super) fn component_appid() -> ComponentAppid {
    ComponentAppid::parse("wxcomponent").unwrap()
}

/// The id and the slug are `name`.
pub(super) async fn a_tenant(store: &Store, name: &str, created_at: Timestamp) -> Tenant {
    let tenant = Tenant {
        id: tenant_id(name),
        slug: Slug::parse(name).unwrap(),
        name: format!("公司 {name}"),
        created_at,
        suspended_at: None,
    };
    let mut tx = store.write().await.unwrap();
    tenant::insert(&mut tx, &tenant).await.unwrap();
    tx.commit().await.unwrap();
    tenant
}

/// The id is `name`, the address `name@example.com`.
pub(super) async fn a_user(store: &Store, name: &str, platform_admin: bool) -> User {
    let user = User {
        id: user_id(name),
        email: Email::parse(&format!("{name}@example.com")).unwrap(),
        name: name.to_owned(),
        platform: platform_admin.then_some(PlatformRole::Admin),
        zone: None,
        language: None,
        created_at: at(0),
        last_sign_in_at: None,
        disabled_at: None,
    };
    let mut tx = store.write().await.unwrap();
    app_user::insert(&mut tx, &user, "$argon2id$hash").await.unwrap();
    tx.commit().await.unwrap();
    user
}

pub(super) fn component_config(name: &str) -> ComponentConfig {
    ComponentConfig {
        appid: component_appid(),
        name: name.to_owned(),
        appsecret: ComponentAppsecret::new("appsecret"),
        token: PushToken::new("token"),
        previous_token: None,
        aes_key: EncodingAesKey::new("k".repeat(43)),
        previous_aes_key: None,
    }
}

pub(super) async fn a_component(store: &Store) -> ComponentAppid {
    let mut tx = store.write().await.unwrap();
    component::put(&mut tx, &vault(), at(0), &component_config("平台")).await.unwrap();
    tx.commit().await.unwrap();
    component_appid()
}

pub(super) fn appid(name: &str) -> AuthorizerAppid {
    AuthorizerAppid::parse(name).unwrap()
}

pub(super) fn key(name: &str) -> AuthorizerKey {
    AuthorizerKey { component: component_appid(), authorizer: appid(name) }
}

/// Tokens obtained at `seconds` that live two hours: `access-<name>` and `refresh-<name>`.
pub(super) fn tokens(name: &str, seconds: i64) -> NewTokens {
    NewTokens {
        access_token: Some(AuthorizerAccessToken::new(format!("access-{name}"))),
        refresh_token: Some(AuthorizerRefreshToken::new(format!("refresh-{name}"))),
        obtained_at: at(seconds),
        expires_at: at(seconds + 7200),
        next_refresh_at: at(seconds + 5760),
    }
}

/// An account of `tenant` that was granted at `seconds` with [`tokens`] of its own name.
pub(super) async fn an_account(store: &Store, tenant: &str, name: &str, seconds: i64) -> AuthorizerKey {
    let mut tx = store.write().await.unwrap();
    assert!(authorizer_grant::insert(&mut tx, &key(name), &tenant_id(tenant), at(seconds)).await.unwrap());
    let tokens = tokens(name, seconds);
    let granted = Granted { tokens: &tokens, func_info: &[1, 18], grant_time: None, now: at(seconds) };
    authorizer_grant::record_grant(&mut tx, &vault(), &key(name), &granted).await.unwrap();
    tx.commit().await.unwrap();
    key(name)
}

/// A component and one tenant, `acme`.
pub(super) async fn a_platform(store: &Store) {
    a_component(store).await;
    a_tenant(store, "acme", at(0)).await;
}
