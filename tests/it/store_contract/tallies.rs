//! What the charts are drawn from: refreshes added up by the hour, tokens by what is left of them.

use std::time::Duration;

use hufu::domain::errcode::Class;
use hufu::domain::health::Health;
use hufu::domain::reason::Reason;
use hufu::domain::time_left::TimeLeft;
use hufu::random::Random;
use hufu::store::attempt::Outcome;
use hufu::store::authorizer_state::{self, Verdict};
use hufu::store::refresh_tally::{self, Tally};
use hufu::store::{Store, attempt, authorizer_token, platform_counts, time_left, time_left_tally};

use super::fixtures::{a_platform, a_tenant, an_account, at, component_appid, key, tenant_id, vault};

/// The fixtures' first moment is the beginning of an hour.
const HOUR: i64 = 3600;

fn ended(tenant: &str, seconds: i64, (outcome, class): (Outcome, Option<Class>), late: u64) -> Tally {
    Tally {
        tenant: tenant_id(tenant),
        component: component_appid(),
        ended_at: at(seconds),
        outcome,
        class,
        late: Some(Duration::from_secs(late)),
    }
}

const WELL: (Outcome, Option<Class>) = (Outcome::Succeeded, None);
const BADLY: (Outcome, Option<Class>) = (Outcome::Failed, Some(Class::Transient));

on_both_databases!(refreshes_are_added_up_by_tenant_hour_and_end, |db| async {
    a_platform(db.store()).await;
    a_tenant(db.store(), "rival", at(0)).await;
    let mut tx = db.store().write().await.unwrap();
    let first = [ended("acme", 10, WELL, 0), ended("acme", 20, BADLY, 4), ended("acme", 3599, WELL, 70)];
    refresh_tally::add(&mut tx, &first).await.unwrap();
    let unknown = Tally { late: None, ..ended("acme", 30, WELL, 0) };
    let second = [ended("rival", 40, WELL, 1), unknown, ended("acme", HOUR, WELL, 7200)];
    refresh_tally::add(&mut tx, &second).await.unwrap();
    refresh_tally::add(&mut tx, &[]).await.unwrap();

    let hours = refresh_tally::of_tenant(&mut tx, &tenant_id("acme"), at(0)).await.unwrap();
    let told: Vec<_> = hours.iter().map(|one| (one.at, (one.outcome, one.class), one.count)).collect();
    assert_eq!(told, [(at(0), BADLY, 1), (at(0), WELL, 3), (at(HOUR), WELL, 1)]);
    assert_eq!(hours[1].late.counts, [1, 0, 0, 0, 0, 0, 1, 0, 0], "the unknown is left out");
    assert_eq!((hours[1].late.max, hours[2].late.counts[8], hours[2].late.max), (70, 1, 7200));

    let all = refresh_tally::of_all(&mut tx, at(0)).await.unwrap();
    let told: Vec<_> = all.iter().map(|one| (one.at, (one.outcome, one.class), one.count)).collect();
    assert_eq!(told, [(at(0), BADLY, 1), (at(0), WELL, 4), (at(HOUR), WELL, 1)]);
    assert_eq!(all[1].late.counts[0], 2);
    let rest = refresh_tally::of_all(&mut tx, at(1)).await.unwrap();
    assert_eq!(rest, [all[2].clone()], "hours that began before are left out");
});

on_both_databases!(old_hours_are_forgotten, |db| async {
    a_platform(db.store()).await;
    let mut tx = db.store().write().await.unwrap();
    let both = [ended("acme", 10, WELL, 0), ended("acme", HOUR, WELL, 0)];
    refresh_tally::add(&mut tx, &both).await.unwrap();

    assert_eq!(refresh_tally::forget_old(&mut tx, at(HOUR)).await.unwrap(), 1);

    let left = refresh_tally::of_all(&mut tx, at(0)).await.unwrap();
    assert_eq!(left.iter().map(|one| one.at).collect::<Vec<_>>(), [at(HOUR)]);
});

