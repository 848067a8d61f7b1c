//! Who is looking. A handler names in its signature what its visitor must be allowed to do; there is no other way to
//! get hold of a tenant.

use std::future::Future;
use std::marker::PhantomData;
use std::pin::Pin;
use std::time::Duration;

use actix_session::{Session, SessionExt};
use actix_web::dev::Payload;
use actix_web::http::Method;
use actix_web::web::Data;
use actix_web::{FromRequest, HttpMessage, HttpRequest};

use crate::clock::Timestamp;
use crate::domain::ids::TenantId;
use crate::domain::role::{Permission, Role};
use crate::domain::tenant::Tenant;
use crate::domain::text::{Lang, Text};
use crate::domain::user::{Membership, User};
use crate::store::{StoreError, app_user, membership, pulse};

use super::error::WebError;
use super::read_only::ReadOnly;
use super::request::{RequestInfo, is_own_path};
use super::shell::{Flash, FlashKind, Nav, Shell, ShellTenant, ShellUser};
use super::words::{Words, fill};
use super::{flash, gate, session, when};

/// The scheduler's heartbeat is lost when it is older than this.
pub const HEARTBEAT_LOST: Duration = Duration::from_secs(30);

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
grants! { SeeAuthorizers ManageAuthorizers SeeMembers }

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

/// Anyone who is signed in, member of a tenant or not.
pub struct SignedIn {
    pub user: User,
    pub memberships: Vec<Membership>,
    pub lang: Lang,
    pub now: Timestamp,
    pub session_hash: String,
    pub csrf: String,
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

/// What every page's shell needs besides the visitor.
struct Common {
    session: Session,
    here: String,
    nonce: String,
    memberships: Vec<Membership>,
    heartbeat: Option<Timestamp>,
}

impl<P> Viewer<P> {
    /// Whether the member's role has another permission too, for showing or leaving out a button.
    pub const fn may(&self, permission: Permission) -> bool {
        self.role.may(permission)
    }

    /// The frame of a page; takes the flash out of the session.
    pub fn shell(&self, nav: Nav) -> Shell {
        self.common.shell(nav, self.lang, self.now, &self.csrf, Some((&self.user, Some(&self.tenant))))
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

    pub(super) const fn session(&self) -> &Session {
        &self.common.session
    }
}

impl std::ops::Deref for Admin {
    type Target = SignedIn;
    fn deref(&self) -> &SignedIn {
        &self.0
    }
}

impl Visitor {
    /// The frame of a public page: without navigation, unless somebody is signed in.
    pub fn shell(&self, nav: Nav) -> Shell {
        let current = current(&self.common.session, &self.common.memberships);
        let who = self.user.as_ref().map(|user| (user, current.map(|membership| &membership.tenant)));
        self.common.shell(nav, self.lang, self.now, &self.csrf, who)
    }

    /// Whether somebody is signed in and that tenant is their current one.
    pub fn looks_at(&self, tenant: &TenantId) -> bool {
        current(&self.common.session, &self.common.memberships)
            .is_some_and(|membership| membership.tenant.id == *tenant)
    }

    pub(super) const fn session(&self) -> &Session {
        &self.common.session
    }
}

impl Common {
    fn shell(
        &self,
        nav: Nav,
        lang: Lang,
        now: Timestamp,
        csrf: &str,
        who: Option<(&User, Option<&Tenant>)>,
    ) -> Shell {
        let current = who.and_then(|(_, tenant)| tenant);
        let tenants = self.memberships.iter().map(|membership| ShellTenant {
            id: membership.tenant.id.to_string(),
            name: membership.tenant.name.clone(),
            current: current.is_some_and(|tenant| tenant.id == membership.tenant.id),
        });
        Shell {
            lang,
            w: Words::of(lang),
            csrf: csrf.to_owned(),
            here: self.here.clone(),
            user: who.map(|(user, _)| ShellUser {
                name: user.name.clone(),
                email: user.email.to_string(),
                platform_admin: user.platform_admin,
            }),
            tenant: current.map(|tenant| tenant.name.clone()),
            tenants: tenants.collect(),
            nav,
            flash: self.flash(),
            stale: who.and_then(|_| self.stale(now, lang)),
            nonce: self.nonce.clone(),
        }
    }

    fn flash(&self) -> Option<Flash> {
        flash::take(&self.session)
    }

    /// The sentence for the banner when what is shown may be out of date.
    fn stale(&self, now: Timestamp, lang: Lang) -> Option<String> {
        let words = Words::of(lang);
        match self.heartbeat {
            Some(at) if now.since(at) <= HEARTBEAT_LOST => None,
            Some(at) => Some(fill(words.heartbeat_lost, &[&when::exact(at)])),
            None => Some(words.heartbeat_never.to_owned()),
        }
    }
}

type Extraction<T> = Pin<Box<dyn Future<Output = Result<T, WebError>>>>;

impl<P: Grants> FromRequest for Viewer<P> {
    type Error = WebError;
    type Future = Extraction<Self>;

    fn from_request(req: &HttpRequest, _: &mut Payload) -> Self::Future {
        let request = req.clone();
        Box::pin(gate::guard(req, async move { signed_in(&request).await?.into_viewer(request.method()) }))
    }
}

impl FromRequest for SignedIn {
    type Error = WebError;
    type Future = Extraction<Self>;

