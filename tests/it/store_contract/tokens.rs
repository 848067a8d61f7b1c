//! Accounts, their tokens, leases and health, the attempt journal, the history.

use std::collections::HashSet;
use std::time::Duration;

use hufu::clock::Timestamp;
use hufu::domain::authorizer::{Kind, Profile};
use hufu::domain::event::Event;
use hufu::domain::health::Health;
use hufu::domain::reason::Reason;
use hufu::domain::refresh_plan::LEASE;
use hufu::random::Random;
use hufu::secret::{AuthorizerRefreshToken, SealedBody, Secret as _};
use hufu::store::attempt::{End, Outcome};
use hufu::store::authorizer_sweep::Told;
use hufu::store::authorizer_token::{Granted, Held, NewTokens, Setback, Verdict};
use hufu::store::history::Line;
use hufu::store::{Store, attempt, authorizer, authorizer_sweep, authorizer_token, history, lease};

use super::fixtures::{
    a_platform, a_tenant, an_account, appid, at, component_appid, key, tenant_id, tokens, vault,
};

/// When accounts granted at 0 become due.
const DUE: i64 = 5760;

async fn claim(store: &Store, now: Timestamp, holder: &str, limit: i64) -> Vec<Held> {
    let mut tx = store.write().await.unwrap();
    let held = authorizer_token::claim_due(&mut tx, &vault(), &component_appid(), (now, holder, limit))
        .await
        .unwrap();
    tx.commit().await.unwrap();
    held
}

async fn record(store: &Store, held: &Held, new: &NewTokens) -> bool {
    let mut tx = store.write().await.unwrap();
    let recorded = authorizer_token::record_refresh(&mut tx, &vault(), held, new).await.unwrap();
    tx.commit().await.unwrap();
    recorded
}

async fn look(store: &Store, name: &str) -> Held {
    let mut tx = store.read().await.unwrap();
    authorizer_token::find(&mut tx, &vault(), &key(name)).await.unwrap().unwrap()
}

async fn access(store: &Store, name: &str) -> Option<String> {
    let mut tx = store.read().await.unwrap();
    let token = authorizer_token::access_token(&mut tx, &vault(), &key(name)).await.unwrap();
    token.map(|token| token.expose().to_owned())
}

fn text(token: Option<&AuthorizerRefreshToken>) -> Option<&str> {
    token.map(AuthorizerRefreshToken::expose)
}

on_both_databases!(a_granted_account_is_found_by_its_own_tenant_only, |db| async {
    a_platform(db.store()).await;
    a_tenant(db.store(), "other", at(0)).await;
    an_account(db.store(), "acme", "wxa", 3).await;

    let mut tx = db.store().read().await.unwrap();
    let found = authorizer::find(&mut tx, &tenant_id("acme"), &appid("wxa")).await.unwrap().unwrap();
    assert_eq!((found.health, found.reason, found.func_info), (Health::Healthy, Reason::Ok, vec![1, 18]));
    assert_eq!((found.authorized_at, found.token_expires_at), (at(3), Some(at(7203))));
    assert_eq!((found.next_refresh_at, found.kind), (Some(at(3 + DUE)), Kind::Unknown));
    assert!(authorizer::find(&mut tx, &tenant_id("other"), &appid("wxa")).await.unwrap().is_none());
    assert!(authorizer::find(&mut tx, &tenant_id("acme"), &appid("wxb")).await.unwrap().is_none());
    assert!(authorizer_token::find(&mut tx, &vault(), &key("wxb")).await.unwrap().is_none());
    assert_eq!(access(db.store(), "wxb").await, None);
});

on_both_databases!(an_account_is_inserted_once, |db| async {
    a_platform(db.store()).await;
    an_account(db.store(), "acme", "wxa", 0).await;
    let mut tx = db.store().write().await.unwrap();
    let again = authorizer_token::insert(&mut tx, &key("wxa"), &tenant_id("acme"), at(1)).await.unwrap();
    tx.commit().await.unwrap();
    assert!(!again);
    assert_eq!(access(db.store(), "wxa").await.as_deref(), Some("access-wxa"));
});

