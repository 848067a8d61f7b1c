//! One attempt for the samples of this flow's views.

use std::time::Duration;

use url::Url;

use super::outcome_view::{Attempt, Insider, OutcomeView};
use crate::clock::Timestamp;
use crate::domain::authorization::{AuthType, Authorization, AuthorizationStatus, GrantProblem};
use crate::domain::health::Health;
use crate::domain::ids::{AuthorizationId, AuthorizerAppid, ComponentAppid, TenantId};
use crate::domain::merchant_link::Way;
use crate::domain::text::Lang;
use crate::service::enter_authorization::Entry;
use crate::service::finish_authorization::ReturnRefused;
use crate::web::parts::Badge;
use crate::web::samples::NOW;
use crate::web::shell::Shell;

/// `locked`: a re-authorisation of one account.
#[expect(clippy::expect_used, reason = "fixed texts, read by every run of the tests")]
pub(super) fn entry(locked: bool, code_expires_at: Timestamp) -> Entry {
    let url = |text| Url::parse(text).expect("a fixed URL");
    Entry {
        authorization: Authorization {
            id: AuthorizationId::parse("006b0130dcAbCdEfGhIjKlMnOp").expect("a fixed id"),
            component: ComponentAppid::parse("wx1111111111111111").expect("a fixed id"),
            tenant: TenantId::parse("t-sample").expect("a fixed id"),
            user: None,
            auth_type: if locked { AuthType::OfficialAccount } else { AuthType::Both },
            expected_appid: locked.then(|| AuthorizerAppid::parse("wxaaaaaaaaaaaaaaaa").expect("a fixed id")),
            status: AuthorizationStatus::Started,
            problem: None,
            authorizer: None,
            created_at: NOW,
            asked_at: NOW,
            finished_at: None,
            code_expires_at,
            link: None,
        },
        tenant_name: "青禾茶业".to_owned(),
        component_name: "青禾开放平台".to_owned(),
        account_name: locked.then(|| "青禾茶业服务号".to_owned()),
        pc_url: url("https://mp.weixin.qq.com/cgi-bin/componentloginpage?component_appid=wx1111111111111111"),
        h5_url: url(
            "https://open.weixin.qq.com/wxaopen/safe/bindcomponent?action=bindcomponent#wechat_redirect",
        ),
        entry_url: url("https://hufu.example/authorize/sample-entry"),
        way: Way::Any,
        lapsed: code_expires_at <= NOW,
        new_device: None,
    }
}

impl OutcomeView {
    pub fn samples(lang: Lang) -> Vec<(&'static str, Self)> {
        let inside = || Shell::sample(lang);
        let outside = || Shell { user: None, tenant: None, ..Shell::sample(lang) };
        let show = |status, problem, shell: Shell, insider| {
            let mut entry = entry(true, NOW.plus(Duration::from_secs(60)));
            entry.authorization.status = status;
            entry.authorization.problem = problem;
            let other = AuthorizerAppid::parse("wxbbbbbbbbbbbbbbbb").ok();
            let wrong = problem == Some(GrantProblem::WrongAccount);
            let came = if wrong { other } else { entry.authorization.expected_appid.clone() };
            entry.authorization.authorizer = came;
            let attempt = Attempt { entry: &entry, token: "sample-entry", account: None, insider };
            Self::of(shell, &attempt)
        };
        use AuthorizationStatus as Status;
        let good = Badge::of(Health::Healthy, lang);
        let mut views = vec![
            ("exchanging", show(Status::Exchanging, None, inside(), Insider::Member)),
            (
                "finished",
                Self { badge: Some(good), ..show(Status::Finished, None, inside(), Insider::Member) },
            ),
            ("finished_elsewhere", show(Status::Finished, None, outside(), Insider::Stranger)),
            ("finished_merchant", show(Status::Finished, None, outside(), Insider::Merchant)),
            ("lapsed_merchant", show(Status::Lapsed, None, outside(), Insider::Merchant)),
            ("exchanging_merchant", show(Status::Exchanging, None, outside(), Insider::Merchant)),
            ("lapsed", show(Status::Lapsed, None, outside(), Insider::Stranger)),
            ("not_finished", Self::not_finished(inside())),
            ("unknown_state", Self::refused(outside(), ReturnRefused::UnknownState)),
            ("state_used", Self::refused(inside(), ReturnRefused::StateUsed)),
        ];
        views.extend(GrantProblem::ALL.map(|problem| {
            (problem.as_str(), show(Status::Failed, Some(problem), inside(), Insider::Member))
        }));
        let failed = |problem| show(Status::Failed, Some(problem), outside(), Insider::Merchant);
        views.extend([
            ("wrong_account_merchant", failed(GrantProblem::WrongAccount)),
            ("waits_merchant", failed(GrantProblem::BelongsToAnotherTenant)),
            ("code_expired_merchant", failed(GrantProblem::CodeExpired)),
        ]);
        views
    }
}
