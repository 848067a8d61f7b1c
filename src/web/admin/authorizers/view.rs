//! Every tenant's accounts, ready to print.

use askama::Template;

use crate::clock::Timestamp;
use crate::domain::health::Health;
use crate::domain::text::Lang;
use crate::store::authorizer_list::{Owned, Page};
use crate::store::tenant::Listed;
use crate::web::account::{AccountRow, Gaze};
use crate::web::authorizers::query::ListQuery;
use crate::web::authorizers::view::{Filters, TenantChoice, pager};
use crate::web::parts::Pager;
use crate::web::samples::NOW;
use crate::web::shell::{Nav, Shell};

const PATH: &str = "/admin/authorizers";

/// What the database knows.
#[derive(Clone, Debug)]
pub struct Found {
    pub page: Page<Owned>,
    /// Of all tenants, or of the one that was asked for.
    pub counts: Vec<(Health, i64)>,
    pub tenants: Vec<Listed>,
}

#[derive(Debug, Template)]
#[template(path = "admin/authorizers.html")]
pub struct AllAuthorizersView {
    pub shell: Shell,
    pub filters: Filters,
    pub rows: Vec<OwnedRow>,
    pub pager: Pager,
}

/// An account and whose it is.
#[derive(Clone, Debug)]
pub struct OwnedRow {
    pub account: AccountRow,
    pub tenant: String,
    pub tenant_href: String,
}

impl AllAuthorizersView {
    pub fn new(shell: Shell, now: Timestamp, query: &ListQuery, found: &Found) -> Self {
        let gaze = Gaze::new(&shell, now);
        let choice = |listed: &Listed| TenantChoice {
            id: listed.tenant.id.to_string(),
            name: listed.tenant.name.clone(),
            chosen: query.tenant.as_ref() == Some(&listed.tenant.id),
        };
        let filters = Filters {
            tenants: found.tenants.iter().map(choice).collect(),
            ..Filters::new(query, &found.counts, &gaze, PATH)
        };
        Self {
            filters,
            rows: found.page.rows.iter().map(|owned| row(owned, &gaze)).collect(),
            pager: pager(query, found.page.next.clone(), PATH),
            shell,
        }
    }

    pub fn samples(lang: Lang) -> Vec<(&'static str, Self)> {
        use crate::web::admin::{people_samples, samples};
        let shell = || samples::shell(lang, Nav::AdminAuthorizers);
        let tenants = people_samples::tenants();
        let rows = crate::web::samples::authorizers().into_iter().enumerate().map(|(place, authorizer)| {
            let name = tenants.get(place % 2).map(|listed| listed.tenant.name.clone());
            Owned { authorizer, tenant_name: name.unwrap_or_default() }
        });
        let all = Found {
            page: Page { rows: rows.collect(), next: None },
            counts: samples::counts(),
            tenants: tenants.clone(),
        };
        let none = Found { page: Page { rows: Vec::new(), next: None }, ..all.clone() };
        let narrow = ListQuery {
            state: Some(Health::Paused),
            tenant: tenants.first().map(|listed| listed.tenant.id.clone()),
            ..ListQuery::default()
        };
        vec![
            ("all", Self::new(shell(), NOW, &ListQuery::default(), &all)),
            ("nothing_fits", Self::new(shell(), NOW, &narrow, &none)),
        ]
    }
}

fn row(owned: &Owned, gaze: &Gaze) -> OwnedRow {
    let one = &owned.authorizer;
    let href = format!("{PATH}/{}/{}", one.key.component, one.key.authorizer);
    OwnedRow {
        account: AccountRow { href, reauthorize: None, ..AccountRow::of(one, gaze) },
        tenant: owned.tenant_name.clone(),
        tenant_href: format!("/admin/tenants/{}", one.tenant),
    }
}
