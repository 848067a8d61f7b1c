//! Makes a key for a business server of a tenant.

use std::time::Duration;

use crate::clock::Timestamp;
use crate::domain::api_key::{self as form, Allowed, ApiKey, Scope, Sources};
use crate::domain::audit::{Action, Actor, Detail, Entry, Subject};
use crate::domain::ids::{ApiKeyId, TenantId};
use crate::domain::tenant_life::Counted;
use crate::secret::{ApiKeySecret, Secret as _};
use crate::store::{api_key, audit, tenant};

use super::{Context, ServiceError, quota};

/// Keys of one tenant that count at the same time.
pub const MOST_LIVE: i64 = 100;

/// What the key may do. The name is as `domain::user::parse_label` leaves it; there is at least one scope.
#[derive(Clone, Debug)]
pub struct NewKey {
    pub name: String,
    pub scopes: Vec<Scope>,
    pub authorizers: Allowed,
    pub sources: Sources,
    /// `None`: until it is revoked.
    pub lives_for: Option<Duration>,
}

/// The key, this once.
#[derive(Debug)]
pub struct Made {
    pub key: ApiKey,
    pub secret: ApiKeySecret,
}

/// # Errors
/// `NotFound` when there is no such tenant, `Conflict` when it has [`MOST_LIVE`] keys already, `Full`, `Store`.
pub async fn run(
    cx: &Context,
    now: Timestamp,
    by: &Actor,
    of: &TenantId,
    new: NewKey,
) -> Result<Made, ServiceError> {
    let random = cx.random.base62(form::RANDOM_LENGTH);
    let secret = form::compose(&random);
    let key = ApiKey {
        id: ApiKeyId::parse(&cx.random.id(now)).map_err(|_| ServiceError::NotFound)?,
        tenant: of.clone(),
        name: new.name,
        hint: form::hint(&random),
        scopes: new.scopes,
        authorizers: new.authorizers,
        sources: new.sources,
        created_by: by.user_id().cloned(),
        created_at: now,
        expires_at: new.lives_for.map(|span| now.plus(span)),
        revoked_at: None,
        last_used_at: None,
        last_used_from: None,
    };
    let mut tx = cx.store.write_for(of).await?;
    tenant::find(&mut tx, of).await?.ok_or(ServiceError::NotFound)?;
    if api_key::count_live(&mut tx, of, now).await? >= MOST_LIVE {
        return Err(ServiceError::Conflict("the tenant has as many keys as it may have"));
    }
    if !quota::has_room(&mut tx, of, Counted::Keys, now).await? {
        return Err(ServiceError::Full(Counted::Keys));
    }
    api_key::insert(&mut tx, &key, &secret.fingerprint()).await?;
    let entry = Entry::of(of, Action::KeyCreated, Subject::api_key(&key.id, &key.name));
    audit::append(&mut tx, now, by, &entry.with(told(&key))).await?;
    tx.commit().await?;
    tracing::info!(tenant = %of, key = %key.id, "an API key was made");
    Ok(Made { key, secret })
}

/// What the key may do.
fn told(key: &ApiKey) -> Detail {
    let detail = Detail::none()
        .fact("scopes", key.scopes.iter().map(|scope| scope.as_str()).collect::<Vec<_>>())
        .fact("expires_at", key.expires_at);
    let detail = match &key.authorizers {
        Allowed::All => detail,
        Allowed::Only(appids) => detail.fact("authorizers", appids.iter().collect::<Vec<_>>()),
    };
    match &key.sources {
        Sources::Anywhere => detail,
        Sources::Networks(networks) => detail.fact("networks", networks.iter().collect::<Vec<_>>()),
    }
}
