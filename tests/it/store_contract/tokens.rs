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
use hufu::store::authorizer_grant::{self, Granted};
use hufu::store::authorizer_state::{self, Setback, Verdict};
use hufu::store::authorizer_sweep::Told;
use hufu::store::authorizer_token::{Held, NewTokens};
use hufu::store::history::Line;
use hufu::store::{
    Store, attempt, authorizer, authorizer_move, authorizer_refresh, authorizer_sweep, authorizer_token,
    database_clock, foreign_refresher, history, history_list, lease, pulse,
};
use hufu::vault::Vault;

use super::fixtures::{
    a_platform, a_tenant, an_account, appid, at, component_appid, key, tenant_id, tokens, vault,
};

/// When accounts granted at 0 become due.
const DUE: i64 = 5760;
/// Seconds between two claims of an account whose token lives two hours.
const FLOOR: i64 = 60;

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
    let recorded = authorizer_refresh::record(&mut tx, &vault(), &[(held, new)]).await.unwrap();
    tx.commit().await.unwrap();
    recorded == [true]
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
    let again = authorizer_grant::insert(&mut tx, &key("wxa"), &tenant_id("acme"), at(1)).await.unwrap();
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
    let second = claim(db.store(), at(DUE + FLOOR), "two", 10).await.remove(0);
    assert!(record(db.store(), &second, &tokens("second", DUE + 70)).await);

    assert!(!record(db.store(), &first, &tokens("first", DUE + 71)).await, "the claim was lost");
    assert_eq!(access(db.store(), "wxa").await.as_deref(), Some("access-second"));
    let now = look(db.store(), "wxa").await;
    assert_eq!(text(now.refresh_token.as_ref()), Some("refresh-second"));
    assert_eq!(text(now.previous_refresh_token.as_ref()), Some("refresh-wxa"));
    assert_eq!((now.failures, now.generation), (0, second.generation + 1));
});

on_both_databases!(tenants_take_turns_and_the_token_that_ends_first_is_refreshed_first, |db| async {
    a_platform(db.store()).await;
    a_tenant(db.store(), "other", at(0)).await;
    // Due at the same time; their tokens end in the order of the seconds.
    for (name, tenant, seconds) in
        [("a3", "acme", 30), ("a1", "acme", 10), ("o1", "other", 40), ("a2", "acme", 20)]
    {
        an_account(db.store(), tenant, name, seconds).await;
    }
    an_account(db.store(), "acme", "later", 5000).await;
    let turns = async |now, limit| {
        let mut tx = db.store().read().await.unwrap();
        let turns = authorizer_refresh::list_turns(&mut tx, &component_appid(), now, limit).await.unwrap();
        turns.iter().map(|turn| format!("{} {}", turn.authorizer, turn.number)).collect::<Vec<_>>()
    };

    assert_eq!(turns(at(DUE + 50), 9).await, ["a1 1", "o1 1", "a2 2", "a3 3"]);
    assert_eq!(turns(at(DUE + 50), 2).await, ["a1 1", "o1 1"]);
    assert_eq!(turns(at(DUE + 25), 9).await, ["a1 1", "a2 2"], "the others are not due yet");
    db.execute("UPDATE authorizer SET token_expires_at = NULL WHERE authorizer_appid = 'a3'").await.unwrap();
    assert_eq!(
        turns(at(DUE + 50), 9).await,
        ["a3 1", "o1 1", "a1 2", "a2 3"],
        "nothing valid at all comes first"
    );
    claim(db.store(), at(DUE + 10), "one", 9).await;
    assert_eq!(turns(at(DUE + 25), 9).await, ["a2 1"], "who is held has no turn");
});

on_both_databases!(what_is_claimed_by_name_is_due_and_nobody_elses, |db| async {
    a_platform(db.store()).await;
    for (name, seconds) in [("held", 0), ("due", 10), ("too", 10), ("later", 50)] {
        an_account(db.store(), "acme", name, seconds).await;
    }
    claim(db.store(), at(DUE), "one", 9).await;
    let accounts = ["later", "due", "held", "stranger", "too"].map(appid);
    let by_name = async |now| {
        let mut tx = db.store().write().await.unwrap();
        let who = (now, "two");
        let held =
            authorizer_refresh::claim(&mut tx, &vault(), &component_appid(), &accounts, who).await.unwrap();
        tx.commit().await.unwrap();
        let mut names: Vec<_> = held.iter().map(|one| one.key.authorizer.to_string()).collect();
        names.sort();
        names
    };

    assert_eq!(by_name(at(DUE + 10)).await, ["due", "too"]);
    assert!(by_name(at(DUE + 11)).await.is_empty(), "now they are held");
    assert_eq!(look(db.store(), "due").await.epoch, 2);
    // Past the leases, before the floor.
    assert_eq!(by_name(at(DUE + 50)).await, ["later"]);
    assert_eq!(by_name(at(DUE + 70)).await, ["due", "held", "too"]);
});

