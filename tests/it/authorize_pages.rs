//! The authorisation flow as browsers see it: the way to WeChat, the way back, and what is said at the end.

use hufu::domain::audit::Actor;
use hufu::domain::authorization::{AuthType, AuthorizationStatus};
use hufu::domain::role::Role;
use hufu::domain::user::Email;
use hufu::sandbox::GrantRequest;
use hufu::service::disable_user::{self, Access};
use hufu::service::{ServiceError, change_membership, start_authorization};
use hufu::store::{app_user, authorization};
use url::Url;

use crate::engine::world::{EXCHANGE, SHOP, World};
use crate::harness::{Answer, Browser, Database};

const PREAUTH: &str = "/cgi-bin/component/api_create_preauthcode";
const PHONE: &str = "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5) Mobile/15E148 MicroMessenger/8.0.49";

/// A world in which `chen` operates the tenant `acme`, and chen's browser.
async fn world(db: &Database) -> (World, Browser) {
    let world = World::new(db).await;
    world.portal.user("chen", Some((&world.acme, Role::Operator))).await;
    let chen = world.portal.signed_in("chen").await;
    (world, chen)
}

/// Presses the button; the path of the entry page.
async fn press(browser: &mut Browser) -> String {
    assert_eq!(browser.get("/authorize").await.status, 200);
    let answer = browser.post("/authorize", &[("auth_type", "3")]).await;
    assert_eq!(answer.status, 303, "{}", answer.body);
    answer.location().to_owned()
}

/// Where a link of the page leads.
fn href(page: &Answer, id: &str) -> Url {
    let tag = page.body.split(&format!("<a id=\"{id}\"")).nth(1).expect("the link is there");
    let href = tag.split("href=\"").nth(1).unwrap().split('"').next().unwrap();
    Url::parse(&href.replace("&#38;", "&").replace("&amp;", "&")).unwrap()
}

fn pair(url: &Url, name: &str) -> String {
    url.query_pairs().find(|(key, _)| key == name).expect("the parameter is there").1.into_owned()
}

/// The account's administrator consents on WeChat's page; the path WeChat sends the browser back to.
fn consent(world: &World, page: &Answer, account: &str, push: bool) -> String {
    let go = href(page, "go");
    let grant = GrantRequest {
        pre_auth_code: Some(pair(&go, "pre_auth_code")),
        push: Some(push),
        ..GrantRequest::new(account)
    };
    let code = world.control.grant(&grant).unwrap();
    let mut back = Url::parse(&pair(&go, "redirect_uri")).unwrap();
    back.query_pairs_mut().append_pair("auth_code", &code).append_pair("expires_in", "3600");
    format!("{}?{}", back.path(), back.query().unwrap())
}

/// How the newest attempt stands.
async fn status(world: &World, entry: &str) -> AuthorizationStatus {
    let token = entry.strip_prefix("/authorize/").unwrap();
    let mut tx = world.cx().store.read().await.unwrap();
    let opened = authorization::find_by_entry(&mut tx, &world.cx().vault, token).await.unwrap().unwrap();
    opened.authorization.status
}

on_both_databases!(the_entry_page_shows_wechat_where_it_is, |db| async move {
    let (world, mut chen) = world(&db).await;
    let entry = press(&mut chen).await;

    let page = chen.get(&entry).await;
    assert_eq!((page.status, page.header("referrer-policy")), (200, "origin"));
    assert!(page.body.contains("referrerpolicy=\"origin\""));
    assert!(page.body.contains("公司 acme") && page.body.contains("class=\"qr\""));
    let go = href(&page, "go");
    assert_eq!(go.path(), "/cgi-bin/componentloginpage");
    let back = Url::parse(&pair(&go, "redirect_uri")).unwrap();
    assert_eq!(back.host_str(), world.portal.running.url.host_str(), "the way back is on the same domain");

    let mut phone = world.portal.browser();
    phone.headers = vec![("user-agent", PHONE.to_owned())];
    let page = phone.get(&entry).await;
    assert_eq!((page.status, page.header("referrer-policy")), (200, "origin"));
    assert_eq!(href(&page, "go").path(), "/wxaopen/safe/bindcomponent");
    assert_eq!(href(&page, "go-other").path(), "/cgi-bin/componentloginpage");
    assert!(phone.cookies.contains_key("hufu_device") && !page.body.contains("class=\"qr\""));
    assert!(!chen.cookies.contains_key("hufu_device"), "chen's browser asked itself");
    assert_eq!(chen.get("/authorize/unknown-entry").await.status, 404);
    world.end().await;
});

