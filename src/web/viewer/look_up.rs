//! Finds out who is looking, in one transaction, and which tenant is meant.

use actix_session::{Session, SessionExt};
use actix_web::http::Method;
use actix_web::web::Data;
use actix_web::{HttpMessage, HttpRequest};

use crate::clock::Timestamp;
use crate::domain::ids::TenantId;
use crate::domain::user::{Membership, User};
use crate::service::Context;
use crate::store::{Reader, StoreError, app_user, membership, pulse, second_factor};
use crate::web::error::WebError;
use crate::web::request::{RequestInfo, is_own_path};
use crate::web::shell::Shell;
use crate::web::{recent, session, sign_in};

use super::frame::Common;
use super::read_only::ReadOnly;
use super::{SignedIn, Visitor};

pub(super) async fn signed_in(req: &HttpRequest) -> Result<SignedIn, WebError> {
    let session = req.get_session();
    let (Some(csrf), Some(session_hash)) = (session::csrf(&session), session::hash(&session)) else {
        return Err(sign_in_first(req));
    };
    let Looked { user: Some(user), memberships, heartbeat, must_enrol } = look_up(req, &session).await?
    else {
        return Err(sign_in_first(req));
    };
    let info = RequestInfo::of(req);
    let who = SignedIn {
        lang: info.lang(user.language),
        now: info.now,
        current: current(&session, &memberships).cloned(),
        memberships: memberships.clone(),
        common: common(req, info, (session, memberships, heartbeat)),
        user,
        session_hash,
        csrf,
        must_enrol,
    };
    // Also for who is led elsewhere: what is not there is not there for them in the same frame.
    req.extensions_mut().insert(Framed(who.bare_shell()));
    if who.must_enrol && !leads_to_enrolment(req.path()) {
        return Err(WebError::SeeOther(ENROLMENT.to_owned()));
    }
    Ok(who)
}

fn common(
    req: &HttpRequest,
    info: RequestInfo,
    (session, memberships, heartbeat): (Session, Vec<Membership>, Option<Timestamp>),
) -> Common {
    Common {
        address: info.address,
        trace: info.trace,
        here: here(req),
        nonce: info.nonce,
        session,
        memberships,
        heartbeat,
    }
}

/// The frame of an error page for somebody who is signed in: the way to everything else, and out.
#[derive(Clone)]
pub(in crate::web) struct Framed(pub(in crate::web) Shell);

pub(super) async fn visitor(req: &HttpRequest) -> Result<Visitor, WebError> {
    let session = req.get_session();
    let Looked { user, memberships, heartbeat, must_enrol: _ } = look_up(req, &session).await?;
    let info = RequestInfo::of(req);
    let csrf = session::csrf(&session).or_else(|| session::visit_csrf(req)).or_else(|| new_visit_csrf(req));
    Ok(Visitor {
        lang: info.lang(user.as_ref().and_then(|user| user.language)),
        now: info.now,
        session_hash: user.as_ref().and_then(|_| session::hash(&session)),
        user,
        csrf: csrf.unwrap_or_default(),
        common: common(req, info, (session, memberships, heartbeat)),
    })
}

/// A browser without any token of ours gets one; the outermost middleware sends the cookie along.
fn new_visit_csrf(req: &HttpRequest) -> Option<String> {
    let cx = req.app_data::<Data<Context>>()?;
    let (value, csrf) = session::new_visit(&cx.random);
    req.extensions_mut().insert(NewVisit(value));
    Some(csrf)
}

/// The value of the visit's cookie that is to be set with the answer.
#[derive(Clone)]
pub(in crate::web) struct NewVisit(pub(in crate::web) String);

/// Where a second factor is added, by who must have one and has none. Nothing else is open to them.
const ENROLMENT: &str = "/account/security";

fn leads_to_enrolment(path: &str) -> bool {
    path.strip_prefix(ENROLMENT).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
        || matches!(path, "/step-up" | "/step-up/passkey" | "/step-up/passkey/start" | "/tenant")
}

#[derive(Default)]
struct Looked {
    user: Option<User>,
    memberships: Vec<Membership>,
    heartbeat: Option<Timestamp>,
    must_enrol: bool,
}

/// Everything about the session's user in one transaction. A disabled user is nobody.
async fn look_up(req: &HttpRequest, session: &Session) -> Result<Looked, WebError> {
    let Some(id) = session::user(session) else { return Ok(Looked::default()) };
    let missing = || WebError::internal("the database is not attached to the application");
    let db = req.app_data::<Data<ReadOnly>>().ok_or_else(missing)?;
    let of_admins = req.app_data::<Data<Context>>().is_some_and(|cx| cx.settings.require_admin_mfa);
    let found = async {
        let mut tx = db.read().await?;
        let user = app_user::find(&mut tx, &id).await?.filter(|user| user.disabled_at.is_none());
        let memberships = membership::list_of_user(&mut tx, &id).await?;
        let heartbeat = pulse::last(&mut tx, pulse::SCHEDULER).await?;
        let tenant = current(session, &memberships).map(|membership| &membership.tenant.id);
        let must_enrol = match &user {
            Some(user) => must_enrol(&mut tx, user, tenant, of_admins).await?,
            None => false,
        };
        Ok::<_, StoreError>(Looked { user, memberships, heartbeat, must_enrol })
    };
    Ok(found.await?)
}

/// Whether the platform or the current tenant asks for a second factor that the user does not have.
async fn must_enrol(
    tx: &mut Reader,
    user: &User,
    tenant: Option<&TenantId>,
    of_admins: bool,
) -> Result<bool, StoreError> {
    let required = match tenant {
        _ if of_admins && user.platform.is_some() => true,
        Some(tenant) => second_factor::required_since(tx, tenant).await?.is_some(),
        None => false,
    };
    Ok(required && !second_factor::of_user(tx, &user.id).await?.any())
}

/// The tenant the session has chosen, while the user belongs to it; the first joined otherwise.
pub(super) fn current<'a>(session: &Session, memberships: &'a [Membership]) -> Option<&'a Membership> {
    let chosen = session::tenant(session);
    let chosen = chosen.and_then(|id| memberships.iter().find(|membership| membership.tenant.id == id));
    chosen.or_else(|| memberships.first())
}

fn here(req: &HttpRequest) -> String {
    let path = req.uri().path_and_query().map_or("/", |path| path.as_str());
    if is_own_path(path) { path.to_owned() } else { "/".to_owned() }
}

/// To the sign-in page, and back to what was asked for; what was sent with a form is not kept, and the sign-in page
/// says so.
fn sign_in_first(req: &HttpRequest) -> WebError {
    if *req.method() == Method::GET {
        return WebError::SignIn { next: here(req) };
    }
    match recent::origin_of_form(req) {
        Some(page) => WebError::SeeOther(sign_in::href_after_loss(&page)),
        None => WebError::SignIn { next: "/".to_owned() },
    }
}
