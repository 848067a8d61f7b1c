//! Grants that wait for a platform admin: held because their origin is unknown or their account is another tenant's.

use crate::clock::Timestamp;
use crate::domain::authorization::GrantProblem;
use crate::domain::authorizer::Kind;
use crate::domain::ids::{AuthorizerAppid, ComponentAppid, GrantId, TenantId};

use super::{Reader, StoreError};

/// One held grant as the platform's administrators see it.
#[derive(Clone, Debug)]
pub struct Held {
    pub id: GrantId,
    pub component: ComponentAppid,
    pub component_name: String,
    pub account: Option<AuthorizerAppid>,
    /// What we know of the account from an earlier grant.
    pub account_name: Option<String>,
    pub kind: Option<Kind>,
    pub received_at: Timestamp,
    pub problem: GrantProblem,
    /// Who asked for it.
    pub asked_by: Option<Party>,
    /// Whose account it is now.
    pub owned_by: Option<Party>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Party {
    pub tenant: TenantId,
    pub name: String,
}

/// Every held grant, newest first, at most `limit`.
///
/// # Errors
/// `Database`, `Corrupt`.
pub async fn held(tx: &mut Reader, limit: i64) -> Result<Vec<Held>, StoreError> {
    let rows: Vec<HeldRow> = on!(tx, |c| {
        sqlx::query_as(
            "SELECT g.id AS id, g.component_appid AS component_appid, component.name AS component_name, \
             g.authorizer_appid AS authorizer_appid, a.nick_name AS nick_name, a.kind AS kind, \
             g.received_at AS received_at, g.problem AS problem, \
             asked.id AS asked_id, asked.name AS asked_name, owner.id AS owner_id, owner.name AS owner_name \
             FROM grant_code g JOIN component ON component.appid = g.component_appid \
             LEFT JOIN tenant asked ON asked.id = g.held_for_tenant \
             LEFT JOIN authorizer a ON a.component_appid = g.component_appid \
             AND a.authorizer_appid = g.authorizer_appid \
             LEFT JOIN tenant owner ON owner.id = a.tenant_id \
             WHERE g.status = 'held' ORDER BY g.received_at DESC, g.id DESC LIMIT $1",
        )
        .bind(limit)
        .fetch_all(c)
        .await
    })?;
    rows.into_iter().map(Held::try_from).collect()
}

/// How many grants wait.
///
/// # Errors
/// `Database`.
pub async fn count_held(tx: &mut Reader) -> Result<i64, StoreError> {
    let (count,): (i64,) = on!(tx, |c| {
        sqlx::query_as("SELECT COUNT(*) FROM grant_code WHERE status = 'held'").fetch_one(c).await
    })?;
    Ok(count)
}

/// One held grant as the tenant that asked, or the tenant it concerns, may know it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Waiting {
    pub account: Option<AuthorizerAppid>,
    pub received_at: Timestamp,
    pub problem: GrantProblem,
}

/// The grants this tenant asked for that wait for a platform admin, newest first. Nothing of another tenant is in it.
///
/// # Errors
/// `Database`, `Corrupt`.
pub async fn held_for_tenant(tx: &mut Reader, tenant: &TenantId) -> Result<Vec<Waiting>, StoreError> {
    let rows: Vec<WaitingRow> = on!(tx, |c| {
        sqlx::query_as(
            "SELECT id, authorizer_appid, received_at, problem FROM grant_code \
             WHERE status = 'held' AND held_for_tenant = $1 ORDER BY received_at DESC, id DESC LIMIT 20",
        )
        .bind(tenant.as_str())
        .fetch_all(c)
        .await
    })?;
    rows.into_iter().map(Waiting::try_from).collect()
}

