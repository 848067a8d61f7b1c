//! Customer companies.

use crate::clock::Timestamp;
use crate::domain::ids::TenantId;
use crate::domain::tenant::{Slug, Tenant};

use super::{Reader, StoreError, Writer};

/// # Errors
/// `Conflict` when the slug is taken, `Database`.
pub async fn insert(tx: &mut Writer, tenant: &Tenant) -> Result<(), StoreError> {
    on!(tx, |c| {
        sqlx::query("INSERT INTO tenant (id, slug, name, created_at) VALUES ($1, $2, $3, $4)")
            .bind(tenant.id.as_str())
            .bind(tenant.slug.as_str())
            .bind(&tenant.name)
            .bind(tenant.created_at.unix())
            .execute(c)
            .await
            .map(drop)
    })
    .map_err(|error| StoreError::from(error).or_conflict("a tenant with this slug"))
}

/// Whether there was such a tenant.
///
/// # Errors
/// `Database`.
pub async fn rename(tx: &mut Writer, tenant: &TenantId, name: &str) -> Result<bool, StoreError> {
    let touched = on!(tx, |c| {
        sqlx::query("UPDATE tenant SET name = $2 WHERE id = $1")
            .bind(tenant.as_str())
            .bind(name)
            .execute(c)
            .await
            .map(|done| done.rows_affected())
    })?;
    Ok(touched > 0)
}

/// # Errors
/// `Database`, `Corrupt`.
pub async fn find(tx: &mut Reader, tenant: &TenantId) -> Result<Option<Tenant>, StoreError> {
    let row: Option<Row> = on!(tx, |c| {
        sqlx::query_as("SELECT id, slug, name, created_at, suspended_at FROM tenant WHERE id = $1")
            .bind(tenant.as_str())
            .fetch_optional(c)
            .await
    })?;
    row.map(Tenant::try_from).transpose()
}

/// # Errors
/// `Database`, `Corrupt`.
pub async fn find_by_slug(tx: &mut Reader, slug: &Slug) -> Result<Option<Tenant>, StoreError> {
    let row: Option<Row> = on!(tx, |c| {
        sqlx::query_as("SELECT id, slug, name, created_at, suspended_at FROM tenant WHERE slug = $1")
            .bind(slug.as_str())
            .fetch_optional(c)
            .await
    })?;
    row.map(Tenant::try_from).transpose()
}

/// A tenant in the platform's list.
#[derive(Clone, Debug)]
pub struct Listed {
    pub tenant: Tenant,
    pub members: i64,
    pub authorizers: i64,
}

/// Every tenant, oldest first, at most `limit`, for the platform's own pages.
///
/// # Errors
/// `Database`, `Corrupt`.
pub async fn list(tx: &mut Reader, limit: i64) -> Result<Vec<Listed>, StoreError> {
    let rows: Vec<ListedRow> = on!(tx, |c| {
        sqlx::query_as(
            "SELECT id, slug, name, created_at, suspended_at, \
             (SELECT COUNT(*) FROM membership WHERE membership.tenant_id = tenant.id) AS members, \
             (SELECT COALESCE(CAST(SUM(amount) AS BIGINT), 0) FROM authorizer_count \
             WHERE authorizer_count.tenant_id = tenant.id) AS authorizers \
             FROM tenant ORDER BY created_at, id LIMIT $1",
        )
        .bind(limit)
        .fetch_all(c)
        .await
    })?;
    rows.into_iter()
        .map(|row| {
            let (members, authorizers) = (row.members, row.authorizers);
            Ok(Listed { tenant: row.tenant.try_into()?, members, authorizers })
        })
        .collect()
}

#[derive(sqlx::FromRow)]
struct ListedRow {
    #[sqlx(flatten)]
    tenant: Row,
    members: i64,
    authorizers: i64,
}

#[derive(sqlx::FromRow)]
struct Row {
    id: String,
    slug: String,
    name: String,
    created_at: i64,
    suspended_at: Option<i64>,
}

impl TryFrom<Row> for Tenant {
    type Error = StoreError;

    fn try_from(row: Row) -> Result<Self, StoreError> {
        let corrupt = |column| StoreError::corrupt("tenant", column, row.id.clone());
        Ok(Self {
            id: TenantId::parse(&row.id).map_err(|_| corrupt("id"))?,
            slug: Slug::parse(&row.slug).map_err(|_| corrupt("slug"))?,
            created_at: Timestamp::from_unix(row.created_at),
            suspended_at: row.suspended_at.map(Timestamp::from_unix),
            name: row.name,
        })
    }
}
