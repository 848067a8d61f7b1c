//! People: invited, made members and removed; passwords chosen, guessed and forgotten; sessions seen and ended.

use std::net::{IpAddr, Ipv4Addr};
use std::time::Duration;

use futures_util::future::join_all;
use hufu::domain::audit::Actor;
use hufu::domain::role::Role;
use hufu::domain::tenant_life::Quota;
use hufu::jobs::Engine;
use hufu::secret::{Password, Secret as _};
use hufu::service::disable_user::{self, Access};
use hufu::service::sign_in::{self, Outcome};
use hufu::service::{IdentityError, change_membership, limit_tenant};
use hufu::store::{app_user, membership};

use crate::harness::{PASSWORD, Portal, PostOffice};

const MINUTE: Duration = Duration::from_secs(60);
const NEW: &str = "nine kites over the lake";

pub(crate) async fn with_mail(db: &crate::harness::Database) -> (Portal, PostOffice) {
    let office = PostOffice::open().await;
    let settings = [("HUFU_SMTP_URL", office.url.as_str()), ("HUFU_MAIL_FROM", "hufu@example.com")];
    (Portal::start_with(db, &settings).await, office)
}

pub(crate) async fn tick(portal: &Portal) {
    Engine::new(portal.cx().clone()).tick(portal.clock.now()).await;
}

/// The path of a link in a letter or on a page.
pub(crate) fn path_of(link: &str) -> String {
    url::Url::parse(link).unwrap().path().to_owned()
}

fn link_on(page: &str, start: &str) -> String {
    let at = page.find(start).unwrap_or_else(|| panic!("no {start} in {page}"));
    page[at..].split(['"', '<']).next().unwrap().to_owned()
}

pub(crate) const fn address(last: u8) -> Option<IpAddr> {
    Some(IpAddr::V4(Ipv4Addr::new(203, 0, 113, last)))
}

pub(crate) async fn attempt(portal: &Portal, email: &str, password: &str, from: Option<IpAddr>) -> Outcome {
    let pair = (email, Password::new(password));
    let by = Actor::nobody(from, "");
    sign_in::run(portal.cx(), portal.clock.now(), &by, pair).await.unwrap()
}

on_both_databases!(an_invited_person_gets_a_letter_makes_an_account_and_is_a_member, |db| async {
    let (portal, office) = with_mail(&db).await;
    let acme = portal.tenant("acme").await;
    portal.user("chen", Some((&acme, Role::Owner))).await;
    let mut owner = portal.signed_in("chen").await;
    owner.get("/members").await;
    let sent = owner.post("/members", &[("email", "Xin@Example.com"), ("role", "operator")]).await;
    assert_eq!((sent.status, sent.location()), (303, "/members"), "{}", sent.body);
    tick(&portal).await;
    let letter = office.newest("xin@example.com");
    assert!(letter.text().contains("公司 acme") && letter.text().contains("操作员"), "{}", letter.text());
    assert!(owner.get("/members").await.body.contains("xin@example.com"));

    let path = path_of(&letter.link());
    let mut new = portal.browser();
    let page = new.get(&path).await;
    assert_eq!(page.status, 200);
    assert_eq!(page.header("referrer-policy"), "no-referrer");
    let weak = new.post(&path, &[("name", "辛"), ("password", "acme acme acme")]).await;
    assert_eq!(weak.status, 422, "a weak password does not use the invitation up");
    let lure = new.post(&path, &[("name", "领奖 WWW.example.com"), ("password", NEW)]).await;
    assert_eq!(lure.status, 422, "a name is no way to carry an address into letters");
    assert!(lure.body.contains("不能含网址"), "{}", lure.body);
    let made = new.post(&path, &[("name", "辛"), ("password", NEW)]).await;
    assert_eq!((made.status, made.location()), (303, "/"), "{}", made.body);
    assert_eq!(new.get("/authorize").await.status, 200, "signed in, and an operator");
    assert_eq!(new.get("/members").await.status, 403, "only owners look after members");
    assert_eq!(portal.browser().get(&path).await.status, 404, "used up");
    portal.stop().await;
});

