//! What the larger verbs are told.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::ControlError;
use super::whose::{granting, the_component};
use crate::sandbox::account::AccountKind;
use crate::sandbox::grant::Granted;
use crate::sandbox::pushes::{Push, PushKind};
use crate::sandbox::state::World;
use crate::sandbox::{ids, notices, sets};

/// A grant without the consent page.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct GrantRequest {
    /// May be left out when there is only one.
    pub component: Option<String>,
    pub account: String,
    /// Left out: all that the component asks for and the account can give.
    pub sets: Option<BTreeSet<u32>>,
    pub pre_auth_code: Option<String>,
    /// Left out: yes. The push carries the code.
    pub push: Option<bool>,
    /// As if the code had been exchanged already, so that the list shows the refresh token.
    pub exchanged: bool,
}

/// A message or event of a fan.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct MessageRequest {
    pub component: Option<String>,
    pub account: String,
    /// Left out: made up.
    pub openid: Option<String>,
    /// The text; with `event`, its EventKey.
    pub content: String,
    /// Makes it an event of this name instead of a text.
    pub event: Option<String>,
    /// The whole inner XML instead.
    pub xml: Option<String>,
    /// Also when the message set was not granted.
    pub force: bool,
}

/// Many accounts at once, for load tests.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct BulkAccounts {
    pub count: u32,
    pub kind: AccountKind,
    /// `wx` and up to eight characters; a number follows. Left out: `wxload`.
    pub prefix: Option<String>,
    /// Grant them all to this component at once, without pushes.
    pub grant_to: Option<String>,
    /// As if the codes had been exchanged.
    pub exchanged: bool,
}

impl GrantRequest {
    pub fn new(account: &str) -> Self {
        Self { account: account.to_owned(), ..Self::default() }
    }

    /// Enters the grant and queues the push; answers with the authorization code.
    pub(in crate::sandbox) fn enter(&self, world: &mut World) -> Result<String, ControlError> {
        let component = the_component(world, self.component.as_deref())?;
        let kind = world.account(&self.account)?.kind;
        let asked = &world.component(&component)?.sets;
        let usual = || asked.iter().copied().filter(|id| sets::fits(*id, kind)).collect();
        let granted_sets = self.sets.clone().unwrap_or_else(usual);
        if let Some(code) = &self.pre_auth_code {
            let now = world.now();
            let known = world.codes.pre_auth.get_mut(code);
            let known =
                known.filter(|known| known.component == component && !known.used && known.expires_at > now);
            known
                .ok_or_else(|| ControlError("the pre_auth_code is unknown, used or expired".to_owned()))?
                .used = true;
        }
        let pre_auth_code = self.pre_auth_code.as_deref();
        let Granted { auth_code, event } =
            world.consent(&component, &self.account, granted_sets, pre_auth_code)?;
        if self.exchanged {
            world.grant_mut(&component, &self.account)?.exchanged = true;
        }
        if let (true, Some(event)) = (self.push.unwrap_or(true), event) {
            world.queue(event);
        }
        Ok(auth_code)
    }
}

impl MessageRequest {
    /// The push of this message, not yet queued.
    pub(super) fn push(&self, world: &mut World) -> Result<Push, ControlError> {
        let component = granting(world, self.component.as_deref(), &self.account)?;
        let account = world.account(&self.account)?.clone();
        let needed = if account.kind == AccountKind::OfficialAccount { 1 } else { 19 };
        let heard = world.grant(&component, &self.account).is_ok_and(|grant| grant.sets.contains(&needed));
        if !heard && !self.force {
            return Err(ControlError(format!(
                "the account has not granted set {needed}: WeChat sends no messages"
            )));
        }
        let openid = self.openid.clone().unwrap_or_else(|| ids::openid(&world.random));
        let id = 20_000_000_000_000_000 + world.random.below(1_000_000_000_000_000);
        let head = notices::Message { to: &account.gh_id, from: &openid, at: world.push_time(), id };
        let xml = match (&self.xml, &self.event) {
            (Some(xml), _) => xml.clone(),
            (None, Some(event)) => notices::event_message(&head, event, &self.content),
            (None, None) => notices::text_message(&head, &self.content),
        };
        let info_type = self.event.clone().unwrap_or_else(|| "text".to_owned());
        let mut push = world
            .notice(&component, PushKind::Message, Some(&self.account), &info_type, xml)
            .ok_or_else(|| ControlError("there is no such component".to_owned()))?;
        push.url = world.component(&component)?.message_url.replace("$APPID$", &self.account);
        push.to_user = Some(account.gh_id);
        push.openid = Some(openid);
        Ok(push)
    }
}