on_both_databases!(processes_that_count_at_once_lose_nothing_and_never_block_each_other, |db| async {
    a_platform(db.store()).await;
    let names: Vec<String> = (0..12).map(|number| format!("t{number}")).collect();
    let batch = |forwards: bool| {
        let mut all: Vec<Tally> = names.iter().map(|name| ended(name, 10, WELL, 0)).collect();
        if !forwards {
            all.reverse();
        }
        all
    };
    let work = (0..16).map(|number| {
        let (store, batch) = (db.store().clone(), batch(number % 2 == 0));
        tokio::spawn(async move {
            for _ in 0..5 {
                let mut tx = store.write().await.unwrap();
                refresh_tally::add(&mut tx, &batch).await.unwrap();
                tx.commit().await.unwrap();
            }
        })
    });
    for done in futures_util::future::join_all(work).await {
        done.unwrap();
    }

    let mut tx = db.store().read().await.unwrap();
    let all = refresh_tally::of_all(&mut tx, at(0)).await.unwrap();
    assert_eq!(all.iter().map(|one| one.count).sum::<i64>(), 16 * 5 * 12);
});

/// One account for each state, and its token's end in seconds from the fixtures' first moment.
async fn tokens_that_end(db: &Store, ends: &[(&str, &str, Health, i64)]) {
    for (tenant, name, health, end) in ends {
        an_account(db, tenant, name, end - 7200).await;
        let mut tx = db.write().await.unwrap();
        let verdict =
            Verdict { health: *health, reason: Reason::Ok, next_refresh_at: None, token_ends: false };
        authorizer_state::judge(&mut tx, &key(name), at(0), &verdict).await.unwrap();
        tx.commit().await.unwrap();
    }
}

on_both_databases!(tokens_are_counted_by_what_is_left_of_their_lives, |db| async {
    a_platform(db.store()).await;
    a_tenant(db.store(), "rival", at(0)).await;
    let ends = [0, 1, 299, 300, 900, 1800, 3600, 5399, 5400, 7200];
    let names: Vec<String> = ends.iter().map(|end| format!("wx{end}")).collect();
    let mut all: Vec<_> =
        names.iter().zip(ends).map(|(name, end)| ("acme", name.as_str(), Health::Healthy, end)).collect();
    all.push(("rival", "wxrival", Health::Retrying, 100));
    for health in Health::ALL.into_iter().filter(|health| !health.is_refreshed()) {
        all.push(("acme", health.as_str(), health, 100));
    }
    tokens_that_end(db.store(), &all).await;

    let mut tx = db.store().read().await.unwrap();
    let acme = time_left::of_tenant(&mut tx, &tenant_id("acme"), at(0)).await.unwrap();
    assert_eq!(acme, TimeLeft([1, 2, 1, 1, 1, 2, 2]), "accounts that nobody refreshes are left out");
    let rival = time_left::of_tenant(&mut tx, &tenant_id("rival"), at(0)).await.unwrap();
    assert_eq!(rival, TimeLeft([0, 1, 0, 0, 0, 0, 0]));
    let by_health = time_left::by_health(&mut tx, at(0)).await.unwrap();
    let of = |wanted| by_health.iter().find(|(health, _)| *health == wanted).map(|(_, left)| *left);
    assert_eq!(of(Health::Healthy), Some(acme));
    assert_eq!(of(Health::Retrying), Some(rival));
    assert_eq!(of(Health::Paused).map(|left| left.total()), Some(1));
    assert_eq!(of(Health::Recovering), None, "states without accounts are left out");
});

on_both_databases!(what_was_counted_last_is_found_and_never_older_than_before, |db| async {
    a_platform(db.store()).await;
    let acme = tenant_id("acme");
    let counted = |seconds, first| time_left_tally::Tally {
        counted_at: at(seconds),
        left: TimeLeft([first, 2, 3, 4, 5, 6, 7]),
    };
    let mut tx = db.store().write().await.unwrap();
    assert_eq!(time_left_tally::find(&mut tx, &acme).await.unwrap(), None);

    for (seconds, first) in [(60, 1), (120, 10), (90, 100)] {
        time_left_tally::put(&mut tx, &acme, &counted(seconds, first)).await.unwrap();
    }

    assert_eq!(time_left_tally::find(&mut tx, &acme).await.unwrap(), Some(counted(120, 10)));
    assert_eq!(time_left_tally::find(&mut tx, &tenant_id("rival")).await.unwrap(), None);
    assert_eq!(time_left_tally::forget(&mut tx, at(120), at(120)).await.unwrap(), 0);
    assert_eq!(time_left_tally::forget(&mut tx, at(0), at(119)).await.unwrap(), 1, "the clock was set back");
    time_left_tally::put(&mut tx, &acme, &counted(60, 1)).await.unwrap();
    assert_eq!(time_left_tally::forget(&mut tx, at(61), at(119)).await.unwrap(), 1, "too old");
});

