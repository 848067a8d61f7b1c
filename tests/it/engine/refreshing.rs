//! Tokens are refreshed in time, once, whatever their life, and nothing that is learned is lost.

use hufu::domain::audit::Actor;
use hufu::domain::health::Health;
use hufu::domain::reason::Reason;
use hufu::jobs::Engine;
use hufu::sandbox::{BulkAccounts, Fault, FaultKind, NEWCOMER_APPID, Rotation};
use hufu::secret::Secret as _;
use hufu::store::component_token;
use hufu::store::{attempt, authorizer_token};
use hufu::vault::Vault;
use hufu::wechat::api::api_authorizer_token;

use super::world::{INFO, REFRESH, SHOP, World, key};

on_both_databases!(a_token_of_any_life_is_renewed_at_four_fifths_of_it, |db| async move {
    let (life, step) = (60_u64, 1);
    {
        let world = World::new(&db).await;
        world.control.switch(|switches| switches.access_token_seconds = life);
        world.authorize(&world.acme, SHOP).await;

        let mut calls = 0;
        for _ in 0..(10 * life / step) {
            world.after(step).await;
            assert_eq!(world.health(SHOP).await, Health::Healthy);
            assert!(world.holds_a_live_token(SHOP).await);
            calls = world.calls(REFRESH, SHOP);
        }

        assert!((11..=14).contains(&calls), "{calls} calls in ten lives of {life} s");
        world.end().await;
    }
});

on_both_databases!(a_rotated_refresh_token_is_kept_and_used, |db| async move {
    let world = World::new(&db).await;
    world.control.switch(|switches| switches.rotation = Rotation::SingleUse);
    world.authorize(&world.acme, SHOP).await;

    for _ in 0..3 {
        world.after(6600).await;
        let held = world.held(SHOP).await.unwrap();
        let stored = held.refresh_token.unwrap().expose().to_owned();
        assert_eq!(Some(stored), world.control.refresh_token(NEWCOMER_APPID, SHOP));
        assert_eq!(held.health, Health::Healthy);
    }
    assert_eq!(world.calls(REFRESH, SHOP), 3);
    world.end().await;
});

on_both_databases!(a_passing_failure_is_retried_until_it_passes, |db| async move {
    let world = World::new(&db).await;
    world.authorize(&world.acme, SHOP).await;
    world.control.fault(Fault::on(REFRESH, FaultKind::Errcode { errcode: -1 }));

    world.after(6200).await;
    assert_eq!(world.health(SHOP).await, Health::Retrying);
    let failing = world.row(&world.acme, SHOP).await.unwrap();
    assert_eq!(failing.errcode, Some(-1));
    assert!(failing.rid.is_some() && failing.next_refresh_at.unwrap() > world.now());

    for _ in 0..30 {
        world.after(60).await;
    }
    assert_eq!(world.health(SHOP).await, Health::ExpiredRetrying, "the token has run out meanwhile");

    world.control.clear_faults(None);
    for _ in 0..7 {
        world.after(60).await;
    }
    assert_eq!(world.health(SHOP).await, Health::Healthy);
    world.end().await;
});

on_both_databases!(whatever_breaks_on_the_way_is_healed, |db| async move {
    let world = World::new(&db).await;
    world.control.switch(|switches| switches.rotation = Rotation::SingleUse);
    world.authorize(&world.acme, SHOP).await;

    for kind in [
        FaultKind::ResetBefore,
        FaultKind::ResetAfter,
        FaultKind::Truncated,
        FaultKind::Html502,
        FaultKind::Empty,
        FaultKind::Garbage,
    ] {
        world.control.fault(Fault::on(REFRESH, kind.clone()).times(1));
        world.after(6200).await;
        for _ in 0..4 {
            world.after(20).await;
        }
        assert_eq!(world.health(SHOP).await, Health::Healthy, "after {kind:?}");
        assert!(world.holds_a_live_token(SHOP).await, "after {kind:?}");
        let held = world.held(SHOP).await.unwrap().refresh_token.unwrap().expose().to_owned();
        assert_eq!(Some(held), world.control.refresh_token(NEWCOMER_APPID, SHOP), "after {kind:?}");
    }
    world.end().await;
});

