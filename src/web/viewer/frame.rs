//! What surrounds a page for its visitor: tenants to switch to, the flash, the banner of a lost heartbeat.

use std::net::IpAddr;
use std::time::Duration;

use actix_session::Session;

use crate::clock::Timestamp;
use crate::domain::audit::Actor;
use crate::domain::role::Role;
use crate::domain::tenant::Tenant;
use crate::domain::text::Lang;
use crate::domain::user::{Membership, User};
use crate::web::shell::{Nav, Shell, ShellTenant, ShellUser};
use crate::web::when::Locale;
use crate::web::words::{Words, fill};
use crate::web::{flash, form, recent, when};

/// The scheduler's heartbeat is lost when it is older than this.
pub const HEARTBEAT_LOST: Duration = Duration::from_secs(30);

/// What every page's shell needs besides the visitor.
pub(super) struct Common {
    pub(super) address: Option<IpAddr>,
    pub(super) trace: String,
    pub(super) session: Session,
    pub(super) here: String,
    pub(super) nonce: String,
    pub(super) memberships: Vec<Membership>,
    pub(super) heartbeat: Option<Timestamp>,
}

impl Common {
    /// Who asks, for the audit.
    pub(super) fn actor(&self, user: Option<&User>) -> Actor {
        match user {
            Some(user) => Actor::user(user, self.address, &self.trace),
            None => Actor::nobody(self.address, &self.trace),
        }
    }

    /// The frame of a page; takes the flash out of the session.
    pub(super) fn shell(
        &self,
        nav: Nav,
        lang: Lang,
        now: Timestamp,
        csrf: &str,
        who: Option<(&User, Option<&Tenant>)>,
    ) -> Shell {
        let flash = flash::take(&self.session);
        Shell { nav, flash, ..self.bare_shell(lang, now, csrf, who) }
    }

    /// The frame of a page that the visitor did not ask for: the flash waits for the next.
    pub(super) fn bare_shell(
        &self,
        lang: Lang,
        now: Timestamp,
        csrf: &str,
        who: Option<(&User, Option<&Tenant>)>,
    ) -> Shell {
        let current = who.and_then(|(_, tenant)| tenant);
        let zone = who.and_then(|(user, _)| user.zone).unwrap_or_default();
        let tenants = self.memberships.iter().map(|membership| ShellTenant {
            id: membership.tenant.id.to_string(),
            name: membership.tenant.name.clone(),
            current: current.is_some_and(|tenant| tenant.id == membership.tenant.id),
        });
        Shell {
            lang,
            zone,
            w: Words::of(lang),
            csrf: form::token_for(csrf, current.map(|tenant| &tenant.id)),
            here: self.here.clone(),
            user: who.map(|(user, _)| ShellUser {
                name: user.name.clone(),
                email: user.email.to_string(),
                platform: user.platform,
            }),
            tenant: current.map(|tenant| tenant.name.clone()),
            role: current.and_then(|tenant| self.role_in(tenant)),
            tenants: tenants.collect(),
            nav: Nav::None,
            flash: None,
            stale: who.and_then(|_| self.stale(now, Locale { lang, zone })),
            nonce: self.nonce.clone(),
            recent: recent::lasts(&self.session, now),
        }
    }

    fn role_in(&self, tenant: &Tenant) -> Option<Role> {
        let membership = self.memberships.iter().find(|membership| membership.tenant.id == tenant.id);
        membership.map(|membership| membership.role)
    }

    /// The sentence for the banner when what is shown may be out of date.
    fn stale(&self, now: Timestamp, Locale { lang, zone }: Locale) -> Option<String> {
        let words = Words::of(lang);
        match self.heartbeat {
            Some(at) if now.since(at) <= HEARTBEAT_LOST => None,
            Some(at) => Some(fill(words.heartbeat_lost, &[&when::exact(at, zone)])),
            None => Some(words.heartbeat_never.to_owned()),
        }
    }
}
