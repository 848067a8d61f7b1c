//! Another e-mail address of one's own: asked for, confirmed from the new mailbox, put by an administrator.

use std::time::Duration;

use hufu::domain::role::Role;
use hufu::service::sign_in::Outcome;

use crate::harness::{Browser, PASSWORD, Portal, PostOffice};
use crate::people::{address, attempt, path_of, tick, with_mail};

const HOUR: Duration = Duration::from_secs(3600);

/// A browser of `name` in which another address was asked for, and the path of the letter's link.
async fn asked(portal: &Portal, office: &PostOffice, (name, new): (&str, &str)) -> (Browser, String) {
    let mut browser = portal.signed_in(name).await;
    browser.get("/account").await;
    let answer = browser.post("/account/email", &[("email", new)]).await;
    assert_eq!((answer.status, answer.location()), (303, "/account"), "{}", answer.body);
    tick(portal).await;
    (browser, path_of(&office.newest(&new.to_lowercase()).link()))
}

async fn signs_in(portal: &Portal, email: &str) -> bool {
    matches!(attempt(portal, email, PASSWORD, address(9)).await, Outcome::Welcome(_))
}

on_both_databases!(a_new_address_counts_once_its_mailbox_has_confirmed_it, |db| async {
    let (portal, office) = with_mail(&db).await;
    let acme = portal.tenant("acme").await;
    for name in ["chen", "wang"] {
        portal.user(name, Some((&acme, Role::Owner))).await;
    }
    portal.admin("boss").await;
    let mut elsewhere = portal.signed_in("chen").await;
    let mut forgetful = portal.browser();
    forgetful.get("/password/forgot").await;
    forgetful.post("/password/forgot", &[("email", "chen@example.com")]).await;
    tick(&portal).await;
    let reset = path_of(&office.newest("chen@example.com").link());
    let (mut here, path) = asked(&portal, &office, ("chen", "Chen.New@Example.com")).await;

    assert!(here.get("/account").await.body.contains("等待确认：chen.new@example.com"));
    assert_eq!(portal.browser().get(&path).await.location().split('?').next(), Some("/sign-in"));
    let page = here.get(&path).await;
    assert_eq!((page.status, page.header("referrer-policy")), (200, "no-referrer"));
    assert!(signs_in(&portal, "chen@example.com").await, "looking at the link changes nothing");
    let mut wang = portal.signed_in("wang").await;
    assert_eq!(wang.get(&path).await.status, 404, "somebody else's link");
    assert_eq!(wang.post(&path, &[]).await.status, 404);

    here.get(&path).await;
    let done = here.post(&path, &[]).await;
    assert_eq!((done.status, done.location()), (303, "/account"), "{}", done.body);
    assert!(here.get("/account").await.body.contains("登录邮箱已更改"), "this session stays");
    assert_eq!(elsewhere.get("/account").await.status, 303, "the others are over");
    assert!(signs_in(&portal, "chen.new@example.com").await);
    assert!(!signs_in(&portal, "chen@example.com").await);
    assert_eq!(forgetful.get(&reset).await.status, 404, "a link that went to the old address");
    assert_eq!(here.post(&path, &[]).await.status, 404, "used up");
    tick(&portal).await;
    let notice = office.newest("chen@example.com").text();
    assert!(notice.contains("chen.new@example.com") && !notice.contains("http"), "{notice}");
    let mut boss = portal.signed_in("boss").await;
    let audit = boss.get("/admin/audit?action=user.email_changed").await.body;
    assert!(audit.contains("chen.new@example.com"), "{audit}");
    portal.stop().await;
});