on_both_databases!(many_refreshes_are_recorded_together_and_a_lost_claim_changes_nothing, |db| async {
    a_platform(db.store()).await;
    for number in 0..70 {
        an_account(db.store(), "acme", &format!("wx{number}"), 0).await;
    }
    // One account twice: by who lost it and by who has it.
    let mut held = claim(db.store(), at(DUE), "one", 70).await;
    held.extend(claim(db.store(), at(DUE + FLOOR), "two", 1).await);
    let newest = held[70].clone();
    let news: Vec<_> = held.iter().map(|one| tokens(&format!("{}-new", one.key.authorizer), DUE)).collect();

    let mut tx = db.store().write().await.unwrap();
    let pairs: Vec<_> = held.iter().zip(&news).collect();
    let recorded = authorizer_refresh::record(&mut tx, &vault(), &pairs).await.unwrap();
    tx.commit().await.unwrap();

    let expected: Vec<bool> =
        held.iter().map(|one| one.key != newest.key || one.epoch == newest.epoch).collect();
    assert_eq!((recorded.len(), &recorded), (71, &expected));
    assert_eq!(expected.iter().filter(|stored| !**stored).count(), 1);
    for one in &held {
        let name = one.key.authorizer.as_str();
        assert_eq!(access(db.store(), name).await, Some(format!("access-{name}-new")));
        let now = look(db.store(), name).await;
        assert_eq!(text(now.refresh_token.as_ref()), Some(&*format!("refresh-{name}-new")));
        assert_eq!(text(now.previous_refresh_token.as_ref()), Some(&*format!("refresh-{name}")));
        assert_eq!((now.generation, now.next_refresh_at), (2, Some(at(2 * DUE))));
    }
});

on_both_databases!(many_attempts_are_opened_answered_and_ended_together, |db| async {
    a_platform(db.store()).await;
    for number in 0..67 {
        an_account(db.store(), "acme", &format!("wx{number}"), 0).await;
    }
    let held = claim(db.store(), at(DUE), "one", 67).await;
    let bodies: Vec<SealedBody> = held.iter().map(|one| SealedBody::new(one.key.row())).collect();

    let mut tx = db.store().write().await.unwrap();
    let ids = attempt::open_all(&mut tx, &Random::seeded(1), &held, (at(DUE), "one")).await.unwrap();
    let acme = tenant_id("acme");
    let answers: Vec<_> = ids.iter().zip(&bodies).map(|(id, body)| (id, &acme, body)).collect();
    attempt::answer(&mut tx, &vault(), at(DUE + 1), &answers).await.unwrap();
    for (one, body) in held.iter().zip(&bodies) {
        let kept = attempt::unapplied_answers(&mut tx, &vault(), &one.key).await.unwrap();
        assert_eq!(kept, std::slice::from_ref(body), "each has its own");
    }
    let (stored, fenced) = (end(Outcome::Succeeded, true), end(Outcome::Fenced, false));
    let ends: Vec<_> = ids.iter().map(|id| (id, if *id == ids[5] { &fenced } else { &stored })).collect();
    attempt::finish_all(&mut tx, at(DUE + 2), &ends).await.unwrap();

    for (number, one) in held.iter().enumerate() {
        let kept = attempt::unapplied_answers(&mut tx, &vault(), &one.key).await.unwrap();
        assert_eq!(kept.len(), usize::from(number == 5), "only what was not used is kept");
    }
    assert!(attempt::list_abandoned(&mut tx, &vault(), at(DUE + 900), 99).await.unwrap().is_empty());
});

