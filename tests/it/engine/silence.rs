//! A database that vanishes without a word costs time and nothing else.

use std::time::Duration;

use hufu::domain::health::Health;
use hufu::jobs::Engine;
use hufu::sandbox::{Fault, FaultKind};
use hufu::service::Context;
use hufu::store::{Store, audit};

use crate::harness::Kind;
use crate::outages::wire::Wire;
use crate::patience::{PROMISE, eventually, pause_for};

use super::crowd::{DUE, LIFE, gather, states};
use super::world::{REFRESH, World};

/// For one statement, in a test that cannot wait for the real one.
const PATIENCE: Duration = Duration::from_secs(5);
const OUTAGE: Duration = Duration::from_secs(8);
const ACCOUNTS: u32 = 20;

#[tokio::test]
async fn refreshes_go_on_after_a_database_that_said_nothing() {
    crate::harness::run(Kind::Postgres, |db| async move {
        let world = World::new(&db).await;
        let accounts = gather(&world, &db, &[&world.acme, &world.rival], ACCOUNTS).await;
        let wire = Wire::to(db.url()).await;
        // So few connections that none may be left behind.
        let store = Store::connect_with(&wire.through(db.url()), 3).await.unwrap().with_patience(PATIENCE);
        let cx = Context { store, ..world.cx().clone() };
        let engine = Engine::new(cx.clone());
        world.control.fault(Fault::on(REFRESH, FaultKind::DelayAfter { ms: 3000 }).times(ACCOUNTS));
        world.skip(DUE);

        let outage = async {
            eventually("every account is called", async || {
                let called = |account: &&String| world.control.count(REFRESH, account).in_flight == 1;
                (accounts.iter().filter(called).count() == accounts.len()).then_some(())
            })
            .await;
            wire.swallow();
            pause_for(OUTAGE).await;
            wire.mend();
        };
        let ended =
            tokio::time::timeout(PROMISE, async { tokio::join!(engine.tick(world.now()), outage) }).await;

        assert!(ended.is_ok(), "a tick waits for ever");
        let calls = |times| accounts.iter().all(|account| world.calls(REFRESH, account) == times);
        assert!(calls(1), "no answer was lost, so nobody was called twice");
        assert_eq!(states(&world).await, [(Health::Healthy, i64::from(ACCOUNTS))]);
        world.skip(LIFE);
        let ended = tokio::time::timeout(PROMISE, engine.tick(world.now())).await;
        assert!(ended.is_ok() && calls(2), "the lanes are free again");
        assert_eq!(states(&world).await, [(Health::Healthy, i64::from(ACCOUNTS))]);
        cx.store.close().await;
        world.end().await;
    })
    .await;
}

#[tokio::test]
async fn a_question_that_is_never_answered_ends_and_leaves_its_place_to_the_next() {
    crate::harness::run(Kind::Postgres, |db| async move {
        let wire = Wire::to(db.url()).await;
        let store = Store::connect_with(&wire.through(db.url()), 1).await.unwrap();
        let store = store.with_patience(PATIENCE);
        let asked = store.in_time(async {
            let mut tx = store.write().await?;
            wire.swallow();
            audit::head(&mut tx).await
        });

        let told = tokio::time::timeout(PROMISE, asked).await.expect("nobody waits for ever");

        assert!(told.unwrap_err().is_no_answer());
        wire.mend();
        let again = async { audit::head(&mut store.read().await?).await };
        let told = tokio::time::timeout(PROMISE, again).await.expect("the only connection is free again");
        assert!(told.is_ok(), "{told:?}");
        store.close().await;
    })
    .await;
}
