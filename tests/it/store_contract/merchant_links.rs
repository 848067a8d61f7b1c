//! Links for merchants, what is counted of them, and how fast buttons may be pressed.

use std::time::Duration;

use hufu::domain::authorization::{AuthType, AuthorizationStatus, GrantProblem};
use hufu::domain::health::Health;
use hufu::domain::ids::{AuthorizationId, MerchantLinkId};
use hufu::domain::logo::Logo;
use hufu::domain::merchant_link::{MOST_VISITS, MerchantLink, Pace, Standing, Way};
use hufu::domain::reason::Reason;
use hufu::domain::text::Lang;
use hufu::domain::user::Email;
use hufu::secret::{MerchantLinkToken, OneTimeToken, PreAuthCode, Secret as _};
use hufu::store::authorization::{self, NewAuthorization};
use hufu::store::authorizer_state::{self, Verdict};
use hufu::store::merchant_link_list::{self, Cursor};
use hufu::store::{
    Store, Writer, authorization_ending, merchant_link, merchant_link_visit, press_rate, tenant_logo,
};

use super::fixtures::{
    a_platform, a_tenant, an_account, appid, at, component_appid, key, tenant_id, user_id, vault,
};

fn id(name: &str) -> MerchantLinkId {
    MerchantLinkId::parse(name).unwrap()
}

fn a_link(name: &str, created_at: i64) -> MerchantLink {
    MerchantLink {
        id: id(name),
        tenant: tenant_id("acme"),
        label: format!("店 {name}"),
        email: None,
        lang: None,
        component: None,
        auth_type: AuthType::Both,
        way: Way::Any,
        locked: None,
        most_uses: Some(1),
        uses: 0,
        created_by: None,
        created_at: at(created_at),
        expires_at: at(created_at + 1000),
        revoked_at: None,
        sent_at: None,
        opened: 0,
        first_opened_at: None,
        last_opened_at: None,
    }
}

fn token(name: &str) -> MerchantLinkToken {
    MerchantLinkToken::new(format!("token-{name}"))
}

async fn put(store: &Store, link: &MerchantLink) {
    let mut tx = store.write().await.unwrap();
    merchant_link::insert(&mut tx, &vault(), link, &token(link.id.as_str())).await.unwrap();
    tx.commit().await.unwrap();
}

/// An attempt begun with the link; it ends with `problem`, well, or not at all.
async fn attempt(tx: &mut Writer, name: &str, link: &str, ends: Option<Option<GrantProblem>>, seconds: i64) {
    let attempt = AuthorizationId::parse(name).unwrap();
    let new = NewAuthorization {
        id: &attempt,
        component: &component_appid(),
        tenant: &tenant_id("acme"),
        user: None,
        session_hash: None,
        device_hash: None,
        state: &OneTimeToken::new(format!("state-{name}")),
        entry: &OneTimeToken::new(format!("entry-{name}")),
        auth_type: AuthType::Both,
        expected_appid: None,
        pre_auth_code: &PreAuthCode::new(format!("code-{name}")),
        code_expires_at: at(seconds + 600),
        link: Some(&id(link)),
        asked_at: at(seconds),
    };
    authorization::insert(tx, &vault(), at(seconds), &new).await.unwrap();
    if let Some(problem) = ends {
        authorization_ending::end(tx, &attempt, at(seconds + 5), (Some(&appid("wxa")), problem))
            .await
            .unwrap();
    }
}

on_both_databases!(a_link_is_found_by_its_token_as_it_was_put, |db| async {
    a_platform(db.store()).await;
    let narrow = MerchantLink {
        email: Some(Email::parse("wang@example.com").unwrap()),
        lang: Some(Lang::En),
        component: Some(component_appid()),
        auth_type: AuthType::MiniProgram,
        way: Way::H5,
        locked: Some(appid("wxa")),
        most_uses: None,
        created_by: Some(user_id("ann")),
        ..a_link("narrow", 1)
    };
    put(db.store(), &narrow).await;

    let mut tx = db.store().read().await.unwrap();
    let found = merchant_link::find_by_token(&mut tx, &vault(), "token-narrow").await.unwrap().unwrap();
    assert_eq!((&found.link, found.token.expose()), (&narrow, "token-narrow"));
    assert!(merchant_link::find_by_token(&mut tx, &vault(), "token-other").await.unwrap().is_none());
    let mine = merchant_link::find(&mut tx, &vault(), &tenant_id("acme"), &narrow.id).await.unwrap().unwrap();
    assert_eq!(mine.link, narrow);
    assert!(merchant_link::find(&mut tx, &vault(), &tenant_id("other"), &narrow.id).await.unwrap().is_none());
});

