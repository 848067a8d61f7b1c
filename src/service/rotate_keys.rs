//! Replaces master keys and data keys while everything goes on. Each step is small, waits for nobody and may be broken
//! off at any moment: whoever begins again goes on where it was left.
//!
//! A process seals with a data key for [`TRUST`] at most before it looks for a newer one, so a replaced key is destroyed
//! only after a pause that is much longer, and after a whole walk through all sealed columns has found no text of it.

use std::time::Duration;

use crate::clock::{Clock, Timestamp};
use crate::crash_point;
use crate::secret::{Secret, VaultProbe};
use crate::store::sealed_column::{self, Cursor, SEALED_COLUMNS, SealedColumn};
use crate::store::vault_check::PROBE;
use crate::store::{StoreError, data_key, key_rotation, vault_check};
use crate::vault::{KeySource, Line, TRUST, VaultError, name_of};

use super::{Context, open_vault};

/// Rows read together, and at most sealed anew in one transaction.
const BATCH: i64 = 200;
/// Data keys wrapped or made anew in one transaction.
const KEYS: i64 = 50;

/// Longer than any process goes on sealing with a replaced key, with its transaction.
pub const PAUSE: Duration = Duration::from_secs(20);
const _: () = assert!(PAUSE.as_secs() > 5 * TRUST.as_secs());

/// Hears how far it has come.
pub type Progress<'a> = &'a (dyn Fn(&str) + Send + Sync);

#[derive(Debug, thiserror::Error)]
pub enum KeysError {
    #[error("the master key {0} still wraps new data keys: rotate first")]
    Active(String),
    #[error("the master key {id} still wraps {wraps} data keys: run `hufu keys rotate` again")]
    Wraps { id: String, wraps: i64 },
    #[error("{count} secrets are still sealed by the master key {id} itself: run `hufu keys rotate` again")]
    Seals { id: String, count: u64 },
    #[error("no master key {0} is known here: see `hufu keys status`")]
    Unknown(String),
    #[error(
        "every key in HUFU_MASTER_KEY is in use already: put a new line before the others, restart every process, then rotate"
    )]
    NoNewKey,
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<VaultError> for KeysError {
    fn from(error: VaultError) -> Self {
        Self::Store(error.into())
    }
}

/// Adds a master key to the file without using it, so that it can be carried to every machine first. Tells its name.
///
/// # Errors
/// `Store` when the file cannot be written.
pub fn prepare(cx: &Context) -> Result<String, KeysError> {
    let line = Line::fresh(&cx.random);
    cx.vault.source().add(&line)?;
    cx.vault.reread()?;
    Ok(line.id().to_owned())
}

/// Wraps every data key with a new master key: the first of the file, or a fresh one that is added to it. What master
/// keys had sealed themselves is sealed by data keys. Tells the name of the new key.
///
/// # Errors
/// See [`KeysError`].
pub async fn master(cx: &Context, pause: Duration, say: Progress<'_>) -> Result<String, KeysError> {
    cx.vault.reread()?;
    let state = data_key::state(&mut cx.store.read().await?).await?;
    let active = state.map(|state| state.master_key).unwrap_or_default();
    let first = data_key::first_master(&cx.vault)?;
    let unfinished = has_left(cx, &active).await?;
    let new = if unfinished && first == active {
        say(&format!("going on with the rotation to master key {active}"));
        active
    } else if first != active {
        first
    } else if matches!(cx.vault.source(), KeySource::File(_)) {
        prepare(cx)?
    } else {
        return Err(KeysError::NoNewKey);
    };
    activate(cx, &new).await?;
    say(&format!("master key {new} wraps from now on"));
    rewrap(cx, &new, say).await?;
    reseal(cx, say).await?;
    // Somebody may have read the old name just before, and wrapped with it just after.
    Clock::pause(pause).await;
    rewrap(cx, &new, say).await?;
    Ok(new)
}

/// Whether another master key than this still wraps or seals.
async fn has_left(cx: &Context, active: &str) -> Result<bool, StoreError> {
    let mut tx = cx.store.read().await?;
    let masters = key_rotation::list_masters(&mut tx).await?;
    Ok(masters.iter().any(|key| key.id != active && key.wraps > 0))
}

async fn activate(cx: &Context, id: &str) -> Result<(), KeysError> {
    let mut tx = cx.store.write().await?;
    let sealed = vault_check::find(&mut tx, PROBE).await?.unwrap_or_default();
    let probe: VaultProbe = cx.vault.open_directly(&sealed, open_vault::place(PROBE))?;
    let again = cx.vault.seal_directly(&VaultProbe::new(probe.expose()), open_vault::place(PROBE), id)?;
    vault_check::replace(&mut tx, PROBE, (&sealed, &again)).await?;
    key_rotation::activate(&mut tx, id, cx.clock.now()).await?;
    tx.commit().await?;
    Ok(())
}

