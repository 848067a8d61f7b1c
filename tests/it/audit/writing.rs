//! What is done through the portal is written down once, with who, from where and what; and not done otherwise.

use hufu::domain::audit::Record;
use hufu::domain::ids::TenantId;
use hufu::domain::role::Role;
use hufu::service::Context;
use hufu::store::{audit, membership, tenant};

use crate::engine::world::{SHOP, World};
use crate::harness::{Answer, Browser, PASSWORD, Portal};

async fn records(cx: &Context) -> Vec<Record> {
    audit::chain(&mut cx.store.read().await.unwrap(), 0, 1000).await.unwrap()
}

/// Exactly one record came of it, with this action and this detail.
async fn once(cx: &Context, before: usize, action: &str, answer: &Answer) -> Record {
    let mut all = records(cx).await;
    assert_eq!(all.len(), before + 1, "{action}: {:?}\n{answer:?}", &all[before..]);
    let record = all.remove(before);
    assert_eq!(record.action, action);
    record
}

async fn post(
    cx: &Context,
    browser: &mut Browser,
    path: &str,
    fields: &[(&str, &str)],
    action: &str,
) -> Record {
    let before = records(cx).await.len();
    let answer = browser.post(path, fields).await;
    assert!(matches!(answer.status, 200 | 303), "{path}: {}", answer.status);
    once(cx, before, action, &answer).await
}

