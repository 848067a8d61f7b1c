//! The third-party platforms (components): credentials, addresses, and the state of their ticket pushes.

use std::collections::{BTreeSet, VecDeque};
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::account::put;
use super::{ids, sets};
use crate::clock::Timestamp;
use crate::random::Random;

/// Tickets are remembered for their life; a scaled interval must not fill the memory.
const TICKETS_KEPT: usize = 300;

#[derive(Clone, Serialize)]
pub struct Component {
    pub appid: String,
    pub name: String,
    pub secret: String,
    /// 消息校验Token
    pub token: String,
    pub previous_token: String,
    /// 消息加解密Key
    pub aes_key: String,
    pub previous_aes_key: String,
    /// 授权事件接收URL; empty: nothing is pushed.
    pub event_url: String,
    /// 消息与事件接收URL, with `$APPID$`.
    pub message_url: String,
    /// 登录授权的发起页域名, `host` or `host:port`; empty: domain and Referer are not checked.
    pub entry_domain: String,
    /// Callers that are let in; empty lets everyone in. Single addresses only, as at WeChat.
    pub ip_list: Vec<String>,
    pub published: bool,
    /// Who may grant before the platform is published.
    pub test_list: BTreeSet<String>,
    /// The permission sets that the platform asks for.
    pub sets: BTreeSet<u32>,
    /// A disabled platform answers 61011.
    pub enabled: bool,
    pub tickets: VecDeque<Ticket>,
    pub pusher: Pusher,
}

#[derive(Clone, Serialize)]
pub struct Ticket {
    pub value: String,
    pub issued_at: i64,
}

/// The state of the ticket pushes.
#[derive(Clone, Default, Serialize)]
pub struct Pusher {
    pub next_at: i64,
    pub failed_periods: u32,
    /// Stopped after too many failures; `api_start_push_ticket` starts it again.
    pub stopped: bool,
    /// WeChat itself has an outage: nothing is pushed, nothing is counted.
    pub outage: bool,
}

/// What is said about a component when it is made or changed; what is left out stays as it is.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ComponentPatch {
    pub appid: Option<String>,
    pub name: Option<String>,
    pub secret: Option<String>,
    pub token: Option<String>,
    pub previous_token: Option<String>,
    pub aes_key: Option<String>,
    pub previous_aes_key: Option<String>,
    pub event_url: Option<String>,
    pub message_url: Option<String>,
    pub entry_domain: Option<String>,
    pub ip_list: Option<Vec<String>>,
    pub published: Option<bool>,
    pub test_list: Option<BTreeSet<String>>,
    pub sets: Option<BTreeSet<u32>>,
    pub enabled: Option<bool>,
}

/// Why a ticket is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TicketProblem {
    Unknown,
    Expired,
}

impl Component {
    pub fn fresh(appid: String, random: &Random, now: Timestamp) -> Self {
        Self {
            name: "沙盒第三方平台".to_owned(),
            appid,
            secret: ids::secret(random),
            token: ids::push_token(random),
            previous_token: String::new(),
            aes_key: ids::aes_key(random),
            previous_aes_key: String::new(),
            event_url: String::new(),
            message_url: String::new(),
            entry_domain: String::new(),
            ip_list: Vec::new(),
            published: true,
            test_list: BTreeSet::new(),
            sets: sets::usual(),
            enabled: true,
            tickets: VecDeque::from([Ticket { value: ids::ticket(random), issued_at: now.unix() }]),
            pusher: Pusher { next_at: now.unix(), ..Pusher::default() },
        }
    }

    pub fn apply(&mut self, patch: ComponentPatch, now: Timestamp) {
        if patch.event_url.as_ref().is_some_and(|url| *url != self.event_url) {
            self.pusher.next_at = now.unix();
        }
        put(&mut self.name, patch.name);
        put(&mut self.secret, patch.secret);
        put(&mut self.token, patch.token);
        put(&mut self.previous_token, patch.previous_token);
        put(&mut self.aes_key, patch.aes_key);
        put(&mut self.previous_aes_key, patch.previous_aes_key);
        put(&mut self.event_url, patch.event_url);
        put(&mut self.message_url, patch.message_url);
        put(&mut self.entry_domain, patch.entry_domain);
        put(&mut self.ip_list, patch.ip_list);
        put(&mut self.published, patch.published);
        put(&mut self.test_list, patch.test_list);
        put(&mut self.sets, patch.sets);
        put(&mut self.enabled, patch.enabled);
    }

    /// A new ticket, or the newest one again.
    pub fn next_ticket(&mut self, repeat: bool, random: &Random, now: Timestamp) -> String {
        if let (true, Some(newest)) = (repeat, self.tickets.back()) {
            return newest.value.clone();
        }
        let value = ids::ticket(random);
        self.tickets.push_back(Ticket { value: value.clone(), issued_at: now.unix() });
        while self.tickets.len() > TICKETS_KEPT {
            self.tickets.pop_front();
        }
        value
    }

    /// Any ticket younger than its life is good, not only the newest.
    pub fn check_ticket(&self, value: &str, life: Duration, now: Timestamp) -> Result<(), TicketProblem> {
        let ticket =
            self.tickets.iter().find(|ticket| ticket.value == value).ok_or(TicketProblem::Unknown)?;
        let ends_at = Timestamp::from_unix(ticket.issued_at).plus(life);
        if now < ends_at { Ok(()) } else { Err(TicketProblem::Expired) }
    }

    pub fn lets_in(&self, client_ip: &str) -> bool {
        self.ip_list.is_empty() || self.ip_list.iter().any(|listed| listed == client_ip)
    }
}
