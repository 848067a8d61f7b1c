//! Links for every account that waits for its administrator, letters with links, and the logo merchants see.

use hufu::domain::audit::Actor;
use hufu::domain::ids::{AuthorizerAppid, AuthorizerKey, ComponentAppid, TenantId};
use hufu::domain::role::Role;
use hufu::service::bulk_links::{self, AT_ONCE, Wanted};
use hufu::store::authorizer_grant;

use crate::engine::world::{SHOP, World};
use crate::harness::{Browser, Portal, PostOffice};

const WANTED: Wanted = Wanted { days: 7, lang: None };

/// All accounts at once.
const LOST: &str = "UPDATE authorizer SET health = 'needs_reauthorization', health_rank = 10";
const NOT_EXCHANGED: &str = "UPDATE authorizer SET health = 'not_exchanged', health_rank = 20";
const CANCELLED: &str = "UPDATE authorizer SET health = 'unauthorized', health_rank = 70";

/// So many accounts of the tenant that nobody has granted anything with.
async fn accounts(portal: &Portal, component: &str, tenant: &TenantId, count: usize) {
    let mut tx = portal.cx().store.write().await.unwrap();
    for number in 0..count {
        let key = AuthorizerKey {
            component: ComponentAppid::parse(component).unwrap(),
            authorizer: AuthorizerAppid::parse(&format!("wxbulk{number:04}")).unwrap(),
        };
        authorizer_grant::insert(&mut tx, &key, tenant, portal.clock.now()).await.unwrap();
    }
    tx.commit().await.unwrap();
}

async fn chen(world: &World) -> Browser {
    world.portal.user("chen", Some((&world.acme, Role::Operator))).await;
    world.portal.signed_in("chen").await
}

on_both_databases!(every_waiting_account_gets_one_link_however_often_it_is_pressed, |db| async move {
    let world = World::new(&db).await;
    let mut chen = chen(&world).await;
    world.authorize(&world.acme, SHOP).await;
    assert!(chen.get("/links/bulk").await.body.contains("没有需要重新授权的账号"));
    assert!(!chen.get("/authorizers").await.body.contains("/links/bulk"));
    db.execute("UPDATE authorizer SET nick_name = '=cmd|x'").await.unwrap();
    db.execute(LOST).await.unwrap();

    assert!(chen.get("/authorizers?state=needs_reauthorization").await.body.contains("/links/bulk"));
    chen.get("/links/bulk").await;
    assert_eq!(chen.post("/links/bulk", &[("days", "30")]).await.status, 303);
    let page = chen.get("/links/bulk").await;
    assert!(page.body.contains("已生成 1 个链接"), "{}", page.body);
    let lines = page.body.split("id=\"all-links\"").nth(1).unwrap().split('>').nth(1).unwrap();
    let line = lines.split('<').next().unwrap();
    let (name, rest) = line.split_once(&format!(" {SHOP} ")).unwrap();
    assert!(name.contains("cmd|x") && rest.contains("/connect/"), "{line}");
    assert_eq!(chen.post("/links/bulk", &[]).await.status, 303);
    let again = chen.get("/links/bulk").await;
    assert!(again.body.contains("已生成 0 个链接") && again.body.contains(rest), "the same link");

    let csv = chen.get("/links/bulk.csv").await;
    assert_eq!(csv.header("content-type"), "text/csv; charset=utf-8");
    assert!(csv.header("content-disposition").contains("attachment"));
    assert!(csv.body.contains("\"'=cmd|x\",") && csv.body.contains(rest), "{}", csv.body);
    let link = url::Url::parse(rest).unwrap().path().to_owned();
    let mut merchant = world.portal.browser();
    assert!(merchant.get(&link).await.body.contains(SHOP));
    world.end().await;
});

