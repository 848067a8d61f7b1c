//! `/admin/unclaimed`: grants that wait for a platform admin.

use actix_web::web::{Data, Path};
use serde::Deserialize;

use crate::domain::ids::{GrantId, TenantId};
use crate::domain::text::Text;
use crate::service::assign_grant::{self, Decision};
use crate::service::{Context, ServiceError};
use crate::store::{grant_list, tenant};
use crate::web::error::WebError;
use crate::web::form::Form;
use crate::web::page::{Answer, Page, see_other};
use crate::web::shell::{FlashKind, Nav};
use crate::web::viewer::{Admin, Platform, PlatformReader, ReadOnly};
use crate::web::words::Words;

use super::MOST_ROWS;

pub mod view;

use view::UnclaimedView;

#[derive(Debug, Deserialize)]
pub(in crate::web) struct Fields {
    /// The button: `assign` or `dismiss`.
    #[serde(default)]
    decision: String,
    #[serde(default)]
    tenant: String,
}

/// `GET /admin/unclaimed`.
pub(in crate::web) async fn list(admin: PlatformReader, db: Data<ReadOnly>) -> Answer {
    let mut tx = admin.read(&db).await?;
    let held = grant_list::held(&mut tx, MOST_ROWS).await?;
    let tenants = tenant::list(&mut tx, MOST_ROWS).await?;
    Page(UnclaimedView::new(admin.shell(Nav::AdminUnclaimed), admin.now, &held, &tenants)).ok()
}

/// `POST /admin/unclaimed/{grant}`.
pub(in crate::web) async fn decide(
    admin: Admin,
    cx: Data<Context>,
    path: Path<String>,
    Form(fields): Form<Fields>,
) -> Answer {
    let grant = GrantId::parse(&path).map_err(|_| WebError::NotFound)?;
    let (decision, done) = match (fields.decision.as_str(), TenantId::parse(&fields.tenant)) {
        ("dismiss", _) => (Decision::Dismiss, DISMISSED),
        ("assign", Ok(tenant)) => (Decision::AssignTo(tenant), ASSIGNED),
        ("assign", Err(_)) => {
            admin.flash(FlashKind::Bad, CHOOSE)?;
            return Ok(see_other("/admin/unclaimed"));
        }
        _ => return Err(WebError::NotFound),
    };
    match assign_grant::run(&cx, admin.now, &admin.actor(), &grant, decision).await {
        Ok(()) => admin.flash(FlashKind::Good, done)?,
        Err(ServiceError::Full(_)) => admin.flash(FlashKind::Bad, FULL)?,
        // Somebody else was faster, or the page was old.
        Err(ServiceError::NotFound | ServiceError::Conflict(_)) => admin.flash(FlashKind::Note, GONE)?,
        Err(error) => return Err(error.into()),
    }
    Ok(see_other("/admin/unclaimed"))
}

const ASSIGNED: Text = Text::new(Words::ZH.admin.unclaimed.assigned, Words::EN.admin.unclaimed.assigned);
const DISMISSED: Text = Text::new(Words::ZH.admin.unclaimed.dismissed, Words::EN.admin.unclaimed.dismissed);
const FULL: Text = Text::new(Words::ZH.admin.unclaimed.full, Words::EN.admin.unclaimed.full);
const GONE: Text = Text::new(Words::ZH.admin.unclaimed.gone, Words::EN.admin.unclaimed.gone);
const CHOOSE: Text =
    Text::new(Words::ZH.admin.unclaimed.choose_first, Words::EN.admin.unclaimed.choose_first);