on_both_databases!(without_mail_the_link_is_shown_once_and_a_signed_in_person_accepts_it, |db| async {
    let portal = Portal::start(&db).await;
    let (acme, other) = (portal.tenant("acme").await, portal.tenant("other").await);
    portal.user("chen", Some((&acme, Role::Owner))).await;
    portal.user("wang", Some((&other, Role::Owner))).await;
    let mut owner = portal.signed_in("chen").await;
    owner.get("/members").await;
    let page = owner.post("/members", &[("email", "wang@example.com"), ("role", "viewer")]).await;
    assert_eq!(page.status, 200);
    let path = path_of(&link_on(&page.body, "http://127.0.0.1"));
    assert!(!owner.get("/members").await.body.contains(&path), "shown once");

    let nobody = portal.browser().get(&path).await;
    assert!(nobody.body.contains("/sign-in?next=") && nobody.body.contains("name=\"password\""), "both ways");
    let page = owner.post("/members", &[("email", "new@example.com"), ("role", "viewer")]).await;
    let unknown = path_of(&link_on(&page.body, "http://127.0.0.1"));
    let shown = portal.browser().get(&unknown).await;
    let bare = |page: &crate::harness::Answer, path: &str, email: &str| {
        let form = page.body.split("<h1>").nth(1).unwrap().split("</section>").next().unwrap();
        let csrf = form.split("name=\"csrf\" value=\"").nth(1).unwrap().split('"').next().unwrap();
        let token = path.rsplit('/').next().unwrap();
        form.replace(csrf, "CSRF").replace(token, "TOKEN").replace(email, "EMAIL")
    };
    assert_eq!(
        bare(&nobody, &path, "wang@example.com"),
        bare(&shown, &unknown, "new@example.com"),
        "the page does not tell who has an account"
    );
    let mut wang = portal.signed_in("wang").await;
    assert!(wang.get(&path).await.body.contains("wang@example.com"));
    assert_eq!(wang.post(&path, &[]).await.status, 303);
    assert_eq!(wang.get("/authorize").await.status, 403, "a viewer of the tenant that was joined");
    assert_eq!(wang.get(&path).await.status, 404, "used up");

    let again = owner.post("/members", &[("email", "wang@example.com"), ("role", "viewer")]).await;
    assert_eq!(again.status, 422, "a member already");
    portal.stop().await;
});

on_both_databases!(the_platform_invites_the_first_owner_of_a_new_tenant, |db| async {
    let portal = Portal::start(&db).await;
    portal.admin("boss").await;
    let acme = portal.tenant("acme").await;
    let members = format!("/admin/tenants/{acme}/members");
    let mut boss = portal.signed_in("boss").await;
    boss.get("/admin/tenants").await;

    assert_eq!(boss.post(&members, &[("email", "nobody"), ("role", "owner")]).await.status, 422);
    let page = boss.post(&members, &[("email", "new@example.com"), ("role", "owner")]).await;
    assert_eq!(page.status, 200, "{}", page.body);
    let path = path_of(&link_on(&page.body, "http://127.0.0.1"));
    let later = boss.get(&format!("/admin/tenants/{acme}")).await.body;
    assert!(later.contains("new@example.com") && !later.contains(&path), "invited, and the link shown once");

    let mut new = portal.browser();
    new.get(&path).await;
    let made = new.post(&path, &[("name", "新"), ("password", NEW)]).await;
    assert_eq!((made.status, made.location()), (303, "/"), "{}", made.body);
    assert_eq!(new.get("/members").await.status, 200, "an owner");

    portal.stop().await;
});

