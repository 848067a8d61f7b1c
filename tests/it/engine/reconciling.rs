//! WeChat's list of accounts: it heals many at one price, and what differs from ours is reported and named.

use hufu::domain::finding::Finding;
use hufu::domain::health::Health;
use hufu::domain::reason::Reason;
use hufu::sandbox::{AccountStatus, Fault, FaultKind, GrantRequest, NEWCOMER_APPID, Rotation};
use hufu::service::foreign_refresher::{self, Evidence};
use hufu::store::authorizer_state::{self, Verdict};
use hufu::store::foreign_refresher::last_seen;
use hufu::store::reconcile_report::{self, Report};

use super::crowd::{DUE, gather, states};
use super::world::{INFO, LIST, REFRESH, SHOP, World, key, tally};

/// Loses the refresh tokens of the first hundred in every way there is, and makes those accounts due.
async fn lose_a_hundred(world: &World, db: &crate::harness::Database, accounts: &[String]) {
    let list = |some: &[String]| some.iter().map(|appid| format!("'{appid}'")).collect::<Vec<_>>().join(", ");
    for (some, lost) in [
        (&accounts[..25], "NULL"),
        (&accounts[25..50], "'v1.garbage'"),
        (
            &accounts[50..75],
            "(SELECT b.refresh_token_sealed FROM authorizer b WHERE b.authorizer_appid = 'OTHER')",
        ),
    ] {
        let lost = lost.replace("OTHER", &accounts[1999]);
        let sql = format!(
            "UPDATE authorizer SET refresh_token_sealed = {lost} WHERE authorizer_appid IN ({})",
            list(some)
        );
        db.execute(sql.leak()).await.unwrap();
    }
    for account in &accounts[75..100] {
        world.control.lose_refresh_token(None, account).unwrap();
    }
    let due = format!(
        "UPDATE authorizer SET next_refresh_at = {} WHERE authorizer_appid IN ({})",
        world.now().unix(),
        list(&accounts[..100])
    );
    db.execute(due.leak()).await.unwrap();
}

on_both_databases!(a_hundred_of_two_thousand_lost_tokens_cost_one_run_through_the_list, |db| async move {
    let world = World::new(&db).await;
    let accounts = gather(&world, &db, &[&world.acme, &world.rival], 2000).await;
    world.skip(100);
    world.control.switch(|switches| switches.info_without_authorization = true);
    lose_a_hundred(&world, &db, &accounts).await;
    let (lists, refreshes) = (world.calls(LIST, ""), world.calls(REFRESH, ""));

    for _ in 0..24 {
        world.after(5).await;
    }

    assert_eq!(states(&world).await, [(Health::Healthy, 2000)]);
    for account in &accounts[..100] {
        assert!(world.holds_a_live_token(account).await, "{account}");
    }
    assert_eq!(
        world.calls(LIST, "") - lists,
        2000_u64.div_ceil(500) + 1,
        "one run; a full page has a successor"
    );
    assert_eq!(world.calls(REFRESH, "") - refreshes, 100 + 25, "the 25 had a token to try first");
    world.end().await;
});

async fn report(world: &World) -> Report {
    let mut tx = world.cx().store.read().await.unwrap();
    reconcile_report::find(&mut tx, &key(SHOP).component).await.unwrap().unwrap()
}

on_both_databases!(the_nightly_report_names_every_difference, |db| async move {
    let world = World::new(&db).await;
    let accounts = gather(&world, &db, &[&world.acme], 12).await;
    world.account("wxstranger");
    world.account("wxnever");
    for (stranger, exchanged) in [("wxstranger", true), ("wxnever", false)] {
        let grant = GrantRequest { push: Some(false), exchanged, ..GrantRequest::new(stranger) };
        world.control.grant(&grant).unwrap();
    }
    world.control.cancel(None, &accounts[0], false).unwrap();
    world.control.lose_refresh_token(None, &accounts[1]).unwrap();
    // What info tells has changed since it was last asked.
    db.execute("UPDATE authorizer SET info_at = 1, account_status = 1, func_info = '[1,2,777]'")
        .await
        .unwrap();
    world.control.status(&accounts[2], AccountStatus::Frozen).unwrap();
    let hasten = format!("UPDATE authorizer SET next_info_at = 1 WHERE authorizer_appid = '{}'", accounts[2]);
    db.execute(hasten.leak()).await.unwrap();
    world.after(700).await;
    db.execute("UPDATE component SET next_reconcile_at = 1").await.unwrap();

    world.after(1).await;

    let found = report(&world).await;
    assert_eq!((found.at, found.listed, found.known), (world.now(), 13, 12));
    let of = |finding| {
        let tally = found.tallies.iter().find(|tally| tally.finding == finding);
        tally.map_or(vec![], |tally| tally.examples.iter().map(|appid| appid.to_string()).collect())
    };
    let mut strangers: Vec<String> = of(Finding::MissingHere);
    strangers.sort();
    assert_eq!(strangers, ["wxnever", "wxstranger"]);
    assert_eq!(of(Finding::MissingThere), [accounts[0].clone()]);
    assert_eq!(of(Finding::OtherToken), [accounts[1].clone()]);
    assert_eq!(of(Finding::NeverExchanged), ["wxnever"]);
    assert_eq!(of(Finding::PermissionsChanged), [accounts[2].clone()]);
    assert_eq!(of(Finding::StatusChanged), [accounts[2].clone()]);

    world.after(60).await;
    assert_eq!(world.health(&accounts[0]).await, Health::Unauthorized);
    assert_eq!(world.health(&accounts[1]).await, Health::Healthy);
    let events = world.events(&world.acme, &accounts[1]).await;
    assert_eq!(tally(&events).get("list_differs"), Some(&1));
    assert_eq!(tally(&events).get("foreign_refresher"), Some(&1), "we never wrote that token");
    let events = world.events(&world.acme, &accounts[2]).await;
    assert_eq!(tally(&events), [("permissions_changed", 1), ("status_changed", 1)].into());
    world.end().await;
});