on_both_databases!(lines_of_many_histories_are_added_together_and_numbered_each, |db| async {
    a_platform(db.store()).await;
    let mut keys = Vec::new();
    for name in ["wxa", "wxb", "wxc"] {
        keys.push(an_account(db.store(), "acme", name, 0).await);
    }
    let (acme, random) = (tenant_id("acme"), Random::seeded(1));
    let mut tx = db.store().write().await.unwrap();
    for event in [Event::AttemptInDoubt, Event::Recovered] {
        let line = Line::plain(event);
        let lines: Vec<_> = keys.iter().map(|key| (&acme, key, &line)).collect();
        history::append_all(&mut tx, &random, at(1), &lines).await.unwrap();
    }
    for key in &keys {
        let told = history_list::told(&mut tx, &acme, key, 9).await.unwrap();
        let events: Vec<&str> = told.iter().map(|line| line.event.as_str()).collect();
        assert_eq!(events, ["recovered", "attempt_in_doubt"]);
    }
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
    authorizer_grant::record_grant(&mut tx, &vault(), &key("wxa"), &granted).await.unwrap();
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
    assert!(authorizer_state::record_setback(&mut tx, &held, at(DUE + 1), &setback).await.unwrap());
    tx.commit().await.unwrap();

    let mut tx = db.store().read().await.unwrap();
    let found = authorizer::find(&mut tx, &tenant_id("acme"), &appid("wxa")).await.unwrap().unwrap();
    assert_eq!((found.health, found.health_since, found.failures), (Health::Retrying, at(DUE + 1), 1));
    assert_eq!((found.errcode, found.rid.as_deref()), (Some(-1), Some("rid-1")));
    assert_eq!(access(db.store(), "wxa").await.as_deref(), Some("access-wxa"));
    drop(tx);
    assert_eq!(found.next_refresh_at, Some(at(DUE + FLOOR)), "the page says when it can be");
    let again = claim(db.store(), at(DUE + FLOOR), "two", 10).await.remove(0);
    let mut tx = db.store().write().await.unwrap();
    assert!(!authorizer_state::record_setback(&mut tx, &held, at(DUE + 10), &setback).await.unwrap(), "lost");
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
    assert!(authorizer_state::set_recovering(&mut tx, &held, span, why).await.unwrap());
    tx.commit().await.unwrap();

    assert_eq!(look(db.store(), "wxa").await.health, Health::Recovering);
    assert!(claim(db.store(), at(DUE + 99), "two", 10).await.is_empty());
    assert_eq!(claim(db.store(), at(DUE + 100), "two", 10).await.len(), 1);
    let mut tx = db.store().write().await.unwrap();
    assert!(!authorizer_state::set_recovering(&mut tx, &held, span, why).await.unwrap(), "lost");
});

on_both_databases!(the_time_of_a_grant_only_moves_forward, |db| async {
    a_platform(db.store()).await;
    an_account(db.store(), "acme", "wxa", 0).await;
    let key = look(db.store(), "wxa").await.key;
    for (told, known) in [(500, 500), (400, 500), (600, 600)] {
        let mut tx = db.store().write().await.unwrap();
        authorizer_grant::note_grant_time(&mut tx, &key, at(told)).await.unwrap();
        tx.commit().await.unwrap();
        assert_eq!(look(db.store(), "wxa").await.grant_time, Some(at(known)));
    }
});

on_both_databases!(a_lock_changes_nothing, |db| async {
    a_platform(db.store()).await;
    an_account(db.store(), "acme", "wxa", 0).await;
    let before = look(db.store(), "wxa").await;
    let mut tx = db.store().write().await.unwrap();
    authorizer_state::lock(&mut tx, &before.key).await.unwrap();
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
    authorizer_state::judge(&mut tx, &key("wxa"), at(DUE + 1), &verdict).await.unwrap();
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
    assert!(authorizer_state::hasten(&mut tx, &key("wxa"), at(10)).await.unwrap());
    assert!(!authorizer_state::hasten(&mut tx, &key("wxa"), at(11)).await.unwrap());
    tx.commit().await.unwrap();
    assert_eq!(claim(db.store(), at(10), "one", 10).await.len(), 1);
});

