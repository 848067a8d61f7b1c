//! The verbs: what can be done to the sandbox, beside WeChat's own API.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::{Control, ControlError};
use crate::clock::Timestamp;
use crate::sandbox::account::{AccountKind, AccountPatch, AccountStatus};
use crate::sandbox::component::ComponentPatch;
use crate::sandbox::faults::{Fault, wait};
use crate::sandbox::grant::Granted;
use crate::sandbox::notices;
use crate::sandbox::pushes::{Outcome, Push, PushFault, PushKind, PushRecord};
use crate::sandbox::quotas::QuotaLimit;
use crate::sandbox::refusal::Refusal;
use crate::sandbox::state::World;
use crate::sandbox::switches::Switches;
use crate::sandbox::tokens::Lane;
use crate::sandbox::{delivery, ids, sets};

type Done = Result<(), ControlError>;

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

/// The component that is meant: the one named, or the only one.
pub(super) fn the_component(world: &World, named: Option<&str>) -> Result<String, ControlError> {
    match named.filter(|name| !name.is_empty()) {
        Some(name) => Ok(world.component(name).map(|component| component.appid.clone())?),
        None if world.components.len() == 1 => {
            Ok(world.components.keys().next().cloned().unwrap_or_default())
        }
        None => Err(ControlError("name the component: there is not exactly one".to_owned())),
    }
}

/// The component that the account granted to: the one named, the only grant, or the only component.
fn granting(world: &World, named: Option<&str>, account: &str) -> Result<String, ControlError> {
    let mut holders =
        world.grants.keys().filter(|(_, granted)| granted == account).map(|(component, _)| component);
    match (named.filter(|name| !name.is_empty()), holders.next(), holders.next()) {
        (None, Some(only), None) => Ok(only.clone()),
        (named, _, _) => the_component(world, named),
    }
}

impl Control {
    /// Makes or changes a component; returns its appid.
    pub fn component(&self, patch: ComponentPatch) -> String {
        self.with(|world| world.put_component(patch).appid.clone())
    }

    /// Makes or changes an account; returns its appid.
    pub fn account(&self, patch: AccountPatch) -> String {
        self.with(|world| world.put_account(patch).appid.clone())
    }

    /// Makes many accounts, and grants them if asked; returns their appids.
    ///
    /// # Errors
    /// When the component does not exist.
    pub fn accounts(&self, bulk: &BulkAccounts) -> Result<Vec<String>, ControlError> {
        let prefix = bulk.prefix.as_deref().unwrap_or("wxload");
        let mut appids = Vec::new();
        for number in 0..bulk.count {
            let appid = format!("{prefix}{number:0width$}", width = 18usize.saturating_sub(prefix.len()));
            let patch =
                AccountPatch { appid: Some(appid.clone()), kind: Some(bulk.kind), ..AccountPatch::default() };
            self.with(|world| -> Result<(), ControlError> {
                world.put_account(patch);
                if let Some(component) = &bulk.grant_to {
                    let grant = GrantRequest {
                        component: Some(component.clone()),
                        account: appid.clone(),
                        push: Some(false),
                        exchanged: bulk.exchanged,
                        ..GrantRequest::default()
                    };
                    grant.enter(world)?;
                }
                Ok(())
            })?;
            appids.push(appid);
        }
        Ok(appids)
    }

    /// Grants as if the merchant had consented; sends the push that follows. Returns the authorization code.
    ///
    /// # Errors
    /// When component or account do not exist, the account cannot grant, or the pre_auth_code is not good.
    pub fn grant(&self, grant: &GrantRequest) -> Result<String, ControlError> {
        self.with(|world| grant.enter(world))
    }

    /// The merchant cancels: `unauthorized` is pushed unless `push` is off.
    ///
    /// # Errors
    /// When there is no such grant.
    pub fn cancel(&self, component: Option<&str>, account: &str, push: bool) -> Done {
        self.with(|world| {
            let component = granting(world, component, account)?;
            let event = world.cancel_grant(&component, account)?;
            if let (true, Some(event)) = (push, event) {
                world.queue(event);
            }
            Ok(())
        })
    }

