//! `/admin/tenants/{tenant}/…`: suspends a tenant, limits it, and ends it.

use actix_web::web::{Data, Path};
use serde::Deserialize;

use crate::domain::ids::TenantId;
use crate::domain::tenant_life::Quota;
use crate::domain::text::Text;
use crate::service::suspend_tenant::{self, Change};
use crate::service::{Context, ServiceError, delete_tenant, limit_tenant};
use crate::web::error::WebError;
use crate::web::form::{Form, Nothing};
use crate::web::page::{Answer, see_other};
use crate::web::recent::Recent;
use crate::web::shell::FlashKind;
use crate::web::viewer::Admin;
use crate::web::words::Words;

#[derive(Deserialize)]
pub(in crate::web) struct Limits {
    #[serde(default)]
    authorizers: String,
    #[serde(default)]
    members: String,
    #[serde(default)]
    keys: String,
}

#[derive(Deserialize)]
pub(in crate::web) struct Typed {
    #[serde(default)]
    slug: String,
}

/// `POST /admin/tenants/{tenant}/suspend`.
pub(in crate::web) async fn suspend(
    admin: Admin,
    cx: Data<Context>,
    path: Path<String>,
    _: Form<Nothing>,
) -> Answer {
    let of = id(&path)?;
    let done = suspend_tenant::run(&cx, admin.now, &admin.actor(), &of, Change::Suspend).await;
    answer(&admin, &of, done, SUSPENDED)
}

/// `POST /admin/tenants/{tenant}/resume`.
pub(in crate::web) async fn resume(
    admin: Admin,
    cx: Data<Context>,
    path: Path<String>,
    _: Form<Nothing>,
) -> Answer {
    let of = id(&path)?;
    let done = suspend_tenant::run(&cx, admin.now, &admin.actor(), &of, Change::Resume).await;
    answer(&admin, &of, done, RESUMED)
}

/// `POST /admin/tenants/{tenant}/limits`. An empty field is no limit.
pub(in crate::web) async fn limit(
    admin: Admin,
    cx: Data<Context>,
    path: Path<String>,
    Form(limits): Form<Limits>,
) -> Answer {
    let of = id(&path)?;
    let (authorizers, members, keys) =
        (number(&limits.authorizers), number(&limits.members), number(&limits.keys));
    let (Ok(authorizers), Ok(members), Ok(keys)) = (authorizers, members, keys) else {
        admin.flash(FlashKind::Bad, BAD_LIMIT)?;
        return Ok(back_to(&of));
    };
    let quota = Quota { authorizers, members, keys };
    let done = limit_tenant::run(&cx, admin.now, &admin.actor(), &of, &quota).await;
    answer(&admin, &of, done, LIMITED)
}

/// `POST /admin/tenants/{tenant}/delete`.
pub(in crate::web) async fn delete(
    admin: Admin,
    _: Recent,
    cx: Data<Context>,
    path: Path<String>,
    Form(typed): Form<Typed>,
) -> Answer {
    let of = id(&path)?;
    let done = delete_tenant::request(&cx, admin.now, &admin.actor(), &of, &typed.slug).await;
    if matches!(done, Err(ServiceError::Conflict(_))) {
        admin.flash(FlashKind::Bad, NOT_THE_SLUG)?;
        return Ok(back_to(&of));
    }
    answer(&admin, &of, done.map(drop), REQUESTED)
}

/// `POST /admin/tenants/{tenant}/keep`: takes the deletion back.
pub(in crate::web) async fn keep(
    admin: Admin,
    cx: Data<Context>,
    path: Path<String>,
    _: Form<Nothing>,
) -> Answer {
    let of = id(&path)?;
    let done = delete_tenant::undo(&cx, admin.now, &admin.actor(), &of).await;
    answer(&admin, &of, done, KEPT)
}

fn answer(admin: &Admin, of: &TenantId, done: Result<(), ServiceError>, said: Text) -> Answer {
    match done {
        Ok(()) => admin.flash(FlashKind::Good, said)?,
        Err(ServiceError::Conflict(_)) => admin.flash(FlashKind::Note, SO_ALREADY)?,
        Err(error) => return Err(error.into()),
    }
    Ok(back_to(of))
}

fn back_to(of: &TenantId) -> actix_web::HttpResponse {
    see_other(&format!("/admin/tenants/{of}"))
}

fn id(path: &str) -> Result<TenantId, WebError> {
    TenantId::parse(path).map_err(|_| WebError::NotFound)
}

/// Up to a million; nothing for no limit.
fn number(text: &str) -> Result<Option<i64>, ()> {
    match text.trim() {
        "" => Ok(None),
        text => text.parse().ok().filter(|number| (0..=1_000_000).contains(number)).map(Some).ok_or(()),
    }
}

macro_rules! said {
    ($($name:ident = $field:ident;)*) => {$(
        const $name: Text = Text::new(Words::ZH.admin.life.$field, Words::EN.admin.life.$field);
    )*};
}
said! {
    SUSPENDED = was_suspended;
    RESUMED = was_resumed;
    LIMITED = was_limited;
    BAD_LIMIT = bad_limit;
    NOT_THE_SLUG = not_the_slug;
    REQUESTED = was_requested;
    KEPT = was_kept;
    SO_ALREADY = so_already;
}
