//! A company signs itself up: asked for, written to, made; and where it is not allowed, nothing of it is there.

use std::time::Duration;

use hufu::domain::tenant::Slug;
use hufu::store::tenant;

use crate::harness::{Browser, Database, PASSWORD, Portal, PostOffice};
use crate::people::{path_of, tick};

const NEW: &str = "nine kites over the lake";

async fn open_to_all(db: &Database) -> (Portal, PostOffice) {
    let office = PostOffice::open().await;
    let settings = [
        ("HUFU_SMTP_URL", office.url.as_str()),
        ("HUFU_MAIL_FROM", "hufu@example.com"),
        ("HUFU_SIGN_UP", "true"),
    ];
    (Portal::start_with(db, &settings).await, office)
}

async fn ask(browser: &mut Browser, company: &str, email: &str) -> crate::harness::Answer {
    browser.get("/sign-up").await;
    browser.post("/sign-up", &[("company", company), ("name", "陈晓"), ("email", email)]).await
}

async fn has_tenant(portal: &Portal, slug: &str) -> bool {
    let mut tx = portal.cx().store.read().await.unwrap();
    tenant::find_by_slug(&mut tx, &Slug::parse(slug).unwrap()).await.unwrap().is_some()
}

on_both_databases!(a_company_signs_up_by_letter_and_its_owner_is_signed_in, |db| async {
    let (portal, office) = open_to_all(&db).await;
    portal.admin("boss").await;
    let mut chen = portal.browser();
    assert!(chen.get("/sign-in").await.body.contains("href=\"/sign-up\""));
    let wrong = chen.post("/sign-up", &[("company", ""), ("name", ""), ("email", "chen")]).await;
    assert_eq!((wrong.status, wrong.body.matches("class=\"problem\"").count()), (422, 3), "{}", wrong.body);
    let sent = ask(&mut chen, "青禾 Tea", "Chen@Example.com").await;
    assert_eq!(sent.status, 200, "{}", sent.body);
    tick(&portal).await;
    let letter = office.newest("chen@example.com");
    assert!(!letter.text().contains("青禾"), "nobody's words are carried to strangers");
    let path = path_of(&letter.link());

    let page = chen.get(&path).await;
    assert_eq!((page.status, page.header("referrer-policy")), (200, "no-referrer"));
    assert!(page.body.contains("青禾 Tea") && page.body.contains("chen@example.com"), "{}", page.body);
    assert!(!has_tenant(&portal, "tea").await, "looking at the link changes nothing");
    let weak = chen.post(&path, &[("password", "青禾 Tea 青禾 Tea")]).await;
    assert_eq!(weak.status, 422, "the company's name is no password");
    let made = chen.post(&path, &[("password", NEW)]).await;

    assert_eq!((made.status, made.location()), (303, "/"), "{}", made.body);
    assert_eq!(chen.get("/members").await.status, 200, "signed in, and the owner");
    assert!(has_tenant(&portal, "tea").await);
    let used = portal.browser().get(&path).await;
    assert_eq!(used.status, 404);
    assert!(used.body.contains("这个链接已失效"), "{}", used.body);
    assert_eq!(portal.browser().sign_in("chen@example.com", NEW).await.status, 303);
    let mut boss = portal.signed_in("boss").await;
    let audit = boss.get("/admin/audit?action=tenant.signed_up").await.body;
    assert!(audit.contains("chen@example.com") && audit.contains("青禾 Tea"), "{audit}");
    portal.stop().await;
});

on_both_databases!(who_signs_up_learns_of_no_account_and_two_of_one_name_are_two_tenants, |db| async {
    let (portal, office) = open_to_all(&db).await;
    portal.tenant("tea").await;
    portal.user("wang", None).await;
    let mut browser = portal.browser();
    let known = ask(&mut browser, "Tea", "wang@example.com").await;
    let unknown = ask(&mut browser, "Tea", "chen@example.com").await;
    assert_eq!((known.status, unknown.status), (200, 200));
    assert_eq!(known.plain(), unknown.plain().replace("chen@", "wang@"), "the pages are the same");
    tick(&portal).await;
    assert_eq!(path_of(&office.newest("wang@example.com").link()), "/sign-in");
    let path = path_of(&office.newest("chen@example.com").link());

    // Twice at the same moment: the link works once.
    let mut beside = portal.browser();
    browser.get(&path).await;
    beside.get(&path).await;
    let fields = [("password", NEW)];
    let (one, other) = tokio::join!(browser.post(&path, &fields), beside.post(&path, &fields));
    let mut statuses = [one.status, other.status];
    statuses.sort_unstable();
    assert_eq!(statuses, [303, 404]);
    let listed = tenant::list(&mut portal.cx().store.read().await.unwrap(), 9).await.unwrap();
    let slugs: Vec<&str> = listed.iter().map(|one| one.tenant.slug.as_str()).collect();
    assert!(slugs.len() == 2 && slugs.iter().any(|slug| slug.starts_with("tea-")), "{slugs:?}");

    let mut beside = portal.browser();
    for number in 0..5 {
        assert_eq!(ask(&mut beside, "Tea", "li@example.com").await.status, 200, "{number}");
    }
    let slowed = ask(&mut beside, "Tea", "li@example.com").await;
    assert_eq!(slowed.status, 422);
    assert!(slowed.body.contains("尝试次数过多"), "{}", slowed.body);
    tick(&portal).await;
    let letters = office.arrived().iter().filter(|letter| letter.to == "li@example.com").count();
    assert_eq!(letters, 3, "a few letters an hour");
    let path = path_of(&office.newest("li@example.com").link());
    portal.clock.advance(Duration::from_secs(86_400));
    assert_eq!(portal.browser().get(&path).await.status, 404, "a day is over");
    portal.stop().await;
});

on_both_databases!(where_signing_up_is_not_allowed_there_is_no_such_page, |db| async {
    let portal = Portal::start(&db).await;
    portal.user("chen", None).await;
    let mut browser = portal.browser();
    assert!(!browser.get("/sign-in").await.body.contains("/sign-up"));
    assert_eq!(browser.get("/sign-up").await.status, 404);
    let fields = [("company", "Tea"), ("name", "Chen"), ("email", "new@example.com")];
    browser.get("/sign-in").await;
    assert_eq!(browser.post("/sign-up", &fields).await.status, 404);
    assert_eq!(browser.get("/sign-up/token").await.status, 404);
    assert_eq!(browser.post("/sign-up/token", &[("password", PASSWORD)]).await.status, 404);
    portal.stop().await;
});
