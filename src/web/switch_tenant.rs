//! `POST /tenant`: goes on in another tenant of one's own.

use serde::Deserialize;

use super::error::WebError;
use super::form::Form;
use super::page::{Answer, see_other};
use super::session;
use super::viewer::SignedIn;

#[derive(Debug, Deserialize)]
pub(super) struct Choice {
    tenant: String,
}

/// A tenant one does not belong to is the same as none.
pub(super) async fn submit(who: SignedIn, Form(choice): Form<Choice>) -> Answer {
    let chosen = who.memberships.iter().find(|membership| membership.tenant.id.as_str() == choice.tenant);
    let chosen = chosen.ok_or(WebError::NotFound)?;
    session::put_tenant(who.session(), &chosen.tenant.id)?;
    Ok(see_other("/"))
}
