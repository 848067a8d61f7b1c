//! What the refresher does with many accounts at once: it sees whose turn it is, claims them, and records what came.

use std::collections::HashSet;

use crate::clock::{Clock, Timestamp};
use crate::domain::health::Health;
use crate::domain::ids::{AuthorizerAppid, ComponentAppid, TenantId};
use crate::domain::refresh_plan::LEASE;
use crate::vault::{Keys, Vault, VaultError};

use super::authorizer_token::{ACCESS, Held, NewTokens, REFRESH, Row, held_columns, open_all, place};
use super::values::{pieces, places};
use super::{Reader, StoreError, Writer, data_key};

/// An account that is due.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Turn {
    pub authorizer: AuthorizerAppid,
    pub tenant: TenantId,
    /// How many of its tenant's due accounts come before it, and itself: from 1.
    pub number: i64,
}

/// Accounts of one component whose refresh is due and that nobody holds. Tenants take turns; in each turn, and among a
/// tenant's own, the token that ends first comes first, and none at all before that.
pub async fn list_turns(
    tx: &mut Reader,
    component: &ComponentAppid,
    now: Timestamp,
    limit: i64,
) -> Result<Vec<Turn>, StoreError> {
    let rows: Vec<(String, String, i64)> = on!(tx, |c| {
        sqlx::query_as(
            "SELECT authorizer_appid, tenant_id, number FROM (SELECT authorizer_appid, tenant_id, \
             COALESCE(token_expires_at, 0) AS ends_at, ROW_NUMBER() OVER (PARTITION BY tenant_id \
             ORDER BY COALESCE(token_expires_at, 0), authorizer_appid) AS number FROM authorizer \
             WHERE component_appid = $1 AND next_refresh_at <= $2 AND lease_until <= $2 AND not_before <= $2) AS due \
             ORDER BY number, ends_at, authorizer_appid LIMIT $3",
        )
        .bind(component.as_str())
        .bind(now.unix())
        .bind(limit)
        .fetch_all(c)
        .await
    })?;
    rows.into_iter()
        .map(|(appid, tenant, number)| {
            let corrupt = |column| StoreError::corrupt("authorizer", column, appid.clone());
            Ok(Turn {
                authorizer: AuthorizerAppid::parse(&appid).map_err(|_| corrupt("authorizer_appid"))?,
                tenant: TenantId::parse(&tenant).map_err(|_| corrupt("tenant_id"))?,
                number,
            })
        })
        .collect()
}

/// Takes those of these accounts that are still due and that nobody holds. A row that cannot be read is left out until
/// its lease ends.
pub async fn claim(
    tx: &mut Writer,
    vault: &Vault,
    component: &ComponentAppid,
    accounts: &[AuthorizerAppid],
    (now, holder): (Timestamp, &str),
) -> Result<Vec<Held>, StoreError> {
    let claimed = Clock::stopwatch();
    let mut held = Vec::with_capacity(accounts.len());
    for piece in pieces(accounts) {
        let sql = claim_sql(piece.len(), tx.skip_locked());
        let rows: Vec<Row> = on!(tx, |c| {
            let mut query = sqlx::query_as(sqlx::AssertSqlSafe(sql))
                .bind(component.as_str())
                .bind(now.unix())
                .bind(holder)
                .bind(now.plus(LEASE).unix());
            for appid in piece {
                query = query.bind(appid.as_str());
            }
            query.fetch_all(c).await
        })?;
        held.extend(open_all(tx, vault, rows, claimed).await?);
    }
    Ok(held)
}

/// The `+` keeps the index of what is due out of it: with a backlog that walks past all of it for a few accounts whose
/// whole keys are known.
fn claim_sql(accounts: usize, skip_locked: &str) -> String {
    format!(
        "WITH due AS MATERIALIZED (SELECT authorizer_appid FROM authorizer WHERE component_appid = $1 \
         AND authorizer_appid IN (VALUES {}) AND +next_refresh_at <= $2 AND lease_until <= $2 \
         AND not_before <= $2{}) \
         UPDATE authorizer SET lease_holder = $3, lease_until = $4, not_before = $2 + refresh_floor, \
         epoch = epoch + 1 WHERE component_appid = $1 \
         AND authorizer_appid IN (SELECT authorizer_appid FROM due) RETURNING {}",
        places(5, accounts, 1),
        skip_locked,
        held_columns!()
    )
}

