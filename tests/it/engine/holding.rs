//! Who holds an account, for how long, and what becomes of what comes too late.

use std::sync::Arc;
use std::time::Duration;

use hufu::clock::Clock;
use hufu::domain::health::Health;
use hufu::domain::ids::AttemptId;
use hufu::sandbox::{Fault, FaultKind, Rotation};
use hufu::service::refresh_one;
use hufu::store::authorizer_state;
use hufu::store::authorizer_token::Held;
use hufu::store::component_token;
use hufu::store::{attempt, authorizer_token};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::world::{INFO, LIST, REFRESH, SHOP, World, key};

async fn claim(world: &World) -> Option<(Held, AttemptId)> {
    let (cx, who) = (world.cx(), (world.now(), "somebody", 1));
    let mut tx = cx.store.write().await.unwrap();
    let held =
        authorizer_token::claim_due(&mut tx, &cx.vault, &key(SHOP).component, who).await.unwrap().pop()?;
    let id = attempt::open(&mut tx, &cx.random, &held, (world.now(), "somebody")).await.unwrap();
    tx.commit().await.unwrap();
    Some((held, id))
}

/// The holder was stopped for so long, somewhere between its claim and its call.
fn stopped(held: &Held, span: Duration) -> Held {
    Held { claimed: held.claimed.earlier(span), ..held.clone() }
}

async fn under_way(world: &World, path: &str) {
    while world.control.counts(path, "").iter().all(|line| line.count.in_flight == 0) {
        Clock::pause(Duration::from_millis(10)).await;
    }
}

on_both_databases!(who_was_stopped_since_the_claim_calls_nobody_and_gives_it_up, |db| async move {
    let world = World::new(&db).await;
    world.authorize(&world.acme, SHOP).await;
    world.skip(6200);
    let (held, id) = claim(&world).await.unwrap();

    refresh_one::run(world.cx(), (stopped(&held, Duration::from_secs(12)), id), (slot(), None))
        .await
        .unwrap();

    assert_eq!(world.calls(REFRESH, SHOP), 0);
    assert_eq!(world.health(SHOP).await, Health::Healthy, "nothing is wrong with the account");
    let (held, id) = claim(&world).await.expect("it is free at once");
    refresh_one::run(world.cx(), (held, id), (slot(), None)).await.unwrap();
    assert_eq!(world.calls(REFRESH, SHOP), 1);
    world.end().await;
});

on_both_databases!(who_was_stopped_beyond_the_claim_touches_nothing_of_its_successor, |db| async move {
    let world = World::new(&db).await;
    world.authorize(&world.acme, SHOP).await;
    world.skip(6200);
    let (first, id) = claim(&world).await.unwrap();
    world.after(25).await;
    assert_eq!((world.health(SHOP).await, world.calls(REFRESH, SHOP)), (Health::Healthy, 1));
    let before = world.held(SHOP).await.unwrap();

    refresh_one::run(world.cx(), (stopped(&first, Duration::from_secs(25)), id), (slot(), None))
        .await
        .unwrap();

    let after = world.held(SHOP).await.unwrap();
    assert_eq!(world.calls(REFRESH, SHOP), 1);
    assert_eq!((after.generation, after.epoch), (before.generation, before.epoch));
    assert_eq!(after.next_refresh_at, before.next_refresh_at);
    world.end().await;
});

on_both_databases!(an_answer_that_comes_after_its_claim_was_lost_is_kept_and_settled, |db| async move {
    let world = World::new(&db).await;
    world.control.switch(|switches| switches.rotation = Rotation::SingleUse);
    world.authorize(&world.acme, SHOP).await;
    world.control.fault(Fault::on(REFRESH, FaultKind::DelayAfter { ms: 1500 }).times(1));
    world.skip(6200);

    let meanwhile = async {
        under_way(&world, REFRESH).await;
        // To everybody else the holder is dead: another one heals the account.
        world.after(25).await;
        assert_eq!(world.health(SHOP).await, Health::Healthy);
    };
    tokio::join!(world.tick(), meanwhile);

    let events = world.events(&world.acme, SHOP).await;
    assert!(events.contains(&"attempt_fenced".to_owned()), "{events:?}");
    assert!(world.holds_a_live_token(SHOP).await, "the late answer has overwritten nothing");
    let soon = world.now().plus(Duration::from_secs(60));
    assert!(world.held(SHOP).await.unwrap().next_refresh_at.unwrap() <= soon, "a refresh settles it");
    let calls = world.calls(REFRESH, SHOP);
    world.after(60).await;
    assert_eq!(world.calls(REFRESH, SHOP), calls + 1);
    assert!(world.health(SHOP).await == Health::Healthy && world.holds_a_live_token(SHOP).await);
    world.end().await;
});

