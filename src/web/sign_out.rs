//! `POST /sign-out`: ends the session on both sides.

use serde::Deserialize;

use super::form::Form;
use super::page::{Answer, see_other};
use super::session;
use super::viewer::Visitor;

#[derive(Debug, Deserialize)]
pub(super) struct Nothing {}

pub(super) async fn submit(visitor: Visitor, _: Form<Nothing>) -> Answer {
    session::sign_out(visitor.session());
    Ok(see_other("/sign-in"))
}
