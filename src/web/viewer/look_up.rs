//! Finds out who is looking, in one transaction, and which tenant is meant.

use actix_session::{Session, SessionExt};
use actix_web::http::Method;
use actix_web::web::Data;
use actix_web::{HttpMessage, HttpRequest};

use crate::clock::Timestamp;
use crate::domain::user::{Membership, User};
use crate::service::Context;
use crate::store::{StoreError, app_user, membership, pulse};
use crate::web::error::WebError;
use crate::web::request::{RequestInfo, is_own_path};
use crate::web::session;
use crate::web::shell::Shell;

use super::frame::Common;
use super::read_only::ReadOnly;
use super::{SignedIn, Visitor};

pub(super) async fn signed_in(req: &HttpRequest) -> Result<SignedIn, WebError> {
    let session = req.get_session();
    let (Some(csrf), Some(session_hash)) = (session::csrf(&session), session::hash(&session)) else {
        return Err(sign_in_first(req));
    };
    let (Some(user), memberships, heartbeat) = look_up(req, &session).await? else {
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
    };
    req.extensions_mut().insert(Framed(who.bare_shell()));
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
    let (user, memberships, heartbeat) = look_up(req, &session).await?;
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
pub(super) fn current<'a>(session: &Session, memberships: &'a [Membership]) -> Option<&'a Membership> {
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
