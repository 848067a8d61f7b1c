//! Who is looking. A handler names in its signature what its visitor must be allowed to do; there is no other way to
//! get hold of a tenant.

use std::future::Future;
use std::marker::PhantomData;

use actix_session::Session;

use crate::clock::Timestamp;
use crate::domain::audit::Actor;
use crate::domain::ids::TenantId;
use crate::domain::role::{Permission, Role};
use crate::domain::tenant::Tenant;
use crate::domain::text::{Lang, Text};
use crate::domain::user::{Membership, User};
use crate::store::{Reader, StoreError};

use super::error::WebError;
use super::flash;
use super::shell::{FlashKind, Nav, Shell};
use super::when::Locale;

mod extract;
mod frame;
mod look_up;
mod read_only;

use frame::Common;
pub use frame::HEARTBEAT_LOST;
use look_up::current;
pub(super) use look_up::{Framed, NewVisit};
pub use read_only::ReadOnly;

/// A permission as a type, for [`Viewer`].
pub trait Grants: 'static {
    const PERMISSION: Permission;
}

macro_rules! grants {
    ($($name:ident)*) => {$(
        #[doc = concat!("See [`Permission::", stringify!($name), "`].")]
        #[derive(Clone, Copy, Debug)]
        pub struct $name;
        impl Grants for $name {
            const PERMISSION: Permission = Permission::$name;
        }
    )*};
}
grants! { SeeAuthorizers ManageAuthorizers SeeMembers ManageMembers ManageKeys ManageLinks ManageTenant ManageSecurity
SeeAudit }

/// A signed-in member whose role in the current tenant has the permission `P`.
pub struct Viewer<P> {
    pub user: User,
    /// The session's current tenant, or the first the user joined.
    pub tenant: Tenant,
    pub role: Role,
    pub lang: Lang,
    pub now: Timestamp,
    /// Names this browser's session; an authorisation is bound to it.
    pub session_hash: String,
    pub csrf: String,
    common: Common,
    permission: PhantomData<P>,
}

/// A signed-in platform admin.
pub struct Admin(SignedIn);

/// Anyone signed in who may look at the whole platform: an admin, or support.
pub struct PlatformReader(SignedIn);

/// Anyone who is signed in, member of a tenant or not.
pub struct SignedIn {
    pub user: User,
    pub memberships: Vec<Membership>,
    pub lang: Lang,
    pub now: Timestamp,
    pub session_hash: String,
    pub csrf: String,
    /// A second factor is asked for and there is none: nothing but adding one is open.
    pub must_enrol: bool,
    current: Option<Membership>,
    common: Common,
}

/// Anyone at all, on a public page.
pub struct Visitor {
    pub lang: Lang,
    pub now: Timestamp,
    /// Set when somebody is signed in.
    pub user: Option<User>,
    pub session_hash: Option<String>,
    pub csrf: String,
    common: Common,
}

impl<P> Viewer<P> {
    /// Who asks, for the audit: every use case that changes something takes it.
    pub fn actor(&self) -> Actor {
        self.common.actor(Some(&self.user))
    }

    /// Reads what belongs to the viewer's tenant; there is no other way to read on a tenant's page.
    ///
    /// # Errors
    /// `Database` when no connection can be had.
    pub async fn read(&self, db: &ReadOnly) -> Result<Reader, StoreError> {
        db.read_for(&self.tenant.id).await
    }

    /// In which language moments are said, and by whose clock.
    pub fn locale(&self) -> Locale {
        Locale { lang: self.lang, zone: self.user.zone.unwrap_or_default() }
    }

    /// Whether the member's role has another permission too, for showing or leaving out a button.
    pub const fn may(&self, permission: Permission) -> bool {
        self.role.may(permission)
    }

    /// The frame of a page; takes the flash out of the session.
    pub fn shell(&self, nav: Nav) -> Shell {
        self.common.shell(nav, self.lang, self.now, &self.csrf, Some((&self.user, Some(&self.tenant))))
    }