on_both_databases!(a_moved_account_is_the_new_tenants_alone, |db| async {
    a_platform(db.store()).await;
    a_tenant(db.store(), "other", at(0)).await;
    an_account(db.store(), "acme", "wxa", 0).await;
    let mut tx = db.store().write().await.unwrap();
    authorizer_move::move_to(&mut tx, &vault(), &key("wxa"), &tenant_id("other")).await.unwrap();
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
    let (component, cause) = (component_appid(), Reason::TicketStale);
    let due = authorizer_sweep::count_unblocked(&mut tx, &component, at(DUE), cause).await.unwrap();
    let blocked = authorizer_sweep::block(&mut tx, &component, at(DUE), cause).await.unwrap();
    assert_eq!(authorizer_sweep::count_unblocked(&mut tx, &component, at(DUE), cause).await.unwrap(), 0);
    tx.commit().await.unwrap();

    assert_eq!((due, blocked), (1, vec![(key("wxdue"), tenant_id("acme"))]));
    let blocked = look(db.store(), "wxdue").await;
    assert_eq!((blocked.health, blocked.reason), (Health::BlockedUpstream, Reason::TicketStale));
    assert_eq!(look(db.store(), "wxlater").await.health, Health::Healthy);
});

on_both_databases!(who_waits_for_wechat_to_answer_is_blocked_when_all_do, |db| async {
    a_platform(db.store()).await;
    let waits = |reason| Setback {
        health: Health::Retrying,
        reason,
        errcode: None,
        rid: None,
        next_refresh_at: Some(at(DUE + 500)),
        failures: 1,
    };
    for (name, reason) in [("wxsilent", Reason::WechatUnreachable), ("wxlimited", Reason::RateLimited)] {
        an_account(db.store(), "acme", name, 0).await;
        let held = claim(db.store(), at(DUE), "one", 1).await.remove(0);
        let mut tx = db.store().write().await.unwrap();
        authorizer_state::record_setback(&mut tx, &held, at(DUE), &waits(reason)).await.unwrap();
        tx.commit().await.unwrap();
    }
    let component = component_appid();
    let mut tx = db.store().write().await.unwrap();
    let count = async |tx: &mut hufu::store::Writer, cause| {
        authorizer_sweep::count_unblocked(tx, &component, at(DUE + 1), cause).await.unwrap()
    };
    assert_eq!(count(&mut tx, Reason::TicketStale).await, 0, "nobody is due");
    assert_eq!(count(&mut tx, Reason::WechatDown).await, 1);
    assert_eq!(authorizer_sweep::block_silent(&mut tx, &component, at(DUE + 1)).await.unwrap(), 1);
    assert_eq!(count(&mut tx, Reason::WechatDown).await, 0);
    tx.commit().await.unwrap();

    let blocked = look(db.store(), "wxsilent").await;
    assert_eq!((blocked.health, blocked.reason), (Health::BlockedUpstream, Reason::WechatDown));
    assert_eq!((blocked.failures, blocked.next_refresh_at), (1, Some(at(DUE + 500))));
    assert_eq!(look(db.store(), "wxlimited").await.health, Health::Retrying);
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
    let (component, vault) = (component_appid(), vault());
    let page = authorizer_sweep::page_by_appid(&mut tx, &vault, &component, ("", 2)).await.unwrap();
    assert_eq!(page.iter().map(|one| one.appid.as_str()).collect::<Vec<_>>(), ["wxa", "wxb"]);
    let page = authorizer_sweep::page_by_appid(&mut tx, &vault, &component, ("wxb", 2)).await.unwrap();
    let one = &page[0];
    assert_eq!((page.len(), &one.appid, &one.tenant), (1, &appid("wxc"), &tenant_id("acme")));
    let stored = look(db.store(), "wxc").await.refresh_token;
    assert_eq!((one.health, &one.refresh_token), (Health::Healthy, &stored));
    let stranger = Vault::ephemeral(Random::seeded(8));
    let page = authorizer_sweep::page_by_appid(&mut tx, &stranger, &component, ("wxb", 2)).await.unwrap();
    assert_eq!(page[0].refresh_token, None, "one that does not open counts as lost");
});

on_both_databases!(nobody_asks_about_a_cancelled_account_until_it_grants_again, |db| async {
    a_platform(db.store()).await;
    for (name, health) in [("wxgone", Health::Unauthorized), ("wxpaused", Health::Paused)] {
        an_account(db.store(), "acme", name, 0).await;
        let verdict = Verdict { health, reason: Reason::Ok, next_refresh_at: None, token_ends: false };
        let mut tx = db.store().write().await.unwrap();
        authorizer_state::judge(&mut tx, &key(name), at(1), &verdict).await.unwrap();
        tx.commit().await.unwrap();
    }
    let again = Duration::from_secs(60);

    let mut tx = db.store().write().await.unwrap();
    assert!(authorizer_sweep::claim_info(&mut tx, at(2), (10, again)).await.unwrap().is_empty());
    tx.commit().await.unwrap();

    let resumed = Verdict {
        health: Health::Healthy,
        reason: Reason::Ok,
        next_refresh_at: Some(at(3)),
        token_ends: false,
    };
    for name in ["wxgone", "wxpaused"] {
        let mut tx = db.store().write().await.unwrap();
        authorizer_state::judge(&mut tx, &key(name), at(3), &resumed).await.unwrap();
        tx.commit().await.unwrap();
    }
    let mut tx = db.store().write().await.unwrap();
    let due = authorizer_sweep::claim_info(&mut tx, at(999_999), (10, again)).await.unwrap();
    assert_eq!(due, [(key("wxpaused"), tenant_id("acme"))], "the plan of the cancelled one is gone");
});

