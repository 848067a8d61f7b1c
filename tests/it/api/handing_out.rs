//! Access tokens are handed out with enough life, or not at all.

use futures_util::future::join_all;
use hufu::domain::api_key::Allowed;
use hufu::domain::health::Health;
use hufu::sandbox::{Fault, FaultKind};
use hufu::secret::{Secret as _, fingerprint};
use hufu::service::create_api_key::NewKey;

use super::program::{Program, insist, while_ticking, wide};
use crate::engine::world::{REFRESH, SHOP, World, appid, key};

on_both_databases!(a_live_token_is_handed_out_with_all_that_is_known_of_it, |db| async {
    let world = World::new(&db).await;
    world.authorize(&world.acme, SHOP).await;
    let program = Program::of(&world, &world.acme).await;

    let answer = program.token(SHOP, "").await;

    assert_eq!(answer.status, 200, "{answer:?}");
    assert_eq!(answer.header("cache-control"), "no-store");
    assert_eq!(answer.header("content-type"), "application/json");
    assert_eq!(answer.header("x-request-id").len(), 16);
    let token = answer.text("access_token");
    assert!(world.control.is_alive(token));
    assert_eq!(answer.text("fingerprint"), &fingerprint(token)[..16]);
    assert_eq!(answer.text("authorizer_appid"), SHOP);
    assert_eq!(answer.text("component_appid"), key(SHOP).component.as_str());
    assert_eq!(answer.text("state"), "healthy");
    let row = world.row(&world.acme, SHOP).await.unwrap();
    assert_eq!(answer.json["expires_at"], row.token_expires_at.unwrap().unix());
    assert_eq!(answer.json["expires_in"], 7200);
    assert_eq!(answer.json["generation"], row.generation);
    world.end().await;
});

on_both_databases!(a_token_that_ends_too_soon_is_replaced_while_one_waits, |db| async {
    let world = World::new(&db).await;
    world.authorize(&world.acme, SHOP).await;
    let program = Program::of(&world, &world.acme).await;
    let old = program.token(SHOP, "").await.text("access_token").to_owned();
    world.skip(5000);

    let short = program.token(SHOP, "?min_ttl=2200").await;
    assert_eq!(short.text("access_token"), old, "2,200 s are left: not one call");
    let new = while_ticking(&world, insist(async || program.token(SHOP, "?min_ttl=2201").await)).await;

    assert_eq!(new.status, 200, "{new:?}");
    assert_ne!(new.text("access_token"), old);
    assert!(new.json["expires_in"].as_u64().unwrap() >= 2201);
    assert_eq!(world.calls(REFRESH, SHOP), 1);
    world.end().await;
});

on_both_databases!(a_hundred_that_wait_for_a_token_share_one_refresh, |db| async {
    let world = World::new(&db).await;
    world.authorize(&world.acme, SHOP).await;
    let program = Program::of(&world, &world.acme).await;
    world.skip(7100);

    let one = || insist(async || program.token(SHOP, "").await);
    let answers = while_ticking(&world, join_all((0..100).map(|_| one()))).await;

    for answer in answers {
        assert_eq!(answer.status, 200, "{answer:?}");
        assert!(world.control.is_alive(answer.text("access_token")));
    }
    assert_eq!(world.calls(REFRESH, SHOP), 1);
    world.end().await;
});

on_both_databases!(what_cannot_be_had_is_said_with_reason_and_whose_move_it_is, |db| async {
    let world = World::new(&db).await;
    world.authorize(&world.acme, SHOP).await;
    let program = Program::of(&world, &world.acme).await;
    world.control.fault(Fault::on(REFRESH, FaultKind::Errcode { errcode: -1 }));
    world.skip(7100);

    let refused = while_ticking(&world, insist(async || program.token(SHOP, "").await)).await;
    assert_eq!((refused.status, refused.problem()), (424, "no-token"), "{refused:?}");
    assert_eq!(refused.text("state"), "retrying");
    assert_eq!(refused.text("reason"), "wechat_transient");
    assert_eq!(refused.text("whose_move"), "wechat");
    assert_eq!(refused.json["errcode"], -1);
    let url = format!("{}authorizers/{SHOP}", world.cx().settings.public_url);
    assert_eq!(refused.text("reauthorize_url"), url);
    assert_eq!(refused.header("retry-after"), refused.json["retry_after_seconds"].to_string());

    let stale = program.token(SHOP, "?allow_stale=true").await;
    assert_eq!((stale.status, stale.json["expires_in"].as_u64()), (200, Some(100)), "{stale:?}");
    assert_eq!(stale.text("state"), "retrying");

    world.skip(100);
    let over = program.token(SHOP, "?allow_stale=true").await;
    assert_eq!((over.status, over.text("state")), (424, "expired_retrying"), "{over:?}");
    world.end().await;
});

