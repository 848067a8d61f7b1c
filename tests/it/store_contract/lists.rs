//! Lists of accounts and what happened to them.

use hufu::domain::authorization::AuthType;
use hufu::domain::authorizer::{Kind as AccountKind, Profile};
use hufu::domain::event::Event;
use hufu::domain::health::Health;
use hufu::domain::ids::{AuthorizationId, AuthorizerAppid, AuthorizerKey, TenantId};
use hufu::domain::reason::Reason;
use hufu::random::Random;
use hufu::secret::{OneTimeToken, PreAuthCode, Secret as _};
use hufu::store::attempt::{End, Outcome};
use hufu::store::authorization::NewAuthorization;
use hufu::store::authorizer_list::{Cursor, Filter};
use hufu::store::authorizer_state::{self, Verdict};
use hufu::store::authorizer_sweep::Told;
use hufu::store::history::Line;
use hufu::store::{
    Reader, Store, Writer, attempt, authorization, authorizer_count, authorizer_grant, authorizer_list,
    authorizer_move, authorizer_sweep, authorizer_token, history, history_list,
};

use crate::harness::Kind;

use super::fixtures::{a_component, a_tenant, at, component_appid, tenant_id, vault};

fn key(appid: &str) -> AuthorizerKey {
    AuthorizerKey { component: component_appid(), authorizer: AuthorizerAppid::parse(appid).unwrap() }
}

/// An account of that name, kind and state, next refreshed at `next`.
async fn an_account(
    tx: &mut Writer,
    (tenant, appid): (&TenantId, &str),
    (name, kind): (&str, AccountKind),
    (health, next): (Health, Option<i64>),
) {
    authorizer_grant::insert(tx, &key(appid), tenant, at(0)).await.unwrap();
    let profile = Profile { nick_name: Some(name.to_owned()), ..Profile::default() };
    let told = Told { kind, profile: &profile, func_info: None, next_info_at: at(9) };
    authorizer_sweep::put_profile(tx, &key(appid), at(0), &told).await.unwrap();
    let verdict = Verdict { health, reason: Reason::Ok, next_refresh_at: next.map(at), token_ends: false };
    authorizer_state::judge(tx, &key(appid), at(0), &verdict).await.unwrap();
}

/// Two tenants; the first has one account in every stored state, the second one of its own.
async fn accounts(store: &Store) -> (TenantId, TenantId) {
    a_component(store).await;
    for name in ["tea", "silk"] {
        a_tenant(store, name, at(0)).await;
    }
    let (tea, silk) = (tenant_id("tea"), tenant_id("silk"));
    let mut tx = store.write().await.unwrap();
    for (number, health) in (0..).zip(Health::ALL) {
        let appid = format!("wx{number:02}");
        let kind = if number % 2 == 0 { AccountKind::OfficialAccount } else { AccountKind::MiniProgram };
        let next = health.is_refreshed().then_some(100 - number);
        an_account(&mut tx, (&tea, &appid), (&format!("Tea 茶 {number}_50%"), kind), (health, next)).await;
    }
    an_account(&mut tx, (&silk, "wx99"), ("Silk", AccountKind::Other), (Health::Healthy, Some(5))).await;
    tx.commit().await.unwrap();
    (tea, silk)
}

async fn appids(store: &Store, tenant: &TenantId, filter: &Filter) -> Vec<String> {
    let mut tx = store.read().await.unwrap();
    let page = authorizer_list::of_tenant(&mut tx, tenant, filter, (None, 50)).await.unwrap();
    page.rows.iter().map(|row| row.key.authorizer.to_string()).collect()
}

