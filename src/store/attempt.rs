//! The attempt journal: a row is written before WeChat is called, its answer is sealed into it before anything else
//! changes. So a crash leaves behind either an answer to apply or an attempt in doubt, never a lost token.

use crate::clock::Timestamp;
use crate::domain::ids::{AttemptId, AuthorizerAppid, AuthorizerKey, ComponentAppid, TenantId};
use crate::domain::refresh_plan::LEASE;
use crate::random::Random;
use crate::secret::SealedBody;
use crate::vault::{Keys, Place, Vault};

use super::authorizer_token::Held;
use super::error::readable;
use super::values::{pieces, places};
use super::{Reader, StoreError, Writer, data_key};

/// How an attempt ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Outcome {
    Succeeded,
    /// WeChat refused, or could not be reached before it had the request.
    Failed,
    /// The request may have reached WeChat and no usable answer came back.
    InDoubt,
    /// The answer came after the claim was lost; it was not used.
    Fenced,
}

impl Outcome {
    pub const ALL: [Self; 4] = [Self::Succeeded, Self::Failed, Self::InDoubt, Self::Fenced];

    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|outcome| outcome.as_str() == name)
    }

    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Succeeded => "succeeded",
            Self::Failed => "failed",
            Self::InDoubt => "in_doubt",
            Self::Fenced => "fenced",
        }
    }
}

/// Writes an attempt down before WeChat is called.
pub async fn open(
    tx: &mut Writer,
    random: &Random,
    held: &Held,
    by: (Timestamp, &str),
) -> Result<AttemptId, StoreError> {
    let mut ids = open_all(tx, random, std::slice::from_ref(held), by).await?;
    ids.pop().ok_or_else(|| StoreError::corrupt("attempt", "id", ""))
}

/// Writes an attempt for each of these accounts down, in their order, before WeChat is called.
pub async fn open_all(
    tx: &mut Writer,
    random: &Random,
    held: &[Held],
    (now, holder): (Timestamp, &str),
) -> Result<Vec<AttemptId>, StoreError> {
    let mut ids = Vec::with_capacity(held.len());
    for piece in pieces(held) {
        let sql = format!(
            "INSERT INTO attempt (id, component_appid, authorizer_appid, epoch, holder, cause, started_at, \
             lease_until, tenant_id) VALUES {}",
            places(1, piece.len(), 9)
        );
        let new: Vec<AttemptId> = piece.iter().map(|_| new_id(random, now)).collect::<Result<_, _>>()?;
        on!(tx, |c| {
            let mut query = sqlx::query(sqlx::AssertSqlSafe(sql));
            for (id, held) in new.iter().zip(piece) {
                query = query
                    .bind(id.as_str())
                    .bind(held.key.component.as_str())
                    .bind(held.key.authorizer.as_str())
                    .bind(held.epoch)
                    .bind(holder)
                    .bind("plan")
                    .bind(now.unix())
                    .bind(now.plus(LEASE).unix())
                    .bind(held.tenant.as_str());
            }
            query.execute(c).await.map(|_| ())
        })?;
        ids.extend(new);
    }
    Ok(ids)
}

fn new_id(random: &Random, now: Timestamp) -> Result<AttemptId, StoreError> {
    let id = random.id(now);
    AttemptId::parse(&id).map_err(|_| StoreError::corrupt("attempt", "id", id))
}

/// Seals WeChat's answers into the journal, each for the tenant that held the account when the attempt began.
pub async fn answer(
    tx: &mut Writer,
    vault: &Vault,
    now: Timestamp,
    answers: &[(&AttemptId, &TenantId, &SealedBody)],
) -> Result<(), StoreError> {
    let keys = data_key::sealing_for(tx, vault, answers.iter().map(|(_, tenant, _)| *tenant)).await?;
    for piece in pieces(answers) {
        let sql = format!(
            "WITH came (attempt, at, sealed, tenant) AS (VALUES {}) UPDATE attempt SET answered_at = came.at, \
             answer_sealed = came.sealed, tenant_id = came.tenant FROM came WHERE id = came.attempt",
            places(1, piece.len(), 4)
        );
        let seal = |(id, tenant, raw): &(&AttemptId, &TenantId, &SealedBody)| {
            keys.seal(*raw, place(Some(tenant.as_str()), id.as_str()))
        };
        let sealed = piece.iter().map(seal).collect::<Result<Vec<_>, _>>()?;
        on!(tx, |c| {
            let mut query = sqlx::query(sqlx::AssertSqlSafe(sql));
            for ((id, tenant, _), sealed) in piece.iter().zip(&sealed) {
                query = query.bind(id.as_str()).bind(now.unix()).bind(sealed).bind(tenant.as_str());
            }
            query.execute(c).await.map(|_| ())
        })?;
    }
    Ok(())
}

/// The holder lives and goes on until `until`.
pub async fn extend(tx: &mut Writer, id: &AttemptId, until: Timestamp) -> Result<(), StoreError> {
    on!(tx, |c| {
        sqlx::query("UPDATE attempt SET lease_until = $2 WHERE id = $1 AND outcome IS NULL")
            .bind(id.as_str())
            .bind(until.unix())
            .execute(c)
            .await
            .map(|_| ())
    })?;
    Ok(())
}

/// What is known when an attempt ends.
#[derive(Clone, Debug)]
pub struct End {
    pub outcome: Outcome,
    /// The class of the failure, a name of domain/errcode.rs.
    pub class: Option<&'static str>,
    pub errcode: Option<i64>,
    pub rid: Option<String>,
    pub message: Option<String>,
    pub token_expires_at: Option<Timestamp>,
    /// The sealed answer is in its place and can be wiped.
    pub wipe: bool,
}

