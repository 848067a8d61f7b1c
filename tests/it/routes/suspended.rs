//! A suspended tenant: its members see none of its data and its keys open nothing.

use hufu::domain::api_key::Scope;
use hufu::web::policy::Access;
use hufu::web::routes::TABLE;

use super::stage::{Stage, ask};
use crate::engine::world::SHOP;

on_both_databases!(a_suspended_tenants_doors_are_shut, |db| async {
    let mut stage = Stage::new(&db).await;
    let (acme, mut complaints) = (stage.world.acme.clone(), Vec::new());
    let mut program = stage.program(&acme, &Scope::ALL, None).await;
    db.execute_text(format!("UPDATE tenant SET suspended_at = 1 WHERE id = '{acme}'")).await;
    let before = stage.camera.take().await;
    for route in TABLE {
        let path = stage.own(route);
        let answer = match route.policy.access {
            Access::Member(_) => ask(stage.browsers.get_mut("owner").unwrap(), route, &path).await,
            Access::Key(_) => ask(&mut program, route, &path).await,
            Access::Open
            | Access::Signed
            | Access::Public
            | Access::SignedIn
            | Access::PlatformReader
            | Access::PlatformAdmin => continue,
        };
        if answer.status != 403 || answer.body.contains(SHOP) && !path.contains(SHOP) {
            complaints.push(format!("{:?} {}: {}", route.verb, route.pattern, answer.status));
        }
        let changed = before.difference(&stage.camera.take().await);
        if !changed.is_empty() {
            complaints.push(format!("{}: changed\n    {}", route.pattern, changed.join("\n    ")));
        }
    }
    stage.end().await;
    assert!(complaints.is_empty(), "\n{}\n", complaints.join("\n"));
});