on_both_databases!(another_refresher_is_remembered_unless_we_were_it_ourselves, |db| async {
    a_platform(db.store()).await;
    an_account(db.store(), "acme", "wxa", 0).await;
    let random = Random::seeded(1);
    let held = claim(db.store(), at(DUE), "one", 1).await.remove(0);
    let mut tx = db.store().write().await.unwrap();
    assert_eq!(foreign_refresher::last_seen(&mut tx, &held.key).await.unwrap(), None);
    foreign_refresher::put(&mut tx, &held.key, at(5), "refresh_token").await.unwrap();
    foreign_refresher::put(&mut tx, &held.key, at(9), "access_token_died").await.unwrap();
    assert_eq!(foreign_refresher::last_seen(&mut tx, &held.key).await.unwrap(), Some(at(9)));

    assert!(!foreign_refresher::is_explained(&mut tx, &held.key, at(0)).await.unwrap());
    let attempt = attempt::open(&mut tx, &random, &held, (at(DUE), "one")).await.unwrap();
    assert!(foreign_refresher::is_explained(&mut tx, &held.key, at(DUE)).await.unwrap());
    assert!(!foreign_refresher::is_explained(&mut tx, &held.key, at(DUE + 1)).await.unwrap());
    attempt::finish(&mut tx, &attempt, at(DUE + 1), &end(Outcome::Failed, false)).await.unwrap();
    assert!(!foreign_refresher::is_explained(&mut tx, &held.key, at(DUE)).await.unwrap());

    foreign_refresher::acquit(&mut tx, &held.key, at(10), "access_token_died").await.unwrap();
    foreign_refresher::acquit(&mut tx, &held.key, at(9), "refresh_token").await.unwrap();
    assert_eq!(
        foreign_refresher::last_seen(&mut tx, &held.key).await.unwrap(),
        Some(at(9)),
        "older, or other"
    );
    foreign_refresher::acquit(&mut tx, &held.key, at(9), "access_token_died").await.unwrap();
    assert_eq!(foreign_refresher::last_seen(&mut tx, &held.key).await.unwrap(), None);
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
    attempt::answer(&mut tx, &vault(), at(DUE + 2), &[(&answered, &held.tenant, &body)]).await.unwrap();

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
    let doubted =
        authorizer_state::record_doubt(&mut tx, &key("one"), dead[0].epoch, at(DUE + 1)).await.unwrap();
    tx.commit().await.unwrap();
    assert!(doubted);

    assert_eq!(claim(db.store(), at(DUE + 1), "next", 10).await.len(), 1);
    assert!(!record(db.store(), &dead[0], &tokens("late", DUE + 2)).await, "the dead one writes nothing");
});

on_both_databases!(an_account_that_wechat_may_be_at_work_on_rests_although_its_holder_is_dead, |db| async {
    a_platform(db.store()).await;
    for name in ["silent", "answered"] {
        an_account(db.store(), "acme", name, 0).await;
    }
    let held = claim(db.store(), at(DUE), "dead", 10).await;
    let mut tx = db.store().write().await.unwrap();
    let ids = attempt::open_all(&mut tx, &Random::seeded(1), &held, (at(DUE), "dead")).await.unwrap();
    let answered = held.iter().position(|one| one.key == key("answered")).unwrap();
    let body = SealedBody::new("{}");
    attempt::answer(&mut tx, &vault(), at(DUE + 1), &[(&ids[answered], &tenant_id("acme"), &body)])
        .await
        .unwrap();

    lease::release_all(&mut tx, at(DUE + 2)).await.unwrap();

    let open = attempt::list_abandoned(&mut tx, &vault(), at(DUE + 2), 10).await.unwrap();
    assert_eq!(open.iter().map(|one| &one.key).collect::<Vec<_>>(), [&key("answered")]);
    let doubtful = |name: &str| held.iter().find(|one| one.key == key(name)).unwrap().epoch;
    let epoch = doubtful("silent");
    assert!(!authorizer_state::record_doubt(&mut tx, &key("silent"), epoch, at(DUE + 2)).await.unwrap());
    let end = at(DUE).plus(LEASE);
    assert!(authorizer_state::record_doubt(&mut tx, &key("silent"), epoch, end).await.unwrap());
    let epoch = doubtful("answered");
    assert!(authorizer_state::record_doubt(&mut tx, &key("answered"), epoch, at(DUE + 2)).await.unwrap());
});

