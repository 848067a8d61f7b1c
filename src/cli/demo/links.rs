//! Links for merchants in the demo: one to try, one that was revoked, one for many, and one for each account that waits.

use url::Url;

use crate::domain::audit::Actor;
use crate::domain::authorization::AuthType;
use crate::domain::ids::TenantId;
use crate::domain::merchant_link::Way;
use crate::domain::text::Lang;
use crate::service::bulk_links::{self, Wanted};
use crate::service::create_link::{self, Handed, NewLink};
use crate::service::{Context, revoke_link};

use super::Failure;

/// Returns the address of the link to try.
pub(super) async fn run(cx: &Context, tenants: &[TenantId]) -> Result<Url, Failure> {
    let [first, ..] = tenants else { return Err(Failure::sentence("the demo has no tenant")) };
    let now = cx.clock.now();
    bulk_links::run(cx, now, &Actor::cli(), first, Wanted { days: 7, lang: None }).await?;
    make(cx, first, ("Franchise partners", Some(Lang::En)), None).await?;
    let wrong = make(cx, first, ("发错人了", None), Some(1)).await?;
    revoke_link::run(cx, now, &Actor::cli(), first, &wrong.link.id).await?;
    Ok(make(cx, first, ("西湖店 · 王店长", None), Some(1)).await?.url)
}

async fn make(
    cx: &Context,
    of: &TenantId,
    (label, lang): (&str, Option<Lang>),
    most_uses: Option<i64>,
) -> Result<Handed, Failure> {
    let new = NewLink {
        label: label.to_owned(),
        email: None,
        lang,
        component: None,
        auth_type: AuthType::Both,
        way: Way::Any,
        locked: None,
        most_uses,
        days: 7,
    };
    Ok(create_link::run(cx, cx.clock.now(), &Actor::cli(), of, new).await?)
}
