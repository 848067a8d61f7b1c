//! What a merchant granted to a component, and how it changes: consent, other sets, cancel.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use serde::Serialize;

use super::codes::AuthCode;
use super::ids;
use super::pushes::Push;
use super::refusal::Refusal;
use super::state::World;
use super::switches::Rotation;
use super::tokens::Lane;
use crate::clock::Timestamp;

#[derive(Clone, Serialize)]
pub struct Grant {
    pub sets: BTreeSet<u32>,
    pub auth_time: i64,
    pub refresh_token: String,
    /// Until the code was exchanged once, the list shows an empty refresh token.
    pub exchanged: bool,
    /// The refresh token is listed and yet refused.
    pub refused: bool,
    /// Older refresh tokens that still work, and until when.
    #[serde(skip)]
    pub older: Vec<(String, Option<Timestamp>)>,
    pub options: BTreeMap<String, String>,
}

/// Older refresh tokens are forgotten beyond this many.
const OLDER_KEPT: usize = 50;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Change {
    New,
    Updated,
    /// The same sets again: WeChat sends no event.
    Unchanged,
}

/// The outcome of a consent.
pub struct Granted {
    /// What the redirect carries.
    pub auth_code: String,
    /// What is to be pushed, if anything.
    pub event: Option<Push>,
}

impl Grant {
    fn fresh(sets: BTreeSet<u32>, refresh_token: String, now: Timestamp) -> Self {
        let options = [("location_report", "0"), ("voice_recognize", "0"), ("customer_service", "0")];
        Self {
            sets,
            auth_time: now.unix(),
            refresh_token,
            exchanged: false,
            refused: false,
            older: Vec::new(),
            options: options.map(|(name, value)| (name.to_owned(), value.to_owned())).into(),
        }
    }

    /// Whether this refresh token works now.
    pub fn accepts(&self, refresh_token: &str, now: Timestamp) -> bool {
        let older = |(value, dies_at): &(String, Option<Timestamp>)| {
            value == refresh_token && dies_at.is_none_or(|dies_at| now < dies_at)
        };
        !self.refused && (self.refresh_token == refresh_token || self.older.iter().any(older))
    }

    /// Replaces the refresh token as a use of it does.
    pub fn rotate(&mut self, rotation: Rotation, fresh: String, overlap: Duration, now: Timestamp) {
        let used = std::mem::replace(&mut self.refresh_token, fresh);
        match rotation {
            Rotation::Off => self.refresh_token = used,
            Rotation::On => self.older.push((used, None)),
            Rotation::Overlap => self.older = vec![(used, Some(now.plus(overlap)))],
            Rotation::SingleUse => self.older.clear(),
        }
        if self.older.len() > OLDER_KEPT {
            self.older.remove(0);
        }
    }
}

impl World {
    /// Enters a consent: a first grant, other sets, or the same again. The event is returned, not sent.
    ///
    /// # Errors
    /// 40013 for an unknown component or account, 50002 for an account that cannot grant.
    pub fn consent(
        &mut self,
        component: &str,
        account: &str,
        sets: BTreeSet<u32>,
        pre_auth_code: Option<&str>,
    ) -> Result<Granted, Refusal> {
        self.component(component)?;
        if !self.account(account)?.status.may_grant() {
            return Err(50002.into());
        }
        let change = self.enter_grant(component, account, sets);
        let auth_code = self.issue_auth_code(component, account);
        let same = self.switches.push_carries_same_code;
        let pushed = if same { auth_code.clone() } else { self.issue_auth_code(component, account) };
        let info_type = match change {
            Change::New => Some("authorized"),
            Change::Updated => Some("updateauthorized"),
            Change::Unchanged => self.switches.event_on_unchanged_sets.then_some("updateauthorized"),
        };
        let event = info_type.and_then(|info_type| {
            self.authorized_event(component, account, info_type, &pushed, pre_auth_code)
        });
        Ok(Granted { auth_code, event })
    }

    fn enter_grant(&mut self, component: &str, account: &str, sets: BTreeSet<u32>) -> Change {
        let now = self.now();
        let key = (component.to_owned(), account.to_owned());
        let lane = Lane::authorizer(component, account);
        let fresh_token = ids::refresh_token(&self.random);
        let Some(grant) = self.grants.get_mut(&key) else {
            // A new grant after a cancel kills what was left of the old one.
            self.tokens.kill(&lane, now);
            self.grants.insert(key, Grant::fresh(sets, fresh_token, now));
            return Change::New;
        };
        grant.refused = false;
        if self.switches.update_replaces_refresh_token {
            grant.refresh_token = fresh_token;
            grant.older.clear();
        }
        if grant.sets == sets {
            return Change::Unchanged;
        }
        grant.sets = sets;
        if self.switches.changed_sets_kill_access_token {
            self.tokens.kill(&lane, now);
        }
        Change::Updated
    }

    pub fn issue_auth_code(&mut self, component: &str, account: &str) -> String {
        let now = self.now();
        let value = ids::auth_code(&self.random);
        let expires_at = now.plus(Duration::from_secs(self.switches.auth_code_seconds));
        let code = AuthCode {
            component: component.to_owned(),
            account: account.to_owned(),
            expires_at,
            used: false,
        };
        self.codes.sweep(now);
        self.codes.auth.insert(value.clone(), code);
        value
    }

    /// The merchant cancels. Calls answer 61003 from now on, the list drops the account.
    ///
    /// # Errors
    /// 61003 when there is nothing to cancel.
    pub fn cancel_grant(&mut self, component: &str, account: &str) -> Result<Option<Push>, Refusal> {
        let key = (component.to_owned(), account.to_owned());
        self.grants.remove(&key).ok_or(61003)?;
        Ok(self.unauthorized_event(component, account))
    }

    pub fn grant(&self, component: &str, account: &str) -> Result<&Grant, Refusal> {
        self.grants.get(&(component.to_owned(), account.to_owned())).ok_or_else(|| 61003.into())
    }

    pub fn grant_mut(&mut self, component: &str, account: &str) -> Result<&mut Grant, Refusal> {
        self.grants.get_mut(&(component.to_owned(), account.to_owned())).ok_or_else(|| 61003.into())
    }
}