on_both_databases!(large_tenants_are_counted_in_the_order_of_their_waiting, |db| async {
    a_platform(db.store()).await;
    for (tenant, accounts) in [("small", 1), ("large", 2), ("late", 3), ("never", 2)] {
        a_tenant(db.store(), tenant, at(0)).await;
        for number in 0..accounts {
            an_account(db.store(), tenant, &format!("wx{tenant}{number}"), 0).await;
        }
    }
    let mut tx = db.store().write().await.unwrap();
    for (tenant, seconds) in [("small", 0), ("large", 50), ("late", 40)] {
        let tally = time_left_tally::Tally { counted_at: at(seconds), left: TimeLeft::default() };
        time_left_tally::put(&mut tx, &tenant_id(tenant), &tally).await.unwrap();
    }

    let due = async |tx: &mut _, since, limit| {
        let due = time_left_tally::list_due(tx, 1, at(since), limit).await.unwrap();
        due.iter().map(ToString::to_string).collect::<Vec<_>>()
    };
    assert_eq!(due(&mut tx, 60, 9).await, ["never", "late", "large"]);
    assert_eq!(due(&mut tx, 60, 2).await, ["never", "late"]);
    assert_eq!(due(&mut tx, 50, 9).await, ["never", "late"]);
    assert_eq!(due(&mut tx, 40, 9).await, ["never"]);
});

on_both_databases!(every_state_that_is_refreshed_is_counted, |db| async {
    a_platform(db.store()).await;
    let refreshed = || Health::ALL.into_iter().filter(|health| health.is_refreshed());
    let all: Vec<_> = refreshed().map(|health| ("acme", health.as_str(), health, 600)).collect();
    tokens_that_end(db.store(), &all).await;

    let mut tx = db.store().read().await.unwrap();
    let left = time_left::of_tenant(&mut tx, &tenant_id("acme"), at(0)).await.unwrap();
    assert_eq!(left.0[2], i64::try_from(refreshed().count()).unwrap());
});

on_both_databases!(the_queue_is_what_is_due_and_held_by_nobody, |db| async {
    a_platform(db.store()).await;
    for name in ["wx1", "wx2", "wx3"] {
        an_account(db.store(), "acme", name, 0).await;
    }
    let due = async |seconds, most| {
        let mut tx = db.store().read().await.unwrap();
        platform_counts::due(&mut tx, &component_appid(), at(seconds), most).await.unwrap()
    };
    assert_eq!((due(5759, 9).await, due(5760, 9).await, due(5760, 2).await), (0, 3, 2));

    let mut tx = db.store().write().await.unwrap();
    let held = authorizer_token::claim_due(&mut tx, &vault(), &component_appid(), (at(5760), "one", 1)).await;
    assert_eq!(held.unwrap().len(), 1);
    tx.commit().await.unwrap();
    assert_eq!((due(5760, 9).await, due(5780, 9).await), (2, 3), "until its lease is over");
});

on_both_databases!(an_attempt_is_in_doubt_when_its_lease_is_over, |db| async {
    a_platform(db.store()).await;
    an_account(db.store(), "acme", "wx1", 0).await;
    let mut tx = db.store().write().await.unwrap();
    let held = authorizer_token::find(&mut tx, &vault(), &key("wx1")).await.unwrap().unwrap();
    attempt::open(&mut tx, &Random::seeded(1), &held, (at(0), "one")).await.unwrap();

    assert_eq!(platform_counts::in_doubt(&mut tx, at(19)).await.unwrap(), 0);
    assert_eq!(platform_counts::in_doubt(&mut tx, at(20)).await.unwrap(), 1);
});
