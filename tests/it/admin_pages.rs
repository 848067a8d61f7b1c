//! The platform's pages on the running portal: what an administrator enters, and what is shown of it afterwards.

use hufu::domain::ids::ComponentAppid;
use hufu::secret::Secret as _;
use hufu::store::{app_user, component, membership};

use crate::harness::{Browser, Database, PASSWORD, Portal};

const APPID: &str = "wx5a6e6d0b0c0d0e0f";
const SECRET: &str = "appsecret-0123456789";
const KEY: &str = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG";
const OTHER_KEY: &str = "GFEDCBA9876543210zyxwvutsrqponmlkjihgfedcba";

async fn office(db: &Database) -> (Portal, Browser) {
    let portal = Portal::start(db).await;
    portal.admin("boss").await;
    let mut boss = portal.signed_in("boss").await;
    assert_eq!(boss.get("/admin/users").await.status, 200);
    (portal, boss)
}

on_both_databases!(a_component_is_entered_once_and_its_secrets_are_never_shown, |db| async move {
    let (portal, mut boss) = office(&db).await;
    let fields = |key| {
        [("appid", APPID), ("name", "平台"), ("appsecret", SECRET), ("token", "pushtoken"), ("aes_key", key)]
    };
    let refused = boss.post("/admin/components", &fields("short")).await;
    assert_eq!(refused.status, 422);
    assert!(refused.body.contains("43 位字母和数字") && refused.body.contains(APPID));
    assert!(!refused.body.contains(SECRET) && !refused.body.contains("pushtoken"));

    let added = boss.post("/admin/components", &fields(KEY)).await;
    assert_eq!((added.status, added.location()), (303, &*format!("/admin/components/{APPID}")));
    let page = boss.get(added.location()).await;
    let base = portal.running.url.as_str();
    for value in [format!("{base}wechat/{APPID}/events"), format!("{base}wechat/{APPID}/messages/$APPID$")] {
        assert!(page.body.contains(&value), "{value} is missing");
    }
    for secret in [SECRET, "pushtoken", KEY] {
        assert!(!page.body.contains(secret), "{secret} is shown");
    }
    assert_eq!(boss.post("/admin/components", &fields(KEY)).await.status, 422, "there is one already");
    portal.stop().await;
});

on_both_databases!(changed_credentials_keep_the_old_ones_beside_them, |db| async move {
    let (portal, mut boss) = office(&db).await;
    let first =
        [("appid", APPID), ("name", "平台"), ("appsecret", SECRET), ("token", "pushtoken"), ("aes_key", KEY)];
    boss.post("/admin/components", &first).await;
    let here = format!("/admin/components/{APPID}");
    boss.get(&here).await;

    let blank = [("name", "新名字"), ("appsecret", ""), ("token", " "), ("aes_key", OTHER_KEY)];
    assert_eq!(boss.post(&here, &blank).await.status, 303);
    let appid = ComponentAppid::parse(APPID).unwrap();
    let mut tx = portal.cx().store.read().await.unwrap();
    let stored = component::config(&mut tx, &portal.cx().vault, &appid).await.unwrap().unwrap();
    assert_eq!((stored.name.as_str(), stored.appsecret.expose()), ("新名字", SECRET));
    assert!(stored.token.matches("pushtoken") && stored.previous_token.is_none());
    assert!(stored.aes_key.matches(OTHER_KEY) && stored.previous_aes_key.unwrap().matches(KEY));
    drop(tx);

    assert_eq!(boss.post(&here, &[("name", ""), ("token", "no")]).await.status, 422);
    assert_eq!(boss.post("/admin/components/wxnothing", &blank).await.status, 404);
    portal.stop().await;
});

on_both_databases!(a_tenant_gets_members_and_a_name, |db| async move {
    let (portal, mut boss) = office(&db).await;
    let wrong = boss.post("/admin/tenants", &[("name", " "), ("slug", "A B")]).await;
    assert_eq!(wrong.status, 422);
    let made = boss.post("/admin/tenants", &[("name", "青禾茶业"), ("slug", "qinghe")]).await;
    assert_eq!(made.status, 303);
    let here = made.location().to_owned();
    assert_eq!(boss.post("/admin/tenants", &[("name", "另一家"), ("slug", "qinghe")]).await.status, 422);

    let member = [("email", "chen@example.com"), ("role", "operator")];
    let chen = portal.user("chen", None).await;
    let invited = boss.post(&format!("{here}/members"), &member).await;
    assert_eq!(invited.status, 200);
    let link = invited.body.split("/invitation/").nth(1).unwrap().split(['"', '<']).next().unwrap();
    let path = format!("/invitation/{link}");
    assert!(boss.get(&here).await.body.contains("chen@example.com"), "invited");
    let mut accepting = portal.signed_in("chen").await;
    accepting.get(&path).await;
    assert_eq!(accepting.post(&path, &[]).await.status, 303);
    assert_eq!(boss.post(&format!("{here}/name"), &[("name", "见 https://example.com")]).await.status, 422);
    assert_eq!(boss.post(&format!("{here}/name"), &[("name", "青禾")]).await.status, 303);
    assert!(boss.get(&here).await.body.contains("<h1>青禾</h1>"));

    let gone = boss.post(&format!("{here}/members/{}/remove", chen.id), &[]).await;
    assert_eq!(gone.status, 303);
    let mut tx = portal.cx().store.read().await.unwrap();
    assert!(membership::list_of_user(&mut tx, &chen.id).await.unwrap().is_empty());
    drop(tx);
    assert_eq!(boss.get("/admin/tenants/nothing").await.status, 404);
    portal.stop().await;
});

on_both_databases!(a_user_is_made_shut_out_and_let_in_again, |db| async move {
    let (portal, mut boss) = office(&db).await;
    let acme = portal.tenant("acme").await;
    let chen = |password| {
        [
            ("email", "Chen@Example.com"),
            ("name", "陈晓"),
            ("password", password),
            ("tenant", acme.as_str()),
            ("role", "viewer"),
        ]
    };
    let short = boss.post("/admin/users", &chen("short")).await;
    assert_eq!(short.status, 422);
    assert!(short.body.contains("12 个字符") && !short.body.contains("value=\"short\""));
    assert_eq!(boss.post("/admin/users", &chen(PASSWORD)).await.status, 303);
    assert_eq!(boss.post("/admin/users", &chen(PASSWORD)).await.status, 422, "the address is taken");
    let mut browser = portal.signed_in("chen").await;
    assert_eq!(browser.get("/authorizers").await.status, 200);

    let mut tx = portal.cx().store.read().await.unwrap();
    let users = app_user::list(&mut tx, 10).await.unwrap();
    drop(tx);
    let id = |email: &str| users.iter().find(|user| user.email.as_str() == email).unwrap().id.to_string();
    assert_eq!(boss.post(&format!("/admin/users/{}/disable", id("chen@example.com")), &[]).await.status, 303);
    assert_eq!(browser.get("/authorizers").await.status, 303, "the session is over at once");
    assert_eq!(boss.post(&format!("/admin/users/{}/enable", id("chen@example.com")), &[]).await.status, 303);
    portal.signed_in("chen").await;

    boss.get("/admin/users").await;
    boss.post(&format!("/admin/users/{}/disable", id("boss@example.com")), &[]).await;
    let page = boss.get("/admin/users").await;
    assert!(page.body.contains("最后一位能登录的平台管理员"), "nobody locks everybody out");
    portal.stop().await;
});
