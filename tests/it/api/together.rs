//! Several portals on one PostgreSQL: what one learns, all act upon.

use std::time::Duration;

use hufu::clock::Clock;
use hufu::domain::audit::Actor;
use hufu::secret::fingerprint;
use hufu::service::revoke_api_key;
use hufu::store::Mark;

use super::program::{Program, insist};
use crate::engine::world::{REFRESH, SHOP, World};
use crate::harness::{Database, Kind, Portal, run};

/// Far longer than anything takes, also on a busy machine.
const PATIENCE: Duration = Duration::from_secs(20);

/// Waits until this portal has heard that what it keeps under a name is over, and tells how long that took. Nothing but
/// hearing does that.
async fn hears(portal: &Portal, before: Mark, name: &str) -> Duration {
    let watch = Clock::stopwatch();
    while before.is_not_contradicted_by(portal.cx().store.changes().mark(name)) {
        assert!(watch.elapsed() < PATIENCE, "{name} was never told");
        Clock::pause(Duration::from_millis(1)).await;
    }
    watch.elapsed()
}

/// How long the database takes to tell this portal anything at all: the slowest of some trials.
async fn round_trip(db: &Database, portal: &Portal) -> Duration {
    let mut slowest = Duration::ZERO;
    for _ in 0..8 {
        let (before, watch) = (portal.cx().store.changes().mark("wxsomebody"), Clock::stopwatch());
        db.execute(TELL).await.unwrap();
        hears(portal, before, "wxsomebody").await;
        slowest = slowest.max(watch.elapsed());
    }
    slowest
}

const TELL: &str = "SELECT pg_notify('hufu_' || left(current_schema(), 50), 'authorizer wxsomebody')";

/// Asks until the answer has this status.
async fn turns(program: &Program, status: u16) {
    let watch = Clock::stopwatch();
    loop {
        let answer = program.token(SHOP, "?allow_stale=true").await;
        if answer.status == status {
            return;
        }
        assert!(watch.elapsed() < PATIENCE, "still {answer:?}");
    }
}

async fn status(program: &Program) -> u16 {
    program.token(SHOP, "?allow_stale=true").await.status
}

/// The world's portal, a second one, and a program that asks the second.
async fn two(db: &Database) -> (World, Portal, Program) {
    let world = World::new(db).await;
    world.authorize(&world.acme, SHOP).await;
    let second = world.portal.beside().await;
    let program = Program::of(&world, &world.acme).await.moved_to(&second);
    // Listening begins a moment after the start.
    let (before, watch) = (second.cx().store.changes().mark("wxsomebody"), Clock::stopwatch());
    while before.is_not_contradicted_by(second.cx().store.changes().mark("wxsomebody")) {
        assert!(watch.elapsed() < PATIENCE, "nothing is heard");
        db.execute(TELL).await.unwrap();
        Clock::pause(Duration::from_millis(20)).await;
    }
    assert_eq!(status(&program).await, 200);
    (world, second, program)
}

#[tokio::test]
async fn a_cancellation_in_one_portal_is_effective_in_the_other_at_once() {
    run(Kind::Postgres, |db| async move {
        let (world, second, program) = two(&db).await;

        let mark = || second.cx().store.changes().mark(SHOP);
        let before = mark();
        world.control.cancel(None, SHOP, true).unwrap();
        world.pushed().await;
        hears(&second, before, SHOP).await;
        assert_eq!(status(&program).await, 424);
        let before = mark();
        world.authorize(&world.acme, SHOP).await;
        hears(&second, before, SHOP).await;
        assert_eq!(status(&program).await, 200);

        second.stop().await;
        world.end().await;
    })
    .await;
}

#[tokio::test]
async fn a_key_revoked_in_one_portal_is_refused_by_the_other_at_once() {
    run(Kind::Postgres, |db| async move {
        let (world, second, program) = two(&db).await;

        let (id, hash) = (program.id.clone().unwrap(), fingerprint(&program.key));
        let before = second.cx().store.changes().mark(&hash);
        revoke_api_key::run(world.cx(), world.now(), &Actor::cli(), &world.acme, &id).await.unwrap();
        hears(&second, before, &hash).await;
        assert_eq!(status(&program).await, 401);

        second.stop().await;
        world.end().await;
    })
    .await;
}

#[tokio::test]
async fn what_changes_in_one_portal_is_over_in_the_other_as_soon_as_the_database_can_tell() {
    run(Kind::Postgres, |db| async move {
        let (world, second, program) = two(&db).await;
        let (id, hash) = (program.id.clone().unwrap(), fingerprint(&program.key));
        let slowest = round_trip(&db, &second).await;

        let before = second.cx().store.changes().mark(&hash);
        revoke_api_key::run(world.cx(), world.now(), &Actor::cli(), &world.acme, &id).await.unwrap();
        let took = hears(&second, before, &hash).await;

        let slowest = slowest.max(round_trip(&db, &second).await);
        assert!(took <= Duration::from_millis(200) + 5 * slowest, "{took:?}; a round trip takes {slowest:?}");

        second.stop().await;
        world.end().await;
    })
    .await;
}

#[tokio::test]
async fn what_nobody_tells_is_noticed_all_the_same() {
    run(Kind::Postgres, |db| async move {
        let (world, second, program) = two(&db).await;
        for statement in
            ["DROP TRIGGER authorizer_is_told ON authorizer", "DROP TRIGGER api_key_is_told ON api_key"]
        {
            db.execute(statement).await.unwrap();
        }

        world.control.cancel(None, SHOP, true).unwrap();
        world.pushed().await;
        turns(&program, 424).await;
        world.authorize(&world.acme, SHOP).await;
        turns(&program, 200).await;
        let id = program.id.clone().unwrap();
        revoke_api_key::run(world.cx(), world.now(), &Actor::cli(), &world.acme, &id).await.unwrap();
        turns(&program, 401).await;

        second.stop().await;
        world.end().await;
    })
    .await;
}

#[tokio::test]
async fn a_dead_token_reported_to_two_portals_is_one_call() {
    run(Kind::Postgres, |db| async move {
        let (world, second, program) = two(&db).await;
        let first = program.moved_to(&world.portal);
        let dead = program.token(SHOP, "").await.text("access_token").to_owned();
        world.skip(3600);
        second.clock.advance(Duration::from_secs(3600));

        let name = fingerprint(&dead)[..16].to_owned();
        let all = (0..200).map(|n: u32| {
            let program = if n.is_multiple_of(2) { &program } else { &first };
            insist(async || program.report(SHOP, &name, 40001).await)
        });
        let answers = super::program::while_ticking(&world, futures_util::future::join_all(all)).await;

        for answer in &answers {
            assert_eq!(answer.status, 200, "{answer:?}");
        }
        assert_eq!(world.calls(REFRESH, SHOP), 1);
        second.stop().await;
        world.end().await;
    })
    .await;
}