on_both_databases!(one_holder_refreshes_an_account_and_a_stale_one_overwrites_nothing, |db| async {
    a_platform(db.store()).await;
    an_account(db.store(), "acme", "wxa", 0).await;
    assert!(claim(db.store(), at(DUE - 1), "one", 10).await.is_empty(), "not due yet");

    let first = claim(db.store(), at(DUE), "one", 10).await.remove(0);
    assert!(claim(db.store(), at(DUE).plus(LEASE).minus(Duration::from_secs(1)), "two", 10).await.is_empty());
    let second = claim(db.store(), at(DUE).plus(LEASE), "two", 10).await.remove(0);
    assert!(record(db.store(), &second, &tokens("second", DUE + 30)).await);

    assert!(!record(db.store(), &first, &tokens("first", DUE + 31)).await, "the claim was lost");
    assert_eq!(access(db.store(), "wxa").await.as_deref(), Some("access-second"));
    let now = look(db.store(), "wxa").await;
    assert_eq!(text(now.refresh_token.as_ref()), Some("refresh-second"));
    assert_eq!(text(now.previous_refresh_token.as_ref()), Some("refresh-wxa"));
    assert_eq!((now.failures, now.generation), (0, second.generation + 1));
});

on_both_databases!(a_refresh_token_is_never_overwritten_by_an_empty_one, |db| async {
    a_platform(db.store()).await;
    an_account(db.store(), "acme", "wxa", 0).await;
    let held = claim(db.store(), at(DUE), "one", 10).await.remove(0);

    let new = NewTokens { refresh_token: None, ..tokens("new", DUE) };
    assert!(record(db.store(), &held, &new).await);

    let now = look(db.store(), "wxa").await;
    assert_eq!(text(now.refresh_token.as_ref()), Some("refresh-wxa"));
    assert_eq!(access(db.store(), "wxa").await.as_deref(), Some("access-new"));

    let mut tx = db.store().write().await.unwrap();
    let granted = Granted { tokens: &new, func_info: &[], grant_time: Some(at(9)), now: at(DUE + 1) };
    authorizer_token::record_grant(&mut tx, &vault(), &key("wxa"), &granted).await.unwrap();
    tx.commit().await.unwrap();
    let now = look(db.store(), "wxa").await;
    assert_eq!((text(now.refresh_token.as_ref()), now.grant_time), (Some("refresh-wxa"), Some(at(9))));
});

on_both_databases!(many_workers_claim_each_account_once_and_no_more_than_they_asked_for, |db| async {
    a_platform(db.store()).await;
    for number in 0..60 {
        an_account(db.store(), "acme", &format!("wx{number}"), 0).await;
    }
    let mut workers = Vec::new();
    for worker in 0..8 {
        let store = db.store().clone();
        workers.push(tokio::spawn(async move {
            let mut mine = Vec::new();
            loop {
                let claimed = claim(&store, at(DUE), &format!("worker {worker}"), 7).await;
                assert!(claimed.len() <= 7, "{} claimed at once", claimed.len());
                if claimed.is_empty() {
                    return mine;
                }
                mine.extend(claimed.into_iter().map(|held| held.key));
            }
        }));
    }
    let mut claimed = Vec::new();
    for worker in workers {
        claimed.extend(worker.await.unwrap());
    }
    let different: HashSet<_> = claimed.iter().collect();
    assert_eq!((claimed.len(), different.len()), (60, 60));
});

on_both_databases!(a_setback_keeps_the_tokens_and_says_why, |db| async {
    a_platform(db.store()).await;
    an_account(db.store(), "acme", "wxa", 0).await;
    let held = claim(db.store(), at(DUE), "one", 10).await.remove(0);
    let setback = Setback {
        health: Health::Retrying,
        reason: Reason::WechatTransient,
        errcode: Some(-1),
        rid: Some("rid-1".to_owned()),
        next_refresh_at: Some(at(DUE + 9)),
        failures: 1,
    };

    let mut tx = db.store().write().await.unwrap();
    assert!(authorizer_token::record_setback(&mut tx, &held, at(DUE + 1), &setback).await.unwrap());
    tx.commit().await.unwrap();

    let mut tx = db.store().read().await.unwrap();
    let found = authorizer::find(&mut tx, &tenant_id("acme"), &appid("wxa")).await.unwrap().unwrap();
    assert_eq!((found.health, found.health_since, found.failures), (Health::Retrying, at(DUE + 1), 1));
    assert_eq!((found.errcode, found.rid.as_deref()), (Some(-1), Some("rid-1")));
    assert_eq!(access(db.store(), "wxa").await.as_deref(), Some("access-wxa"));
    drop(tx);
    let again = claim(db.store(), at(DUE + 9), "two", 10).await.remove(0);
    let mut tx = db.store().write().await.unwrap();
    assert!(!authorizer_token::record_setback(&mut tx, &held, at(DUE + 10), &setback).await.unwrap(), "lost");
    tx.commit().await.unwrap();
    assert!(record(db.store(), &again, &tokens("ok", DUE + 11)).await);
    assert_eq!(look(db.store(), "wxa").await.health, Health::Healthy);
});

