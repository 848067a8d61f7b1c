//! Keys of business servers, found by the hash of the key that was presented.

use crate::clock::Timestamp;
use crate::domain::api_key::{Allowed, ApiKey, Scope, Sources};
use crate::domain::ids::{ApiKeyId, AuthorizerAppid, TenantId, UserId};

use super::{Reader, StoreError, Writer};

/// A use is written down when the last one is this many seconds old.
pub const TOUCH_AFTER: i64 = 60;

macro_rules! key_columns {
    () => {
        "api_key.id AS id, tenant_id, api_key.name AS name, hint, scopes, authorizers, networks, created_by, \
         api_key.created_at AS created_at, expires_at, revoked_at, last_used_at, last_used_from"
    };
}

/// # Errors
/// `Database`.
pub async fn insert(tx: &mut Writer, key: &ApiKey, key_hash: &str) -> Result<(), StoreError> {
    tx.tell(key_hash);
    on!(tx, |c| {
        sqlx::query(
            "INSERT INTO api_key (id, tenant_id, name, key_hash, hint, scopes, authorizers, networks, created_by, \
             created_at, expires_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
        )
        .bind(key.id.as_str())
        .bind(key.tenant.as_str())
        .bind(&key.name)
        .bind(key_hash)
        .bind(&key.hint)
        .bind(key.scopes.iter().map(|scope| scope.as_str()).collect::<Vec<_>>().join(" "))
        .bind(allowed_text(&key.authorizers))
        .bind(sources_text(&key.sources))
        .bind(key.created_by.as_ref().map(UserId::as_str))
        .bind(key.created_at.unix())
        .bind(key.expires_at.map(Timestamp::unix))
        .execute(c)
        .await
        .map(drop)
    })?;
    Ok(())
}

/// A key and whether its tenant is suspended.
#[derive(Clone, Debug)]
pub struct Found {
    pub key: ApiKey,
    pub tenant_suspended: bool,
}

/// The key with this hash, whatever its standing.
///
/// # Errors
/// `Database`, `Corrupt`.
pub async fn find_by_hash(tx: &mut Reader, key_hash: &str) -> Result<Option<Found>, StoreError> {
    let row: Option<FoundRow> = on!(tx, |c| {
        sqlx::query_as(concat!(
            "SELECT ",
            key_columns!(),
            ", suspended_at FROM api_key JOIN tenant ON tenant.id = tenant_id WHERE key_hash = $1"
        ))
        .bind(key_hash)
        .fetch_optional(c)
        .await
    })?;
    row.map(|row| Ok(Found { tenant_suspended: row.suspended_at.is_some(), key: row.row.try_into()? }))
        .transpose()
}

/// # Errors
/// `Database`, `Corrupt`.
pub async fn find(tx: &mut Reader, tenant: &TenantId, key: &ApiKeyId) -> Result<Option<ApiKey>, StoreError> {
    let row: Option<Row> = on!(tx, |c| {
        sqlx::query_as(concat!("SELECT ", key_columns!(), " FROM api_key WHERE tenant_id = $1 AND id = $2"))
            .bind(tenant.as_str())
            .bind(key.as_str())
            .fetch_optional(c)
            .await
    })?;
    row.map(ApiKey::try_from).transpose()
}

/// The tenant's keys, newest first, revoked and expired ones included.
///
/// # Errors
/// `Database`, `Corrupt`.
pub async fn list(tx: &mut Reader, tenant: &TenantId, limit: i64) -> Result<Vec<ApiKey>, StoreError> {
    let rows: Vec<Row> = on!(tx, |c| {
        sqlx::query_as(concat!(
            "SELECT ",
            key_columns!(),
            " FROM api_key WHERE tenant_id = $1 ORDER BY created_at DESC, id DESC LIMIT $2"
        ))
        .bind(tenant.as_str())
        .bind(limit)
        .fetch_all(c)
        .await
    })?;
    rows.into_iter().map(ApiKey::try_from).collect()
}

/// How many keys of the tenant count at `now`.
///
/// # Errors
/// `Database`.
pub async fn count_live(tx: &mut Reader, tenant: &TenantId, now: Timestamp) -> Result<i64, StoreError> {
    let (count,): (i64,) = on!(tx, |c| {
        sqlx::query_as(
            "SELECT COUNT(*) FROM api_key WHERE tenant_id = $1 AND revoked_at IS NULL \
             AND (expires_at IS NULL OR expires_at > $2)",
        )
        .bind(tenant.as_str())
        .bind(now.unix())
        .fetch_one(c)
        .await
    })?;
    Ok(count)
}

