//! Names an account whose tokens somebody else seems to refresh as well: its refresh token is one that we never wrote,
//! or its access token died before its time. Two refreshers spoil each other's tokens; a person has to stop one.

use std::time::Duration;

use serde_json::json;

use crate::clock::Timestamp;
use crate::domain::event::Event;
use crate::domain::ids::{AuthorizerKey, TenantId};
use crate::store::history::{self, Line};
use crate::store::{StoreError, Writer, authorizer_state, foreign_refresher};

use super::Context;

/// The timeline tells it once a day, however often it is seen.
const AGAIN: Duration = Duration::from_secs(86_400);
/// A refresh of our own that began so shortly before the stored token was obtained still explains another one.
const MARGIN: Duration = Duration::from_secs(60);

/// WeChat's word of a grant or a cancellation may come so long after the token that it ended.
const LATE_WORD: Duration = Duration::from_secs(600);

/// What points to another refresher.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Evidence {
    /// WeChat holds a refresh token that we never wrote.
    RefreshToken,
    /// The newest access token died before its time.
    AccessTokenDied,
}

impl Evidence {
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::RefreshToken => "refresh_token",
            Self::AccessTokenDied => "access_token_died",
        }
    }
}

/// Writes the suspicion down, unless a refresh of our own explains it. `since` is when the stored token was obtained.
/// Returns whether it stands.
///
/// # Errors
/// When the database does not take it.
pub async fn suspect(
    cx: &Context,
    now: Timestamp,
    (tenant, key): (&TenantId, &AuthorizerKey),
    (evidence, since): (Evidence, Option<Timestamp>),
) -> Result<bool, StoreError> {
    let mut tx = cx.store.write().await?;
    authorizer_state::lock(&mut tx, key).await?;
    let since = since.unwrap_or(now).minus(MARGIN);
    if foreign_refresher::is_explained(&mut tx, key, since).await? {
        return Ok(false);
    }
    let before = foreign_refresher::last_seen(&mut tx, key).await?;
    foreign_refresher::put(&mut tx, key, now, evidence.as_str()).await?;
    if before.is_none_or(|at| now.since(at) >= AGAIN) {
        let line = Line::new(Event::ForeignRefresher, json!({ "evidence": evidence.as_str() }));
        history::append(&mut tx, &cx.random, (tenant, key), now, &line).await?;
    }
    tx.commit().await?;
    metrics::counter!("hufu_foreign_refreshers_total", "evidence" => evidence.as_str()).increment(1);
    tracing::warn!(%key, evidence = evidence.as_str(), "another system seems to refresh this account");
    Ok(true)
}

/// The account was granted anew or cancelled: that, and no other refresher, ended the token that was reported just now.
///
/// # Errors
/// When the database does not take it.
pub async fn acquit(tx: &mut Writer, now: Timestamp, key: &AuthorizerKey) -> Result<(), StoreError> {
    let since = now.minus(LATE_WORD);
    foreign_refresher::acquit(tx, key, since, Evidence::AccessTokenDied.as_str()).await
}
