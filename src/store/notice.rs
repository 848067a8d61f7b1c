//! The inbox of pushes: a row is durable before WeChat hears `success`, and stays until what it means is done.

use std::time::Duration;

use crate::clock::Timestamp;
use crate::domain::ids::{AuthorizerAppid, ComponentAppid, NoticeId};
use crate::random::Random;
use crate::secret::SealedBody;
use crate::vault::{Place, Vault};

use super::{StoreError, Writer};

/// A push that was verified and decrypted.
#[derive(Debug)]
pub struct NewNotice<'a> {
    pub component: &'a ComponentAppid,
    /// Two pushes with the same key are the same push.
    pub dedupe_key: String,
    pub info_type: &'a str,
    pub authorizer: Option<&'a AuthorizerAppid>,
    pub create_time: Timestamp,
    /// `None`: there is nothing to do later and nothing worth keeping.
    pub body: Option<SealedBody>,
}

/// Stores a push; `false` when it is here already.
pub async fn insert(
    tx: &mut Writer,
    (vault, random): (&Vault, &Random),
    now: Timestamp,
    new: NewNotice<'_>,
) -> Result<bool, StoreError> {
    let id = random.id(now);
    let next_try_at = new.body.is_some().then(|| now.unix());
    let sealed = new.body.as_ref().map(|body| vault.seal(body, place(&id)));
    let changed = on!(tx, |c| {
        sqlx::query(
            "INSERT INTO notice (id, component_appid, dedupe_key, info_type, authorizer_appid, create_time, \
             received_at, body_sealed, tries, next_try_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 0, $9) \
             ON CONFLICT (component_appid, dedupe_key) DO NOTHING",
        )
        .bind(&id)
        .bind(new.component.as_str())
        .bind(&new.dedupe_key)
        .bind(new.info_type)
        .bind(new.authorizer.map(AuthorizerAppid::as_str))
        .bind(new.create_time.unix())
        .bind(now.unix())
        .bind(sealed)
        .bind(next_try_at)
        .execute(c)
        .await
        .map(|done| done.rows_affected())
    })?;
    Ok(changed == 1)
}

/// A push whose meaning is still to be worked out.
#[derive(Debug)]
pub struct Due {
    pub id: NoticeId,
    pub component: ComponentAppid,
    pub tries: i64,
    pub body: SealedBody,
}

/// Takes pushes that are due, oldest first; they become due again after `lease` unless they are finished.
pub async fn claim_due(
    tx: &mut Writer,
    vault: &Vault,
    now: Timestamp,
    (limit, lease): (i64, Duration),
) -> Result<Vec<Due>, StoreError> {
    let sql = format!(
        "WITH due AS MATERIALIZED (SELECT id FROM notice \
         WHERE next_try_at <= $1 ORDER BY next_try_at, id LIMIT $3{}) \
         UPDATE notice SET next_try_at = $2, tries = tries + 1 WHERE id IN (SELECT id FROM due) \
         RETURNING id, component_appid, tries, body_sealed, create_time",
        tx.skip_locked()
    );
    let mut rows: Vec<(String, String, i64, Option<String>, i64)> = on!(tx, |c| {
        sqlx::query_as(sqlx::AssertSqlSafe(sql))
            .bind(now.unix())
            .bind(now.plus(lease).unix())
            .bind(limit)
            .fetch_all(c)
            .await
    })?;
    rows.sort_by(|a, b| (a.4, &a.0).cmp(&(b.4, &b.0)));
    rows.into_iter()
        .map(|(id, component, tries, sealed, _)| {
            let corrupt = |column| StoreError::corrupt("notice", column, id.clone());
            let sealed = sealed.ok_or_else(|| corrupt("body_sealed"))?;
            Ok(Due {
                component: ComponentAppid::parse(&component).map_err(|_| corrupt("component_appid"))?,
                tries,
                body: vault.open_sealed(&sealed, place(&id))?,
                id: NoticeId::parse(&id).map_err(|_| corrupt("id"))?,
            })
        })
        .collect()
}

/// Nothing is left to do; the body is wiped.
pub async fn finish(tx: &mut Writer, id: &NoticeId, now: Timestamp, outcome: &str) -> Result<(), StoreError> {
    on!(tx, |c| {
        sqlx::query(
            "UPDATE notice SET processed_at = $2, outcome = $3, next_try_at = NULL, body_sealed = NULL WHERE id = $1",
        )
        .bind(id.as_str())
        .bind(now.unix())
        .bind(outcome)
        .execute(c)
        .await
        .map(|_| ())
    })?;
    Ok(())
}

/// Forgets pushes that were received before `before` and are done. Returns how many.
pub async fn forget_old(tx: &mut Writer, before: Timestamp) -> Result<u64, StoreError> {
    Ok(on!(tx, |c| {
        sqlx::query("DELETE FROM notice WHERE received_at < $1 AND next_try_at IS NULL")
            .bind(before.unix())
            .execute(c)
            .await
            .map(|done| done.rows_affected())
    })?)
}

const fn place(id: &str) -> Place<'_> {
    Place { table: "notice", column: "body_sealed", row: id }
}
