//! When WeChat as a whole is down, or the platform is at fault, that is one incident and nobody's failure; everybody is
//! well again when it is over.

use hufu::domain::audit::Actor;
use hufu::domain::health::Health;
use hufu::domain::ids::ComponentAppid;
use hufu::domain::reason::Reason;
use hufu::sandbox::{Fault, FaultKind, NEWCOMER_APPID};
use hufu::secret::{ComponentAppsecret, Secret as _};
use hufu::service::put_component::{self, Input, Mode};
use hufu::store::incident_list::{self, Listed};

use crate::harness::Database;

use super::crowd::{gather, states};
use super::world::{LIST, REFRESH, SHOP, TOKEN, World, key};

const MANY: i64 = 50;

async fn incidents(world: &World) -> Vec<Listed> {
    let mut tx = world.cx().store.read().await.unwrap();
    incident_list::of_component(&mut tx, &key(SHOP).component, 100).await.unwrap()
}

async fn open(world: &World) -> Vec<Reason> {
    incidents(world).await.iter().filter(|one| one.closed_at.is_none()).map(|one| one.cause).collect()
}

/// All of them are well and nothing is open, within `seconds`, in steps.
async fn all_are_well_within(world: &World, seconds: u64) {
    for _ in 0..seconds / 10 {
        world.after(10).await;
        if open(world).await.is_empty() && states(world).await == [(Health::Healthy, MANY)] {
            return;
        }
    }
    panic!("after {seconds} s: {:?}, open {:?}", states(world).await, open(world).await);
}

on_both_databases!(wechat_down_is_one_incident_and_nobodys_failure, |db| async move {
    let world = World::new(&db).await;
    let accounts = gather(&world, &db, &[&world.acme, &world.rival], 50).await;
    let began = world.calls(REFRESH, "");
    world.skip(5700);
    world.control.fault(Fault::on("*", FaultKind::Html502));

    // From before the first refresh until after the component token has ended.
    for _ in 0..180 {
        world.after(10).await;
        assert!(open(&world).await.len() <= 1, "{:?}", open(&world).await);
    }

    let seen = incidents(&world).await;
    assert_eq!(seen.len(), 1, "{seen:?}");
    assert_eq!((seen[0].cause, seen[0].closed_at), (Reason::WechatDown, None));
    assert!(seen[0].opened_at <= world.now() && seen[0].failed_calls >= 3, "{seen:?}");
    assert_eq!(seen[0].evidence.as_deref(), Some("WeChat answered with HTTP status 502"));
    assert_eq!(states(&world).await, [(Health::BlockedUpstream, MANY)]);
    let calls = world.calls(REFRESH, "") - began;
    assert!(calls <= 16 + 1800 / 15, "{calls} calls: one canary at a time");
    for account in &accounts {
        let row = world.held(account).await.unwrap();
        assert!(row.failures <= 1 && row.reason == Reason::WechatDown, "{account}: {row:?}");
        assert!(world.events(&row.tenant, account).await.len() <= 1, "{account}: no spam");
    }

    world.control.clear_faults(None);
    all_are_well_within(&world, 120).await;
    assert_eq!(incidents(&world).await.len(), 1, "it did not flap");
    let mut next: Vec<i64> = Vec::new();
    for account in &accounts {
        next.push(world.held(account).await.unwrap().next_refresh_at.unwrap().unix());
    }
    let spread = next.iter().max().unwrap() - next.iter().min().unwrap();
    assert!(spread >= 400, "{spread} s: no herd afterwards");
    world.end().await;
});

on_both_databases!(an_outage_of_the_refreshes_alone_outlives_a_new_component_token, |db| async move {
    let world = World::new(&db).await;
    gather(&world, &db, &[&world.acme, &world.rival], 50).await;
    world.control.fault(Fault::on(REFRESH, FaultKind::Errcode { errcode: -1 }));
    world.skip(5700);
    for _ in 0..60 {
        world.after(30).await;
    }

    assert!(world.calls(TOKEN, "") >= 2, "a new component token came meanwhile");
    assert_eq!((open(&world).await, incidents(&world).await.len()), (vec![Reason::WechatDown], 1));
    assert_eq!(states(&world).await, [(Health::BlockedUpstream, MANY)]);

    world.control.clear_faults(None);
    all_are_well_within(&world, 120).await;
    world.end().await;
});

on_both_databases!(with_few_accounts_a_question_of_our_own_tells, |db| async move {
    let world = World::new(&db).await;
    world.authorize(&world.acme, SHOP).await;
    // The account's own refresh, and the question that is asked when it alone is not answered.
    for path in [REFRESH, LIST] {
        world.control.fault(Fault::on(path, FaultKind::ResetBefore));
    }
    world.after(6200).await;
    assert_eq!(world.health(SHOP).await, Health::Retrying);

    for _ in 0..13 {
        world.after(10).await;
    }
    assert_eq!(open(&world).await, [Reason::WechatDown]);
    assert_eq!(world.health(SHOP).await, Health::BlockedUpstream);

    world.control.clear_faults(None);
    for _ in 0..13 {
        world.after(10).await;
    }
    assert_eq!((world.health(SHOP).await, open(&world).await), (Health::Healthy, vec![]));
    world.end().await;
});

