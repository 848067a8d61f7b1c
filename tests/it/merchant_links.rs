//! Merchants without a login grant accounts by links: the whole way, and everything a link refuses.

use hufu::domain::authorization::AuthorizationStatus;
use hufu::domain::health::Health;
use hufu::domain::role::Role;
use hufu::sandbox::GrantRequest;
use hufu::service::list_links;
use url::Url;

use crate::engine::world::{EXCHANGE, SHOP, World};
use crate::harness::{Answer, Browser, Database};

const OTHER: &str = "wxa0000000000000s2";
const PREAUTH: &str = "/cgi-bin/component/api_create_preauthcode";

/// A world in which `chen` operates the tenant `acme`, and chen's browser.
async fn world(db: &Database) -> (World, Browser) {
    let world = World::new(db).await;
    world.portal.user("chen", Some((&world.acme, Role::Operator))).await;
    let chen = world.portal.signed_in("chen").await;
    (world, chen)
}

/// Makes a link; the paths of its own page and of the merchant's.
async fn make(chen: &mut Browser, fields: &[(&str, &str)]) -> (String, String) {
    assert_eq!(chen.get("/links").await.status, 200);
    let mut all = vec![("label", "西湖店")];
    all.extend(fields);
    let answer = chen.post("/links", &all).await;
    assert_eq!(answer.status, 303, "{}", answer.body);
    let own = answer.location().to_owned();
    let page = chen.get(&own).await;
    let url = page.body.split("<code>").nth(1).unwrap().split('<').next().unwrap();
    (own, Url::parse(url).unwrap().path().to_owned())
}

/// The merchant opens the link and presses the button; the path of the entry page.
async fn press(merchant: &mut Browser, link: &str) -> String {
    let page = merchant.get(link).await;
    assert_eq!(page.status, 200, "{}", page.body);
    let answer = merchant.post(link, &[]).await;
    assert_eq!(answer.status, 303, "{}", answer.body);
    answer.location().to_owned()
}

fn href(page: &Answer) -> Url {
    let tag = page.body.split("<a id=\"go\"").nth(1).expect("the way to WeChat is there");
    let href = tag.split("href=\"").nth(1).unwrap().split('"').next().unwrap();
    Url::parse(&href.replace("&#38;", "&").replace("&amp;", "&")).unwrap()
}

fn pair(url: &Url, name: &str) -> String {
    url.query_pairs().find(|(key, _)| key == name).expect("the parameter is there").1.into_owned()
}

/// The account's administrator consents; the path WeChat sends the browser back to.
fn consent(world: &World, entry: &Answer, account: &str) -> String {
    let go = href(entry);
    let grant = GrantRequest {
        pre_auth_code: Some(pair(&go, "pre_auth_code")),
        push: Some(false),
        ..GrantRequest::new(account)
    };
    let code = world.control.grant(&grant).unwrap();
    let mut back = Url::parse(&pair(&go, "redirect_uri")).unwrap();
    back.query_pairs_mut().append_pair("auth_code", &code).append_pair("expires_in", "3600");
    format!("{}?{}", back.path(), back.query().unwrap())
}

/// The whole way of a merchant; the result page.
async fn grant(world: &World, merchant: &mut Browser, link: &str, account: &str) -> Answer {
    let entry = press(merchant, link).await;
    let page = merchant.get(&entry).await;
    let back = merchant.get(&consent(world, &page, account)).await;
    assert_eq!(back.status, 303, "{}", back.body);
    world.tick().await;
    merchant.get(back.location()).await
}

