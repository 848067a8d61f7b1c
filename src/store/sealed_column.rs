//! Every column that holds sealed texts, and the walk through them that seals anew what an older key sealed. A test
//! holds the list against the schema of both databases: a column that is missing here would be lost with its key.

use crate::secret::SealedBody;
use crate::vault::{Keys, Place, Vault, VaultError, is_direct};

use super::error::readable;
use super::values::{pieces, places};
use super::{Reader, StoreError, Writer, data_key};

/// A column of sealed texts.
#[derive(Clone, Copy, Debug)]
pub struct SealedColumn {
    /// As in SQL.
    pub table: &'static str,
    pub column: &'static str,
    /// As in the [`Place`].
    place: (&'static str, &'static str),
    /// Two expressions that tell rows apart, in whose order they are walked through.
    key: (&'static str, &'static str),
    /// The row in the place, an expression.
    row: &'static str,
    /// The tenant's column, or nothing.
    tenant: &'static str,
}

const fn of_table(table: &'static str, column: &'static str, id: &'static str) -> SealedColumn {
    SealedColumn { table, column, place: (table, column), key: (id, "''"), row: id, tenant: "''" }
}

const fn of_account(column: &'static str, place: &'static str) -> SealedColumn {
    SealedColumn {
        table: "authorizer",
        column,
        place: ("authorizer", place),
        key: ("component_appid", "authorizer_appid"),
        row: "component_appid || '/' || authorizer_appid",
        tenant: "tenant_id",
    }
}

const fn of_attempt_at_granting(column: &'static str) -> SealedColumn {
    SealedColumn {
        table: "\"authorization\"",
        column,
        place: ("authorization", column),
        key: ("id", "''"),
        row: "id",
        tenant: "tenant_id",
    }
}

/// All of them.
pub const SEALED_COLUMNS: &[SealedColumn] = &[
    of_table("component", "appsecret_sealed", "appid"),
    of_table("component", "token_sealed", "appid"),
    of_table("component", "previous_token_sealed", "appid"),
    of_table("component", "aes_key_sealed", "appid"),
    of_table("component", "previous_aes_key_sealed", "appid"),
    of_table("component", "access_token_sealed", "appid"),
    SealedColumn {
        table: "component_ticket",
        column: "ticket_sealed",
        place: ("component_ticket", "ticket_sealed"),
        key: ("component_appid", "fingerprint"),
        row: "component_appid || '/' || fingerprint",
        tenant: "''",
    },
    of_table("notice", "body_sealed", "id"),
    SealedColumn {
        row: "component_appid || '/' || code_hash",
        ..of_table("grant_code", "code_sealed", "id")
    },
    of_table("grant_code", "answer_sealed", "id"),
    of_attempt_at_granting("state_sealed"),
    of_attempt_at_granting("entry_sealed"),
    of_attempt_at_granting("pre_auth_code_sealed"),
    of_account("access_token_sealed", "access_token"),
    of_account("refresh_token_sealed", "refresh_token"),
    of_account("previous_refresh_token_sealed", "refresh_token"),
    SealedColumn { tenant: "COALESCE(tenant_id, '')", ..of_table("attempt", "answer_sealed", "id") },
    SealedColumn { tenant: "tenant_id", ..of_table("merchant_link", "token_sealed", "id") },
    of_table("letter", "content_sealed", "id"),
    of_table("totp", "secret_sealed", "user_id"),
    of_table("vault_check", "sealed", "id"),
];

/// How far a walk through a column has come.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Cursor(String, String);

/// A text that an older key sealed, and the same secret sealed by the newest.
#[derive(Clone, Debug)]
pub struct Resealed {
    key: Cursor,
    old: String,
    new: String,
}

/// What one step of the walk saw.
#[derive(Debug, Default)]
pub struct Step {
    /// Where the next step begins; `None`: the column is done.
    pub next: Option<Cursor>,
    /// Sealed by an older key.
    pub stale: Vec<Stale>,
    pub seen: u64,
}

/// A text that an older key sealed.
#[derive(Clone, Debug)]
pub struct Stale {
    key: Cursor,
    scope: String,
    row: String,
    sealed: String,
}

