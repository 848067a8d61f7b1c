//! Grants that wait for a platform admin.

use askama::Template;

use crate::clock::Timestamp;
use crate::domain::authorization::GrantProblem;
use crate::domain::authorizer::Kind;
use crate::domain::ids::{AuthorizerAppid, ComponentAppid, GrantId, TenantId};
use crate::domain::text::Lang;
use crate::store::grant_list::{Held, Party};
use crate::store::tenant::Listed;
use crate::web::authorize::problem;
use crate::web::authorizers::view::TenantChoice;
use crate::web::parts::Avatar;
use crate::web::samples::{NOW, ago};
use crate::web::shell::{Nav, Shell};
use crate::web::when::Moment;

#[derive(Debug, Template)]
#[template(path = "admin/unclaimed.html")]
pub struct UnclaimedView {
    pub shell: Shell,
    pub rows: Vec<HeldRow>,
}

#[derive(Clone, Debug)]
pub struct HeldRow {
    pub id: String,
    pub name: String,
    pub appid: Option<String>,
    pub kind: Option<&'static str>,
    pub avatar: Avatar,
    pub component: String,
    pub received: Moment,
    pub why: &'static str,
    pub asked_by: Option<String>,
    pub owned_by: Option<String>,
    /// Where the limit is raised that stands in the way.
    pub raise_href: Option<String>,
    /// Every tenant; who asked is chosen already.
    pub tenants: Vec<TenantChoice>,
}

impl UnclaimedView {
    pub fn new(shell: Shell, now: Timestamp, held: &[Held], tenants: &[Listed]) -> Self {
        let rows = held.iter().map(|held| row(held, tenants, &shell, now)).collect();
        Self { rows, shell }
    }

    pub fn samples(lang: Lang) -> Vec<(&'static str, Self)> {
        use crate::web::admin::{people_samples, samples};
        let shell = || samples::shell(lang, Nav::AdminUnclaimed);
        let held: Vec<Held> = (1..=3).filter_map(sample).collect();
        vec![
            ("empty", Self::new(shell(), NOW, &[], &[])),
            ("some", Self::new(shell(), NOW, &held, &people_samples::tenants())),
        ]
    }
}

fn row(held: &Held, tenants: &[Listed], shell: &Shell, now: Timestamp) -> HeldRow {
    let w = &shell.w;
    let appid = held.account.as_ref().map(ToString::to_string);
    let name = held.account_name.clone().filter(|name| !name.trim().is_empty());
    let name = name.unwrap_or_else(|| w.admin.unclaimed.unknown_account.to_owned());
    let choice = |listed: &Listed| TenantChoice {
        id: listed.tenant.id.to_string(),
        name: listed.tenant.name.clone(),
        chosen: held.asked_by.as_ref().is_some_and(|party| party.tenant == listed.tenant.id),
    };
    HeldRow {
        id: held.id.to_string(),
        avatar: Avatar::of(None, &name, appid.as_deref().unwrap_or_default()),
        name,
        appid,
        kind: held.kind.map(|kind| kind.label().get(shell.lang)),
        component: held.component_name.clone(),
        received: Moment::of(held.received_at, now, shell.locale()),
        why: problem::sentence(held.problem, &w.authorize.problem),
        asked_by: held.asked_by.as_ref().map(|party| party.name.clone()),
        owned_by: held.owned_by.as_ref().map(|party| party.name.clone()),
        raise_href: match (held.problem, &held.asked_by) {
            (GrantProblem::OverQuota, Some(party)) => Some(format!("/admin/tenants/{}", party.tenant)),
            (_, _) => None,
        },
        tenants: tenants.iter().map(choice).collect(),
    }
}

/// 1: another tenant's account; 2: nobody knows where it came from; 3: there is no room for it.
fn sample(number: u8) -> Option<Held> {
    let party = |id, name: &str| Some(Party { tenant: TenantId::parse(id).ok()?, name: name.to_owned() });
    let known = number == 1;
    let (account, minutes, problem) = match number {
        1 => ("wxaaaaaaaaaaaaaaaa", 12, GrantProblem::BelongsToAnotherTenant),
        2 => ("wxbbbbbbbbbbbbbbbb", 60 * 26, GrantProblem::UnknownOrigin),
        _ => ("wxcccccccccccccccc", 60 * 30, GrantProblem::OverQuota),
    };
    Some(Held {
        id: GrantId::parse(&format!("g-{number}")).ok()?,
        component: ComponentAppid::parse("wx1111111111111111").ok()?,
        component_name: "青禾开放平台".to_owned(),
        account: Some(AuthorizerAppid::parse(account).ok()?),
        account_name: known.then(|| "青禾茶业服务号".to_owned()),
        kind: known.then_some(Kind::OfficialAccount),
        received_at: ago(minutes),
        problem,
        asked_by: if number == 2 {
            None
        } else {
            party("t-beichen", "北辰餐饮集团（华东大区运营中心）")
        },
        owned_by: if known { party("t-qinghe", "青禾茶业") } else { None },
    })
}
