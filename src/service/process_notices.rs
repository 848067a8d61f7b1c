//! Works out what the pushes in the inbox mean, after WeChat has had its answer.

use std::time::Duration;

use crate::clock::Timestamp;
use crate::domain::event::Event;
use crate::domain::health::Health;
use crate::domain::ids::{AuthorizerAppid, AuthorizerKey, ComponentAppid};
use crate::domain::reason::Reason;
use crate::secret::Secret;
use crate::store::authorizer_grant;
use crate::store::authorizer_state::{self, Verdict};
use crate::store::authorizer_token::{self, Held};
use crate::store::grant_code::{self, Brought};
use crate::store::history::{self, Line};
use crate::store::notice::{self, Body, Due};
use crate::store::{StoreError, Writer, authorization, authorization_ending, skip_unreadable};
use crate::wechat::notice::{GrantNotice, Notice, NoticeBody};

use super::{Context, foreign_refresher, receive_message};

const BATCH: i64 = 32;
const LEASE: Duration = Duration::from_secs(30);
/// A code's life when WeChat did not say.
const CODE_LIFE: Duration = Duration::from_secs(3600);
/// How far WeChat's clock and ours may differ before an order of events is doubted.
const SKEW: Duration = Duration::from_secs(60);

/// Works through the inbox.
///
/// # Errors
/// When the database does not answer.
pub async fn run(cx: &Context, now: Timestamp) -> Result<(), StoreError> {
    loop {
        let mut tx = cx.store.write().await?;
        let due = notice::claim_due(&mut tx, &cx.vault, now, (BATCH, LEASE)).await?;
        tx.commit().await?;
        if due.is_empty() {
            return Ok(());
        }
        for pushed in due {
            skip_unreadable(process(cx, now, &pushed).await)?;
        }
    }
}

async fn process(cx: &Context, now: Timestamp, pushed: &Due) -> Result<(), StoreError> {
    let mut tx = cx.store.write().await?;
    let done = if pushed.info_type == receive_message::INFO_TYPE {
        ("kept", Body::Keep)
    } else {
        match Notice::parse(pushed.body.expose().as_bytes()) {
            Ok(notice) => understand(cx, &mut tx, now, pushed, &notice).await?,
            Err(_) => ("unreadable", Body::Keep),
        }
    };
    notice::finish(&mut tx, &pushed.id, now, done).await?;
    tx.commit().await
}

async fn understand(
    cx: &Context,
    tx: &mut Writer,
    now: Timestamp,
    pushed: &Due,
    notice: &Notice,
) -> Result<(&'static str, Body), StoreError> {
    let created = match notice.create_time {
        0 => pushed.received_at,
        seconds => Timestamp::from_unix(seconds),
    };
    Ok(match &notice.body {
        NoticeBody::Authorized(grant)
        | NoticeBody::UpdateAuthorized(grant)
        | NoticeBody::FastRegistered(grant) => {
            (granted(cx, tx, now, (&pushed.component, created), grant).await?, Body::Wipe)
        }
        NoticeBody::Unauthorized { authorizer } => {
            (cancelled(cx, tx, now, (&pushed.component, created), authorizer).await?, Body::Wipe)
        }
        NoticeBody::ComponentVerifyTicket { .. } => ("ticket", Body::Wipe),
        NoticeBody::Other { .. } => ("kept", Body::Keep),
    })
}

/// A grant: its code goes to the broker.
async fn granted(
    cx: &Context,
    tx: &mut Writer,
    now: Timestamp,
    (component, created): (&ComponentAppid, Timestamp),
    grant: &GrantNotice,
) -> Result<&'static str, StoreError> {
    let key = AuthorizerKey { component: component.clone(), authorizer: grant.authorizer.clone() };
    authorizer_grant::note_grant_time(tx, &key, created).await?;
    let Some(code) = &grant.code else {
        authorizer_state::hasten(tx, &key, now).await?;
        return Ok("without a code");
    };
    let hash = grant.pre_auth_code.as_ref().map(Secret::fingerprint);
    let expires_at = grant.code_expires_at.map_or(now.plus(CODE_LIFE), Timestamp::from_unix);
    let brought = Brought {
        component,
        code,
        authorization: None,
        pre_auth_code_hash: hash.clone(),
        authorizer: Some(&grant.authorizer),
        create_time: Some(created),
        // WeChat's clock may be behind ours: a code that has just arrived gets its chance.
        expires_at: expires_at.max(now.plus(SKEW)),
    };
    grant_code::bring(tx, (&cx.vault, &cx.random), now, &brought).await?;
    if let Some(hash) = hash
        && let Some(opened) = authorization::find_by_pre_auth_code(tx, &cx.vault, component, &hash).await?
    {
        authorization_ending::set_exchanging(tx, &opened.authorization.id).await?;
    }
    Ok("code stored")
}

/// A cancellation. It never undoes a newer grant; where the order is in doubt, WeChat is asked.
async fn cancelled(
    cx: &Context,
    tx: &mut Writer,
    now: Timestamp,
    (component, created): (&ComponentAppid, Timestamp),
    authorizer: &AuthorizerAppid,
) -> Result<&'static str, StoreError> {
    let key = AuthorizerKey { component: component.clone(), authorizer: authorizer.clone() };
    authorizer_state::lock(tx, &key).await?;
    let Some(held) = authorizer_token::find(tx, &cx.vault, &key).await? else {
        return Ok("unknown account");
    };
    let (event, outcome) = match judge(&held, created) {
        Order::Stale => (Event::StaleNotice, "stale"),
        Order::Doubtful => {
            authorizer_state::hasten(tx, &key, now).await?;
            (Event::NoticeVerified, "being verified")
        }
        Order::Newer => {
            let verdict = Verdict {
                health: Health::Unauthorized,
                reason: Reason::CancelledByAccount,
                next_refresh_at: None,
                token_ends: true,
            };
            authorizer_state::judge(tx, &key, now, &verdict).await?;
            foreign_refresher::acquit(tx, now, &key).await?;
            (Event::Cancelled, "cancelled")
        }
    };
    history::append(tx, &cx.random, (&held.tenant, &key), now, &Line::plain(event)).await?;
    tracing::info!(%key, outcome, "cancellation notice");
    Ok(outcome)
}

enum Order {
    Newer,
    Stale,
    Doubtful,
}

fn judge(held: &Held, created: Timestamp) -> Order {
    match held.grant_time {
        Some(granted) if created < granted => Order::Stale,
        Some(granted) if granted.plus(SKEW) >= held.authorized_at => Order::Newer,
        // The newest grant is known by the browser alone, on our clock, and may be newer.
        _ if created < held.authorized_at.plus(SKEW) => Order::Doubtful,
        _ => Order::Newer,
    }
}
