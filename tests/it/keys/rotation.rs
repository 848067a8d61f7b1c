//! Keys are replaced while real processes refresh, and nobody notices.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use hufu::service::Context;
use hufu::service::rotate_keys::{self, KeysError};
use hufu::store::authorizer_token;
use hufu::store::sealed_column::SEALED_COLUMNS;

use crate::fleet::{Fleet, REFRESH, key};
use crate::harness::{Database, Kind};
use crate::patience::{PROMISE, eventually, pause_for, within};
use crate::process::{Process, hufu};

/// Longer than a process trusts the newest key that it knows.
const PAUSE: Duration = Duration::from_secs(4);

/// Opens every account's tokens again and again; counts what does not open.
struct Reader {
    stop: Arc<AtomicBool>,
    failed: Arc<AtomicUsize>,
    rounds: Arc<AtomicUsize>,
}

fn read(cx: Context, accounts: Vec<String>) -> Reader {
    let reader = Reader { stop: Arc::default(), failed: Arc::default(), rounds: Arc::default() };
    let (stop, failed, rounds) =
        (Arc::clone(&reader.stop), Arc::clone(&reader.failed), Arc::clone(&reader.rounds));
    tokio::spawn(async move {
        while !stop.load(Ordering::SeqCst) {
            for account in &accounts {
                let mut tx = cx.store.read().await.unwrap();
                let access = authorizer_token::access_token(&mut tx, &cx.vault, &key(account)).await;
                let held = authorizer_token::find(&mut tx, &cx.vault, &key(account)).await.unwrap().unwrap();
                let good = access.is_ok_and(|token| token.is_some()) && held.refresh_token.is_some();
                failed.fetch_add(usize::from(!good), Ordering::SeqCst);
            }
            rounds.fetch_add(1, Ordering::SeqCst);
            pause_for(Duration::from_millis(20)).await;
        }
    });
    reader
}

fn refreshes(fleet: &Fleet) -> u64 {
    fleet.wechat().counts(REFRESH, "").iter().map(|line| line.count.calls).sum()
}

/// The first words of every sealed text: its key and version.
async fn names(db: &Database) -> std::collections::BTreeSet<String> {
    let mut names = std::collections::BTreeSet::new();
    for column in SEALED_COLUMNS {
        let (table, name) = (column.table, column.column);
        for text in db.texts(&format!("SELECT {name} FROM {table} WHERE {name} IS NOT NULL")).await {
            names.insert(text.rsplit_once('.').unwrap().0.to_owned());
        }
    }
    names
}

on_both_databases!(keys_are_replaced_under_load_without_a_failed_read_also_after_a_kill, |db| async move {
    let mut fleet = Fleet::open(db.url(), if db.kind == Kind::Postgres { 2 } else { 1 }).await;
    fleet.start().await;
    fleet.wechat().switch(|switches| switches.access_token_seconds = 8);
    let accounts = fleet.adopt(40).await;
    eventually("all accounts are healthy", async || fleet.all_are_healthy().await.then_some(())).await;
    let before = names(&db).await;
    let master = fleet.cx.vault.master_keys()[0].clone();
    let reader = read(fleet.cx.clone(), accounts.clone());
    let begun = refreshes(&fleet);

    // A first run of the command is killed in the middle of the records.
    let mut command = hufu(&["keys", "rotate", "--data"]);
    command.envs(fleet.settings.iter().map(|(name, value)| (name, value)));
    command.env("HUFU_CRASH_AT", "keys_resealed:2");
    let folder = tempfile::TempDir::new().unwrap();
    let mut rotation = Process::start("rotation", folder.path(), command);
    let death = within(PROMISE, async || rotation.death()).await.unwrap();
    assert!(death.contains("signal: 9") && death.contains("new data keys"), "{death}");
    assert!(names(&db).await.len() > before.len(), "nothing was begun");

    rotate_keys::data(&fleet.cx, PAUSE, &|_| ()).await.unwrap();
    let between = names(&db).await;
    assert!(before.is_disjoint(&between.iter().filter(|name| name.starts_with("2.")).cloned().collect()));
    let new = rotate_keys::master(&fleet.cx, PAUSE, &|_| ()).await.unwrap();
    rotate_keys::retire(&fleet.cx, fleet.cx.clock.now(), &master).await.unwrap();
    let refused = rotate_keys::retire(&fleet.cx, fleet.cx.clock.now(), &new).await;
    assert!(matches!(refused, Err(KeysError::Active(_))), "{refused:?}");

    let done = refreshes(&fleet);
    assert!(done > begun + 20, "no load: {begun} then {done}");
    eventually("refreshes go on", async || (refreshes(&fleet) > done + 40).then_some(())).await;
    reader.stop.store(true, Ordering::SeqCst);
    assert_eq!(reader.failed.load(Ordering::SeqCst), 0, "of {} rounds", reader.rounds.load(Ordering::SeqCst));
    fleet.wechat().switch(|switches| switches.access_token_seconds = 7200);
    let rest = within(PROMISE, async || fleet.is_at_rest(&accounts).await.then_some(())).await;
    assert!(rest.is_some(), "{:?}", fleet.states().await);
    assert_eq!(fleet.strangers(&accounts).await, Vec::<String>::new());
    let after = names(&db).await;
    assert!(after.iter().all(|name| name.ends_with(".2") || *name == new), "{after:?}");
    fleet.end().await;
});