on_both_databases!(a_list_is_sorted_by_urgency_and_read_in_pages, |db| async {
    let (tea, _) = accounts(db.store()).await;
    let mut tx = db.store().read().await.unwrap();

    let (mut seen, mut after) = (Vec::new(), None);
    loop {
        let filter = Filter::default();
        let page = authorizer_list::of_tenant(&mut tx, &tea, &filter, (after.as_ref(), 4)).await.unwrap();
        assert!(page.rows.len() <= 4);
        seen.extend(page.rows.iter().map(|row| row.health));
        let Some(next) = page.next else { break };
        after = Cursor::parse(&next.to_string());
        assert_eq!(after, Some(next));
    }

    assert_eq!(seen, Health::ALL);
    assert_eq!(Cursor::parse("10.20.wx"), None);
    assert_eq!(Cursor::parse("'; DROP"), None);
});

on_both_databases!(a_list_can_be_narrowed_by_state_kind_and_text, |db| async {
    let (tea, silk) = accounts(db.store()).await;
    let store = db.store();
    let paused = Filter { health: Some(Health::Paused), ..Filter::default() };
    assert_eq!(appids(store, &tea, &paused).await, ["wx09"]);
    let programs = Filter { kind: Some(AccountKind::MiniProgram), ..Filter::default() };
    assert_eq!(appids(store, &tea, &programs).await.len(), 5);
    for (text, expected) in [
        ("TEA 茶 1_", vec!["wx01"]),
        (" wx10 ", vec!["wx10"]),
        ("7_50%", vec!["wx07"]),
        ("1%", vec![]),
        ("!", vec![]),
    ] {
        let filter = Filter { text: text.to_owned(), ..Filter::default() };
        assert_eq!(appids(store, &tea, &filter).await, expected, "{text}");
    }
    assert_eq!(appids(store, &silk, &Filter::default()).await, ["wx99"]);
});

on_both_databases!(the_platform_sees_every_tenants_accounts_with_its_name, |db| async {
    let (_, silk) = accounts(db.store()).await;
    let mut tx = db.store().read().await.unwrap();
    let all = authorizer_list::of_all(&mut tx, None, &Filter::default(), (None, 50)).await.unwrap();
    assert_eq!(all.rows.len(), 12);
    let one = authorizer_list::of_all(&mut tx, Some(&silk), &Filter::default(), (None, 50)).await.unwrap();
    assert_eq!((one.rows.len(), one.rows[0].tenant_name.as_str()), (1, "公司 silk"));
    let found = authorizer_list::find_owned(&mut tx, &key("wx99")).await.unwrap().unwrap();
    assert_eq!((found.authorizer.tenant, found.tenant_name.as_str()), (silk, "公司 silk"));
    assert!(authorizer_list::find_owned(&mut tx, &key("wx98")).await.unwrap().is_none());
});

on_both_databases!(the_overview_counts_states_and_finds_who_needs_a_person, |db| async {
    let (tea, silk) = accounts(db.store()).await;
    let mut tx = db.store().read().await.unwrap();
    let counts = authorizer_count::of_tenant(&mut tx, &tea).await.unwrap();
    assert_eq!(counts.iter().map(|count| count.health).collect::<Vec<_>>(), Health::ALL);
    assert!(counts.iter().all(|count| count.count == 1 && count.component == component_appid()));
    assert_eq!(authorizer_count::of_tenant(&mut tx, &silk).await.unwrap().len(), 1);

    let need = authorizer_list::in_need(&mut tx, &tea, 50).await.unwrap();
    let expected: Vec<Health> = Health::ALL.into_iter().filter(|health| health.needs_a_person()).collect();
    assert_eq!(need.iter().map(|row| row.health).collect::<Vec<_>>(), expected);

    let upcoming = authorizer_list::upcoming(&mut tx, &tea, 2).await.unwrap();
    assert_eq!(
        upcoming.iter().map(|row| row.health).collect::<Vec<_>>(),
        [Health::Healthy, Health::Retrying]
    );
});

