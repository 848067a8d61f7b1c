//! Verbs about components: their settings, their token, their tickets.

use super::whose::the_component;
use super::{Control, ControlError, Done};
use crate::clock::Timestamp;
use crate::random::Random;
use crate::sandbox::component::{Component, ComponentPatch};
use crate::sandbox::ids;
use crate::sandbox::refusal::Refusal;
use crate::sandbox::tokens::Lane;

impl Control {
    /// Makes or changes a component; returns its appid.
    pub fn component(&self, patch: ComponentPatch) -> String {
        self.with(|world| world.put_component(patch).appid.clone())
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
        change: impl FnOnce(&mut Component, &Random, Timestamp),
    ) -> Done {
        self.with(|world| {
            let appid = the_component(world, component)?;
            let now = world.now();
            let component = world.components.get_mut(&appid).ok_or(Refusal::from(40013))?;
            change(component, &world.random, now);
            Ok(())
        })
    }
}
