//! People who sign in. The password's hash leaves this floor only towards the hasher.

use crate::clock::Timestamp;
use crate::domain::ids::UserId;
use crate::domain::role::PlatformRole;
use crate::domain::text::Lang;
use crate::domain::user::{Email, User};
use crate::domain::zone::Zone;

use super::{Reader, StoreError, Writer};

/// The columns of [`Row`], for the files that list users in their own ways.
macro_rules! user_columns {
    () => {
        "app_user.id AS id, app_user.email AS email, app_user.name AS name, \
         app_user.platform_role AS platform_role, app_user.language AS language, app_user.time_zone AS time_zone, \
         app_user.created_at AS created_at, app_user.last_sign_in_at AS last_sign_in_at, \
         app_user.disabled_at AS disabled_at"
    };
}
pub(super) use user_columns;

/// # Errors
/// `Conflict` when the e-mail address is taken, `Database`.
pub async fn insert(tx: &mut Writer, user: &User, password_hash: &str) -> Result<(), StoreError> {
    on!(tx, |c| {
        sqlx::query(
            "INSERT INTO app_user (id, email, name, password_hash, platform_admin, platform_role, language, \
             time_zone, created_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        )
        .bind(user.id.as_str())
        .bind(user.email.as_str())
        .bind(&user.name)
        .bind(password_hash)
        .bind(user.is_platform_admin())
        .bind(user.platform.map(PlatformRole::as_str))
        .bind(user.language.map(Lang::code))
        .bind(user.zone.map(Zone::name))
        .bind(user.created_at.unix())
        .execute(c)
        .await
        .map(drop)
    })
    .map_err(|error| StoreError::from(error).or_conflict("a user with this e-mail address"))
}

/// # Errors
/// `Database`, `Corrupt`.
pub async fn find(tx: &mut Reader, user: &UserId) -> Result<Option<User>, StoreError> {
    let row: Option<Row> = on!(tx, |c| {
        sqlx::query_as(concat!("SELECT ", user_columns!(), " FROM app_user WHERE id = $1"))
            .bind(user.as_str())
            .fetch_optional(c)
            .await
    })?;
    row.map(User::try_from).transpose()
}

/// The user and the password's hash.
///
/// # Errors
/// `Database`, `Corrupt`.
pub async fn find_by_email(tx: &mut Reader, email: &Email) -> Result<Option<(User, String)>, StoreError> {
    let row: Option<WithHash> = on!(tx, |c| {
        sqlx::query_as(concat!("SELECT ", user_columns!(), ", password_hash FROM app_user WHERE email = $1"))
            .bind(email.as_str())
            .fetch_optional(c)
            .await
    })?;
    row.map(|row| Ok((row.user.try_into()?, row.password_hash))).transpose()
}

/// Every user, oldest first, at most `limit`, for the platform's own pages.
///
/// # Errors
/// `Database`, `Corrupt`.
pub async fn list(tx: &mut Reader, limit: i64) -> Result<Vec<User>, StoreError> {
    let rows: Vec<Row> = on!(tx, |c| {
        sqlx::query_as(concat!(
            "SELECT ",
            user_columns!(),
            " FROM app_user ORDER BY app_user.created_at, app_user.id LIMIT $1"
        ))
        .bind(limit)
        .fetch_all(c)
        .await
    })?;
    rows.into_iter().map(User::try_from).collect()
}

/// Platform admins who can sign in.
///
/// # Errors
/// `Database`.
pub async fn count_platform_admins(tx: &mut Reader) -> Result<i64, StoreError> {
    let (count,): (i64,) = on!(tx, |c| {
        sqlx::query_as("SELECT COUNT(*) FROM app_user WHERE platform_role = 'admin' AND disabled_at IS NULL")
            .fetch_one(c)
            .await
    })?;
    Ok(count)
}

/// # Errors
/// `Database`.
pub async fn touch_sign_in(tx: &mut Writer, user: &UserId, now: Timestamp) -> Result<(), StoreError> {
    on!(tx, |c| {
        sqlx::query("UPDATE app_user SET last_sign_in_at = $2 WHERE id = $1")
            .bind(user.as_str())
            .bind(now.unix())
            .execute(c)
            .await
            .map(drop)
    })?;
    Ok(())
}

/// # Errors
/// `Database`.
pub async fn put_password_hash(tx: &mut Writer, user: &UserId, hash: &str) -> Result<(), StoreError> {
    on!(tx, |c| {
        sqlx::query("UPDATE app_user SET password_hash = $2 WHERE id = $1")
            .bind(user.as_str())
            .bind(hash)
            .execute(c)
            .await
            .map(drop)
    })?;
    Ok(())
}

/// Puts a new hash in the place of an old one; `false` when it is another one by now.
///
/// # Errors
/// `Database`.
pub async fn exchange_password_hash(
    tx: &mut Writer,
    user: &UserId,
    (old, new): (&str, &str),
) -> Result<bool, StoreError> {
    let touched = on!(tx, |c| {
        sqlx::query("UPDATE app_user SET password_hash = $3 WHERE id = $1 AND password_hash = $2")
            .bind(user.as_str())
            .bind(old)
            .bind(new)
            .execute(c)
            .await
            .map(|done| done.rows_affected())
    })?;
    Ok(touched > 0)
}

/// Nobody else counts or disables administrators until this transaction ends.
///
/// # Errors
/// `Database`.
pub async fn lock_admins(tx: &mut Writer) -> Result<(), StoreError> {
    on!(tx, |c| {
        sqlx::query(
            "UPDATE app_user SET platform_role = platform_role \
             WHERE id = (SELECT MIN(id) FROM app_user WHERE platform_role = 'admin')",
        )
        .execute(c)
        .await
        .map(drop)
    })?;
    Ok(())
}

/// # Errors
/// `Database`.
pub async fn put_name(tx: &mut Writer, user: &UserId, name: &str) -> Result<(), StoreError> {
    on!(tx, |c| {
        sqlx::query("UPDATE app_user SET name = $2 WHERE id = $1")
            .bind(user.as_str())
            .bind(name)
            .execute(c)
            .await
            .map(drop)
    })?;
    Ok(())
}

/// # Errors
/// `Conflict` when the e-mail address is taken, `Database`.
pub async fn put_email(tx: &mut Writer, user: &UserId, email: &Email) -> Result<(), StoreError> {
    on!(tx, |c| {
        sqlx::query("UPDATE app_user SET email = $2 WHERE id = $1")
            .bind(user.as_str())
            .bind(email.as_str())
            .execute(c)
            .await
            .map(drop)
    })
    .map_err(|error| StoreError::from(error).or_conflict("a user with this e-mail address"))
}

/// # Errors
/// `Database`.
pub async fn put_language(tx: &mut Writer, user: &UserId, lang: Lang) -> Result<(), StoreError> {
    on!(tx, |c| {
        sqlx::query("UPDATE app_user SET language = $2 WHERE id = $1")
            .bind(user.as_str())
            .bind(lang.code())
            .execute(c)
            .await
            .map(drop)
    })?;
    Ok(())
}

/// # Errors
/// `Database`.
pub async fn put_zone(tx: &mut Writer, user: &UserId, zone: Zone) -> Result<(), StoreError> {
    on!(tx, |c| {
        sqlx::query("UPDATE app_user SET time_zone = $2 WHERE id = $1")
            .bind(user.as_str())
            .bind(zone.name())
            .execute(c)
            .await
            .map(drop)
    })?;
    Ok(())
}

/// `Some`: shut out since then; `None`: may sign in again.
///
/// # Errors
/// `Database`.
pub async fn put_disabled(
    tx: &mut Writer,
    user: &UserId,
    since: Option<Timestamp>,
) -> Result<(), StoreError> {
    on!(tx, |c| {
        sqlx::query("UPDATE app_user SET disabled_at = $2 WHERE id = $1")
            .bind(user.as_str())
            .bind(since.map(Timestamp::unix))
            .execute(c)
            .await
            .map(drop)
    })?;
    Ok(())
}

#[derive(sqlx::FromRow)]
struct WithHash {
    #[sqlx(flatten)]
    user: Row,
    password_hash: String,
}

/// A user as the database holds it, the hash left out.
#[derive(sqlx::FromRow)]
pub(super) struct Row {
    id: String,
    email: String,
    name: String,
    platform_role: Option<String>,
    language: Option<String>,
    time_zone: Option<String>,
    created_at: i64,
    last_sign_in_at: Option<i64>,
    disabled_at: Option<i64>,
}

impl TryFrom<Row> for User {
    type Error = StoreError;

    fn try_from(row: Row) -> Result<Self, StoreError> {
        let corrupt = |column| StoreError::corrupt("app_user", column, row.id.clone());
        Ok(Self {
            id: UserId::parse(&row.id).map_err(|_| corrupt("id"))?,
            email: Email::parse(&row.email).map_err(|_| corrupt("email"))?,
            platform: row
                .platform_role
                .as_deref()
                .map(|name| PlatformRole::from_name(name).ok_or_else(|| corrupt("platform_role")))
                .transpose()?,
            language: row.language.as_deref().and_then(Lang::from_code),
            // A name that a newer list does not have any more is as good as none.
            zone: row.time_zone.as_deref().and_then(|name| Zone::parse(name).ok()),
            created_at: Timestamp::from_unix(row.created_at),
            last_sign_in_at: row.last_sign_in_at.map(Timestamp::from_unix),
            disabled_at: row.disabled_at.map(Timestamp::from_unix),
            name: row.name,
        })
    }
}
