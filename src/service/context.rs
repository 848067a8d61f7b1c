//! What every use case works with.

use std::sync::Arc;

use ipnet::IpNet;
use tokio::sync::Notify;
use url::Url;

use crate::clock::Clock;
use crate::mail::Mailer;
use crate::random::Random;
use crate::store::Store;
use crate::vault::Vault;
use crate::wechat::Client;

use super::ladder::Ladder;
use super::listing::Listings;
use super::measure::Measured;
use super::outage::Silences;
use super::push_keys::PushKeys;
use super::record_refreshes::Recorder;
use super::refresh_queue::Refreshing;
use super::shelf::Shelf;
use super::sign_audit::Remembered;
use super::store_tickets::Tickets;
use super::token_reads::TokenReads;

/// The house's parts, shared by clones.
#[derive(Clone, Debug)]
pub struct Context {
    pub store: Store,
    pub wechat: Client,
    pub vault: Vault,
    pub random: Random,
    pub clock: Clock,
    pub settings: Arc<Settings>,
    pub wake: Wake,
    pub listings: Listings,
    pub recorder: Recorder,
    pub measured: Measured,
    pub silences: Silences,
    pub refreshing: Refreshing,
    pub ladder: Ladder,
    pub shelf: Shelf,
    pub tickets: Tickets,
    pub push_keys: PushKeys,
    pub token_reads: TokenReads,
    pub signed: Remembered,
}

#[derive(Debug)]
pub struct Settings {
    /// Where people reach the portal; its host is the domain configured at WeChat. No trailing slash in its path.
    pub public_url: Url,
    /// PC consent page's host (`https://mp.weixin.qq.com`).
    pub mp_url: Url,
    /// H5 consent page's host (`https://open.weixin.qq.com`).
    pub open_url: Url,
    /// Refreshes in flight at once.
    pub refresh_parallel: usize,
    /// Refreshes that may begin in a second, for each component and over all processes.
    pub refresh_rate: u32,
    /// Reverse proxies whose `X-Forwarded-For` is believed.
    pub trusted_proxies: Vec<IpNet>,
    /// Sends letters. `None`: nothing is queued, and a page shows its link once to whoever made it.
    pub mail: Option<Mailer>,
    /// Platform administrators need a second factor.
    pub require_admin_mfa: bool,
    /// Companies may make tenants of their own; only with `mail`.
    pub sign_up: bool,
    /// This process, in leases and the journal.
    pub holder: String,
}

impl Settings {
    /// The address of a page of ours, for people who are elsewhere: in letters, behind a QR code.
    pub fn link(&self, path: &str) -> String {
        format!("{}{path}", self.public_url.as_str().trim_end_matches('/'))
    }
}

/// Tells the scheduler that there is something to do now. Clones ring the same bell.
#[derive(Clone, Debug, Default)]
pub struct Wake(Arc<Notify>);

impl Wake {
    pub fn ring(&self) {
        self.0.notify_one();
    }

    pub async fn heard(&self) {
        self.0.notified().await;
    }
}