on_both_databases!(an_accounts_past_is_told_to_its_own_tenant_only, |db| async {
    let (tea, silk) = accounts(db.store()).await;
    let random = Random::seeded(3);
    let mut tx = db.store().write().await.unwrap();
    for (seconds, event) in
        [(1, Event::Authorized), (2, Event::Paused), (2, Event::Resumed), (2, Event::Paused)]
    {
        let line = Line::new(event, serde_json::json!({ "n": seconds }));
        history::append(&mut tx, &random, (&tea, &key("wx10")), at(seconds), &line).await.unwrap();
    }

    let told = history_list::told(&mut tx, &tea, &key("wx10"), 10).await.unwrap();
    let told: Vec<_> =
        told.iter().map(|line| (line.at, line.event.as_str(), line.detail["n"].as_i64())).collect();
    assert_eq!(
        told,
        [
            (at(2), "paused", Some(2)),
            (at(2), "resumed", Some(2)),
            (at(2), "paused", Some(2)),
            (at(1), "authorized", Some(1))
        ]
    );
    assert!(history_list::told(&mut tx, &silk, &key("wx10"), 10).await.unwrap().is_empty());
});

on_both_databases!(an_accounts_refreshes_are_told_to_its_own_tenant_only, |db| async {
    let (tea, silk) = accounts(db.store()).await;
    let random = Random::seeded(4);
    let mut tx = db.store().write().await.unwrap();
    let held = authorizer_token::find(&mut tx, &vault(), &key("wx10")).await.unwrap().unwrap();
    for seconds in [10, 20] {
        let id = attempt::open(&mut tx, &random, &held, (at(seconds), "one")).await.unwrap();
        let end = End {
            outcome: Outcome::Succeeded,
            class: None,
            errcode: None,
            rid: None,
            message: None,
            token_expires_at: Some(at(7200)),
            wipe: true,
        };
        attempt::finish(&mut tx, &id, at(seconds + 1), &end).await.unwrap();
    }

    let attempted = history_list::attempted(&mut tx, &tea, &key("wx10"), at(0)).await.unwrap();
    assert_eq!(attempted.iter().map(|one| one.started_at).collect::<Vec<_>>(), [at(10), at(20)]);
    assert!(attempted[0].succeeded());
    assert_eq!((attempted[0].ended_at, attempted[0].token_expires_at), (Some(at(11)), Some(at(7200))));
    assert_eq!(history_list::attempted(&mut tx, &tea, &key("wx10"), at(10)).await.unwrap().len(), 1);
    assert!(history_list::attempted(&mut tx, &silk, &key("wx10"), at(0)).await.unwrap().is_empty());
});

on_both_databases!(only_attempts_that_can_still_be_finished_are_listed, |db| async {
    let (tea, silk) = accounts(db.store()).await;
    let (vault, component) = (vault(), component_appid());
    let mut tx = db.store().write().await.unwrap();
    for (name, until) in [("a", 100), ("b", 200)] {
        let new = NewAuthorization {
            id: &AuthorizationId::parse(name).unwrap(),
            component: &component,
            tenant: &tea,
            user: None,
            session_hash: None,
            device_hash: None,
            state: &OneTimeToken::new(format!("state {name}")),
            entry: &OneTimeToken::new(format!("entry {name}")),
            auth_type: AuthType::Both,
            expected_appid: None,
            pre_auth_code: &PreAuthCode::new(format!("code {name}")),
            code_expires_at: at(until),
            link: None,
            asked_at: at(0),
        };
        authorization::insert(&mut tx, &vault, at(0), &new).await.unwrap();
    }

    let started = authorization::list_started(&mut tx, &vault, &tea, at(99)).await.unwrap();
    assert_eq!(started.len(), 2);
    let started = authorization::list_started(&mut tx, &vault, &tea, at(100)).await.unwrap();
    assert_eq!(started.iter().map(|one| one.entry.expose()).collect::<Vec<_>>(), ["entry b"]);
    assert!(authorization::list_started(&mut tx, &vault, &silk, at(0)).await.unwrap().is_empty());
});

