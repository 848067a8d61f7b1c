//! `/links`: links for merchants without a login: made, watched, revoked.

use actix_web::web::{Data, Path, Query};
use serde::Deserialize;

use crate::domain::authorization::AuthType;
use crate::domain::ids::{AuthorizerAppid, ComponentAppid, MerchantLinkId};
use crate::domain::merchant_link::{DAYS, Standing, Way};
use crate::domain::role::Permission;
use crate::domain::text::{Lang, Text};
use crate::domain::user::{Email, parse_label};
use crate::service::admit_letter::TooManyLetters;
use crate::service::create_link::{self, NewLink};
use crate::service::{Context, ServiceError, list_links, revoke_link, send_links};
use crate::store::component;
use crate::store::merchant_link_list::Cursor;

use super::error::WebError;
use super::form::{Form, Nothing};
use super::page::{Answer, Page, see_other};
use super::shell::{FlashKind, Nav};
use super::viewer::ReadOnly;
use super::viewer::{ManageLinks, Viewer};
use super::words::Words;
use super::words::links::LinkWords;

pub(in crate::web) mod bulk;
pub mod bulk_view;
pub(in crate::web) mod samples;
pub mod show_view;
pub mod view;

use show_view::LinkView;
use view::{Found, LinkForm, LinksView, USES};

const PAGE: usize = 50;

/// The address's query as it came.
#[derive(Clone, Debug, Default, Deserialize)]
pub(super) struct Asked {
    #[serde(default)]
    state: String,
    #[serde(default)]
    after: String,
}

/// The form as it came.
#[derive(Clone, Debug, Default, Deserialize)]
pub(super) struct Entered {
    #[serde(default)]
    label: String,
    #[serde(default)]
    auth_type: String,
    #[serde(default)]
    way: String,
    #[serde(default)]
    locked: String,
    #[serde(default)]
    uses: String,
    #[serde(default)]
    days: String,
    #[serde(default)]
    language: String,
    #[serde(default)]
    component: String,
}

/// `GET /links`.
pub(super) async fn list(
    viewer: Viewer<ManageLinks>,
    cx: Data<Context>,
    db: Data<ReadOnly>,
    asked: Query<Asked>,
) -> Answer {
    page(&viewer, &cx, &db, (&asked, LinkForm::default())).await?.ok()
}

/// `POST /links`.
pub(super) async fn create(
    viewer: Viewer<ManageLinks>,
    cx: Data<Context>,
    db: Data<ReadOnly>,
    Form(entered): Form<Entered>,
) -> Answer {
    let w = &Words::of(viewer.lang).links;
    let new = match read(&entered, w) {
        Ok(new) => new,
        Err(form) => return refuse(&viewer, &cx, &db, *form).await,
    };
    match create_link::run(&cx, viewer.now, &viewer.actor(), &viewer.tenant.id, new).await {
        Ok(made) => {
            viewer.flash(FlashKind::Good, MADE)?;
            Ok(see_other(&format!("/links/{}", made.link.id)))
        }
        Err(ServiceError::NotFound) => {
            let form = LinkForm { bad_locked: w.bad_locked, ..form_of(&entered) };
            refuse(&viewer, &cx, &db, form).await
        }
        Err(ServiceError::Conflict(_)) => {
            let form = LinkForm { bad_label: w.too_many, ..form_of(&entered) };
            refuse(&viewer, &cx, &db, form).await
        }
        Err(error) => Err(error.into()),
    }
}

/// `GET /links/{link}`.
pub(super) async fn show(viewer: Viewer<ManageLinks>, cx: Data<Context>, path: Path<String>) -> Answer {
    let link = MerchantLinkId::parse(&path).map_err(|_| WebError::NotFound)?;
    one(&viewer, &cx, &link, None).await?.ok()
}

#[derive(Clone, Debug, Deserialize)]
pub(super) struct Addressed {
    #[serde(default)]
    email: String,
}

/// `POST /links/{link}/send`.
pub(super) async fn send(
    viewer: Viewer<ManageLinks>,
    cx: Data<Context>,
    path: Path<String>,
    Form(addressed): Form<Addressed>,
) -> Answer {
    let link = MerchantLinkId::parse(&path).map_err(|_| WebError::NotFound)?;
    let Ok(to) = Email::parse(&addressed.email) else {
        return one(&viewer, &cx, &link, Some(&addressed.email)).await?.unprocessable();
    };
    let (by, of) = (viewer.actor(), &viewer.tenant.id);
    match send_links::one(&cx, viewer.now, &by, (of, &link), (&to, viewer.lang)).await {
        Ok(Ok(())) => viewer.flash(FlashKind::Good, SENT)?,
        Ok(Err(refused)) => viewer.flash(FlashKind::Bad, too_many_letters(refused))?,
        Err(ServiceError::Conflict(_)) => viewer.flash(FlashKind::Bad, bulk::NO_MAIL)?,
        Err(error) => return Err(error.into()),
    }
    Ok(see_other(&format!("/links/{link}")))
}