on_both_databases!(no_account_is_claimed_twice_within_its_floor, |db| async {
    a_platform(db.store()).await;
    an_account(db.store(), "acme", "wxa", 0).await;
    let held = claim(db.store(), at(DUE), "one", 10).await.remove(0);
    assert!(record(db.store(), &held, &tokens("new", DUE + 1)).await);

    let mut tx = db.store().write().await.unwrap();
    assert!(authorizer_state::hasten(&mut tx, &key("wxa"), at(DUE + 2)).await.unwrap());
    tx.commit().await.unwrap();

    assert_eq!(look(db.store(), "wxa").await.next_refresh_at, Some(at(DUE + FLOOR)));
    assert!(claim(db.store(), at(DUE + FLOOR - 1), "one", 10).await.is_empty());
    assert_eq!(claim(db.store(), at(DUE + FLOOR), "one", 10).await.len(), 1);
    let mut tx = db.store().write().await.unwrap();
    let resumed = Verdict {
        health: Health::Healthy,
        reason: Reason::Ok,
        next_refresh_at: Some(at(DUE + FLOOR + 3)),
        token_ends: false,
    };
    authorizer_state::judge(&mut tx, &key("wxa"), at(DUE + FLOOR + 3), &resumed).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(look(db.store(), "wxa").await.next_refresh_at, Some(at(DUE + FLOOR + FLOOR)));
});

on_both_databases!(the_floor_of_a_short_token_is_half_its_life, |db| async {
    a_platform(db.store()).await;
    an_account(db.store(), "acme", "wxa", 0).await;
    let held = claim(db.store(), at(DUE), "one", 10).await.remove(0);
    let short = NewTokens { expires_at: at(DUE + 40), next_refresh_at: at(DUE + 1), ..tokens("short", DUE) };
    assert!(record(db.store(), &held, &short).await);
    let held = claim(db.store(), at(DUE + FLOOR), "one", 10).await.remove(0);
    assert!(record(db.store(), &held, &NewTokens { next_refresh_at: at(0), ..short }).await);

    assert!(claim(db.store(), at(DUE + FLOOR + 19), "one", 10).await.is_empty());
    assert_eq!(claim(db.store(), at(DUE + FLOOR + 20), "one", 10).await.len(), 1);
});

on_both_databases!(a_grant_and_a_claim_without_a_call_lift_the_floor, |db| async {
    a_platform(db.store()).await;
    an_account(db.store(), "acme", "wxa", 0).await;
    let first = claim(db.store(), at(DUE), "one", 10).await.remove(0);
    let not_called = Setback {
        health: Health::BlockedUpstream,
        reason: Reason::ComponentTokenFailing,
        errcode: None,
        rid: None,
        next_refresh_at: Some(at(DUE)),
        failures: 0,
    };
    let mut tx = db.store().write().await.unwrap();
    assert!(authorizer_state::lift_floor(&mut tx, &first).await.unwrap());
    assert!(authorizer_state::record_setback(&mut tx, &first, at(DUE + 1), &not_called).await.unwrap());
    tx.commit().await.unwrap();
    assert_eq!(claim(db.store(), at(DUE + 2), "two", 10).await.len(), 1);

    let due = NewTokens { next_refresh_at: at(DUE + 3), ..tokens("granted", DUE + 3) };
    let mut tx = db.store().write().await.unwrap();
    assert!(!authorizer_state::lift_floor(&mut tx, &first).await.unwrap(), "that claim was lost");
    let granted = Granted { tokens: &due, func_info: &[], grant_time: None, now: at(DUE + 3) };
    authorizer_grant::record_grant(&mut tx, &vault(), &key("wxa"), &granted).await.unwrap();
    tx.commit().await.unwrap();
    let end = DUE + 2 + i64::try_from(LEASE.as_secs()).unwrap();
    assert_eq!(look(db.store(), "wxa").await.next_refresh_at, Some(at(end)), "as the page shows it");
    assert!(
        claim(db.store(), at(end - 1), "three", 10).await.is_empty(),
        "the second may be at WeChat still"
    );
    assert_eq!(claim(db.store(), at(end), "three", 10).await.len(), 1);
});