on_both_databases!(an_address_alone_makes_nobody_a_member_also_on_the_platforms_page, |db| async {
    let portal = Portal::start(&db).await;
    portal.admin("boss").await;
    let (mallory, acme) = (portal.tenant("mallory").await, portal.tenant("acme").await);
    portal.user("mallory", Some((&mallory, Role::Owner))).await;
    let mut owner = portal.signed_in("mallory").await;
    owner.get("/members").await;
    let page = owner.post("/members", &[("email", "victim@example.com"), ("role", "viewer")]).await;
    let own = path_of(&link_on(&page.body, "http://127.0.0.1"));
    let mut squatter = portal.browser();
    squatter.get(&own).await;
    let made = squatter.post(&own, &[("name", "V"), ("password", NEW)]).await;
    assert_eq!(made.status, 303, "an account with an address that nobody has proved: {}", made.body);

    let here = format!("/admin/tenants/{acme}");
    let members = format!("{here}/members");
    let mut boss = portal.signed_in("boss").await;
    boss.get(&here).await;
    let page = boss.post(&members, &[("email", "victim@example.com"), ("role", "owner")]).await;
    assert_eq!(page.status, 200, "invited, with a link to hand over: {}", page.body);
    let path = path_of(&link_on(&page.body, "http://127.0.0.1"));
    squatter.get("/nowhere").await;
    assert_eq!(squatter.post("/tenant", &[("tenant", acme.as_str())]).await.status, 404, "no member");
    let mut tx = portal.cx().store.read().await.unwrap();
    assert!(membership::list_of_tenant(&mut tx, &acme).await.unwrap().is_empty());
    drop(tx);

    // Whoever was handed the link accepts it, as whom they are.
    portal.user("ann", None).await;
    let mut ann = portal.signed_in("ann").await;
    assert!(ann.get(&path).await.body.contains("ann@example.com"));
    assert_eq!(ann.post(&path, &[]).await.status, 303);
    assert_eq!(ann.get("/members").await.status, 200, "an owner");
    let page = boss.post(&members, &[("email", "ann@example.com"), ("role", "viewer")]).await;
    assert_eq!(page.status, 422, "the last owner stays: {}", page.body);
    portal.user("li", Some((&acme, Role::Owner))).await;
    let changed = boss.post(&members, &[("email", "ann@example.com"), ("role", "viewer")]).await;
    assert_eq!((changed.status, changed.location()), (303, &*here), "a member's role is changed at once");
    assert!(boss.get(&here).await.body.contains("角色已更改"));
    assert_eq!(ann.get("/members").await.status, 403);
    portal.stop().await;
});

on_both_databases!(an_invitation_does_not_make_room_where_there_is_none_any_more, |db| async {
    let portal = Portal::start(&db).await;
    let (acme, other) = (portal.tenant("acme").await, portal.tenant("other").await);
    portal.user("chen", Some((&acme, Role::Owner))).await;
    portal.user("wang", Some((&other, Role::Owner))).await;
    let mut owner = portal.signed_in("chen").await;
    owner.get("/members").await;
    let page = owner.post("/members", &[("email", "wang@example.com"), ("role", "viewer")]).await;
    let path = path_of(&link_on(&page.body, "http://127.0.0.1"));
    let one = Quota { members: Some(1), ..Quota::default() };
    limit_tenant::run(portal.cx(), portal.clock.now(), &Actor::cli(), &acme, &one).await.unwrap();

    let mut wang = portal.signed_in("wang").await;
    wang.get(&path).await;
    let refused = wang.post(&path, &[]).await;

    assert!(refused.status >= 400 && refused.status < 500, "{}", refused.status);
    limit_tenant::run(portal.cx(), portal.clock.now(), &Actor::cli(), &acme, &Quota::default())
        .await
        .unwrap();
    assert_eq!(wang.post(&path, &[]).await.status, 303, "the invitation was not used up by the refusal");
    portal.stop().await;
});

on_both_databases!(an_invitation_ends_after_a_week_when_revoked_and_when_sent_again, |db| async {
    let portal = Portal::start(&db).await;
    let acme = portal.tenant("acme").await;
    portal.user("chen", Some((&acme, Role::Owner))).await;
    let mut owner = portal.signed_in("chen").await;
    owner.get("/members").await;
    let mut links = Vec::new();
    for name in ["a", "b", "c"] {
        let email = format!("{name}@example.com");
        let page = owner.post("/members", &[("email", &email), ("role", "viewer")]).await;
        links.push(path_of(&link_on(&page.body, "http://127.0.0.1")));
        portal.clock.advance(Duration::from_secs(1));
    }
    let list = owner.get("/members").await.body;
    let actions: Vec<&str> =
        list.split("/members/invitations/").skip(1).filter_map(|rest| rest.split('/').next()).collect();
    let (first, second) = (actions[0], actions[2]);
    assert_eq!(owner.post(&format!("/members/invitations/{first}/revoke"), &[]).await.status, 303);
    assert_eq!(portal.browser().get(&links[0]).await.status, 404, "taken back");
    let again = owner.post(&format!("/members/invitations/{second}/resend"), &[]).await;
    let fresh = path_of(&link_on(&again.body, "http://127.0.0.1"));
    assert_eq!(portal.browser().get(&links[1]).await.status, 404, "replaced");
    assert_eq!(portal.browser().get(&fresh).await.status, 200);

    portal.clock.advance(Duration::from_secs(7 * 86_400));
    assert_eq!(portal.browser().get(&links[2]).await.status, 404, "a week is over");
    portal.stop().await;
});

