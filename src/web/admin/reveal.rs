//! `/admin/components/{component_appid}/reveal`: one stored secret, shown once to an administrator who says why.

use actix_web::web::{Data, Path};
use serde::Deserialize;

use crate::domain::component::SecretName;
use crate::domain::ids::ComponentAppid;
use crate::domain::stated_reason::StatedReason;
use crate::service::{Context, reveal_secret};
use crate::store::component;
use crate::web::error::WebError;
use crate::web::form::Form;
use crate::web::page::{Answer, Page};
use crate::web::recent::Recent;
use crate::web::shell::Nav;
use crate::web::viewer::{Admin, Platform, ReadOnly};

pub mod view;

use view::{Asked, RevealView};

#[derive(Deserialize)]
pub(in crate::web) struct Fields {
    #[serde(default)]
    secret: String,
    #[serde(default)]
    reason: String,
}

/// `GET /admin/components/{component_appid}/reveal`.
pub(in crate::web) async fn form(admin: Admin, _: Recent, db: Data<ReadOnly>, path: Path<String>) -> Answer {
    let of = find(&admin, &db, &path).await?;
    Page(RevealView::form(admin.shell(Nav::AdminComponents), &of, Asked::default())).ok()
}

/// `POST /admin/components/{component_appid}/reveal`. The answer says nothing that was entered beside the secret.
pub(in crate::web) async fn show(
    admin: Admin,
    _: Recent,
    cx: Data<Context>,
    db: Data<ReadOnly>,
    path: Path<String>,
    Form(fields): Form<Fields>,
) -> Answer {
    let of = find(&admin, &db, &path).await?;
    let name = SecretName::from_name(&fields.secret);
    let (Some(name), Ok(reason)) = (name, StatedReason::parse(&fields.reason)) else {
        let asked = Asked { name, reason: fields.reason, is_refused: true };
        return Page(RevealView::form(admin.shell(Nav::AdminComponents), &of, asked)).unprocessable();
    };
    let by = admin.actor();
    let revealed = reveal_secret::run(&cx, admin.now, &by, &of.0, (name, &reason)).await?;
    Page(RevealView::revealed(admin.shell(Nav::AdminComponents), &of, name, revealed)).ok()
}

/// The component and its name.
async fn find(
    admin: &impl Platform,
    db: &ReadOnly,
    appid: &str,
) -> Result<(ComponentAppid, String), WebError> {
    let all = component::list(&mut admin.read(db).await?).await?;
    let found = all.into_iter().find(|status| status.appid.as_str() == appid);
    found.map(|status| (status.appid, status.name)).ok_or(WebError::NotFound)
}
