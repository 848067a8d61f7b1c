//! Keys of business servers, and what handing out takes of an account's row.

use hufu::domain::api_key::{Allowed, ApiKey, Scope, Sources, parse_network};
use hufu::domain::health::Health;
use hufu::domain::ids::ApiKeyId;
use hufu::domain::reason::Reason;
use hufu::secret::Secret as _;
use hufu::store::authorizer_grant::{self, Granted};
use hufu::store::authorizer_state::{self, Verdict};
use hufu::store::{Store, api_key, hand_out};

use super::fixtures::{a_platform, a_tenant, an_account, appid, at, key, tenant_id, tokens, user_id, vault};

fn a_key(name: &str, tenant: &str, created_at: i64) -> ApiKey {
    ApiKey {
        id: ApiKeyId::parse(name).unwrap(),
        tenant: tenant_id(tenant),
        name: format!("服务 {name}"),
        hint: "AbCd".to_owned(),
        scopes: vec![Scope::ReadToken, Scope::Report],
        authorizers: Allowed::All,
        sources: Sources::Anywhere,
        created_by: None,
        created_at: at(created_at),
        expires_at: None,
        revoked_at: None,
        last_used_at: None,
        last_used_from: None,
    }
}

async fn put(store: &Store, key: &ApiKey) {
    let mut tx = store.write().await.unwrap();
    api_key::insert(&mut tx, key, &format!("hash of {}", key.id)).await.unwrap();
    tx.commit().await.unwrap();
}

on_both_databases!(a_key_is_found_by_its_hash_as_it_was_put, |db| async {
    a_tenant(db.store(), "acme", at(0)).await;
    let narrow = ApiKey {
        authorizers: Allowed::Only(vec![appid("wxa"), appid("wxb")]),
        sources: Sources::Networks(vec![parse_network("10.0.0.0/8").unwrap(), parse_network("::1").unwrap()]),
        created_by: Some(user_id("ann")),
        expires_at: Some(at(99)),
        ..a_key("narrow", "acme", 1)
    };
    put(db.store(), &narrow).await;

    let mut tx = db.store().read().await.unwrap();
    let found = api_key::find_by_hash(&mut tx, "hash of narrow").await.unwrap().unwrap();
    assert!(!found.tenant_suspended);
    assert_eq!(format!("{:?}", found.key), format!("{narrow:?}"));
    assert!(api_key::find_by_hash(&mut tx, "hash of another").await.unwrap().is_none());
    let found = api_key::find(&mut tx, &tenant_id("acme"), &narrow.id).await.unwrap().unwrap();
    assert_eq!(format!("{found:?}"), format!("{narrow:?}"));
    assert!(api_key::find(&mut tx, &tenant_id("other"), &narrow.id).await.unwrap().is_none());
    drop(tx);

    db.execute("UPDATE tenant SET suspended_at = 5").await.unwrap();
    let mut tx = db.store().read().await.unwrap();
    assert!(api_key::find_by_hash(&mut tx, "hash of narrow").await.unwrap().unwrap().tenant_suspended);
    drop(tx);

    db.execute("UPDATE api_key SET networks = '[\"10.0.0.0/8\", \"everywhere\"]'").await.unwrap();
    let mut tx = db.store().read().await.unwrap();
    assert!(api_key::find_by_hash(&mut tx, "hash of narrow").await.is_err(), "never wider than it was meant");
});

on_both_databases!(keys_are_listed_and_revoked_by_their_own_tenant_only, |db| async {
    a_tenant(db.store(), "acme", at(0)).await;
    a_tenant(db.store(), "other", at(0)).await;
    for key in [a_key("old", "acme", 1), a_key("new", "acme", 2), a_key("foreign", "other", 3)] {
        put(db.store(), &key).await;
    }
    put(db.store(), &ApiKey { expires_at: Some(at(5)), ..a_key("brief", "acme", 0) }).await;
    let acme = tenant_id("acme");
    let id = |name| ApiKeyId::parse(name).unwrap();
    let before = db.store().changes().mark("hash of old");

    let mut tx = db.store().write().await.unwrap();
    assert_eq!(api_key::count_live(&mut tx, &acme, at(4)).await.unwrap(), 3);
    assert!(!api_key::revoke(&mut tx, &acme, &id("foreign"), at(9)).await.unwrap());
    assert!(api_key::revoke(&mut tx, &acme, &id("old"), at(9)).await.unwrap());
    assert!(!api_key::revoke(&mut tx, &acme, &id("old"), at(10)).await.unwrap(), "once");
    tx.commit().await.unwrap();

    assert!(!before.is_not_contradicted_by(db.store().changes().mark("hash of old")));
    let mut tx = db.store().read().await.unwrap();
    let listed = api_key::list(&mut tx, &acme, 10).await.unwrap();
    let names: Vec<&str> = listed.iter().map(|key| key.id.as_str()).collect();
    assert_eq!(names, ["new", "old", "brief"]);
    assert_eq!(listed[1].revoked_at, Some(at(9)));
    assert_eq!(api_key::list(&mut tx, &acme, 1).await.unwrap().len(), 1);
    assert_eq!(api_key::count_live(&mut tx, &acme, at(5)).await.unwrap(), 1);
});