on_both_databases!(the_ladder_keeps_its_claim_and_shows_itself, |db| async {
    a_platform(db.store()).await;
    an_account(db.store(), "acme", "wxa", 0).await;
    let held = claim(db.store(), at(DUE), "one", 10).await.remove(0);

    let mut tx = db.store().write().await.unwrap();
    let span = (at(DUE), at(DUE + 100));
    let why = Reason::RefreshTokenRefused;
    assert!(authorizer_token::set_recovering(&mut tx, &held, span, why).await.unwrap());
    tx.commit().await.unwrap();

    assert_eq!(look(db.store(), "wxa").await.health, Health::Recovering);
    assert!(claim(db.store(), at(DUE + 99), "two", 10).await.is_empty());
    assert_eq!(claim(db.store(), at(DUE + 100), "two", 10).await.len(), 1);
    let mut tx = db.store().write().await.unwrap();
    assert!(!authorizer_token::set_recovering(&mut tx, &held, span, why).await.unwrap(), "lost");
});

on_both_databases!(the_time_of_a_grant_only_moves_forward, |db| async {
    a_platform(db.store()).await;
    an_account(db.store(), "acme", "wxa", 0).await;
    let key = look(db.store(), "wxa").await.key;
    for (told, known) in [(500, 500), (400, 500), (600, 600)] {
        let mut tx = db.store().write().await.unwrap();
        authorizer_token::note_grant_time(&mut tx, &key, at(told)).await.unwrap();
        tx.commit().await.unwrap();
        assert_eq!(look(db.store(), "wxa").await.grant_time, Some(at(known)));
    }
});

on_both_databases!(a_lock_changes_nothing, |db| async {
    a_platform(db.store()).await;
    an_account(db.store(), "acme", "wxa", 0).await;
    let before = look(db.store(), "wxa").await;
    let mut tx = db.store().write().await.unwrap();
    authorizer_token::lock(&mut tx, &before.key).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(look(db.store(), "wxa").await.epoch, before.epoch);
});

on_both_databases!(a_verdict_ends_the_token_and_every_claim_at_once, |db| async {
    a_platform(db.store()).await;
    an_account(db.store(), "acme", "wxa", 0).await;
    let held = claim(db.store(), at(DUE), "one", 10).await.remove(0);
    let verdict = Verdict {
        health: Health::Unauthorized,
        reason: Reason::CancelledByAccount,
        next_refresh_at: None,
        token_ends: true,
    };

    let mut tx = db.store().write().await.unwrap();
    authorizer_token::judge(&mut tx, &key("wxa"), at(DUE + 1), &verdict).await.unwrap();
    tx.commit().await.unwrap();

    assert!(!record(db.store(), &held, &tokens("late", DUE + 2)).await, "the cancellation stands");
    assert_eq!(access(db.store(), "wxa").await, None);
    let now = look(db.store(), "wxa").await;
    assert_eq!(
        (now.health, now.token_expires_at, now.next_refresh_at),
        (Health::Unauthorized, Some(at(DUE + 1)), None)
    );
    assert!(claim(db.store(), at(DUE + 9000), "one", 10).await.is_empty(), "it is not refreshed any more");
    assert_eq!(text(now.refresh_token.as_ref()), Some("refresh-wxa"), "kept: WeChat may have been wrong");
});

on_both_databases!(a_refresh_can_be_hastened_but_not_put_off, |db| async {
    a_platform(db.store()).await;
    an_account(db.store(), "acme", "wxa", 0).await;
    let mut tx = db.store().write().await.unwrap();
    assert!(authorizer_token::hasten(&mut tx, &key("wxa"), at(10)).await.unwrap());
    assert!(!authorizer_token::hasten(&mut tx, &key("wxa"), at(11)).await.unwrap());
    tx.commit().await.unwrap();
    assert_eq!(claim(db.store(), at(10), "one", 10).await.len(), 1);
});

on_both_databases!(a_moved_account_is_the_new_tenants_alone, |db| async {
    a_platform(db.store()).await;
    a_tenant(db.store(), "other", at(0)).await;
    an_account(db.store(), "acme", "wxa", 0).await;
    let mut tx = db.store().write().await.unwrap();
    authorizer_token::move_to(&mut tx, &key("wxa"), &tenant_id("other")).await.unwrap();
    assert!(authorizer::find(&mut tx, &tenant_id("acme"), &appid("wxa")).await.unwrap().is_none());
    assert!(authorizer::find(&mut tx, &tenant_id("other"), &appid("wxa")).await.unwrap().is_some());
});