on_both_databases!(a_link_is_revoked_once_by_its_own_tenant, |db| async {
    a_platform(db.store()).await;
    put(db.store(), &a_link("one", 1)).await;
    put(db.store(), &a_link("two", 2)).await;
    let (acme, other) = (tenant_id("acme"), tenant_id("other"));

    let mut tx = db.store().write().await.unwrap();
    assert_eq!(merchant_link::count_open(&mut tx, &acme, at(3)).await.unwrap(), 2);
    assert!(merchant_link::takes_more(&mut tx, &id("one")).await.unwrap());
    assert!(!merchant_link::revoke(&mut tx, &other, &id("one"), at(3)).await.unwrap());
    assert!(merchant_link::revoke(&mut tx, &acme, &id("one"), at(3)).await.unwrap());
    assert!(!merchant_link::revoke(&mut tx, &acme, &id("one"), at(4)).await.unwrap());
    assert!(!merchant_link::takes_more(&mut tx, &id("one")).await.unwrap());
    assert_eq!(merchant_link::count_open(&mut tx, &acme, at(3)).await.unwrap(), 1);
    assert_eq!(merchant_link::count_open(&mut tx, &acme, at(2000)).await.unwrap(), 0);
    assert!(merchant_link::lock(&mut tx, &id("two")).await.unwrap());
    assert!(!merchant_link::lock(&mut tx, &id("none")).await.unwrap());
    let to = Email::parse("li@example.com").unwrap();
    merchant_link::mark_sent(&mut tx, &id("two"), &to, at(9)).await.unwrap();
    let sent = merchant_link::find(&mut tx, &vault(), &acme, &id("two")).await.unwrap().unwrap().link;
    assert_eq!((sent.sent_at, sent.email), (Some(at(9)), Some(to)));
});

on_both_databases!(a_success_counts_once_for_its_link, |db| async {
    a_platform(db.store()).await;
    put(db.store(), &a_link("one", 1)).await;
    let acme = tenant_id("acme");

    let mut tx = db.store().write().await.unwrap();
    attempt(&mut tx, "a1", "one", Some(Some(GrantProblem::CodeExpired)), 10).await;
    attempt(&mut tx, "a2", "one", Some(Some(GrantProblem::WrongAccount)), 20).await;
    attempt(&mut tx, "a3", "one", None, 30).await;
    attempt(&mut tx, "a4", "one", Some(None), 40).await;
    let a4 = AuthorizationId::parse("a4").unwrap();
    authorization_ending::end(&mut tx, &a4, at(50), (Some(&appid("wxa")), None)).await.unwrap();

    let listed = merchant_link_list::find(&mut tx, &vault(), &acme, &id("one")).await.unwrap().unwrap();
    assert_eq!((listed.opened.link.uses, listed.started, listed.failed), (1, 4, 2));
    assert_eq!(listed.last_problem, Some(GrantProblem::WrongAccount), "the newest");
    assert!(!merchant_link::takes_more(&mut tx, &id("one")).await.unwrap());
    let attempts = merchant_link_list::attempts(&mut tx, &acme, &id("one"), 3).await.unwrap();
    let told: Vec<(&str, AuthorizationStatus)> =
        attempts.iter().map(|attempt| (attempt.id.as_str(), attempt.status)).collect();
    use AuthorizationStatus as Status;
    assert_eq!(told, [("a4", Status::Finished), ("a3", Status::Started), ("a2", Status::Failed)]);
    assert!(attempts.iter().all(|attempt| attempt.link == Some(id("one"))));
    let foreign = merchant_link_list::attempts(&mut tx, &tenant_id("other"), &id("one"), 3).await.unwrap();
    assert!(foreign.is_empty());
    assert!(
        merchant_link_list::find(&mut tx, &vault(), &tenant_id("other"), &id("one")).await.unwrap().is_none()
    );
});