on_both_databases!(roles_change_members_leave_and_the_last_owner_stays, |db| async {
    let portal = Portal::start(&db).await;
    let (acme, other) = (portal.tenant("acme").await, portal.tenant("other").await);
    let chen = portal.user("chen", Some((&acme, Role::Owner))).await;
    let li = portal.user("li", Some((&acme, Role::Viewer))).await;
    let foreign = portal.user("foreign", Some((&other, Role::Viewer))).await;
    let mut owner = portal.signed_in("chen").await;
    owner.get("/members").await;
    let role = |user: &hufu::domain::user::User| format!("/members/{}/role", user.id);
    let remove = |user: &hufu::domain::user::User| format!("/members/{}/remove", user.id);

    owner.post(&remove(&chen), &[]).await;
    owner.post(&role(&chen), &[("role", "viewer")]).await;
    let page = owner.get("/members").await;
    assert_eq!(page.status, 200, "still an owner");
    assert!(page.body.contains("最后一位能登录的所有者"), "{}", page.body);

    assert_eq!(owner.post(&role(&li), &[("role", "owner")]).await.status, 303);
    assert_eq!(
        owner.post(&role(&foreign), &[("role", "owner")]).await.status,
        404,
        "another tenant's member"
    );
    assert_eq!(owner.post(&remove(&foreign), &[]).await.status, 404);
    assert_eq!(owner.post(&role(&chen), &[("role", "operator")]).await.location(), "/");
    assert_eq!(owner.get("/members").await.status, 403);
    let mut li_browser = portal.signed_in("li").await;
    li_browser.get("/members").await;
    assert_eq!(li_browser.post(&remove(&chen), &[]).await.status, 303);
    assert_eq!(owner.get("/authorize").await.status, 403, "a member of no tenant");
    portal.stop().await;
});

on_both_databases!(two_last_owners_and_two_last_admins_cannot_push_each_other_out, |db| async {
    let portal = Portal::start(&db).await;
    let acme = portal.tenant("acme").await;
    for round in 0..6 {
        let a = portal.user(&format!("a{round}"), Some((&acme, Role::Owner))).await;
        let b = portal.user(&format!("b{round}"), Some((&acme, Role::Owner))).await;
        let (now, by) = (portal.clock.now(), Actor::system());
        let go = |user| change_membership::run(portal.cx(), now, &by, &acme, user, None);
        let (first, second) = tokio::join!(go(&a.id), go(&b.id));
        let failed = [first, second].into_iter().filter(Result::is_err).count();
        let owners = {
            let mut tx = portal.cx().store.read().await.unwrap();
            let members = membership::list_of_tenant(&mut tx, &acme).await.unwrap();
            members.iter().filter(|member| member.role == Role::Owner).count()
        };
        assert_eq!(owners, 1, "round {round}");
        assert_eq!(failed, usize::from(round == 0), "round {round}");
    }
    let (x, y) = (portal.admin("x").await, portal.admin("y").await);
    let by = Actor::system();
    let go = |user| disable_user::run(portal.cx(), portal.clock.now(), &by, user, Access::Disabled);
    let outcomes: Vec<_> = join_all([go(&x.id), go(&y.id)]).await;
    assert_eq!(outcomes.iter().filter(|one| matches!(one, Err(IdentityError::LastAdmin))).count(), 1);
    let left = app_user::count_platform_admins(&mut portal.cx().store.read().await.unwrap()).await.unwrap();
    assert_eq!(left, 1);
    portal.stop().await;
});