    /// Freezes, bans, warns or cancels the account itself, or makes it normal again.
    ///
    /// # Errors
    /// When there is no such account.
    pub fn status(&self, account: &str, status: AccountStatus) -> Done {
        self.with(|world| {
            world.accounts.get_mut(account).ok_or_else(unknown_account)?.status = status;
            Ok(())
        })
    }

    /// Every access token of the account answers 40001 from now on.
    ///
    /// # Errors
    /// When component or account do not exist.
    pub fn kill_access_token(&self, component: Option<&str>, account: &str) -> Done {
        self.with(|world| {
            let component = granting(world, component, account)?;
            let now = world.now();
            world.tokens.kill(&Lane::authorizer(&component, account), now);
            Ok(())
        })
    }

    /// Someone else refreshes twice: the tokens that were out are dead, the refresh token is the same.
    ///
    /// # Errors
    /// When there is no such grant.
    pub fn foreign_refresh(&self, component: Option<&str>, account: &str) -> Done {
        self.with(|world| {
            let component = granting(world, component, account)?;
            world.grant(&component, account)?;
            let lane = Lane::authorizer(&component, account);
            world.issue_token(&lane);
            world.issue_token(&lane);
            Ok(())
        })
    }

    /// The component's access token answers 40001 from now on.
    ///
    /// # Errors
    /// When there is no such component.
    pub fn kill_component_token(&self, component: Option<&str>) -> Done {
        self.with(|world| {
            let component = the_component(world, component)?;
            let now = world.now();
            world.tokens.kill(&Lane::component(&component), now);
            Ok(())
        })
    }

    /// Rotates the refresh token on the server: the old one answers 61023, list and info show the new one.
    ///
    /// # Errors
    /// When there is no such grant.
    pub fn lose_refresh_token(&self, component: Option<&str>, account: &str) -> Done {
        self.change_grant(component, account, |grant, fresh| {
            grant.refresh_token = fresh;
            grant.older.clear();
        })
    }

    /// The refresh token is refused although list and info show it; `refused: false` ends that.
    ///
    /// # Errors
    /// When there is no such grant.
    pub fn refuse_refresh_token(&self, component: Option<&str>, account: &str, refused: bool) -> Done {
        self.change_grant(component, account, |grant, _| grant.refused = refused)
    }

    /// As if nobody had exchanged the code: list and info show an empty refresh token, the old one answers 61023.
    ///
    /// # Errors
    /// When there is no such grant.
    pub fn never_exchanged(&self, component: Option<&str>, account: &str) -> Done {
        self.change_grant(component, account, |grant, fresh| {
            grant.exchanged = false;
            grant.refresh_token = fresh;
            grant.older.clear();
        })
    }

    fn change_grant(
        &self,
        component: Option<&str>,
        account: &str,
        change: impl FnOnce(&mut crate::sandbox::grant::Grant, String),
    ) -> Done {
        self.with(|world| {
            let component = granting(world, component, account)?;
            let fresh = ids::refresh_token(&world.random);
            change(world.grant_mut(&component, account)?, fresh);
            Ok(())
        })
    }

    /// Turns switches.
    pub fn switch(&self, turn: impl FnOnce(&mut Switches)) {
        self.with(|world| turn(&mut world.switches));
    }

    /// Turns the switches named in a JSON object.
    ///
    /// # Errors
    /// A sentence naming what does not exist; nothing is turned then.
    pub fn patch_switches(&self, patch: &serde_json::Value) -> Result<Switches, ControlError> {
        self.with(|world| {
            world.switches = world.switches.patched(patch).map_err(ControlError)?;
            Ok(world.switches.clone())
        })
    }

