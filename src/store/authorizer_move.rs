//! An account changes hands: its tokens are sealed anew for its new tenant, or nobody could open them any more.

use crate::domain::ids::{AuthorizerKey, TenantId};
use crate::secret::SealedBody;
use crate::vault::{Keys, Vault};

use super::authorizer_token::{ACCESS, REFRESH, place};
use super::error::readable;
use super::{StoreError, Writer, data_key};

/// Gives an account to another tenant. A token that does not open stays behind: it counts as lost. Whoever refreshes the
/// account in this moment records nothing; what came is kept in the journal.
pub async fn move_to(
    tx: &mut Writer,
    vault: &Vault,
    key: &AuthorizerKey,
    tenant: &TenantId,
) -> Result<(), StoreError> {
    tx.tell(key.authorizer.as_str());
    let row: Option<Row> = on!(tx, |c| {
        sqlx::query_as(
            "UPDATE authorizer SET epoch = epoch WHERE component_appid = $1 AND authorizer_appid = $2 \
             RETURNING tenant_id, access_token_sealed, refresh_token_sealed, previous_refresh_token_sealed",
        )
        .bind(key.component.as_str())
        .bind(key.authorizer.as_str())
        .fetch_optional(c)
        .await
    })?;
    let Some(row) = row else { return Ok(()) };
    let sealed = [&row.access_token_sealed, &row.refresh_token_sealed, &row.previous_refresh_token_sealed];
    let old = data_key::opening(tx, vault, sealed.into_iter().filter_map(|text| text.as_deref())).await?;
    let new = data_key::sealing_for(tx, vault, [tenant]).await?;
    let (account, to) = (key.row(), tenant.as_str());
    let carry = |sealed: Option<&str>, column| {
        let (from, to) = (place(&row.tenant_id, column, &account), place(to, column, &account));
        carried((&old, &new), sealed, (from, to))
    };
    let access = carry(row.access_token_sealed.as_deref(), ACCESS)?;
    let refresh = carry(row.refresh_token_sealed.as_deref(), REFRESH)?;
    let previous = carry(row.previous_refresh_token_sealed.as_deref(), REFRESH)?;
    on!(tx, |c| {
        sqlx::query(
            "UPDATE authorizer SET tenant_id = $3, access_token_sealed = $4, refresh_token_sealed = $5, \
             previous_refresh_token_sealed = $6 WHERE component_appid = $1 AND authorizer_appid = $2",
        )
        .bind(key.component.as_str())
        .bind(key.authorizer.as_str())
        .bind(to)
        .bind(access)
        .bind(refresh)
        .bind(previous)
        .execute(c)
        .await
        .map(drop)
    })?;
    Ok(())
}

fn carried(
    (old, new): (&Keys, &Keys),
    sealed: Option<&str>,
    (from, to): (crate::vault::Place<'_>, crate::vault::Place<'_>),
) -> Result<Option<String>, StoreError> {
    let opened = sealed.and_then(|text| readable(old.open_sealed::<SealedBody>(text, from)));
    Ok(opened.map(|secret| new.seal(&secret, to)).transpose()?)
}

#[derive(sqlx::FromRow)]
struct Row {
    tenant_id: String,
    access_token_sealed: Option<String>,
    refresh_token_sealed: Option<String>,
    previous_refresh_token_sealed: Option<String>,
}
