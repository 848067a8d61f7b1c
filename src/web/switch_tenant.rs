//! `POST /tenant`: goes on in another tenant of one's own.

use actix_web::web::Data;
use serde::Deserialize;

use crate::service::{Context, switch_tenant};

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
pub(super) async fn submit(who: SignedIn, cx: Data<Context>, Form(choice): Form<Choice>) -> Answer {
    let chosen = who.memberships.iter().find(|membership| membership.tenant.id.as_str() == choice.tenant);
    let chosen = chosen.ok_or(WebError::NotFound)?;
    switch_tenant::run(&cx, who.now, &who.actor(), &chosen.tenant).await?;
    session::put_tenant(who.session(), &chosen.tenant.id)?;
    Ok(see_other("/"))
}
