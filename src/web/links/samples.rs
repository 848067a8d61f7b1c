//! Links for the samples of their views.

use url::Url;

use crate::domain::authorization::{AuthType, Authorization, AuthorizationStatus, GrantProblem};
use crate::domain::ids::{AuthorizationId, AuthorizerAppid, BadId, ComponentAppid, MerchantLinkId, TenantId};
use crate::domain::merchant_link::{MerchantLink, Way};
use crate::domain::user::Email;
use crate::service::create_link::Handed;
use crate::service::list_links::Link;
use crate::service::open_link::Invitation;
use crate::web::samples::{ago, ahead};

const URL: &str = "https://hufu.example/connect/SampleTokenSampleTokenSampleTokenSample0";

#[expect(clippy::expect_used, reason = "fixed texts, read by every run of the tests")]
fn handed(id: &str, label: &str) -> Handed {
    Handed { link: link(id, label).expect("fixed ids"), url: Url::parse(URL).expect("a fixed URL") }
}

fn link(id: &str, label: &str) -> Result<MerchantLink, BadId> {
    Ok(MerchantLink {
        id: MerchantLinkId::parse(id)?,
        tenant: TenantId::parse("t-sample")?,
        label: label.to_owned(),
        email: None,
        lang: None,
        component: None,
        auth_type: AuthType::Both,
        way: Way::Any,
        locked: None,
        most_uses: Some(1),
        uses: 0,
        created_by: None,
        created_at: ago(60),
        expires_at: ahead(60 * 24 * 7 - 60),
        revoked_at: None,
        sent_at: None,
        opened: 0,
        first_opened_at: None,
        last_opened_at: None,
    })
}

fn untouched(handed: Handed) -> Link {
    Link { handed, started: 0, failed: 0, last_problem: None }
}

/// New, tried, finished, expired, revoked.
pub fn links() -> Vec<Link> {
    let change = |number: &str, label: &str, with: &dyn Fn(&mut MerchantLink)| {
        let mut handed = handed(number, label);
        with(&mut handed.link);
        untouched(handed)
    };
    let opened = |link: &mut MerchantLink, browsers| {
        link.opened = browsers;
        link.first_opened_at = Some(ago(50));
        link.last_opened_at = Some(ago(12));
    };
    let tried = change("l2", "西湖店 王店长", &|link| {
        opened(link, 2);
        link.locked = AuthorizerAppid::parse("wxaaaaaaaaaaaaaaaa").ok();
        link.auth_type = AuthType::OfficialAccount;
        link.email = Email::parse("wang@example.com").ok();
        link.sent_at = Some(ago(58));
    });
    vec![
        change("l1", "新店 · 等店长回复", &|_| {}),
        Link { started: 3, failed: 1, last_problem: Some(GrantProblem::WrongAccount), ..tried },
        Link {
            started: 1,
            ..change("l3", "青禾商城", &|link| {
                opened(link, 1);
                link.uses = 1;
            })
        },
        change(
            "l4",
            "Long-standing partner with a rather long name, second office, for the attention of Ms Li",
            &|link| {
                link.expires_at = ago(30);
                link.created_at = ago(60 * 24 * 7);
            },
        ),
        change("l5", "发错人了", &|link| link.revoked_at = Some(ago(5))),
        Link {
            started: 12,
            ..change("l6", "加盟店统一入口", &|link| {
                opened(link, 50);
                link.most_uses = None;
                link.uses = 9;
            })
        },
    ]
}

/// What was begun with the second link.
pub fn attempts() -> Vec<Authorization> {
    let all = [
        (AuthorizationStatus::Started, None, 2),
        (AuthorizationStatus::Failed, Some(GrantProblem::WrongAccount), 12),
        (AuthorizationStatus::Lapsed, None, 50),
    ];
    all.into_iter().filter_map(|(status, problem, minutes)| attempt(status, problem, minutes).ok()).collect()
}

fn attempt(
    status: AuthorizationStatus,
    problem: Option<GrantProblem>,
    minutes: u64,
) -> Result<Authorization, BadId> {
    Ok(Authorization {
        id: AuthorizationId::parse("a-sample")?,
        component: ComponentAppid::parse("wx1111111111111111")?,
        tenant: TenantId::parse("t-sample")?,
        user: None,
        auth_type: AuthType::OfficialAccount,
        expected_appid: None,
        status,
        problem,
        authorizer: None,
        created_at: ago(minutes),
        asked_at: ago(minutes),
        finished_at: problem.map(|_| ago(minutes - 1)),
        code_expires_at: if minutes < 10 { ahead(8) } else { ago(minutes - 10) },
        link: MerchantLinkId::parse("l2").ok(),
    })
}

/// What a merchant is shown.
pub fn invitation(way: Way) -> Invitation {
    let mut handed = handed("l1", "西湖店");
    handed.link.way = way;
    Invitation {
        handed,
        tenant_name: "青禾茶业".to_owned(),
        component_name: "青禾开放平台".to_owned(),
        account_name: None,
        sets: Vec::new(),
        logo: None,
    }
}

/// The same for one account only, that granted before.
pub fn locked_invitation() -> Invitation {
    let mut invitation = invitation(Way::Any);
    let link = &mut invitation.handed.link;
    link.locked = AuthorizerAppid::parse("wxaaaaaaaaaaaaaaaa").ok();
    link.auth_type = AuthType::OfficialAccount;
    Invitation {
        account_name: Some("青禾茶业服务号".to_owned()),
        sets: vec![1, 2, 3, 11, 15, 17],
        ..invitation
    }
}
