//! `GET /admin`: how the platform and all its tenants are.

use actix_web::web::Data;

use crate::service::count_time_left;
use crate::store::{authorizer_count, component, grant_list, incident_list, platform_counts, refresh_tally};
use crate::web::charts;
use crate::web::page::{Answer, Page};
use crate::web::shell::Nav;
use crate::web::viewer::{Platform, PlatformReader, ReadOnly};

pub mod view;

use view::{Found, OverviewView};

pub(in crate::web) async fn show(admin: PlatformReader, db: Data<ReadOnly>) -> Answer {
    let mut tx = admin.read(&db).await?;
    let counts = authorizer_count::of_all(&mut tx).await?;
    let accounts = counts.iter().map(|(_, count)| count).sum();
    let found = Found {
        counts,
        engine: charts::Found {
            hours: refresh_tally::of_all(&mut tx, charts::since(admin.now)).await?,
            left: count_time_left::of_all(&mut tx, accounts, admin.now).await?,
        },
        components: component::list_counted(&mut tx).await?,
        incidents: incident_list::open(&mut tx).await?,
        refusals: platform_counts::refused_pushes(&mut tx).await?,
        held: grant_list::count_held(&mut tx).await?,
    };
    Page(OverviewView::new(admin.shell(Nav::AdminOverview), admin.now, &found)).ok()
}
