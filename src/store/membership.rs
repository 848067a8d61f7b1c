//! Who belongs to which tenant, and as what.

use crate::clock::Timestamp;
use crate::domain::ids::{TenantId, UserId};
use crate::domain::role::Role;
use crate::domain::tenant::{Slug, Tenant};
use crate::domain::user::{Member, Membership};

use super::app_user::{self, user_columns};
use super::{Reader, StoreError, Writer};

/// Makes the user a member, or changes the role of one.
///
/// # Errors
/// `Database`, also when the tenant or the user does not exist.
pub async fn put(
    tx: &mut Writer,
    tenant: &TenantId,
    user: &UserId,
    role: Role,
    now: Timestamp,
) -> Result<(), StoreError> {
    on!(tx, |c| {
        sqlx::query(
            "INSERT INTO membership (tenant_id, user_id, role, created_at) VALUES ($1, $2, $3, $4) \
             ON CONFLICT (tenant_id, user_id) DO UPDATE SET role = excluded.role",
        )
        .bind(tenant.as_str())
        .bind(user.as_str())
        .bind(role.as_str())
        .bind(now.unix())
        .execute(c)
        .await
        .map(drop)
    })?;
    Ok(())
}

/// Whether there was one.
///
/// # Errors
/// `Database`.
pub async fn forget(tx: &mut Writer, tenant: &TenantId, user: &UserId) -> Result<bool, StoreError> {
    let touched = on!(tx, |c| {
        sqlx::query("DELETE FROM membership WHERE tenant_id = $1 AND user_id = $2")
            .bind(tenant.as_str())
            .bind(user.as_str())
            .execute(c)
            .await
            .map(|done| done.rows_affected())
    })?;
    Ok(touched > 0)
}

/// Nobody else counts or changes the owners of the tenant until this transaction ends.
///
/// # Errors
/// `Database`.
pub async fn lock(tx: &mut Writer, tenant: &TenantId) -> Result<(), StoreError> {
    on!(tx, |c| {
        sqlx::query("UPDATE tenant SET name = name WHERE id = $1")
            .bind(tenant.as_str())
            .execute(c)
            .await
            .map(drop)
    })?;
    Ok(())
}

/// Owners of the tenant who can sign in, this one left out.
///
/// # Errors
/// `Database`.
pub async fn count_other_owners(tx: &mut Reader, tenant: &TenantId, but: &UserId) -> Result<i64, StoreError> {
    let (count,): (i64,) = on!(tx, |c| {
        sqlx::query_as(
            "SELECT COUNT(*) FROM membership JOIN app_user ON app_user.id = membership.user_id \
             WHERE membership.tenant_id = $1 AND membership.user_id <> $2 AND membership.role = 'owner' \
             AND app_user.disabled_at IS NULL",
        )
        .bind(tenant.as_str())
        .bind(but.as_str())
        .fetch_one(c)
        .await
    })?;
    Ok(count)
}

/// # Errors
/// `Database`, `Corrupt`.
pub async fn find(tx: &mut Reader, tenant: &TenantId, user: &UserId) -> Result<Option<Role>, StoreError> {
    let row: Option<(String,)> = on!(tx, |c| {
        sqlx::query_as("SELECT role FROM membership WHERE tenant_id = $1 AND user_id = $2")
            .bind(tenant.as_str())
            .bind(user.as_str())
            .fetch_optional(c)
            .await
    })?;
    row.map(|(role,)| role_of(&role, user.as_str())).transpose()
}

/// The tenants a user belongs to: those at work first, then the suspended ones, the first joined first.
///
/// # Errors
/// `Database`, `Corrupt`.
pub async fn list_of_user(tx: &mut Reader, user: &UserId) -> Result<Vec<Membership>, StoreError> {
    let rows: Vec<MembershipRow> = on!(tx, |c| {
        sqlx::query_as(
            "SELECT tenant.id AS id, tenant.slug AS slug, tenant.name AS name, \
             tenant.created_at AS created_at, tenant.suspended_at AS suspended_at, membership.role AS role \
             FROM membership JOIN tenant ON tenant.id = membership.tenant_id \
             WHERE membership.user_id = $1 \
             ORDER BY CASE WHEN tenant.suspended_at IS NULL THEN 0 ELSE 1 END, membership.created_at, tenant.id",
        )
        .bind(user.as_str())
        .fetch_all(c)
        .await
    })?;
    rows.into_iter().map(Membership::try_from).collect()
}

/// The members of a tenant, the first joined first.
///
/// # Errors
/// `Database`, `Corrupt`.
pub async fn list_of_tenant(tx: &mut Reader, tenant: &TenantId) -> Result<Vec<Member>, StoreError> {
    let rows: Vec<MemberRow> = on!(tx, |c| {
        sqlx::query_as(concat!(
            "SELECT ",
            user_columns!(),
            ", membership.role AS role, membership.created_at AS since \
             FROM membership JOIN app_user ON app_user.id = membership.user_id \
             WHERE membership.tenant_id = $1 ORDER BY membership.created_at, app_user.id"
        ))
        .bind(tenant.as_str())
        .fetch_all(c)
        .await
    })?;
    rows.into_iter()
        .map(|row| {
            let role = role_of(&row.role, tenant.as_str())?;
            Ok(Member { user: row.user.try_into()?, role, since: Timestamp::from_unix(row.since) })
        })
        .collect()
}

fn role_of(name: &str, row: &str) -> Result<Role, StoreError> {
    Role::from_name(name).ok_or_else(|| StoreError::corrupt("membership", "role", row))
}

#[derive(sqlx::FromRow)]
struct MemberRow {
    #[sqlx(flatten)]
    user: app_user::Row,
    role: String,
    since: i64,
}

#[derive(sqlx::FromRow)]
struct MembershipRow {
    id: String,
    slug: String,
    name: String,
    created_at: i64,
    suspended_at: Option<i64>,
    role: String,
}

impl TryFrom<MembershipRow> for Membership {
    type Error = StoreError;

    fn try_from(row: MembershipRow) -> Result<Self, StoreError> {
        let corrupt = |column| StoreError::corrupt("membership", column, row.id.clone());
        Ok(Self {
            role: role_of(&row.role, &row.id)?,
            tenant: Tenant {
                id: TenantId::parse(&row.id).map_err(|_| corrupt("tenant_id"))?,
                slug: Slug::parse(&row.slug).map_err(|_| corrupt("slug"))?,
                created_at: Timestamp::from_unix(row.created_at),
                suspended_at: row.suspended_at.map(Timestamp::from_unix),
                name: row.name,
            },
        })
    }
}
