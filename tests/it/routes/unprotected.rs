//! The guard itself: a line whose handler lets everybody in is told, with what it let happen.

use actix_web::middleware::from_fn;
use actix_web::web::{Data, post, resource};
use actix_web::{App, HttpResponse, HttpServer};
use hufu::domain::role::Permission;
use hufu::service::{Context, open_vault};
use hufu::store::tenant;
use hufu::web::Mount;
use hufu::web::mount::around;
use hufu::web::policy::{Access, Area, Effect, Policy, Route, Verb};
use metrics_exporter_prometheus::PrometheusBuilder;

use super::matrix::Guard;
use super::stage::Stage;
use crate::engine::world::World;

const LINE: Route = Route {
    area: Area::People,
    verb: Verb::Post,
    pattern: "/test/unprotected",
    handler: "::unprotected",
    policy: Policy {
        access: Access::Member(Permission::ManageKeys),
        effect: Effect::Changes,
        form: true,
        recent: false,
    },
};

/// Promises `member(ManageKeys)` and a form, asks for neither.
async fn unprotected(cx: Data<Context>) -> HttpResponse {
    let mut tx = cx.store.write().await.unwrap();
    let all = tenant::list(&mut tx, 10).await.unwrap();
    let name = format!("{}!", all[0].tenant.name);
    tenant::rename(&mut tx, &all[0].tenant.id, &name).await.unwrap();
    tx.commit().await.unwrap();
    HttpResponse::SeeOther().insert_header(("location", "/")).finish()
}

on_both_databases!(a_door_that_nobody_guards_is_told, |db| async {
    let world = World::new(&db).await;
    let cx = world.cx().clone();
    let key = open_vault::cookie_key(&cx.store, &cx.vault, &cx.random).await.unwrap();
    let metrics = PrometheusBuilder::new().build_recorder().handle();
    let mount = Mount::new(cx, &key, metrics);
    let server = HttpServer::new(move || {
        let mount = mount.clone();
        App::new()
            .service(resource(LINE.pattern).route(post().to(unprotected)))
            .configure(|cfg| mount.configure(cfg))
            .wrap(from_fn(around))
    })
    .workers(1)
    .disable_signals()
    .bind("127.0.0.1:0")
    .unwrap();
    let base = format!("http://{}/", server.addrs()[0]);
    let server = server.run();
    let handle = server.handle();
    let running = tokio::spawn(server);

    let mut guard = Guard::new(Stage::at(&db, world, base).await).await;
    guard.try_line(&LINE).await;
    let complaints = std::mem::take(&mut guard.complaints);
    handle.stop(false).await;
    running.await.unwrap().unwrap();
    guard.end().await;

    let told = |part: &str| complaints.iter().filter(|one| one.contains(part)).count();
    assert_eq!(told("/test/unprotected as nobody without a session that counts: expected SignIn"), 1);
    assert_eq!(told("as viewer whose role is too low: expected Status(403)"), 1);
    assert_eq!(told("without a token: expected Status(403)"), 1);
    // The portal turns away forms of other sites before any handler, so two attempts fail even here.
    assert!(told("changed the database") >= 5, "{complaints:#?}");
});
