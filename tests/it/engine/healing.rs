//! A lost refresh token comes back by itself; where it cannot, the account says why.

use hufu::domain::health::Health;
use hufu::domain::reason::Reason;
use hufu::sandbox::{BulkAccounts, Fault, FaultKind};

use super::world::{INFO, LIST, REFRESH, SHOP, World, tally};

on_both_databases!(a_lost_refresh_token_comes_back_by_itself, |db| async move {
    let world = World::new(&db).await;
    world.authorize(&world.acme, SHOP).await;
    world.control.lose_refresh_token(None, SHOP).unwrap();

    world.after(6200).await;

    assert_eq!(world.health(SHOP).await, Health::Healthy);
    assert!(world.holds_a_live_token(SHOP).await);
    assert_eq!(world.calls(REFRESH, SHOP), 2, "refused once, then with the token that info told");
    let events = world.events(&world.acme, SHOP).await;
    assert!(events.contains(&"recovery_step".to_owned()) && events.contains(&"recovered".to_owned()));
    world.end().await;
});

on_both_databases!(the_list_helps_where_info_does_not, |db| async move {
    let world = World::new(&db).await;
    world.authorize(&world.acme, SHOP).await;
    world.control.lose_refresh_token(None, SHOP).unwrap();
    world.control.switch(|switches| switches.info_without_authorization = true);

    world.after(6200).await;

    assert_eq!(world.health(SHOP).await, Health::Healthy);
    world.end().await;
});

on_both_databases!(a_refresh_token_that_vanished_from_our_own_database_comes_back, |db| async move {
    let world = World::new(&db).await;
    world.authorize(&world.acme, SHOP).await;
    db.execute("UPDATE authorizer SET refresh_token_sealed = NULL, previous_refresh_token_sealed = NULL")
        .await
        .unwrap();

    world.after(6200).await;

    assert_eq!(world.health(SHOP).await, Health::Healthy);
    world.end().await;
});

on_both_databases!(many_lost_tokens_cost_one_run_through_the_list, |db| async move {
    let world = World::new(&db).await;
    let bulk = BulkAccounts { count: 30, ..BulkAccounts::default() };
    let accounts = world.control.accounts(&bulk).unwrap();
    for account in &accounts {
        let pressed = world.press(&world.acme, None).await;
        let code = world.consent(&pressed, account, false).await;
        world.come_back(&pressed, &code).await.unwrap();
        world.control.lose_refresh_token(None, account).unwrap();
    }
    world.tick().await;
    world.control.switch(|switches| switches.info_without_authorization = true);
    let before = world.calls(LIST, "");

    world.after(6200).await;

    for account in &accounts {
        assert_eq!(world.health(account).await, Health::Healthy);
    }
    assert_eq!(world.calls(LIST, "") - before, 1);
    world.end().await;
});

on_both_databases!(what_cannot_be_recovered_says_why, |db| async move {
    let world = World::new(&db).await;
    let (refused, never, gone) = (SHOP, "wxa0000000000000s2", "wxa0000000000000s3");
    for account in [refused, never, gone] {
        world.account(account);
        world.authorize(&world.acme, account).await;
    }
    world.control.refuse_refresh_token(None, refused, true).unwrap();
    world.control.never_exchanged(None, never).unwrap();
    world.control.cancel(None, gone, false).unwrap();

    world.after(6200).await;

    let why = async |account| {
        let row = world.row(&world.acme, account).await.unwrap();
        assert_eq!(row.next_refresh_at, None, "{account} is not asked about for ever");
        (row.health, row.reason)
    };
    assert_eq!(why(refused).await, (Health::NeedsReauthorization, Reason::RefreshTokenLost));
    assert_eq!(why(never).await, (Health::NotExchanged, Reason::CodeNotExchanged));
    assert_eq!(why(gone).await, (Health::Unauthorized, Reason::AbsentFromList));

    for account in [refused, never, gone] {
        world.control.refuse_refresh_token(None, account, false).ok();
        world.skip(60);
        world.authorize(&world.acme, account).await;
        assert!(world.holds_a_live_token(account).await);
    }
    world.end().await;
});

on_both_databases!(the_ladder_waits_while_wechat_does_not_answer, |db| async move {
    let world = World::new(&db).await;
    world.authorize(&world.acme, SHOP).await;
    world.control.lose_refresh_token(None, SHOP).unwrap();
    world.control.fault(Fault::on(INFO, FaultKind::Html502));

    world.after(6200).await;
    assert_eq!(world.health(SHOP).await, Health::Recovering);
    world.control.clear_faults(None);
    for _ in 0..3 {
        world.after(20).await;
    }

    assert_eq!(world.health(SHOP).await, Health::Healthy);
    world.end().await;
});

on_both_databases!(the_nightly_comparison_finds_what_nobody_told_us, |db| async move {
    let world = World::new(&db).await;
    let (cancelled, back) = (SHOP, "wxa0000000000000s2");
    for account in [cancelled, back] {
        world.account(account);
        world.authorize(&world.acme, account).await;
    }
    world.account("wxstranger");
    let mut stranger = hufu::sandbox::GrantRequest::new("wxstranger");
    stranger.push = Some(false);
    stranger.exchanged = true;
    world.control.grant(&stranger).unwrap();
    world.control.never_exchanged(None, back).unwrap();
    world.after(6500).await;
    assert_eq!(world.health(back).await, Health::NotExchanged);
    let mut again = hufu::sandbox::GrantRequest::new(back);
    again.push = Some(false);
    again.exchanged = true;
    again.sets = Some([1].into());
    world.control.grant(&again).unwrap();
    world.control.cancel(None, cancelled, false).unwrap();

    // Past the next 03:00 in Beijing, in steps in which the component token stays fresh.
    for _ in 0..30 {
        // Virtual hours outrun the sandbox's own pushes: without a ticket of the day the platform would stand still.
        let ticket = world.control.push_ticket(None).unwrap();
        world.control.wait_for_push(ticket).await.unwrap();
        world.after(3600).await;
    }

    assert_eq!(world.health(cancelled).await, Health::Unauthorized);
    assert_eq!(world.health(back).await, Health::Healthy, "the token that came back is used");
    let held = hufu::store::grant_list::held(&mut world.cx().store.read().await.unwrap(), 10).await.unwrap();
    assert_eq!(held.len(), 1);
    assert_eq!(held[0].account.as_ref().map(|appid| appid.as_str()), Some("wxstranger"));
    let events = world.events(&world.acme, back).await;
    assert_eq!(tally(&events).get("list_differs"), Some(&1));
    world.end().await;
});
