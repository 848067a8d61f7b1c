//! `/admin/authorizers`: every tenant's accounts, the most urgent first; to look at, not to touch.

use actix_web::web::{Data, Path, Query};

use crate::domain::health::Health;
use crate::domain::ids::{AuthorizerAppid, AuthorizerKey, ComponentAppid};
use crate::store::{Reader, authorizer_count, authorizer_list, tenant};
use crate::web::account::Gaze;
use crate::web::authorizer;
use crate::web::authorizer::view::AuthorizerView;
use crate::web::authorizers::query::{Asked, ListQuery};
use crate::web::error::WebError;
use crate::web::page::{Answer, Page};
use crate::web::shell::Nav;
use crate::web::viewer::{Platform, PlatformReader, ReadOnly};

use super::MOST_ROWS;

pub mod view;

use view::{AllAuthorizersView, Found};

const PAGE: usize = 50;

/// `GET /admin/authorizers`.
pub(in crate::web) async fn list(admin: PlatformReader, db: Data<ReadOnly>, asked: Query<Asked>) -> Answer {
    let shell = admin.shell(Nav::AdminAuthorizers);
    let query = ListQuery::read(&asked);
    let filter = query.filter(Gaze::new(&shell, admin.now).heartbeat);
    let place = (query.after.as_ref(), PAGE);
    let mut tx = admin.read(&db).await?;
    let found = Found {
        page: authorizer_list::of_all(&mut tx, query.tenant.as_ref(), &filter, place).await?,
        counts: counts(&mut tx, &query).await?,
        tenants: tenant::list(&mut tx, MOST_ROWS).await?,
    };
    Page(AllAuthorizersView::new(shell, admin.now, &query, &found)).ok()
}

async fn counts(tx: &mut Reader, query: &ListQuery) -> Result<Vec<(Health, i64)>, WebError> {
    let Some(tenant) = &query.tenant else { return Ok(authorizer_count::of_all(tx).await?) };
    let counts = authorizer_count::of_tenant(tx, tenant).await?;
    Ok(counts.into_iter().map(|count| (count.health, count.count)).collect())
}

/// `GET /admin/authorizers/{component_appid}/{authorizer_appid}`.
pub(in crate::web) async fn show(
    admin: PlatformReader,
    db: Data<ReadOnly>,
    path: Path<(String, String)>,
) -> Answer {
    let key = AuthorizerKey {
        component: ComponentAppid::parse(&path.0).map_err(|_| WebError::NotFound)?,
        authorizer: AuthorizerAppid::parse(&path.1).map_err(|_| WebError::NotFound)?,
    };
    let mut tx = admin.read(&db).await?;
    let owned = authorizer_list::find_owned(&mut tx, &key).await?.ok_or(WebError::NotFound)?;
    let found = authorizer::told(&mut tx, owned.authorizer, admin.now).await?;
    let shell = admin.shell(Nav::AdminAuthorizers);
    Page(AuthorizerView::for_platform(shell, admin.now, &found, owned.tenant_name)).ok()
}
