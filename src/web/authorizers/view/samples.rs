//! Samples of the list of accounts.

use crate::domain::authorization::{AuthType, Authorization, AuthorizationStatus, GrantProblem};
use crate::domain::authorizer::Kind;
use crate::domain::health::Health;
use crate::domain::ids::{AuthorizationId, AuthorizerAppid, ComponentAppid, TenantId};
use crate::domain::text::Lang;
use crate::secret::{OneTimeToken, Secret as _};
use crate::service::open_authorizations::OpenAuthorization;
use crate::store::authorizer_count::Count;
use crate::store::authorizer_list::{Cursor, Page};
use crate::store::grant_list::Waiting;
use crate::web::authorizers::query::ListQuery;
use crate::web::samples::{self, NOW, ago, ahead};
use crate::web::shell::{Nav, Shell};

use super::{AuthorizersView, Found};

impl AuthorizersView {
    pub fn samples(lang: Lang) -> Vec<(&'static str, Self)> {
        let shell = || Shell { nav: Nav::Authorizers, ..Shell::sample(lang) };
        let stale = Shell { stale: Some(shell().w.heartbeat_never.to_owned()), ..shell() };
        let narrow = ListQuery {
            state: Some(Health::Healthy),
            kind: Some(Kind::MiniProgram),
            text: "<茶> & co".to_owned(),
            after: Cursor::parse("90.1795228508.wx6f2c1d9e8b7a4035.wx1"),
            tenant: None,
        };
        let all = ListQuery::default();
        let nothing = Found {
            page: Page { rows: Vec::new(), next: None },
            open: Vec::new(),
            asked: Vec::new(),
            claimed: Vec::new(),
            ..found()
        };
        let none_yet = Found { page: Page { next: found().page.next, rows: Vec::new() }, ..nothing.clone() };
        let waiting = Found { open: found().open, ..nothing.clone() };
        let empty = Found { counts: Vec::new(), ..nothing.clone() };
        vec![
            ("all", Self::new(shell(), NOW, (&all, &found()), true)),
            ("stale", Self::new(stale, NOW, (&all, &found()), false)),
            ("nothing_fits", Self::new(shell(), NOW, (&narrow, &nothing), true)),
            ("nothing_so_far", Self::new(shell(), NOW, (&narrow, &none_yet), true)),
            (
                "pending",
                Self::new(
                    shell(),
                    NOW,
                    (&all.with_state(Some(Health::PendingAuthorization)), &waiting),
                    true,
                ),
            ),
            ("empty", Self::new(shell(), NOW, (&all, &empty), true)),
        ]
    }
}

fn found() -> Found {
    let rows = samples::authorizers();
    let count = |one: &crate::domain::authorizer::Authorizer| Count {
        component: one.key.component.clone(),
        health: one.health,
        count: 1,
    };
    Found {
        counts: rows.iter().map(count).collect(),
        page: Page { next: Cursor::parse("90.1795228508.wx6f2c1d9e8b7a4035.wx2"), rows },
        open: [open(None), open(Some("wx3f1a9c025b77d410"))].into_iter().flatten().collect(),
        asked: vec![held("wx3f1a9c025b7000aa")],
        claimed: vec![held("wx3f1a9c025b77d410")],
    }
}

fn held(appid: &str) -> Waiting {
    Waiting {
        account: AuthorizerAppid::parse(appid).ok(),
        received_at: ago(9),
        problem: GrantProblem::BelongsToAnotherTenant,
    }
}

fn open(expected: Option<&str>) -> Option<OpenAuthorization> {
    Some(OpenAuthorization {
        authorization: Authorization {
            id: AuthorizationId::parse("a-sample").ok()?,
            component: ComponentAppid::parse("wx6f2c1d9e8b7a4035").ok()?,
            tenant: TenantId::parse("t-sample").ok()?,
            user: None,
            auth_type: AuthType::Both,
            expected_appid: expected.and_then(|appid| AuthorizerAppid::parse(appid).ok()),
            status: AuthorizationStatus::Started,
            problem: None,
            authorizer: None,
            created_at: ago(4),
            asked_at: ago(4),
            finished_at: None,
            code_expires_at: ahead(26),
            link: None,
        },
        entry: OneTimeToken::new("entry-of-a-sample"),
    })
}