on_both_databases!(who_guesses_waits_longer_each_time_and_the_owner_elsewhere_does_not, |db| async {
    let portal = Portal::start(&db).await;
    portal.user("chen", None).await;
    for guess in ["chen@example.com", "nobody@example.com"] {
        for _ in 0..5 {
            assert!(matches!(attempt(&portal, guess, "wrong", address(1)).await, Outcome::Refused));
        }
        let Outcome::Wait(wait) = attempt(&portal, guess, PASSWORD, address(1)).await else {
            panic!("{guess}")
        };
        assert_eq!(wait, Duration::from_secs(15), "{guess}: known and unknown wait alike");
    }
    assert!(matches!(attempt(&portal, "chen@example.com", PASSWORD, address(2)).await, Outcome::Welcome(_)));
    portal.clock.advance(Duration::from_secs(15));
    assert!(matches!(attempt(&portal, "chen@example.com", "wrong", address(1)).await, Outcome::Refused));
    assert!(
        matches!(attempt(&portal, "chen@example.com", "wrong", address(1)).await, Outcome::Wait(wait) if wait.as_secs() == 30)
    );
    portal.clock.advance(Duration::from_secs(3600));
    assert!(matches!(attempt(&portal, "chen@example.com", PASSWORD, address(1)).await, Outcome::Welcome(_)));
    portal.stop().await;
});

on_both_databases!(many_machines_slow_an_account_down_but_not_where_it_is_known, |db| async {
    let portal = Portal::start(&db).await;
    portal.user("chen", None).await;
    assert!(matches!(
        attempt(&portal, "chen@example.com", PASSWORD, address(200)).await,
        Outcome::Welcome(_)
    ));
    for machine in 1..=20 {
        attempt(&portal, "chen@example.com", "wrong", address(machine)).await;
    }
    assert!(matches!(attempt(&portal, "chen@example.com", "wrong", address(21)).await, Outcome::Wait(_)));
    assert!(matches!(
        attempt(&portal, "chen@example.com", PASSWORD, address(200)).await,
        Outcome::Welcome(_)
    ));
    portal.clock.advance(MINUTE);
    assert!(matches!(attempt(&portal, "chen@example.com", PASSWORD, address(99)).await, Outcome::Welcome(_)));
    portal.stop().await;
});

on_both_databases!(many_tries_at_once_are_all_counted_over_processes, |db| async {
    let portal = Portal::start(&db).await;
    portal.user("chen", None).await;
    let beside = portal.beside().await;
    let tries = (0..20).map(|number| {
        let portal = if number % 2 == 0 { &portal } else { &beside };
        attempt(portal, "chen@example.com", "wrong", address(1))
    });
    let refused = join_all(tries).await.into_iter().filter(|one| matches!(one, Outcome::Refused)).count();
    assert_eq!(refused, 5);
    beside.stop().await;
    portal.stop().await;
});

on_both_databases!(the_page_says_how_long_to_wait, |db| async {
    let portal = Portal::start(&db).await;
    let mut browser = portal.browser();
    for _ in 0..5 {
        assert_eq!(browser.sign_in("chen@example.com", "wrong").await.status, 422);
    }
    let page = browser.sign_in("chen@example.com", "wrong").await;
    assert!(page.body.contains("尝试次数过多，请等待 15 秒后再试"), "{}", page.body);
    portal.stop().await;
});

on_both_databases!(a_forgotten_password_is_chosen_anew_and_nobody_learns_who_is_known, |db| async {
    let (portal, office) = with_mail(&db).await;
    let acme = portal.tenant("acme").await;
    portal.user("chen", Some((&acme, Role::Owner))).await;
    let mut signed_in = portal.signed_in("chen").await;
    let mut browser = portal.browser();
    browser.get("/password/forgot").await;
    let known = browser.post("/password/forgot", &[("email", "chen@example.com")]).await;
    let unknown = browser.post("/password/forgot", &[("email", "nobody@example.com")]).await;
    assert_eq!((known.status, unknown.status), (200, 200));
    let (known, unknown) = (known.plain(), unknown.plain());
    assert_eq!(known, unknown.replace("nobody@", "chen@"), "the pages are the same");
    tick(&portal).await;
    assert_eq!(office.arrived().len(), 1, "only the known one gets a letter");

    let path = path_of(&office.newest("chen@example.com").link());
    let page = browser.get(&path).await;
    assert!(page.status == 200 && page.header("referrer-policy") == "no-referrer");
    assert_eq!(browser.post(&path, &[("password", "chenchenchen")]).await.status, 422);
    let done = browser.post(&path, &[("password", NEW)]).await;
    assert_eq!((done.status, done.location()), (303, "/sign-in?done=reset"), "{}", done.body);
    assert_eq!(browser.get(&path).await.status, 404, "used up");
    assert_eq!(signed_in.get("/authorize").await.status, 303, "every session is over");
    assert_eq!(browser.sign_in("chen@example.com", PASSWORD).await.status, 422);
    assert_eq!(browser.sign_in("chen@example.com", NEW).await.status, 303);
    tick(&portal).await;
    assert!(office.newest("chen@example.com").text().contains("密码刚刚被修改"));
    portal.stop().await;
});

