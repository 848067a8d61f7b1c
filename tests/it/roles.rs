//! What a visitor is told at a door that is not theirs. That nobody passes it is shown in `routes/`, from the same table.

use hufu::domain::component::ComponentConfig;
use hufu::domain::ids::TenantId;
use hufu::domain::ids::{AuthorizerAppid, AuthorizerKey, ComponentAppid};
use hufu::domain::role::Role;
use hufu::secret::{ComponentAppsecret, EncodingAesKey, PushToken, Secret as _};
use hufu::store::authorizer_grant;
use hufu::store::component;
use hufu::web::policy::{Access, Verb};
use hufu::web::routes::TABLE;

use crate::harness::{Answer, Browser, Portal};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Route(&'static hufu::web::policy::Route);

impl Route {
    /// The address with something that does not exist in every place.
    fn path(&self) -> String {
        self.path_of("wxnothing00000000")
    }

    fn path_of(&self, value: &str) -> String {
        let mut path = String::new();
        for part in self.0.pattern.split('/').skip(1) {
            path.push('/');
            path.push_str(if part.starts_with('{') { value } else { part });
        }
        path
    }

    fn is_public(&self) -> bool {
        matches!(self.0.policy.access, Access::Open | Access::Signed | Access::Key(_) | Access::Public)
    }

    fn is_of_tenant(&self) -> bool {
        matches!(self.0.policy.access, Access::Member(_))
    }

    fn verb(&self) -> Verb {
        self.0.verb
    }
}

fn routes() -> Vec<Route> {
    TABLE.iter().map(Route).collect()
}

async fn ask(browser: &mut Browser, route: &Route, path: &str) -> Answer {
    match route.verb() {
        Verb::Get | Verb::Head => browser.get(path).await,
        Verb::Post => browser.post(path, &[]).await,
    }
}

/// Two tenants with an account each: `wxmine` of acme, `wxforeign` of other.
async fn two_tenants(portal: &Portal) -> (TenantId, TenantId) {
    let (acme, other) = (portal.tenant("acme").await, portal.tenant("other").await);
    let platform = ComponentConfig {
        appid: ComponentAppid::parse("wxcomponent").unwrap(),
        name: "平台".to_owned(),
        appsecret: ComponentAppsecret::new("appsecret"),
        token: PushToken::new("token"),
        previous_token: None,
        aes_key: EncodingAesKey::new("k".repeat(43)),
        previous_aes_key: None,
    };
    let mut tx = portal.cx().store.write().await.unwrap();
    component::put(&mut tx, &portal.cx().vault, portal.clock.now(), &platform).await.unwrap();
    for (tenant, appid) in [(&acme, "wxmine"), (&other, "wxforeign")] {
        let key = AuthorizerKey {
            component: platform.appid.clone(),
            authorizer: AuthorizerAppid::parse(appid).unwrap(),
        };
        authorizer_grant::insert(&mut tx, &key, tenant, portal.clock.now()).await.unwrap();
    }
    tx.commit().await.unwrap();
    (acme, other)
}

on_both_databases!(without_a_session_every_page_leads_to_sign_in_and_no_form_is_taken, |db| async {
    let portal = Portal::start(&db).await;
    for route in routes().iter().filter(|route| !route.is_public()) {
        let mut nobody = portal.browser();
        nobody.get("/sign-in").await;
        let answer = ask(&mut nobody, route, &route.path()).await;
        match route.verb() {
            Verb::Get | Verb::Head => {
                assert_eq!(answer.status, 303, "{route:?}");
                let back: String = url::form_urlencoded::byte_serialize(route.path().as_bytes()).collect();
                let expected = if route.path() == "/" { String::new() } else { format!("?next={back}") };
                assert_eq!(answer.location(), format!("/sign-in{expected}"), "{route:?}");
            }
            Verb::Post => {
                assert_eq!(answer.status, 303, "{route:?}");
                assert_eq!(answer.location(), "/sign-in", "{route:?}");
            }
        }
    }
    portal.stop().await;
});

on_both_databases!(another_tenants_account_is_the_same_404_as_none, |db| async {
    let portal = Portal::start(&db).await;
    let (acme, _) = two_tenants(&portal).await;
    portal.user("chen", Some((&acme, Role::Owner))).await;
    let mut browser = portal.signed_in("chen").await;
    browser.get("/authorize").await;
    let of_an_account =
        |route: &Route| route.is_of_tenant() && route.0.pattern.contains("{authorizer_appid}");
    for route in routes().iter().filter(|route| of_an_account(route)) {
        let foreign = ask(&mut browser, route, &route.path_of("wxforeign")).await;
        let missing = ask(&mut browser, route, &route.path_of("wxmissing")).await;
        assert_eq!(foreign.status, 404, "{route:?}");
        assert_eq!(missing.status, 404, "{route:?}");
        let (foreign, missing) = (foreign.plain(), missing.plain().replace("wxmissing", "wxforeign"));
        assert!(foreign == missing, "{route:?}: the pages differ");
    }
    portal.stop().await;
});

on_both_databases!(every_page_forbids_what_it_does_not_need, |db| async {
    let portal = Portal::start(&db).await;
    let mut browser = portal.browser();
    for path in ["/sign-in", "/nowhere", "/setup/none"] {
        let answer = browser.get(path).await;
        let policy = answer.header("content-security-policy");
        assert!(policy.starts_with("default-src 'none'") && !policy.contains("unsafe"), "{path}: {policy}");
        assert_eq!(answer.header("x-content-type-options"), "nosniff");
        assert_eq!(answer.header("x-request-id").len(), 16);
        assert_eq!(answer.header("cache-control"), "no-store", "{path}");
    }
    assert_eq!(browser.get("/sign-in").await.header("referrer-policy"), "strict-origin-when-cross-origin");
    portal.stop().await;
});
