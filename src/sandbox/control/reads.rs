//! What can be read: counts, journal, pushes, tokens.

use serde::Serialize;

use super::whose::the_component;
use super::{Control, ControlError};
use crate::clock::Timestamp;
use crate::sandbox::journal::{Count, Entry};
use crate::sandbox::pushes::PushRecord;
use crate::sandbox::switches::Switches;
use crate::sandbox::tokens::Lane;

/// `api_authorizer_token`, whose concurrency matters most.
const REFRESH: &str = "/cgi-bin/component/api_authorizer_token";

/// Calls on one path for one account.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct PathCount {
    pub path: String,
    pub account: String,
    #[serde(flatten)]
    pub count: Count,
}

impl Control {
    /// What happened on this path for this account.
    pub fn count(&self, path: &str, account: &str) -> Count {
        self.with(|world| world.journal.count(path, account))
    }

    /// All counts whose path and account fit; empty texts fit all.
    pub fn counts(&self, path: &str, account: &str) -> Vec<PathCount> {
        self.with(|world| {
            let fits = |wanted: &str, is: &str| wanted.is_empty() || wanted == is;
            let counts = world.journal.counts().filter(|(p, a, _)| fits(path, p) && fits(account, a));
            counts
                .map(|(path, account, count)| PathCount {
                    path: path.to_owned(),
                    account: account.to_owned(),
                    count: count.clone(),
                })
                .collect()
        })
    }

    /// The highest number of `api_authorizer_token` calls in flight at once for any one account: a good client
    /// never has more than one.
    pub fn max_refresh_concurrency(&self) -> u32 {
        let counts = self.counts(REFRESH, "");
        counts.iter().map(|line| line.count.max_in_flight).max().unwrap_or(0)
    }

    /// As [`Control::max_refresh_concurrency`], with the calls that WeChat went on with when their caller hung up.
    pub fn max_refreshes_at_work(&self) -> u32 {
        let counts = self.counts(REFRESH, "");
        counts.iter().map(|line| line.count.max_at_work).max().unwrap_or(0)
    }

    /// The last calls, newest first, that fit; empty texts fit all.
    pub fn journal(&self, path: &str, account: &str, limit: usize) -> Vec<Entry> {
        self.with(|world| {
            let fits = |entry: &&Entry| {
                (path.is_empty() || entry.path == path) && (account.is_empty() || entry.account == account)
            };
            world.journal.newest().filter(fits).take(limit).cloned().collect()
        })
    }

    /// The last pushes, newest first.
    pub fn pushes(&self, limit: usize) -> Vec<PushRecord> {
        self.with(|world| world.pushes.newest().take(limit).cloned().collect())
    }

    pub fn push(&self, id: u64) -> Option<PushRecord> {
        self.with(|world| world.pushes.find(id).cloned())
    }

    pub fn switches(&self) -> Switches {
        self.with(|world| world.switches.clone())
    }

    pub fn now(&self) -> Timestamp {
        self.with(|world| world.now())
    }

    /// The newest ticket of the component, pushed or not.
    ///
    /// # Errors
    /// When there is no such component.
    pub fn ticket(&self, component: Option<&str>) -> Result<String, ControlError> {
        self.with(|world| {
            let component = the_component(world, component)?;
            let newest = world.component(&component)?.tickets.back();
            Ok(newest.map(|ticket| ticket.value.clone()).unwrap_or_default())
        })
    }

    /// The access token issued last for the account, dead or alive.
    pub fn access_token(&self, component: &str, account: &str) -> Option<String> {
        let lane = Lane::authorizer(component, account);
        self.with(|world| world.tokens.latest(&lane).map(|(token, _)| token.to_owned()))
    }

    /// The refresh token that works now, also when the list hides it.
    pub fn refresh_token(&self, component: &str, account: &str) -> Option<String> {
        self.with(|world| world.grant(component, account).ok().map(|grant| grant.refresh_token.clone()))
    }

    /// Whether an access token works now.
    pub fn is_alive(&self, access_token: &str) -> bool {
        self.with(|world| world.tokens.check(access_token, world.now()).is_ok())
    }

    /// What was sent through `/cgi-bin/message/custom/send`, oldest first.
    pub fn sent_messages(&self) -> Vec<serde_json::Value> {
        self.with(|world| world.sent_messages.iter().cloned().collect())
    }
}

/// One account's credentials.
#[derive(Clone, Serialize)]
pub struct TokenLine {
    pub component: String,
    pub account: String,
    pub access_token: Option<String>,
    pub expires_at: Option<i64>,
    pub alive: bool,
    pub refresh_token: String,
    pub exchanged: bool,
}

impl Control {
    pub(super) fn token_lines(
        &self,
        component: &str,
        account: &str,
        offset: usize,
        limit: usize,
    ) -> Vec<TokenLine> {
        self.with(|world| {
            let now = world.now();
            let grants = world.grants.iter().filter(|((owner, granted), _)| {
                (component.is_empty() || owner == component) && (account.is_empty() || granted == account)
            });
            let line = |((component, account), grant): (&(String, String), &crate::sandbox::grant::Grant)| {
                let latest = world.tokens.latest(&Lane::authorizer(component, account));
                TokenLine {
                    component: component.clone(),
                    account: account.clone(),
                    access_token: latest.map(|(token, _)| token.to_owned()),
                    expires_at: latest.map(|(_, issued)| issued.expires_at.unix()),
                    alive: latest.is_some_and(|(token, _)| world.tokens.check(token, now).is_ok()),
                    refresh_token: grant.refresh_token.clone(),
                    exchanged: grant.exchanged,
                }
            };
            grants.skip(offset).take(limit).map(line).collect()
        })
    }
}
