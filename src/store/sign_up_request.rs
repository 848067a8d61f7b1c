//! People who ask for an account and a tenant of their own, known or not: the row is the same, so that the answer is.

use crate::clock::Timestamp;
use crate::domain::person_link::Applicant;
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
    (email, lang, applicant): (&Email, Lang, &Applicant),
) -> Result<(), StoreError> {
    on!(tx, |c| {
        sqlx::query(
            "INSERT INTO sign_up_request (id, email, language, name, company, asked_at) \
             VALUES ($1, $2, $3, $4, $5, $6)",
        )
        .bind(random.id(now))
        .bind(email.as_str())
        .bind(lang.code())
        .bind(&applicant.name)
        .bind(&applicant.company)
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
pub async fn take(tx: &mut Writer, limit: i64) -> Result<Vec<(Email, Lang, Applicant)>, StoreError> {
    let sql = format!(
        "WITH taken AS MATERIALIZED (SELECT id FROM sign_up_request ORDER BY id LIMIT $1{}) \
         DELETE FROM sign_up_request WHERE id IN (SELECT id FROM taken) RETURNING email, language, name, company",
        tx.skip_locked()
    );
    let rows: Vec<(String, String, String, String)> =
        on!(tx, |c| sqlx::query_as(sqlx::AssertSqlSafe(sql)).bind(limit).fetch_all(c).await)?;
    let read = |(email, lang, name, company): (String, String, String, String)| {
        Some((Email::parse(&email).ok()?, Lang::from_code(&lang)?, Applicant { name, company }))
    };
    Ok(rows.into_iter().filter_map(read).collect())
}