on_both_databases!(an_account_that_never_gets_an_answer_is_its_own_affair, |db| async move {
    let world = World::new(&db).await;
    let accounts = gather(&world, &db, &[&world.acme], 6).await;
    let lone = accounts[0].as_str();
    let faults = |kind| Fault::on(REFRESH, kind).for_account(lone);
    let kinds = [
        FaultKind::Errcode { errcode: -1 },
        FaultKind::ResetBefore,
        FaultKind::Html502,
        FaultKind::Empty,
        FaultKind::Errcode { errcode: 45011 },
        FaultKind::Garbage,
        FaultKind::ResetAfter,
    ];
    let began = world.now();
    let mut before_its_end = 0;
    for step in 0..26 * 12_usize {
        world.control.clear_faults(None);
        world.control.fault(faults(kinds[step / 2 % kinds.len()].clone()));
        if step % 36 == 0 {
            let ticket = world.control.push_ticket(None).unwrap();
            world.control.wait_for_push(ticket).await.unwrap();
        }
        // Its first token's last hours minute by minute.
        for _ in 0..if step < 24 { 5 } else { 1 } {
            world.after(if step < 24 { 60 } else { 300 }).await;
        }
        if step == 23 {
            before_its_end = world.calls(REFRESH, lone);
        }
        if step % 6 == 0 {
            let health = world.health(lone).await;
            assert!(health.is_refreshed() && health != Health::BlockedUpstream, "step {step}: {health:?}");
        }
    }

    assert!(world.now().unix() - began.unix() >= 26 * 3600);
    assert!(before_its_end >= 6, "{before_its_end} tries before its token ended");
    let calls = world.calls(REFRESH, lone);
    assert!((26 * 60 / 11..26 * 60).contains(&calls), "{calls} calls in 26 h");
    assert_eq!(incidents(&world).await.len(), 0, "{:?}", incidents(&world).await);
    for account in &accounts[1..] {
        assert_eq!(world.health(account).await, Health::Healthy);
        let calls = world.calls(REFRESH, account);
        assert!((14..=18).contains(&calls), "{calls} refreshes in 26 h");
    }
    world.control.clear_faults(None);
    for _ in 0..6 {
        world.after(60).await;
    }
    assert_eq!(world.health(lone).await, Health::Healthy);
    world.end().await;
});

on_both_databases!(a_day_without_wechat_costs_nobody_the_grant, |db| async move {
    let world = World::new(&db).await;
    let accounts = gather(&world, &db, &[&world.acme, &world.rival], 50).await;
    let kinds = [
        FaultKind::Html502,
        FaultKind::Errcode { errcode: -1 },
        FaultKind::ResetBefore,
        FaultKind::Empty,
        FaultKind::Errcode { errcode: -1000 },
    ];
    world.skip(5700);
    for quarter in 0..26 * 12_usize {
        world.control.clear_faults(None);
        world.control.fault(Fault::on("*", kinds[quarter / 5 % kinds.len()].clone()));
        if quarter % 36 == 0 {
            let ticket = world.control.push_ticket(None).unwrap();
            world.control.wait_for_push(ticket).await.unwrap();
        }
        world.after(300).await;
        let states = states(&world).await;
        assert!(states.iter().all(|(health, _)| health.is_refreshed()), "{states:?}");
    }

    assert_eq!((open(&world).await, incidents(&world).await.len()), (vec![Reason::WechatDown], 1));
    for account in &accounts {
        let calls = world.calls(REFRESH, account);
        assert!(calls <= 26 * 60, "{account}: {calls} calls");
    }
    world.control.clear_faults(None);
    all_are_well_within(&world, 180).await;
    assert_eq!(incidents(&world).await.len(), 1);
    world.end().await;
});

