//! A key opens what it was made for, from where it was made for, as long as it counts.

use std::time::Duration;

use hufu::clock::Clock;
use hufu::domain::api_key::{Scope, Sources, compose, parse_network};
use hufu::domain::audit::Actor;
use hufu::service::create_api_key::{self, MOST_LIVE, NewKey};
use hufu::service::{ServiceError, revoke_api_key};
use hufu::store::api_key;
use hufu::web::policy::Area;
use hufu::web::routes::TABLE;

use super::program::{Program, answer, make, wide};
use crate::engine::world::{SHOP, World};

/// Every address, and the scope it asks for.
const DOORS: [(&str, &str, Scope); 4] = [
    ("GET", "/api/v1/authorizers", Scope::ReadHealth),
    ("GET", "/api/v1/authorizers/wxa0000000000000s1", Scope::ReadHealth),
    ("GET", "/api/v1/authorizers/wxa0000000000000s1/access-token", Scope::ReadToken),
    ("POST", "/api/v1/authorizers/wxa0000000000000s1/access-token/report", Scope::Report),
];

const REPORT: &str = r#"{"fingerprint": "0123456789abcdef", "errcode": 40001}"#;

async fn knock(program: &Program, verb: &str, path: &str) -> super::program::Answer {
    if verb == "GET" { program.get(path).await } else { program.post(path, REPORT).await }
}

on_both_databases!(every_address_wants_a_key_with_its_scope, |db| async {
    let world = World::new(&db).await;
    world.authorize(&world.acme, SHOP).await;
    let url = world.portal.running.url.as_str();
    let unknown = compose(&"x".repeat(32));

    for (verb, path, scope) in DOORS {
        for key in ["", "nonsense", "hufu_live_x", hufu::secret::Secret::expose(&unknown)] {
            let refused = knock(&Program::at(url, key), verb, path).await;
            assert_eq!((refused.status, refused.header("www-authenticate")), (401, "Bearer"), "{path} {key}");
        }
        for other in Scope::ALL {
            let program =
                Program::with(&world.portal, &world.acme, NewKey { scopes: vec![other], ..wide() }).await;
            let got = knock(&program, verb, path).await;
            if other == scope {
                assert_eq!(got.status, 200, "{path} with {other:?}: {got:?}");
            } else {
                assert_eq!((got.status, got.problem()), (403, "scope-missing"), "{path} with {other:?}");
                assert_eq!(got.text("scope"), scope.as_str());
            }
        }
    }
    let none = answer(reqwest::Client::new().get(format!("{url}api/v1/authorizers"))).await;
    assert_eq!((none.status, none.problem()), (401, "key-missing"));
    world.end().await;
});

#[test]
fn every_address_of_the_api_is_tried() {
    let listed = TABLE.iter().filter(|route| route.area == Area::Programs).count();
    assert_eq!(listed, DOORS.len(), "a new address of the API belongs into DOORS");
}

on_both_databases!(a_key_that_is_revoked_or_over_counts_no_more_from_that_moment, |db| async {
    let world = World::new(&db).await;
    world.authorize(&world.acme, SHOP).await;
    let brief = NewKey { lives_for: Some(Duration::from_secs(60)), ..wide() };
    let brief = Program::with(&world.portal, &world.acme, brief).await;
    let program = Program::of(&world, &world.acme).await;
    assert_eq!(brief.token(SHOP, "").await.status, 200);
    assert_eq!(program.token(SHOP, "").await.status, 200);

    let id = program.id.clone().unwrap();
    let foreign = revoke_api_key::run(world.cx(), world.now(), &Actor::cli(), &world.rival, &id).await;
    assert!(matches!(foreign, Err(ServiceError::NotFound)));
    assert_eq!(program.token(SHOP, "").await.status, 200);
    revoke_api_key::run(world.cx(), world.now(), &Actor::cli(), &world.acme, &id).await.unwrap();
    let refused = program.token(SHOP, "").await;
    assert_eq!((refused.status, refused.problem()), (401, "key-refused"), "{refused:?}");
    assert!(refused.text("detail").contains("revoked"));

    world.skip(60);
    let refused = brief.token(SHOP, "").await;
    assert_eq!((refused.status, refused.problem()), (401, "key-refused"));
    assert!(refused.text("detail").contains("expired"));
    world.end().await;
});

