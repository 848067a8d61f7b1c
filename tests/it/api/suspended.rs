//! A tenant that is suspended in one portal is shut out of the other: its programs, its people, but not its accounts.

use std::time::Duration;

use hufu::clock::Clock;
use hufu::domain::role::Role;
use hufu::jobs::Engine;

use super::program::Program;
use crate::engine::world::{REFRESH, SHOP, World};
use crate::harness::{Browser, Portal};
use crate::patience::eventually;

/// A second is promised (`docs/api.md`), of a machine that is not busy with other tests.
const SOON: Duration = Duration::from_secs(8);

async fn waits_for(program: &Program, status: u16) {
    let watch = Clock::stopwatch();
    eventually("the other portal notices", async || {
        (program.token(SHOP, "").await.status == status).then_some(())
    })
    .await;
    assert!(watch.elapsed() < SOON, "{:?} until {status}", watch.elapsed());
}

async fn press(boss: &mut Browser, world: &World, what: &str) {
    boss.get("/admin/tenants").await;
    let done = boss.post(&format!("/admin/tenants/{}/{what}", world.acme), &[]).await;
    assert_eq!(done.status, 303, "{}", done.body);
}

/// The next time that a token is due, at both.
async fn refreshed_by(world: &World, portal: &Portal) {
    let before = world.calls(REFRESH, SHOP);
    world.skip(6_600);
    portal.clock.advance(world.now().since(portal.clock.now()));
    Engine::new(portal.cx().clone()).tick(portal.clock.now()).await;
    assert_eq!(world.calls(REFRESH, SHOP), before + 1, "what is suspended is refreshed all the same");
    assert!(world.holds_a_live_token(SHOP).await);
}

on_both_databases!(a_tenant_suspended_in_one_portal_is_shut_out_of_the_other, |db| async {
    let world = World::new(&db).await;
    world.authorize(&world.acme, SHOP).await;
    world.portal.user("chen", Some((&world.acme, Role::Owner))).await;
    world.portal.admin("boss").await;
    let second = world.portal.beside().await;
    let here = Program::of(&world, &world.acme).await;
    let there = here.moved_to(&second);
    let mut chen = second.signed_in("chen").await;
    let mut boss = world.portal.signed_in("boss").await;
    assert_eq!((here.token(SHOP, "").await.status, there.token(SHOP, "").await.status), (200, 200));
    assert_eq!(chen.get("/authorizers").await.status, 200);

    press(&mut boss, &world, "suspend").await;

    assert_eq!(here.token(SHOP, "").await.problem(), "tenant-suspended", "where it was done, at once");
    assert_eq!(chen.get("/authorizers").await.status, 403, "sessions are read for every request");
    waits_for(&there, 403).await;
    assert_eq!(there.token(SHOP, "").await.problem(), "tenant-suspended");
    assert_eq!(there.get("/api/v1/authorizers").await.status, 403);
    assert_eq!(there.report(SHOP, "0123456789abcdef", 40001).await.status, 403);
    assert_eq!(
        second.signed_in("chen").await.get("/authorizers").await.status,
        403,
        "signing in helps nobody"
    );
    refreshed_by(&world, &world.portal).await;
    refreshed_by(&world, &second).await;

    let mut boss = world.portal.signed_in("boss").await;
    press(&mut boss, &world, "resume").await;
    waits_for(&there, 200).await;
    assert_eq!(second.signed_in("chen").await.get("/authorizers").await.status, 200);
    second.stop().await;
    world.end().await;
});
