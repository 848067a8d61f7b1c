//! What WeChat pushes: the notices themselves, the ways to spoil them, and the log of what became of them.

use std::collections::VecDeque;

use serde::{Deserialize, Serialize};

use super::notices;
use super::refusal::Refusal;
use super::reply::Reply;
use super::state::World;

const LOG_KEPT: usize = 1000;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum PushKind {
    Ticket,
    Event,
    Message,
}

/// How a push is spoiled.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PushFaultKind {
    /// Sent twice.
    Duplicate,
    /// Never sent.
    Gap,
    /// Held back until the next push has gone.
    OutOfOrder,
    WrongSignature,
    /// Encrypted with the previous AES key.
    PreviousAesKey,
    /// Signed with the previous token.
    PreviousToken,
    /// The appid in the tail is another one.
    WrongAppid,
    /// A notice of a type nobody knows goes first.
    UnknownInfoType,
}

/// The next `times` pushes that fit are spoiled.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PushFault {
    pub kind: PushFaultKind,
    /// Left out: any component.
    #[serde(default)]
    pub component: Option<String>,
    /// Left out: any notice or message.
    #[serde(default)]
    pub info_type: Option<String>,
    #[serde(default = "once")]
    pub times: u32,
}

fn once() -> u32 {
    1
}

/// One push, ready to be sealed and sent.
#[derive(Clone)]
pub struct Push {
    pub id: u64,
    pub kind: PushKind,
    pub component: String,
    /// The authorizer it is about.
    pub account: Option<String>,
    pub info_type: String,
    /// Empty: the component has no such address, nothing is sent.
    pub url: String,
    pub xml: String,
    pub token: String,
    pub aes_key: String,
    /// The appid in the tail.
    pub tail: String,
    /// `ToUserName` of the envelope of messages; notices carry `AppId`.
    pub to_user: Option<String>,
    pub openid: Option<String>,
    pub wrong_signature: bool,
    pub clock_skew: i64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    Pending,
    Accepted,
    Failed,
    /// Lost on purpose.
    Dropped,
    /// Held back until the next push.
    Held,
    /// The component has no address for it.
    NoUrl,
}

#[derive(Clone, Debug, Serialize)]
pub struct Attempt {
    pub status: Option<u16>,
    /// The beginning of the answer.
    pub answer: String,
    pub ms: u64,
    pub problem: Option<String>,
}

#[derive(Clone, Debug, Serialize)]
pub struct PushRecord {
    pub id: u64,
    pub at: i64,
    pub kind: PushKind,
    pub component: String,
    pub account: Option<String>,
    pub info_type: String,
    pub url: String,
    pub xml: String,
    pub fault: Option<PushFaultKind>,
    pub outcome: Outcome,
    pub attempts: Vec<Attempt>,
    /// What a message push was answered with.
    pub reply: Option<Reply>,
}

#[derive(Debug, Default)]
pub struct PushLog {
    records: VecDeque<PushRecord>,
    last_id: u64,
}

impl PushLog {
    pub fn newest(&self) -> impl Iterator<Item = &PushRecord> {
        self.records.iter().rev()
    }

    pub fn find(&self, id: u64) -> Option<&PushRecord> {
        self.records.iter().find(|record| record.id == id)
    }

    pub fn find_mut(&mut self, id: u64) -> Option<&mut PushRecord> {
        self.records.iter_mut().rev().find(|record| record.id == id)
    }

    fn enter(&mut self, push: &Push, at: i64, fault: Option<PushFaultKind>, outcome: Outcome) -> u64 {
        self.last_id += 1;
        self.records.push_back(PushRecord {
            id: self.last_id,
            at,
            kind: push.kind,
            component: push.component.clone(),
            account: push.account.clone(),
            info_type: push.info_type.clone(),
            url: push.url.clone(),
            xml: push.xml.clone(),
            fault,
            outcome,
            attempts: Vec::new(),
            reply: None,
        });
        if self.records.len() > LOG_KEPT {
            self.records.pop_front();
        }
        self.last_id
    }
}

/// Pushes waiting to leave: each inner list goes one after the other, the lists side by side.
#[derive(Default)]
pub struct Outbox(pub Vec<Vec<Push>>);

impl World {
    /// Queues a push; it leaves when the lock is released.
    pub fn queue(&mut self, push: Push) -> u64 {
        let (id, sequence) = self.prepare(push);
        if !sequence.is_empty() {
            self.outbox.0.push(sequence);
        }
        id
    }

    /// Enters a push into the log and applies the fault that is due; returns what is really to be sent.
    pub fn prepare(&mut self, mut push: Push) -> (u64, Vec<Push>) {
        let at = self.now().unix();
        if push.url.is_empty() {
            return (self.pushes.enter(&push, at, None, Outcome::NoUrl), Vec::new());
        }
        let fault = self.take_push_fault(&push);
        let outcome = match fault {
            Some(PushFaultKind::Gap) => Outcome::Dropped,
            Some(PushFaultKind::OutOfOrder) => Outcome::Held,
            _ => Outcome::Pending,
        };
        push.id = self.pushes.enter(&push, at, fault, outcome);
        let id = push.id;
        let mut sequence = self.spoil(push, fault);
        if !sequence.is_empty() {
            // Whoever was held back goes now, after the one that came later.
            sequence.append(&mut self.held);
        }
        (id, sequence)
    }