    /// Spoils calls; returns the rule's id.
    pub fn fault(&self, fault: Fault) -> u64 {
        self.with(|world| world.faults.add(fault))
    }

    /// Ends one fault, or all of calls and pushes.
    pub fn clear_faults(&self, id: Option<u64>) {
        self.with(|world| {
            world.faults.clear(id);
            if id.is_none() {
                world.push_faults.clear();
            }
        });
    }

    /// Spoils the next pushes.
    pub fn push_fault(&self, fault: PushFault) {
        self.with(|world| world.push_faults.push(fault));
    }

    /// Pushes a ticket now; returns the number of the push.
    ///
    /// # Errors
    /// When there is no such component.
    pub fn push_ticket(&self, component: Option<&str>) -> Result<u64, ControlError> {
        self.with(|world| {
            let component = the_component(world, component)?;
            Ok(world.push_ticket(&component)?)
        })
    }

    /// WeChat stops pushing tickets, or goes on.
    ///
    /// # Errors
    /// When there is no such component.
    pub fn ticket_outage(&self, component: Option<&str>, outage: bool) -> Done {
        self.change_component(component, |component, _, now| {
            component.pusher.outage = outage;
            component.pusher.next_at = now.unix();
        })
    }

    /// Stops the ticket pushes as after too many failures.
    ///
    /// # Errors
    /// When there is no such component.
    pub fn stop_tickets(&self, component: Option<&str>) -> Done {
        self.change_component(component, |component, _, _| component.pusher.stopped = true)
    }

    /// A new secret: the old one answers 40125. Returns the new one.
    ///
    /// # Errors
    /// When there is no such component.
    pub fn reset_secret(&self, component: Option<&str>) -> Result<String, ControlError> {
        let mut secret = String::new();
        self.change_component(component, |component, random, _| {
            component.secret = ids::secret(random);
            secret.clone_from(&component.secret);
        })?;
        Ok(secret)
    }

    /// A new AES key; the current one becomes the previous. Returns the new one.
    ///
    /// # Errors
    /// When there is no such component.
    pub fn rotate_aes_key(&self, component: Option<&str>) -> Result<String, ControlError> {
        let mut key = String::new();
        self.change_component(component, |component, random, _| {
            component.previous_aes_key = std::mem::replace(&mut component.aes_key, ids::aes_key(random));
            key.clone_from(&component.aes_key);
        })?;
        Ok(key)
    }

    /// A new push token; the current one becomes the previous. Returns the new one.
    ///
    /// # Errors
    /// When there is no such component.
    pub fn rotate_token(&self, component: Option<&str>) -> Result<String, ControlError> {
        let mut token = String::new();
        self.change_component(component, |component, random, _| {
            component.previous_token = std::mem::replace(&mut component.token, ids::push_token(random));
            token.clone_from(&component.token);
        })?;
        Ok(token)
    }

    /// Lets only these addresses call; everyone else gets 61004. An empty list lets everyone in.
    ///
    /// # Errors
    /// When there is no such component.
    pub fn restrict_ip(&self, component: Option<&str>, ip_list: Vec<String>) -> Done {
        self.change_component(component, |component, _, _| component.ip_list = ip_list)
    }

    fn change_component(
        &self,
        component: Option<&str>,
        change: impl FnOnce(&mut crate::sandbox::component::Component, &crate::random::Random, Timestamp),
    ) -> Done {
        self.with(|world| {
            let appid = the_component(world, component)?;
            let now = world.now();
            let component = world.components.get_mut(&appid).ok_or(Refusal::from(40013))?;
            change(component, &world.random, now);
            Ok(())
        })
    }

    /// Limits calls; without numbers the limit is taken away.
    pub fn quota(&self, limit: QuotaLimit) {
        self.with(|world| world.quotas.limit(limit));
    }

