//! `hufu keys`: the keys of the secrets in the database.

use clap::Subcommand;

use crate::app;
use crate::clock::Clock;
use crate::config::Config;
use crate::random::Random;
use crate::service::Context;
use crate::service::rotate_keys::{self, PAUSE};
use crate::store::StoreError;
use crate::store::key_rotation::{self, MasterKey};
use crate::store::sealed_column::{SEALED_COLUMNS, count_direct};

use super::failure::Failure;
use super::say;

#[derive(Debug, Subcommand)]
pub(super) enum Keys {
    /// Show the master keys, what each is used for, and the data keys.
    Status,
    /// Wrap every data key with a new master key, while everything goes on.
    Rotate {
        /// Only add the new key to the file; carry it to every machine before going on.
        #[arg(long, conflicts_with = "data")]
        prepare: bool,
        /// Make new data keys as well, and seal every secret anew.
        #[arg(long)]
        data: bool,
    },
    /// Take a master key out of use for good: old backups that need it become unreadable.
    Retire {
        /// Its name, as `hufu keys status` shows it.
        #[arg(value_name = "KEY")]
        key: String,
    },
}

pub(super) async fn run(command: Keys, config: &Config) -> Result<(), Failure> {
    let cx = app::open(config, Clock::system(), Random::system()).await?;
    let done = match command {
        Keys::Status => status(&cx).await.map_err(Failure::from),
        Keys::Rotate { prepare: true, .. } => prepare(&cx),
        Keys::Rotate { data, .. } => rotate(&cx, data).await,
        Keys::Retire { key } => retire(&cx, &key).await,
    };
    cx.store.close().await;
    done
}

async fn status(cx: &Context) -> Result<(), StoreError> {
    let mut tx = cx.store.read().await?;
    let masters = key_rotation::list_masters(&mut tx).await?;
    let here = cx.vault.master_keys();
    say::line(&format!("master keys, from {}:", cx.vault.source()));
    for key in &masters {
        say::line(&format!("  {}", describe(key, here.contains(&key.id))));
    }
    for id in here.iter().filter(|id| masters.iter().all(|key| key.id != **id)) {
        say::line(&format!("  {id}: prepared, not used yet; `hufu keys rotate` goes over to it"));
    }
    let (newest, replaced) = key_rotation::count(&mut tx).await?;
    say::line(&format!("data keys: {newest} (one for each tenant that has secrets, one for the platform)"));
    if replaced > 0 {
        say::line(&format!(
            "           {replaced} older: a rotation was broken off; `hufu keys rotate --data` goes on"
        ));
    }
    let mut direct = 0;
    for id in masters.iter().map(|key| &key.id) {
        for column in SEALED_COLUMNS {
            direct += count_direct(&mut tx, &cx.vault, column, id).await?.0;
        }
    }
    if direct > 0 {
        say::line(&format!(
            "{direct} secrets are sealed by a master key itself; `hufu keys rotate` changes that"
        ));
    }
    Ok(())
}

fn describe(key: &MasterKey, is_here: bool) -> String {
    let use_of = match (key.is_active, key.retired_at, key.wraps) {
        (true, _, wraps) => format!("in use, wraps {wraps} data keys"),
        (false, Some(_), _) => "retired".to_owned(),
        (false, None, 0) => {
            format!("not used any more; `hufu keys retire {}` when no backup needs it", key.id)
        }
        (false, None, wraps) => format!("still wraps {wraps} data keys; run `hufu keys rotate` again"),
    };
    let place = if is_here || key.retired_at.is_some() { "" } else { " – NOT THERE" };
    format!("{}: {use_of}{place}", key.id)
}

fn prepare(cx: &Context) -> Result<(), Failure> {
    let id = rotate_keys::prepare(cx)?;
    say::line(&format!("master key {id} was added to {}; it is not used yet", cx.vault.source()));
    say::line("carry the file to every machine, then run `hufu keys rotate`");
    Ok(())
}

async fn rotate(cx: &Context, data: bool) -> Result<(), Failure> {
    if data {
        rotate_keys::data(cx, PAUSE, &say::progress).await?;
        say::line("every secret is sealed with a new data key");
        return Ok(());
    }
    let id = rotate_keys::master(cx, PAUSE, &say::progress).await?;
    say::line(&format!("every data key is wrapped by master key {id}"));
    say::line(
        "make a new backup of the database and of the keys; then the old one can go: `hufu keys retire`",
    );
    Ok(())
}

async fn retire(cx: &Context, id: &str) -> Result<(), Failure> {
    rotate_keys::retire(cx, cx.clock.now(), id).await?;
    match cx.vault.source().file() {
        Some(_) => say::line(&format!("master key {id} is retired and taken out of {}", cx.vault.source())),
        None => say::line(&format!("master key {id} is retired; take it out of HUFU_MASTER_KEY")),
    }
    say::line("destroy its copies, too: whatever still holds it can read the backups of its time");
    Ok(())
}