/// Records what refreshes brought. For each, in their order: `false` when the claim was lost, and nothing has changed
/// then.
pub async fn record(
    tx: &mut Writer,
    vault: &Vault,
    brought: &[(&Held, &NewTokens)],
) -> Result<Vec<bool>, StoreError> {
    let mut stored = HashSet::new();
    let keys = data_key::sealing_for(tx, vault, brought.iter().map(|(held, _)| &held.tenant)).await?;
    for piece in pieces(brought) {
        stored.extend(record_piece(tx, &keys, piece).await?);
    }
    for (_, account, _) in &stored {
        tx.tell(account);
    }
    let is_stored = |held: &Held| {
        let key = &held.key;
        stored.contains(&(key.component.as_str().to_owned(), key.authorizer.as_str().to_owned(), held.epoch))
    };
    Ok(brought.iter().map(|(held, _)| is_stored(held)).collect())
}

/// An account that was given to another tenant meanwhile is left alone: its tokens are sealed for that one now.
async fn record_piece(
    tx: &mut Writer,
    keys: &Keys,
    piece: &[(&Held, &NewTokens)],
) -> Result<Vec<(String, String, i64)>, StoreError> {
    let sql = format!(
        "WITH came (component, account, held, access, refresh, obtained_at, expires_at, next_at, floor, tenant) AS (VALUES {}) \
         UPDATE authorizer SET access_token_sealed = came.access, \
         previous_refresh_token_sealed = CASE WHEN came.refresh IS NULL THEN previous_refresh_token_sealed \
         ELSE refresh_token_sealed END, refresh_token_sealed = COALESCE(came.refresh, refresh_token_sealed), \
         token_obtained_at = came.obtained_at, token_expires_at = came.expires_at, \
         attention_at = came.expires_at, next_refresh_at = came.next_at, last_success_at = came.obtained_at, \
         generation = generation + 1, failures = 0, lease_until = 0, lease_holder = NULL, \
         health_since = CASE WHEN health = 'healthy' THEN health_since ELSE came.obtained_at END, \
         health = 'healthy', health_rank = {}, reason = 'ok', errcode = NULL, rid = NULL, doubts = 0, refresh_floor = came.floor \
         FROM came \
         WHERE component_appid = came.component AND authorizer_appid = came.account AND epoch = came.held \
         AND tenant_id = came.tenant \
         RETURNING component_appid, authorizer_appid, epoch",
        places(1, piece.len(), 10),
        Health::Healthy.rank()
    );
    let sealed = piece.iter().map(|one| seal(keys, one)).collect::<Result<Vec<_>, _>>()?;
    Ok(on!(tx, |c| {
        let mut query = sqlx::query_as(sqlx::AssertSqlSafe(sql));
        for ((held, new), (access, refresh)) in piece.iter().zip(&sealed) {
            query = query
                .bind(held.key.component.as_str())
                .bind(held.key.authorizer.as_str())
                .bind(held.epoch)
                .bind(access)
                .bind(refresh)
                .bind(new.obtained_at.unix())
                .bind(new.expires_at.unix())
                .bind(new.next_refresh_at.unix())
                .bind(new.floor())
                .bind(held.tenant.as_str());
        }
        query.fetch_all(c).await
    })?)
}

/// The access token and the refresh token, if they are new.
fn seal(
    keys: &Keys,
    (held, new): &(&Held, &NewTokens),
) -> Result<(Option<String>, Option<String>), VaultError> {
    let (row, tenant) = (held.key.row(), held.tenant.as_str());
    let seal_access = |token: &_| keys.seal(token, place(tenant, ACCESS, &row));
    let seal_refresh = |token: &_| keys.seal(token, place(tenant, REFRESH, &row));
    let access = new.access_token.as_ref().map(seal_access).transpose()?;
    Ok((access, new.refresh_token.as_ref().map(seal_refresh).transpose()?))
}

#[cfg(test)]
mod tests {
    use super::super::query_plan::query_plan;
    use super::*;

    #[tokio::test]
    async fn a_claim_goes_by_whole_keys_and_never_through_all_that_is_due() {
        let plan = query_plan(&claim_sql(8, "")).await;

        let looks: Vec<&String> = plan.iter().filter(|line| line.contains(" authorizer ")).collect();
        assert_eq!(looks.len(), 2, "{plan:#?}");
        assert!(
            looks.iter().all(|line| line.contains("component_appid=? AND authorizer_appid=?")),
            "{plan:#?}"
        );
    }
}