on_both_databases!(a_cancelled_account_has_no_token_from_the_next_request_on, |db| async {
    let world = World::new(&db).await;
    world.authorize(&world.acme, SHOP).await;
    let program = Program::of(&world, &world.acme).await;
    assert_eq!(program.token(SHOP, "").await.status, 200);

    world.control.cancel(None, SHOP, true).unwrap();
    world.pushed().await;
    assert_eq!(world.health(SHOP).await, Health::Unauthorized);
    let refused = program.token(SHOP, "?allow_stale=true").await;

    assert_eq!((refused.status, refused.text("state")), (424, "unauthorized"), "{refused:?}");
    assert_eq!(refused.text("whose_move"), "account");

    world.authorize(&world.acme, SHOP).await;
    let again = program.token(SHOP, "").await;
    assert_eq!(again.status, 200, "{again:?}");
    assert!(world.control.is_alive(again.text("access_token")));
    world.end().await;
});

on_both_databases!(a_life_that_no_token_has_is_not_waited_for, |db| async {
    let world = World::new(&db).await;
    world.control.switch(|switches| switches.access_token_seconds = 120);
    world.authorize(&world.acme, SHOP).await;
    let program = Program::of(&world, &world.acme).await;

    let refused = program.token(SHOP, "").await;
    assert_eq!((refused.status, refused.problem()), (422, "never-that-long"));
    assert_eq!(refused.json["token_life_seconds"], 120);
    assert_eq!(program.token(SHOP, "?min_ttl=60").await.status, 200);
    assert_eq!(world.calls(REFRESH, SHOP), 0);
    world.end().await;
});

on_both_databases!(nonsense_is_refused_by_name, |db| async {
    let world = World::new(&db).await;
    world.authorize(&world.acme, SHOP).await;
    let program = Program::of(&world, &world.acme).await;

    for (query, parameter) in [
        ("?min_ttl=3601", "min_ttl"),
        ("?min_ttl=-1", "min_ttl"),
        ("?min_ttl=soon", "min_ttl"),
        ("?min_ttl=1&min_ttl=2", "min_ttl"),
        ("?allow_stale=yes", "allow_stale"),
        ("?component_appid=a/b", "component_appid"),
        ("?mni_ttl=1", "mni_ttl"),
    ] {
        let refused = program.token(SHOP, query).await;
        assert_eq!((refused.status, refused.problem()), (400, "bad-parameter"), "{query}");
        assert_eq!(refused.text("parameter"), parameter, "{query}");
    }
    assert_eq!(program.get("/api/v1/nothing").await.problem(), "no-such-address");
    let wrong_verb = program.post(&format!("/api/v1/authorizers/{SHOP}/access-token"), "").await;
    assert_eq!((wrong_verb.status, wrong_verb.header("content-type")), (405, "application/problem+json"));
    world.end().await;
});

on_both_databases!(anothers_account_and_none_are_the_same_answer, |db| async {
    let world = World::new(&db).await;
    world.authorize(&world.rival, SHOP).await;
    let program = Program::of(&world, &world.acme).await;
    let narrow = NewKey { authorizers: Allowed::Only(vec![appid("wxmine")]), ..wide() };
    let narrow = Program::with(&world.portal, &world.acme, narrow).await;

    for path in ["", "/access-token"] {
        let foreign = program.get(&format!("/api/v1/authorizers/{SHOP}{path}")).await;
        let missing = program.get(&format!("/api/v1/authorizers/wxnobody{path}")).await;
        assert_eq!((foreign.status, foreign.problem()), (404, "no-such-account"));
        assert_eq!(foreign.json, missing.json, "{path}");
        let foreign = narrow.get(&format!("/api/v1/authorizers/{SHOP}{path}")).await;
        let missing = narrow.get(&format!("/api/v1/authorizers/wxnobody{path}")).await;
        assert_eq!((foreign.status, foreign.problem()), (403, "account-not-allowed"));
        assert_eq!(foreign.json, missing.json, "{path}");
    }
    let foreign = program.report(SHOP, "0123456789abcdef", 40001).await;
    let missing = program.report("wxnobody", "0123456789abcdef", 40001).await;
    assert_eq!((foreign.status, &foreign.json), (404, &missing.json));
    world.end().await;
});

