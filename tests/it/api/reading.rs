//! Who read tokens stands in the audit: one record for each key and hour, however many reads and processes.

use super::program::Program;
use crate::engine::world::{SHOP, World};

on_both_databases!(reads_of_a_key_are_one_record_for_each_hour, |db| async {
    let world = World::new(&db).await;
    world.authorize(&world.acme, SHOP).await;
    let program = Program::of(&world, &world.acme).await;
    let told = async || {
        let found = "SELECT actor_kind || ' ' || actor_id || ' ' || tenant_id || ' ' || detail FROM audit \
                     WHERE action = 'token.read' ORDER BY seq";
        db.texts(found).await
    };
    let line = |hour: i64, reads: i64| {
        let (key, acme) = (program.id.clone().unwrap(), &world.acme);
        let detail =
            format!(r#"{{"accounts":["{SHOP}"],"addresses":["127.0.0.1"],"hour":{hour},"reads":{reads}}}"#);
        format!("api_key {key} {acme} {detail}")
    };
    let hour = world.now().unix() - world.now().unix().rem_euclid(3600);

    // Two processes give tokens; one of them ends within the hour.
    let other = world.portal.beside().await;
    for _ in 0..3 {
        assert_eq!(program.token(SHOP, "").await.status, 200);
    }
    for _ in 0..2 {
        assert_eq!(program.moved_to(&other).token(SHOP, "").await.status, 200);
    }
    assert_eq!(program.token("wx0000000000000000", "").await.status, 404, "nothing was read");
    other.stop().await;
    world.after(120).await;
    assert_eq!(told().await, [""; 0], "the hour is not over");
    assert_eq!(program.token(SHOP, "").await.status, 200, "counted after the first were written down");

    world.skip(3600);
    assert_eq!(program.token(SHOP, "").await.status, 200, "in the next hour");
    world.after(120).await;
    assert_eq!(told().await, [line(hour, 6)]);
    world.after(60).await;
    world.after(60).await;
    assert_eq!(told().await.len(), 1, "told again");
    world.after(3600).await;
    world.after(60).await;
    assert_eq!(told().await, [line(hour, 6), line(hour + 3600, 1)]);
    let left = db.texts("SELECT CAST(COUNT(*) AS TEXT) FROM token_read").await;
    assert_eq!(left, ["0"]);
    world.end().await;
});
