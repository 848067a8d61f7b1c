//! Letters to people: queued in the transaction that owes them, claimed by one process at a time, wiped once over.

use std::time::Duration;

use crate::clock::Timestamp;
use crate::domain::ids::{LetterId, TenantId};
use crate::domain::letter::{LetterKind, LetterState};
use crate::domain::text::Lang;
use crate::domain::user::Email;
use crate::random::Random;
use crate::secret::LetterContent;
use crate::vault::{Keys, Place, Vault};

use super::error::readable;
use super::{Reader, StoreError, Writer, data_key};

/// A letter to be queued.
#[derive(Debug)]
pub struct Letter<'a> {
    pub to: &'a Email,
    pub lang: Lang,
    pub kind: LetterKind,
    /// Whose business it is about.
    pub tenant: Option<&'a TenantId>,
    pub content: &'a LetterContent,
}

/// Queues a letter. It leaves after the transaction has committed, and never when it has not.
///
/// # Errors
/// `Database`.
pub async fn queue(
    tx: &mut Writer,
    (vault, random): (&Vault, &Random),
    now: Timestamp,
    letter: &Letter<'_>,
) -> Result<LetterId, StoreError> {
    let id = random.id(now);
    let sealed = data_key::seal(tx, vault, letter.content, place(&id)).await?;
    on!(tx, |c| {
        sqlx::query(
            "INSERT INTO letter (id, tenant_id, recipient, kind, language, content_sealed, queued_at, due_at, tries) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $7, 0)",
        )
        .bind(&id)
        .bind(letter.tenant.map(TenantId::as_str))
        .bind(letter.to.as_str())
        .bind(letter.kind.as_str())
        .bind(letter.lang.code())
        .bind(sealed)
        .bind(now.unix())
        .execute(c)
        .await
        .map(drop)
    })?;
    LetterId::parse(&id).map_err(|_| StoreError::corrupt("letter", "id", id))
}

/// A letter that somebody has taken in hand.
#[derive(Debug)]
pub struct Claimed {
    pub id: LetterId,
    pub to: Email,
    pub kind: LetterKind,
    pub content: LetterContent,
    pub queued_at: Timestamp,
    /// Counts this one; whoever claims again has a higher number.
    pub tries: i64,
}

/// Takes letters that are due, one process each, until `lease` is over. One that cannot be read is reported and comes
/// up again.
///
/// # Errors
/// `Database`.
pub async fn claim_due(
    tx: &mut Writer,
    vault: &Vault,
    now: Timestamp,
    (limit, lease): (i64, Duration),
) -> Result<Vec<Claimed>, StoreError> {
    let sql = format!(
        "WITH due AS MATERIALIZED (SELECT id FROM letter WHERE due_at <= $1 ORDER BY due_at LIMIT $3{}) \
         UPDATE letter SET due_at = $2, tries = tries + 1 WHERE id IN (SELECT id FROM due) \
         RETURNING id, recipient, kind, content_sealed, queued_at, tries",
        tx.skip_locked()
    );
    let rows: Vec<Row> = on!(tx, |c| {
        sqlx::query_as(sqlx::AssertSqlSafe(sql))
            .bind(now.unix())
            .bind(now.plus(lease).unix())
            .bind(limit)
            .fetch_all(c)
            .await
    })?;
    let sealed = rows.iter().filter_map(|row| row.content_sealed.as_deref());
    let keys = data_key::opening(tx, vault, sealed).await?;
    Ok(rows.into_iter().filter_map(|row| readable(row.open(&keys))).collect())
}

/// Whether any letter is due: a look that disturbs nobody.
///
/// # Errors
/// `Database`.
pub async fn is_due(tx: &mut Reader, now: Timestamp) -> Result<bool, StoreError> {
    let row: Option<(i64,)> = on!(tx, |c| {
        sqlx::query_as("SELECT tries FROM letter WHERE due_at <= $1 LIMIT 1")
            .bind(now.unix())
            .fetch_optional(c)
            .await
    })?;
    Ok(row.is_some())
}

/// What became of a try.
#[derive(Clone, Debug)]
pub enum Outcome {
    Sent,
    /// Tried again then.
    Later(Timestamp, String),
    /// Never tried again.
    GivenUp(String),
}

