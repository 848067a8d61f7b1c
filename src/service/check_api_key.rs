//! Says whose key was presented and whether it counts, here and now.

use std::net::IpAddr;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use crate::clock::Timestamp;
use crate::domain::api_key::{self as form, ApiKey, Scope, Standing};
use crate::secret::fingerprint;
use crate::store::api_key::{self, Found, TOUCH_AFTER};

use super::Context;
use super::kept::Unseen;
use super::shelf::{self, KeySlot};

/// A key that counts.
#[derive(Clone, Debug)]
pub struct Known {
    found: Arc<Found>,
    /// The database did not answer: the key was checked against what was known before.
    pub from_memory: bool,
}

impl Known {
    pub fn key(&self) -> &ApiKey {
        &self.found.key
    }
}

/// Why a key does not count.
#[derive(Debug, thiserror::Error)]
pub enum KeyRefused {
    /// It never was one of ours.
    #[error("the key is not known")]
    Unknown,
    #[error("the key has been revoked")]
    Revoked,
    #[error("the key has expired")]
    Expired,
    #[error("the key's tenant is suspended")]
    TenantSuspended,
    #[error("the key may not be used from {0}")]
    Elsewhere(IpAddr),
    #[error("the key does not have the scope {}", .0.as_str())]
    Scope(Scope),
    #[error(transparent)]
    Unseen(#[from] Unseen),
}

/// # Errors
/// See [`KeyRefused`].
pub async fn run(
    cx: &Context,
    now: Timestamp,
    presented: &str,
    from: IpAddr,
    scope: Scope,
) -> Result<Known, KeyRefused> {
    if !form::is_well_formed(presented) {
        return Err(KeyRefused::Unknown);
    }
    let hash = fingerprint(presented);
    let slot = cx.shelf.key(&hash);
    let sight = shelf::key(cx, &slot, &hash).await?;
    let Some(found) = sight.value().clone() else { return Err(KeyRefused::Unknown) };
    judge(&found, now, from, scope)?;
    note_use(cx, &slot, &found.key, (now, from));
    Ok(Known { found, from_memory: sight.from_memory })
}

fn judge(found: &Found, now: Timestamp, from: IpAddr, scope: Scope) -> Result<(), KeyRefused> {
    let key = &found.key;
    match key.standing(now) {
        Standing::Revoked => return Err(KeyRefused::Revoked),
        Standing::Expired => return Err(KeyRefused::Expired),
        Standing::Live => {}
    }
    if found.tenant_suspended {
        return Err(KeyRefused::TenantSuspended);
    }
    if !key.sources.includes(from) {
        return Err(KeyRefused::Elsewhere(from));
    }
    if !key.scopes.contains(&scope) {
        return Err(KeyRefused::Scope(scope));
    }
    Ok(())
}

/// Writes the use down, beside the request and at most once a minute.
fn note_use(cx: &Context, slot: &KeySlot, key: &ApiKey, (now, from): (Timestamp, IpAddr)) {
    let stored = key.last_used_at.map_or(0, Timestamp::unix);
    let last = slot.touched.load(Ordering::Relaxed);
    let is_first = now.unix().saturating_sub(last.max(stored)) >= TOUCH_AFTER
        && slot.touched.compare_exchange(last, now.unix(), Ordering::Relaxed, Ordering::Relaxed).is_ok();
    if !is_first {
        return;
    }
    let (cx, id) = (cx.clone(), key.id.clone());
    tokio::spawn(async move {
        let written = async {
            let mut tx = cx.store.write().await?;
            api_key::touch(&mut tx, &id, now, &from.to_string()).await?;
            tx.commit().await
        };
        if let Err(error) = written.await {
            tracing::warn!(error = &error as &dyn std::error::Error, key = %id, "a key's use was not written down");
        }
    });
}