on_both_databases!(links_are_listed_by_standing_in_pages, |db| async {
    a_platform(db.store()).await;
    a_tenant(db.store(), "other", at(0)).await;
    for (name, created_at) in [("l1", 1), ("l2", 2), ("l3", 2), ("l4", 4)] {
        put(db.store(), &a_link(name, created_at)).await;
    }
    put(db.store(), &MerchantLink { tenant: tenant_id("other"), ..a_link("foreign", 3) }).await;
    put(db.store(), &MerchantLink { expires_at: at(5), ..a_link("brief", 0) }).await;
    let acme = tenant_id("acme");
    let mut tx = db.store().write().await.unwrap();
    merchant_link::revoke(&mut tx, &acme, &id("l2"), at(5)).await.unwrap();
    attempt(&mut tx, "a1", "l3", Some(None), 5).await;

    let mut seen = Vec::new();
    let mut after = None;
    loop {
        let rows = merchant_link_list::page(&mut tx, &vault(), (&acme, at(6)), None, (after.as_ref(), 2))
            .await
            .unwrap();
        let Some(last) = rows.last() else { break };
        let cursor = Cursor::of(last);
        assert_eq!(Cursor::parse(&cursor.to_string()), Some(cursor.clone()));
        after = Some(cursor);
        seen.extend(rows.into_iter().map(|row| row.opened.link));
    }
    let names: Vec<&str> = seen.iter().map(|link| link.id.as_str()).collect();
    assert_eq!(names, ["l4", "l3", "l2", "l1", "brief"]);
    for standing in Standing::ALL {
        let rows = merchant_link_list::page(&mut tx, &vault(), (&acme, at(6)), Some(standing), (None, 9))
            .await
            .unwrap();
        let told: Vec<String> = rows.iter().map(|row| row.opened.link.id.to_string()).collect();
        let expected: Vec<String> = seen
            .iter()
            .filter(|link| link.standing(at(6)) == standing)
            .map(|link| link.id.to_string())
            .collect();
        assert_eq!(told, expected, "the database and the rule agree on {standing:?}");
        assert!(!told.is_empty());
    }
    let mut counts = merchant_link_list::counts(&mut tx, &acme, at(6)).await.unwrap();
    counts.sort_by_key(|(standing, _)| standing.as_str());
    use Standing as S;
    assert_eq!(counts, [(S::Expired, 1), (S::Finished, 1), (S::Open, 2), (S::Revoked, 1)]);
});

on_both_databases!(a_browser_counts_once_and_a_crowd_is_bounded, |db| async {
    a_platform(db.store()).await;
    put(db.store(), &a_link("one", 1)).await;
    let one = id("one");

    let mut tx = db.store().write().await.unwrap();
    assert!(!merchant_link_visit::seen(&mut tx, &one, "browser").await.unwrap());
    assert!(merchant_link_visit::count(&mut tx, &one, "browser", at(10)).await.unwrap());
    assert!(!merchant_link_visit::count(&mut tx, &one, "browser", at(20)).await.unwrap(), "a reload");
    assert!(merchant_link_visit::seen(&mut tx, &one, "browser").await.unwrap());
    let found = merchant_link::find(&mut tx, &vault(), &tenant_id("acme"), &one).await.unwrap().unwrap().link;
    assert_eq!((found.opened, found.first_opened_at, found.last_opened_at), (1, Some(at(10)), Some(at(10))));
    for number in 0..MOST_VISITS + 9 {
        merchant_link_visit::count(&mut tx, &one, &format!("bot {number}"), at(30)).await.unwrap();
    }
    let found = merchant_link::find(&mut tx, &vault(), &tenant_id("acme"), &one).await.unwrap().unwrap().link;
    assert_eq!((found.opened, found.first_opened_at), (MOST_VISITS, Some(at(10))));
    assert_eq!(merchant_link_visit::forget_old(&mut tx, at(30)).await.unwrap(), 1);
});

on_both_databases!(a_button_is_pressed_at_its_pace_and_by_all_processes_together, |db| async {
    let pace = Pace { every: Duration::from_secs(60), burst: 3 };
    let mut tx = db.store().write().await.unwrap();
    for press in 0..3 {
        assert!(press_rate::take(&mut tx, "link:one", pace, at(0)).await.unwrap(), "press {press}");
    }
    assert!(!press_rate::take(&mut tx, "link:one", pace, at(0)).await.unwrap());
    assert!(press_rate::take(&mut tx, "link:two", pace, at(0)).await.unwrap(), "another bucket");
    assert!(!press_rate::take(&mut tx, "link:one", pace, at(59)).await.unwrap());
    assert!(press_rate::take(&mut tx, "link:one", pace, at(60)).await.unwrap(), "one a minute");
    assert!(!press_rate::take(&mut tx, "link:one", pace, at(60)).await.unwrap());
    assert_eq!(press_rate::forget_rested(&mut tx, at(100)).await.unwrap(), 1, "the second is rested");
    for press in 0..3 {
        assert!(press_rate::take(&mut tx, "link:one", pace, at(9000)).await.unwrap(), "rested: {press}");
    }
    assert!(!press_rate::take(&mut tx, "link:one", pace, at(9000)).await.unwrap(), "no more than the burst");
});