on_both_databases!(a_merchant_without_a_login_grants_an_account_to_the_right_tenant, |db| async move {
    let (world, mut chen) = world(&db).await;
    let (own, link) = make(&mut chen, &[]).await;
    assert!(link.len() > "/connect/".len() + 32);
    let mut merchant = world.portal.browser();

    let page = merchant.get(&link).await;
    assert_eq!((page.status, page.header("referrer-policy")), (200, "origin"));
    assert_eq!(
        (page.header("x-robots-tag"), page.header("cache-control")),
        ("noindex, nofollow", "no-store")
    );
    assert!(page.body.contains("公司 acme") && page.body.contains("没有可选的账号"), "{}", page.body);
    assert!(!page.body.contains("西湖店"), "what the tenant calls the merchant is its own business");
    let entry = press(&mut merchant, &link).await;
    let page = merchant.get(&entry).await;
    assert_eq!((page.status, page.header("referrer-policy")), (200, "origin"));
    let back = consent(&world, &page, SHOP);
    let mut thief = world.portal.browser();
    assert_eq!(thief.get(&back).await.status, 400, "another browser brings the right state");
    let answer = merchant.get(&back).await;
    assert_eq!(answer.status, 303, "{}", answer.body);
    world.tick().await;
    let done = merchant.get(answer.location()).await;

    assert!(done.body.contains(&format!("“店 {SHOP}”已授权成功")), "{}", done.body);
    assert!(!done.body.contains("href=\"/authorizers") && !done.body.contains("class=\"badge"));
    assert!(world.row(&world.rival, SHOP).await.is_none());
    assert_eq!(world.row(&world.acme, SHOP).await.unwrap().health, Health::Healthy);
    let gone = merchant.get(&link).await;
    assert_eq!(gone.status, 410);
    assert!(gone.body.contains("已经完成"), "{}", gone.body);
    let shown = chen.get(&own).await;
    assert!(shown.body.contains("已完成") && shown.body.contains(&format!("授权成功：{SHOP}")));
    assert!(shown.body.contains("第一次被打开"), "{}", shown.body);
    world.end().await;
});

on_both_databases!(every_press_makes_a_fresh_code_at_the_links_pace, |db| async move {
    let (world, mut chen) = world(&db).await;
    let (own, link) = make(&mut chen, &[("uses", "any")]).await;
    let mut merchant = world.portal.browser();

    let first = press(&mut merchant, &link).await;
    let first = pair(&href(&merchant.get(&first).await), "pre_auth_code");
    let second = press(&mut merchant, &link).await;
    let second_page = merchant.get(&second).await;
    assert_ne!(first, pair(&href(&second_page), "pre_auth_code"));
    assert_eq!(world.calls(PREAUTH, ""), 2);

    for _ in 0..6 {
        press(&mut merchant, &link).await;
    }
    let mut other = world.portal.browser();
    other.get(&link).await;
    let refused = other.post(&link, &[]).await;
    assert_eq!(refused.status, 429, "another browser does not help: the link is pressed too fast");
    assert!(refused.body.contains("操作太频繁") && refused.body.contains(&format!("href=\"{link}\"")));
    assert_eq!(world.calls(PREAUTH, ""), 8);
    let renewed = merchant.post(&format!("{second}/renew"), &[]).await;
    assert_eq!(renewed.status, 429, "the pages that follow keep the link's pace");
    world.skip(60);
    assert_eq!(other.post(&link, &[]).await.status, 303);
    assert_eq!(other.post(&link, &[]).await.status, 429);
    for _ in 0..3 {
        merchant.get(&link).await;
    }
    let page = chen.get(&own).await;
    let opened = page.body.split("<span>打开").next().unwrap().rsplit("<b>").next().unwrap();
    assert_eq!(opened.split('<').next().unwrap(), "2", "two browsers, however often they looked");
    chen.get(&link).await;
    assert!(chen.get(&own).await.body.contains("<b>2</b><span>打开"), "insiders are not counted");
    world.end().await;
});