on_both_databases!(an_account_of_two_components_is_asked_for_by_both_names, |db| async {
    let world = World::new(&db).await;
    world.authorize(&world.acme, SHOP).await;
    let program = Program::of(&world, &world.acme).await;
    let second = "INSERT INTO component (appid, name, created_at, appsecret_sealed, token_sealed, aes_key_sealed, \
                  token_generation, next_token_refresh_at, token_failures, lease_until, epoch, next_reconcile_at) \
                  SELECT 'wxsecond', name, created_at, appsecret_sealed, token_sealed, aes_key_sealed, 0, \
                  9999999999, 0, 0, 0, 9999999999 FROM component";
    db.execute(second).await.unwrap();
    let mut tx = world.cx().store.write().await.unwrap();
    let other = hufu::domain::ids::AuthorizerKey {
        component: hufu::domain::ids::ComponentAppid::parse("wxsecond").unwrap(),
        authorizer: appid(SHOP),
    };
    hufu::store::authorizer_grant::insert(&mut tx, &other, &world.acme, world.now()).await.unwrap();
    tx.commit().await.unwrap();

    let which = program.token(SHOP, "").await;
    assert_eq!((which.status, which.problem()), (409, "ambiguous-account"), "{which:?}");
    assert_eq!(which.text("parameter"), "component_appid");
    let named = program.token(SHOP, &format!("?component_appid={}", key(SHOP).component)).await;
    assert_eq!(named.status, 200, "{named:?}");
    assert_eq!(program.token(SHOP, "?component_appid=wxthird").await.status, 404);
    world.end().await;
});

on_both_databases!(health_is_read_account_by_account_and_page_by_page, |db| async {
    let world = World::new(&db).await;
    let accounts = ["wxa0000000000000a1", "wxa0000000000000a2", "wxa0000000000000a3"];
    for account in accounts {
        world.account(account);
        world.authorize(&world.acme, account).await;
    }
    world.authorize(&world.rival, SHOP).await;
    let program = Program::of(&world, &world.acme).await;

    let one = program.get("/api/v1/authorizers/wxa0000000000000a2").await;
    assert_eq!((one.status, one.text("state")), (200, "healthy"), "{one:?}");
    assert_eq!((one.text("reason"), one.text("whose_move")), ("ok", "hufu"));
    assert!(!one.json.to_string().contains("access_token"));

    let mut seen = Vec::new();
    let mut after = String::new();
    loop {
        let page = program.get(&format!("/api/v1/authorizers?limit=2{after}")).await;
        assert_eq!(page.status, 200, "{page:?}");
        let rows = page.json["authorizers"].as_array().unwrap();
        seen.extend(rows.iter().map(|row| row["authorizer_appid"].as_str().unwrap().to_owned()));
        let Some(next) = page.json["next"].as_str() else { break };
        after = format!("&after={next}");
    }
    assert_eq!(seen, accounts);
    let narrow = NewKey { authorizers: Allowed::Only(vec![appid(accounts[1]), appid(SHOP)]), ..wide() };
    let narrow = Program::with(&world.portal, &world.acme, narrow).await;
    let page = narrow.get("/api/v1/authorizers").await;
    assert_eq!(page.json["authorizers"].as_array().unwrap().len(), 1, "its own account and not the rival's");
    assert_eq!(
        program.get("/api/v1/authorizers?state=unauthorized").await.json["authorizers"],
        serde_json::json!([])
    );
    assert_eq!(program.get("/api/v1/authorizers?after=nonsense").await.status, 400);
    world.end().await;
});

on_both_databases!(no_token_lies_open_in_what_is_kept_in_memory, |db| async {
    let world = World::new(&db).await;
    world.authorize(&world.acme, SHOP).await;
    let program = Program::of(&world, &world.acme).await;
    let token = program.token(SHOP, "").await.text("access_token").to_owned();

    let kept = format!("{:?}", world.cx().shelf);
    let mut tx = world.cx().store.read().await.unwrap();
    let offers =
        hufu::store::hand_out::find(&mut tx, &world.cx().vault, &world.acme, &appid(SHOP)).await.unwrap();
    assert!(!kept.contains(&token) && !format!("{offers:?}").contains(&token));
    assert_eq!(offers[0].open().unwrap().unwrap().expose(), token);
    drop(tx);
    world.end().await;
});
