//! How authorization codes end: settled, held for a platform admin, failed, or tried again later.

use crate::clock::Timestamp;
use crate::domain::authorization::GrantProblem;
use crate::domain::ids::{AuthorizerAppid, ComponentAppid, TenantId};
use crate::random::Random;

use super::grant_code::{Code, Status};
use super::{Reader, StoreError, Writer};

/// Where a code ends, or when it is tried again.
#[derive(Debug)]
pub struct Ending<'a> {
    pub status: Status,
    pub problem: Option<GrantProblem>,
    pub authorizer: Option<&'a AuthorizerAppid>,
    pub held_for: Option<&'a TenantId>,
    pub errcode: Option<i64>,
    pub rid: Option<String>,
    pub next_try_at: Option<Timestamp>,
}

impl<'a> Ending<'a> {
    pub const fn settled(authorizer: Option<&'a AuthorizerAppid>) -> Self {
        Self {
            status: Status::Settled,
            problem: None,
            authorizer,
            held_for: None,
            errcode: None,
            rid: None,
            next_try_at: None,
        }
    }
}

/// Writes down how a code ended. Code and answer are wiped once it is settled. Whoever lost the code to another holder
/// can still bring its grant, but neither its failure nor another try.
pub async fn end(
    tx: &mut Writer,
    code: &Code,
    now: Timestamp,
    ending: &Ending<'_>,
) -> Result<(), StoreError> {
    let wipe = matches!(ending.status, Status::Settled);
    on!(tx, |c| {
        sqlx::query(
            "UPDATE grant_code SET status = $2, problem = $3, authorizer_appid = COALESCE($4, authorizer_appid), \
             held_for_tenant = $5, errcode = $6, rid = $7, next_try_at = $8, settled_at = $9, lease_until = 0, \
             code_sealed = CASE WHEN $10 THEN NULL ELSE code_sealed END, \
             answer_sealed = CASE WHEN $10 THEN NULL ELSE answer_sealed END WHERE id = $1 \
             AND (epoch = $11 OR $2 IN ('settled', 'held'))",
        )
        .bind(code.id.as_str())
        .bind(ending.status.as_str())
        .bind(ending.problem.map(GrantProblem::as_str))
        .bind(ending.authorizer.map(AuthorizerAppid::as_str))
        .bind(ending.held_for.map(TenantId::as_str))
        .bind(ending.errcode)
        .bind(ending.rid.as_deref())
        .bind(ending.next_try_at.map(Timestamp::unix))
        .bind(ending.next_try_at.is_none().then(|| now.unix()))
        .bind(wipe)
        .bind(code.epoch)
        .execute(c)
        .await
        .map(|_| ())
    })?;
    Ok(())
}

/// The account has found its tenant: what waited for its origin to become known waits no longer.
pub async fn settle_unknown(
    tx: &mut Writer,
    (component, authorizer): (&ComponentAppid, &AuthorizerAppid),
    now: Timestamp,
) -> Result<(), StoreError> {
    on!(tx, |c| {
        sqlx::query(
            "UPDATE grant_code SET status = 'settled', settled_at = $3, code_sealed = NULL, answer_sealed = NULL \
             WHERE component_appid = $1 AND authorizer_appid = $2 AND status = 'held' AND problem = 'unknown_origin'",
        )
        .bind(component.as_str())
        .bind(authorizer.as_str())
        .bind(now.unix())
        .execute(c)
        .await
        .map(|_| ())
    })?;
    Ok(())
}

/// Holds an account that WeChat lists and nobody here knows; once for each account while it is held.
pub async fn hold_listed(
    tx: &mut Writer,
    random: &Random,
    now: Timestamp,
    (component, authorizer): (&ComponentAppid, &AuthorizerAppid),
) -> Result<bool, StoreError> {
    let changed = on!(tx, |c| {
        sqlx::query(
            "INSERT INTO grant_code (id, component_appid, code_hash, authorizer_appid, received_at, expires_at, \
             status, problem, lease_until, epoch, tries) \
             SELECT $1, $2, $4, $3, $5, $5, 'held', 'unknown_origin', 0, 0, 0 \
             WHERE NOT EXISTS (SELECT 1 FROM grant_code WHERE component_appid = $2 AND authorizer_appid = $3 \
             AND status IN ('held', 'waiting', 'exchanged')) \
             ON CONFLICT (component_appid, code_hash) DO NOTHING",
        )
        .bind(random.id(now))
        .bind(component.as_str())
        .bind(authorizer.as_str())
        .bind(format!("list:{authorizer}"))
        .bind(now.unix())
        .execute(c)
        .await
        .map(|done| done.rows_affected())
    })?;
    Ok(changed == 1)
}

/// Whether a grant of this account was settled at or after `since`: then a code that WeChat no longer takes is no
/// failure.
pub async fn settled_since(
    tx: &mut Reader,
    component: &ComponentAppid,
    authorizer: &AuthorizerAppid,
    since: Timestamp,
) -> Result<bool, StoreError> {
    let row: Option<(i64,)> = on!(tx, |c| {
        sqlx::query_as(
            "SELECT settled_at FROM grant_code WHERE component_appid = $1 AND authorizer_appid = $2 \
             AND status = 'settled' AND settled_at >= $3 LIMIT 1",
        )
        .bind(component.as_str())
        .bind(authorizer.as_str())
        .bind(since.unix())
        .fetch_optional(c)
        .await
    })?;
    Ok(row.is_some())
}

/// Forgets codes that were settled or failed before `before`. Held ones stay. Returns how many.
pub async fn forget_old(tx: &mut Writer, before: Timestamp) -> Result<u64, StoreError> {
    Ok(on!(tx, |c| {
        sqlx::query("DELETE FROM grant_code WHERE status IN ('settled', 'failed') AND settled_at < $1")
            .bind(before.unix())
            .execute(c)
            .await
            .map(|done| done.rows_affected())
    })?)
}
