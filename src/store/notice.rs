//! The inbox of pushes: a row is durable before WeChat hears `success`, and stays until what it means is done.

use std::time::Duration;

use crate::clock::Timestamp;
use crate::domain::ids::{AuthorizerAppid, ComponentAppid, NoticeId};
use crate::random::Random;
use crate::secret::SealedBody;
use crate::vault::{Keys, Place, Vault};

use super::error::readable;
use super::{StoreError, Writer, data_key};

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
    let sealed = match &new.body {
        Some(body) => Some(data_key::seal(tx, vault, body, place(&id)).await?),
        None => None,
    };
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
    pub info_type: String,
    pub received_at: Timestamp,
    pub tries: i64,
    pub body: SealedBody,
}

/// Takes pushes that are due, oldest first; they become due again after `lease` unless they are finished. One
/// that cannot be read is left out.
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
         RETURNING id, component_appid, info_type, create_time, received_at, tries, body_sealed",
        tx.skip_locked()
    );
    let mut rows: Vec<DueRow> = on!(tx, |c| {
        sqlx::query_as(sqlx::AssertSqlSafe(sql))
            .bind(now.unix())
            .bind(now.plus(lease).unix())
            .bind(limit)
            .fetch_all(c)
            .await
    })?;
    rows.sort_by(|a, b| (a.create_time, &a.id).cmp(&(b.create_time, &b.id)));
    let sealed = rows.iter().filter_map(|row| row.body_sealed.as_deref());
    let keys = data_key::opening(tx, vault, sealed).await?;
    Ok(rows.into_iter().filter_map(|row| readable(row.open(&keys))).collect())
}

/// What becomes of a push's text once it is processed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Body {
    /// It carried a code or a ticket that lives elsewhere now.
    Wipe,
    /// Nobody here understands it yet.
    Keep,
}

/// Nothing is left to do.
pub async fn finish(
    tx: &mut Writer,
    id: &NoticeId,
    now: Timestamp,
    (outcome, body): (&str, Body),
) -> Result<(), StoreError> {
    on!(tx, |c| {
        sqlx::query(
            "UPDATE notice SET processed_at = $2, outcome = $3, next_try_at = NULL, \
             body_sealed = CASE WHEN $4 THEN NULL ELSE body_sealed END WHERE id = $1",
        )
        .bind(id.as_str())
        .bind(now.unix())
        .bind(outcome)
        .bind(body == Body::Wipe)
        .execute(c)
        .await
        .map(|_| ())
    })?;
    Ok(())
}

/// Forgets pushes that are done: messages received before the first moment, notices before the second. Returns how
/// many.
pub async fn forget_old(
    tx: &mut Writer,
    (messages, notices): (Timestamp, Timestamp),
) -> Result<u64, StoreError> {
    Ok(on!(tx, |c| {
        sqlx::query(
            "DELETE FROM notice WHERE next_try_at IS NULL \
             AND received_at < CASE WHEN info_type = 'message' THEN $1 ELSE $2 END",
        )
        .bind(messages.unix())
        .bind(notices.unix())
        .execute(c)
        .await
        .map(|done| done.rows_affected())
    })?)
}

const fn place(id: &str) -> Place<'_> {
    Place { tenant: None, table: "notice", column: "body_sealed", row: id }
}

#[derive(sqlx::FromRow)]
struct DueRow {
    id: String,
    component_appid: String,
    info_type: String,
    create_time: i64,
    received_at: i64,
    tries: i64,
    body_sealed: Option<String>,
}

impl DueRow {
    fn open(self, keys: &Keys) -> Result<Due, StoreError> {
        let corrupt = |column| StoreError::corrupt("notice", column, self.id.clone());
        let sealed = self.body_sealed.as_deref().ok_or_else(|| corrupt("body_sealed"))?;
        Ok(Due {
            component: ComponentAppid::parse(&self.component_appid)
                .map_err(|_| corrupt("component_appid"))?,
            body: keys.open_sealed(sealed, place(&self.id))?,
            id: NoticeId::parse(&self.id).map_err(|_| corrupt("id"))?,
            info_type: self.info_type,
            received_at: Timestamp::from_unix(self.received_at),
            tries: self.tries,
        })
    }
}