/// What the platform can suffer from, the incident it is, and how it begins and ends.
#[derive(Clone, Copy, Debug)]
enum Trouble {
    NoTicket,
    Refuses { path: &'static str, errcode: i64 },
    SecretReset,
    AddressNotListed,
    Down,
}

const TABLE: [(Trouble, Reason); 10] = [
    (Trouble::NoTicket, Reason::TicketMissing),
    (Trouble::Refuses { path: TOKEN, errcode: 61005 }, Reason::TicketStale),
    (Trouble::Refuses { path: TOKEN, errcode: 61006 }, Reason::TicketStale),
    (Trouble::Refuses { path: REFRESH, errcode: 40001 }, Reason::ComponentTokenRefused),
    (Trouble::Refuses { path: REFRESH, errcode: 42001 }, Reason::ComponentTokenRefused),
    (Trouble::Refuses { path: REFRESH, errcode: 45009 }, Reason::QuotaExhausted),
    (Trouble::Refuses { path: TOKEN, errcode: 45009 }, Reason::QuotaExhausted),
    (Trouble::SecretReset, Reason::SecretRefused),
    (Trouble::AddressNotListed, Reason::IpNotListed),
    (Trouble::Down, Reason::WechatDown),
];

impl Trouble {
    /// Returns the new AppSecret, if it is one.
    async fn begin(self, world: &World, db: &Database) -> Option<String> {
        match self {
            Self::NoTicket => {
                world.control.ticket_outage(None, true).unwrap();
                db.execute("DELETE FROM component_ticket").await.unwrap();
            }
            Self::Refuses { path, errcode } => {
                world.control.fault(Fault::on(path, FaultKind::Errcode { errcode }));
            }
            Self::SecretReset => return Some(world.control.reset_secret(None).unwrap()),
            Self::AddressNotListed => {
                world.control.restrict_ip(None, vec!["203.0.113.7".to_owned()]).unwrap();
            }
            Self::Down => {
                world.control.fault(Fault::on("*", FaultKind::Html502));
            }
        }
        None
    }

    async fn end(self, world: &World, secret: Option<String>) {
        world.control.clear_faults(None);
        world.control.restrict_ip(None, Vec::new()).unwrap();
        world.control.ticket_outage(None, false).unwrap();
        let ticket = world.control.push_ticket(None).unwrap();
        world.control.wait_for_push(ticket).await.unwrap();
        if let Some(secret) = secret {
            let input = Input {
                appid: ComponentAppid::parse(NEWCOMER_APPID).unwrap(),
                name: None,
                appsecret: Some(ComponentAppsecret::new(secret)),
                token: None,
                previous_token: None,
                aes_key: None,
                previous_aes_key: None,
            };
            put_component::run(world.cx(), world.now(), &Actor::cli(), Mode::Update, input)
                .await
                .unwrap()
                .unwrap();
        }
    }
}

on_both_databases!(whatever_the_platform_suffers_from_is_one_incident_and_passes, |db| async move {
    let world = World::new(&db).await;
    gather(&world, &db, &[&world.acme, &world.rival], 50).await;
    let mut past = incidents(&world).await.len();
    for (trouble, cause) in TABLE {
        let secret = trouble.begin(&world, &db).await;
        // Every token has ended by now, the component's own as well.
        world.after(7300).await;
        for _ in 0..12 {
            world.after(20).await;
            assert!(open(&world).await.len() <= 1, "{trouble:?}: {:?}", open(&world).await);
        }

        let seen = incidents(&world).await;
        assert_eq!((open(&world).await, seen.len() - past), (vec![cause], 1), "{trouble:?}: {seen:?}");
        assert_eq!(states(&world).await, [(Health::BlockedUpstream, MANY)], "{trouble:?}");
        if cause == Reason::IpNotListed {
            assert_eq!(seen[0].evidence.as_deref(), Some("127.0.0.1"));
        }
        past = seen.len();

        trouble.end(&world, secret).await;
        all_are_well_within(&world, 900).await;
        assert_eq!(incidents(&world).await.len(), past, "{trouble:?}: it did not come back");
    }
    world.end().await;
});

on_both_databases!(a_permanent_cause_shows_with_the_answer, |db| async move {
    let world = World::new(&db).await;
    let accounts = gather(&world, &db, &[&world.acme], 50).await;
    world.control.refuse_refresh_token(None, &accounts[7], true).unwrap();
    let lists = world.calls(LIST, "");

    world.after(5760).await;

    assert_eq!(world.health(&accounts[7]).await, Health::NeedsReauthorization, "in the tick of the answer");
    assert_eq!(states(&world).await, [(Health::NeedsReauthorization, 1), (Health::Healthy, MANY - 1)]);
    assert!(world.calls(LIST, "") - lists <= 2);
    world.end().await;
});

on_both_databases!(a_component_token_that_does_not_open_is_fetched_anew, |db| async move {
    let world = World::new(&db).await;
    gather(&world, &db, &[&world.acme], 50).await;
    db.execute("UPDATE component SET access_token_sealed = token_sealed").await.unwrap();
    let before = world.calls(TOKEN, "");

    // Not due yet, but a stored token that is of no use is noticed.
    world.after(1).await;
    world.after(1).await;

    assert_eq!(world.calls(TOKEN, "") - before, 1);
    world.after(5760).await;
    world.after(1).await;
    assert_eq!(states(&world).await, [(Health::Healthy, MANY)]);
    world.end().await;
});
