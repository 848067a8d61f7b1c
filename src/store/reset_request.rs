//! People who ask for another password, known or not: the row is the same, so that the answer is.

use crate::clock::Timestamp;
use crate::domain::text::Lang;
use crate::domain::user::Email;
use crate::random::Random;

use super::{StoreError, Writer};

/// # Errors
/// `Database`.
pub async fn insert(
    tx: &mut Writer,
    random: &Random,
    now: Timestamp,
    (email, lang): (&Email, Lang),
) -> Result<(), StoreError> {
    on!(tx, |c| {
        sqlx::query("INSERT INTO reset_request (id, email, language, asked_at) VALUES ($1, $2, $3, $4)")
            .bind(random.id(now))
            .bind(email.as_str())
            .bind(lang.code())
            .bind(now.unix())
            .execute(c)
            .await
            .map(drop)
    })?;
    Ok(())
}

/// Takes requests out, each for one process. One that cannot be read is gone as well.
///
/// # Errors
/// `Database`.
pub async fn take(tx: &mut Writer, limit: i64) -> Result<Vec<(Email, Lang)>, StoreError> {
    let sql = format!(
        "WITH taken AS MATERIALIZED (SELECT id FROM reset_request ORDER BY id LIMIT $1{}) \
         DELETE FROM reset_request WHERE id IN (SELECT id FROM taken) RETURNING email, language",
        tx.skip_locked()
    );
    let rows: Vec<(String, String)> =
        on!(tx, |c| sqlx::query_as(sqlx::AssertSqlSafe(sql)).bind(limit).fetch_all(c).await)?;
    let read = |(email, lang): (String, String)| Some((Email::parse(&email).ok()?, Lang::from_code(&lang)?));
    Ok(rows.into_iter().filter_map(read).collect())
}
