//! No account is refreshed more than once a minute, whatever happens.

use hufu::domain::audit::Actor;
use hufu::domain::health::Health;
use hufu::sandbox::{Fault, FaultKind};
use hufu::service::manage_authorizer::{self, Action};

use super::world::{REFRESH, SHOP, World, appid};

const OTHER: &str = "wxa0000000000000s2";

async fn press_refresh(world: &World, account: &str) {
    let account = appid(account);
    manage_authorizer::run(world.cx(), world.now(), &Actor::cli(), &world.acme, &account, Action::RefreshNow)
        .await
        .unwrap();
}

/// When WeChat was asked to refresh the account, oldest first.
fn calls_at(world: &World, account: &str) -> Vec<i64> {
    let mut calls: Vec<i64> =
        world.control.journal(REFRESH, account, 10_000).iter().map(|call| call.at).collect();
    calls.reverse();
    calls
}

fn shortest_distance(calls: &[i64]) -> i64 {
    calls.windows(2).map(|pair| pair[1] - pair[0]).min().unwrap_or(i64::MAX)
}

on_both_databases!(a_button_pressed_a_hundred_times_refreshes_once_a_minute, |db| async move {
    let world = World::new(&db).await;
    world.authorize(&world.acme, SHOP).await;
    let began = world.now().unix();

    for _ in 0..100 {
        press_refresh(&world, SHOP).await;
        world.after(1).await;
    }

    assert_eq!(calls_at(&world, SHOP), [began + 1, began + 61]);
    let shown = world.row(&world.acme, SHOP).await.unwrap().next_refresh_at.unwrap();
    assert_eq!(shown.unix(), began + 121, "the page says when the next one will be");
    world.end().await;
});

on_both_databases!(an_hour_of_assorted_failures_costs_an_account_a_call_a_minute_at_most, |db| async move {
    let world = World::new(&db).await;
    world.authorize(&world.acme, SHOP).await;
    world.account(OTHER);
    world.authorize(&world.acme, OTHER).await;
    let refused = |errcode| FaultKind::Errcode { errcode };
    let kinds = [
        refused(-1),
        refused(40001),
        FaultKind::ResetBefore,
        FaultKind::ResetAfter,
        FaultKind::Html502,
        refused(42001),
        FaultKind::Empty,
        refused(61028),
        FaultKind::Garbage,
        refused(45009),
    ];

    for kind in kinds {
        world.control.fault(Fault::on(REFRESH, kind));
        for step in 0..28 {
            if step == 20 {
                world.control.clear_faults(None);
            }
            // One account is pressed by its people, the other only by its plan.
            press_refresh(&world, SHOP).await;
            world.after(13).await;
        }
    }

    for (account, least) in [(SHOP, 30), (OTHER, 0)] {
        let calls = calls_at(&world, account);
        assert!(calls.len() >= least, "{} calls for {account}", calls.len());
        assert!(shortest_distance(&calls) >= 60, "{account}: {calls:?}");
    }
    for _ in 0..12 {
        world.after(60).await;
    }
    assert_eq!(world.health(SHOP).await, Health::Healthy);
    assert_eq!(world.health(OTHER).await, Health::Healthy);
    world.end().await;
});

on_both_databases!(a_token_of_two_hours_is_tried_six_times_before_it_ends, |db| async move {
    let world = World::new(&db).await;
    world.authorize(&world.acme, SHOP).await;
    let end = world.held(SHOP).await.unwrap().token_expires_at.unwrap().unix();
    world.control.fault(Fault::on(REFRESH, FaultKind::Errcode { errcode: -1 }));
    world.skip(5400);

    while world.now().unix() < end {
        world.after(10).await;
    }

    let calls = calls_at(&world, SHOP);
    assert!(calls.iter().filter(|at| **at < end).count() >= 6, "{calls:?}, the end is at {end}");
    assert!(shortest_distance(&calls) >= 60, "{calls:?}");
    world.end().await;
});
