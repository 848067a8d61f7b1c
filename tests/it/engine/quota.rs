//! A tenant has as many accounts as it may have, however many authorisations are begun at once, and what comes beyond is
//! kept until there is room.

use hufu::domain::authorization::GrantProblem;
use hufu::domain::health::Health;
use hufu::domain::role::Role;
use hufu::domain::tenant_life::Quota;
use hufu::domain::{audit::Actor, ids::TenantId};
use hufu::service::limit_tenant;
use hufu::store::grant_list;

use super::world::{SHOP, World};

const OTHER: &str = "wxa0000000000000s2";

async fn limit(world: &World, tenant: &TenantId, most: i64) {
    let quota = Quota { authorizers: Some(most), ..Quota::default() };
    limit_tenant::run(world.cx(), world.now(), &Actor::cli(), tenant, &quota).await.unwrap();
}

async fn held(world: &World) -> Vec<grant_list::Held> {
    grant_list::held(&mut world.cx().store.read().await.unwrap(), 10).await.unwrap()
}

on_both_databases!(
    of_two_that_grant_at_once_the_one_without_room_waits_and_nothing_is_lost,
    |db| async move {
        let world = World::new(&db).await;
        world.account(OTHER);
        limit(&world, &world.acme, 1).await;
        world.portal.user("chen", Some((&world.acme, Role::Owner))).await;
        world.portal.admin("boss").await;

        // Both are let through: nobody has granted anything yet.
        let (one, two) = (world.press(&world.acme, None).await, world.press(&world.acme, None).await);
        let codes = (world.consent(&one, SHOP, false).await, world.consent(&two, OTHER, false).await);
        let (first, second) = tokio::join!(world.come_back(&one, &codes.0), world.come_back(&two, &codes.1));
        first.unwrap();
        second.unwrap();
        world.tick().await;

        let waiting = held(&world).await;
        assert_eq!((waiting.len(), waiting[0].problem), (1, GrantProblem::OverQuota));
        assert_eq!(waiting[0].asked_by.as_ref().unwrap().tenant, world.acme);
        let outside = waiting[0].account.clone().unwrap().to_string();
        let inside = if outside == SHOP { OTHER } else { SHOP };
        assert_eq!(world.health(inside).await, Health::Healthy);
        assert!(world.held(&outside).await.is_none());
        let mut chen = world.portal.signed_in("chen").await;
        let page = chen.get("/authorizers").await;
        assert!(page.body.contains("已达到上限") && page.body.contains("没有丢失"), "{}", page.body);
        let again = world.press(&world.acme, Some(inside)).await;
        let code = world.consent(&again, inside, true).await;
        world.come_back(&again, &code).await.unwrap();
        assert_eq!(held(&world).await.len(), 1, "an account that is here is re-authorized as ever");

        // Assigned without room it stays; with room it heals, though its token died meanwhile.
        world.skip(3 * 3600);
        let mut boss = world.portal.signed_in("boss").await;
        let page = boss.get("/admin/unclaimed").await;
        assert!(page.body.contains(&format!("href=\"/admin/tenants/{}\"", world.acme)), "where it is raised");
        let path = format!("/admin/unclaimed/{}", waiting[0].id);
        let fields = [("decision", "assign"), ("tenant", world.acme.as_str())];
        assert_eq!(boss.post(&path, &fields).await.status, 303);
        assert!(boss.get("/admin/unclaimed").await.body.contains("先在租户页提高上限"));
        assert_eq!(held(&world).await.len(), 1);
        limit(&world, &world.acme, 2).await;
        assert_eq!(boss.post(&path, &fields).await.status, 303);
        world.tick().await;
        assert!(held(&world).await.is_empty());
        assert_eq!(world.health(&outside).await, Health::Healthy);
        assert!(world.holds_a_live_token(&outside).await, "refreshed, not taken for fresh");
        world.end().await;
    }
);

on_both_databases!(an_account_is_not_moved_to_where_there_is_no_room, |db| async move {
    let world = World::new(&db).await;
    world.authorize(&world.acme, SHOP).await;
    let pressed = world.press(&world.rival, None).await;
    let code = world.consent(&pressed, SHOP, true).await;
    world.come_back(&pressed, &code).await.unwrap();
    world.tick().await;
    limit(&world, &world.rival, 0).await;
    world.portal.admin("boss").await;
    let mut boss = world.portal.signed_in("boss").await;
    boss.get("/admin/unclaimed").await;
    let path = format!("/admin/unclaimed/{}", held(&world).await[0].id);
    let fields = [("decision", "assign"), ("tenant", world.rival.as_str())];

    assert_eq!(boss.post(&path, &fields).await.status, 303);

    assert_eq!(world.held(SHOP).await.unwrap().tenant, world.acme);
    assert_eq!(held(&world).await.len(), 1);
    world.end().await;
});
