//! A row that cannot be read stands in nobody's way.

use hufu::domain::authorization::AuthorizationStatus;
use hufu::domain::health::Health;
use hufu::sandbox::{Fault, FaultKind};

use super::world::{EXCHANGE, REFRESH, SHOP, World};

const OTHER: &str = "wxa0000000000000s2";

on_both_databases!(a_refresh_token_that_does_not_open_stops_nobody_and_heals, |db| async move {
    let world = World::new(&db).await;
    world.authorize(&world.acme, SHOP).await;
    world.account(OTHER);
    world.authorize(&world.acme, OTHER).await;
    let spoil = "UPDATE authorizer SET refresh_token_sealed = 'spoilt', previous_refresh_token_sealed = 'spoilt', \
                 next_refresh_at = 1 WHERE authorizer_appid = 'wxa0000000000000s1'";
    db.execute(spoil).await.unwrap();

    world.after(6500).await;

    assert_eq!(world.health(OTHER).await, Health::Healthy);
    assert!(world.holds_a_live_token(OTHER).await);
    assert_eq!(world.health(SHOP).await, Health::Healthy, "the ladder fetched its token again");
    assert!(world.holds_a_live_token(SHOP).await);
    world.end().await;
});

on_both_databases!(an_account_whose_row_makes_no_sense_stops_nobody, |db| async move {
    let world = World::new(&db).await;
    world.authorize(&world.acme, SHOP).await;
    world.account(OTHER);
    world.authorize(&world.acme, OTHER).await;
    let spoil = "UPDATE authorizer SET reason = 'of another version', next_refresh_at = 1 \
                 WHERE authorizer_appid = 'wxa0000000000000s1'";
    db.execute(spoil).await.unwrap();

    world.after(6500).await;

    assert_eq!(world.calls(REFRESH, OTHER), 1);
    assert!(world.holds_a_live_token(OTHER).await);
    world.end().await;
});

on_both_databases!(a_push_that_does_not_open_stops_no_other_push, |db| async move {
    let world = World::new(&db).await;
    db.execute(
        "INSERT INTO notice (id, component_appid, dedupe_key, info_type, create_time, received_at, body_sealed, tries, \
         next_try_at) SELECT '0spoilt', appid, 'spoilt', 'authorized', 1, 1, 'spoilt', 0, 1 FROM component",
    )
    .await
    .unwrap();
    let pressed = world.press(&world.acme, None).await;

    world.consent(&pressed, SHOP, true).await;

    assert_eq!(world.health(SHOP).await, Health::Healthy);
    world.end().await;
});

on_both_databases!(a_code_that_does_not_open_stops_no_other_code, |db| async move {
    let world = World::new(&db).await;
    world.control.fault(Fault::on(EXCHANGE, FaultKind::Html502).times(1));
    let first = world.press(&world.acme, None).await;
    world.consent(&first, SHOP, true).await;
    db.execute("UPDATE grant_code SET code_sealed = 'spoilt'").await.unwrap();
    world.account(OTHER);
    let second = world.press(&world.acme, None).await;
    world.consent(&second, OTHER, true).await;
    world.after(60).await;

    assert_eq!(world.health(OTHER).await, Health::Healthy);
    assert_ne!(world.look(&first).await.status, AuthorizationStatus::Exchanging, "the person hears of it");
    world.end().await;
});

on_both_databases!(an_answer_that_does_not_open_leaves_its_attempt_in_doubt, |db| async move {
    let world = World::new(&db).await;
    world.authorize(&world.acme, SHOP).await;
    db.execute(
        "INSERT INTO attempt (id, component_appid, authorizer_appid, epoch, holder, cause, started_at, lease_until, \
         answer_sealed) SELECT '0spoilt', component_appid, authorizer_appid, epoch, 'gone', 'plan', 1, 1, 'spoilt' \
         FROM authorizer",
    )
    .await
    .unwrap();

    world.tick().await;
    world.tick().await;

    assert_eq!(world.health(SHOP).await, Health::Healthy);
    assert!(world.events(&world.acme, SHOP).await.contains(&"attempt_in_doubt".to_owned()));
    world.end().await;
});