on_both_databases!(an_account_whose_token_ran_out_is_not_shown_healthy, |db| async {
    a_platform(db.store()).await;
    an_account(db.store(), "acme", "wxold", 0).await;
    an_account(db.store(), "acme", "wxnew", 100).await;

    let mut tx = db.store().write().await.unwrap();
    let aged = authorizer_sweep::age(&mut tx, at(7200)).await.unwrap();
    tx.commit().await.unwrap();

    assert_eq!(aged, [(key("wxold"), tenant_id("acme"))]);
    let old = look(db.store(), "wxold").await;
    assert_eq!((old.health, old.reason), (Health::ExpiredRetrying, Reason::RefreshOverdue));
    assert_eq!(look(db.store(), "wxnew").await.health, Health::Healthy);
});

on_both_databases!(a_fault_of_the_platform_blocks_what_is_due_and_nothing_else, |db| async {
    a_platform(db.store()).await;
    an_account(db.store(), "acme", "wxdue", 0).await;
    an_account(db.store(), "acme", "wxlater", 100).await;

    let mut tx = db.store().write().await.unwrap();
    let due = authorizer_sweep::count_due(&mut tx, &component_appid(), at(DUE)).await.unwrap();
    let blocked =
        authorizer_sweep::block(&mut tx, &component_appid(), at(DUE), Reason::TicketStale).await.unwrap();
    tx.commit().await.unwrap();

    assert_eq!((due, blocked), (1, vec![(key("wxdue"), tenant_id("acme"))]));
    let blocked = look(db.store(), "wxdue").await;
    assert_eq!((blocked.health, blocked.reason), (Health::BlockedUpstream, Reason::TicketStale));
    assert_eq!(look(db.store(), "wxlater").await.health, Health::Healthy);
});

on_both_databases!(a_profile_is_fetched_once_and_found_by_its_words, |db| async {
    a_platform(db.store()).await;
    an_account(db.store(), "acme", "wxa", 0).await;
    let again = Duration::from_secs(60);

    let mut tx = db.store().write().await.unwrap();
    let due = authorizer_sweep::claim_info(&mut tx, at(0), (10, again)).await.unwrap();
    assert_eq!(due, [(key("wxa"), tenant_id("acme"))]);
    assert!(authorizer_sweep::claim_info(&mut tx, at(59), (10, again)).await.unwrap().is_empty());
    let profile = Profile {
        nick_name: Some("早安Coffee".to_owned()),
        user_name: Some("gh_1".to_owned()),
        account_status: Some(1),
        ..Profile::default()
    };
    let told = Told { kind: Kind::MiniProgram, profile: &profile, func_info: None, next_info_at: at(9000) };
    authorizer_sweep::put_profile(&mut tx, &key("wxa"), at(5), &told).await.unwrap();
    assert!(authorizer_sweep::claim_info(&mut tx, at(8999), (10, again)).await.unwrap().is_empty());

    let found = authorizer::find(&mut tx, &tenant_id("acme"), &appid("wxa")).await.unwrap().unwrap();
    assert_eq!((found.kind, found.profile, found.info_at), (Kind::MiniProgram, profile.clone(), Some(at(5))));
    assert_eq!(found.func_info, [1, 18], "told none, kept the granted ones");
    let told =
        Told { kind: Kind::MiniProgram, profile: &profile, func_info: Some(&[3]), next_info_at: at(9000) };
    authorizer_sweep::put_profile(&mut tx, &key("wxa"), at(6), &told).await.unwrap();
    let found = authorizer::find(&mut tx, &tenant_id("acme"), &appid("wxa")).await.unwrap().unwrap();
    assert_eq!(found.func_info, [3]);
});

on_both_databases!(accounts_are_paged_by_appid, |db| async {
    a_platform(db.store()).await;
    for name in ["wxb", "wxa", "wxc"] {
        an_account(db.store(), "acme", name, 0).await;
    }
    let mut tx = db.store().read().await.unwrap();
    let page = authorizer_sweep::page_by_appid(&mut tx, &component_appid(), ("", 2)).await.unwrap();
    assert_eq!(page.iter().map(|one| one.0.as_str()).collect::<Vec<_>>(), ["wxa", "wxb"]);
    let page = authorizer_sweep::page_by_appid(&mut tx, &component_appid(), ("wxb", 2)).await.unwrap();
    assert_eq!(page, [(appid("wxc"), tenant_id("acme"), Health::Healthy)]);
});

