//! `/admin/components`: third-party platforms, their credentials and the values for WeChat's console.

use actix_web::web::{Data, Path};
use serde::Deserialize;

use crate::domain::component::ComponentStatus;
use crate::domain::ids::ComponentAppid;
use crate::domain::text::Text;
use crate::secret::Secret;
use crate::service::put_component::{self, Input, Mode};
use crate::service::{Context, ServiceError, request_ticket_push};
use crate::store::{component, incident_list, reconcile_report};
use crate::web::error::WebError;
use crate::web::flash;
use crate::web::form::{Form, Nothing};
use crate::web::page::{Answer, Page, see_other};
use crate::web::recent::Recent;
use crate::web::shell::{FlashKind, Nav};
use crate::web::viewer::{Admin, Platform, PlatformReader, ReadOnly};
use crate::web::words::{Words, fill};

pub mod view;

use view::{ComponentForm, ComponentView, ComponentsView, push_answer};

/// The form of a component. Blank secrets of one that exists stay as they are.
#[derive(Deserialize)]
pub(in crate::web) struct Fields {
    #[serde(default)]
    appid: String,
    #[serde(default)]
    name: String,
    #[serde(default)]
    appsecret: String,
    #[serde(default)]
    token: String,
    #[serde(default)]
    aes_key: String,
}

impl Fields {
    fn input(self, appid: ComponentAppid) -> Input {
        Input {
            appid,
            name: Some(self.name),
            appsecret: Secret::non_empty(self.appsecret),
            token: Secret::non_empty(self.token),
            previous_token: None,
            aes_key: Secret::non_empty(self.aes_key),
            previous_aes_key: None,
        }
    }
}

/// `GET /admin/components`.
pub(in crate::web) async fn list(admin: PlatformReader, db: Data<ReadOnly>) -> Answer {
    list_page(&admin, &db, ComponentForm::default()).await?.ok()
}

/// `POST /admin/components`.
pub(in crate::web) async fn add(
    admin: Admin,
    _: Recent,
    cx: Data<Context>,
    db: Data<ReadOnly>,
    Form(fields): Form<Fields>,
) -> Answer {
    let w = &Words::of(admin.lang).admin.component;
    let form =
        ComponentForm { appid: fields.appid.clone(), name: fields.name.clone(), ..ComponentForm::default() };
    let Ok(appid) = ComponentAppid::parse(fields.appid.trim()) else {
        let form = ComponentForm { bad_appid: w.bad_appid, ..form };
        return list_page(&admin, &db, form).await?.unprocessable();
    };
    match put_component::run(&cx, admin.now, &admin.actor(), Mode::Add, fields.input(appid.clone())).await? {
        Ok(()) => {
            admin.flash(FlashKind::Good, ADDED)?;
            Ok(see_other(&format!("/admin/components/{appid}")))
        }
        Err(refused) => list_page(&admin, &db, form.refused(refused, w)).await?.unprocessable(),
    }
}

/// `GET /admin/components/{component_appid}`.
pub(in crate::web) async fn show(
    admin: PlatformReader,
    cx: Data<Context>,
    db: Data<ReadOnly>,
    path: Path<String>,
) -> Answer {
    let status = find(&admin, &db, &path).await?;
    one_page(&admin, &cx, &db, (&status, form_of(&status))).await?.ok()
}

/// `POST /admin/components/{component_appid}`.
pub(in crate::web) async fn update(
    admin: Admin,
    _: Recent,
    cx: Data<Context>,
    db: Data<ReadOnly>,
    path: Path<String>,
    Form(fields): Form<Fields>,
) -> Answer {
    let status = find(&admin, &db, &path).await?;
    let form = ComponentForm { name: fields.name.clone(), ..ComponentForm::default() };
    match put_component::run(&cx, admin.now, &admin.actor(), Mode::Update, fields.input(status.appid.clone()))
        .await?
    {
        Ok(()) => {
            admin.flash(FlashKind::Good, UPDATED)?;
            Ok(see_other(&format!("/admin/components/{}", status.appid)))
        }
        Err(refused) => {
            let form = form.refused(refused, &Words::of(admin.lang).admin.component);
            one_page(&admin, &cx, &db, (&status, form)).await?.unprocessable()
        }
    }
}

/// `POST /admin/components/{component_appid}/push`: asks WeChat for the ticket.
pub(in crate::web) async fn push(
    admin: Admin,
    cx: Data<Context>,
    path: Path<String>,
    _: Form<Nothing>,
) -> Answer {
    let appid = ComponentAppid::parse(&path).map_err(|_| WebError::NotFound)?;
    let w = &Words::of(admin.lang).admin.component;
    let (kind, text) = match request_ticket_push::run(&cx, admin.now, &admin.actor(), &appid).await {
        Ok(answer) => (FlashKind::Good, fill(w.push_done, &[&push_answer(&answer, w)])),
        Err(ServiceError::Wechat { reason, errcode, .. }) => {
            let code = errcode.map(|code| format!(" (errcode {code})")).unwrap_or_default();
            let why = format!("{}{code}", reason.sentence().get(admin.lang));
            (FlashKind::Bad, fill(w.push_refused, &[&why]))
        }
        Err(error) => return Err(error.into()),
    };
    flash::leave(admin.session(), kind, &text)?;
    Ok(see_other(&format!("/admin/components/{appid}")))
}

async fn find(admin: &impl Platform, db: &ReadOnly, appid: &str) -> Result<ComponentStatus, WebError> {
    let all = component::list_counted(&mut admin.read(db).await?).await?;
    all.into_iter().find(|status| status.appid.as_str() == appid).ok_or(WebError::NotFound)
}

fn form_of(status: &ComponentStatus) -> ComponentForm {
    ComponentForm { name: status.name.clone(), ..ComponentForm::default() }
}

async fn list_page(
    admin: &impl Platform,
    db: &ReadOnly,
    form: ComponentForm,
) -> Result<Page<ComponentsView>, WebError> {
    let mut tx = admin.read(db).await?;
    let (components, open) = (component::list_counted(&mut tx).await?, incident_list::open(&mut tx).await?);
    let shell = admin.shell(Nav::AdminComponents);
    Ok(Page(ComponentsView::new(shell, admin.now, (&components, &open), form)))
}

async fn one_page(
    admin: &impl Platform,
    cx: &Context,
    db: &ReadOnly,
    (status, form): (&ComponentStatus, ComponentForm),
) -> Result<Page<ComponentView>, WebError> {
    let mut tx = admin.read(db).await?;
    let incidents = incident_list::of_component(&mut tx, &status.appid, 30).await?;
    let report = reconcile_report::find(&mut tx, &status.appid).await?;
    drop(tx);
    let shell = admin.shell(Nav::AdminComponents);
    let public_url = &cx.settings.public_url;
    Ok(Page(ComponentView::new(shell, admin.now, (status, &incidents, report.as_ref()), public_url, form)))
}

const ADDED: Text = Text::new(Words::ZH.admin.component.added, Words::EN.admin.component.added);
const UPDATED: Text = Text::new(Words::ZH.admin.component.updated, Words::EN.admin.component.updated);