on_both_databases!(a_grant_without_an_access_token_ends_none_that_lives, |db| async {
    a_platform(db.store()).await;
    an_account(db.store(), "acme", "wxa", 0).await;
    let (before, token) = (look(db.store(), "wxa").await, access(db.store(), "wxa").await);
    assert!(token.is_some());

    let none =
        NewTokens { access_token: None, expires_at: at(90), next_refresh_at: at(90), ..tokens("new", 90) };
    let mut tx = db.store().write().await.unwrap();
    let granted = Granted { tokens: &none, func_info: &[], grant_time: None, now: at(90) };
    authorizer_grant::record_grant(&mut tx, &vault(), &key("wxa"), &granted).await.unwrap();
    tx.commit().await.unwrap();

    let after = look(db.store(), "wxa").await;
    assert_eq!(access(db.store(), "wxa").await, token);
    assert_eq!(
        (after.token_obtained_at, after.token_expires_at, after.next_refresh_at),
        (before.token_obtained_at, before.token_expires_at, Some(at(90)))
    );
    assert_eq!((after.health, after.reason), (Health::Recovering, Reason::FirstTokenPending));
    assert_eq!(text(after.refresh_token.as_ref()), text(none.refresh_token.as_ref()));
});

on_both_databases!(a_vanished_holder_is_made_up_for_once_and_then_at_the_floor, |db| async {
    a_platform(db.store()).await;
    an_account(db.store(), "acme", "wxa", 0).await;
    let doubt = async |epoch, now| {
        let mut tx = db.store().write().await.unwrap();
        let mine = authorizer_state::record_doubt(&mut tx, &key("wxa"), epoch, now).await.unwrap();
        tx.commit().await.unwrap();
        mine
    };
    let first = claim(db.store(), at(DUE), "one", 10).await.remove(0);
    assert!(!doubt(first.epoch, at(DUE + 19)).await, "it may live");
    assert!(!doubt(first.epoch - 1, at(DUE + 20)).await, "somebody else has held it since");
    assert!(doubt(first.epoch, at(DUE + 20)).await);
    let doubted = look(db.store(), "wxa").await;
    assert_eq!((doubted.health, doubted.reason), (Health::Recovering, Reason::AttemptInDoubt));

    let second = claim(db.store(), at(DUE + 20), "two", 10).await.remove(0);
    assert!(doubt(second.epoch, at(DUE + 40)).await);
    assert_eq!(look(db.store(), "wxa").await.next_refresh_at, Some(at(DUE + 20 + FLOOR)));
    assert!(claim(db.store(), at(DUE + 20 + FLOOR - 1), "three", 10).await.is_empty());

    let third = claim(db.store(), at(DUE + 20 + FLOOR), "three", 10).await.remove(0);
    assert!(record(db.store(), &third, &tokens("ok", DUE + 81)).await);
    let fourth = claim(db.store(), at(DUE + 9000), "four", 10).await.remove(0);
    assert!(doubt(fourth.epoch, at(DUE + 9020)).await);
    assert_eq!(claim(db.store(), at(DUE + 9020), "five", 10).await.len(), 1, "a success begins anew");
});

on_both_databases!(a_claim_can_be_held_on_to_by_its_holder_alone, |db| async {
    a_platform(db.store()).await;
    an_account(db.store(), "acme", "wxa", 0).await;
    let held = claim(db.store(), at(DUE), "one", 10).await.remove(0);
    let mut tx = db.store().write().await.unwrap();
    let id = attempt::open(&mut tx, &Random::seeded(1), &held, (at(DUE), "one")).await.unwrap();
    assert!(authorizer_state::extend(&mut tx, &held, at(DUE + 100)).await.unwrap());
    attempt::extend(&mut tx, &id, at(DUE + 100)).await.unwrap();
    tx.commit().await.unwrap();

    assert!(claim(db.store(), at(DUE + 99), "two", 10).await.is_empty());
    let mut tx = db.store().write().await.unwrap();
    assert!(attempt::list_abandoned(&mut tx, &vault(), at(DUE + 99), 10).await.unwrap().is_empty());
    assert_eq!(attempt::list_abandoned(&mut tx, &vault(), at(DUE + 100), 10).await.unwrap().len(), 1);
    tx.commit().await.unwrap();
    assert_eq!(claim(db.store(), at(DUE + 100), "two", 10).await.len(), 1);
    let mut tx = db.store().write().await.unwrap();
    assert!(!authorizer_state::extend(&mut tx, &held, at(DUE + 200)).await.unwrap(), "it was lost");
});

