//! The page where keys are made and revoked by people.

use hufu::domain::role::Role;
use hufu::store::api_key;

use super::program::Program;
use crate::engine::world::{SHOP, World};

/// The key that a page shows.
fn key_on(page: &str) -> Option<String> {
    let from = page.find("hufu_live_").filter(|at| !page[*at..].starts_with("hufu_live_…"))?;
    Some(page[from..].chars().take(49).collect())
}

on_both_databases!(a_key_is_made_shown_once_and_revoked, |db| async {
    let world = World::new(&db).await;
    world.authorize(&world.acme, SHOP).await;
    world.portal.user("chen", Some((&world.acme, Role::Operator))).await;
    let mut browser = world.portal.signed_in("chen").await;
    assert!(browser.get("/api-keys").await.body.contains("还没有密钥"));

    let form =
        [("name", "订单服务"), ("read_token", "on"), ("days", "30"), ("networks", "127.0.0.1\r\n10.0.0.0/8")];
    let made = browser.post("/api-keys", &form).await;
    assert_eq!((made.status, made.header("cache-control")), (200, "no-store"), "{}", made.body);
    let key = key_on(&made.body).expect("the key is shown");
    assert!(made.body.contains(&format!("Bearer {key}")) && made.body.contains(SHOP), "with a line to try");

    let program = Program::at(world.portal.running.url.as_str(), &key);
    assert_eq!(program.token(SHOP, "").await.status, 200);
    assert_eq!(program.report(SHOP, "0123456789abcdef", 40001).await.status, 403, "not ticked");
    let again = browser.get("/api-keys").await.body;
    assert!(!again.contains(&key) && again.contains("订单服务") && again.contains(&key[..14]));
    let mut tx = world.cx().store.read().await.unwrap();
    let kept = api_key::list(&mut tx, &world.acme, 10).await.unwrap().remove(0);
    drop(tx);
    assert!(kept.created_by.is_some() && kept.expires_at.is_some());

    let gone = browser.post(&format!("/api-keys/{}/revoke", kept.id), &[]).await;
    assert_eq!((gone.status, gone.location()), (303, "/api-keys"));
    assert_eq!(program.token(SHOP, "").await.status, 401);
    assert!(browser.get("/api-keys").await.body.contains("已吊销"));
    world.end().await;
});

on_both_databases!(mistakes_in_the_form_are_named_and_nothing_is_made, |db| async {
    let world = World::new(&db).await;
    world.portal.user("chen", Some((&world.acme, Role::Owner))).await;
    let mut browser = world.portal.signed_in("chen").await;
    browser.get("/api-keys").await;

    for (form, sentence) in [
        (vec![("name", ""), ("read_token", "on")], "名称为 1 到 80"),
        (vec![("name", "x")], "至少选择一项"),
        (vec![("name", "x"), ("report", "on"), ("accounts", "wxa\na/b")], "“a/b”不是 AppID"),
        (vec![("name", "x"), ("report", "on"), ("networks", "10.0.0.0/99")], "10.0.0.0/99"),
    ] {
        let refused = browser.post("/api-keys", &form).await;
        assert_eq!(refused.status, 422, "{form:?}");
        assert!(refused.body.contains(sentence), "{form:?}");
    }
    let mut tx = world.cx().store.read().await.unwrap();
    assert!(api_key::list(&mut tx, &world.acme, 10).await.unwrap().is_empty());
    drop(tx);
    world.end().await;
});

on_both_databases!(keys_are_for_owners_and_operators_of_their_own_tenant, |db| async {
    let world = World::new(&db).await;
    world.portal.user("watch", Some((&world.acme, Role::Viewer))).await;
    world.portal.user("other", Some((&world.rival, Role::Owner))).await;
    let program = Program::of(&world, &world.acme).await;

    let mut viewer = world.portal.signed_in("watch").await;
    assert_eq!(viewer.get("/api-keys").await.status, 403);
    assert!(!viewer.get("/").await.body.contains("href=\"/api-keys\""), "no link to what is forbidden");
    let mut other = world.portal.signed_in("other").await;
    assert!(other.get("/").await.body.contains("href=\"/api-keys\""));
    assert!(!other.get("/api-keys").await.body.contains("hufu_live_"));
    let foreign = other.post(&format!("/api-keys/{}/revoke", program.id.as_ref().unwrap()), &[]).await;
    let missing = other.post("/api-keys/none/revoke", &[]).await;
    assert_eq!((foreign.status, missing.status), (404, 404));
    assert_eq!(program.get("/api/v1/authorizers").await.status, 200);
    world.end().await;
});