on_both_databases!(no_document_hides_where_it_is, |db| async move {
    let (world, mut chen) = world(&db).await;
    world.portal.admin("boss").await;
    let mut boss = world.portal.signed_in("boss").await;
    let entry = press(&mut chen).await;
    let result = format!("{entry}/result");
    let mut seen = 0;
    for path in
        ["/", "/authorizers", "/authorize", "/sign-in", "/nowhere", "/authorize/callback", &entry, &result]
    {
        seen += usize::from(shows_its_origin(&chen.get(path).await, path));
    }
    for path in ["", "/components", "/authorizers", "/tenants", "/users", "/unclaimed"] {
        let path = format!("/admin{path}");
        seen += usize::from(shows_its_origin(&boss.get(&path).await, &path));
    }
    assert!(seen > 10, "only {seen} of them were documents");
    world.end().await;
});

/// Whether it is a document; one that lets its origin be seen.
fn shows_its_origin(page: &Answer, path: &str) -> bool {
    if page.status == 303 {
        return false;
    }
    let policy = page.header("referrer-policy");
    assert!(matches!(policy, "origin" | "strict-origin-when-cross-origin"), "{path}: {policy}");
    assert!(!page.body.contains("name=\"referrer\""), "{path}");
    true
}

on_both_databases!(a_return_that_cannot_be_trusted_changes_nothing, |db| async move {
    let (world, mut chen) = world(&db).await;
    let entry = press(&mut chen).await;
    let page = chen.get(&entry).await;
    let back = consent(&world, &page, SHOP, false);

    let without_code = back.replace("auth_code=", "other=");
    let answer = chen.get(&without_code).await;
    assert_eq!(answer.status, 200, "cancelled at WeChat: friendly, and still open");
    for wrong in
        ["/authorize/callback", "/authorize/callback?auth_code=x", "/authorize/callback?state=x&auth_code=y"]
    {
        assert_eq!(chen.get(wrong).await.status, 400, "{wrong}");
    }
    let mut stranger = world.portal.browser();
    assert_eq!(stranger.get(&back).await.status, 400, "another browser brings the right state");
    assert_eq!(status(&world, &entry).await, AuthorizationStatus::Started);
    assert_eq!(world.calls(EXCHANGE, ""), 0);
    assert!(world.row(&world.acme, SHOP).await.is_none());

    let answer = chen.get(&back).await;
    assert_eq!((answer.status, answer.location()), (303, &*format!("{entry}/result")));
    assert_eq!(
        (answer.header("cache-control"), answer.header("referrer-policy")),
        ("no-store", "no-referrer")
    );
    world.tick().await;
    let done = chen.get(answer.location()).await;
    assert!(done.body.contains("授权成功") && done.body.contains(&format!("/authorizers/{SHOP}")));
    assert!(!done.body.contains("http-equiv=\"refresh\""), "nothing is waited for any more");

    assert_eq!(chen.get(&back).await.status, 303, "a reload is the same return");
    let another_code = back.replace("auth_code=", "auth_code=z");
    assert_eq!(chen.get(&another_code).await.status, 400);
    assert_eq!(world.calls(EXCHANGE, ""), 1);
    world.end().await;
});

