//! The third-party platform (`component`) and its own credentials, as the rest of the house sees them.

use std::time::Duration;

use crate::clock::Timestamp;
use crate::domain::ids::ComponentAppid;
use crate::secret::{ComponentAppsecret, EncodingAesKey, PushToken};

/// What an operator enters from WeChat's console.
#[derive(Clone, Debug)]
pub struct ComponentConfig {
    pub appid: ComponentAppid,
    pub name: String,
    pub appsecret: ComponentAppsecret,
    pub token: PushToken,
    pub previous_token: Option<PushToken>,
    pub aes_key: EncodingAesKey,
    pub previous_aes_key: Option<EncodingAesKey>,
}

/// What can be shown of a component: no secret in it.
#[derive(Clone, Debug)]
pub struct ComponentStatus {
    pub appid: ComponentAppid,
    pub name: String,
    pub created_at: Timestamp,
    /// When the newest ticket arrived here.
    pub ticket_received_at: Option<Timestamp>,
    pub token_expires_at: Option<Timestamp>,
    pub token_obtained_at: Option<Timestamp>,
    pub next_token_refresh_at: Option<Timestamp>,
    /// When api_start_push_ticket was last called, and what WeChat said.
    pub push_requested_at: Option<Timestamp>,
    pub push_answer: Option<String>,
    pub last_reconciled_at: Option<Timestamp>,
    /// How many accounts granted it; `None` where nobody counted them.
    pub authorizers: Option<i64>,
}

/// One of the secrets that an operator entered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SecretName {
    Appsecret,
    Token,
    AesKey,
}

impl SecretName {
    pub const ALL: [Self; 3] = [Self::Appsecret, Self::Token, Self::AesKey];

    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Appsecret => "appsecret",
            Self::Token => "token",
            Self::AesKey => "aes_key",
        }
    }

    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|secret| secret.as_str() == name)
    }
}

/// How alarming the age of the newest ticket is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TicketAge {
    /// None has ever arrived.
    Missing,
    Fresh,
    /// Older than 30 minutes.
    Late,
    /// Older than 2 hours.
    Alarming,
    /// Older than 11 hours: it is about to lapse, or has.
    Outage,
}

impl TicketAge {
    pub fn of(received_at: Option<Timestamp>, now: Timestamp) -> Self {
        let Some(received_at) = received_at else { return Self::Missing };
        let age = now.since(received_at);
        if age > Duration::from_secs(11 * 3600) {
            Self::Outage
        } else if age > Duration::from_secs(2 * 3600) {
            Self::Alarming
        } else if age > Duration::from_secs(30 * 60) {
            Self::Late
        } else {
            Self::Fresh
        }
    }
}
