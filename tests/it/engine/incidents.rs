//! A fault of the platform opens one incident, marks no account as failed, and ends by itself.

use std::time::Duration;

use hufu::domain::health::Health;
use hufu::domain::reason::Reason;
use hufu::sandbox::{BulkAccounts, Fault, FaultKind, NEWCOMER_APPID};
use hufu::store::{incident, incident_list};

use crate::harness::Database;

use super::world::{INFO, REFRESH, SHOP, TOKEN, World, key};

/// A token that was just obtained has at least this long to live.
const FRESH: Duration = Duration::from_secs(7000);

async fn open(world: &World) -> Vec<Reason> {
    let mut tx = world.cx().store.read().await.unwrap();
    let open = incident::list_open(&mut tx, &key(SHOP).component).await.unwrap();
    open.into_iter().map(|incident| incident.cause).collect()
}

async fn many(world: &World, count: u32) -> Vec<String> {
    let accounts = world.control.accounts(&BulkAccounts { count, ..BulkAccounts::default() }).unwrap();
    for account in &accounts {
        let pressed = world.press(&world.acme, None).await;
        let code = world.consent(&pressed, account, false).await;
        world.come_back(&pressed, &code).await.unwrap();
    }
    world.tick().await;
    accounts
}

on_both_databases!(an_address_that_is_not_listed_is_one_incident_and_nobodys_failure, |db| async move {
    let world = World::new(&db).await;
    let accounts = many(&world, 40).await;
    world.control.restrict_ip(None, vec!["203.0.113.7".to_owned()]).unwrap();

    world.after(6200).await;

    // The component token was due as well, and is refused for the same reason.
    assert_eq!(open(&world).await, [Reason::IpNotListed]);
    world.tick().await;
    for account in &accounts {
        let row = world.row(&world.acme, account).await.unwrap();
        assert_eq!((row.health, row.failures), (Health::BlockedUpstream, 0));
    }
    let tried: u64 = accounts.iter().map(|account| world.calls(REFRESH, account)).sum();
    assert!(tried <= 32, "{tried} calls: no more than were in flight when it was noticed");

    world.control.restrict_ip(None, Vec::new()).unwrap();
    for _ in 0..12 {
        world.after(30).await;
    }
    assert_eq!(open(&world).await, []);
    for account in &accounts {
        assert_eq!(world.health(account).await, Health::Healthy);
    }
    world.end().await;
});

on_both_databases!(a_killed_component_token_is_replaced_once_and_nobody_notices, |db| async move {
    let world = World::new(&db).await;
    let accounts = many(&world, 10).await;
    world.skip(5700);
    world.control.kill_component_token(None).unwrap();
    let before = world.calls(TOKEN, "");
    world.skip(500);

    world.tick().await;

    assert_eq!(world.calls(TOKEN, "") - before, 1);
    for account in &accounts {
        assert_eq!(world.health(account).await, Health::Healthy);
    }
    assert_eq!(open(&world).await, []);
    world.after(60).await;
    for account in &accounts {
        assert!(world.holds_a_live_token(account).await && world.calls(REFRESH, account) <= 2);
        assert!(world.held(account).await.unwrap().token_expires_at.unwrap() > world.now().plus(FRESH));
    }
    world.end().await;
});

on_both_databases!(a_reset_secret_is_the_platforms_affair, |db| async move {
    let world = World::new(&db).await;
    world.authorize(&world.acme, SHOP).await;
    world.control.reset_secret(None).unwrap();
    world.control.kill_component_token(None).unwrap();

    for _ in 0..5 {
        world.after(1500).await;
    }

    assert!(open(&world).await.contains(&Reason::SecretRefused), "{:?}", open(&world).await);
    assert_eq!(world.health(SHOP).await, Health::BlockedUpstream);
    world.end().await;
});