on_both_databases!(a_paused_account_is_compared_and_left_alone, |db| async move {
    let world = World::new(&db).await;
    let accounts = gather(&world, &db, &[&world.acme], 2).await;
    let rank = Health::Paused.rank();
    let pause =
        format!("UPDATE authorizer SET health = 'paused', health_rank = {rank}, next_refresh_at = NULL");
    db.execute(pause.leak()).await.unwrap();
    world.control.cancel(None, &accounts[0], false).unwrap();
    db.execute("UPDATE component SET next_reconcile_at = 1").await.unwrap();

    for _ in 0..3 {
        world.after(61).await;
    }

    assert_eq!(report(&world).await.tallies.len(), 1);
    assert_eq!(report(&world).await.tallies[0].finding, Finding::MissingThere);
    assert_eq!(states(&world).await, [(Health::Paused, 2)]);
    assert_eq!((world.calls(REFRESH, ""), world.calls(INFO, "")), (0, 0));
    assert_eq!(world.events(&world.acme, &accounts[0]).await, [""; 0]);
    world.end().await;
});

on_both_databases!(another_refresher_is_named_and_our_own_doubt_is_not, |db| async move {
    let world = World::new(&db).await;
    world.control.switch(|switches| switches.rotation = Rotation::SingleUse);
    let accounts = gather(&world, &db, &[&world.acme], 2).await;
    let (theirs, ours) = (accounts[0].as_str(), accounts[1].as_str());
    world.control.lose_refresh_token(None, theirs).unwrap();
    world.control.fault(Fault::on(REFRESH, FaultKind::ResetAfter).for_account(ours).times(1));

    world.after(DUE).await;
    for _ in 0..8 {
        world.after(30).await;
    }

    let seen = async |account| {
        let mut tx = world.cx().store.read().await.unwrap();
        last_seen(&mut tx, &key(account)).await.unwrap().is_some()
    };
    for account in [theirs, ours] {
        assert_eq!(world.health(account).await, Health::Healthy, "{account}");
        assert_eq!(
            Some(world.held(account).await.unwrap().refresh_token.unwrap()),
            world.control.refresh_token(NEWCOMER_APPID, account).map(hufu::secret::Secret::new)
        );
    }
    assert!(seen(theirs).await);
    assert!(!seen(ours).await, "an attempt of our own in doubt explains it");
    let events = world.events(&world.acme, theirs).await;
    assert_eq!(tally(&events).get("foreign_refresher"), Some(&1));
    world.end().await;
});

on_both_databases!(a_suspicion_is_told_once_a_day, |db| async move {
    let world = World::new(&db).await;
    let accounts = gather(&world, &db, &[&world.acme], 1).await;
    let held = world.held(&accounts[0]).await.unwrap();
    for hour in [0, 1, 24] {
        world.skip(hour * 3600);
        let who = (&held.tenant, &held.key);
        let evidence = (Evidence::AccessTokenDied, held.token_obtained_at);
        assert!(foreign_refresher::suspect(world.cx(), world.now(), who, evidence).await.unwrap());
    }
    let events = world.events(&world.acme, &accounts[0]).await;
    assert_eq!(tally(&events).get("foreign_refresher"), Some(&2));
    world.end().await;
});

on_both_databases!(infos_own_quota_does_not_stop_the_ladder, |db| async move {
    let world = World::new(&db).await;
    world.authorize(&world.acme, SHOP).await;
    world.control.lose_refresh_token(None, SHOP).unwrap();
    world.control.fault(Fault::on(INFO, FaultKind::Errcode { errcode: 45009 }));

    world.after(6200).await;

    assert_eq!(world.health(SHOP).await, Health::Healthy, "the list told the token");
    world.end().await;
});

on_both_databases!(what_was_given_up_by_mistake_comes_back_with_the_token_it_had, |db| async move {
    let world = World::new(&db).await;
    world.authorize(&world.acme, SHOP).await;
    for (health, reason) in [
        (Health::NeedsReauthorization, Reason::RefreshTokenLost),
        (Health::Unauthorized, Reason::AbsentFromList),
        (Health::NotExchanged, Reason::CodeNotExchanged),
    ] {
        let verdict = Verdict { health, reason, next_refresh_at: None, token_ends: false };
        let mut tx = world.cx().store.write().await.unwrap();
        authorizer_state::judge(&mut tx, &key(SHOP), world.now(), &verdict).await.unwrap();
        tx.commit().await.unwrap();

        world.after(700).await;
        db.execute("UPDATE component SET next_reconcile_at = 1").await.unwrap();
        world.after(1).await;
        world.after(60).await;

        assert_eq!(world.health(SHOP).await, Health::Healthy, "{reason:?}");
    }
    assert!(world.holds_a_live_token(SHOP).await);
    world.end().await;
});
