//! A clock that is set, anybody's, costs no call and shows nobody green who is not.

use std::time::Duration;

use hufu::clock::Clock;
use hufu::domain::health::Health;
use hufu::sandbox::{Fault, FaultKind};

use crate::harness::{Database, Kind};
use crate::patience::pause_for;

use super::world::{REFRESH, SHOP, START, World};

const HOUR: i64 = 3600;

/// A world whose portal runs on the clock of its machine, or of its database where that has one; both can be set.
struct House {
    db: Database,
    world: World,
}

impl House {
    async fn open(db: &Database) -> Self {
        let mut url = db.url().to_owned();
        if db.kind == Kind::Postgres {
            // The database shows what the test says: our function stands before its own.
            url.push_str("%2Cpg_catalog");
            for statement in [
                "CREATE TABLE test_clock (at BIGINT NOT NULL, late BIGINT NOT NULL)",
                "INSERT INTO test_clock VALUES (1800000000, 0)",
                "CREATE FUNCTION clock_timestamp() RETURNS timestamptz LANGUAGE plpgsql AS \
                 'DECLARE told timestamptz; pause BIGINT; \
                 BEGIN SELECT to_timestamp(at), late INTO told, pause FROM test_clock; \
                 PERFORM pg_sleep(pause); RETURN told; END'",
            ] {
                db.execute(statement).await.unwrap();
            }
        }
        let world = World::with_clock(db, &url, Clock::two_handed(START)).await;
        Self { db: db.clone(), world }
    }

    /// Time goes by, for everybody.
    async fn skip(&self, seconds: u32) {
        self.world.skip(u64::from(seconds));
        self.set_database(i64::from(seconds)).await;
    }

    async fn after(&self, seconds: u32) {
        self.skip(seconds).await;
        self.world.tick().await;
    }

    /// Somebody sets the clock of the portal's machine.
    fn set_machine(&self, seconds: i64) {
        self.world.portal.clock.set_wall(seconds);
    }

    /// Somebody sets the clock of the database's machine; without one of its own, nothing happens.
    async fn set_database(&self, seconds: i64) {
        if self.db.kind == Kind::Postgres {
            let statement = format!("UPDATE test_clock SET at = at + {seconds}");
            self.db.execute(statement.leak()).await.unwrap();
        }
    }

    /// From now on the database tells the time so many seconds after it looked at its clock.
    async fn answer_late(&self, seconds: u32) {
        self.db.execute_text(format!("UPDATE test_clock SET late = {seconds}")).await;
    }

    /// By how many seconds this process' clock is ahead of the true time.
    fn off(&self) -> i64 {
        self.world.now().unix() - self.world.control.now().unix()
    }

    /// A lease of another process, and what is planned for the account.
    async fn plans(&self) -> Vec<i64> {
        let text = "SELECT CAST(lease_until AS TEXT) || ' ' || CAST(not_before AS TEXT) || ' ' || \
                    CAST(token_expires_at AS TEXT) || ' ' || CAST(next_refresh_at AS TEXT) FROM authorizer";
        self.db.texts(text).await[0].split(' ').map(|number| number.parse().unwrap()).collect()
    }

    async fn set_what_counts(&self, seconds: i64) {
        self.set_machine(seconds);
        self.set_database(seconds).await;
    }

    /// A refresh is on its way to WeChat while `meanwhile` happens.
    async fn in_flight(&self, meanwhile: impl AsyncFnOnce()) {
        self.world.control.fault(Fault::on(REFRESH, FaultKind::DelayAfter { ms: 1500 }).times(1));
        let watched = async {
            while self.world.control.count(REFRESH, SHOP).in_flight == 0 {
                Clock::pause(Duration::from_millis(10)).await;
            }
            meanwhile().await;
        };
        tokio::join!(self.world.tick(), watched);
    }

    /// Two lives of a token go by: whoever is shown green is green.
    async fn is_honest_for_long(&self) {
        for _ in 0..144 {
            self.after(100).await;
            let green = self.world.health(SHOP).await == Health::Healthy;
            assert!(!green || self.world.holds_a_live_token(SHOP).await, "green with a dead token");
        }
        assert_eq!(self.world.health(SHOP).await, Health::Healthy);
        assert!(self.world.holds_a_live_token(SHOP).await);
    }
}