on_both_databases!(a_used_up_quota_pauses_everybody_and_ends_with_a_canary, |db| async move {
    let world = World::new(&db).await;
    let accounts = many(&world, 5).await;
    world.control.fault(Fault::on(REFRESH, FaultKind::Errcode { errcode: 45009 }));

    world.after(6200).await;
    world.tick().await;
    assert_eq!(open(&world).await, [Reason::QuotaExhausted]);
    for account in &accounts {
        assert_eq!(world.health(account).await, Health::BlockedUpstream);
    }
    let tried = world.calls(REFRESH, "");
    world.after(10).await;
    assert_eq!(world.calls(REFRESH, ""), tried, "nobody knocks before the next probe");

    world.control.clear_faults(None);
    world.after(700).await;
    world.tick().await;
    assert_eq!(open(&world).await, []);
    for account in &accounts {
        assert_eq!(world.health(account).await, Health::Healthy);
    }
    world.end().await;
});

on_both_databases!(a_silent_ticket_push_is_restarted_and_only_an_outage_is_an_incident, |db| async move {
    let world = World::new(&db).await;
    world.authorize(&world.acme, SHOP).await;
    let start = "/cgi-bin/component/api_start_push_ticket";
    world.control.ticket_outage(None, true).unwrap();
    world.after(1200).await;
    let before = world.calls(start, "");

    world.after(1200).await;
    assert_eq!(world.calls(start, "") - before, 1, "stale for half an hour: asked to push again");
    assert_eq!(open(&world).await, []);

    for _ in 0..13 {
        world.after(3000).await;
    }
    assert!(open(&world).await.contains(&Reason::TicketStale));

    world.control.ticket_outage(None, false).unwrap();
    let push = world.control.push_ticket(Some(NEWCOMER_APPID)).unwrap();
    world.control.wait_for_push(push).await.unwrap();
    for _ in 0..3 {
        world.after(60).await;
    }
    assert_eq!(open(&world).await, []);
    assert_eq!(world.health(SHOP).await, Health::Healthy);
    world.end().await;
});

async fn ever(world: &World) -> usize {
    let mut tx = world.cx().store.read().await.unwrap();
    incident_list::of_component(&mut tx, &key(SHOP).component, 100).await.unwrap().len()
}

/// A refusal that concerns every account although the component token is valid.
async fn refuse_everything(db: &Database, errcode: i64) {
    let world = World::new(db).await;
    let accounts = many(&world, 5).await;
    let before = (world.calls(REFRESH, ""), ever(&world).await);
    world.control.fault(Fault::on(REFRESH, FaultKind::Errcode { errcode }));

    world.after(6200).await;
    for _ in 0..60 {
        world.after(1).await;
    }
    let tried = world.calls(REFRESH, "") - before.0;
    assert!(tried <= 7, "{tried} calls in a minute for five accounts");
    assert_eq!(open(&world).await, [Reason::UnexpectedRefusal]);
    assert_eq!(ever(&world).await - before.1, 1);

    world.control.clear_faults(None);
    for _ in 0..4 {
        world.after(60).await;
    }
    assert_eq!(open(&world).await, []);
    for account in &accounts {
        assert_eq!(world.health(account).await, Health::Healthy);
    }
    world.end().await;
}

on_both_databases!(a_platform_that_is_not_published_is_not_knocked_at, |db| async move {
    refuse_everything(&db, 61028).await;
});

on_both_databases!(a_tickets_refusal_where_no_ticket_was_sent_is_not_knocked_at, |db| async move {
    refuse_everything(&db, 61006).await;
});

on_both_databases!(a_call_that_refuses_every_component_token_burns_none, |db| async move {
    let world = World::new(&db).await;
    world.authorize(&world.acme, SHOP).await;
    world.control.fault(Fault::on(REFRESH, FaultKind::Errcode { errcode: 40001 }));
    world.after(6200).await;
    let before = (world.calls(TOKEN, ""), world.calls(REFRESH, SHOP));

    for _ in 0..120 {
        world.after(1).await;
    }

    let tokens = world.calls(TOKEN, "") - before.0;
    assert!(tokens <= 2, "{tokens} component tokens in two minutes");
    let tried = world.calls(REFRESH, SHOP) - before.1;
    assert!(tried <= 4, "{tried} refreshes in two minutes");
    world.control.clear_faults(None);
    for _ in 0..4 {
        world.after(60).await;
    }
    assert_eq!((world.health(SHOP).await, open(&world).await), (Health::Healthy, vec![]));
    world.end().await;
});

