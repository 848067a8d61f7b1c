//! The code broker's table: one row for each authorization code, whoever brought it, exchanged once.

use std::time::Duration;

use crate::clock::Timestamp;
use crate::domain::authorization::GrantProblem;
use crate::domain::ids::{AuthorizationId, AuthorizerAppid, ComponentAppid, GrantId, TenantId};
use crate::random::Random;
use crate::secret::{AuthorizationCode, SealedBody, Secret};
use crate::vault::{Keys, Place, Vault};

use super::error::readable;
use super::{Reader, StoreError, Writer, data_key};

/// A code that somebody brought.
#[derive(Debug)]
pub struct Brought<'a> {
    pub component: &'a ComponentAppid,
    pub code: &'a AuthorizationCode,
    /// Named by the browser's state.
    pub authorization: Option<&'a AuthorizationId>,
    /// Named by the push.
    pub pre_auth_code_hash: Option<String>,
    pub authorizer: Option<&'a AuthorizerAppid>,
    pub create_time: Option<Timestamp>,
    pub expires_at: Timestamp,
}

/// Stores a code, or adds what is new to the row that holds it. A code that had failed for want of the account's
/// appid gets another chance when a push names it; a grant of unknown origin is placed when a browser names it.
pub async fn bring(
    tx: &mut Writer,
    (vault, random): (&Vault, &Random),
    now: Timestamp,
    brought: &Brought<'_>,
) -> Result<GrantId, StoreError> {
    let id = random.id(now);
    let code_hash = brought.code.fingerprint();
    let code_row = code_row(brought.component.as_str(), &code_hash);
    let sealed = data_key::seal(tx, vault, brought.code, place("code_sealed", &code_row)).await?;
    let (kept,): (String,) = on!(tx, |c| {
        sqlx::query_as(
            "INSERT INTO grant_code (id, component_appid, code_hash, code_sealed, authorization_id, \
             pre_auth_code_hash, authorizer_appid, create_time, received_at, expires_at, status, lease_until, epoch, \
             tries, next_try_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, 'waiting', 0, 0, 0, $9) \
             ON CONFLICT (component_appid, code_hash) DO UPDATE SET \
             authorization_id = COALESCE(grant_code.authorization_id, excluded.authorization_id), \
             pre_auth_code_hash = COALESCE(grant_code.pre_auth_code_hash, excluded.pre_auth_code_hash), \
             authorizer_appid = COALESCE(grant_code.authorizer_appid, excluded.authorizer_appid), \
             create_time = COALESCE(grant_code.create_time, excluded.create_time), \
             next_try_at = CASE WHEN grant_code.status = 'failed' AND grant_code.authorizer_appid IS NULL \
             AND excluded.authorizer_appid IS NOT NULL OR grant_code.problem = 'unknown_origin' \
             AND grant_code.authorization_id IS NULL AND excluded.authorization_id IS NOT NULL \
             THEN excluded.next_try_at ELSE grant_code.next_try_at END, \
             status = CASE WHEN grant_code.status = 'failed' AND grant_code.authorizer_appid IS NULL \
             AND excluded.authorizer_appid IS NOT NULL THEN 'waiting' \
             WHEN grant_code.status = 'held' AND grant_code.problem = 'unknown_origin' \
             AND grant_code.authorization_id IS NULL AND excluded.authorization_id IS NOT NULL \
             THEN 'exchanged' ELSE grant_code.status END \
             RETURNING id",
        )
        .bind(&id)
        .bind(brought.component.as_str())
        .bind(&code_hash)
        .bind(sealed)
        .bind(brought.authorization.map(AuthorizationId::as_str))
        .bind(brought.pre_auth_code_hash.as_deref())
        .bind(brought.authorizer.map(AuthorizerAppid::as_str))
        .bind(brought.create_time.map(Timestamp::unix))
        .bind(now.unix())
        .bind(brought.expires_at.unix())
        .fetch_one(c)
        .await
    })?;
    GrantId::parse(&kept).map_err(|_| StoreError::corrupt("grant_code", "id", kept))
}