    fn from_request(req: &HttpRequest, _: &mut Payload) -> Self::Future {
        let request = req.clone();
        Box::pin(gate::guard(req, async move { signed_in(&request).await }))
    }
}

impl FromRequest for Admin {
    type Error = WebError;
    type Future = Extraction<Self>;

    fn from_request(req: &HttpRequest, _: &mut Payload) -> Self::Future {
        let request = req.clone();
        Box::pin(gate::guard(req, async move {
            let who = signed_in(&request).await?;
            if who.user.platform_admin { Ok(Self(who)) } else { Err(WebError::Forbidden) }
        }))
    }
}

impl FromRequest for Visitor {
    type Error = WebError;
    type Future = Extraction<Self>;

    fn from_request(req: &HttpRequest, _: &mut Payload) -> Self::Future {
        let request = req.clone();
        Box::pin(gate::guard(req, async move { visitor(&request).await }))
    }
}

impl SignedIn {
    fn into_viewer<P: Grants>(self, method: &Method) -> Result<Viewer<P>, WebError> {
        let Some(Membership { tenant, role }) = self.current else {
            // A platform admin without a tenant of his own has the platform's pages.
            let elsewhere = self.user.platform_admin && *method == Method::GET;
            return Err(if elsewhere {
                WebError::SeeOther("/admin".to_owned())
            } else {
                WebError::NoWorkspace
            });
        };
        if !role.may(P::PERMISSION) {
            return Err(WebError::Forbidden);
        }
        Ok(Viewer {
            user: self.user,
            tenant,
            role,
            lang: self.lang,
            now: self.now,
            session_hash: self.session_hash,
            csrf: self.csrf,
            common: self.common,
            permission: PhantomData,
        })
    }
}

async fn signed_in(req: &HttpRequest) -> Result<SignedIn, WebError> {
    let session = req.get_session();
    let (Some(csrf), Some(session_hash)) = (session::csrf(&session), session::hash(&session)) else {
        return Err(sign_in_first(req));
    };
    let (Some(user), memberships, heartbeat) = look_up(req, &session).await? else {
        return Err(sign_in_first(req));
    };
    let info = RequestInfo::of(req);
    Ok(SignedIn {
        lang: info.lang(user.language),
        now: info.now,
        current: current(&session, &memberships).cloned(),
        memberships: memberships.clone(),
        common: Common { here: here(req), nonce: info.nonce, session, memberships, heartbeat },
        user,
        session_hash,
        csrf,
    })
}

async fn visitor(req: &HttpRequest) -> Result<Visitor, WebError> {
    let session = req.get_session();
    let (user, memberships, heartbeat) = look_up(req, &session).await?;
    let info = RequestInfo::of(req);
    let csrf = session::csrf(&session).or_else(|| session::visit_csrf(req)).or_else(|| new_visit_csrf(req));
    Ok(Visitor {
        lang: info.lang(user.as_ref().and_then(|user| user.language)),
        now: info.now,
        session_hash: user.as_ref().and_then(|_| session::hash(&session)),
        user,
        csrf: csrf.unwrap_or_default(),
        common: Common { here: here(req), nonce: info.nonce, session, memberships, heartbeat },
    })
}

/// A browser without any token of ours gets one; the outermost middleware sends the cookie along.
fn new_visit_csrf(req: &HttpRequest) -> Option<String> {
    let cx = req.app_data::<Data<crate::service::Context>>()?;
    let (value, csrf) = session::new_visit(&cx.random);
    req.extensions_mut().insert(NewVisit(value));
    Some(csrf)
}

/// The value of the visit's cookie that is to be set with the answer.
#[derive(Clone)]
pub(super) struct NewVisit(pub(super) String);

type Looked = (Option<User>, Vec<Membership>, Option<Timestamp>);

/// Everything about the session's user in one transaction. A disabled user is nobody.
async fn look_up(req: &HttpRequest, session: &Session) -> Result<Looked, WebError> {
    let Some(id) = session::user(session) else { return Ok((None, Vec::new(), None)) };
    let missing = || WebError::internal("the database is not attached to the application");
    let db = req.app_data::<Data<ReadOnly>>().ok_or_else(missing)?;
    let found = async {
        let mut tx = db.read().await?;
        let user = app_user::find(&mut tx, &id).await?;
        let memberships = membership::list_of_user(&mut tx, &id).await?;
        let heartbeat = pulse::last(&mut tx, pulse::SCHEDULER).await?;
        Ok::<_, StoreError>((user.filter(|user| user.disabled_at.is_none()), memberships, heartbeat))
    };
    Ok(found.await?)
}

/// The tenant the session has chosen, while the user belongs to it; the first joined otherwise.
fn current<'a>(session: &Session, memberships: &'a [Membership]) -> Option<&'a Membership> {
    let chosen = session::tenant(session);
    let chosen = chosen.and_then(|id| memberships.iter().find(|membership| membership.tenant.id == id));
    chosen.or_else(|| memberships.first())
}

fn here(req: &HttpRequest) -> String {
    let path = req.uri().path_and_query().map_or("/", |path| path.as_str());
    if is_own_path(path) { path.to_owned() } else { "/".to_owned() }
}

/// To the sign-in page, and back to what was asked for when that can be asked again.
fn sign_in_first(req: &HttpRequest) -> WebError {
    let again = *req.method() == Method::GET;
    WebError::SignIn { next: if again { here(req) } else { "/".to_owned() } }
}