on_both_databases!(two_schedulers_refresh_each_account_once, |db| async move {
    let world = World::new(&db).await;
    let bulk = BulkAccounts { count: 40, ..BulkAccounts::default() };
    let accounts = world.control.accounts(&bulk).unwrap();
    for account in &accounts {
        let pressed = world.press(&world.acme, None).await;
        let code = world.consent(&pressed, account, false).await;
        world.come_back(&pressed, &code).await.unwrap();
    }
    world.control.switch(|switches| switches.latency_ms = 20);
    let second = Engine::new(world.cx().clone());
    world.skip(6200);

    tokio::join!(world.tick(), second.tick(world.now()), second.tick(world.now()));

    for account in &accounts {
        assert_eq!(world.calls(REFRESH, account), 1, "{account}");
        assert_eq!(world.health(account).await, Health::Healthy);
    }
    assert_eq!(world.control.max_refresh_concurrency(), 1);
    world.end().await;
});

/// Takes the account the way a scheduler does that is about to vanish.
pub(super) async fn claim_and_vanish(world: &World, answered: bool) {
    let cx = world.cx();
    let platform = key(SHOP).component;
    let who = (world.now(), "vanished", 1);
    let mut tx = cx.store.write().await.unwrap();
    let held = authorizer_token::claim_due(&mut tx, &cx.vault, &platform, who).await.unwrap().remove(0);
    let id = attempt::open(&mut tx, &cx.random, &held, (world.now(), "vanished")).await.unwrap();
    tx.commit().await.unwrap();
    let mut tx = cx.store.read().await.unwrap();
    let token = component_token::access_token(&mut tx, &cx.vault, &platform, world.now()).await.unwrap();
    let token = token.unwrap().token;
    drop(tx);
    let refresh_token = held.refresh_token.clone().unwrap();
    let answer =
        api_authorizer_token::call(&cx.wechat, &platform, &token, &held.key.authorizer, &refresh_token)
            .await
            .unwrap();
    if answered {
        let vault: &Vault = &cx.vault;
        let mut tx = cx.store.write().await.unwrap();
        attempt::answer(&mut tx, vault, world.now(), &[(&id, &held.tenant, &answer.raw)]).await.unwrap();
        tx.commit().await.unwrap();
    }
}

on_both_databases!(an_answer_in_the_journal_survives_its_process, |db| async move {
    let world = World::new(&db).await;
    world.control.switch(|switches| switches.rotation = Rotation::SingleUse);
    world.authorize(&world.acme, SHOP).await;
    world.skip(6200);
    claim_and_vanish(&world, true).await;

    world.after(25).await;

    assert_eq!(world.health(SHOP).await, Health::Healthy);
    assert_eq!(world.calls(REFRESH, SHOP), 1, "nothing had to be asked again");
    let held = world.held(SHOP).await.unwrap().refresh_token.unwrap().expose().to_owned();
    assert_eq!(Some(held), world.control.refresh_token(NEWCOMER_APPID, SHOP));
    world.end().await;
});

on_both_databases!(an_attempt_without_an_answer_is_in_doubt_and_heals, |db| async move {
    let world = World::new(&db).await;
    world.control.switch(|switches| switches.rotation = Rotation::SingleUse);
    world.authorize(&world.acme, SHOP).await;
    world.skip(6200);
    claim_and_vanish(&world, false).await;

    world.after(5).await;
    assert_eq!(world.calls(REFRESH, SHOP), 1, "the lease still holds");
    world.after(20).await;

    assert_eq!(world.health(SHOP).await, Health::Healthy);
    assert!(world.holds_a_live_token(SHOP).await);
    let events = world.events(&world.acme, SHOP).await;
    assert!(events.contains(&"attempt_in_doubt".to_owned()) && events.contains(&"recovered".to_owned()));
    world.end().await;
});

