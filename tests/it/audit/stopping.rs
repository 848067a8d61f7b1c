//! Reads of tokens that are only counted in memory: a portal that is asked to stop writes them down, and one that is
//! killed right after it did has not counted anything twice.

use std::process::Command;

use hufu::domain::api_key::{Allowed, Scope, Sources};
use hufu::domain::audit::Actor;
use hufu::secret::Secret as _;
use hufu::service::create_api_key::{self, NewKey};

use crate::fleet::Fleet;
use crate::patience::eventually;

on_both_databases!(what_was_read_is_written_down_at_the_end_and_never_twice, |db| async {
    let mut fleet = Fleet::open(db.url(), 1).await;
    fleet.start().await;
    let account = fleet.adopt(1).await.remove(0);
    let new = NewKey {
        name: "orders".to_owned(),
        scopes: vec![Scope::ReadToken],
        authorizers: Allowed::All,
        sources: Sources::Anywhere,
        lives_for: None,
    };
    let (cx, now) = (&fleet.cx, fleet.cx.clock.now());
    let key = create_api_key::run(cx, now, &Actor::cli(), &fleet.tenant, new).await.unwrap();
    let key = key.secret.expose().to_owned();

    let mut read = fleet.read(&account, &key, 3).await;
    fleet.terminate().await;
    assert_eq!(counted(&db).await, read, "a normal end");

    // It dies in the middle of its end, when the counts have just been written down.
    fleet.set("HUFU_CRASH_AT", "token_reads_kept");
    fleet.launch(0);
    read += fleet.read(&account, &key, 2).await;
    fleet.terminate().await;
    assert_eq!(counted(&db).await, read, "an end that was cut short");

    fleet.unset("HUFU_CRASH_AT");
    fleet.launch(0);
    read += fleet.read(&account, &key, 4).await;
    fleet.terminate().await;
    assert_eq!(counted(&db).await, read, "after all");
    assert!(read >= 7, "{read} reads");
    fleet.end().await;
});

async fn counted(db: &crate::harness::Database) -> i64 {
    let sum = db.texts("SELECT CAST(COALESCE(SUM(reads), 0) AS TEXT) FROM token_read").await;
    sum[0].parse().unwrap()
}

impl Fleet {
    /// Reads a token so often, or until the portal is gone. Tells how often it was given.
    async fn read(&mut self, account: &str, key: &str, times: i64) -> i64 {
        let port = self.members[0].port;
        let address = format!("http://127.0.0.1:{port}/api/v1/authorizers/{account}/access-token");
        let (http, mut given) = (reqwest::Client::new(), 0);
        let lives = eventually("the portal gives its token", async || {
            let answer = http.get(&address).bearer_auth(key).send().await;
            match answer {
                Ok(answer) if answer.status() == 200 => Some(true),
                Ok(_) => None,
                Err(_) => self.members[0].process.as_mut().unwrap().death().map(|_| false),
            }
        })
        .await;
        given += i64::from(lives);
        while lives && given < times {
            match http.get(&address).bearer_auth(key).send().await {
                Ok(answer) if answer.status() == 200 => given += 1,
                Ok(_) => {}
                Err(_) => break,
            }
        }
        given
    }

    /// SIGTERM, and waits for the end.
    async fn terminate(&mut self) {
        let process = self.members[0].process.as_mut().unwrap();
        let id = process.id().to_string();
        assert!(Command::new("kill").args(["-TERM", &id]).status().unwrap().success());
        eventually("the portal ends", async || process.death()).await;
        self.members[0].process = None;
    }
}