on_both_databases!(leases_last_as_long_whatever_the_clock_is_set_to, |db| async {
    a_platform(db.store()).await;
    an_account(db.store(), "acme", "wxa", 0).await;
    let held = claim(db.store(), at(DUE), "one", 10).await.remove(0);
    let mut tx = db.store().write().await.unwrap();
    attempt::open(&mut tx, &Random::seeded(1), &held, (at(DUE), "one")).await.unwrap();
    lease::shift(&mut tx, (at(DUE + 5), at(DUE + 3605))).await.unwrap();
    assert!(attempt::list_abandoned(&mut tx, &vault(), at(DUE + 3619), 10).await.unwrap().is_empty());
    assert_eq!(attempt::list_abandoned(&mut tx, &vault(), at(DUE + 3620), 10).await.unwrap().len(), 1);
    tx.commit().await.unwrap();
    assert!(claim(db.store(), at(DUE + 3600 + FLOOR - 1), "two", 10).await.is_empty());
    let expires = look(db.store(), "wxa").await.token_expires_at;
    assert_eq!(expires, Some(at(7200)), "set forward: perhaps the token is as old as it seems");

    let mut tx = db.store().write().await.unwrap();
    lease::shift(&mut tx, (at(DUE + 3605), at(DUE + 5))).await.unwrap();
    tx.commit().await.unwrap();
    assert!(claim(db.store(), at(DUE + FLOOR - 1), "two", 10).await.is_empty());
    assert_eq!(claim(db.store(), at(DUE + FLOOR), "two", 10).await.len(), 1);
    let moved = look(db.store(), "wxa").await;
    assert_eq!(
        (moved.token_obtained_at, moved.token_expires_at),
        (Some(at(-3600)), Some(at(3600))),
        "set back: it ends no later than it would have"
    );
});

on_both_databases!(a_token_from_the_future_is_not_believed, |db| async {
    a_platform(db.store()).await;
    an_account(db.store(), "acme", "wxnew", 100).await;
    an_account(db.store(), "acme", "wxold", -1000).await;

    let mut tx = db.store().write().await.unwrap();
    assert_eq!(lease::distrust_future(&mut tx, at(50)).await.unwrap(), 1);
    tx.commit().await.unwrap();

    let new = look(db.store(), "wxnew").await;
    assert_eq!((new.token_expires_at, new.next_refresh_at), (Some(at(50)), Some(at(50))));
    assert_eq!(look(db.store(), "wxold").await.token_expires_at, Some(at(6200)));
    assert_eq!(claim(db.store(), at(50), "one", 10).await.len(), 1);
});

on_both_databases!(a_step_of_the_clock_is_one_callers_business, |db| async {
    let mut tx = db.store().write().await.unwrap();
    let step = (at(10), at(-3590));
    assert!(!pulse::step(&mut tx, "scheduler", step).await.unwrap(), "nothing has beaten yet");
    pulse::beat(&mut tx, "scheduler", at(9), "one").await.unwrap();
    assert!(pulse::step(&mut tx, "scheduler", step).await.unwrap());
    assert!(!pulse::step(&mut tx, "scheduler", (at(11), at(-3589))).await.unwrap(), "another has done it");
    assert_eq!(pulse::last(&mut tx, "scheduler").await.unwrap(), Some(at(-3590)));
});

on_both_databases!(only_a_database_that_is_shared_has_a_clock_of_its_own, |db| async {
    let mut tx = db.store().read().await.unwrap();
    let told = database_clock::read(&mut tx).await.unwrap();
    let machine = hufu::clock::Clock::system();
    match told {
        None => assert_eq!(db.kind, crate::harness::Kind::Sqlite),
        Some(told) => assert!(machine.behind(Some(told)).unwrap().abs() < 60_000, "{told:?}"),
    }
});
