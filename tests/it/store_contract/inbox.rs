//! What WeChat pushes, and what is wrong with the component as a whole.

use std::time::Duration;

use hufu::domain::health::Health;
use hufu::domain::reason::Reason;
use hufu::random::Random;
use hufu::secret::{ComponentVerifyTicket, SealedBody, Secret as _};
use hufu::store::incident::{Learned, Sighting, Source};
use hufu::store::notice::{Body, NewNotice};
use hufu::store::platform_counts::Refusals;
use hufu::store::{
    authorizer_count, component, component_ticket, incident, incident_list, notice, platform_counts,
    push_refusal,
};

use super::fixtures::{a_component, a_platform, an_account, appid, at, vault};

on_both_databases!(the_newest_ticket_is_the_one_with_the_largest_create_time, |db| async {
    let component = a_component(db.store()).await;
    let mut tx = db.store().write().await.unwrap();
    assert!(component_ticket::newest(&mut tx, &vault(), &component).await.unwrap().is_none());

    for (ticket, create_time, received) in
        [("b", 20, 21), ("a", 10, 22), ("c", 30, 31), ("c", 30, 40), ("b", 20, 41)]
    {
        let ticket = ComponentVerifyTicket::new(ticket);
        component_ticket::put(&mut tx, &vault(), &component, &ticket, (at(create_time), at(received)))
            .await
            .unwrap();
    }

    let newest = component_ticket::newest(&mut tx, &vault(), &component).await.unwrap().unwrap();
    assert_eq!((newest.ticket.expose(), newest.received_at), ("c", at(40)));
    assert_eq!(component::list(&mut tx).await.unwrap()[0].ticket_received_at, Some(at(41)));
    tx.commit().await.unwrap();
    assert_eq!(db.execute("DELETE FROM component_ticket").await.unwrap(), 2, "two are kept");
});

on_both_databases!(a_push_is_kept_once_until_it_is_worked_off, |db| async {
    let component = a_component(db.store()).await;
    let account = appid("wxa");
    let random = Random::seeded(1);
    let push = |dedupe_key: &str, create_time: i64, body: bool| NewNotice {
        component: &component,
        dedupe_key: dedupe_key.to_owned(),
        info_type: "authorized",
        authorizer: Some(&account),
        create_time: at(create_time),
        body: body.then(|| SealedBody::new(format!("<xml>{dedupe_key}</xml>"))),
    };
    let mut tx = db.store().write().await.unwrap();
    for (push, is_new) in
        [(push("late", 9, true), true), (push("early", 3, true), true), (push("late", 9, true), false)]
    {
        assert_eq!(notice::insert(&mut tx, (&vault(), &random), at(10), push).await.unwrap(), is_new);
    }
    assert!(
        notice::insert(&mut tx, (&vault(), &random), at(10), push("nothing to do", 9, false)).await.unwrap()
    );

    let lease = Duration::from_secs(30);
    let due = notice::claim_due(&mut tx, &vault(), at(10), (10, lease)).await.unwrap();
    let bodies: Vec<_> = due.iter().map(|one| (one.body.expose(), one.tries)).collect();
    assert_eq!(bodies, [("<xml>early</xml>", 1), ("<xml>late</xml>", 1)], "in WeChat's order");
    assert!(notice::claim_due(&mut tx, &vault(), at(39), (10, lease)).await.unwrap().is_empty());
    notice::finish(&mut tx, &due[0].id, at(11), ("done", Body::Wipe)).await.unwrap();
    let again = notice::claim_due(&mut tx, &vault(), at(40), (10, lease)).await.unwrap();
    assert_eq!(again.iter().map(|one| (&one.id, one.tries)).collect::<Vec<_>>(), [(&due[1].id, 2)]);
    assert_eq!(again[0].component, component);

    assert_eq!(notice::forget_old(&mut tx, (at(99), at(10))).await.unwrap(), 0);
    assert_eq!(notice::forget_old(&mut tx, (at(0), at(11))).await.unwrap(), 2, "what is due stays");
});

fn sighting(cause: Reason, evidence: &str, probe: i64) -> Sighting {
    Sighting {
        errcode: Some(61004),
        rid: Some("rid-9".to_owned()),
        evidence: Some(evidence.to_owned()),
        ..Sighting::new(cause, at(probe))
    }
}

