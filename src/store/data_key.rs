//! The data keys: what seals and opens everyone's secrets (`src/vault.rs`). A store function that seals or opens asks
//! here first, inside its own transaction: keys that are in memory cost nothing, others are read, and a scope's first
//! one is made.
//!
//! A key is only remembered as the newest of its scope when it was found in the database by a transaction that did not
//! make it: what is rolled back must seal nothing. Whether there are newer ones is looked up every
//! [`crate::vault::TRUST`] at most, with one small question for all scopes.

use std::collections::BTreeSet;
use std::sync::Arc;

use crate::domain::ids::TenantId;
use crate::secret::Secret;
use crate::vault::{DataKey, Keys, PLATFORM, Place, Vault, VaultError, Wrapped, name_of};

use super::values::{pieces, places};
use super::{Reader, StoreError, Writer};

const STATE: &str = "keys";

/// The keys that open these texts. One that is gone is left out: its texts do not open.
pub async fn opening<'a>(
    tx: &mut Reader,
    vault: &Vault,
    sealed: impl IntoIterator<Item = &'a str>,
) -> Result<Keys, StoreError> {
    let names: BTreeSet<(&str, i64)> = sealed.into_iter().filter_map(name_of).collect();
    let mut keys = Vec::with_capacity(names.len());
    let mut missing = Vec::new();
    for (id, version) in names {
        match vault.known(id, version) {
            Some(key) => keys.push(key),
            None => missing.push(id),
        }
    }
    missing.dedup();
    for piece in pieces(&missing) {
        let rows = read(tx, "id", piece).await?;
        keys.extend(rows.iter().filter_map(|row| opened(vault, row)));
    }
    Ok(vault.keys(keys))
}

fn opened(vault: &Vault, row: &Wrapped) -> Option<Arc<DataKey>> {
    let key = super::error::readable(vault.unwrap(row))?;
    vault.remember(&key);
    Some(key)
}

/// Opens one text.
pub async fn open<S: Secret>(
    tx: &mut Reader,
    vault: &Vault,
    sealed: &str,
    place: Place<'_>,
) -> Result<S, StoreError> {
    Ok(opening(tx, vault, [sealed]).await?.open_sealed(sealed, place)?)
}

/// Seals one text.
pub async fn seal<S: Secret>(
    tx: &mut Writer,
    vault: &Vault,
    secret: &S,
    place: Place<'_>,
) -> Result<String, StoreError> {
    Ok(newest(tx, vault, &[place.scope()]).await?.seal(secret, place)?)
}

/// The key that seals for the platform.
pub async fn sealing(tx: &mut Writer, vault: &Vault) -> Result<Keys, StoreError> {
    newest(tx, vault, &[PLATFORM]).await
}

/// The keys that seal for these tenants.
pub async fn sealing_for<'a>(
    tx: &mut Writer,
    vault: &Vault,
    tenants: impl IntoIterator<Item = &'a TenantId>,
) -> Result<Keys, StoreError> {
    let scopes: BTreeSet<&str> = tenants.into_iter().map(TenantId::as_str).collect();
    newest(tx, vault, &Vec::from_iter(scopes)).await
}

/// The keys that seal for these scopes: tenants by their ids, and the platform.
pub(super) async fn sealing_scopes<'a>(
    tx: &mut Writer,
    vault: &Vault,
    scopes: impl IntoIterator<Item = &'a str>,
) -> Result<Keys, StoreError> {
    let scopes: BTreeSet<&str> = scopes.into_iter().collect();
    newest(tx, vault, &Vec::from_iter(scopes)).await
}

/// In the order of the scopes, so that two transactions that make keys never wait for each other.
async fn newest(tx: &mut Writer, vault: &Vault, scopes: &[&str]) -> Result<Keys, StoreError> {
    if vault.is_due() {
        let since = Vault::watch();
        let state = state(tx).await?;
        vault.looked(state.map_or(0, |state| state.generation), since);
    }
    let mut keys = Vec::with_capacity(scopes.len());
    let mut missing = Vec::new();
    for scope in scopes {
        match vault.newest(scope) {
            Some(key) => keys.push(key),
            None => missing.push(*scope),
        }
    }
    for piece in pieces(&missing) {
        let rows = read(tx, "superseded_at IS NULL AND scope", piece).await?;
        for scope in piece {
            let row = rows.iter().find(|row| row.scope == *scope);
            keys.push(match row {
                Some(row) => found(tx, vault, row)?,
                None => make_first(tx, vault, scope).await?,
            });
        }
    }
    Ok(vault.keys(keys))
}