async fn rewrap(cx: &Context, id: &str, say: Progress<'_>) -> Result<(), StoreError> {
    let mut done = 0;
    loop {
        let mut tx = cx.store.write().await?;
        let count = key_rotation::rewrap(&mut tx, &cx.vault, id, KEYS).await?;
        tx.commit().await?;
        crash_point::reached("keys_rewrapped");
        if count == 0 {
            return Ok(());
        }
        done += count;
        say(&format!("{done} data keys wrapped anew"));
    }
}

/// Makes a new data key for everyone, seals every record anew and destroys the old data keys.
///
/// # Errors
/// See [`KeysError`].
pub async fn data(cx: &Context, pause: Duration, say: Progress<'_>) -> Result<(), KeysError> {
    let mut made = 0;
    loop {
        let mut tx = cx.store.write().await?;
        let count = key_rotation::supersede(&mut tx, &cx.vault, cx.clock.now(), KEYS).await?;
        tx.commit().await?;
        crash_point::reached("keys_superseded");
        if count == 0 {
            break;
        }
        made += count;
        say(&format!("{made} new data keys"));
    }
    let begun = Clock::stopwatch();
    reseal(cx, say).await?;
    Clock::pause(pause.saturating_sub(begun.elapsed())).await;
    // What was sealed with an old key meanwhile. Nobody does any more, so this walk is the last.
    while reseal(cx, say).await? > 0 {
        Clock::pause(Duration::from_millis(200)).await;
    }
    let mut tx = cx.store.write().await?;
    let destroyed = key_rotation::destroy_superseded(&mut tx).await?;
    tx.commit().await?;
    say(&format!("{destroyed} old data keys destroyed"));
    Ok(())
}

/// One walk through everything. Tells how many texts of older keys it saw that open.
async fn reseal(cx: &Context, say: Progress<'_>) -> Result<u64, StoreError> {
    let newest = key_rotation::list_newest(&mut cx.store.read().await?).await?;
    let is_newest = |sealed: &str, scope: &str| match (name_of(sealed), newest.get(scope)) {
        (Some((id, version)), Some((newest, at))) => id == newest && version == *at,
        // A key that was made since this walk began is as new as can be.
        (Some(_), None) => true,
        (None, _) => false,
    };
    let mut all = 0;
    for column in SEALED_COLUMNS {
        all += reseal_column(cx, column, &is_newest, say).await?;
    }
    Ok(all)
}

async fn reseal_column(
    cx: &Context,
    column: &SealedColumn,
    is_newest: &(impl Fn(&str, &str) -> bool + Sync),
    say: Progress<'_>,
) -> Result<u64, StoreError> {
    let (mut seen, mut stale, mut changed, mut lost) = (0, 0, 0, 0);
    let mut after = Some(Cursor::default());
    while let Some(from) = after {
        let mut tx = cx.store.read().await?;
        let step = sealed_column::step(&mut tx, column, (&from, BATCH), is_newest).await?;
        drop(tx);
        if !step.stale.is_empty() {
            let mut tx = cx.store.write().await?;
            let (done, closed) = sealed_column::reseal(&mut tx, &cx.vault, column, &step.stale).await?;
            tx.commit().await?;
            crash_point::reached("keys_resealed");
            (changed, lost) = (changed + done, lost + closed);
        }
        let before: u64 = seen;
        (seen, stale) = (seen + step.seen, stale + step.stale.len() as u64);
        if before / 10_000 != seen / 10_000 {
            say(&format!("{}.{}: {seen} rows, {changed} sealed anew", column.table, column.column));
        }
        after = step.next;
    }
    if stale > 0 {
        let names = (column.table, column.column);
        say(&format!("{}.{}: {seen} rows, {changed} sealed anew, {lost} do not open", names.0, names.1));
    }
    Ok(stale - lost)
}

/// Takes a master key out of use for good: nothing of this database needs it any more, and nothing of its older copies
/// opens without it.
///
/// # Errors
/// `Active`, `Wraps`, `Seals` while it is needed; `Unknown`; `Store`.
pub async fn retire(cx: &Context, now: Timestamp, id: &str) -> Result<(), KeysError> {
    let mut tx = cx.store.read().await?;
    let masters = key_rotation::list_masters(&mut tx).await?;
    let in_file = cx.vault.master_keys().iter().any(|known| known == id);
    let known = masters.into_iter().find(|key| key.id == id);
    if known.is_none() && !in_file {
        return Err(KeysError::Unknown(id.to_owned()));
    }
    if let Some(key) = known {
        if key.is_active {
            return Err(KeysError::Active(key.id));
        }
        if key.wraps > 0 {
            return Err(KeysError::Wraps { id: key.id, wraps: key.wraps });
        }
    }
    let mut count = 0;
    for column in SEALED_COLUMNS {
        count += sealed_column::count_direct(&mut tx, &cx.vault, column, id).await?.1;
    }
    if count > 0 {
        return Err(KeysError::Seals { id: id.to_owned(), count });
    }
    drop(tx);
    if in_file && cx.vault.source().file().is_some() {
        cx.vault.source().remove(id)?;
        cx.vault.reread()?;
    }
    let mut tx = cx.store.write().await?;
    key_rotation::retire(&mut tx, id, now).await?;
    tx.commit().await?;
    Ok(())
}
