//! A stored secret is shown to an administrator who says why, once, and nowhere else.

use hufu::sandbox::{NEWCOMER_AES_KEY, NEWCOMER_APPID, NEWCOMER_SECRET, NEWCOMER_TOKEN};

use crate::engine::world::World;

const WHY: &str = "与微信后台核对，工单 4711";

on_both_databases!(a_secret_is_shown_once_to_an_administrator_who_says_why, |db| async {
    let world = World::new(&db).await;
    let portal = &world.portal;
    portal.admin("boss").await;
    portal.support("helper").await;
    let page = format!("/admin/components/{NEWCOMER_APPID}");
    let reveal = format!("{page}/reveal");
    let told = async || {
        db.texts("SELECT detail FROM audit WHERE action = 'component.secret_revealed' ORDER BY seq").await
    };
    let mut boss = portal.signed_in("boss").await;
    let form = boss.get(&reveal).await;
    assert_eq!(form.status, 200);
    assert!(!form.body.contains(NEWCOMER_TOKEN));

    for fields in [[("secret", "token"), ("reason", "why not")], [("secret", "ticket"), ("reason", WHY)]] {
        let refused = boss.post(&reveal, &fields).await;
        assert_eq!(refused.status, 422, "{fields:?}");
        assert!(!refused.body.contains(NEWCOMER_TOKEN));
    }
    assert_eq!(told().await, [""; 0], "nothing was shown, nothing is told");

    for (name, secret) in
        [("appsecret", NEWCOMER_SECRET), ("token", NEWCOMER_TOKEN), ("aes_key", NEWCOMER_AES_KEY)]
    {
        boss.get(&reveal).await;
        let shown = boss.post(&reveal, &[("secret", name), ("reason", WHY)]).await;
        assert_eq!((shown.status, shown.header("cache-control")), (200, "no-store"));
        assert!(shown.body.contains(&format!("<code>{secret}</code>")), "{name}");
        assert!(!shown.body.contains(WHY), "what was entered stands beside the secret");
        let others = [NEWCOMER_SECRET, NEWCOMER_TOKEN, NEWCOMER_AES_KEY];
        assert!(others.iter().all(|other| *other == secret || !shown.body.contains(other)), "one at a time");
        for path in [&page, &reveal] {
            assert!(!boss.get(path).await.body.contains(secret), "{name} is shown on {path} as well");
        }
        assert!(boss.cookies.values().all(|cookie| !cookie.contains(secret)));
    }
    let records = told().await;
    assert_eq!(records.len(), 3, "{records:?}");
    assert!(records.iter().all(|detail| detail.contains(WHY)), "{records:?}");
    assert!(records[1].contains(r#""secret":"token""#) && !records[1].contains(NEWCOMER_TOKEN));
    let sessions = db.texts("SELECT state FROM session").await.join("\n");
    assert!([NEWCOMER_SECRET, NEWCOMER_TOKEN, NEWCOMER_AES_KEY].iter().all(|one| !sessions.contains(one)));

    boss.get(&reveal).await;
    let nowhere = boss.post("/admin/components/wx0000/reveal", &[("secret", "token"), ("reason", WHY)]).await;
    assert_eq!(nowhere.status, 404);
    let mut helper = portal.signed_in("helper").await;
    helper.get(&page).await;
    assert_eq!(helper.get(&reveal).await.status, 403);
    assert_eq!(helper.post(&reveal, &[("secret", "token"), ("reason", WHY)]).await.status, 403);
    portal.clock.advance(std::time::Duration::from_secs(6 * 60));
    let late = boss.post(&reveal, &[("secret", "token"), ("reason", WHY)]).await;
    assert!(late.location().starts_with("/step-up"), "{}", late.location());
    assert_eq!(told().await.len(), 3);
    world.end().await;
});