on_both_databases!(a_refused_ticket_is_one_incident_until_a_ticket_is_accepted, |db| async move {
    let world = World::new(&db).await;
    world.authorize(&world.acme, SHOP).await;
    world.control.fault(Fault::on(TOKEN, FaultKind::Errcode { errcode: 61006 }));
    let before = ever(&world).await;

    world.after(7300).await;
    for _ in 0..10 {
        world.after(60).await;
    }
    assert_eq!(open(&world).await, [Reason::TicketStale]);
    assert_eq!(ever(&world).await - before, 1);
    assert_eq!(world.row(&world.acme, SHOP).await.unwrap().reason, Reason::TicketStale);

    world.control.clear_faults(None);
    for _ in 0..10 {
        world.after(60).await;
    }
    assert_eq!((world.health(SHOP).await, open(&world).await), (Health::Healthy, vec![]));
    world.end().await;
});

on_both_databases!(the_quota_of_another_call_does_not_stop_refreshes, |db| async move {
    let world = World::new(&db).await;
    world.authorize(&world.acme, SHOP).await;
    world.control.fault(Fault::on(INFO, FaultKind::Errcode { errcode: 45009 }));
    db.execute("UPDATE authorizer SET next_info_at = 1").await.unwrap();

    world.after(6200).await;
    world.tick().await;

    assert_eq!((world.health(SHOP).await, open(&world).await), (Health::Healthy, vec![]));
    assert_eq!(world.calls(REFRESH, SHOP), 1);
    world.end().await;
});

on_both_databases!(an_incident_that_nothing_confirms_any_more_ends, |db| async move {
    let world = World::new(&db).await;
    db.execute(
        "INSERT INTO incident (id, component_appid, cause, opened_at, last_seen_at, next_probe_at) \
         SELECT '0', appid, 'quota_exhausted', 1800000000, 1800000000, 1800000000 FROM component",
    )
    .await
    .unwrap();

    for _ in 0..5 {
        world.after(3600).await;
    }

    assert_eq!(open(&world).await, [], "no account is left that could show that it is over");
    world.end().await;
});

on_both_databases!(while_the_quota_is_used_up_a_stale_ticket_is_no_reason_to_knock, |db| async move {
    let world = World::new(&db).await;
    let accounts = many(&world, 40).await;
    world.control.fault(Fault::on(REFRESH, FaultKind::Errcode { errcode: 45009 }));
    world.after(6200).await;
    world.tick().await;
    db.execute(
        "INSERT INTO incident (id, component_appid, cause, opened_at, last_seen_at, errcode, next_probe_at) \
         SELECT '0', appid, 'ticket_stale', 1800000000, 1800000000, 61006, 1800000000 FROM component",
    )
    .await
    .unwrap();
    assert_eq!(open(&world).await, [Reason::TicketStale, Reason::QuotaExhausted]);
    let before = world.calls(REFRESH, "");

    for _ in 0..59 {
        world.after(10).await;
    }

    assert_eq!(open(&world).await, [Reason::TicketStale, Reason::QuotaExhausted]);
    let probes = world.calls(REFRESH, "") - before;
    assert!(probes <= 1, "{probes} probes in ten minutes");
    world.control.clear_faults(None);
    for _ in 0..6 {
        world.after(60).await;
    }
    for account in &accounts {
        assert_eq!(world.health(account).await, Health::Healthy);
    }
    assert_eq!(open(&world).await, [Reason::TicketStale], "a canary shows nothing about tickets");
    world.end().await;
});
