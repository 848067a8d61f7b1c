//! `/authorizers`: the tenant's accounts, the most urgent first.

use actix_web::web::{Data, Query};

use crate::domain::role::Permission;
use crate::service::{Context, open_authorizations};
use crate::store::{authorizer_count, authorizer_list, grant_list};

use super::account::Gaze;
use super::page::{Answer, Page};
use super::shell::Nav;
use super::viewer::ReadOnly;
use super::viewer::{SeeAuthorizers, Viewer};

pub mod query;
pub mod view;

use query::{Asked, ListQuery};
use view::{AuthorizersView, Found};

const PAGE: usize = 50;

pub(super) async fn list(
    viewer: Viewer<SeeAuthorizers>,
    db: Data<ReadOnly>,
    cx: Data<Context>,
    asked: Query<Asked>,
) -> Answer {
    let shell = viewer.shell(Nav::Authorizers);
    let gaze = Gaze::new(&shell, viewer.now);
    let query = ListQuery::read(&asked);
    let mut tx = viewer.read(&db).await?;
    let found = Found {
        page: authorizer_list::of_tenant(
            &mut tx,
            &viewer.tenant.id,
            &query.filter(gaze.heartbeat),
            (query.after.as_ref(), PAGE),
        )
        .await?,
        counts: authorizer_count::of_tenant(&mut tx, &viewer.tenant.id).await?,
        asked: grant_list::held_for_tenant(&mut tx, &viewer.tenant.id).await?,
        claimed: grant_list::claims_on_tenant(&mut tx, &viewer.tenant.id).await?,
        open: open_authorizations::run(&cx, viewer.now, &viewer.tenant.id).await?,
    };
    let may_manage = viewer.may(Permission::ManageAuthorizers);
    Page(AuthorizersView::new(shell, viewer.now, (&query, &found), may_manage)).ok()
}