on_both_databases!(
    a_thousand_accounts_take_three_presses_and_two_people_at_once_make_no_doubles,
    |db| async move {
        let world = World::new(&db).await;
        accounts(&world.portal, hufu::sandbox::NEWCOMER_APPID, &world.acme, 2 * AT_ONCE + 3).await;
        db.execute(CANCELLED).await.unwrap();
        let (cx, now, by) = (world.cx(), world.now(), Actor::system());
        let press = || bulk_links::run(cx, now, &by, &world.acme, WANTED);

        let (one, other) = tokio::join!(press(), press());
        let (one, other) = (one.unwrap(), other.unwrap());
        assert_eq!((one.made, other.made), (AT_ONCE, AT_ONCE));
        let last = press().await.unwrap();
        assert_eq!((last.made, last.left), (3, false));
        assert_eq!(press().await.unwrap().made, 0);
        let (rows, next) = bulk_links::list(cx, now, &world.acme, None).await.unwrap();
        assert!(rows.iter().all(|row| row.handed.is_some()) && rows.len() == AT_ONCE);
        let (rows, _) = bulk_links::list(cx, now, &world.acme, next.as_ref()).await.unwrap();
        assert_eq!(rows.len(), AT_ONCE);
        let mut tx = cx.store.read().await.unwrap();
        let open = hufu::store::merchant_link::count_open(&mut tx, &world.acme, now).await.unwrap();
        assert_eq!(open, i64::try_from(2 * AT_ONCE + 3).unwrap(), "no account has two");
        drop(tx);
        assert!(bulk_links::list(cx, now, &world.rival, None).await.unwrap().0.is_empty());
        world.end().await;
    }
);

on_both_databases!(links_go_out_by_e_mail_to_the_addresses_that_were_pasted, |db| async move {
    let office = PostOffice::open().await;
    let mail = [("HUFU_SMTP_URL", &*office.url), ("HUFU_MAIL_FROM", "虎符 <hufu@example.com>")];
    let portal = Portal::start_with(&db, &mail).await;
    let acme = portal.tenant("acme").await;
    portal.user("chen", Some((&acme, Role::Operator))).await;
    let component = hufu::domain::component::ComponentConfig {
        appid: ComponentAppid::parse("wxcomponent").unwrap(),
        name: "平台".to_owned(),
        appsecret: hufu::secret::Secret::new("appsecret"),
        token: hufu::secret::Secret::new("token"),
        previous_token: None,
        aes_key: hufu::secret::Secret::new("k".repeat(43)),
        previous_aes_key: None,
    };
    let mut tx = portal.cx().store.write().await.unwrap();
    hufu::store::component::put(&mut tx, &portal.cx().vault, portal.clock.now(), &component).await.unwrap();
    tx.commit().await.unwrap();
    accounts(&portal, "wxcomponent", &acme, 2).await;
    db.execute(NOT_EXCHANGED).await.unwrap();
    let mut chen = portal.signed_in("chen").await;
    chen.get("/links/bulk").await;
    chen.post("/links/bulk", &[("language", "en")]).await;

    let bad =
        chen.post("/links/bulk/send", &[("lines", "wxbulk0000,ann@example.com\nwxbulk0001 nobody")]).await;
    assert_eq!(bad.status, 422);
    assert!(bad.body.contains("wxbulk0001 nobody"), "{}", bad.body);
    let lines = "wxbulk0000,Ann@Example.com\nwxelse,bob@example.com";
    assert_eq!(chen.post("/links/bulk/send", &[("lines", lines)]).await.status, 303);
    let page = chen.get("/links/bulk").await;
    assert!(page.body.contains("1 封邮件") && page.body.contains("wxelse"), "{}", page.body);
    assert!(page.body.contains("ann@example.com"), "the row tells where it was sent");
    hufu::jobs::Engine::new(portal.cx().clone()).tick(portal.clock.now()).await;
    let letter = office.newest("ann@example.com");
    let link = letter.link();
    assert!(letter.text().contains("invites you") && page.body.contains(&link), "{}", letter.text());

    let own = page.body.split("href=\"/links/").skip(1).find(|part| !part.starts_with("bulk")).unwrap();
    let own = format!("/links/{}", own.split('"').next().unwrap());
    chen.get(&own).await;
    assert_eq!(chen.post(&format!("{own}/send"), &[("email", "nobody")]).await.status, 422);
    assert_eq!(chen.post(&format!("{own}/send"), &[("email", "cy@example.com")]).await.status, 303);
    assert!(chen.get(&own).await.body.contains("邮件已发往 cy@example.com"));

    for letter in 0..20 {
        let sent = chen.post(&format!("{own}/send"), &[("email", "dd@example.com")]).await;
        assert_eq!(sent.status, 303);
        assert!(chen.get(&own).await.body.contains("邮件已排队发送"), "letter {letter}");
    }
    let refused = chen.post(&format!("{own}/send"), &[("email", "dd@example.com")]).await;
    assert_eq!((refused.status, refused.location()), (303, &*own));
    let page = chen.get(&own).await;
    assert!(
        page.body.contains("刚给这个邮箱发过许多邮件") && page.body.contains("复制链接"),
        "{}",
        page.body
    );
    let lines = "wxbulk0000,dd@example.com\nwxbulk0001,ed@example.com";
    assert_eq!(chen.post("/links/bulk/send", &[("lines", lines)]).await.status, 303);
    let page = chen.get("/links/bulk").await;
    assert!(
        page.body.contains("1 封邮件") && page.body.contains("还有 1 个账号的邮件没有发"),
        "{}",
        page.body
    );
    assert!(page.body.contains("ed@example.com"), "the others are sent");
    portal.stop().await;
});

