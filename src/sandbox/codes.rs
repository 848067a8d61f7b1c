//! The short-lived codes: `pre_auth_code`, `authorization_code` and our own consent tickets.

use std::collections::{BTreeSet, HashMap};

use super::account::AccountKind;
use crate::clock::Timestamp;

/// Lapsed codes are swept when more than this many are held, so that an old code answers "expired" for a while.
const SWEEP_ABOVE: usize = 20_000;

#[derive(Clone, Debug)]
pub struct PreAuthCode {
    pub component: String,
    pub expires_at: Timestamp,
    pub used: bool,
}

#[derive(Clone, Debug)]
pub struct AuthCode {
    pub component: String,
    pub account: String,
    pub expires_at: Timestamp,
    pub used: bool,
}

/// What the consent page checked when it was opened; the form carries its key.
#[derive(Clone, Debug)]
pub struct ConsentTicket {
    pub component: String,
    pub pre_auth_code: String,
    pub redirect_uri: String,
    pub kinds: &'static [AccountKind],
    /// Only this account may grant.
    pub biz_appid: Option<String>,
    pub sets: BTreeSet<u32>,
    pub english: bool,
    pub expires_at: Timestamp,
}

#[derive(Debug, Default)]
pub struct Codes {
    pub pre_auth: HashMap<String, PreAuthCode>,
    pub auth: HashMap<String, AuthCode>,
    pub consents: HashMap<String, ConsentTicket>,
}

impl Codes {
    /// Forgets what lapsed when there is much of it.
    pub fn sweep(&mut self, now: Timestamp) {
        if self.pre_auth.len() > SWEEP_ABOVE {
            self.pre_auth.retain(|_, code| code.expires_at > now);
        }
        if self.auth.len() > SWEEP_ABOVE {
            self.auth.retain(|_, code| code.expires_at > now);
        }
        if self.consents.len() > SWEEP_ABOVE {
            self.consents.retain(|_, ticket| ticket.expires_at > now);
        }
    }
}
