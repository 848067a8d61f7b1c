//! Finds the master key that belongs to the database. A database that holds secrets decides: its key must be there and
//! must open them. Only an empty one gets a new key.

use crate::random::Random;
use crate::secret::{AuditKey, CookieKey, Secret, VaultProbe};
use crate::store::vault_check::{AUDIT_KEY, COOKIE_KEY, PROBE};
use crate::store::{Store, StoreError, data_key, key_rotation, vault_check};
use crate::vault::{KeySource, Place, Vault, VaultError};

/// # Errors
/// `Vault(Missing)` or `Vault(WrongKey)` when the database was sealed with a key that is not there; `Vault` when
/// the keys cannot be used; `Database`.
pub async fn run(store: &Store, source: &KeySource, random: &Random) -> Result<Vault, StoreError> {
    let vault = match vault_check::find(&mut store.read().await?, PROBE).await? {
        Some(sealed) => checked(Vault::open(source.clone(), random.clone())?, &sealed)?,
        None => first(store, source, random).await?,
    };
    begin(store, &vault).await?;
    Ok(vault)
}

async fn first(store: &Store, source: &KeySource, random: &Random) -> Result<Vault, StoreError> {
    let vault = match (Vault::open(source.clone(), random.clone()), source.file()) {
        (Err(VaultError::Missing { .. }), Some(path)) => Vault::create(path, random.clone())?,
        (other, _) => other?,
    };
    let master = data_key::first_master(&vault)?;
    let mut tx = store.write().await?;
    let probe = vault.seal_directly(&VaultProbe::new(random.base62(32)), place(PROBE), &master)?;
    vault_check::insert_if_absent(&mut tx, PROBE, &probe).await?;
    // Another process may have been first, with another key.
    let sealed = vault_check::find(&mut tx, PROBE).await?.unwrap_or_default();
    let vault = checked(vault, &sealed)?;
    tx.commit().await?;
    Ok(vault)
}

/// The master key that wraps data keys is the database's, not the file's: a new one counts once all is told to use it.
async fn begin(store: &Store, vault: &Vault) -> Result<(), StoreError> {
    if data_key::state(&mut store.read().await?).await?.is_some() {
        return Ok(());
    }
    let mut tx = store.write().await?;
    data_key::begin(&mut tx, &data_key::first_master(vault)?).await?;
    for id in vault.master_keys() {
        key_rotation::note_master(&mut tx, &id).await?;
    }
    tx.commit().await
}

/// The key that signs session cookies: made once for each database, so that sessions survive a restart.
///
/// # Errors
/// `Vault`, `Database`.
pub async fn cookie_key(store: &Store, vault: &Vault, random: &Random) -> Result<CookieKey, StoreError> {
    let mut reader = store.read().await?;
    if let Some(sealed) = vault_check::find(&mut reader, COOKIE_KEY).await? {
        return data_key::open(&mut reader, vault, &sealed, place(COOKIE_KEY)).await;
    }
    drop(reader);
    let mut tx = store.write().await?;
    let fresh = CookieKey::new(random.url_safe(64));
    let sealed = data_key::seal(&mut tx, vault, &fresh, place(COOKIE_KEY)).await?;
    vault_check::insert_if_absent(&mut tx, COOKIE_KEY, &sealed).await?;
    let sealed = vault_check::find(&mut tx, COOKIE_KEY).await?.unwrap_or_default();
    let key = data_key::open(&mut tx, vault, &sealed, place(COOKIE_KEY)).await?;
    tx.commit().await?;
    Ok(key)
}

/// The key that signs how the audit stands: made once for each database.
///
/// # Errors
/// `Vault`, `Database`.
pub async fn audit_key(store: &Store, vault: &Vault, random: &Random) -> Result<AuditKey, StoreError> {
    let mut reader = store.read().await?;
    if let Some(sealed) = vault_check::find(&mut reader, AUDIT_KEY).await? {
        return data_key::open(&mut reader, vault, &sealed, place(AUDIT_KEY)).await;
    }
    drop(reader);
    let mut tx = store.write().await?;
    let fresh = AuditKey::new(random.url_safe(64));
    let sealed = data_key::seal(&mut tx, vault, &fresh, place(AUDIT_KEY)).await?;
    vault_check::insert_if_absent(&mut tx, AUDIT_KEY, &sealed).await?;
    let sealed = vault_check::find(&mut tx, AUDIT_KEY).await?.unwrap_or_default();
    let key = data_key::open(&mut tx, vault, &sealed, place(AUDIT_KEY)).await?;
    tx.commit().await?;
    Ok(key)
}

fn checked(vault: Vault, sealed: &str) -> Result<Vault, StoreError> {
    match vault.open_directly::<VaultProbe>(sealed, place(PROBE)) {
        Ok(_) => Ok(vault),
        Err(_) => Err(VaultError::WrongKey { place: vault.source().to_string() }.into()),
    }
}

pub(super) const fn place(id: &str) -> Place<'_> {
    Place { tenant: None, table: "vault_check", column: "sealed", row: id }
}
