//! Finds the master key that belongs to the database. A database that holds secrets decides: its key must be there and
//! must open them. Only an empty one gets a new key.

use std::path::Path;

use crate::random::Random;
use crate::secret::{CookieKey, Secret, VaultProbe};
use crate::store::vault_check::{COOKIE_KEY, PROBE};
use crate::store::{Store, StoreError, vault_check};
use crate::vault::{Place, Vault, VaultError};

/// # Errors
/// `Vault(Missing)` or `Vault(WrongKey)` when the database was sealed with a key that is not in the file; `Vault` when
/// the file cannot be used; `Database`.
pub async fn run(store: &Store, path: &Path, random: &Random) -> Result<Vault, StoreError> {
    if let Some(sealed) = vault_check::find(&mut store.read().await?, PROBE).await? {
        let vault = Vault::open(path, random.clone())?;
        return checked(vault, &sealed, path);
    }
    let vault = match Vault::open(path, random.clone()) {
        Err(VaultError::Missing { .. }) => Vault::create(path, random.clone())?,
        other => other?,
    };
    let mut tx = store.write().await?;
    let probe = VaultProbe::new(random.base62(32));
    vault_check::insert_if_absent(&mut tx, PROBE, &vault.seal(&probe, place(PROBE))).await?;
    // Another process may have been first, with another key.
    let sealed = vault_check::find(&mut tx, PROBE).await?.unwrap_or_default();
    let vault = checked(vault, &sealed, path)?;
    tx.commit().await?;
    Ok(vault)
}

/// The key that signs session cookies: made once for each database, so that sessions survive a restart.
///
/// # Errors
/// `Vault`, `Database`.
pub async fn cookie_key(store: &Store, vault: &Vault, random: &Random) -> Result<CookieKey, StoreError> {
    if let Some(sealed) = vault_check::find(&mut store.read().await?, COOKIE_KEY).await? {
        return Ok(vault.open_sealed(&sealed, place(COOKIE_KEY))?);
    }
    let mut tx = store.write().await?;
    let fresh = CookieKey::new(random.url_safe(64));
    vault_check::insert_if_absent(&mut tx, COOKIE_KEY, &vault.seal(&fresh, place(COOKIE_KEY))).await?;
    let sealed = vault_check::find(&mut tx, COOKIE_KEY).await?.unwrap_or_default();
    tx.commit().await?;
    Ok(vault.open_sealed(&sealed, place(COOKIE_KEY))?)
}

fn checked(vault: Vault, sealed: &str, path: &Path) -> Result<Vault, StoreError> {
    match vault.open_sealed::<VaultProbe>(sealed, place(PROBE)) {
        Ok(_) => Ok(vault),
        Err(_) => Err(VaultError::WrongKey { path: path.to_owned() }.into()),
    }
}

const fn place(id: &str) -> Place<'_> {
    Place { table: "vault_check", column: "sealed", row: id }
}