on_both_databases!(an_address_has_a_pace_of_its_own_over_all_links, |db| async move {
    let (world, mut chen) = world(&db).await;
    let mut links = Vec::new();
    for _ in 0..6 {
        links.push(make(&mut chen, &[("uses", "any")]).await.1);
    }
    let mut merchant = world.portal.browser();
    let mut statuses = Vec::new();
    for link in &links {
        merchant.get(link).await;
        for _ in 0..8 {
            statuses.push(merchant.post(link, &[]).await.status);
        }
    }
    assert_eq!(statuses.iter().filter(|status| **status == 303).count(), 40);
    assert_eq!(statuses[40..], [429; 8]);
    world.end().await;
});

on_both_databases!(a_locked_link_refuses_another_account_in_plain_words, |db| async move {
    let (world, mut chen) = world(&db).await;
    world.authorize(&world.acme, SHOP).await;
    world.account(OTHER);
    let (own, link) = make(&mut chen, &[("locked", SHOP)]).await;
    let mut merchant = world.portal.browser();
    let page = merchant.get(&link).await;
    assert!(page.body.contains(&format!("店 {SHOP}")) && page.body.contains(SHOP), "{}", page.body);

    let entry = press(&mut merchant, &link).await;
    let page = merchant.get(&entry).await;
    assert_eq!(pair(&href(&page), "biz_appid"), SHOP);
    let back = merchant.get(&consent(&world, &page, OTHER)).await;
    world.tick().await;
    let result = merchant.get(back.location()).await;
    assert!(result.body.contains("不是邀请里的那个账号") && result.body.contains("再试一次"));
    assert!(world.row(&world.acme, OTHER).await.is_none());
    assert!(chen.get(&own).await.body.contains("选择的不是原来的账号"));

    let renew = result.body.split("action=\"").nth(1).unwrap().split('"').next().unwrap().to_owned();
    let again = merchant.post(&renew, &[]).await;
    assert_eq!(again.status, 303, "{}", again.body);
    let page = merchant.get(again.location()).await;
    let back = merchant.get(&consent(&world, &page, SHOP)).await;
    world.tick().await;
    assert!(merchant.get(back.location()).await.body.contains("已授权成功"));
    assert_eq!(chen.post("/links", &[("label", "x"), ("locked", OTHER)]).await.status, 422, "not theirs");
    world.end().await;
});

on_both_databases!(links_that_are_over_are_a_clear_page_and_guesses_all_look_alike, |db| async move {
    let (world, mut chen) = world(&db).await;
    let (own, revoked) = make(&mut chen, &[]).await;
    let (_, brief) = make(&mut chen, &[("days", "1")]).await;
    let (_, suspended) = make(&mut chen, &[("days", "90")]).await;
    let mut merchant = world.portal.browser();
    let entry = press(&mut merchant, &revoked).await;
    let calls = world.calls(PREAUTH, "");

    assert_eq!(chen.post(&format!("{own}/revoke"), &[]).await.status, 303);
    let page = merchant.get(&revoked).await;
    assert_eq!(page.status, 410);
    assert!(page.body.contains("已停用") && !page.body.contains("公司 acme"), "{}", page.body);
    assert_eq!(merchant.post(&revoked, &[]).await.status, 410);
    let page = merchant.get(&entry).await;
    assert!(!page.body.contains("id=\"go\""), "an entry page that is open leads nowhere any more");
    assert_eq!(merchant.post(&format!("{entry}/renew"), &[]).await.status, 410);

    world.skip(86_400);
    let page = merchant.get(&brief).await;
    assert_eq!(page.status, 410);
    assert!(page.body.contains("已过期"), "{}", page.body);
    db.execute("UPDATE tenant SET suspended_at = 1 WHERE slug = 'acme'").await.unwrap();
    let page = merchant.get(&suspended).await;
    assert_eq!(page.status, 410);
    assert!(page.body.contains("已停用"), "{}", page.body);
    assert_eq!(merchant.post(&suspended, &[]).await.status, 410);
    assert_eq!(world.calls(PREAUTH, ""), calls, "WeChat was not bothered");

    let mut pages = Vec::new();
    for guess in ["short".to_owned(), "x".repeat(40), "y".repeat(400), "with-a-dash".to_owned()] {
        let path = format!("/connect/{guess}");
        let (got, posted) = (merchant.get(&path).await, merchant.post(&path, &[]).await);
        assert_eq!((got.status, posted.status), (404, 404), "{guess}");
        pages.push(got.plain().replace(&guess, "GUESS"));
    }
    assert!(pages.windows(2).all(|two| two[0] == two[1]), "one looks different");
    world.end().await;
});

