//! The audit: records numbered without gaps, each chained to the one before by its hash. Triggers refuse everything but
//! adding.

use crate::clock::Timestamp;
use crate::domain::audit::{Actor, Entry, Record};

use super::{Reader, StoreError, Writer};

/// Adds one record to the transaction of the change that it tells of. The chain's end stays locked until the transaction
/// ends, so this is its **last** statement before the commit: then nobody who holds the end waits for anybody, and nothing
/// slow happens meanwhile.
///
/// # Errors
/// `Database`; the change must not be committed then.
pub async fn append(tx: &mut Writer, now: Timestamp, by: &Actor, entry: &Entry) -> Result<(), StoreError> {
    // The chain is one for all tenants. Nothing of a tenant's follows, so the wall is not put up again.
    tx.lift_wall().await?;
    let (seq, prev_hash): (i64, String) = on!(tx, |c| {
        sqlx::query_as("UPDATE audit_head SET seq = seq + 1 WHERE id = 1 RETURNING seq, hash")
            .fetch_one(c)
            .await
    })?;
    let mut record = Record {
        seq,
        at: now.unix(),
        tenant: entry.tenant.as_ref().map(ToString::to_string),
        actor_kind: by.who.kind().to_owned(),
        actor_id: by.who.id().map(str::to_owned),
        actor_name: by.who.name().map(str::to_owned),
        address: by.address.map(|address| address.to_string()),
        trace: by.trace.clone(),
        action: entry.action.as_str().to_owned(),
        subject_kind: entry.subject.kind.as_str().to_owned(),
        subject_id: entry.subject.id.clone(),
        subject_name: entry.subject.name.clone(),
        detail: entry.detail.to_json(),
        prev_hash,
        hash: String::new(),
    };
    record.hash = record.computed_hash();
    insert(tx, &record).await?;
    on!(tx, |c| {
        sqlx::query("UPDATE audit_head SET hash = $1 WHERE id = 1")
            .bind(&record.hash)
            .execute(c)
            .await
            .map(|_| ())
    })?;
    Ok(())
}

async fn insert(tx: &mut Writer, record: &Record) -> Result<(), StoreError> {
    on!(tx, |c| {
        sqlx::query(
            "INSERT INTO audit (seq, at, tenant_id, actor_kind, actor_id, actor_name, address, trace, action, \
             subject_kind, subject_id, subject_name, detail, prev_hash, hash) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)",
        )
        .bind(record.seq)
        .bind(record.at)
        .bind(&record.tenant)
        .bind(&record.actor_kind)
        .bind(&record.actor_id)
        .bind(&record.actor_name)
        .bind(&record.address)
        .bind(&record.trace)
        .bind(&record.action)
        .bind(&record.subject_kind)
        .bind(&record.subject_id)
        .bind(&record.subject_name)
        .bind(&record.detail)
        .bind(&record.prev_hash)
        .bind(&record.hash)
        .execute(c)
        .await
        .map(|_| ())
    })?;
    Ok(())
}

/// The number and the hash of the newest record; 0 and [`GENESIS`](crate::domain::audit::GENESIS) when there is none.
///
/// # Errors
/// `Database`.
pub async fn head(tx: &mut Reader) -> Result<(i64, String), StoreError> {
    Ok(on!(tx, |c| sqlx::query_as("SELECT seq, hash FROM audit_head WHERE id = 1").fetch_one(c).await)?)
}

/// The records after a number, in their order, for who checks the chain.
///
/// # Errors
/// `Database`.
pub async fn chain(tx: &mut Reader, after: i64, limit: i64) -> Result<Vec<Record>, StoreError> {
    let rows: Vec<Row> = on!(tx, |c| {
        sqlx::query_as("SELECT * FROM audit WHERE seq > $1 ORDER BY seq LIMIT $2")
            .bind(after)
            .bind(limit)
            .fetch_all(c)
            .await
    })?;
    Ok(rows.into_iter().map(Record::from).collect())
}

#[derive(sqlx::FromRow)]
pub(super) struct Row {
    seq: i64,
    at: i64,
    tenant_id: Option<String>,
    actor_kind: String,
    actor_id: Option<String>,
    actor_name: Option<String>,
    address: Option<String>,
    trace: String,
    action: String,
    subject_kind: String,
    subject_id: String,
    subject_name: Option<String>,
    detail: String,
    prev_hash: String,
    hash: String,
}

impl From<Row> for Record {
    fn from(row: Row) -> Self {
        Self {
            seq: row.seq,
            at: row.at,
            tenant: row.tenant_id,
            actor_kind: row.actor_kind,
            actor_id: row.actor_id,
            actor_name: row.actor_name,
            address: row.address,
            trace: row.trace,
            action: row.action,
            subject_kind: row.subject_kind,
            subject_id: row.subject_id,
            subject_name: row.subject_name,
            detail: row.detail,
            prev_hash: row.prev_hash,
            hash: row.hash,
        }
    }
}