on_both_databases!(a_cause_has_one_open_incident, |db| async {
    let component = a_component(db.store()).await;
    let random = Random::seeded(1);
    let mut tx = db.store().write().await.unwrap();
    let first = sighting(Reason::IpNotListed, "1.2.3.4", 60);
    assert!(incident::see(&mut tx, &random, &component, at(0), &first).await.unwrap());
    let second = sighting(Reason::IpNotListed, "5.6.7.8", 120);
    assert!(!incident::see(&mut tx, &random, &component, at(50), &second).await.unwrap());
    let other = sighting(Reason::TicketStale, "", 60);
    assert!(incident::see(&mut tx, &random, &component, at(51), &other).await.unwrap());

    let open = incident::list_open(&mut tx, &component).await.unwrap();
    assert_eq!(
        open.iter().map(|one| one.cause).collect::<Vec<_>>(),
        [Reason::IpNotListed, Reason::TicketStale]
    );
    let shown = incident_list::open(&mut tx).await.unwrap().remove(0);
    assert_eq!(
        (shown.opened_at, shown.last_seen_at, shown.evidence.as_deref()),
        (at(0), at(50), Some("5.6.7.8"))
    );
    assert_eq!(
        (shown.component_name.as_str(), shown.errcode, shown.rid.as_deref()),
        ("平台", Some(61004), Some("rid-9"))
    );

    assert!(incident::plan_probe(&mut tx, &open[0].id, (at(120), at(180))).await.unwrap());
    assert!(
        !incident::plan_probe(&mut tx, &open[0].id, (at(120), at(180))).await.unwrap(),
        "another one probes"
    );
    let causes = [Reason::IpNotListed, Reason::SecretRefused];
    assert_eq!(incident::close(&mut tx, &component, (&causes, Learned::Anyhow), at(130)).await.unwrap(), 1);
    assert_eq!(incident::close(&mut tx, &component, (&causes, Learned::Anyhow), at(131)).await.unwrap(), 0);
    assert!(!incident::see(&mut tx, &random, &component, at(140), &first).await.unwrap(), "it was not over");
    assert_eq!(incident::close(&mut tx, &component, (&causes, Learned::Anyhow), at(141)).await.unwrap(), 1);
    assert!(incident::see(&mut tx, &random, &component, at(441), &first).await.unwrap(), "it is back");
    let all = incident_list::of_component(&mut tx, &component, 10).await.unwrap();
    let all: Vec<_> = all.iter().map(|one| (one.opened_at, one.closed_at)).collect();
    assert_eq!(all, [(at(441), None), (at(51), None), (at(0), Some(at(141)))], "newest first");
    assert_eq!(incident_list::of_component(&mut tx, &component, 1).await.unwrap().len(), 1);

    let by_watch = (&causes[..], Learned::ByWatch);
    assert_eq!(
        incident::close(&mut tx, &component, by_watch, at(442)).await.unwrap(),
        0,
        "it has an errcode"
    );
    assert_eq!(incident::close_unconfirmed(&mut tx, at(441), at(450)).await.unwrap(), 0);
    assert_eq!(incident::close_unconfirmed(&mut tx, at(442), at(450)).await.unwrap(), 1, "not the ticket's");
});

on_both_databases!(what_the_accounts_saw_is_not_ended_by_the_component_token, |db| async {
    let component = a_component(db.store()).await;
    let random = Random::seeded(1);
    let mut tx = db.store().write().await.unwrap();
    let by_lane = sighting(Reason::WechatDown, "token", 300);
    let by_accounts =
        Sighting { source: Source::Refresh, since: Some(at(5)), failed_calls: 3, ..by_lane.clone() };
    let by_accounts = Sighting { next_probe_at: at(30), ..by_accounts };
    let down = (&[Reason::WechatDown][..], Learned::ByLane);

    assert!(incident::see(&mut tx, &random, &component, at(9), &by_accounts).await.unwrap());
    assert!(!incident::see(&mut tx, &random, &component, at(10), &by_lane).await.unwrap());
    assert!(!incident::see(&mut tx, &random, &component, at(11), &by_accounts).await.unwrap());
    assert!(!incident::see(&mut tx, &random, &component, at(12), &by_lane).await.unwrap());

    assert_eq!(incident::close(&mut tx, &component, down, at(13)).await.unwrap(), 0);
    let open = incident::list_open(&mut tx, &component).await.unwrap().remove(0);
    assert_eq!(
        (open.source, open.next_probe_at),
        (Source::Refresh, at(30)),
        "the lane does not delay a canary"
    );
    let shown = incident_list::open(&mut tx).await.unwrap().remove(0);
    assert_eq!((shown.opened_at, shown.failed_calls), (at(5), 6));
    assert!(incident::end(&mut tx, &open.id, at(14)).await.unwrap());
    assert!(!incident::end(&mut tx, &open.id, at(15)).await.unwrap());

    assert!(incident::see(&mut tx, &random, &component, at(900), &by_lane).await.unwrap());
    assert_eq!(incident::close(&mut tx, &component, down, at(901)).await.unwrap(), 1);
});

on_both_databases!(refused_pushes_are_counted_by_reason, |db| async {
    let mut tx = db.store().write().await.unwrap();
    push_refusal::count(&mut tx, "wxstranger", "unknown_component", at(1)).await.unwrap();
    push_refusal::count(&mut tx, "wxcomponent", "bad_signature", at(2)).await.unwrap();
    push_refusal::count(&mut tx, "wxcomponent", "bad_signature", at(3)).await.unwrap();

    let counted = platform_counts::refused_pushes(&mut tx).await.unwrap();
    let expected = Refusals {
        component: "wxcomponent".to_owned(),
        reason: "bad_signature".to_owned(),
        count: 2,
        last_at: at(3),
    };
    assert_eq!((counted.len(), &counted[0]), (2, &expected), "newest first");
});

on_both_databases!(accounts_are_counted_by_health_over_all_tenants, |db| async {
    a_platform(db.store()).await;
    let mut tx = db.store().read().await.unwrap();
    assert!(authorizer_count::of_all(&mut tx).await.unwrap().is_empty());
    drop(tx);
    an_account(db.store(), "acme", "wxa", 0).await;
    an_account(db.store(), "acme", "wxb", 0).await;
    let mut tx = db.store().read().await.unwrap();
    assert_eq!(authorizer_count::of_all(&mut tx).await.unwrap(), [(Health::Healthy, 2)]);
});