on_both_databases!(a_keys_use_is_written_once_a_minute, |db| async {
    a_tenant(db.store(), "acme", at(0)).await;
    let key = a_key("one", "acme", 1);
    put(db.store(), &key).await;

    let mut tx = db.store().write().await.unwrap();
    for (seconds, from) in [(10, "10.0.0.1"), (69, "10.0.0.2"), (70, "10.0.0.3"), (100, "10.0.0.4")] {
        api_key::touch(&mut tx, &key.id, at(seconds), from).await.unwrap();
    }
    let found = api_key::find(&mut tx, &key.tenant, &key.id).await.unwrap().unwrap();
    assert_eq!((found.last_used_at, found.last_used_from.as_deref()), (Some(at(70)), Some("10.0.0.3")));
});

on_both_databases!(a_token_is_offered_to_its_own_tenant_sealed, |db| async {
    a_platform(db.store()).await;
    a_tenant(db.store(), "other", at(0)).await;
    an_account(db.store(), "acme", "wxa", 3).await;

    let mut tx = db.store().read().await.unwrap();
    let offers = hand_out::find(&mut tx, &vault(), &tenant_id("acme"), &appid("wxa")).await.unwrap();
    let [offer] = offers.as_slice() else { panic!("{offers:?}") };
    assert_eq!(offer.open().unwrap().unwrap().expose(), "access-wxa");
    assert!(!format!("{offer:?}").contains("access-wxa"));
    assert_eq!((offer.obtained_at, offer.expires_at), (Some(at(3)), Some(at(7203))));
    assert!(offer.is_usable(at(7202)) && !offer.is_usable(at(7203)) && !offer.reported);
    assert!(hand_out::find(&mut tx, &vault(), &tenant_id("other"), &appid("wxa")).await.unwrap().is_empty());
});

on_both_databases!(a_token_is_reported_dead_once_and_only_while_it_is_the_current_one, |db| async {
    a_platform(db.store()).await;
    an_account(db.store(), "acme", "wxa", 0).await;
    let offer = |store: Store| async move {
        let (tenant, account) = (tenant_id("acme"), appid("wxa"));
        let mut tx = store.read().await.unwrap();
        hand_out::find(&mut tx, &vault(), &tenant, &account).await.unwrap().remove(0)
    };
    let generation = offer(db.store().clone()).await.generation;

    let mut tx = db.store().write().await.unwrap();
    assert!(!hand_out::report(&mut tx, &key("wxa"), generation - 1).await.unwrap());
    assert!(hand_out::report(&mut tx, &key("wxa"), generation).await.unwrap());
    assert!(!hand_out::report(&mut tx, &key("wxa"), generation).await.unwrap());
    tx.commit().await.unwrap();
    assert!(!offer(db.store().clone()).await.is_usable(at(1)));

    let mut tx = db.store().write().await.unwrap();
    let newer = tokens("newer", 5);
    let granted = Granted { tokens: &newer, func_info: &[], grant_time: None, now: at(5) };
    authorizer_grant::record_grant(&mut tx, &vault(), &key("wxa"), &granted).await.unwrap();
    tx.commit().await.unwrap();
    assert!(offer(db.store().clone()).await.is_usable(at(6)));
});

on_both_databases!(what_ends_or_replaces_a_token_is_told_when_it_is_committed, |db| async {
    a_platform(db.store()).await;
    an_account(db.store(), "acme", "wxa", 0).await;
    let mark = || db.store().changes().mark("wxa");
    let verdict = Verdict {
        health: Health::Unauthorized,
        reason: Reason::CancelledByAccount,
        next_refresh_at: None,
        token_ends: true,
    };

    let before = mark();
    let mut tx = db.store().write().await.unwrap();
    authorizer_state::judge(&mut tx, &key("wxa"), at(1), &verdict).await.unwrap();
    assert!(before.is_not_contradicted_by(mark()), "nothing is told that may not last");
    tx.commit().await.unwrap();

    assert!(!before.is_not_contradicted_by(mark()));
});