/// The accounts of this tenant that somebody else has asked for, newest first. Who asked is not in it.
///
/// # Errors
/// `Database`, `Corrupt`.
pub async fn claims_on_tenant(tx: &mut Reader, tenant: &TenantId) -> Result<Vec<Waiting>, StoreError> {
    let rows: Vec<WaitingRow> = on!(tx, |c| {
        sqlx::query_as(
            "SELECT g.id AS id, g.authorizer_appid AS authorizer_appid, g.received_at AS received_at, \
             g.problem AS problem FROM grant_code g JOIN authorizer a ON a.component_appid = g.component_appid \
             AND a.authorizer_appid = g.authorizer_appid \
             WHERE g.status = 'held' AND a.tenant_id = $1 AND g.problem = 'belongs_to_another_tenant' \
             ORDER BY g.received_at DESC, g.id DESC LIMIT 20",
        )
        .bind(tenant.as_str())
        .fetch_all(c)
        .await
    })?;
    rows.into_iter().map(Waiting::try_from).collect()
}

#[derive(sqlx::FromRow)]
struct HeldRow {
    id: String,
    component_appid: String,
    component_name: String,
    authorizer_appid: Option<String>,
    nick_name: Option<String>,
    kind: Option<String>,
    received_at: i64,
    problem: Option<String>,
    asked_id: Option<String>,
    asked_name: Option<String>,
    owner_id: Option<String>,
    owner_name: Option<String>,
}

#[derive(sqlx::FromRow)]
struct WaitingRow {
    id: String,
    authorizer_appid: Option<String>,
    received_at: i64,
    problem: Option<String>,
}

impl TryFrom<HeldRow> for Held {
    type Error = StoreError;

    fn try_from(row: HeldRow) -> Result<Self, StoreError> {
        Ok(Self {
            component: ComponentAppid::parse(&row.component_appid)
                .map_err(|_| corrupt("component_appid", &row.id))?,
            account: account_of(row.authorizer_appid.as_deref(), &row.id)?,
            kind: row.kind.as_deref().map(|kind| kind_of(kind, &row.id)).transpose()?,
            problem: problem_of(row.problem.as_deref(), &row.id)?,
            asked_by: party(row.asked_id, row.asked_name)?,
            owned_by: party(row.owner_id, row.owner_name)?,
            received_at: Timestamp::from_unix(row.received_at),
            id: GrantId::parse(&row.id).map_err(|_| corrupt("id", &row.id))?,
            component_name: row.component_name,
            account_name: row.nick_name,
        })
    }
}

impl TryFrom<WaitingRow> for Waiting {
    type Error = StoreError;

    fn try_from(row: WaitingRow) -> Result<Self, StoreError> {
        Ok(Self {
            account: account_of(row.authorizer_appid.as_deref(), &row.id)?,
            received_at: Timestamp::from_unix(row.received_at),
            problem: problem_of(row.problem.as_deref(), &row.id)?,
        })
    }
}

fn corrupt(column: &'static str, row: &str) -> StoreError {
    StoreError::corrupt("grant_code", column, row)
}

fn account_of(appid: Option<&str>, row: &str) -> Result<Option<AuthorizerAppid>, StoreError> {
    appid.map(|appid| AuthorizerAppid::parse(appid).map_err(|_| corrupt("authorizer_appid", row))).transpose()
}

fn kind_of(name: &str, row: &str) -> Result<Kind, StoreError> {
    Kind::from_name(name).ok_or_else(|| StoreError::corrupt("authorizer", "kind", row))
}

/// A held grant without a written problem has no known origin.
fn problem_of(name: Option<&str>, row: &str) -> Result<GrantProblem, StoreError> {
    name.map_or(Ok(GrantProblem::UnknownOrigin), |name| {
        GrantProblem::from_name(name).ok_or_else(|| corrupt("problem", row))
    })
}

fn party(id: Option<String>, name: Option<String>) -> Result<Option<Party>, StoreError> {
    let (Some(id), Some(name)) = (id, name) else { return Ok(None) };
    let tenant = TenantId::parse(&id).map_err(|_| StoreError::corrupt("tenant", "id", id))?;
    Ok(Some(Party { tenant, name }))
}
