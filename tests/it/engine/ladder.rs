//! The recovery ladder has its own places: however long it takes up there, who is well is refreshed, and what WeChat
//! does not tell one it is not asked by all the others.

use std::time::Duration;

use hufu::clock::Clock;
use hufu::domain::health::Health;
use hufu::jobs::Engine;
use hufu::sandbox::{Fault, FaultKind};
use hufu::service::{Context, listing};
use hufu::wechat::Client;

use crate::patience::{eventually, pause_for, within};

use super::crowd::{DUE, gather, states};
use super::world::{LIST, REFRESH, SHOP, START, TOKEN, World, key};

/// The deadline of a call, for a test that cannot wait for the real one.
const DEADLINE: Duration = Duration::from_secs(1);

on_both_databases!(a_list_that_never_comes_keeps_nobody_waiting_who_is_well, |db| async move {
    let world = World::new(&db).await;
    let accounts = gather(&world, &db, &[&world.acme], 100).await;
    let (lost, well) = accounts.split_at(80);
    for account in lost {
        world.control.lose_refresh_token(None, account).unwrap();
        // Their turn is first.
        db.execute_text(format!(
            "UPDATE authorizer SET token_expires_at = token_expires_at - 60 WHERE authorizer_appid = '{account}'"
        ))
        .await;
    }
    world.control.switch(|switches| switches.info_without_authorization = true);
    world.control.fault(Fault::on(LIST, FaultKind::Delay { ms: 5000 }));
    let lists = world.calls(LIST, "");
    let wechat = Client::with_deadline(world.sandbox.url(), DEADLINE).unwrap();
    let engine = Engine::new(Context { wechat, ..world.cx().clone() });
    world.skip(DUE);

    let (_, healed) = tokio::join!(
        engine.tick(world.now()),
        within(Duration::from_secs(8), async || {
            let refreshed = well.iter().filter(|account| world.calls(REFRESH, account) == 1).count();
            (refreshed == well.len()).then_some(())
        })
    );

    assert!(healed.is_some(), "the healthy wait for the ladder");
    assert_eq!(states(&world).await, [(Health::Recovering, 80), (Health::Healthy, 20)]);
    let asked = world.calls(LIST, "") - lists;
    assert!(asked <= 12, "the list was asked for {asked} times");

    world.control.clear_faults(None);
    for _ in 0..5 {
        world.after(60).await;
    }
    assert_eq!(states(&world).await, [(Health::Healthy, 100)]);
    world.end().await;
});

on_both_databases!(who_finds_no_room_on_the_ladder_comes_again, |db| async move {
    let world = World::with(&db, &[("HUFU_REFRESH_PARALLEL", "4")], Clock::manual(START)).await;
    let accounts = gather(&world, &db, &[&world.acme], 40).await;
    for account in &accounts {
        world.control.lose_refresh_token(None, account).unwrap();
    }
    world.control.switch(|switches| switches.info_without_authorization = true);
    world.control.fault(Fault::on(LIST, FaultKind::Delay { ms: 2000 }).times(1));

    world.after(DUE).await;
    let states_then = states(&world).await;
    assert!(states_then.iter().all(|(health, _)| matches!(health, Health::Recovering | Health::Healthy)));
    assert!(states_then.iter().any(|(health, _)| *health == Health::Recovering), "{states_then:?}");
    for account in &accounts {
        assert_eq!(world.held(account).await.unwrap().failures, 0, "nothing has failed");
    }

    for _ in 0..4 {
        world.after(60).await;
    }

    assert_eq!(states(&world).await, [(Health::Healthy, 40)]);
    assert_eq!(db.texts("SELECT id FROM attempt WHERE outcome IS NULL").await, Vec::<String>::new());
    world.end().await;
});

on_both_databases!(a_page_that_comes_late_and_refused_costs_one_component_token, |db| async move {
    let world = World::new(&db).await;
    world.authorize(&world.acme, SHOP).await;
    world.skip(600);
    let (before, lists) = (world.calls(TOKEN, ""), world.calls(LIST, ""));
    world.control.fault(Fault::on(LIST, FaultKind::Delay { ms: 1500 }).times(1));
    world.control.fault(Fault::on(TOKEN, FaultKind::DelayAfter { ms: 1500 }).times(1));
    let component = key(SHOP).component;

    let meanwhile = async {
        eventually("a page is asked for", async || (world.calls(LIST, "") > lists).then_some(())).await;
        world.skip(30);
        world.control.kill_component_token(None).unwrap();
        eventually("a component token is asked for", async || {
            (world.calls(TOKEN, "") > before).then_some(())
        })
        .await;
        pause_for(Duration::from_millis(200)).await;
        world.tick().await;
    };
    let (listing, ()) = tokio::join!(listing::fetch(world.cx(), &component, Clock::stopwatch()), meanwhile);

    assert_eq!(listing.unwrap().entries.len(), 1);
    assert_eq!(world.calls(TOKEN, "") - before, 1, "the lane was held while its call was under way");
    world.end().await;
});