on_both_databases!(nobody_learns_from_asking_whose_address_is_taken, |db| async {
    let (portal, office) = with_mail(&db).await;
    for name in ["chen", "wang"] {
        portal.user(name, None).await;
    }
    let mut pages = Vec::new();
    for new in ["wang@example.com", "free@example.com"] {
        let (mut browser, path) = asked(&portal, &office, ("chen", new)).await;
        let page = browser.get("/account").await.plain().replace(&browser.csrf, "CSRF");
        pages.push(page.replace(new, "NEW"));
        let link = if new.starts_with("wang") { "/sign-in" } else { "/account/email/" };
        assert!(path.starts_with(link), "{new}: {path}");
    }
    assert_eq!(pages[0], pages[1], "the pages are the same");
    assert_eq!(office.arrived().len(), 2, "and so is the number of letters");

    let (mut browser, path) = asked(&portal, &office, ("chen", "free@example.com")).await;
    for (email, words) in [("chen@example.com", "现在的登录邮箱"), ("chen", "请填写正确的邮箱")]
    {
        let refused = browser.post("/account/email", &[("email", email)]).await;
        assert_eq!(refused.status, 422);
        assert!(refused.body.contains(words), "{email}: {}", refused.body);
    }
    assert_eq!(browser.post("/account/email/revoke", &[]).await.status, 303);
    assert!(!browser.get("/account").await.body.contains("等待确认"));
    assert_eq!(browser.get(&path).await.status, 404, "taken back");
    let (mut browser, path) = asked(&portal, &office, ("chen", "free@example.com")).await;
    let fourth = browser.post("/account/email", &[("email", "free@example.com")]).await;
    assert_eq!(fourth.status, 422);
    assert!(fourth.body.contains("尝试次数过多"), "{}", fourth.body);

    portal.clock.advance(Duration::from_secs(360));
    let late = browser.post("/account/email", &[("email", "other@example.com")]).await;
    assert!(late.status == 303 && late.location().starts_with("/step-up"), "{}", late.location());
    portal.clock.advance(HOUR * 24);
    let mut browser = portal.signed_in("chen").await;
    assert_eq!(browser.get(&path).await.status, 404, "a day is over");
    assert_eq!(browser.post(&path, &[]).await.status, 404);
    portal.stop().await;
});

on_both_databases!(of_two_who_confirm_one_address_one_has_it_and_the_other_is_told, |db| async {
    let (portal, office) = with_mail(&db).await;
    for name in ["chen", "wang"] {
        portal.user(name, None).await;
    }
    let (mut chen, first) = asked(&portal, &office, ("chen", "shared@example.com")).await;
    let (mut wang, second) = asked(&portal, &office, ("wang", "shared@example.com")).await;
    chen.get(&first).await;
    wang.get(&second).await;

    let (one, other) = tokio::join!(chen.post(&first, &[]), wang.post(&second, &[]));

    assert_eq!((one.status, other.status), (303, 303));
    let pages = [chen.get("/account").await.body, wang.get("/account").await.body];
    let count = |words: &str| pages.iter().filter(|page| page.contains(words)).count();
    assert_eq!((count("登录邮箱已更改"), count("刚刚被其他账户使用")), (1, 1));
    assert!(signs_in(&portal, "shared@example.com").await);
    portal.stop().await;
});

on_both_databases!(without_mail_an_admin_puts_the_address, |db| async {
    let portal = Portal::start(&db).await;
    let chen = portal.user("chen", None).await;
    portal.user("wang", None).await;
    portal.admin("boss").await;
    let mut own = portal.signed_in("chen").await;
    assert!(own.get("/account").await.body.contains("请联系平台管理员"));
    let refused = own.post("/account/email", &[("email", "new@example.com")]).await;
    assert_eq!(refused.status, 422);

    let mut boss = portal.signed_in("boss").await;
    let (page, form) = (format!("/admin/users/{}", chen.id), format!("/admin/users/{}/email", chen.id));
    boss.get(&page).await;
    for bad in ["wang@example.com", "nonsense"] {
        assert_eq!(boss.post(&form, &[("email", bad)]).await.status, 422, "{bad}");
    }
    let done = boss.post(&form, &[("email", "new@example.com")]).await;

    assert_eq!((done.status, done.location()), (303, page.as_str()));
    assert_eq!(own.get("/account").await.status, 303, "every session is over");
    assert!(signs_in(&portal, "new@example.com").await && !signs_in(&portal, "chen@example.com").await);
    portal.stop().await;
});
