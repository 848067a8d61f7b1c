//! Dead tokens are reported by many and replaced once.

use std::time::Duration;

use futures_util::future::join_all;
use hufu::clock::Clock;
use hufu::sandbox::{Fault, FaultKind};
use hufu::secret::fingerprint;
use hufu::store::foreign_refresher;

use super::program::{Program, insist, while_ticking};
use crate::engine::world::{REFRESH, SHOP, World, key};

fn name(token: &str) -> String {
    fingerprint(token)[..16].to_owned()
}

on_both_databases!(a_thousand_reports_of_one_dead_token_are_one_call, |db| async {
    let world = World::new(&db).await;
    world.authorize(&world.acme, SHOP).await;
    let program = Program::of(&world, &world.acme).await;
    let dead = program.token(SHOP, "").await.text("access_token").to_owned();
    world.skip(3600);
    world.control.kill_access_token(None, SHOP).unwrap();

    let name = name(&dead);
    let one = || insist(async || program.report(SHOP, &name, 40001).await);
    let answers = while_ticking(&world, join_all((0..1000).map(|_| one()))).await;

    for answer in &answers {
        assert_eq!(answer.status, 200, "{answer:?}");
        assert!(world.control.is_alive(answer.text("access_token")));
    }
    assert_eq!(world.calls(REFRESH, SHOP), 1);
    let told = world.events(&world.acme, SHOP).await;
    assert_eq!(told.iter().filter(|event| *event == "token_reported").count(), 1, "{told:?}");

    let late = program.report(SHOP, &name, 42001).await;
    assert_eq!(late.status, 200, "{late:?}");
    assert_eq!(world.calls(REFRESH, SHOP), 1, "a token that was replaced costs nothing");
    world.end().await;
});

on_both_databases!(a_reported_token_is_not_handed_out_again, |db| async {
    let world = World::new(&db).await;
    world.authorize(&world.acme, SHOP).await;
    let program = Program::of(&world, &world.acme).await;
    let dead = program.token(SHOP, "").await.text("access_token").to_owned();
    world.skip(3600);

    // Nobody refreshes: the engine stands still.
    let name = name(&dead);
    let (reported, asked) = tokio::join!(program.report(SHOP, &name, 40001), async {
        Clock::pause(Duration::from_millis(500)).await;
        program.token(SHOP, "?allow_stale=true").await
    });
    for answer in [reported, asked] {
        assert_eq!((answer.status, answer.problem()), (424, "no-token"), "{answer:?}");
        assert_eq!(answer.text("whose_move"), "hufu");
    }

    world.tick().await;
    let new = program.token(SHOP, "").await;
    assert_eq!(new.status, 200, "what comes of it is known at once: {new:?}");
    assert_ne!(new.text("access_token"), dead);
    assert_eq!(world.calls(REFRESH, SHOP), 1);
    world.end().await;
});

on_both_databases!(reports_of_a_token_that_cannot_be_replaced_share_their_failure, |db| async {
    let world = World::new(&db).await;
    world.authorize(&world.acme, SHOP).await;
    let program = Program::of(&world, &world.acme).await;
    let dead = program.token(SHOP, "").await.text("access_token").to_owned();
    world.skip(3600);
    world.control.fault(Fault::on(REFRESH, FaultKind::Errcode { errcode: -1 }));

    let name = name(&dead);
    let one = || insist(async || program.report(SHOP, &name, 40001).await);
    let answers = while_ticking(&world, join_all((0..50).map(|_| one()))).await;

    for answer in &answers {
        assert_eq!((answer.status, answer.text("reason")), (424, "wechat_transient"), "{answer:?}");
    }
    assert_eq!(world.calls(REFRESH, SHOP), 1);
    world.end().await;
});

on_both_databases!(only_what_concerns_the_token_is_taken_as_a_report, |db| async {
    let world = World::new(&db).await;
    world.authorize(&world.acme, SHOP).await;
    let program = Program::of(&world, &world.acme).await;
    let token = program.token(SHOP, "").await.text("access_token").to_owned();

    for errcode in [0, 45009, 48001, -1, 61023] {
        let refused = program.report(SHOP, &name(&token), errcode).await;
        assert_eq!((refused.status, refused.problem()), (422, "not-a-dead-token"), "{errcode}");
    }
    for wrong in ["", "0123", "0123456789abcdeg", &token] {
        let refused = program.report(SHOP, wrong, 40001).await;
        assert_eq!((refused.status, refused.problem()), (422, "bad-fingerprint"), "{wrong}");
    }
    let path = format!("/api/v1/authorizers/{SHOP}/access-token/report");
    for (body, status) in [("", 400), ("[]", 400), ("{\"fingerprint\": 1}", 400), (&"x".repeat(5000), 413)] {
        assert_eq!(program.post(&path, body).await.status, status, "{body}");
    }
    assert_eq!(program.report(SHOP, &name("another"), 40001).await.text("access_token"), token);
    assert_eq!(world.calls(REFRESH, SHOP), 0);
    world.end().await;
});

on_both_databases!(a_token_that_dies_early_leaves_evidence, |db| async {
    let world = World::new(&db).await;
    world.authorize(&world.acme, SHOP).await;
    let program = Program::of(&world, &world.acme).await;
    world.skip(3600);
    let token = program.token(SHOP, "").await.text("access_token").to_owned();
    // Somebody else refreshes with the same refresh token; WeChat lets the old one die five minutes later.
    world.control.foreign_refresh(None, SHOP).unwrap();
    world.skip(301);
    assert!(!world.control.is_alive(&token));

    let name = name(&token);
    let new = while_ticking(&world, insist(async || program.report(SHOP, &name, 40001).await)).await;

    assert_eq!(new.status, 200, "{new:?}");
    let told = world.events(&world.acme, SHOP).await;
    for event in ["token_reported", "foreign_refresher"] {
        assert!(told.iter().any(|told| told == event), "{event}: {told:?}");
    }
    assert!(suspected(&world).await);

    // The owner was at it: a new grant ends the old token as well, and its word came after the report.
    world.authorize(&world.acme, SHOP).await;
    assert!(!suspected(&world).await);
    world.end().await;
});

async fn suspected(world: &World) -> bool {
    let mut tx = world.cx().store.read().await.unwrap();
    foreign_refresher::last_seen(&mut tx, &key(SHOP)).await.unwrap().is_some()
}