fn found(tx: &Writer, vault: &Vault, row: &Wrapped) -> Result<Arc<DataKey>, StoreError> {
    let key = vault.unwrap(row)?;
    if !tx.has_made_key(&row.id) {
        vault.remember_newest(&key);
    }
    Ok(key)
}

/// Another process may make it at the same time: then theirs is taken.
async fn make_first(tx: &mut Writer, vault: &Vault, scope: &str) -> Result<Arc<DataKey>, StoreError> {
    let master = match state(tx).await? {
        Some(state) => state.master_key,
        None => first_master(vault)?,
    };
    let new = vault.make(scope, (&vault.new_id(), 1), &master)?;
    if insert(tx, &new).await? {
        tx.made_key(&new.id);
    }
    let rows = read(tx, "superseded_at IS NULL AND scope", &[scope]).await?;
    let none = || VaultError::NoDataKey { scope: scope.to_owned() };
    found(tx, vault, rows.first().ok_or_else(none)?)
}

/// The first master key of the file.
pub fn first_master(vault: &Vault) -> Result<String, VaultError> {
    let none = || VaultError::Unknown { id: "(none)".to_owned() };
    vault.master_keys().into_iter().next().ok_or_else(none)
}

/// A key of a tenant that is not there is not kept: its secrets are gone for good.
pub(super) async fn insert(tx: &mut Writer, new: &Wrapped) -> Result<bool, StoreError> {
    let changed = on!(tx, |c| {
        sqlx::query(
            "INSERT INTO data_key (id, version, scope, master_key, wrapped) \
             SELECT CAST($1 AS TEXT), CAST($2 AS BIGINT), CAST($3 AS TEXT), CAST($4 AS TEXT), CAST($5 AS TEXT) \
             WHERE $3 = '' OR EXISTS (SELECT 1 FROM tenant WHERE tenant.id = $3) \
             ON CONFLICT (scope, version) DO NOTHING",
        )
        .bind(&new.id)
        .bind(new.version)
        .bind(&new.scope)
        .bind(&new.master)
        .bind(&new.wrapped)
        .execute(c)
        .await
        .map(|done| done.rows_affected())
    })?;
    Ok(changed == 1)
}

async fn read(tx: &mut Reader, condition: &str, names: &[&str]) -> Result<Vec<Wrapped>, StoreError> {
    let sql = format!(
        "SELECT id, version, scope, master_key, wrapped FROM data_key WHERE {condition} IN (VALUES {})",
        places(1, names.len(), 1)
    );
    let rows: Vec<Row> = on!(tx, |c| {
        let mut query = sqlx::query_as(sqlx::AssertSqlSafe(sql));
        for name in names {
            query = query.bind(*name);
        }
        query.fetch_all(c).await
    })?;
    Ok(rows.into_iter().map(Wrapped::from).collect())
}

/// Which master key wraps new data keys, and how often data keys were replaced or destroyed.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct State {
    pub master_key: String,
    pub generation: i64,
}

/// `None` in a database that no portal has opened yet.
pub async fn state(tx: &mut Reader) -> Result<Option<State>, StoreError> {
    Ok(on!(tx, |c| {
        sqlx::query_as("SELECT master_key, generation FROM key_state WHERE id = $1")
            .bind(STATE)
            .fetch_optional(c)
            .await
    })?)
}

/// Which master key wraps from now on; keeps what is there already.
pub async fn begin(tx: &mut Writer, master: &str) -> Result<(), StoreError> {
    on!(tx, |c| {
        sqlx::query(
            "INSERT INTO key_state (id, master_key, generation) VALUES ($1, $2, 0) ON CONFLICT (id) DO NOTHING",
        )
        .bind(STATE)
        .bind(master)
        .execute(c)
        .await
        .map(drop)
    })?;
    Ok(())
}

#[derive(sqlx::FromRow)]
pub(super) struct Row {
    id: String,
    version: i64,
    scope: String,
    master_key: String,
    wrapped: String,
}

impl From<Row> for Wrapped {
    fn from(row: Row) -> Self {
        Self {
            id: row.id,
            version: row.version,
            scope: row.scope,
            master: row.master_key,
            wrapped: row.wrapped,
        }
    }
}
