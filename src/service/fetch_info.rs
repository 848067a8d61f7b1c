//! Fetches what WeChat tells of an account (name, kind, permission sets): after each grant, then about once a week.

use std::time::Duration;

use futures_util::future::join_all;
use serde_json::json;

use crate::clock::Timestamp;
use crate::domain::authorizer::Authorizer;
use crate::domain::event::Event;
use crate::domain::finding::Finding;
use crate::domain::ids::{AuthorizerKey, TenantId};
use crate::store::authorizer_sweep::{self, Owned, Told};
use crate::store::history::{self, Line};
use crate::store::{StoreError, Writer, authorizer, authorizer_state, reconcile_report};
use crate::wechat::api::api_get_authorizer_info::{self, AuthorizerInfo};

use super::Context;
use super::call_component::{self, CallError};

const BATCH: i64 = 8;
/// After a failure.
const AGAIN: Duration = Duration::from_secs(60);
const WEEK: u64 = 7 * 86_400;

/// # Errors
/// When the database does not answer.
pub async fn run(cx: &Context) -> Result<(), StoreError> {
    loop {
        // A batch may take as long as WeChat lets it wait.
        let now = cx.clock.now();
        let mut tx = cx.store.write().await?;
        let due = authorizer_sweep::claim_info(&mut tx, now, (BATCH, AGAIN)).await?;
        tx.commit().await?;
        if due.is_empty() {
            return Ok(());
        }
        for done in join_all(due.iter().map(|account| fetch(cx, account))).await {
            done?;
        }
    }
}

async fn fetch(cx: &Context, (key, tenant): &Owned) -> Result<(), StoreError> {
    let told = call_component::ask(cx, &key.component, |held| {
        let (cx, key) = (cx.clone(), key.clone());
        async move {
            api_get_authorizer_info::call(&cx.wechat, &key.component, &held.token, &key.authorizer).await
        }
    })
    .await;
    let now = cx.clock.now();
    match told {
        Ok(info) => store(cx, now, (tenant, key), &info).await,
        Err(CallError::Store(error)) => Err(error),
        Err(CallError::Wechat(error)) if error.errcode() == Some(61003) => {
            // Perhaps cancelled without a notice: a refresh finds out.
            let mut tx = cx.store.write().await?;
            authorizer_state::hasten(&mut tx, key, now).await?;
            tx.commit().await
        }
        Err(error) => {
            tracing::info!(%key, %error, "WeChat told nothing about an account yet");
            Ok(())
        }
    }
}

async fn store(
    cx: &Context,
    now: Timestamp,
    (tenant, key): (&TenantId, &AuthorizerKey),
    info: &AuthorizerInfo,
) -> Result<(), StoreError> {
    let spread = cx.random.below(WEEK / 7);
    let told = Told {
        kind: info.kind,
        profile: &info.profile,
        func_info: info.func_info.as_deref(),
        next_info_at: now.plus(Duration::from_secs(WEEK + spread)),
    };
    let mut tx = cx.store.write().await?;
    let before = authorizer::find(&mut tx, tenant, &key.authorizer).await?;
    // Of a first answer nothing has changed.
    if let Some(before) = before.filter(|before| before.key == *key && before.info_at.is_some()) {
        note_changes(cx, &mut tx, now, &before, info).await?;
    }
    authorizer_sweep::put_profile(&mut tx, key, now, &told).await?;
    tx.commit().await
}

/// What WeChat tells otherwise than last time, on the timeline and for the report of the next comparison.
async fn note_changes(
    cx: &Context,
    tx: &mut Writer,
    now: Timestamp,
    before: &Authorizer,
    info: &AuthorizerInfo,
) -> Result<(), StoreError> {
    let mut changes = Vec::new();
    if let Some(told) = &info.func_info {
        let missing = |from: &[i64], of: &[i64]| -> Vec<i64> {
            from.iter().copied().filter(|id| !of.contains(id)).collect()
        };
        let (added, removed) = (missing(told, &before.func_info), missing(&before.func_info, told));
        if !added.is_empty() || !removed.is_empty() {
            let line = Line::new(Event::PermissionsChanged, json!({ "added": added, "removed": removed }));
            changes.push((Finding::PermissionsChanged, line));
        }
    }
    let (was, is) = (before.profile.account_status, info.profile.account_status);
    if was.is_some() && is.is_some() && was != is {
        changes
            .push((Finding::StatusChanged, Line::new(Event::StatusChanged, json!({ "was": was, "is": is }))));
    }
    for (finding, line) in changes {
        history::append(tx, &cx.random, (&before.tenant, &before.key), now, &line).await?;
        reconcile_report::add(tx, &before.key.component, finding, &before.key.authorizer).await?;
    }
    Ok(())
}
