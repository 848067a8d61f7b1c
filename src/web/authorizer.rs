//! `/authorizers/{authorizer_appid}`: everything about one account, and what a member may do to it.

use std::time::Duration;

use actix_web::web::{Data, Path};

use crate::clock::Timestamp;
use crate::domain::authorizer::Authorizer;
use crate::domain::ids::{AuthorizerAppid, TenantId};
use crate::domain::role::Permission;
use crate::domain::text::Text;
use crate::service::manage_authorizer::{self, Action};
use crate::service::{Context, ServiceError};
use crate::store::{Reader, StoreError, authorizer, component, foreign_refresher, history_list};

use super::error::WebError;
use super::form::Form;
use super::page::{Answer, Page, see_other};
use super::shell::{FlashKind, Nav};
use super::viewer::ReadOnly;
use super::viewer::{ManageAuthorizers, SeeAuthorizers, Viewer};
use super::words::Words;

pub mod view;

use view::{AuthorizerView, Found, HISTORY_SHOWN};

pub(super) async fn show(viewer: Viewer<SeeAuthorizers>, db: Data<ReadOnly>, appid: Path<String>) -> Answer {
    let appid = AuthorizerAppid::parse(&appid).map_err(|_| WebError::NotFound)?;
    let found = find(&mut viewer.read(&db).await?, &viewer.tenant.id, &appid, viewer.now).await?;
    let found = found.ok_or(WebError::NotFound)?;
    let may_manage = viewer.may(Permission::ManageAuthorizers);
    Page(AuthorizerView::new(viewer.shell(Nav::Authorizers), viewer.now, &found, may_manage)).ok()
}

/// A token that was obtained before the window may still be valid within it.
const LOOK_BACK: Duration = Duration::from_secs(26 * 3600);

async fn find(
    tx: &mut Reader,
    tenant: &TenantId,
    appid: &AuthorizerAppid,
    now: Timestamp,
) -> Result<Option<Found>, StoreError> {
    let Some(authorizer) = authorizer::find(tx, tenant, appid).await? else { return Ok(None) };
    Ok(Some(told(tx, authorizer, now).await?))
}

/// The account with everything its page tells of it.
pub(super) async fn told(
    tx: &mut Reader,
    authorizer: Authorizer,
    now: Timestamp,
) -> Result<Found, StoreError> {
    let (key, tenant) = (&authorizer.key, &authorizer.tenant);
    let components = component::list(tx).await?;
    Ok(Found {
        history: history_list::told(tx, tenant, key, HISTORY_SHOWN).await?,
        attempts: history_list::attempted(tx, tenant, key, now.minus(LOOK_BACK)).await?,
        foreign_at: foreign_refresher::last_seen(tx, key).await?,
        component_name: components.into_iter().find(|one| one.appid == key.component).map(|one| one.name),
        authorizer,
    })
}

#[derive(serde::Deserialize)]
pub(super) struct Nothing {}

pub(super) async fn refresh(
    viewer: Viewer<ManageAuthorizers>,
    cx: Data<Context>,
    appid: Path<String>,
    _: Form<Nothing>,
) -> Answer {
    manage(&viewer, &cx, &appid, Action::RefreshNow).await
}

pub(super) async fn pause(
    viewer: Viewer<ManageAuthorizers>,
    cx: Data<Context>,
    appid: Path<String>,
    _: Form<Nothing>,
) -> Answer {
    manage(&viewer, &cx, &appid, Action::Pause).await
}

pub(super) async fn resume(
    viewer: Viewer<ManageAuthorizers>,
    cx: Data<Context>,
    appid: Path<String>,
    _: Form<Nothing>,
) -> Answer {
    manage(&viewer, &cx, &appid, Action::Resume).await
}

/// Does it and goes back to the account's page, with a sentence either way.
async fn manage(viewer: &Viewer<ManageAuthorizers>, cx: &Context, appid: &str, action: Action) -> Answer {
    let appid = AuthorizerAppid::parse(appid).map_err(|_| WebError::NotFound)?;
    match manage_authorizer::run(cx, viewer.now, &viewer.actor(), &viewer.tenant.id, &appid, action).await {
        Ok(()) => viewer.flash(FlashKind::Good, done(action))?,
        Err(ServiceError::Conflict(_)) => viewer.flash(FlashKind::Bad, NOT_IN_THIS_STATE)?,
        Err(error) => return Err(error.into()),
    }
    Ok(see_other(&format!("/authorizers/{appid}")))
}

const fn done(action: Action) -> Text {
    let (zh, en) = (&Words::ZH.detail, &Words::EN.detail);
    match action {
        Action::RefreshNow => Text::new(zh.done_refresh, en.done_refresh),
        Action::Pause => Text::new(zh.done_pause, en.done_pause),
        Action::Resume => Text::new(zh.done_resume, en.done_resume),
    }
}

const NOT_IN_THIS_STATE: Text = Text::new(
    "账号当前的状态不允许这样做，可能刚刚有了变化",
    "The account's state does not allow this; it may have just changed",
);
