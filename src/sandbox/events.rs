//! The pushes that follow from what happens: tickets, `authorized` and its kin.

use super::notices;
use super::pushes::{Push, PushKind};
use super::refusal::Refusal;
use super::state::World;

impl World {
    /// A notice to the component's event URL. `None` when the component is unknown.
    pub fn notice(
        &self,
        component: &str,
        kind: PushKind,
        account: Option<&str>,
        info_type: &str,
        xml: String,
    ) -> Option<Push> {
        let known = self.components.get(component)?;
        Some(Push {
            id: 0,
            kind,
            component: component.to_owned(),
            account: account.map(str::to_owned),
            info_type: info_type.to_owned(),
            url: known.event_url.clone(),
            xml,
            token: known.token.clone(),
            aes_key: known.aes_key.clone(),
            tail: known.appid.clone(),
            to_user: None,
            openid: None,
            wrong_signature: false,
            clock_skew: self.switches.push_clock_skew_seconds,
        })
    }

    pub fn authorized_event(
        &self,
        component: &str,
        account: &str,
        info_type: &str,
        code: &str,
        pre_auth_code: Option<&str>,
    ) -> Option<Push> {
        let pre_auth_code = pre_auth_code.filter(|_| self.switches.push_carries_pre_auth_code);
        let at = self.push_time();
        let life = i64::try_from(self.switches.auth_code_seconds).unwrap_or(i64::MAX);
        let ends = if self.switches.expired_time_is_absolute { at + life } else { life };
        let xml = notices::authorized(&notices::Authorized {
            component,
            info_type,
            account,
            code,
            ends,
            pre_auth_code,
            at,
        });
        self.notice(component, PushKind::Event, Some(account), info_type, xml)
    }

    pub fn unauthorized_event(&self, component: &str, account: &str) -> Option<Push> {
        let xml = notices::unauthorized(component, account, self.push_time());
        self.notice(component, PushKind::Event, Some(account), "unauthorized", xml)
    }

    /// Now, as the pushes tell it.
    pub fn push_time(&self) -> i64 {
        self.now().unix() + self.switches.push_clock_skew_seconds
    }

    /// Makes a ticket and queues its push.
    ///
    /// # Errors
    /// 40013 for an unknown component.
    pub fn push_ticket(&mut self, component: &str) -> Result<u64, Refusal> {
        let (now, repeats, at) = (self.now(), self.switches.ticket_repeats, self.push_time());
        let interval = i64::try_from(self.switches.ticket_interval_seconds.max(1)).unwrap_or(i64::MAX);
        let known = self.components.get_mut(component).ok_or(40013)?;
        let ticket = known.next_ticket(repeats, &self.random, now);
        known.pusher.next_at = now.unix().saturating_add(interval);
        let xml = notices::ticket(component, &ticket, at);
        let push = self.notice(component, PushKind::Ticket, None, "component_verify_ticket", xml);
        Ok(push.map_or(0, |push| self.queue(push)))
    }

    /// Queues the tickets that are due; called a few times a second.
    pub fn push_due_tickets(&mut self) {
        let now = self.now().unix();
        let due: Vec<String> = self
            .components
            .values()
            .filter(|known| known.enabled && !known.pusher.stopped && !known.pusher.outage)
            .filter(|known| known.pusher.next_at <= now)
            .map(|known| known.appid.clone())
            .collect();
        for component in due {
            // The component was found a moment ago under the same lock.
            let _ = self.push_ticket(&component);
        }
    }
}
