//! Verbs about the whole: switches, faults, quotas, the clock, and pushes on request.

use std::sync::Arc;
use std::time::Duration;

use super::requests::MessageRequest;
use super::whose::the_component;
use super::{Control, ControlError};
use crate::clock::Timestamp;
use crate::sandbox::delivery;
use crate::sandbox::faults::{Fault, wait};
use crate::sandbox::pushes::{Outcome, Push, PushFault, PushKind, PushRecord};
use crate::sandbox::quotas::QuotaLimit;
use crate::sandbox::state::World;
use crate::sandbox::switches::Switches;

impl Control {
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
            let push = message.push(world)?;
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
