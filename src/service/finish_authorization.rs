//! Takes the browser back from WeChat: checks the state, stores the code durably, and lets the broker exchange it.

use std::time::Duration;

use crate::clock::Timestamp;
use crate::domain::audit::{Action, Actor, Entry, Subject};
use crate::domain::authorization::GrantProblem;
use crate::domain::ids::{AuthorizerKey, GrantId};
use crate::secret::{AuthorizationCode, OneTimeToken};
use crate::store::authorization::{self, Opened};
use crate::store::grant_code::{self, Brought, Status};
use crate::store::{StoreError, Writer};
use crate::store::{audit, authorization_ending, authorizer_token};

use super::enter_authorization::Browser;
use super::{Context, ServiceError, exchange_grants, fetch_info};

/// How long the browser is kept waiting for the exchange before it sees the progress page.
const PATIENCE: Duration = Duration::from_secs(4);
/// A code's life when WeChat did not say.
const CODE_LIFE: i64 = 3600;

/// What the browser brought back from WeChat.
#[derive(Debug)]
pub struct Return {
    pub state: OneTimeToken,
    pub code: AuthorizationCode,
    /// Seconds the code lives, as WeChat said; `None` when it did not.
    pub expires_in: Option<i64>,
    pub browser: Browser,
}

/// Why a return was not accepted. Nothing was changed then.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReturnRefused {
    /// The state is unknown, or was made by another browser.
    UnknownState,
    /// The state was used with another code already.
    StateUsed,
}

/// Stores the code durably and tries to exchange it within a few seconds. The result page
/// (`/authorize/{entry}/result`) shows how it ended; it ends even if this browser never looks.
///
/// # Errors
/// `Store`.
pub async fn run(
    cx: &Context,
    now: Timestamp,
    by: &Actor,
    back: Return,
) -> Result<Result<OneTimeToken, ReturnRefused>, ServiceError> {
    let mut tx = cx.store.write().await?;
    let found = authorization::find_by_state(&mut tx, &cx.vault, &back.state).await?;
    let Some(opened) = found.filter(|opened| back.browser.belongs_to(opened)) else {
        return Ok(Err(ReturnRefused::UnknownState));
    };
    // Everyone locks in this order: account, code, attempt. The state comes last, and undoes the rest when it is used.
    let grant = bring(cx, &mut tx, now, &opened, &back).await?;
    if !authorization_ending::use_state(&mut tx, &opened.authorization.id, now).await? {
        drop(tx);
        return came_again(cx, opened, &back).await;
    }
    end_if_over(cx, &mut tx, now, &opened, &grant).await?;
    let attempt = &opened.authorization;
    let entry =
        Entry::of(&attempt.tenant, Action::AuthorizationReturned, Subject::authorization(&attempt.id));
    audit::append(&mut tx, now, by, &entry).await?;
    tx.commit().await?;
    exchange_soon(cx, now, grant).await;
    Ok(Ok(opened.entry))
}

/// The same return once more (a reload, a doubled redirect) is no new one; another code is.
async fn came_again(
    cx: &Context,
    opened: Opened,
    back: &Return,
) -> Result<Result<OneTimeToken, ReturnRefused>, ServiceError> {
    let attempt = &opened.authorization;
    let mut tx = cx.store.read().await?;
    let known = grant_code::find_by_code(&mut tx, &cx.vault, &attempt.component, &back.code).await?;
    let again = known.is_some_and(|code| code.authorization.as_ref() == Some(&attempt.id));
    Ok(if again { Ok(opened.entry) } else { Err(ReturnRefused::StateUsed) })
}

async fn bring(
    cx: &Context,
    tx: &mut Writer,
    now: Timestamp,
    opened: &Opened,
    back: &Return,
) -> Result<GrantId, StoreError> {
    let life = back.expires_in.filter(|seconds| (1..=86_400).contains(seconds)).unwrap_or(CODE_LIFE);
    let brought = Brought {
        component: &opened.authorization.component,
        code: &back.code,
        authorization: Some(&opened.authorization.id),
        pre_auth_code_hash: None,
        authorizer: None,
        create_time: None,
        expires_at: Timestamp::from_unix(now.unix().saturating_add(life)),
    };
    grant_code::bring(tx, (&cx.vault, &cx.random), now, &brought).await
}

/// A push without a PreAuthCode may have brought this very code before: its grant is stored already, or it failed.
async fn end_if_over(
    cx: &Context,
    tx: &mut Writer,
    now: Timestamp,
    opened: &Opened,
    grant: &GrantId,
) -> Result<(), StoreError> {
    let attempt = &opened.authorization;
    let Some(code) = grant_code::find(tx, &cx.vault, grant).await? else { return Ok(()) };
    if code.status == Status::Failed {
        let problem = code.problem.unwrap_or(GrantProblem::Refused);
        return authorization_ending::end(tx, &attempt.id, now, (None, Some(problem))).await;
    }
    let Some(appid) = code.authorizer.filter(|_| code.status == Status::Settled) else { return Ok(()) };
    let key = AuthorizerKey { component: attempt.component.clone(), authorizer: appid };
    let owner = authorizer_token::find(tx, &cx.vault, &key).await?.map(|held| held.tenant);
    let problem = if attempt.expected_appid.as_ref().is_some_and(|expected| *expected != key.authorizer) {
        Some(GrantProblem::WrongAccount)
    } else if owner.as_ref() != Some(&attempt.tenant) {
        Some(GrantProblem::BelongsToAnotherTenant)
    } else {
        None
    };
    authorization_ending::end(tx, &attempt.id, now, (Some(&key.authorizer), problem)).await
}

/// The exchange goes on when the browser's patience is over: it runs in a task of its own, and the scheduler takes it
/// up again if this process dies.
async fn exchange_soon(cx: &Context, now: Timestamp, grant: GrantId) {
    let own = cx.clone();
    let exchange = tokio::spawn(async move {
        // The profile as well: the person is shown the account by its name.
        let done = async {
            exchange_grants::run_one(&own, now, &grant).await?;
            fetch_info::run(&own).await
        };
        if let Err(error) = done.await {
            tracing::error!(error = &error as &dyn std::error::Error, "a code could not be exchanged");
        }
        own.wake.ring();
    });
    if tokio::time::timeout(PATIENCE, exchange).await.is_err() {
        tracing::info!("an exchange takes longer than the browser should wait");
    }
}
