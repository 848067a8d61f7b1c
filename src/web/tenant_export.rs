//! `/export` and `/admin/tenants/{tenant}/export`: everything that is a tenant's, as a file.

use actix_web::HttpResponse;
use actix_web::web::{Data, Path};

use crate::domain::ids::TenantId;
use crate::service::Context;
use crate::service::export_tenant::{self, Export};
use crate::store::StoreError;

use super::download::{self, Pieces};
use super::error::WebError;
use super::form::{Form, Nothing};
use super::page::Answer;
use super::recent::Recent;
use super::viewer::{Admin, ManageTenant, Viewer};

/// `POST /export`: one's own tenant.
pub(super) async fn own(
    viewer: Viewer<ManageTenant>,
    _: Recent,
    cx: Data<Context>,
    _: Form<Nothing>,
) -> Answer {
    let export = export_tenant::run(&cx, viewer.now, &viewer.actor(), &viewer.tenant.id).await?;
    Ok(attachment(export))
}

/// `POST /admin/tenants/{tenant}/export`: any tenant, suspended or about to be deleted as it may be.
pub(super) async fn of_tenant(
    admin: Admin,
    _: Recent,
    cx: Data<Context>,
    path: Path<String>,
    _: Form<Nothing>,
) -> Answer {
    let of = TenantId::parse(&path).map_err(|_| WebError::NotFound)?;
    let export = export_tenant::run(&cx, admin.now, &admin.actor(), &of).await?;
    Ok(attachment(export))
}

impl Pieces for Export {
    async fn next(&mut self) -> Result<Option<String>, StoreError> {
        Self::next(self).await
    }
}

fn attachment(export: Export) -> HttpResponse {
    let name = format!("hufu-{}.ndjson", export.slug);
    download::attachment(export, "application/x-ndjson", &name)
}