    /// Moves the sandbox's clock forward; returns its time. Whatever falls due happens.
    pub fn advance(&self, span: Duration) -> Timestamp {
        self.with(|world| {
            world.clock.advance(span);
            world.push_due_tickets();
            world.now()
        })
    }

    /// A fan's message or event, pushed to the message URL. Returns the number of the push.
    ///
    /// # Errors
    /// When the account has not granted, or not the message set (unless forced).
    pub fn message(&self, message: &MessageRequest) -> Result<u64, ControlError> {
        self.with(|world| {
            let push = message_push(world, message)?;
            Ok(world.queue(push))
        })
    }

    /// Any notice to the event URL, with the inner XML as given. Returns the number of the push.
    ///
    /// # Errors
    /// When there is no such component.
    pub fn notice(&self, component: Option<&str>, info_type: &str, xml: String) -> Result<u64, ControlError> {
        self.with(|world| {
            let component = the_component(world, component)?;
            let push = world.notice(&component, PushKind::Event, None, info_type, xml);
            Ok(push.map_or(0, |push| world.queue(push)))
        })
    }

    /// Waits until a push has been answered, given up or was not to be sent; the record, or `None` when it was
    /// forgotten.
    pub async fn wait_for_push(&self, id: u64) -> Option<PushRecord> {
        loop {
            let record = self.with(|world| world.pushes.find(id).cloned())?;
            if record.outcome != Outcome::Pending {
                return Some(record);
            }
            wait(Duration::from_millis(10)).await;
        }
    }

    /// Everything as it was at the start; the clock goes on.
    pub fn reset(&self) {
        let (start, capacity) = (Arc::clone(&self.start), self.journal_capacity);
        self.with(|world| {
            let (clock, random) = (world.clock.clone(), world.random.clone());
            let mut fresh = World::empty(clock, random, world.base_url.clone(), capacity);
            // The same file was settled without an error when the sandbox started.
            let _ = start.settle(&mut fresh);
            *world = fresh;
        });
    }

    /// Forgets the journal and its counts; what exists stays.
    pub fn clear_journal(&self) {
        self.with(|world| world.journal.clear());
    }

    /// Sends one prepared push and waits for its end, for the redirect that follows it.
    pub(in crate::sandbox) async fn deliver(&self, push: Push) {
        let (_, sequence) = self.with(|world| world.prepare(push));
        delivery::deliver_all(Arc::clone(&self.shared), sequence).await;
    }
}

fn unknown_account() -> ControlError {
    Refusal::from(40013).into()
}

fn message_push(world: &mut World, message: &MessageRequest) -> Result<Push, ControlError> {
    let component = granting(world, message.component.as_deref(), &message.account)?;
    let account = world.account(&message.account)?.clone();
    let needed = if account.kind == AccountKind::OfficialAccount { 1 } else { 19 };
    let heard = world.grant(&component, &message.account).is_ok_and(|grant| grant.sets.contains(&needed));
    if !heard && !message.force {
        return Err(ControlError(format!(
            "the account has not granted set {needed}: WeChat sends no messages"
        )));
    }
    let openid = message.openid.clone().unwrap_or_else(|| ids::openid(&world.random));
    let id = 20_000_000_000_000_000 + world.random.below(1_000_000_000_000_000);
    let head = notices::Message { to: &account.gh_id, from: &openid, at: world.push_time(), id };
    let xml = match (&message.xml, &message.event) {
        (Some(xml), _) => xml.clone(),
        (None, Some(event)) => notices::event_message(&head, event, &message.content),
        (None, None) => notices::text_message(&head, &message.content),
    };
    let info_type = message.event.clone().unwrap_or_else(|| "text".to_owned());
    let mut push = world
        .notice(&component, PushKind::Message, Some(&message.account), &info_type, xml)
        .ok_or_else(unknown_account)?;
    push.url = world.component(&component)?.message_url.replace("$APPID$", &message.account);
    push.to_user = Some(account.gh_id);
    push.openid = Some(openid);
    Ok(push)
}