/// The link is as it was, and can be sent by hand.
const fn too_many_letters(refused: TooManyLetters) -> Text {
    match refused {
        TooManyLetters::ToRecipient => {
            Text::new(Words::ZH.links.letters_to_one, Words::EN.links.letters_to_one)
        }
        TooManyLetters::OfTenant => Text::new(Words::ZH.links.letters_a_day, Words::EN.links.letters_a_day),
    }
}

/// `refused`: an address that is none.
async fn one(
    viewer: &Viewer<ManageLinks>,
    cx: &Context,
    link: &MerchantLinkId,
    refused: Option<&str>,
) -> Result<Page<LinkView>, WebError> {
    let (link, attempts) = list_links::one(cx, &viewer.tenant.id, link).await?;
    let view = LinkView::new(viewer.shell(Nav::Links), viewer.now, &link, &attempts);
    Ok(Page(view.with_mail(cx.settings.mail.is_some(), refused)))
}

/// `POST /links/{link}/revoke`.
pub(super) async fn revoke(
    viewer: Viewer<ManageLinks>,
    cx: Data<Context>,
    path: Path<String>,
    _: Form<Nothing>,
) -> Answer {
    let link = MerchantLinkId::parse(&path).map_err(|_| WebError::NotFound)?;
    revoke_link::run(&cx, viewer.now, &viewer.actor(), &viewer.tenant.id, &link).await?;
    viewer.flash(FlashKind::Good, REVOKED)?;
    Ok(see_other(&format!("/links/{link}")))
}

const MADE: Text = Text::new(Words::ZH.links.made, Words::EN.links.made);
const SENT: Text = Text::new(Words::ZH.links.was_sent, Words::EN.links.was_sent);
const REVOKED: Text = Text::new(Words::ZH.links.was_revoked, Words::EN.links.was_revoked);

async fn page(
    viewer: &Viewer<ManageLinks>,
    cx: &Context,
    db: &ReadOnly,
    (asked, form): (&Asked, LinkForm),
) -> Result<Page<LinksView>, WebError> {
    let standing = Standing::from_name(&asked.state);
    let after = Cursor::parse(&asked.after);
    let links = list_links::run(cx, viewer.now, &viewer.tenant.id, standing, (after.as_ref(), PAGE)).await?;
    let components = component::list(&mut viewer.read(db).await?).await?;
    let may_brand = viewer.may(Permission::ManageTenant);
    let found = Found { links, standing, is_first: after.is_none(), components, may_brand };
    Ok(Page(LinksView::new(viewer.shell(Nav::Links), viewer.now, &found, form)))
}

async fn refuse(viewer: &Viewer<ManageLinks>, cx: &Context, db: &ReadOnly, form: LinkForm) -> Answer {
    page(viewer, cx, db, (&Asked::default(), form)).await?.unprocessable()
}

/// The link that was asked for, or the form with its mistakes. What can only be chosen is taken as usual when it makes
/// no sense.
fn read(entered: &Entered, w: &LinkWords) -> Result<NewLink, Box<LinkForm>> {
    let label = parse_label(&entered.label);
    let locked = Some(entered.locked.trim()).filter(|text| !text.is_empty());
    let locked = locked.map(AuthorizerAppid::parse).transpose();
    let form = form_of(entered);
    let (Ok(label), Ok(locked)) = (&label, &locked) else {
        return Err(Box::new(LinkForm {
            bad_label: if label.is_err() { w.bad_label } else { "" },
            bad_locked: if locked.is_err() { w.bad_locked } else { "" },
            ..form
        }));
    };
    Ok(NewLink {
        label: label.clone(),
        email: None,
        lang: form.lang,
        component: ComponentAppid::parse(&form.component).ok(),
        auth_type: form.auth_type,
        way: form.way,
        locked: locked.clone(),
        most_uses: form.uses,
        days: form.days,
    })
}

fn form_of(entered: &Entered) -> LinkForm {
    let usual = LinkForm::default();
    let uses = entered.uses.parse().ok().filter(|uses| USES.contains(uses));
    LinkForm {
        label: entered.label.clone(),
        locked: entered.locked.trim().to_owned(),
        auth_type: entered.auth_type.parse().ok().and_then(AuthType::from_number).unwrap_or(usual.auth_type),
        way: Way::from_name(&entered.way).unwrap_or(usual.way),
        uses: if entered.uses == "any" { None } else { uses.or(usual.uses) },
        days: entered.days.parse().ok().filter(|days| DAYS.contains(days)).unwrap_or(usual.days),
        lang: Lang::from_code(&entered.language),
        component: entered.component.clone(),
        ..usual
    }
}