on_both_databases!(a_reset_link_lapses_and_an_account_gets_few_letters, |db| async {
    let (portal, office) = with_mail(&db).await;
    portal.user("chen", None).await;
    let mut browser = portal.browser();
    browser.get("/password/forgot").await;
    for _ in 0..5 {
        browser.post("/password/forgot", &[("email", "chen@example.com")]).await;
    }
    tick(&portal).await;
    assert_eq!(office.arrived().len(), 3);
    let path = path_of(&office.newest("chen@example.com").link());
    portal.clock.advance(Duration::from_secs(3600));
    assert_eq!(browser.get(&path).await.status, 404, "an hour is over");
    assert_eq!(browser.post(&path, &[("password", NEW)]).await.status, 404);
    portal.stop().await;
});

on_both_databases!(without_mail_an_admin_makes_the_link_and_sees_and_ends_sessions, |db| async {
    let portal = Portal::start(&db).await;
    let chen = portal.user("chen", None).await;
    portal.admin("boss").await;
    let mut browser = portal.signed_in("chen").await;
    assert!(portal.browser().get("/password/forgot").await.body.contains("联系平台管理员"));
    let mut boss = portal.signed_in("boss").await;
    let here = format!("/admin/users/{}", chen.id);
    assert!(boss.get(&here).await.body.contains("127.0.0.1"));
    let made = boss.post(&format!("{here}/reset"), &[]).await;
    let path = path_of(&link_on(&made.body, "http://127.0.0.1"));
    assert_eq!(portal.browser().get(&path).await.status, 200);
    assert_eq!(boss.post(&format!("{here}/sessions/end"), &[("session", "")]).await.status, 303);
    assert_eq!(browser.get("/account").await.status, 303, "signed out");
    portal.stop().await;
});

on_both_databases!(one_changes_name_language_and_password_and_ends_other_sessions, |db| async {
    let portal = Portal::start(&db).await;
    portal.user("chen", None).await;
    let (mut here, mut there) = (portal.signed_in("chen").await, portal.signed_in("chen").await);
    let mut third = portal.signed_in("chen").await;
    here.get("/account").await;
    assert_eq!(here.post("/account", &[("name", "陈大晓"), ("language", "zh")]).await.status, 303);
    assert!(here.get("/account").await.body.contains("陈大晓"));
    assert_eq!(here.post("/account", &[("name", ""), ("language", "zh")]).await.status, 422);

    let list = here.get("/account/sessions").await.body;
    let names: Vec<String> = list
        .split("name=\"session\" value=\"")
        .skip(1)
        .filter_map(|rest| rest.split('"').next().map(str::to_owned))
        .collect();
    assert_eq!(names.len(), 3);
    assert_eq!(list.matches("当前会话").count(), 1);
    assert_eq!(here.post("/account/sessions/end", &[("session", "nothing")]).await.status, 404);
    assert_eq!(here.post("/account/sessions/end-others", &[]).await.status, 303);
    assert_eq!(there.get("/account").await.status, 303, "ended");
    assert_eq!(third.get("/account").await.status, 303, "ended");

    there = portal.signed_in("chen").await;
    here.get("/account").await;
    let wrong = [("present", "wrong"), ("password", NEW)];
    let failures = "SELECT actor_id FROM audit WHERE action = 'session.step_up_failed'";
    assert!(db.texts(failures).await.is_empty());
    assert!(here.post("/account/password", &wrong).await.body.contains("当前密码不正确"));
    assert_eq!(db.texts(failures).await.len(), 1, "a password that was tried is told");
    let weak = [("present", PASSWORD), ("password", "aaaaaaaaaaaaaaa")];
    assert_eq!(here.post("/account/password", &weak).await.status, 422);
    let good = [("present", PASSWORD), ("password", NEW)];
    assert_eq!(here.post("/account/password", &good).await.status, 303);
    assert_eq!(here.get("/account").await.status, 200, "this session stays");
    assert_eq!(there.get("/account").await.status, 303, "others end");
    portal.stop().await;
});
