//! What a route asks of its visitor, as values that tests and documents read (`routes::TABLE`), and as functions that a
//! handler passes through on its way into the router: one whose signature asks for something else does not compile.

use actix_web::{FromRequest, Handler, Responder};

use crate::domain::api_key::Scope;
use crate::domain::role::Permission;

use super::api::caller::{Caller, Needs};
use super::viewer::{Admin, Grants, PlatformReader, SignedIn, Viewer, Visitor};

/// How a request is made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verb {
    Get,
    Head,
    Post,
}

/// Which part of the portal answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Area {
    /// `/api/…`, with a key.
    Programs,
    /// Probes, files and pushes: no session is read for them.
    Machines,
    /// Pages and forms, with a session.
    People,
}

/// Who may ask.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// Anyone; not even a session is read.
    Open,
    /// WeChat, by its signature over what it pushes.
    Signed,
    /// A program whose key has the scope.
    Key(Scope),
    /// Anyone; a page that asks for something else than a session.
    Public,
    /// Anyone who is signed in.
    SignedIn,
    /// A member whose role in the current tenant has the permission.
    Member(Permission),
    /// Whoever may look at the whole platform.
    PlatformReader,
    /// Whoever changes the platform.
    PlatformAdmin,
}

/// Whether asking changes anything but sessions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Effect {
    Reads,
    Changes,
}

/// All that is asked of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Policy {
    pub access: Access,
    pub effect: Effect,
    /// The body is a form with the session's token.
    pub form: bool,
    /// The session signed in or stepped up minutes ago.
    pub recent: bool,
}

/// One line of the table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Route {
    pub area: Area,
    pub verb: Verb,
    pub pattern: &'static str,
    /// The handler's path below `web`.
    pub handler: &'static str,
    pub policy: Policy,
}

impl Route {
    /// What is wrong with the line by itself.
    pub const fn flaw(&self) -> Option<&'static str> {
        let Policy { access, effect, form, recent } = self.policy;
        let fits = match self.area {
            Area::Programs => matches!(access, Access::Key(_)),
            Area::Machines => matches!(access, Access::Open | Access::Signed),
            Area::People => !matches!(access, Access::Key(_) | Access::Open | Access::Signed),
        };
        let is_post = matches!(self.verb, Verb::Post);
        let is_people = matches!(self.area, Area::People);
        let is_public = matches!(access, Access::Public);
        if !fits {
            Some("this kind of access has no place in this area")
        } else if is_people && is_post != form {
            Some("in the pages' area every POST is a form, and nothing else is")
        } else if is_people && !is_public && !is_post && matches!(effect, Effect::Changes) {
            Some("a page for somebody who is signed in changes nothing when it is looked at")
        } else if is_people && matches!(access, Access::PlatformReader) && matches!(effect, Effect::Changes) {
            Some("who only looks at the platform changes nothing")
        } else if recent && (is_public || !is_people) {
            Some("only somebody who is signed in can have signed in lately")
        } else {
            None
        }
    }
}

/// The arguments of a handler, of which the first is `A`.
#[diagnostic::on_unimplemented(
    message = "the handler does not ask for what its policy in `routes.rs` promises",
    note = "the first argument of the handler must be `{A}`"
)]
pub trait Begins<A> {}

macro_rules! begins {
    ($($rest:ident)*) => { impl<A, $($rest),*> Begins<A> for (A, $($rest,)*) {} };
}
begins! {}
begins! { B }
begins! { B C }
begins! { B C D }
begins! { B C D E }
begins! { B C D E F }
begins! { B C D E F G }
begins! { B C D E F G H }

pub(super) const fn open<F: Handler<Args>, Args: FromRequest>(handler: F) -> F {
    handler
}

/// Checked in the use case, which has WeChat's key and the body.
pub(super) const fn signed<F: Handler<Args>, Args: FromRequest>(handler: F) -> F {
    handler
}

macro_rules! asks {
    ($($name:ident $(<$what:ident: $bound:ident>)? => $first:ty;)*) => {$(
        pub(super) const fn $name<$($what: $bound,)? F, Args>(handler: F) -> F
        where
            F: Handler<Args>,
            F::Output: Responder,
            Args: FromRequest + Begins<$first>,
        {
            handler
        }
    )*};
}
asks! {
    key<S: Needs> => Caller<S>;
    public => Visitor;
    signed_in => SignedIn;
    member<P: Grants> => Viewer<P>;
    platform_reader => PlatformReader;
    platform_admin => Admin;
}