/// A code as the broker works on it. A code or an answer that does not open counts as none.
#[derive(Debug)]
pub struct Code {
    pub id: GrantId,
    pub component: ComponentAppid,
    pub code: Option<AuthorizationCode>,
    pub authorization: Option<AuthorizationId>,
    pub pre_auth_code_hash: Option<String>,
    pub authorizer: Option<AuthorizerAppid>,
    pub create_time: Option<Timestamp>,
    pub received_at: Timestamp,
    pub expires_at: Timestamp,
    pub status: Status,
    pub answer: Option<SealedBody>,
    pub held_for: Option<TenantId>,
    pub problem: Option<GrantProblem>,
    pub epoch: i64,
    pub tries: i64,
}

/// How far a code has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Status {
    Waiting,
    /// WeChat's answer is stored and not applied yet.
    Exchanged,
    /// Applied.
    Settled,
    /// Waits for a platform admin.
    Held,
    Failed,
}

impl Status {
    const ALL: [Self; 5] = [Self::Waiting, Self::Exchanged, Self::Settled, Self::Held, Self::Failed];

    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Exchanged => "exchanged",
            Self::Settled => "settled",
            Self::Held => "held",
            Self::Failed => "failed",
        }
    }
}

macro_rules! code_columns {
    () => {
        "id, component_appid, code_hash, code_sealed, authorization_id, pre_auth_code_hash, authorizer_appid, \
         create_time, received_at, expires_at, status, answer_sealed, held_for_tenant, problem, epoch, tries"
    };
}

/// Takes codes that are due (`only` one of them, or any), one holder each.
pub async fn claim_due(
    tx: &mut Writer,
    vault: &Vault,
    (now, holder): (Timestamp, &str),
    (only, limit, lease): (Option<&GrantId>, i64, Duration),
) -> Result<Vec<Code>, StoreError> {
    let sql = format!(
        concat!(
            "WITH due AS MATERIALIZED (SELECT id FROM grant_code WHERE next_try_at <= $1 AND lease_until <= $1 ",
            "AND ($4 = '' OR id = $4) ORDER BY received_at LIMIT $5{}) ",
            "UPDATE grant_code SET lease_holder = $2, lease_until = $3, epoch = epoch + 1, tries = tries + 1 ",
            "WHERE id IN (SELECT id FROM due) RETURNING ",
            code_columns!()
        ),
        tx.skip_locked()
    );
    let rows: Vec<Row> = on!(tx, |c| {
        sqlx::query_as(sqlx::AssertSqlSafe(sql))
            .bind(now.unix())
            .bind(holder)
            .bind(now.plus(lease).unix())
            .bind(only.map_or("", GrantId::as_str))
            .bind(limit)
            .fetch_all(c)
            .await
    })?;
    let keys = data_key::opening(tx, vault, rows.iter().flat_map(Row::sealed)).await?;
    Ok(rows.into_iter().filter_map(|row| readable(row.open(&keys))).collect())
}

/// The code as it is now; nobody else writes it until this transaction ends.
pub async fn lock(tx: &mut Writer, vault: &Vault, id: &GrantId) -> Result<Option<Code>, StoreError> {
    let row: Option<Row> = on!(tx, |c| {
        sqlx::query_as(concat!(
            "UPDATE grant_code SET epoch = epoch WHERE id = $1 RETURNING ",
            code_columns!()
        ))
        .bind(id.as_str())
        .fetch_optional(c)
        .await
    })?;
    open(tx, vault, row).await
}

/// The code with this id.
pub async fn find(tx: &mut Reader, vault: &Vault, id: &GrantId) -> Result<Option<Code>, StoreError> {
    let row: Option<Row> = on!(tx, |c| {
        sqlx::query_as(concat!("SELECT ", code_columns!(), " FROM grant_code WHERE id = $1"))
            .bind(id.as_str())
            .fetch_optional(c)
            .await
    })?;
    open(tx, vault, row).await
}

/// The row that holds this code, when somebody has brought it before.
pub async fn find_by_code(
    tx: &mut Reader,
    vault: &Vault,
    component: &ComponentAppid,
    code: &AuthorizationCode,
) -> Result<Option<Code>, StoreError> {
    let row: Option<Row> = on!(tx, |c| {
        sqlx::query_as(concat!(
            "SELECT ",
            code_columns!(),
            " FROM grant_code WHERE component_appid = $1 AND code_hash = $2"
        ))
        .bind(component.as_str())
        .bind(code.fingerprint())
        .fetch_optional(c)
        .await
    })?;
    open(tx, vault, row).await
}

