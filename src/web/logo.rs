//! The tenant's logo on the pages of merchants: `/links/logo` changes it, `/logo/{name}` serves it to anybody.

use actix_web::HttpResponse;
use actix_web::http::header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY};
use actix_web::web::{Data, Path};
use askama::Template;

use crate::domain::logo::{BadLogo, Logo, Picture};
use crate::domain::text::{Lang, Text};
use crate::service::{Context, put_logo, show_logo};
use crate::store::tenant_logo;

use super::error::WebError;
use super::form::{Form, Nothing};
use super::page::{Answer, Page, see_other};
use super::shell::{FlashKind, Nav, Shell};
use super::upload::FileForm;
use super::viewer::{ManageTenant, ReadOnly, Viewer};
use super::words::Words;

#[derive(Debug, Template)]
#[template(path = "links/logo.html")]
pub struct LogoView {
    pub shell: Shell,
    pub tenant: String,
    /// Where the present one is served.
    pub logo: Option<String>,
    pub bad: &'static str,
}

impl LogoView {
    pub fn samples(lang: Lang) -> Vec<(&'static str, Self)> {
        let view = |logo, bad| Self {
            shell: Shell { nav: Nav::Links, ..Shell::sample(lang) },
            tenant: "青禾茶业".to_owned(),
            logo,
            bad,
        };
        let bad = Words::of(lang).links.logo_bad;
        vec![("none", view(None, "")), ("refused", view(Some("/logo/sample.png".to_owned()), bad))]
    }
}

/// `GET /links/logo`.
pub(super) async fn show(viewer: Viewer<ManageTenant>, db: Data<ReadOnly>) -> Answer {
    page(&viewer, &db, "").await?.ok()
}

/// `POST /links/logo`.
pub(super) async fn upload(
    viewer: Viewer<ManageTenant>,
    cx: Data<Context>,
    db: Data<ReadOnly>,
    FileForm(bytes): FileForm,
) -> Answer {
    let w = &Words::of(viewer.lang).links;
    let logo = match Logo::new(&viewer.tenant.id, bytes) {
        Ok(logo) => logo,
        Err(BadLogo::TooLarge) => return page(&viewer, &db, w.logo_large).await?.unprocessable(),
        Err(BadLogo::NoPicture) => return page(&viewer, &db, w.logo_bad).await?.unprocessable(),
    };
    put_logo::run(&cx, viewer.now, &viewer.actor(), &viewer.tenant.id, &logo).await?;
    viewer.flash(FlashKind::Good, PUT)?;
    Ok(see_other("/links/logo"))
}

/// `POST /links/logo/remove`.
pub(super) async fn remove(viewer: Viewer<ManageTenant>, cx: Data<Context>, _: Form<Nothing>) -> Answer {
    put_logo::remove(&cx, viewer.now, &viewer.actor(), &viewer.tenant.id).await?;
    viewer.flash(FlashKind::Good, REMOVED)?;
    Ok(see_other("/links/logo"))
}

/// `GET /logo/{name}`: a picture and nothing that could act. The name changes with the picture, so it is kept for ever.
pub(super) async fn serve(cx: Data<Context>, path: Path<String>) -> Answer {
    let kind = Picture::of_name(&path).ok_or(WebError::NotFound)?;
    let bytes = show_logo::run(&cx, &path).await?;
    Ok(HttpResponse::Ok()
        .content_type(kind.media_type())
        .insert_header((CACHE_CONTROL, "public, max-age=31536000, immutable"))
        .insert_header((CONTENT_SECURITY_POLICY, "default-src 'none'; sandbox"))
        .body(bytes))
}

const PUT: Text = Text::new(Words::ZH.links.logo_put, Words::EN.links.logo_put);
const REMOVED: Text = Text::new(Words::ZH.links.logo_removed, Words::EN.links.logo_removed);

async fn page(
    viewer: &Viewer<ManageTenant>,
    db: &ReadOnly,
    bad: &'static str,
) -> Result<Page<LogoView>, WebError> {
    let name = tenant_logo::name_of(&mut viewer.read(db).await?, &viewer.tenant.id).await?;
    let logo = name.map(|name| format!("/logo/{name}"));
    Ok(Page(LogoView { shell: viewer.shell(Nav::Links), tenant: viewer.tenant.name.clone(), logo, bad }))
}