/// Ends an attempt.
pub async fn finish(tx: &mut Writer, id: &AttemptId, now: Timestamp, end: &End) -> Result<(), StoreError> {
    finish_all(tx, now, &[(id, end)]).await
}

/// Ends attempts.
pub async fn finish_all(
    tx: &mut Writer,
    now: Timestamp,
    ends: &[(&AttemptId, &End)],
) -> Result<(), StoreError> {
    for piece in pieces(ends) {
        let sql = format!(
            "WITH came (attempt, at, outcome, class, errcode, rid, message, expires_at, wipe) AS (VALUES {}) \
             UPDATE attempt SET finished_at = came.at, outcome = came.outcome, class = came.class, \
             errcode = came.errcode, rid = came.rid, message = came.message, token_expires_at = came.expires_at, \
             answer_sealed = CASE WHEN came.wipe THEN NULL ELSE answer_sealed END FROM came \
             WHERE id = came.attempt",
            places(1, piece.len(), 9)
        );
        on!(tx, |c| {
            let mut query = sqlx::query(sqlx::AssertSqlSafe(sql));
            for (id, end) in piece {
                query = query
                    .bind(id.as_str())
                    .bind(now.unix())
                    .bind(end.outcome.as_str())
                    .bind(end.class)
                    .bind(end.errcode)
                    .bind(end.rid.as_deref())
                    .bind(end.message.as_deref())
                    .bind(end.token_expires_at.map(Timestamp::unix))
                    .bind(end.wipe);
            }
            query.execute(c).await.map(|_| ())
        })?;
    }
    Ok(())
}

/// An attempt whose holder has vanished.
#[derive(Debug)]
pub struct Abandoned {
    pub id: AttemptId,
    pub key: AuthorizerKey,
    pub epoch: i64,
    pub started_at: Timestamp,
    /// WeChat's answer, when the holder lived long enough to write it down.
    pub answer: Option<SealedBody>,
}

/// Attempts without an outcome whose lease is over, oldest first.
pub async fn list_abandoned(
    tx: &mut Reader,
    vault: &Vault,
    now: Timestamp,
    limit: i64,
) -> Result<Vec<Abandoned>, StoreError> {
    let rows: Vec<AbandonedRow> = on!(tx, |c| {
        sqlx::query_as(
            "SELECT id, component_appid, authorizer_appid, epoch, started_at, answer_sealed, tenant_id FROM attempt \
             WHERE outcome IS NULL AND lease_until <= $1 ORDER BY lease_until LIMIT $2",
        )
        .bind(now.unix())
        .bind(limit)
        .fetch_all(c)
        .await
    })?;
    let sealed = rows.iter().filter_map(|row| row.answer_sealed.as_deref());
    let keys = data_key::opening(tx, vault, sealed).await?;
    Ok(rows.into_iter().filter_map(|row| readable(row.open(&keys))).collect())
}

/// Answers of this account that were never applied, newest first: the recovery ladder tries their tokens.
pub async fn unapplied_answers(
    tx: &mut Reader,
    vault: &Vault,
    key: &AuthorizerKey,
) -> Result<Vec<SealedBody>, StoreError> {
    let rows: Vec<(String, String, Option<String>)> = on!(tx, |c| {
        sqlx::query_as(
            "SELECT id, answer_sealed, tenant_id FROM attempt WHERE component_appid = $1 AND authorizer_appid = $2 \
             AND answer_sealed IS NOT NULL ORDER BY started_at DESC LIMIT 3",
        )
        .bind(key.component.as_str())
        .bind(key.authorizer.as_str())
        .fetch_all(c)
        .await
    })?;
    let keys = data_key::opening(tx, vault, rows.iter().map(|(_, sealed, _)| sealed.as_str())).await?;
    let open = |(id, sealed, tenant): &(String, String, Option<String>)| {
        readable(keys.open_sealed(sealed, place(tenant.as_deref(), id)))
    };
    Ok(rows.iter().filter_map(open).collect())
}

/// Forgets attempts that ended before `before`. Returns how many.
pub async fn forget_old(tx: &mut Writer, before: Timestamp) -> Result<u64, StoreError> {
    Ok(on!(tx, |c| {
        sqlx::query("DELETE FROM attempt WHERE finished_at < $1")
            .bind(before.unix())
            .execute(c)
            .await
            .map(|done| done.rows_affected())
    })?)
}

const fn place<'a>(tenant: Option<&'a str>, id: &'a str) -> Place<'a> {
    Place { tenant, table: "attempt", column: "answer_sealed", row: id }
}

#[derive(sqlx::FromRow)]
struct AbandonedRow {
    id: String,
    component_appid: String,
    authorizer_appid: String,
    epoch: i64,
    started_at: i64,
    answer_sealed: Option<String>,
    tenant_id: Option<String>,
}

impl AbandonedRow {
    fn open(self, keys: &Keys) -> Result<Abandoned, StoreError> {
        let corrupt = |column| StoreError::corrupt("attempt", column, self.id.clone());
        Ok(Abandoned {
            key: AuthorizerKey {
                component: ComponentAppid::parse(&self.component_appid)
                    .map_err(|_| corrupt("component_appid"))?,
                authorizer: AuthorizerAppid::parse(&self.authorizer_appid)
                    .map_err(|_| corrupt("authorizer_appid"))?,
            },
            epoch: self.epoch,
            started_at: Timestamp::from_unix(self.started_at),
            answer: self.answer_sealed.as_deref().and_then(|sealed| {
                readable(keys.open_sealed(sealed, place(self.tenant_id.as_deref(), &self.id)))
            }),
            id: AttemptId::parse(&self.id).map_err(|_| corrupt("id"))?,
        })
    }
}
