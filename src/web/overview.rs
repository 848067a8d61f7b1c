//! `/`: how the tenant's accounts are, and what needs a person.

use actix_web::web::Data;

use crate::clock::Timestamp;
use crate::domain::ids::TenantId;
use crate::domain::role::Permission;
use crate::service::count_time_left;
use crate::store::{
    Reader, StoreError, authorizer_count, authorizer_list, component, incident_list, refresh_tally,
};

use super::charts;
use super::page::{Answer, Page};
use super::shell::Nav;
use super::viewer::ReadOnly;
use super::viewer::{SeeAuthorizers, Viewer};

pub mod view;

use view::{Found, OverviewView};

const SHOWN: i64 = 6;

pub(super) async fn show(viewer: Viewer<SeeAuthorizers>, db: Data<ReadOnly>) -> Answer {
    let found = find(&mut viewer.read(&db).await?, &viewer.tenant.id, viewer.now).await?;
    let may_manage = viewer.may(Permission::ManageAuthorizers);
    Page(OverviewView::new(viewer.shell(Nav::Overview), viewer.now, &found, may_manage)).ok()
}

async fn find(tx: &mut Reader, tenant: &TenantId, now: Timestamp) -> Result<Found, StoreError> {
    let counts = authorizer_count::of_tenant(tx, tenant).await?;
    let accounts = counts.iter().map(|one| one.count).sum();
    Ok(Found {
        counts,
        needs: authorizer_list::in_need(tx, tenant, SHOWN).await?,
        upcoming: authorizer_list::upcoming(tx, tenant, 5).await?,
        components: component::list(tx).await?,
        incidents: incident_list::open(tx).await?,
        engine: charts::Found {
            hours: refresh_tally::of_tenant(tx, tenant, charts::since(now)).await?,
            left: count_time_left::of_tenant(tx, tenant, accounts, now).await?,
        },
    })
}