on_both_databases!(another_device_may_finish_what_was_asked_for_elsewhere, |db| async move {
    let (world, mut chen) = world(&db).await;
    let entry = press(&mut chen).await;
    let mut phone = world.portal.browser();
    phone.headers = vec![("user-agent", PHONE.to_owned())];
    let page = phone.get(&entry).await;

    let answer = phone.get(&consent(&world, &page, SHOP, true)).await;
    assert_eq!(answer.status, 303);
    world.pushed().await;
    let done = phone.get(answer.location()).await;
    assert!(done.body.contains("授权成功"), "{}", done.body);
    assert!(!done.body.contains("href=\"/authorizers"), "a stranger is led nowhere");
    let own = chen.get(&entry).await;
    assert!(own.body.contains("授权成功"), "the entry page shows how it ended");
    world.end().await;
});

on_both_databases!(a_lapsed_link_is_renewed_with_its_purpose, |db| async move {
    let (world, mut chen) = world(&db).await;
    world.authorize(&world.acme, SHOP).await;
    chen.get("/authorize").await;
    let answer = chen.post(&format!("/authorizers/{SHOP}/reauthorize"), &[]).await;
    assert_eq!(answer.status, 303, "{}", answer.body);
    let entry = answer.location().to_owned();
    assert!(chen.get(&entry).await.body.contains(SHOP), "the page says which account is accepted");

    world.skip(3600);
    let mut phone = world.portal.browser();
    let page = phone.get(&entry).await;
    assert!(page.body.contains("已过期") && !page.body.contains("id=\"go\""));
    world.tick().await;
    let answer = phone.post(&format!("{entry}/renew"), &[]).await;
    assert_eq!(answer.status, 303, "{}", answer.body);
    assert_ne!(answer.location(), entry);
    let page = phone.get(answer.location()).await;
    assert_eq!(pair(&href(&page, "go"), "biz_appid"), SHOP);
    world.end().await;
});

/// Opens an entry page of chen's that somebody else was sent; the browser of that somebody.
async fn passed_on(world: &World, chen: &mut Browser) -> (Browser, String) {
    let entry = press(chen).await;
    let mut phone = world.portal.browser();
    phone.get("/sign-in").await;
    assert_eq!(phone.get(&entry).await.status, 200);
    (phone, entry)
}

on_both_databases!(an_entry_page_is_renewed_for_a_day_and_not_when_it_is_done, |db| async move {
    let (world, mut chen) = world(&db).await;
    let (mut phone, old) = passed_on(&world, &mut chen).await;
    let entry = press(&mut chen).await;
    let page = chen.get(&entry).await;
    let back = chen.get(&consent(&world, &page, SHOP, false)).await;
    assert_eq!(back.status, 303);
    world.tick().await;
    let calls = world.calls(PREAUTH, "");
    let done = chen.post(&format!("{entry}/renew"), &[]).await;
    assert_eq!((done.status, done.location()), (303, &*entry), "the page says how it ended");
    assert!(chen.get(&entry).await.body.contains("授权成功"));

    world.skip(24 * 3600);
    phone.get(&old).await;
    let late = phone.post(&format!("{old}/renew"), &[]).await;
    assert_eq!(late.status, 410);
    assert!(late.body.contains("授权页已过期") && late.body.contains("请他重新发起"), "{}", late.body);
    assert_eq!(world.calls(PREAUTH, ""), calls, "WeChat was not bothered");
    world.end().await;
});

on_both_databases!(a_day_is_a_day_however_often_an_entry_page_is_renewed, |db| async move {
    let (world, mut chen) = world(&db).await;
    let (mut phone, first) = passed_on(&world, &mut chen).await;
    let mut page = first;
    for _ in 0..4 {
        world.after(6 * 3600 - 30).await;
        phone.get(&page).await;
        let renewed = phone.post(&format!("{page}/renew"), &[]).await;
        assert_eq!(renewed.status, 303);
        page = renewed.location().to_owned();
    }
    world.skip(120);
    phone.get(&page).await;

    let late = phone.post(&format!("{page}/renew"), &[]).await;

    assert_eq!(late.status, 410, "{}", late.body);
    world.end().await;
});