on_both_databases!(
    an_answer_in_the_journal_brings_back_a_refresh_token_that_the_row_has_lost,
    |db| async move {
        let world = World::new(&db).await;
        world.control.switch(|switches| switches.rotation = Rotation::SingleUse);
        world.authorize(&world.acme, SHOP).await;
        world.skip(6200);
        super::refreshing::claim_and_vanish(&world, true).await;
        db.execute("UPDATE authorizer SET refresh_token_sealed = NULL, previous_refresh_token_sealed = NULL")
            .await
            .unwrap();

        world.after(25).await;

        assert_eq!((world.health(SHOP).await, world.calls(REFRESH, SHOP)), (Health::Healthy, 1));
        assert!(world.holds_a_live_token(SHOP).await);
        world.end().await;
    }
);

on_both_databases!(the_ladder_holds_on_while_the_list_is_long_and_no_longer, |db| async move {
    let world = World::new(&db).await;
    world.authorize(&world.acme, SHOP).await;
    world.control.lose_refresh_token(None, SHOP).unwrap();
    world.control.switch(|switches| switches.info_without_authorization = true);
    world.control.fault(Fault::on(LIST, FaultKind::Delay { ms: 6500 }).times(1));
    world.skip(6200);
    let before = (world.calls(LIST, ""), world.calls(INFO, ""));

    let meanwhile = async {
        under_way(&world, LIST).await;
        world.skip(15);
        // The claim is renewed within seconds, of the real ones.
        while db.execute("UPDATE attempt SET holder = holder WHERE lease_until > 1800006225").await.unwrap()
            == 0
        {
            Clock::pause(Duration::from_millis(50)).await;
        }
        world.after(10).await;
        assert_eq!(world.calls(REFRESH, SHOP), 1, "25 s after the claim it still holds");
        assert_eq!(world.health(SHOP).await, Health::Recovering);
    };
    tokio::join!(world.tick(), meanwhile);

    assert_eq!(world.health(SHOP).await, Health::Healthy);
    assert_eq!((world.calls(LIST, "") - before.0, world.calls(REFRESH, SHOP)), (1, 2));
    assert!(!world.events(&world.acme, SHOP).await.contains(&"attempt_in_doubt".to_owned()));
    world.end().await;
});

on_both_databases!(whoever_vanishes_on_the_ladder_is_made_up_for_after_one_lease, |db| async move {
    let world = World::new(&db).await;
    world.authorize(&world.acme, SHOP).await;
    world.control.lose_refresh_token(None, SHOP).unwrap();
    world.control.fault(Fault::on(INFO, FaultKind::Delay { ms: 60_000 }).times(1));
    world.skip(6200);

    let vanish = async {
        under_way(&world, INFO).await;
    };
    tokio::select! {
        () = world.tick() => panic!("the ladder should still be waiting"),
        () = vanish => {}
    }
    assert_eq!(world.health(SHOP).await, Health::Recovering);
    db.execute("UPDATE authorizer SET next_info_at = NULL").await.unwrap();
    world.after(25).await;

    assert_eq!(world.health(SHOP).await, Health::Healthy);
    assert!(world.holds_a_live_token(SHOP).await);
    world.end().await;
});

on_both_databases!(the_slot_of_a_call_is_free_before_its_answer_is_on_the_disk, |db| async move {
    let world = World::new(&db).await;
    world.authorize(&world.acme, SHOP).await;
    world.skip(6200);
    let (cx, slots) = (world.cx(), Arc::new(Semaphore::new(1)));
    let slot = Arc::clone(&slots).try_acquire_owned().unwrap();
    let claimed = claim(&world).await.unwrap();
    let mut busy = cx.store.write().await.unwrap();
    let shop = key(SHOP);
    let known =
        component_token::access_token(&mut busy, &cx.vault, &shop.component, world.now()).await.unwrap();
    authorizer_state::lock(&mut busy, &shop).await.unwrap();

    let meanwhile = async {
        let free = tokio::time::timeout(Duration::from_secs(8), slots.acquire()).await;
        assert!(free.is_ok(), "the slot waits for the disk");
        assert_eq!(world.calls(REFRESH, SHOP), 1);
        assert_eq!(world.held(SHOP).await.unwrap().generation, 1, "nothing is recorded yet");
        drop(busy);
    };
    let (done, ()) = tokio::join!(refresh_one::run(cx, claimed, (slot, known)), meanwhile);

    done.unwrap();
    assert_eq!(world.held(SHOP).await.unwrap().generation, 2);
    world.end().await;
});

fn slot() -> OwnedSemaphorePermit {
    Arc::new(Semaphore::new(1)).try_acquire_owned().unwrap()
}