on_both_databases!(counts_follow_every_change_of_a_state_or_an_owner, |db| async {
    let (tea, silk) = accounts(db.store()).await;
    let counted = async |tenant: &TenantId| {
        let mut tx = db.store().read().await.unwrap();
        let counts = authorizer_count::of_tenant(&mut tx, tenant).await.unwrap();
        counts.iter().map(|count| (count.health, count.count)).collect::<Vec<_>>()
    };
    assert_eq!(counted(&silk).await, [(Health::Healthy, 1)]);

    let mut tx = db.store().write().await.unwrap();
    let retrying =
        Verdict { health: Health::Retrying, reason: Reason::Ok, next_refresh_at: None, token_ends: false };
    authorizer_state::judge(&mut tx, &key("wx99"), at(1), &retrying).await.unwrap();
    authorizer_state::judge(&mut tx, &key("wx99"), at(2), &retrying).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(counted(&silk).await, [(Health::Retrying, 1)]);

    let mut tx = db.store().write().await.unwrap();
    authorizer_move::move_to(&mut tx, &vault(), &key("wx99"), &tea).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(counted(&silk).await, []);
    let before = counted(&tea).await;
    assert!(before.contains(&(Health::Retrying, 2)), "{before:?}");

    let mut tx = db.store().write().await.unwrap();
    let gone = authorizer_count::fold(&mut tx, 100).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(gone > 0, db.kind == Kind::Postgres, "SQLite's rows are counts already");
    assert_eq!((counted(&tea).await, counted(&silk).await), (before.clone(), vec![]));
    let all = authorizer_count::of_all(&mut db.store().read().await.unwrap()).await.unwrap();
    assert_eq!(all, before);
});

on_both_databases!(a_search_looks_through_so_many_rows_and_says_where_it_stopped, |db| async {
    let (tea, _) = accounts(db.store()).await;
    let row = "INSERT INTO authorizer (component_appid, authorizer_appid, tenant_id, kind, func_info, search, \
               info_failures, authorized_at, generation, failures, lease_until, epoch, health, health_rank, \
               health_since, attention_at, reason, created_at)";
    let numbers = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 22000)";
    let many = format!(
        "{numbers} {row} SELECT '{}', 'wxmany' || i, '{tea}', CASE WHEN i = 21990 THEN 'channels' ELSE 'mini_program' \
         END, '[]', CASE WHEN i IN (990, 21980) THEN 'needle' ELSE 'hay' END, 0, 0, 0, 0, 0, 0, 'healthy', 90, 0, i, \
         'ok', 0 FROM n",
        component_appid()
    );
    // SQLite wants WITH before INSERT's own, PostgreSQL takes it there as well.
    db.execute_text(many).await;
    let mut tx = db.store().read().await.unwrap();
    let page = async |tx: &mut Reader, filter: &Filter, after: Option<&Cursor>| {
        let page = authorizer_list::of_tenant(tx, &tea, filter, (after, 50)).await.unwrap();
        (page.rows.iter().map(|row| row.key.authorizer.to_string()).collect::<Vec<_>>(), page.next)
    };

    let needle = Filter { text: "needle".to_owned(), ..Filter::default() };
    let (found, next) = page(&mut tx, &needle, None).await;
    assert_eq!(found, ["wxmany990"]);
    let (found, next) = page(&mut tx, &needle, Some(&next.expect("it has not looked at all of them"))).await;
    assert_eq!((found, next), (vec!["wxmany21980".to_owned()], None));

    let healthy = Filter { health: Some(Health::Healthy), ..Filter::default() };
    let (found, next) = page(&mut tx, &healthy, None).await;
    assert_eq!((found.len(), next.is_some()), (50, true), "a state is found through the index");
    let rare = Filter { kind: Some(AccountKind::Channels), ..healthy };
    assert_eq!(
        page(&mut tx, &rare, None).await,
        (vec!["wxmany21990".to_owned()], None),
        "and so is a rare kind"
    );
});