on_both_databases!(nothing_is_begun_into_a_suspended_tenant, |db| async move {
    let (world, mut chen) = world(&db).await;
    let (mut phone, entry) = passed_on(&world, &mut chen).await;
    let calls = world.calls(PREAUTH, "");
    db.execute("UPDATE tenant SET suspended_at = 1 WHERE slug = 'acme'").await.unwrap();

    let page = phone.get(&entry).await;
    assert!(!page.body.contains("id=\"go\""), "the page that was open leads nowhere any more");
    let refused = phone.post(&format!("{entry}/renew"), &[]).await;
    assert_eq!(refused.status, 410);
    assert!(refused.body.contains("目前不能接入") && refused.body.contains("请联系"), "{}", refused.body);
    let request = start_authorization::Request {
        tenant: world.acme.clone(),
        user: None,
        session_hash: None,
        component: None,
        auth_type: AuthType::Both,
        expected_appid: None,
        link: None,
        asked_at: None,
    };
    let begun = start_authorization::run(world.cx(), world.now(), &Actor::cli(), request).await;
    assert!(matches!(begun, Err(ServiceError::Conflict(_))));
    assert_eq!(world.calls(PREAUTH, ""), calls, "WeChat was not bothered");

    db.execute("UPDATE tenant SET suspended_at = NULL WHERE slug = 'acme'").await.unwrap();
    assert!(phone.get(&entry).await.body.contains("id=\"go\""), "nothing was lost");
    assert_eq!(phone.post(&format!("{entry}/renew"), &[]).await.status, 303);
    world.end().await;
});

on_both_databases!(who_may_not_begin_any_more_does_not_by_an_old_page_either, |db| async move {
    let (world, mut chen) = world(&db).await;
    let (mut phone, entry) = passed_on(&world, &mut chen).await;
    let (cx, now, by, acme) = (world.cx(), world.now(), Actor::cli(), world.acme.clone());
    let email = Email::parse("chen@example.com").unwrap();
    let found = app_user::find_by_email(&mut cx.store.read().await.unwrap(), &email).await.unwrap();
    let id = found.unwrap().0.id;
    let calls = world.calls(PREAUTH, "");
    let renew = format!("{entry}/renew");

    change_membership::run(cx, now, &by, &acme, &id, Some(Role::Viewer)).await.unwrap();
    let refused = phone.post(&renew, &[]).await;
    assert_eq!(refused.status, 410, "only looks on by now");
    assert!(refused.body.contains("已不再管理") && refused.body.contains("其他同事"), "{}", refused.body);
    change_membership::run(cx, now, &by, &acme, &id, Some(Role::Operator)).await.unwrap();
    disable_user::run(cx, now, &by, &id, Access::Disabled).await.unwrap();
    assert_eq!(phone.post(&renew, &[]).await.status, 410, "shut out");
    disable_user::run(cx, now, &by, &id, Access::Enabled).await.unwrap();
    assert_eq!(phone.post(&renew, &[]).await.status, 303, "nothing was lost");
    change_membership::run(cx, now, &by, &acme, &id, None).await.unwrap();
    assert_eq!(phone.post(&renew, &[]).await.status, 410, "dismissed");
    assert_eq!(world.calls(PREAUTH, ""), calls + 1);
    world.end().await;
});

on_both_databases!(an_entry_page_is_renewed_at_a_pace, |db| async move {
    let (world, mut chen) = world(&db).await;
    let (mut phone, entry) = passed_on(&world, &mut chen).await;
    let calls = world.calls(PREAUTH, "");
    let renew = format!("{entry}/renew");
    for press in 0..8 {
        assert_eq!(phone.post(&renew, &[]).await.status, 303, "press {press}");
    }
    let refused = phone.post(&renew, &[]).await;
    assert_eq!(refused.status, 429);
    assert!(refused.body.contains("操作太频繁") && refused.body.contains(&format!("href=\"{entry}\"")));
    assert_eq!(world.calls(PREAUTH, ""), calls + 8);
    world.skip(60);

    // Each renewal has a page of its own: going from one to the next meets the pace of the address.
    let mut next = entry;
    let mut statuses = Vec::new();
    for _ in 0..45 {
        let answer = phone.post(&format!("{next}/renew"), &[]).await;
        statuses.push(answer.status);
        if answer.status == 303 {
            next = answer.location().to_owned();
        }
    }
    assert_eq!(statuses[0], 303, "rested");
    assert_eq!(statuses[44], 429);
    assert!(world.calls(PREAUTH, "") < calls + 50);
    world.end().await;
});

