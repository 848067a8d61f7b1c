//! Pushes on their way out: logged, spoiled when a fault is due, queued until the lock is released.

use super::notices;
use super::pushes::{Outcome, Push, PushFault, PushFaultKind};
use super::state::World;

/// Pushes waiting to leave: each inner list goes one after the other, the lists side by side.
#[derive(Default)]
pub struct Outbox(pub Vec<Vec<Push>>);

impl World {
    /// Queues a push; it leaves when the lock is released.
    pub fn queue(&mut self, push: Push) -> u64 {
        let (id, sequence) = self.prepare(push);
        if !sequence.is_empty() {
            self.outbox.0.push(sequence);
        }
        id
    }

    /// Enters a push into the log and applies the fault that is due; returns what is really to be sent.
    pub fn prepare(&mut self, mut push: Push) -> (u64, Vec<Push>) {
        let at = self.now().unix();
        if push.url.is_empty() {
            return (self.pushes.enter(&push, at, None, Outcome::NoUrl), Vec::new());
        }
        let fault = self.take_push_fault(&push);
        let outcome = match fault {
            Some(PushFaultKind::Gap) => Outcome::Dropped,
            Some(PushFaultKind::OutOfOrder) => Outcome::Held,
            _ => Outcome::Pending,
        };
        push.id = self.pushes.enter(&push, at, fault, outcome);
        let id = push.id;
        let mut sequence = self.spoil(push, fault);
        if !sequence.is_empty() {
            // Whoever was held back goes now, after the one that came later.
            sequence.append(&mut self.held);
        }
        (id, sequence)
    }

    fn spoil(&mut self, mut push: Push, fault: Option<PushFaultKind>) -> Vec<Push> {
        let component = self.components.get(&push.component);
        match fault {
            None => {}
            Some(PushFaultKind::Gap) => return Vec::new(),
            Some(PushFaultKind::OutOfOrder) => {
                self.held.push(push);
                return Vec::new();
            }
            Some(PushFaultKind::Duplicate) => return vec![push.clone(), push],
            Some(PushFaultKind::WrongSignature) => push.wrong_signature = true,
            Some(PushFaultKind::PreviousAesKey) => {
                push.aes_key = component.map(|known| known.previous_aes_key.clone()).unwrap_or_default();
            }
            Some(PushFaultKind::PreviousToken) => {
                push.token = component.map(|known| known.previous_token.clone()).unwrap_or_default();
            }
            Some(PushFaultKind::WrongAppid) => "wx0000000000000000".clone_into(&mut push.tail),
            Some(PushFaultKind::UnknownInfoType) => {
                let mut stranger = push.clone();
                "notify_sandbox_unknown".clone_into(&mut stranger.info_type);
                stranger.xml = notices::unknown(&push.component, self.now());
                stranger.id = self.pushes.enter(&stranger, self.now().unix(), fault, Outcome::Pending);
                return vec![stranger, push];
            }
        }
        vec![push]
    }

    fn take_push_fault(&mut self, push: &Push) -> Option<PushFaultKind> {
        let fits = |fault: &PushFault| {
            fault.component.as_ref().is_none_or(|component| *component == push.component)
                && fault.info_type.as_ref().is_none_or(|info_type| *info_type == push.info_type)
        };
        let at = self.push_faults.iter().position(fits)?;
        let fault = &mut self.push_faults[at];
        let kind = fault.kind;
        fault.times = fault.times.saturating_sub(1);
        if fault.times == 0 {
            self.push_faults.remove(at);
        }
        Some(kind)
    }
}