    fn spoil(&mut self, mut push: Push, fault: Option<PushFaultKind>) -> Vec<Push> {
        let component = self.components.get(&push.component);
        match fault {
            None => {}
            Some(PushFaultKind::Gap) => return Vec::new(),
            Some(PushFaultKind::OutOfOrder) => {
                self.held.push(push);
                return Vec::new();
            }
            Some(PushFaultKind::Duplicate) => return vec![push.clone(), push],
            Some(PushFaultKind::WrongSignature) => push.wrong_signature = true,
            Some(PushFaultKind::PreviousAesKey) => {
                push.aes_key = component.map(|known| known.previous_aes_key.clone()).unwrap_or_default();
            }
            Some(PushFaultKind::PreviousToken) => {
                push.token = component.map(|known| known.previous_token.clone()).unwrap_or_default();
            }
            Some(PushFaultKind::WrongAppid) => "wx0000000000000000".clone_into(&mut push.tail),
            Some(PushFaultKind::UnknownInfoType) => {
                let mut stranger = push.clone();
                "notify_sandbox_unknown".clone_into(&mut stranger.info_type);
                stranger.xml = notices::unknown(&push.component, self.now());
                stranger.id = self.pushes.enter(&stranger, self.now().unix(), fault, Outcome::Pending);
                return vec![stranger, push];
            }
        }
        vec![push]
    }

    fn take_push_fault(&mut self, push: &Push) -> Option<PushFaultKind> {
        let fits = |fault: &PushFault| {
            fault.component.as_ref().is_none_or(|component| *component == push.component)
                && fault.info_type.as_ref().is_none_or(|info_type| *info_type == push.info_type)
        };
        let at = self.push_faults.iter().position(fits)?;
        let fault = &mut self.push_faults[at];
        let kind = fault.kind;
        fault.times = fault.times.saturating_sub(1);
        if fault.times == 0 {
            self.push_faults.remove(at);
        }
        Some(kind)
    }

    /// A notice to the component's event URL. `None` when the component is unknown.
    pub fn notice(
        &self,
        component: &str,
        kind: PushKind,
        account: Option<&str>,
        info_type: &str,
        xml: String,
    ) -> Option<Push> {
        let known = self.components.get(component)?;
        Some(Push {
            id: 0,
            kind,
            component: component.to_owned(),
            account: account.map(str::to_owned),
            info_type: info_type.to_owned(),
            url: known.event_url.clone(),
            xml,
            token: known.token.clone(),
            aes_key: known.aes_key.clone(),
            tail: known.appid.clone(),
            to_user: None,
            openid: None,
            wrong_signature: false,
            clock_skew: self.switches.push_clock_skew_seconds,
        })
    }

    pub fn authorized_event(
        &self,
        component: &str,
        account: &str,
        info_type: &str,
        code: &str,
        pre_auth_code: Option<&str>,
    ) -> Option<Push> {
        let pre_auth_code = pre_auth_code.filter(|_| self.switches.push_carries_pre_auth_code);
        let at = self.push_time();
        let life = i64::try_from(self.switches.auth_code_seconds).unwrap_or(i64::MAX);
        let ends = if self.switches.expired_time_is_absolute { at + life } else { life };
        let xml = notices::authorized(&notices::Authorized {
            component,
            info_type,
            account,
            code,
            ends,
            pre_auth_code,
            at,
        });
        self.notice(component, PushKind::Event, Some(account), info_type, xml)
    }

    pub fn unauthorized_event(&self, component: &str, account: &str) -> Option<Push> {
        let xml = notices::unauthorized(component, account, self.push_time());
        self.notice(component, PushKind::Event, Some(account), "unauthorized", xml)
    }

    /// Now, as the pushes tell it.
    pub fn push_time(&self) -> i64 {
        self.now().unix() + self.switches.push_clock_skew_seconds
    }

    /// Makes a ticket and queues its push.
    ///
    /// # Errors
    /// 40013 for an unknown component.
    pub fn push_ticket(&mut self, component: &str) -> Result<u64, Refusal> {
        let (now, repeats, at) = (self.now(), self.switches.ticket_repeats, self.push_time());
        let interval = i64::try_from(self.switches.ticket_interval_seconds.max(1)).unwrap_or(i64::MAX);
        let known = self.components.get_mut(component).ok_or(40013)?;
        let ticket = known.next_ticket(repeats, &self.random, now);
        known.pusher.next_at = now.unix().saturating_add(interval);
        let xml = notices::ticket(component, &ticket, at);
        let push = self.notice(component, PushKind::Ticket, None, "component_verify_ticket", xml);
        Ok(push.map_or(0, |push| self.queue(push)))
    }

    /// Queues the tickets that are due; called a few times a second.
    pub fn push_due_tickets(&mut self) {
        let now = self.now().unix();
        let due: Vec<String> = self
            .components
            .values()
            .filter(|known| known.enabled && !known.pusher.stopped && !known.pusher.outage)
            .filter(|known| known.pusher.next_at <= now)
            .map(|known| known.appid.clone())
            .collect();
        for component in due {
            // The component was found a moment ago under the same lock.
            let _ = self.push_ticket(&component);
        }
    }
}