on_both_databases!(a_key_is_bound_to_addresses_and_only_a_trusted_proxy_names_them, |db| async {
    let world = World::new(&db).await;
    world.authorize(&world.acme, SHOP).await;
    let only =
        |range: &str| NewKey { sources: Sources::Networks(vec![parse_network(range).unwrap()]), ..wide() };
    let here = Program::with(&world.portal, &world.acme, only("127.0.0.0/8")).await;
    let elsewhere = Program::with(&world.portal, &world.acme, only("203.0.113.0/24")).await;

    assert_eq!(here.token(SHOP, "").await.status, 200);
    let refused = elsewhere.token(SHOP, "").await;
    assert_eq!((refused.status, refused.problem()), (403, "address-not-allowed"));
    let url = format!("{}api/v1/authorizers", world.portal.running.url);
    let forged = reqwest::Client::new().get(url).bearer_auth(&elsewhere.key);
    assert_eq!(answer(forged.header("x-forwarded-for", "203.0.113.7")).await.status, 403);
    world.end().await;
});

on_both_databases!(a_suspended_tenants_keys_open_nothing, |db| async {
    let world = World::new(&db).await;
    world.authorize(&world.acme, SHOP).await;
    let program = Program::of(&world, &world.acme).await;
    assert_eq!(program.token(SHOP, "").await.status, 200);

    db.execute("UPDATE tenant SET suspended_at = 5").await.unwrap();
    // Nobody told on SQLite: what is kept is over after a second.
    Clock::pause(Duration::from_millis(1100)).await;

    let refused = program.token(SHOP, "").await;
    assert_eq!((refused.status, refused.problem()), (403, "tenant-suspended"), "{refused:?}");
    world.end().await;
});

on_both_databases!(the_last_use_of_a_key_is_known_to_the_minute, |db| async {
    let world = World::new(&db).await;
    world.authorize(&world.acme, SHOP).await;
    let program = Program::of(&world, &world.acme).await;
    let used = async || {
        let mut tx = world.cx().store.read().await.unwrap();
        let key = api_key::find(&mut tx, &world.acme, program.id.as_ref().unwrap()).await.unwrap().unwrap();
        (key.last_used_at, key.last_used_from)
    };
    let written = async |at| {
        for _ in 0..200 {
            if used().await == (Some(at), Some("127.0.0.1".to_owned())) {
                return;
            }
            Clock::pause(Duration::from_millis(10)).await;
        }
        panic!("not written: {:?}", used().await);
    };

    let first = world.now();
    program.token(SHOP, "").await;
    written(first).await;
    world.skip(59);
    program.token(SHOP, "").await;
    assert_eq!(used().await.0, Some(first));
    world.skip(1);
    program.token(SHOP, "").await;
    written(world.now()).await;
    world.end().await;
});

on_both_databases!(a_tenant_has_a_bounded_number_of_keys, |db| async {
    let world = World::new(&db).await;
    let mut last = None;
    for _ in 0..MOST_LIVE {
        last = Some(make(world.cx(), &world.acme, wide()).await.key.id);
    }
    let full = create_api_key::run(world.cx(), world.now(), &Actor::cli(), &world.acme, wide()).await;
    assert!(matches!(full, Err(ServiceError::Conflict(_))), "{full:?}");
    revoke_api_key::run(world.cx(), world.now(), &Actor::cli(), &world.acme, &last.unwrap()).await.unwrap();
    make(world.cx(), &world.acme, wide()).await;
    world.end().await;
});
