//! Invitations to tenants. Only the hash of a link is kept; pending is what was neither accepted nor revoked.

use crate::clock::Timestamp;
use crate::domain::ids::{InvitationId, LetterId, TenantId};
use crate::domain::invitation::Invitation;
use crate::domain::role::Role;
use crate::domain::user::Email;

use super::{Reader, StoreError, Writer};

macro_rules! invitation_columns {
    () => {
        "id, tenant_id, email, role, invited_by, letter_id, created_at, expires_at"
    };
}

/// # Errors
/// `Database`, also when the tenant does not exist.
pub async fn insert(tx: &mut Writer, invitation: &Invitation, token_hash: &str) -> Result<(), StoreError> {
    on!(tx, |c| {
        sqlx::query(
            "INSERT INTO invitation (id, tenant_id, email, role, token_hash, invited_by, letter_id, created_at, \
             expires_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        )
        .bind(invitation.id.as_str())
        .bind(invitation.tenant.as_str())
        .bind(invitation.email.as_str())
        .bind(invitation.role.as_str())
        .bind(token_hash)
        .bind(invitation.invited_by.as_deref())
        .bind(invitation.letter.as_ref().map(LetterId::as_str))
        .bind(invitation.created_at.unix())
        .bind(invitation.expires_at.unix())
        .execute(c)
        .await
        .map(drop)
    })?;
    Ok(())
}

/// The tenant's pending invitations, the oldest first; one that has lapsed is among them for `kept_since`.
///
/// # Errors
/// `Database`, `Corrupt`.
pub async fn list_of_tenant(
    tx: &mut Reader,
    tenant: &TenantId,
    kept_since: Timestamp,
) -> Result<Vec<Invitation>, StoreError> {
    let rows: Vec<Row> = on!(tx, |c| {
        sqlx::query_as(concat!(
            "SELECT ",
            invitation_columns!(),
            " FROM invitation WHERE tenant_id = $1 AND accepted_at IS NULL AND revoked_at IS NULL \
             AND expires_at > $2 ORDER BY created_at, id LIMIT 500"
        ))
        .bind(tenant.as_str())
        .bind(kept_since.unix())
        .fetch_all(c)
        .await
    })?;
    rows.into_iter().map(Invitation::try_from).collect()
}

/// One pending invitation of the tenant, lapsed or not.
///
/// # Errors
/// `Database`, `Corrupt`.
pub async fn find(
    tx: &mut Reader,
    tenant: &TenantId,
    id: &InvitationId,
) -> Result<Option<Invitation>, StoreError> {
    let row: Option<Row> = on!(tx, |c| {
        sqlx::query_as(concat!(
            "SELECT ",
            invitation_columns!(),
            " FROM invitation WHERE tenant_id = $1 AND id = $2 AND accepted_at IS NULL AND revoked_at IS NULL"
        ))
        .bind(tenant.as_str())
        .bind(id.as_str())
        .fetch_optional(c)
        .await
    })?;
    row.map(Invitation::try_from).transpose()
}

/// A pending invitation that has not lapsed.
///
/// # Errors
/// `Database`, `Corrupt`.
pub async fn find_open(
    tx: &mut Reader,
    token_hash: &str,
    now: Timestamp,
) -> Result<Option<Invitation>, StoreError> {
    let row: Option<Row> = on!(tx, |c| {
        sqlx::query_as(concat!(
            "SELECT ",
            invitation_columns!(),
            " FROM invitation WHERE token_hash = $1 AND accepted_at IS NULL AND revoked_at IS NULL \
             AND expires_at > $2"
        ))
        .bind(token_hash)
        .bind(now.unix())
        .fetch_optional(c)
        .await
    })?;
    row.map(Invitation::try_from).transpose()
}

/// Uses an open invitation up; whoever comes second gets `None`.
///
/// # Errors
/// `Database`, `Corrupt`.
pub async fn accept(
    tx: &mut Writer,
    token_hash: &str,
    now: Timestamp,
) -> Result<Option<Invitation>, StoreError> {
    let row: Option<Row> = on!(tx, |c| {
        sqlx::query_as(concat!(
            "UPDATE invitation SET accepted_at = $2 WHERE token_hash = $1 AND accepted_at IS NULL \
             AND revoked_at IS NULL AND expires_at > $2 RETURNING ",
            invitation_columns!()
        ))
        .bind(token_hash)
        .bind(now.unix())
        .fetch_optional(c)
        .await
    })?;
    row.map(Invitation::try_from).transpose()
}

/// Takes a pending invitation back. Whether there was one.
///
/// # Errors
/// `Database`.
pub async fn revoke(
    tx: &mut Writer,
    tenant: &TenantId,
    id: &InvitationId,
    now: Timestamp,
) -> Result<bool, StoreError> {
    let touched = on!(tx, |c| {
        sqlx::query(
            "UPDATE invitation SET revoked_at = $3 WHERE tenant_id = $1 AND id = $2 AND accepted_at IS NULL \
             AND revoked_at IS NULL",
        )
        .bind(tenant.as_str())
        .bind(id.as_str())
        .bind(now.unix())
        .execute(c)
        .await
        .map(|done| done.rows_affected())
    })?;
    Ok(touched > 0)
}

/// Takes every pending invitation of an address back: a new one takes its place.
///
/// # Errors
/// `Database`.
pub async fn revoke_of_email(
    tx: &mut Writer,
    tenant: &TenantId,
    email: &Email,
    now: Timestamp,
) -> Result<(), StoreError> {
    on!(tx, |c| {
        sqlx::query(
            "UPDATE invitation SET revoked_at = $3 WHERE tenant_id = $1 AND email = $2 AND accepted_at IS NULL \
             AND revoked_at IS NULL",
        )
        .bind(tenant.as_str())
        .bind(email.as_str())
        .bind(now.unix())
        .execute(c)
        .await
        .map(drop)
    })?;
    Ok(())
}

/// Clears away invitations that lapsed before `before`; returns how many.
///
/// # Errors
/// `Database`.
pub async fn forget_old(tx: &mut Writer, before: Timestamp) -> Result<u64, StoreError> {
    let touched = on!(tx, |c| {
        sqlx::query("DELETE FROM invitation WHERE expires_at < $1")
            .bind(before.unix())
            .execute(c)
            .await
            .map(|done| done.rows_affected())
    })?;
    Ok(touched)
}

#[derive(sqlx::FromRow)]
struct Row {
    id: String,
    tenant_id: String,
    email: String,
    role: String,
    invited_by: Option<String>,
    letter_id: Option<String>,
    created_at: i64,
    expires_at: i64,
}

impl TryFrom<Row> for Invitation {
    type Error = StoreError;

    fn try_from(row: Row) -> Result<Self, StoreError> {
        let corrupt = |column| StoreError::corrupt("invitation", column, row.id.clone());
        let letter = row.letter_id.as_deref().map(LetterId::parse).transpose();
        Ok(Self {
            id: InvitationId::parse(&row.id).map_err(|_| corrupt("id"))?,
            tenant: TenantId::parse(&row.tenant_id).map_err(|_| corrupt("tenant_id"))?,
            email: Email::parse(&row.email).map_err(|_| corrupt("email"))?,
            role: Role::from_name(&row.role).ok_or_else(|| corrupt("role"))?,
            letter: letter.map_err(|_| corrupt("letter_id"))?,
            created_at: Timestamp::from_unix(row.created_at),
            expires_at: Timestamp::from_unix(row.expires_at),
            invited_by: row.invited_by,
        })
    }
}