/// Writes down what became of a try, and wipes the letter when it is over. `false` when somebody else has taken it
/// since, whose word counts then.
///
/// # Errors
/// `Database`.
pub async fn record(
    tx: &mut Writer,
    claimed: (&LetterId, i64),
    now: Timestamp,
    outcome: &Outcome,
) -> Result<bool, StoreError> {
    let (sent, failed, due, problem) = match outcome {
        Outcome::Sent => (Some(now), None, None, None),
        Outcome::Later(at, problem) => (None, None, Some(*at), Some(problem)),
        Outcome::GivenUp(problem) => (None, Some(now), None, Some(problem)),
    };
    let touched = on!(tx, |c| {
        sqlx::query(
            "UPDATE letter SET sent_at = $3, failed_at = $4, due_at = $5, problem = $6, \
             content_sealed = CASE WHEN CAST($5 AS BIGINT) IS NULL THEN NULL ELSE content_sealed END \
             WHERE id = $1 AND tries = $2 AND due_at IS NOT NULL",
        )
        .bind(claimed.0.as_str())
        .bind(claimed.1)
        .bind(sent.map(Timestamp::unix))
        .bind(failed.map(Timestamp::unix))
        .bind(due.map(Timestamp::unix))
        .bind(problem)
        .execute(c)
        .await
        .map(|done| done.rows_affected())
    })?;
    Ok(touched > 0)
}

/// Takes a letter back that has not left, because what it says is not true any more. Whether it had not left.
///
/// # Errors
/// `Database`.
pub async fn withdraw(tx: &mut Writer, id: &LetterId) -> Result<bool, StoreError> {
    let touched = on!(tx, |c| {
        sqlx::query("DELETE FROM letter WHERE id = $1 AND due_at IS NOT NULL")
            .bind(id.as_str())
            .execute(c)
            .await
            .map(|done| done.rows_affected())
    })?;
    Ok(touched > 0)
}

/// What became of a letter; `None` when it is unknown or long past.
///
/// # Errors
/// `Database`.
pub async fn find(tx: &mut Reader, id: &LetterId) -> Result<Option<LetterState>, StoreError> {
    let row: Option<StateRow> = on!(tx, |c| {
        sqlx::query_as("SELECT tries, sent_at, failed_at, problem FROM letter WHERE id = $1")
            .bind(id.as_str())
            .fetch_optional(c)
            .await
    })?;
    Ok(row.map(StateRow::state))
}

/// How many letters were given up since `since`.
///
/// # Errors
/// `Database`.
pub async fn count_failed(tx: &mut Reader, since: Timestamp) -> Result<i64, StoreError> {
    let (count,): (i64,) = on!(tx, |c| {
        sqlx::query_as("SELECT COUNT(*) FROM letter WHERE failed_at >= $1")
            .bind(since.unix())
            .fetch_one(c)
            .await
    })?;
    Ok(count)
}

/// Clears away letters queued before `before`; one that still waits stays. Returns how many.
///
/// # Errors
/// `Database`.
pub async fn forget_old(tx: &mut Writer, before: Timestamp) -> Result<u64, StoreError> {
    let touched = on!(tx, |c| {
        sqlx::query("DELETE FROM letter WHERE queued_at < $1 AND due_at IS NULL")
            .bind(before.unix())
            .execute(c)
            .await
            .map(|done| done.rows_affected())
    })?;
    Ok(touched)
}

const fn place(id: &str) -> Place<'_> {
    Place { tenant: None, table: "letter", column: "content_sealed", row: id }
}

#[derive(sqlx::FromRow)]
struct StateRow {
    tries: i64,
    sent_at: Option<i64>,
    failed_at: Option<i64>,
    problem: Option<String>,
}

impl StateRow {
    fn state(self) -> LetterState {
        match (self.sent_at, self.failed_at) {
            (Some(at), _) => LetterState::Sent(Timestamp::from_unix(at)),
            (None, Some(at)) => LetterState::Failed {
                at: Timestamp::from_unix(at),
                problem: self.problem.unwrap_or_default(),
            },
            (None, None) => LetterState::Waiting { tries: self.tries, problem: self.problem },
        }
    }
}

#[derive(sqlx::FromRow)]
struct Row {
    id: String,
    recipient: String,
    kind: String,
    content_sealed: Option<String>,
    queued_at: i64,
    tries: i64,
}

impl Row {
    fn open(self, keys: &Keys) -> Result<Claimed, StoreError> {
        let corrupt = |column| StoreError::corrupt("letter", column, self.id.clone());
        let sealed = self.content_sealed.as_deref().ok_or_else(|| corrupt("content_sealed"))?;
        Ok(Claimed {
            to: Email::parse(&self.recipient).map_err(|_| corrupt("recipient"))?,
            kind: LetterKind::from_name(&self.kind).ok_or_else(|| corrupt("kind"))?,
            content: keys.open_sealed(sealed, place(&self.id))?,
            id: LetterId::parse(&self.id).map_err(|_| corrupt("id"))?,
            queued_at: Timestamp::from_unix(self.queued_at),
            tries: self.tries,
        })
    }
}
