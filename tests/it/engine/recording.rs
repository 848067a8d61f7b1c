//! What WeChat answered reaches the database: together, past a row that the database refuses, and after a time in which
//! it took nothing.

use std::time::Duration;

use futures_util::future::join_all;
use hufu::clock::Clock;
use hufu::domain::health::Health;
use hufu::sandbox::{BulkAccounts, NEWCOMER_APPID, Rotation};
use hufu::secret::{AuthorizerAccessToken, SealedBody, Secret as _};
use hufu::service::record_refreshes::{self, Answered};
use hufu::store::{attempt, authorizer_token};
use hufu::wechat::api::api_authorizer_token::Refreshed;

use super::world::{REFRESH, SHOP, World, key};
use crate::harness::{Database, Kind};

/// Accounts that are due, their grants made by hand.
async fn due_accounts(world: &World, count: u32) -> Vec<String> {
    let accounts = world.control.accounts(&BulkAccounts { count, ..BulkAccounts::default() }).unwrap();
    for account in &accounts {
        let pressed = world.press(&world.acme, None).await;
        let code = world.consent(&pressed, account, false).await;
        world.come_back(&pressed, &code).await.unwrap();
    }
    world.skip(6200);
    accounts
}

/// From now on every answer is refused that is to be sealed into the journal, as by a database that fails.
async fn break_the_journal(db: &Database) {
    let statements: &[&str] = match db.kind {
        // The trigger is read when it is needed: the table that it names is not there.
        Kind::Sqlite => &["CREATE TRIGGER broken BEFORE UPDATE OF answered_at ON attempt BEGIN \
             INSERT INTO nowhere VALUES (1); END"],
        Kind::Postgres => &[
            "CREATE FUNCTION broken() RETURNS trigger LANGUAGE plpgsql AS \
             $$ BEGIN RAISE EXCEPTION 'no space left' USING ERRCODE = '53100'; END $$",
            "CREATE TRIGGER broken BEFORE UPDATE OF answered_at ON attempt FOR EACH ROW EXECUTE FUNCTION broken()",
        ],
    };
    for statement in statements {
        db.execute(statement).await.unwrap();
    }
}

async fn mend_the_journal(db: &Database) {
    let statement = match db.kind {
        Kind::Sqlite => "DROP TRIGGER broken",
        Kind::Postgres => "DROP TRIGGER broken ON attempt",
    };
    db.execute(statement).await.unwrap();
}

on_both_databases!(an_answer_that_the_database_does_not_take_is_kept_until_it_does, |db| async move {
    let world = World::new(&db).await;
    world.control.switch(|switches| switches.rotation = Rotation::SingleUse);
    world.authorize(&world.acme, SHOP).await;
    world.skip(6200);
    break_the_journal(&db).await;
    let mend = async {
        while world.cx().recorder.refused() == 0 {
            Clock::pause(Duration::from_millis(5)).await;
        }
        mend_the_journal(&db).await;
    };

    tokio::join!(world.tick(), mend);

    assert_eq!((world.health(SHOP).await, world.calls(REFRESH, SHOP)), (Health::Healthy, 1));
    let held = world.held(SHOP).await.unwrap().refresh_token.unwrap().expose().to_owned();
    assert_eq!(Some(held), world.control.refresh_token(NEWCOMER_APPID, SHOP), "the one and only");
    assert_eq!(world.cx().recorder.refused(), 0);
    world.end().await;
});

on_both_databases!(at_the_end_an_answer_is_tried_once_more_and_holds_nobody_up, |db| async move {
    let world = World::new(&db).await;
    world.authorize(&world.acme, SHOP).await;
    world.skip(6200);
    break_the_journal(&db).await;
    let close = async {
        while world.cx().recorder.refused() == 0 {
            Clock::pause(Duration::from_millis(5)).await;
        }
        world.cx().recorder.close();
    };

    tokio::join!(world.tick(), close);

    assert_eq!(world.calls(REFRESH, SHOP), 1);
    assert_eq!(world.held(SHOP).await.unwrap().generation, 1, "nothing was stored");
    world.end().await;
});

on_both_databases!(a_row_that_the_database_refuses_does_not_fail_the_others, |db| async move {
    let world = World::new(&db).await;
    let accounts = due_accounts(&world, 6).await;
    curse_one(&db).await;
    let (cx, by) = (world.cx(), (world.now(), "test"));
    let mut tx = cx.store.write().await.unwrap();
    let platform = key(SHOP).component;
    let held = authorizer_token::claim_due(&mut tx, &cx.vault, &platform, (by.0, by.1, 9)).await.unwrap();
    let attempts = attempt::open_all(&mut tx, &cx.random, &held, by).await.unwrap();
    tx.commit().await.unwrap();
    let answers = held.into_iter().zip(attempts).map(|(held, attempt)| {
        let refreshed = Refreshed {
            access_token: AuthorizerAccessToken::new("new"),
            expires_in: Duration::from_secs(7200),
            refresh_token: None,
        };
        let used = held.refresh_token.clone().unwrap();
        Answered {
            held,
            attempt,
            called_at: world.now(),
            watch: None,
            used,
            refreshed,
            raw: Some(SealedBody::new("{}")),
        }
    });

    // All wait before the first is worked on: they are recorded together.
    let recorded = join_all(answers.map(|answered| record_refreshes::run(cx, answered))).await;

    assert_eq!(recorded.iter().filter(|recorded| matches!(recorded, Ok(true))).count(), 5);
    let mut generations = Vec::new();
    for account in &accounts {
        generations.push(world.held(account).await.unwrap().generation);
    }
    generations.sort_unstable();
    assert_eq!(generations, [1, 2, 2, 2, 2, 2]);
    world.end().await;
});

/// The database refuses every new token of one account.
async fn curse_one(db: &Database) {
    let mut statements = vec![
        "CREATE TABLE cursed (appid TEXT)",
        "INSERT INTO cursed SELECT MIN(authorizer_appid) FROM authorizer",
    ];
    statements.extend(match db.kind {
        Kind::Sqlite => vec![
            "CREATE TRIGGER curse BEFORE UPDATE OF access_token_sealed ON authorizer \
             WHEN NEW.authorizer_appid IN (SELECT appid FROM cursed) BEGIN SELECT RAISE(ABORT, 'no'); END",
        ],
        Kind::Postgres => vec![
            "CREATE FUNCTION curse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN \
             IF NEW.authorizer_appid IN (SELECT appid FROM cursed) THEN RAISE EXCEPTION 'no'; END IF; \
             RETURN NEW; END $$",
            "CREATE TRIGGER curse BEFORE UPDATE OF access_token_sealed ON authorizer \
             FOR EACH ROW EXECUTE FUNCTION curse()",
        ],
    });
    for statement in statements {
        db.execute(statement).await.unwrap();
    }
}
