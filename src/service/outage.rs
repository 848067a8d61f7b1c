//! Tells an outage of WeChat from one account's trouble: when several accounts in a row get no usable answer, and no
//! call gets one in between, the accounts are not at fault. One incident stands for it until one of them is answered.

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use crate::clock::Timestamp;
use crate::domain::ids::{AuthorizerAppid, ComponentAppid};
use crate::domain::reason::Reason;
use crate::store::authorizer_token::Held;
use crate::store::component_token::HeldToken;
use crate::store::incident::{Sighting, Source};
use crate::store::{StoreError, incident};
use crate::wechat::WechatError;
use crate::wechat::api::api_get_authorizer_list;

use super::Context;
use super::call_component::CallError;

/// So many accounts in a row are no coincidence.
const WITNESSES: usize = 3;
/// So many calls in a row, of fewer accounts, are worth a question of our own.
const DOUBT: i64 = 2;
const BETWEEN_PROBES: Duration = Duration::from_secs(60);
/// An account that failed so often while others did not says nothing about the others.
const OF_ITS_OWN: i64 = 6;
/// Between two tries while WeChat is down.
pub(super) const BETWEEN_CANARIES: Duration = Duration::from_secs(20);

/// The refreshes of each component that got no usable answer since the last one that did. Clones share it.
#[derive(Clone, Debug, Default)]
pub struct Silences(Arc<Mutex<HashMap<ComponentAppid, Silence>>>);

#[derive(Clone, Debug, Default)]
struct Silence {
    since: Option<Timestamp>,
    calls: i64,
    witnesses: HashSet<AuthorizerAppid>,
    probed_at: Option<Timestamp>,
    /// Calls that were answered, whatever the answer.
    answers: u64,
}

impl Silences {
    fn with<T>(&self, component: &ComponentAppid, change: impl FnOnce(&mut Silence) -> T) -> T {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(silence) = known.get_mut(component) {
            return change(silence);
        }
        change(known.entry(component.clone()).or_default())
    }

    /// How many refreshes WeChat has answered, well or not.
    pub(super) fn answers(&self, component: &ComponentAppid) -> u64 {
        self.with(component, |silence| silence.answers)
    }

    fn note_answer(&self, component: &ComponentAppid) {
        self.with(component, |silence| {
            *silence = Silence { answers: silence.answers + 1, ..Silence::default() };
        });
    }

    fn note_silence(&self, held: &Held, now: Timestamp) -> Silence {
        self.with(&held.key.component, |silence| {
            silence.since.get_or_insert(now);
            silence.calls += 1;
            if held.failures < OF_ITS_OWN && silence.witnesses.len() < WITNESSES {
                silence.witnesses.insert(held.key.authorizer.clone());
            }
            silence.clone()
        })
    }

    /// What is known, when a question of our own is called for; whoever gets it asks.
    fn take_doubt(&self, component: &ComponentAppid, now: Timestamp) -> Option<Silence> {
        self.with(component, |silence| {
            let asked_lately = silence.probed_at.is_some_and(|at| now.since(at) < BETWEEN_PROBES);
            if silence.calls < DOUBT || asked_lately {
                return None;
            }
            silence.probed_at = Some(now);
            Some(silence.clone())
        })
    }
}

/// Learns from a refresh what it says about WeChat as a whole. An error that is WeChat's outage comes back as
/// [`CallError::Down`].
///
/// # Errors
/// Those of the call, and when the database does not answer.
pub(super) async fn weigh<T>(
    cx: &Context,
    held: &Held,
    called: Result<T, CallError>,
) -> Result<T, CallError> {
    let component = &held.key.component;
    let error = match called {
        Err(CallError::Wechat(error)) if error.is_silence() => error,
        Err(
            error @ (CallError::NotReady(_) | CallError::Down(_) | CallError::Stale | CallError::Store(_)),
        ) => {
            return Err(error);
        }
        answered @ (Ok(_) | Err(CallError::Wechat(_) | CallError::Replaced(_))) => {
            cx.silences.note_answer(component);
            return answered;
        }
    };
    let now = cx.clock.now();
    let silence = cx.silences.note_silence(held, now);
    let known = is_known(cx, component).await?;
    if !known && silence.witnesses.len() < WITNESSES {
        return Err(CallError::Wechat(error));
    }
    let one = Silence { since: None, calls: 1, ..Silence::default() };
    see(cx, now, component, (if known { &one } else { &silence }, &error)).await?;
    Err(CallError::Down(error))
}

/// Asks WeChat something else when too few accounts are due to tell: nobody answers that either during an outage.
///
/// # Errors
/// When the database does not answer.
pub(super) async fn ask_when_in_doubt(
    cx: &Context,
    now: Timestamp,
    token: &HeldToken,
) -> Result<(), StoreError> {
    let component = &token.appid;
    let Some(silence) = cx.silences.take_doubt(component, now) else { return Ok(()) };
    if is_known(cx, component).await? {
        return Ok(());
    }
    match api_get_authorizer_list::call(&cx.wechat, component, &token.token, 0, 1).await {
        Err(error) if error.is_silence() => see(cx, now, component, (&silence, &error)).await,
        Ok(_) | Err(_) => Ok(()),
    }
}

async fn is_known(cx: &Context, component: &ComponentAppid) -> Result<bool, StoreError> {
    let open = incident::list_open(&mut cx.store.read().await?, component).await?;
    Ok(open.iter().any(|seen| seen.cause == Reason::WechatDown))
}

async fn see(
    cx: &Context,
    now: Timestamp,
    component: &ComponentAppid,
    (silence, error): (&Silence, &WechatError),
) -> Result<(), StoreError> {
    let seen = Sighting {
        source: Source::Refresh,
        since: silence.since,
        failed_calls: silence.calls,
        errcode: error.errcode(),
        rid: error.rid().map(str::to_owned),
        evidence: Some(error.to_string()),
        ..Sighting::new(Reason::WechatDown, now.plus(BETWEEN_CANARIES))
    };
    let mut tx = cx.store.write().await?;
    let new = incident::see(&mut tx, &cx.random, component, now, &seen).await?;
    tx.commit().await?;
    if new {
        tracing::error!(%component, calls = silence.calls, %error, "incident opened: WeChat does not answer");
    }
    Ok(())
}
