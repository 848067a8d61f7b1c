//! What the engine does can be seen: each refresh is counted in its hour, however it ends.

use std::time::Duration;

use hufu::domain::errcode::Class;
use hufu::sandbox::{Fault, FaultKind, NEWCOMER_APPID};
use hufu::service::Context;
use hufu::service::count_time_left::{self, Counted, FEW};
use hufu::service::measure::{self, Measured};
use hufu::store::attempt::Outcome;
use hufu::store::pulse;
use hufu::store::refresh_tally::{self, Hour};

use crate::harness::Database;

use super::world::{REFRESH, SHOP, World};

async fn hours(world: &World) -> Vec<Hour> {
    let mut tx = world.cx().store.read().await.unwrap();
    let since = world.now().minus(Duration::from_secs(24 * 3600));
    refresh_tally::of_tenant(&mut tx, &world.acme, since).await.unwrap()
}

fn count(hours: &[Hour], outcome: Outcome, class: Option<Class>) -> i64 {
    let wanted = |one: &&Hour| one.outcome == outcome && one.class == class;
    hours.iter().filter(wanted).map(|one| one.count).sum()
}

on_both_databases!(every_refresh_is_counted_in_its_hour_however_it_ends, |db| async move {
    let world = World::new(&db).await;
    world.authorize(&world.acme, SHOP).await;
    // Well, then a passing refusal and its retry, then a refused refresh token and the ladder's success.
    world.after(6200).await;
    world.control.fault(Fault::on(REFRESH, FaultKind::Errcode { errcode: -1 }).times(1));
    world.after(6200).await;
    world.after(120).await;
    world.control.lose_refresh_token(Some(NEWCOMER_APPID), SHOP).unwrap();
    world.after(6200).await;

    let hours = hours(&world).await;
    let total: i64 = hours.iter().map(|one| one.count).sum();
    assert_eq!(u64::try_from(total).unwrap(), world.calls(REFRESH, SHOP), "{hours:#?}");
    assert_eq!(count(&hours, Outcome::Succeeded, None), 3);
    assert_eq!(count(&hours, Outcome::Failed, Some(Class::Transient)), 1);
    assert_eq!(count(&hours, Outcome::Failed, Some(Class::AuthorizationLost)), 1);
    let late: i64 = hours.iter().map(|one| one.late.count()).sum();
    assert_eq!(late, total, "each tells how late it began");
    assert!(hours.iter().any(|one| one.late.max > 60), "it was due before the clock moved on");
    world.end().await;
});

on_both_databases!(one_process_counts_the_accounts_and_the_others_tell_what_it_found, |db| async move {
    let world = World::new(&db).await;
    let counted = async || pulse::told(&mut world.cx().store.read().await.unwrap(), "measure").await.unwrap();
    let (first, nothing) = counted().await.unwrap();
    assert_eq!(nothing, "[]");

    world.authorize(&world.acme, SHOP).await;
    let other = Context { measured: Measured::default(), ..world.cx().clone() };
    measure::run(&other, first.plus(Duration::from_secs(30))).await.unwrap();
    assert_eq!(counted().await, Some((first, nothing)), "counted lately");

    world.after(60).await;
    let (second, found) = counted().await.unwrap();
    assert!(second > first && found.contains("healthy"), "{found}");
    world.end().await;
});

/// So many accounts besides, like the one that is there, that nobody refreshes.
async fn multiply(db: &Database, count: i64) {
    let columns = "component_appid, tenant_id, kind, func_info, search, info_failures, authorized_at, generation, \
                   failures, lease_until, epoch, health, health_rank, health_since, attention_at, reason, created_at";
    let statement = format!(
        "INSERT INTO authorizer (authorizer_appid, {columns}) \
         WITH RECURSIVE numbers (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < {count}) \
         SELECT 'wxcrowd' || n, {columns} FROM authorizer CROSS JOIN numbers"
    );
    db.execute_text(statement).await;
}

on_both_databases!(
    the_tokens_of_many_accounts_are_counted_every_minute_and_not_for_every_page,
    |db| async move {
        let world = World::new(&db).await;
        world.authorize(&world.acme, SHOP).await;
        let look = async |accounts| {
            let mut tx = world.cx().store.read().await.unwrap();
            let mine = count_time_left::of_tenant(&mut tx, &world.acme, accounts, world.now()).await.unwrap();
            let all = count_time_left::of_all(&mut tx, accounts, world.now()).await.unwrap();
            assert_eq!(
                (mine.left, mine.at.is_some()),
                (all.left, all.at.is_some()),
                "the only tenant is all"
            );
            mine
        };
        let now_is = |seen: Counted| (seen.left.total(), seen.at.is_some());
        assert_eq!(now_is(look(1).await), (1, false), "few are counted for the page");
        multiply(&db, FEW).await;
        world.after(60).await;

        let seen = look(FEW + 1).await;
        assert_eq!(now_is(seen), (FEW + 1, true));
        assert!(world.now().since(seen.at.unwrap()) <= Duration::from_secs(60));

        for minute in 0..3 {
            world.after(60).await;
            let seen = look(FEW + 1).await;
            assert_eq!(now_is(seen), (FEW + 1, true));
            assert!(world.now().since(seen.at.unwrap()) <= Duration::from_secs(60), "minute {minute}");
        }
        world.skip(200);
        assert_eq!(now_is(look(FEW + 1).await), (FEW + 1, false), "nobody has counted for long");
        world.end().await;
    }
);
