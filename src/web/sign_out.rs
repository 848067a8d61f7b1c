//! `POST /sign-out`: ends the session on both sides.

use super::form::{Form, Nothing};
use super::page::{Answer, see_other};
use super::session;
use super::viewer::Visitor;

pub(super) async fn submit(visitor: Visitor, _: Form<Nothing>) -> Answer {
    session::sign_out(visitor.session());
    Ok(see_other("/sign-in"))
}