/// Seals WeChat's answer into the row; `false` when the lease was lost (the answer is kept all the same).
pub async fn answer(
    tx: &mut Writer,
    vault: &Vault,
    code: &Code,
    raw: &SealedBody,
) -> Result<bool, StoreError> {
    let place = place("answer_sealed", code.id.as_str());
    let sealed = data_key::seal(tx, vault, raw, place).await?;
    let changed = on!(tx, |c| {
        sqlx::query(
            "UPDATE grant_code SET answer_sealed = $2, status = 'exchanged' WHERE id = $1 \
             AND status IN ('waiting', 'exchanged', 'failed')",
        )
        .bind(code.id.as_str())
        .bind(sealed)
        .execute(c)
        .await
        .map(|done| done.rows_affected())
    })?;
    Ok(changed == 1)
}

/// A code is sealed for its unique key, which is known before its id is.
fn code_row(component: &str, code_hash: &str) -> String {
    format!("{component}/{code_hash}")
}

async fn open(tx: &mut Reader, vault: &Vault, row: Option<Row>) -> Result<Option<Code>, StoreError> {
    let Some(row) = row else { return Ok(None) };
    let keys = data_key::opening(tx, vault, row.sealed()).await?;
    row.open(&keys).map(Some)
}

/// The platform's: whose account it is shows only when the code is settled.
const fn place<'a>(column: &'a str, row: &'a str) -> Place<'a> {
    Place { tenant: None, table: "grant_code", column, row }
}

#[derive(sqlx::FromRow)]
struct Row {
    id: String,
    component_appid: String,
    code_hash: String,
    code_sealed: Option<String>,
    authorization_id: Option<String>,
    pre_auth_code_hash: Option<String>,
    authorizer_appid: Option<String>,
    create_time: Option<i64>,
    received_at: i64,
    expires_at: i64,
    status: String,
    answer_sealed: Option<String>,
    held_for_tenant: Option<String>,
    problem: Option<String>,
    epoch: i64,
    tries: i64,
}

impl Row {
    fn sealed(&self) -> impl Iterator<Item = &str> {
        [&self.code_sealed, &self.answer_sealed].into_iter().filter_map(|text| text.as_deref())
    }

    fn open(self, keys: &Keys) -> Result<Code, StoreError> {
        let corrupt = |column| StoreError::corrupt("grant_code", column, self.id.clone());
        let code_row = code_row(&self.component_appid, &self.code_hash);
        let code = self.code_sealed.as_deref();
        let answer = self.answer_sealed.as_deref();
        let authorization = self.authorization_id.as_deref().map(AuthorizationId::parse).transpose();
        let authorizer = self.authorizer_appid.as_deref().map(AuthorizerAppid::parse).transpose();
        let held_for = self.held_for_tenant.as_deref().map(TenantId::parse).transpose();
        Ok(Code {
            component: ComponentAppid::parse(&self.component_appid)
                .map_err(|_| corrupt("component_appid"))?,
            code: code.and_then(|text| readable(keys.open_sealed(text, place("code_sealed", &code_row)))),
            answer: answer
                .and_then(|text| readable(keys.open_sealed(text, place("answer_sealed", &self.id)))),
            authorization: authorization.map_err(|_| corrupt("authorization_id"))?,
            authorizer: authorizer.map_err(|_| corrupt("authorizer_appid"))?,
            held_for: held_for.map_err(|_| corrupt("held_for_tenant"))?,
            problem: self.problem.as_deref().and_then(GrantProblem::from_name),
            status: Status::ALL
                .into_iter()
                .find(|status| status.as_str() == self.status)
                .ok_or_else(|| corrupt("status"))?,
            pre_auth_code_hash: self.pre_auth_code_hash.clone(),
            create_time: self.create_time.map(Timestamp::from_unix),
            received_at: Timestamp::from_unix(self.received_at),
            expires_at: Timestamp::from_unix(self.expires_at),
            epoch: self.epoch,
            tries: self.tries,
            id: GrantId::parse(&self.id).map_err(|_| corrupt("id"))?,
        })
    }
}