on_both_databases!(a_link_for_one_lets_one_account_in_however_many_came_at_once, |db| async move {
    let (world, mut chen) = world(&db).await;
    world.account(OTHER);
    let (_, link) = make(&mut chen, &[]).await;
    let (mut first, mut second) = (world.portal.browser(), world.portal.browser());
    let mut pages = Vec::new();
    for merchant in [&mut first, &mut second] {
        let entry = press(merchant, &link).await;
        pages.push(merchant.get(&entry).await);
    }

    let backs = [consent(&world, &pages[0], SHOP), consent(&world, &pages[1], OTHER)];
    let answers = [first.get(&backs[0]).await, second.get(&backs[1]).await];
    world.tick().await;

    assert!(first.get(answers[0].location()).await.body.contains("已授权成功"));
    let waits = second.get(answers[1].location()).await;
    assert!(waits.body.contains("需要人工确认"), "{}", waits.body);
    assert!(world.row(&world.acme, SHOP).await.is_some() && world.row(&world.acme, OTHER).await.is_none());
    assert_eq!(world.calls(EXCHANGE, ""), 2, "its tokens are kept, so nobody has to scan again");
    assert!(chen.get("/authorizers").await.body.contains("商户链接在授权期间被撤销，或已被用完"));
    world.end().await;
});

on_both_databases!(a_link_for_many_counts_what_it_brought, |db| async move {
    let (world, mut chen) = world(&db).await;
    world.account(OTHER);
    let (_, link) = make(&mut chen, &[("uses", "5")]).await;
    for account in [SHOP, OTHER] {
        let mut merchant = world.portal.browser();
        assert!(grant(&world, &mut merchant, &link, account).await.body.contains("已授权成功"));
    }
    let links = list_links::run(world.cx(), world.now(), &world.acme, None, (None, 9)).await.unwrap();
    let one = &links.rows[0];
    assert_eq!((one.handed.link.uses, one.started, one.failed, one.handed.link.opened), (2, 2, 0, 2));
    let (_, attempts) = list_links::one(world.cx(), &world.acme, &one.handed.link.id).await.unwrap();
    assert!(attempts.iter().all(|attempt| attempt.status == AuthorizationStatus::Finished));
    assert!(list_links::one(world.cx(), &world.rival, &one.handed.link.id).await.is_err());
    world.end().await;
});

on_both_databases!(the_page_speaks_the_links_language_until_the_merchant_chooses, |db| async move {
    let (world, mut chen) = world(&db).await;
    let (_, link) = make(&mut chen, &[("language", "en"), ("way", "h5")]).await;
    let mut merchant = world.portal.browser();
    let page = merchant.get(&link).await;
    assert!(
        page.body.contains("invites you") && page.body.contains("inside WeChat on a phone"),
        "{}",
        page.body
    );
    assert!(!page.body.contains("id=\"start\"") && page.body.contains("class=\"qr\""));
    merchant.get("/language?lang=zh&next=/").await;
    assert!(merchant.get(&link).await.body.contains("邀请你授权"));
    merchant.headers = vec![("user-agent", "iPhone Mobile MicroMessenger/8.0".to_owned())];
    let entry = press(&mut merchant, &link).await;
    let page = merchant.get(&entry).await;
    assert_eq!(href(&page).path(), "/wxaopen/safe/bindcomponent");
    assert!(!page.body.contains("id=\"go-other\""), "only the way that was chosen");
    world.end().await;
});