/// Ends a key of this tenant for good; `false` when there is no such key or it is revoked already.
///
/// # Errors
/// `Database`.
pub async fn revoke(
    tx: &mut Writer,
    tenant: &TenantId,
    key: &ApiKeyId,
    now: Timestamp,
) -> Result<bool, StoreError> {
    let hash: Option<(String,)> = on!(tx, |c| {
        sqlx::query_as(
            "UPDATE api_key SET revoked_at = $3 WHERE id = $1 AND tenant_id = $2 AND revoked_at IS NULL \
             RETURNING key_hash",
        )
        .bind(key.as_str())
        .bind(tenant.as_str())
        .bind(now.unix())
        .fetch_optional(c)
        .await
    })?;
    if let Some((hash,)) = &hash {
        tx.tell(hash);
    }
    Ok(hash.is_some())
}

/// Writes down when and from where a key was used, unless that was done within the last minute.
///
/// # Errors
/// `Database`.
pub async fn touch(tx: &mut Writer, key: &ApiKeyId, now: Timestamp, from: &str) -> Result<(), StoreError> {
    on!(tx, |c| {
        sqlx::query(
            "UPDATE api_key SET last_used_at = $2, last_used_from = $3 \
             WHERE id = $1 AND (last_used_at IS NULL OR last_used_at <= $4)",
        )
        .bind(key.as_str())
        .bind(now.unix())
        .bind(from)
        .bind(now.unix().saturating_sub(TOUCH_AFTER))
        .execute(c)
        .await
        .map(drop)
    })?;
    Ok(())
}

fn allowed_text(allowed: &Allowed) -> Option<String> {
    match allowed {
        Allowed::All => None,
        Allowed::Only(appids) => {
            let appids: Vec<&str> = appids.iter().map(AuthorizerAppid::as_str).collect();
            Some(serde_json::json!(appids).to_string())
        }
    }
}

fn sources_text(sources: &Sources) -> Option<String> {
    match sources {
        Sources::Anywhere => None,
        Sources::Networks(networks) => {
            let networks: Vec<String> = networks.iter().map(ToString::to_string).collect();
            Some(serde_json::json!(networks).to_string())
        }
    }
}

/// `None` when a text is no JSON list or one of its entries is not understood: a key is never wider than it was meant.
fn list_of<T>(text: &str, read: impl Fn(&str) -> Option<T>) -> Option<Vec<T>> {
    let entries: Vec<String> = serde_json::from_str(text).ok()?;
    entries.iter().map(|entry| read(entry)).collect()
}

#[derive(sqlx::FromRow)]
struct FoundRow {
    #[sqlx(flatten)]
    row: Row,
    suspended_at: Option<i64>,
}

#[derive(sqlx::FromRow)]
struct Row {
    id: String,
    tenant_id: String,
    name: String,
    hint: String,
    scopes: String,
    authorizers: Option<String>,
    networks: Option<String>,
    created_by: Option<String>,
    created_at: i64,
    expires_at: Option<i64>,
    revoked_at: Option<i64>,
    last_used_at: Option<i64>,
    last_used_from: Option<String>,
}

impl TryFrom<Row> for ApiKey {
    type Error = StoreError;

    fn try_from(row: Row) -> Result<Self, StoreError> {
        let corrupt = |column| StoreError::corrupt("api_key", column, row.id.clone());
        let scopes: Option<Vec<Scope>> = row.scopes.split_whitespace().map(Scope::from_name).collect();
        let appids =
            row.authorizers.as_deref().map(|text| list_of(text, |entry| AuthorizerAppid::parse(entry).ok()));
        let networks = row.networks.as_deref().map(|text| list_of(text, |entry| entry.parse().ok()));
        Ok(Self {
            id: ApiKeyId::parse(&row.id).map_err(|_| corrupt("id"))?,
            tenant: TenantId::parse(&row.tenant_id).map_err(|_| corrupt("tenant_id"))?,
            scopes: scopes.ok_or_else(|| corrupt("scopes"))?,
            authorizers: match appids {
                None => Allowed::All,
                Some(list) => Allowed::Only(list.ok_or_else(|| corrupt("authorizers"))?),
            },
            sources: match networks {
                None => Sources::Anywhere,
                Some(list) => Sources::Networks(list.ok_or_else(|| corrupt("networks"))?),
            },
            created_by: row
                .created_by
                .as_deref()
                .map(|id| UserId::parse(id).map_err(|_| corrupt("created_by")))
                .transpose()?,
            created_at: Timestamp::from_unix(row.created_at),
            expires_at: row.expires_at.map(Timestamp::from_unix),
            revoked_at: row.revoked_at.map(Timestamp::from_unix),
            last_used_at: row.last_used_at.map(Timestamp::from_unix),
            last_used_from: row.last_used_from,
            name: row.name,
            hint: row.hint,
        })
    }
}