const fn end(outcome: Outcome, wipe: bool) -> End {
    End { outcome, class: None, errcode: None, rid: None, message: None, token_expires_at: None, wipe }
}

on_both_databases!(an_attempt_whose_holder_vanished_comes_back_with_its_answer, |db| async {
    a_platform(db.store()).await;
    an_account(db.store(), "acme", "wxa", 0).await;
    let random = Random::seeded(1);
    let held = claim(db.store(), at(DUE), "one", 10).await.remove(0);
    let mut tx = db.store().write().await.unwrap();
    let silent = attempt::open(&mut tx, &random, &held, (at(DUE), "one")).await.unwrap();
    let answered = attempt::open(&mut tx, &random, &held, (at(DUE + 1), "one")).await.unwrap();
    let body = SealedBody::new(r#"{"authorizer_access_token":"t"}"#);
    attempt::answer(&mut tx, &vault(), &answered, (at(DUE + 2), &body)).await.unwrap();

    let just_before = at(DUE).plus(LEASE).minus(Duration::from_secs(1));
    let early = attempt::list_abandoned(&mut tx, &vault(), just_before, 10).await.unwrap();
    assert!(early.is_empty(), "the holder may still be alive");
    let abandoned = attempt::list_abandoned(&mut tx, &vault(), at(DUE + 1).plus(LEASE), 10).await.unwrap();
    assert_eq!(abandoned.iter().map(|one| &one.id).collect::<Vec<_>>(), [&silent, &answered]);
    assert_eq!((&abandoned[0].answer, &abandoned[1].answer), (&None, &Some(body.clone())));
    assert_eq!(
        (&abandoned[1].key, abandoned[1].epoch, abandoned[1].started_at),
        (&held.key, held.epoch, at(DUE + 1))
    );

    attempt::finish(&mut tx, &silent, at(DUE + 50), &end(Outcome::InDoubt, false)).await.unwrap();
    attempt::finish(&mut tx, &answered, at(DUE + 50), &end(Outcome::Fenced, false)).await.unwrap();
    assert!(attempt::list_abandoned(&mut tx, &vault(), at(DUE + 100), 10).await.unwrap().is_empty());
    assert_eq!(attempt::unapplied_answers(&mut tx, &vault(), &held.key).await.unwrap(), [body]);
    let succeeded = End { token_expires_at: Some(at(9)), errcode: Some(0), ..end(Outcome::Succeeded, true) };
    attempt::finish(&mut tx, &answered, at(DUE + 51), &succeeded).await.unwrap();
    assert!(attempt::unapplied_answers(&mut tx, &vault(), &held.key).await.unwrap().is_empty(), "wiped");
    assert_eq!(attempt::forget_old(&mut tx, at(DUE + 51)).await.unwrap(), 1);
    assert_eq!(attempt::forget_old(&mut tx, at(DUE + 52)).await.unwrap(), 1);
});

on_both_databases!(history_can_only_be_added_to, |db| async {
    a_platform(db.store()).await;
    let account = an_account(db.store(), "acme", "wxa", 0).await;
    let mut tx = db.store().write().await.unwrap();
    let line = Line::new(Event::HealthChanged, serde_json::json!({"to": "healthy"}));
    let acme = tenant_id("acme");
    history::append(&mut tx, &Random::seeded(1), (&acme, &account), at(1), &line).await.unwrap();
    tx.commit().await.unwrap();

    let changed = db.execute("UPDATE history SET detail = '{}'").await;
    assert!(changed.unwrap_err().to_string().contains("append-only"));
    let deleted = db.execute("DELETE FROM history").await;
    assert!(deleted.unwrap_err().to_string().contains("append-only"));
});

on_both_databases!(what_a_dead_process_held_can_be_claimed_at_once, |db| async {
    a_platform(db.store()).await;
    an_account(db.store(), "acme", "one", 0).await;
    let dead = claim(db.store(), at(DUE), "dead", 10).await;
    assert!(claim(db.store(), at(DUE + 1), "next", 10).await.is_empty(), "it is held");

    let mut tx = db.store().write().await.unwrap();
    lease::release_all(&mut tx, at(DUE + 1)).await.unwrap();
    tx.commit().await.unwrap();

    assert_eq!(claim(db.store(), at(DUE + 1), "next", 10).await.len(), 1);
    assert!(!record(db.store(), &dead[0], &tokens("late", DUE + 2)).await, "the dead one writes nothing");
});