/// The clock that counts is set in the middle of a refresh, and again while nothing happens.
async fn set_by(db: &Database, step: i64) {
    let house = House::open(db).await;
    house.world.authorize(&house.world.acme, SHOP).await;
    house.skip(6200).await;

    house
        .in_flight(async || {
            house.set_what_counts(step).await;
            for _ in 0..3 {
                house.after(1).await;
            }
        })
        .await;
    house.after(1).await;

    assert_eq!(house.world.calls(REFRESH, SHOP), 1, "nobody called again while the first was under way");
    assert_eq!(house.world.control.max_refresh_concurrency(), 1);
    let off = house.world.now().unix() - house.world.control.now().unix();
    assert!((off - step).abs() <= 1, "the clock that counts is followed: {off}");
    house.is_honest_for_long().await;
    house.set_what_counts(step).await;
    house.is_honest_for_long().await;
    house.world.end().await;
}

on_both_databases!(a_clock_that_is_set_forward_does_no_harm, |db| async move {
    set_by(&db, HOUR).await;
});

on_both_databases!(a_clock_that_is_set_back_does_no_harm, |db| async move {
    set_by(&db, -HOUR).await;
});

on_both_databases!(where_the_database_has_a_clock_the_machines_is_not_looked_at, |db| async move {
    let house = House::open(&db).await;
    house.world.authorize(&house.world.acme, SHOP).await;
    let before = house.world.held(SHOP).await.unwrap().token_expires_at;

    for step in [HOUR, -2 * HOUR] {
        house.set_machine(step);
        house.after(1).await;
    }

    let off = house.world.now().unix() - house.world.control.now().unix();
    let after = house.world.held(SHOP).await.unwrap().token_expires_at;
    match db.kind {
        Kind::Postgres => assert_eq!((off, after), (0, before)),
        Kind::Sqlite => assert!(off == -HOUR && after < before),
    }
    house.world.end().await;
});

on_both_databases!(
    a_clock_that_was_set_back_while_nobody_looked_is_found_out_at_the_start,
    |db| async move {
        let house = House::open(&db).await;
        house.world.authorize(&house.world.acme, SHOP).await;
        house.skip(100).await;
        house.world.tick().await;

        house.set_what_counts(-HOUR).await;
        hufu::service::keep_time::take_over(house.world.cx()).await.unwrap();
        hufu::service::keep_time::catch_up(house.world.cx()).await.unwrap();

        assert_eq!(
            house.world.health(SHOP).await,
            Health::ExpiredRetrying,
            "how old its token is, nobody knows"
        );
        house.world.tick().await;
        assert_eq!((house.world.health(SHOP).await, house.world.calls(REFRESH, SHOP)), (Health::Healthy, 1));
        house.is_honest_for_long().await;
        house.world.end().await;
    }
);

#[tokio::test]
async fn an_answer_that_comes_late_is_not_a_clock_that_was_set() {
    crate::harness::run(Kind::Postgres, |db| async move {
        let house = House::open(&db).await;
        house.world.authorize(&house.world.acme, SHOP).await;
        db.execute("UPDATE authorizer SET lease_until = 1800001000, not_before = 1800001000").await.unwrap();
        let (before, off) = (house.plans().await, house.off());
        // While the answer is on its way, as much time goes by as it takes.
        let meanwhile = async || {
            pause_for(Duration::from_secs(1)).await;
            house.skip(3).await;
        };

        house.answer_late(3).await;
        tokio::join!(house.world.tick(), meanwhile());
        assert_eq!((house.plans().await, house.off()), (before.clone(), off), "nobody set a clock");
        let cx = house.world.cx();
        let (taken, ()) = tokio::join!(hufu::service::keep_time::take_over(cx), meanwhile());
        taken.unwrap();
        assert_eq!(house.off(), off);

        // A clock that is set is noticed however late the answer, and to the second by the next one.
        house.answer_late(1).await;
        house.set_what_counts(-HOUR).await;
        house.world.tick().await;
        assert!((house.off() + HOUR).abs() <= 2, "{}", house.off());
        let moved = house.plans().await;
        for (then, now) in before.iter().zip(&moved) {
            assert!((now - then + HOUR).abs() <= 2, "{before:?} became {moved:?}");
        }
        house.answer_late(0).await;
        house.world.tick().await;
        assert_eq!((house.off(), house.plans().await), (off - HOUR, moved), "the rest is no step");
        house.world.end().await;
    })
    .await;
}
