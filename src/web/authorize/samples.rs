//! One attempt for the samples of this flow's views.

use url::Url;

use crate::clock::Timestamp;
use crate::domain::authorization::{AuthType, Authorization, AuthorizationStatus};
use crate::domain::ids::{AuthorizationId, AuthorizerAppid, ComponentAppid, TenantId};
use crate::service::enter_authorization::Entry;
use crate::web::samples::NOW;

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
            finished_at: None,
            code_expires_at,
        },
        tenant_name: "青禾茶业".to_owned(),
        component_name: "青禾开放平台".to_owned(),
        account_name: locked.then(|| "青禾茶业服务号".to_owned()),
        pc_url: url("https://mp.weixin.qq.com/cgi-bin/componentloginpage?component_appid=wx1111111111111111"),
        h5_url: url(
            "https://open.weixin.qq.com/wxaopen/safe/bindcomponent?action=bindcomponent#wechat_redirect",
        ),
        entry_url: url("https://hufu.example/authorize/sample-entry"),
        lapsed: code_expires_at <= NOW,
        new_device: None,
    }
}