/// The next rows of a column whose text is not sealed by the newest key of its scope. `newest` tells the name that
/// such a text begins with.
pub async fn step(
    tx: &mut Reader,
    column: &SealedColumn,
    (after, limit): (&Cursor, i64),
    newest: impl Fn(&str, &str) -> bool,
) -> Result<Step, StoreError> {
    let SealedColumn { table, column: name, key: (first, second), row, tenant, .. } = column;
    let sql = format!(
        "SELECT {first}, {second}, {tenant}, {row}, {name} FROM {table} WHERE {name} IS NOT NULL \
         AND ({first}, {second}) > ($1, $2) ORDER BY 1, 2 LIMIT $3"
    );
    let rows: Vec<(String, String, String, String, String)> = on!(tx, |c| {
        sqlx::query_as(sqlx::AssertSqlSafe(sql)).bind(&after.0).bind(&after.1).bind(limit).fetch_all(c).await
    })?;
    let is_full = i64::try_from(rows.len()).unwrap_or(i64::MAX) >= limit;
    let mut step = Step { seen: rows.len() as u64, ..Step::default() };
    for (first, second, scope, row, sealed) in rows {
        let key = Cursor(first, second);
        step.next = is_full.then(|| key.clone());
        // The probe shows the master key itself.
        if column.table == "vault_check" && row == super::vault_check::PROBE {
            continue;
        }
        if !newest(&sealed, &scope) {
            step.stale.push(Stale { key, scope, row, sealed });
        }
    }
    Ok(step)
}

impl SealedColumn {
    fn place<'a>(&self, stale: &'a Stale) -> Place<'a> {
        let tenant = (!stale.scope.is_empty()).then_some(&*stale.scope);
        Place { tenant, table: self.place.0, column: self.place.1, row: &stale.row }
    }
}

/// Seals these texts anew, each only if it is still what was read and nobody holds its row. Tells how many were changed
/// and how many do not open, which stay as they are.
pub async fn reseal(
    tx: &mut Writer,
    vault: &Vault,
    column: &SealedColumn,
    stale: &[Stale],
) -> Result<(u64, u64), StoreError> {
    let old = data_key::opening(tx, vault, stale.iter().map(|one| one.sealed.as_str())).await?;
    let new = data_key::sealing_scopes(tx, vault, stale.iter().map(|one| one.scope.as_str())).await?;
    let again = |one: &Stale| resealed((&old, &new), column, one);
    let opened: Vec<Resealed> = stale.iter().filter_map(|one| readable(again(one))).collect();
    let mut changed = 0;
    for piece in pieces(&opened) {
        changed += replace(tx, column, piece).await?;
    }
    Ok((changed, (stale.len() - opened.len()) as u64))
}

fn resealed((old, new): (&Keys, &Keys), column: &SealedColumn, one: &Stale) -> Result<Resealed, VaultError> {
    let place = column.place(one);
    let secret: SealedBody = old.open_sealed(&one.sealed, place)?;
    Ok(Resealed { key: one.key.clone(), old: one.sealed.clone(), new: new.seal(&secret, place)? })
}

/// Waits for nobody, so that nobody who waits for it can be waited for.
async fn replace(tx: &mut Writer, column: &SealedColumn, texts: &[Resealed]) -> Result<u64, StoreError> {
    let SealedColumn { table, column: name, key: (first, second), .. } = column;
    let sql = format!(
        "WITH came (first_key, second_key, old, new) AS (VALUES {}), mine AS MATERIALIZED \
         (SELECT {first} AS first_key, {second} AS second_key FROM {table} \
         WHERE ({first}, {second}) IN (SELECT first_key, second_key FROM came){}) \
         UPDATE {table} SET {name} = came.new FROM came WHERE {first} = came.first_key \
         AND {second} = came.second_key AND {name} = came.old \
         AND ({first}, {second}) IN (SELECT first_key, second_key FROM mine)",
        places(1, texts.len(), 4),
        tx.skip_locked()
    );
    Ok(on!(tx, |c| {
        let mut query = sqlx::query(sqlx::AssertSqlSafe(sql));
        for text in texts {
            query = query.bind(&text.key.0).bind(&text.key.1).bind(&text.old).bind(&text.new);
        }
        query.execute(c).await.map(|done| done.rows_affected())
    })?)
}

/// How many texts of a column the master key `master` sealed directly, and how many of these open.
pub async fn count_direct(
    tx: &mut Reader,
    vault: &Vault,
    column: &SealedColumn,
    master: &str,
) -> Result<(u64, u64), StoreError> {
    let (mut named, mut open, mut after) = (0, 0, Some(Cursor::default()));
    while let Some(from) = after {
        let step = step(tx, column, (&from, 1000), |sealed, _| !is_direct(sealed, master)).await?;
        named += step.stale.len() as u64;
        let opens = |one: &&Stale| vault.open_directly::<SealedBody>(&one.sealed, column.place(one)).is_ok();
        open += step.stale.iter().filter(opens).count() as u64;
        after = step.next;
    }
    Ok((named, open))
}