    /// Leaves a sentence with something in it for the next page.
    ///
    /// # Errors
    /// `Internal` when the session cannot be written.
    pub fn flash_text(&self, kind: FlashKind, text: &str) -> Result<(), WebError> {
        flash::leave(&self.common.session, kind, text)
    }

    /// Leaves a sentence for the next page.
    ///
    /// # Errors
    /// `Internal` when the session cannot be written.
    pub fn flash(&self, kind: FlashKind, text: Text) -> Result<(), WebError> {
        flash::leave(&self.common.session, kind, text.get(self.lang))
    }
}

impl SignedIn {
    /// Who asks, for the audit: every use case that changes something takes it.
    pub fn actor(&self) -> Actor {
        self.common.actor(Some(&self.user))
    }

    /// Reads what is the user's own, in whatever tenant: sessions, profile, second factors. No wall helps here; every
    /// query has to name the user.
    ///
    /// # Errors
    /// `Database` when no connection can be had.
    pub async fn read_own(&self, db: &ReadOnly) -> Result<Reader, StoreError> {
        db.read().await
    }

    /// The frame of a page; takes the flash out of the session.
    pub fn shell(&self, nav: Nav) -> Shell {
        let tenant = self.current.as_ref().map(|membership| &membership.tenant);
        self.common.shell(nav, self.lang, self.now, &self.csrf, Some((&self.user, tenant)))
    }

    /// Leaves a sentence for the next page.
    ///
    /// # Errors
    /// `Internal` when the session cannot be written.
    pub fn flash(&self, kind: FlashKind, text: Text) -> Result<(), WebError> {
        flash::leave(&self.common.session, kind, text.get(self.lang))
    }

    /// In which language moments are said, and by whose clock.
    pub fn locale(&self) -> Locale {
        Locale { lang: self.lang, zone: self.user.zone.unwrap_or_default() }
    }

    /// The tenant that is being looked at, and one's role in it.
    pub const fn membership(&self) -> Option<&Membership> {
        self.current.as_ref()
    }

    pub(super) const fn session(&self) -> &Session {
        &self.common.session
    }

    fn bare_shell(&self) -> Shell {
        let tenant = self.current.as_ref().map(|membership| &membership.tenant);
        self.common.bare_shell(self.lang, self.now, &self.csrf, Some((&self.user, tenant)))
    }
}

macro_rules! of_the_platform {
    ($($name:ident)*) => {$(
        impl std::ops::Deref for $name {
            type Target = SignedIn;
            fn deref(&self) -> &SignedIn {
                &self.0
            }
        }

        impl Platform for $name {}
    )*};
}
of_the_platform! { Admin PlatformReader }

/// Whoever may look at every tenant.
pub trait Platform: std::ops::Deref<Target = SignedIn> {
    /// Reads everything, of every tenant.
    ///
    /// # Errors
    /// `Database` when no connection can be had.
    fn read(&self, db: &ReadOnly) -> impl Future<Output = Result<Reader, StoreError>> {
        db.read()
    }
}

impl Visitor {
    /// Who asks, for the audit: every use case that changes something takes it. Nobody when nobody is signed in.
    pub fn actor(&self) -> Actor {
        self.common.actor(self.user.as_ref())
    }

    /// The frame of a public page: without navigation, unless somebody is signed in.
    pub fn shell(&self, nav: Nav) -> Shell {
        let current = current(&self.common.session, &self.common.memberships);
        let who = self.user.as_ref().map(|user| (user, current.map(|membership| &membership.tenant)));
        self.common.shell(nav, self.lang, self.now, &self.csrf, who)
    }

    /// Whether somebody is signed in and that tenant is their current one.
    pub fn looks_at(&self, tenant: &TenantId) -> bool {
        current(&self.common.session, &self.common.memberships).is_some_and(|membership| {
            membership.tenant.id == *tenant && membership.tenant.suspended_at.is_none()
        })
    }

    pub(super) const fn session(&self) -> &Session {
        &self.common.session
    }
}
