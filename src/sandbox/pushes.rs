//! What a push is, the ways to spoil one, and the log of what became of them.

use std::collections::VecDeque;

use serde::{Deserialize, Serialize};

use super::reply::Reply;

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

    pub fn enter(&mut self, push: &Push, at: i64, fault: Option<PushFaultKind>, outcome: Outcome) -> u64 {
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