on_both_databases!(accounts_that_wait_are_listed_with_the_links_they_have, |db| async {
    a_platform(db.store()).await;
    a_tenant(db.store(), "other", at(0)).await;
    let mut tx = db.store().write().await.unwrap();
    tx.commit().await.unwrap();
    let mut waiting = Vec::new();
    for (number, health) in Health::ALL.into_iter().enumerate() {
        let name = format!("wx{number:02}");
        an_account(db.store(), "acme", &name, 0).await;
        tx = db.store().write().await.unwrap();
        let verdict = Verdict { health, reason: Reason::Ok, next_refresh_at: None, token_ends: false };
        authorizer_state::judge(&mut tx, &key(&name), at(1), &verdict).await.unwrap();
        tx.commit().await.unwrap();
        if matches!(health, Health::NeedsReauthorization | Health::NotExchanged | Health::Unauthorized) {
            waiting.push(name);
        }
    }
    let acme = tenant_id("acme");
    let first = appid(&waiting[0]);
    let lock = |name: &str, days: i64| MerchantLink {
        locked: Some(first.clone()),
        expires_at: at(days),
        ..a_link(name, 1)
    };
    for link in [lock("short", 100), lock("long", 500), a_link("open", 1)] {
        put(db.store(), &link).await;
    }

    let mut tx = db.store().read().await.unwrap();
    let rows = merchant_link_list::waiting_accounts(&mut tx, &acme, None, 10).await.unwrap();
    let names: Vec<&str> = rows.iter().map(|account| account.key.authorizer.as_str()).collect();
    assert_eq!(names, waiting);
    let after = Some((&first, &rows[0].key.component));
    let rest = merchant_link_list::waiting_accounts(&mut tx, &acme, after, 1).await.unwrap();
    assert_eq!(rest[0].key.authorizer.as_str(), waiting[1]);
    assert!(
        merchant_link_list::waiting_accounts(&mut tx, &tenant_id("other"), None, 9).await.unwrap().is_empty()
    );
    let locked = async |tx: &mut hufu::store::Reader, until| {
        let found = merchant_link_list::locked(tx, &vault(), &acme, (&first, &first), until).await.unwrap();
        found.iter().map(|opened| opened.link.id.to_string()).collect::<Vec<_>>()
    };
    assert_eq!(locked(&mut tx, at(5)).await, ["long", "short"]);
    assert_eq!(locked(&mut tx, at(100)).await, ["long"]);
});

on_both_databases!(a_logo_is_replaced_found_by_its_name_and_forgotten, |db| async {
    a_platform(db.store()).await;
    let acme = tenant_id("acme");
    let picture = |last: u8| Logo::new(&acme, [b"\xff\xd8\xff".as_slice(), &[last; 30]].concat()).unwrap();
    let (old, new) = (picture(1), picture(2));

    let mut tx = db.store().write().await.unwrap();
    assert_eq!(tenant_logo::name_of(&mut tx, &acme).await.unwrap(), None);
    tenant_logo::put(&mut tx, &acme, &old, at(1)).await.unwrap();
    tenant_logo::put(&mut tx, &acme, &new, at(2)).await.unwrap();
    assert_eq!(tenant_logo::name_of(&mut tx, &acme).await.unwrap().as_ref(), Some(&new.name));
    assert_eq!(tenant_logo::find(&mut tx, &new.name).await.unwrap(), Some(new.bytes.clone()));
    assert_eq!(tenant_logo::find(&mut tx, &old.name).await.unwrap(), None);
    assert!(tenant_logo::forget(&mut tx, &acme).await.unwrap());
    assert!(!tenant_logo::forget(&mut tx, &acme).await.unwrap());
    assert_eq!(tenant_logo::find(&mut tx, &new.name).await.unwrap(), None);
});