on_both_databases!(a_members_deeds_are_written_down_once, |db| async {
    let world = World::new(&db).await;
    world.authorize(&world.acme, SHOP).await;
    let (cx, portal) = (world.cx(), &world.portal);
    let chen = portal.user("chen", Some((&world.acme, Role::Owner))).await;
    let mut browser = portal.browser();
    browser.get("/sign-in").await;
    let sign_in = |password| [("email", "chen@example.com"), ("password", password), ("next", "/")];
    let before = records(cx).await.len();
    assert_eq!(browser.post("/sign-in", &sign_in("wrong wrong wrong")).await.status, 422);
    let failed = records(cx).await.pop().unwrap();
    assert_eq!((records(cx).await.len(), failed.action.as_str()), (before + 1, "session.sign_in_failed"));
    assert_eq!((failed.actor_kind.as_str(), failed.subject_id.as_str()), ("nobody", chen.id.as_str()));
    assert!(!failed.detail.contains("wrong"), "{}", failed.detail);
    let signed_in = post(cx, &mut browser, "/sign-in", &sign_in(PASSWORD), "session.sign_in").await;
    assert_eq!(signed_in.actor_id.as_deref(), Some(chen.id.as_str()));
    assert_eq!(signed_in.address.as_deref(), Some("127.0.0.1"));

    browser.get("/authorize").await;
    let page = format!("/authorizers/{SHOP}");
    let paused = post(cx, &mut browser, &format!("{page}/pause"), &[], "authorizer.paused").await;
    assert_eq!(paused.tenant.as_deref(), Some(world.acme.as_str()));
    assert_eq!((paused.subject_id.as_str(), paused.actor_name.as_deref()), (SHOP, Some("chen@example.com")));
    assert!(!paused.trace.is_empty());
    post(cx, &mut browser, &format!("{page}/resume"), &[], "authorizer.resumed").await;
    post(cx, &mut browser, &format!("{page}/refresh"), &[], "authorizer.refresh_requested").await;
    post(cx, &mut browser, &format!("{page}/reauthorize"), &[], "authorization.restarted").await;
    post(cx, &mut browser, "/authorize", &[("auth_type", "3")], "authorization.started").await;
    let key = [("name", "订单"), ("read_token", "on")];
    let made = post(cx, &mut browser, "/api-keys", &key, "api_key.created").await;
    assert!(made.detail.contains("read_token") && !made.detail.contains("hufu_live"), "{}", made.detail);
    let revoke = format!("/api-keys/{}/revoke", made.subject_id);
    browser.get("/api-keys").await;
    post(cx, &mut browser, &revoke, &[], "api_key.revoked").await;
    browser.get("/authorize").await;
    post(cx, &mut browser, "/tenant", &[("tenant", world.acme.as_str())], "session.tenant_switched").await;
    let before = records(cx).await.len();
    let answer = browser.get("/language?lang=en").await;
    let chosen = once(cx, before, "profile.language", &answer).await;
    assert!(chosen.detail.contains(r#""after":"en""#), "{}", chosen.detail);
    browser.get("/authorize").await;
    post(cx, &mut browser, "/sign-out", &[], "session.sign_out").await;
    world.end().await;
});

on_both_databases!(an_administrators_deeds_are_written_down_once, |db| async {
    let portal = Portal::start(&db).await;
    let cx = portal.cx();
    portal.admin("boss").await;
    let ann = portal.user("ann", None).await;
    let mut boss = portal.signed_in("boss").await;
    boss.get("/admin/tenants").await;
    let fields = [("name", "甲"), ("slug", "jia")];
    let made = post(cx, &mut boss, "/admin/tenants", &fields, "tenant.created").await;
    let of = format!("/admin/tenants/{}", made.subject_id);
    let renamed = post(cx, &mut boss, &format!("{of}/name"), &[("name", "乙")], "tenant.renamed").await;
    assert_eq!(renamed.detail, r#"{"name":{"after":"乙","before":"甲"}}"#);
    let member = [("email", "ann@example.com"), ("role", "viewer")];
    post(cx, &mut boss, &format!("{of}/members"), &member, "member.invited").await;
    let tenant = TenantId::parse(&made.subject_id).unwrap();
    let mut tx = cx.store.write().await.unwrap();
    membership::put(&mut tx, &tenant, &ann.id, Role::Operator, portal.clock.now()).await.unwrap();
    tx.commit().await.unwrap();
    post(cx, &mut boss, &format!("{of}/members"), &member, "member.put").await;
    post(cx, &mut boss, &format!("{of}/members/{}/remove", ann.id), &[], "member.removed").await;
    let user = [("email", "new@example.com"), ("name", "新"), ("password", "a wonderful long sentence 7")];
    let made = post(cx, &mut boss, "/admin/users", &user, "user.created").await;
    assert!(!made.detail.contains("wonderful"));
    post(cx, &mut boss, &format!("/admin/users/{}/disable", ann.id), &[], "user.disabled").await;
    post(cx, &mut boss, &format!("/admin/users/{}/enable", ann.id), &[], "user.enabled").await;
    let secrets = [
        ("appid", "wx0123456789abcdef"),
        ("name", "平台"),
        ("appsecret", "a secret of the platform"),
        ("token", "atoken"),
        ("aes_key", "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG"),
    ];
    let added = post(cx, &mut boss, "/admin/components", &secrets, "component.added").await;
    assert!(
        added.detail.contains(r#""appsecret":{"replaced":true}"#) && !added.detail.contains("a secret of")
    );
    let path = "/admin/components/wx0123456789abcdef";
    let again = [("name", "平台"), ("token", "another")];
    let changed = post(cx, &mut boss, path, &again, "component.changed").await;
    assert_eq!(changed.detail, r#"{"token":{"replaced":true}}"#);
    portal.stop().await;
});

on_both_databases!(nothing_is_done_that_cannot_be_written_down, |db| async {
    let portal = Portal::start(&db).await;
    portal.admin("boss").await;
    let tenant = portal.tenant("acme").await;
    let mut boss = portal.signed_in("boss").await;
    boss.get("/admin/tenants").await;
    db.execute("ALTER TABLE audit RENAME TO audit_gone").await.unwrap();

    let answer = boss.post(&format!("/admin/tenants/{tenant}/name"), &[("name", "改名")]).await;
    assert!(answer.status >= 500, "{}", answer.status);
    let answer = boss.post("/admin/tenants", &[("name", "乙"), ("slug", "yi")]).await;
    assert!(answer.status >= 500, "{}", answer.status);

    let mut tx = portal.cx().store.read().await.unwrap();
    assert_eq!(tenant::find(&mut tx, &tenant).await.unwrap().unwrap().name, "公司 acme");
    assert_eq!(tenant::list(&mut tx, 10).await.unwrap().len(), 1);
    drop(tx);
    let mut stranger = portal.browser();
    assert!(stranger.sign_in("boss@example.com", PASSWORD).await.status >= 500, "nobody comes in unseen");
    portal.stop().await;
});