on_both_databases!(an_owner_changes_the_logo_and_only_pictures_are_taken, |db| async move {
    let world = World::new(&db).await;
    world.portal.user("own", Some((&world.acme, Role::Owner))).await;
    let mut owner = world.portal.signed_in("own").await;
    let mut chen = chen(&world).await;
    assert_eq!(chen.get("/links/logo").await.status, 403, "an operator may not");
    let png = [b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR".as_slice(), &[7; 90]].concat();

    owner.get("/links/logo").await;
    for wrong in [b"<svg xmlns='http://www.w3.org/2000/svg'/>".to_vec(), b"GIF89a".to_vec(), Vec::new()] {
        assert_eq!(owner.post_file("/links/logo", &wrong).await.status, 422);
    }
    let large = [png.as_slice(), &[0; 256 * 1024]].concat();
    assert_eq!(owner.post_file("/links/logo", &large).await.status, 422);
    assert_eq!(owner.post_file("/links/logo", &vec![0; 2 << 20]).await.status, 413);
    let token = std::mem::replace(&mut owner.csrf, "wrong".to_owned());
    assert_eq!(owner.post_file("/links/logo", &png).await.status, 403);
    owner.csrf = token;
    assert_eq!(owner.post_file("/links/logo", &png).await.status, 303);

    let page = owner.get("/links/logo").await;
    let logo = page.body.split("src=\"/logo/").nth(1).unwrap().split('"').next().unwrap();
    let mut merchant = world.portal.browser();
    let served = merchant.get(&format!("/logo/{logo}")).await;
    assert_eq!((served.status, served.header("content-type")), (200, "image/png"));
    assert_eq!(served.header("x-content-type-options"), "nosniff");
    assert_eq!(served.header("content-security-policy"), "default-src 'none'; sandbox");
    assert!(!served.headers.contains_key("set-cookie"));
    assert_eq!(merchant.get("/logo/../hufu.key").await.status, 404);
    assert_eq!(merchant.get(&format!("/logo/{}", logo.replace(".png", ".jpg"))).await.status, 404);
    chen.get("/links").await;
    let made = chen.post("/links", &[("label", "店")]).await;
    let shown = chen.get(made.location()).await;
    let url = shown.body.split("<code>").nth(1).unwrap().split('<').next().unwrap().to_owned();
    let invitation = merchant.get(url::Url::parse(&url).unwrap().path()).await;
    assert!(invitation.body.contains(&format!("src=\"/logo/{logo}\"")), "{}", invitation.body);

    owner.get("/links/logo").await;
    assert_eq!(owner.post("/links/logo/remove", &[]).await.status, 303);
    assert_eq!(merchant.get(&format!("/logo/{logo}")).await.status, 404);
    world.end().await;
});
