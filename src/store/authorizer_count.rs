//! How many accounts are in each state. Triggers keep the counts: on SQLite a row is a count, on PostgreSQL a count is
//! the sum of its rows, which are only added, so that writers never wait for each other.

use crate::domain::health::Health;
use crate::domain::ids::{ComponentAppid, TenantId};

use super::{Reader, StoreError, Writer};

/// How many accounts of a tenant are in one stored state, by component.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Count {
    pub component: ComponentAppid,
    pub health: Health,
    pub count: i64,
}

/// The numbers behind a tenant's pages; states without accounts are left out.
///
/// # Errors
/// `Database`, `Corrupt`.
pub async fn of_tenant(tx: &mut Reader, tenant: &TenantId) -> Result<Vec<Count>, StoreError> {
    let rows: Vec<(String, i64, i64)> = on!(tx, |c| {
        sqlx::query_as(
            "SELECT component_appid, health_rank, CAST(SUM(amount) AS BIGINT) FROM authorizer_count \
             WHERE tenant_id = $1 GROUP BY component_appid, health_rank HAVING SUM(amount) > 0 \
             ORDER BY health_rank, component_appid",
        )
        .bind(tenant.as_str())
        .fetch_all(c)
        .await
    })?;
    let count = |(component, rank, count): (String, i64, i64)| {
        let corrupt = || StoreError::corrupt("authorizer_count", "component_appid", component.clone());
        let component = ComponentAppid::parse(&component).map_err(|_| corrupt())?;
        Ok(Count { component, health: health(rank)?, count })
    };
    rows.into_iter().map(count).collect()
}

/// The same over all tenants and components.
///
/// # Errors
/// `Database`, `Corrupt`.
pub async fn of_all(tx: &mut Reader) -> Result<Vec<(Health, i64)>, StoreError> {
    let rows: Vec<(i64, i64)> = on!(tx, |c| {
        sqlx::query_as(
            "SELECT health_rank, CAST(SUM(amount) AS BIGINT) FROM authorizer_count GROUP BY health_rank \
             HAVING SUM(amount) > 0 ORDER BY health_rank",
        )
        .fetch_all(c)
        .await
    })?;
    rows.into_iter().map(|(rank, count)| Ok((health(rank)?, count))).collect()
}

/// Adds the rows of each count up to one, at most `limit` counts. Returns how many rows went.
pub async fn fold(tx: &mut Writer, limit: i64) -> Result<u64, StoreError> {
    let crowded: Vec<(String, String, i64)> = on!(tx, |c| {
        sqlx::query_as(
            "SELECT tenant_id, component_appid, health_rank FROM authorizer_count \
             GROUP BY tenant_id, component_appid, health_rank HAVING COUNT(*) > 1 LIMIT $1",
        )
        .bind(limit)
        .fetch_all(c)
        .await
    })?;
    let mut gone = 0;
    for (tenant, component, rank) in crowded {
        // Only what this transaction deletes is added up: another that folds at the same time finds other rows.
        let amounts: Vec<(i64,)> = on!(tx, |c| {
            sqlx::query_as(
                "DELETE FROM authorizer_count WHERE tenant_id = $1 AND component_appid = $2 AND health_rank = $3 \
                 RETURNING amount",
            )
            .bind(&tenant)
            .bind(&component)
            .bind(rank)
            .fetch_all(c)
            .await
        })?;
        on!(tx, |c| {
            sqlx::query("INSERT INTO authorizer_count VALUES ($1, $2, $3, $4)")
                .bind(&tenant)
                .bind(&component)
                .bind(rank)
                .bind(amounts.iter().map(|(amount,)| amount).sum::<i64>())
                .execute(c)
                .await
                .map(|_| ())
        })?;
        gone += u64::try_from(amounts.len()).unwrap_or(0).saturating_sub(1);
    }
    Ok(gone)
}

fn health(rank: i64) -> Result<Health, StoreError> {
    let found = Health::ALL.into_iter().find(|health| health.rank() == rank);
    found.ok_or_else(|| StoreError::corrupt("authorizer_count", "health_rank", rank.to_string()))
}