on_both_databases!(a_paused_account_is_left_alone_and_taken_up_again, |db| async move {
    use hufu::service::manage_authorizer::{self, Action};
    let world = World::new(&db).await;
    world.authorize(&world.acme, SHOP).await;
    let account = super::world::appid(SHOP);
    let act = async |action| {
        manage_authorizer::run(world.cx(), world.now(), &Actor::cli(), &world.acme, &account, action).await
    };

    act(Action::Pause).await.unwrap();
    world.after(8000).await;
    assert_eq!((world.health(SHOP).await, world.calls(REFRESH, SHOP)), (Health::Paused, 0));
    assert!(act(Action::RefreshNow).await.is_err());

    act(Action::Resume).await.unwrap();
    world.tick().await;
    assert_eq!((world.health(SHOP).await, world.calls(REFRESH, SHOP)), (Health::Healthy, 1));
    let foreign =
        manage_authorizer::run(world.cx(), world.now(), &Actor::cli(), &world.rival, &account, Action::Pause)
            .await;
    assert!(foreign.is_err(), "another tenant's account is not there");
    world.end().await;
});

on_both_databases!(a_pause_in_the_middle_of_a_refresh_is_kept, |db| async move {
    use hufu::service::manage_authorizer::{self, Action};
    let world = World::new(&db).await;
    world.authorize(&world.acme, SHOP).await;
    world.skip(6200);
    claim_and_vanish(&world, true).await;
    let account = super::world::appid(SHOP);
    manage_authorizer::run(world.cx(), world.now(), &Actor::cli(), &world.acme, &account, Action::Pause)
        .await
        .unwrap();

    for _ in 0..3 {
        world.after(25).await;
    }

    let held = world.held(SHOP).await.unwrap();
    assert_eq!((held.health, held.next_refresh_at), (Health::Paused, None));
    assert_eq!(world.calls(REFRESH, SHOP), 1, "the one that was under way");
    world.end().await;
});

on_both_databases!(a_cancellation_in_the_middle_of_a_refresh_is_kept, |db| async move {
    let world = World::new(&db).await;
    world.authorize(&world.acme, SHOP).await;
    world.skip(6200);
    claim_and_vanish(&world, true).await;
    world.control.cancel(None, SHOP, true).unwrap();
    world.pushed().await;

    for _ in 0..3 {
        world.after(25).await;
    }

    let held = world.held(SHOP).await.unwrap();
    assert_eq!((held.health, held.reason), (Health::Unauthorized, Reason::CancelledByAccount));
    assert_eq!(world.calls(REFRESH, SHOP), 1, "the one that was under way");
    world.end().await;
});

on_both_databases!(accounts_that_are_paused_or_cancelled_are_not_asked_about, |db| async move {
    use hufu::service::manage_authorizer::{self, Action};
    let world = World::new(&db).await;
    let (paused, cancelled) = (SHOP, "wxa0000000000000s2");
    world.account(cancelled);
    for account in [paused, cancelled] {
        world.authorize(&world.acme, account).await;
    }
    world.skip(100);
    let account = super::world::appid(paused);
    manage_authorizer::run(world.cx(), world.now(), &Actor::cli(), &world.acme, &account, Action::Pause)
        .await
        .unwrap();
    world.control.cancel(None, paused, false).unwrap();
    world.control.cancel(None, cancelled, true).unwrap();
    world.pushed().await;
    db.execute("UPDATE authorizer SET next_info_at = 1").await.unwrap();
    let before = world.calls(INFO, "");

    for _ in 0..5 {
        world.after(61).await;
    }

    assert_eq!(world.health(paused).await, Health::Paused);
    assert_eq!(world.health(cancelled).await, Health::Unauthorized);
    assert_eq!((world.calls(REFRESH, ""), world.calls(INFO, "")), (0, before));
    world.end().await;
});

on_both_databases!(a_changed_grant_does_not_end_a_pause, |db| async move {
    use hufu::service::manage_authorizer::{self, Action};
    let world = World::new(&db).await;
    world.authorize(&world.acme, SHOP).await;
    let account = super::world::appid(SHOP);
    manage_authorizer::run(world.cx(), world.now(), &Actor::cli(), &world.acme, &account, Action::Pause)
        .await
        .unwrap();
    world.skip(60);

    let mut change = hufu::sandbox::GrantRequest::new(SHOP);
    change.sets = Some([1, 2].into());
    world.control.grant(&change).unwrap();
    world.pushed().await;

    let held = world.held(SHOP).await.unwrap();
    assert_eq!((held.health, held.next_refresh_at), (Health::Paused, None));
    assert!(world.holds_a_live_token(SHOP).await, "its new tokens are kept for later");
    world.end().await;
});
