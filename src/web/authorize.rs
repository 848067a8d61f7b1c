//! The authorisation flow: choose a kind, go to WeChat, come back, see how it ended.

use actix_web::web::{Data, Path};
use serde::Deserialize;

use crate::domain::authorization::AuthType;
use crate::domain::authorizer::Kind;
use crate::domain::component::ComponentStatus;
use crate::domain::ids::{AuthorizerAppid, ComponentAppid, TenantId, UserId};
use crate::domain::text::Text;
use crate::secret::Secret;
use crate::service::{Context, ServiceError, start_authorization};
use crate::store::{Reader, StoreError, authorizer, component, incident};

use super::error::WebError;
use super::form::{Form, Nothing};
use super::page::{Answer, Page, see_other};
use super::shell::Nav;
use super::viewer::ReadOnly;
use super::viewer::{ManageAuthorizers, Viewer};

pub(super) mod callback;
pub mod choose_view;
pub mod device;
pub(super) mod entry;
pub mod entry_view;
pub mod outcome_view;
pub(in crate::web) mod problem;
pub(in crate::web) mod qr;
mod samples;
pub(in crate::web) mod waiting;

use choose_view::{ChooseView, Trouble};

/// `GET /authorize`.
pub(super) async fn choose(viewer: Viewer<ManageAuthorizers>, db: Data<ReadOnly>) -> Answer {
    choose_page(&viewer, &db, None).await?.ok()
}

#[derive(Debug, Deserialize)]
pub(super) struct Choice {
    auth_type: i64,
    /// Blank or missing: the first one.
    #[serde(default)]
    component: String,
}

/// `POST /authorize`: one press, one attempt.
pub(super) async fn start(
    viewer: Viewer<ManageAuthorizers>,
    cx: Data<Context>,
    db: Data<ReadOnly>,
    Form(choice): Form<Choice>,
) -> Answer {
    let auth_type = AuthType::from_number(choice.auth_type).ok_or(WebError::BadRequest(NO_SUCH_KIND))?;
    let component = Some(choice.component).filter(|appid| !appid.is_empty());
    let component = component.map(|appid| ComponentAppid::parse(&appid)).transpose();
    let component = component.map_err(|_| WebError::NotFound)?;
    begin(viewer, cx, db, Press { component, auth_type, expected_appid: None }).await
}

/// `POST /authorizers/{authorizer_appid}/reauthorize`: an attempt that only this account can finish.
pub(super) async fn reauthorize(
    viewer: Viewer<ManageAuthorizers>,
    cx: Data<Context>,
    db: Data<ReadOnly>,
    path: Path<String>,
    _: Form<Nothing>,
) -> Answer {
    let appid = AuthorizerAppid::parse(&path).map_err(|_| WebError::NotFound)?;
    let account = authorizer::find(&mut viewer.read(&db).await?, &viewer.tenant.id, &appid).await?;
    let account = account.ok_or(WebError::NotFound)?;
    let auth_type = match account.kind {
        Kind::OfficialAccount => AuthType::OfficialAccount,
        Kind::MiniProgram => AuthType::MiniProgram,
        Kind::Channels | Kind::Other | Kind::Unknown => AuthType::Both,
    };
    let component = Some(account.key.component);
    begin(viewer, cx, db, Press { component, auth_type, expected_appid: Some(appid) }).await
}

/// What was pressed.
struct Press {
    component: Option<ComponentAppid>,
    auth_type: AuthType,
    expected_appid: Option<AuthorizerAppid>,
}

async fn begin(
    viewer: Viewer<ManageAuthorizers>,
    cx: Data<Context>,
    db: Data<ReadOnly>,
    press: Press,
) -> Answer {
    let request = request_of(&viewer.tenant.id, &viewer.user.id, &viewer.session_hash, press);
    match start_authorization::run(&cx, viewer.now, &viewer.actor(), request).await {
        Ok(started) => Ok(see_other(&format!("/authorize/{}", started.entry.expose()))),
        Err(error) => not_started(&viewer, &db, error).await,
    }
}

fn request_of(
    tenant: &TenantId,
    user: &UserId,
    session_hash: &str,
    press: Press,
) -> start_authorization::Request {
    start_authorization::Request {
        tenant: tenant.clone(),
        user: Some(user.clone()),
        session_hash: Some(session_hash.to_owned()),
        component: press.component,
        auth_type: press.auth_type,
        expected_appid: press.expected_appid,
        link: None,
        asked_at: None,
    }
}

/// The same page with what stands in the way; errors that are not the platform's get their own page.
async fn not_started(viewer: &Viewer<ManageAuthorizers>, db: &ReadOnly, error: ServiceError) -> Answer {
    let Some(trouble) = Trouble::of(&error, viewer.lang) else { return Err(error.into()) };
    tracing::warn!(error = %error, "an authorization could not be started");
    let page = choose_page(viewer, db, Some(trouble)).await?;
    page.status(actix_web::http::StatusCode::SERVICE_UNAVAILABLE)
}

async fn choose_page(
    viewer: &Viewer<ManageAuthorizers>,
    db: &ReadOnly,
    trouble: Option<Trouble>,
) -> Result<Page<ChooseView>, WebError> {
    let components = usable_components(&mut viewer.read(db).await?).await?;
    Ok(Page(ChooseView::new(viewer.shell(Nav::Authorize), &components, trouble)))
}

const NO_SUCH_KIND: Text = Text::new("没有这种授权类型", "There is no such kind of authorization");

/// The platforms to choose from: those that WeChat answers, or all when it answers none.
async fn usable_components(tx: &mut Reader) -> Result<Vec<ComponentStatus>, StoreError> {
    let all = component::list(tx).await?;
    let mut usable = Vec::with_capacity(all.len());
    for status in &all {
        let open = incident::list_open(tx, &status.appid).await?;
        if !open.iter().any(|incident| incident.cause.stops_calls()) {
            usable.push(status.clone());
        }
    }
    Ok(if usable.is_empty() { all } else { usable })
}
