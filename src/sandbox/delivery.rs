//! Sends pushes: sealed, signed, with a deadline and a few attempts, and a strict look at the answer. One of the files
//! that name `reqwest`: a simulator of WeChat has to call back like WeChat.

use std::sync::Arc;
use std::time::Duration;

use super::clip::clip;
use super::faults::wait;
use super::pushes::{Attempt, Outcome, Push, PushKind};
use super::reply::{self, Reply};
use super::seal::{self, Sealed};
use super::state::{Shared, World};
use crate::clock::Clock;

const ANSWER_KEPT: usize = 300;

/// Delivers pushes one after the other.
pub async fn deliver_all(shared: Arc<Shared>, pushes: Vec<Push>) {
    for push in pushes {
        deliver(&shared, &push).await;
    }
}

async fn deliver(shared: &Arc<Shared>, push: &Push) {
    let switches = shared.with(|world| world.switches.clone());
    let deadline = Duration::from_millis(switches.push_timeout_ms);
    let mut accepted = false;
    for attempt in 0..switches.push_attempts.max(1) {
        if attempt > 0 {
            wait(Duration::from_millis(switches.push_retry_delay_ms)).await;
        }
        let (attempt, reply) = send(shared, push, deadline).await;
        accepted = attempt.problem.is_none();
        shared.with(|world| note(world, push.id, attempt, reply));
        if accepted {
            break;
        }
    }
    shared.with(|world| conclude(world, push, accepted));
}

fn note(world: &mut World, id: u64, attempt: Attempt, reply: Option<Reply>) {
    if let Some(record) = world.pushes.find_mut(id) {
        record.attempts.push(attempt);
        record.reply = reply.or(record.reply.take());
    }
}

fn conclude(world: &mut World, push: &Push, accepted: bool) {
    if let Some(record) = world.pushes.find_mut(push.id) {
        record.outcome = if accepted { Outcome::Accepted } else { Outcome::Failed };
    }
    if push.kind != PushKind::Ticket {
        return;
    }
    let stop_after = world.switches.ticket_stop_after;
    if let Some(component) = world.components.get_mut(&push.component) {
        let pusher = &mut component.pusher;
        pusher.failed_periods = if accepted { 0 } else { pusher.failed_periods.saturating_add(1) };
        pusher.stopped = pusher.stopped || (stop_after > 0 && pusher.failed_periods >= stop_after);
    }
}

async fn send(shared: &Arc<Shared>, push: &Push, deadline: Duration) -> (Attempt, Option<Reply>) {
    let watch = Clock::stopwatch();
    let attempt = |status, answer: &str, problem| Attempt {
        status,
        answer: clip(answer, ANSWER_KEPT),
        ms: u64::try_from(watch.elapsed().as_millis()).unwrap_or(u64::MAX),
        problem,
    };
    let sealed = match shared.with(|world| seal::seal(push, &world.clock, &world.random)) {
        Ok(sealed) => sealed,
        Err(problem) => return (attempt(None, "", Some(problem)), None),
    };
    match post(shared, push, &sealed, deadline).await {
        Ok((status, answer)) => {
            let (reply, problem) = judge(push, status, &answer);
            (attempt(Some(status), &answer, problem), reply)
        }
        Err(problem) => (attempt(None, "", Some(problem)), None),
    }
}

async fn post(
    shared: &Shared,
    push: &Push,
    sealed: &Sealed,
    deadline: Duration,
) -> Result<(u16, String), String> {
    let mut url = url::Url::parse(&push.url).map_err(|error| format!("the address is not a URL: {error}"))?;
    {
        let mut query = url.query_pairs_mut();
        query.append_pair("signature", &sealed.signature);
        query.append_pair("timestamp", &sealed.timestamp);
        query.append_pair("nonce", &sealed.nonce);
        if let Some(openid) = &push.openid {
            query.append_pair("openid", openid);
        }
        query.append_pair("encrypt_type", "aes").append_pair("msg_signature", &sealed.msg_signature);
    }
    let request = shared
        .http
        .post(url)
        .header("Content-Type", "text/xml")
        .header("User-Agent", "Mozilla/4.0")
        .header("Accept", "*/*")
        .timeout(deadline)
        .body(sealed.body.clone());
    let response = request.send().await.map_err(describe)?;
    let status = response.status().as_u16();
    let answer = response.bytes().await.map_err(describe)?;
    Ok((status, String::from_utf8_lossy(&answer).into_owned()))
}

#[expect(clippy::needless_pass_by_value, reason = "the shape of map_err")]
fn describe(error: reqwest::Error) -> String {
    if error.is_timeout() {
        "no answer in time (curl 28)".to_owned()
    } else if error.is_connect() {
        "could not connect".to_owned()
    } else {
        "the connection broke".to_owned()
    }
}

/// `success` is the only answer to a notice; a message may also be answered by nothing or by an encrypted reply.
fn judge(push: &Push, status: u16, answer: &str) -> (Option<Reply>, Option<String>) {
    if status != 200 {
        return (None, Some(format!("status {status}")));
    }
    match push.kind {
        PushKind::Ticket | PushKind::Event if answer == "success" => (None, None),
        PushKind::Ticket | PushKind::Event => (None, Some("the answer is not exactly `success`".to_owned())),
        PushKind::Message => {
            let reply = reply::read(push, answer);
            let problem = reply.problem.clone();
            (Some(reply), problem)
        }
    }
}
