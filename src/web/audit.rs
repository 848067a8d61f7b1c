//! `/audit`: who did what in the tenant; `/admin/audit`: in all of them and in the platform. To look at, narrow and take
//! along.

use actix_web::web::{Data, Query};

use crate::domain::ids::TenantId;
use crate::domain::user::Email;
use crate::service::Context;
use crate::service::export_audit::{self, Whose};
use crate::store::audit_list::{self, Filter};
use crate::store::{Reader, StoreError, app_user, membership, tenant};

use super::form::Form;
use super::page::{Answer, Page};
use super::recent::Recent;
use super::shell::Nav;
use super::viewer::{Admin, Platform, PlatformReader, ReadOnly, SeeAudit, Viewer};

mod file;
pub mod query;
mod samples;
pub mod view;

use query::{Asked, AuditQuery};
use view::{AuditView, Found};

const PAGE: usize = 50;
/// Tenants to choose from.
const MOST_TENANTS: i64 = 1000;

/// `GET /audit`.
pub(super) async fn list(viewer: Viewer<SeeAudit>, db: Data<ReadOnly>, asked: Query<Asked>) -> Answer {
    let query = AuditQuery::read(&asked);
    let mut tx = viewer.read(&db).await?;
    let filter = query.filter(viewer.locale().zone);
    let filter = of_members(&mut tx, &viewer.tenant.id, filter).await?;
    let place = (query.after, limit());
    let records = audit_list::of_tenant(&mut tx, &viewer.tenant.id, &filter, place).await?;
    let found = Found::new(records, PAGE, Vec::new());
    Page(AuditView::new(viewer.shell(Nav::Audit), viewer.now, &query, &found)).ok()
}

/// `POST /audit/export`.
pub(super) async fn export(
    viewer: Viewer<SeeAudit>,
    _: Recent,
    cx: Data<Context>,
    db: Data<ReadOnly>,
    Form(asked): Form<Asked>,
) -> Answer {
    let query = AuditQuery::read(&asked);
    let zone = viewer.locale().zone;
    let filter = of_members(&mut viewer.read(&db).await?, &viewer.tenant.id, query.filter(zone)).await?;
    let (whose, form) = (Whose::Tenant(viewer.tenant.id.clone()), file::Form::asked(&asked.format));
    let by = viewer.actor();
    let records = export_audit::run(&cx, viewer.now, &by, (whose, filter), form.as_str()).await?;
    Ok(file::attachment(records, form, zone))
}

/// `GET /admin/audit`.
pub(super) async fn list_all(admin: PlatformReader, db: Data<ReadOnly>, asked: Query<Asked>) -> Answer {
    let query = AuditQuery::read(&asked);
    let mut tx = admin.read(&db).await?;
    let filter = of_users(&mut tx, query.filter(admin.locale().zone)).await?;
    let place = (query.after, limit());
    let records = audit_list::of_all(&mut tx, query.tenant.as_ref(), &filter, place).await?;
    let found = Found::new(records, PAGE, tenants(&mut tx).await?);
    Page(AuditView::new(admin.shell(Nav::AdminAudit), admin.now, &query, &found)).ok()
}

/// `POST /admin/audit/export`.
pub(super) async fn export_all(
    admin: Admin,
    _: Recent,
    cx: Data<Context>,
    db: Data<ReadOnly>,
    Form(asked): Form<Asked>,
) -> Answer {
    let query = AuditQuery::read(&asked);
    let zone = admin.locale().zone;
    let filter = of_users(&mut admin.read(&db).await?, query.filter(zone)).await?;
    let (whose, form) = (Whose::Platform(query.tenant.clone()), file::Form::asked(&asked.format));
    let by = admin.actor();
    let records = export_audit::run(&cx, admin.now, &by, (whose, filter), form.as_str()).await?;
    Ok(file::attachment(records, form, zone))
}

/// One more than a page shows, to know whether there is another.
fn limit() -> i64 {
    i64::try_from(PAGE + 1).unwrap_or(i64::MAX)
}

/// People are asked for by their id or by their address.
async fn of_members(tx: &mut Reader, of: &TenantId, mut filter: Filter) -> Result<Filter, StoreError> {
    let named = [&mut filter.actor, &mut filter.subject].into_iter().flatten();
    let addresses: Vec<&mut String> = named.filter(|text| text.contains('@')).collect();
    if addresses.is_empty() {
        return Ok(filter);
    }
    let members = membership::list_of_tenant(tx, of).await?;
    for text in addresses {
        let found = members.iter().find(|member| member.user.email.as_str() == text.to_lowercase());
        if let Some(member) = found {
            *text = member.user.id.to_string();
        }
    }
    Ok(filter)
}

/// The same among everybody.
async fn of_users(tx: &mut Reader, mut filter: Filter) -> Result<Filter, StoreError> {
    for text in [&mut filter.actor, &mut filter.subject].into_iter().flatten() {
        if let Ok(email) = Email::parse(text)
            && let Some((user, _)) = app_user::find_by_email(tx, &email).await?
        {
            *text = user.id.to_string();
        }
    }
    Ok(filter)
}

async fn tenants(tx: &mut Reader) -> Result<Vec<(TenantId, String)>, StoreError> {
    let all = tenant::list(tx, MOST_TENANTS).await?;
    Ok(all.into_iter().map(|listed| (listed.tenant.id, listed.tenant.name)).collect())
}