on_both_databases!(a_wrong_account_is_refused_by_name, |db| async move {
    const OTHER: &str = "wxa0000000000000s2";
    let (world, mut chen) = world(&db).await;
    world.authorize(&world.acme, SHOP).await;
    world.account(OTHER);
    chen.get("/authorize").await;
    let answer = chen.post(&format!("/authorizers/{SHOP}/reauthorize"), &[]).await;
    let page = chen.get(answer.location()).await;

    let answer = chen.get(&consent(&world, &page, OTHER, false)).await;
    world.tick().await;
    let result = chen.get(answer.location()).await;
    assert!(result.body.contains("选择的不是原来的账号"), "{}", result.body);
    assert!(result.body.contains(SHOP) && result.body.contains(OTHER));
    assert!(world.row(&world.acme, OTHER).await.is_none());
    world.end().await;
});

on_both_databases!(both_tenants_and_the_administrator_see_why_an_account_waits, |db| async move {
    let (world, mut chen) = world(&db).await;
    world.portal.user("rivka", Some((&world.rival, Role::Owner))).await;
    world.portal.admin("boss").await;
    world.authorize(&world.acme, SHOP).await;
    let mut rivka = world.portal.signed_in("rivka").await;
    let entry = press(&mut rivka).await;
    let page = rivka.get(&entry).await;

    let answer = rivka.get(&consent(&world, &page, SHOP, false)).await;
    world.tick().await;
    let result = rivka.get(answer.location()).await;
    assert!(result.body.contains("等待确认") && !result.body.contains("公司 acme"), "{}", result.body);
    let list = rivka.get("/authorizers").await;
    assert!(list.body.contains("等待平台管理员确认") && !list.body.contains("公司 acme"));
    let list = chen.get("/authorizers").await;
    assert!(list.body.contains("另一个租户请求接入") && !list.body.contains("公司 rival"));

    let mut boss = world.portal.signed_in("boss").await;
    let waiting = boss.get("/admin/unclaimed").await;
    assert!(waiting.body.contains("公司 acme") && waiting.body.contains("公司 rival"));
    let action = waiting.body.split("action=\"/admin/unclaimed/").nth(1).unwrap().split('"').next().unwrap();
    let action = format!("/admin/unclaimed/{action}");
    let fields = [("decision", "assign"), ("tenant", world.rival.as_str())];
    assert_eq!(boss.post(&action, &fields).await.status, 303);
    assert!(world.row(&world.rival, SHOP).await.is_some() && world.row(&world.acme, SHOP).await.is_none());
    assert!(boss.get("/admin/unclaimed").await.body.contains("已归到租户"));
    assert!(!rivka.get("/authorizers").await.body.contains("等待平台管理员确认"));
    assert!(rivka.get(&entry).await.body.contains("授权成功"));
    world.end().await;
});

on_both_databases!(a_platform_that_is_not_ready_says_why_and_changes_nothing, |db| async move {
    let portal = crate::harness::Portal::start(&db).await;
    let acme = portal.tenant("acme").await;
    portal.user("chen", Some((&acme, Role::Operator))).await;
    let mut chen = portal.signed_in("chen").await;
    chen.get("/authorize").await;
    let answer = chen.post("/authorize", &[("auth_type", "1")]).await;
    assert_eq!(answer.status, 503);
    assert!(answer.body.contains("还没有配置第三方平台"), "{}", answer.body);
    assert_eq!(chen.post("/authorize", &[("auth_type", "9")]).await.status, 400);
    portal.stop().await;
});
