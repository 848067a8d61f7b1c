//! The component, its token lane, the heartbeat, the master key's check.

use std::time::Duration;

use hufu::domain::finding::Finding;
use hufu::domain::ids::AuthorizerAppid;
use hufu::random::Random;
use hufu::secret::{ComponentAccessToken, EncodingAesKey, PushToken, Secret as _};
use hufu::store::component_token::{self, NewToken, TokenLane};
use hufu::store::reconcile_report::{EXAMPLES, Report, Tally};
use hufu::store::{Store, component, pulse, reconcile_report, vault_check};
use hufu::vault::Vault;

use super::fixtures::{a_component, at, component_appid, component_config, vault};

const LEASE: Duration = Duration::from_secs(20);

/// Claims the lane at `seconds` and commits.
async fn claim(store: &Store, seconds: i64, holder: &str) -> Vec<TokenLane> {
    let mut tx = store.write().await.unwrap();
    let lanes = component_token::claim_token_lanes(&mut tx, at(seconds), holder, LEASE).await.unwrap();
    tx.commit().await.unwrap();
    lanes
}

fn new_token(text: &str, seconds: i64) -> NewToken {
    NewToken {
        token: ComponentAccessToken::new(text),
        obtained_at: at(seconds),
        expires_at: at(seconds + 7200),
        next_refresh_at: at(seconds + 5760),
    }
}

/// Records and commits; the token's text as it can be read afterwards.
async fn record(store: &Store, lane: &TokenLane, new: &NewToken) -> (bool, Option<String>) {
    let mut tx = store.write().await.unwrap();
    let recorded = component_token::record_token(&mut tx, &vault(), lane, new).await.unwrap();
    tx.commit().await.unwrap();
    let mut tx = store.read().await.unwrap();
    let held = component_token::access_token(&mut tx, &vault(), &lane.appid, new.obtained_at).await.unwrap();
    (recorded, held.map(|held| held.token.expose().to_owned()))
}

on_both_databases!(a_component_keeps_its_credentials_and_opens_them_with_its_key_only, |db| async {
    let mut tx = db.store().write().await.unwrap();
    let mut config = component_config("第一");
    component::put(&mut tx, &vault(), at(0), &config).await.unwrap();
    config.name = "第二".to_owned();
    config.previous_token = Some(PushToken::new("old token"));
    config.previous_aes_key = Some(EncodingAesKey::new("o".repeat(43)));
    component::put(&mut tx, &vault(), at(9), &config).await.unwrap();

    let found = component::config(&mut tx, &vault(), &config.appid).await.unwrap().unwrap();
    assert_eq!((found.name.as_str(), found.appsecret.expose()), ("第二", "appsecret"));
    assert_eq!((found.token, found.previous_token), (config.token, config.previous_token));
    assert_eq!((found.aes_key, found.previous_aes_key), (config.aes_key, config.previous_aes_key));
    let stranger = Vault::ephemeral(Random::seeded(8));
    assert!(component::config(&mut tx, &stranger, &config.appid).await.is_err());
    assert_eq!(component::first(&mut tx).await.unwrap(), Some(component_appid()));
    let listed = component::list(&mut tx).await.unwrap();
    assert_eq!((listed.len(), listed[0].created_at, listed[0].authorizers), (1, at(0), None));
    assert_eq!(component::list_counted(&mut tx).await.unwrap()[0].authorizers, Some(0));
    assert_eq!((listed[0].ticket_received_at, listed[0].token_expires_at), (None, None));
});

on_both_databases!(without_a_component_there_is_none, |db| async {
    let mut tx = db.store().read().await.unwrap();
    assert_eq!(component::first(&mut tx).await.unwrap(), None);
    assert!(component::list(&mut tx).await.unwrap().is_empty());
    assert!(component::config(&mut tx, &vault(), &component_appid()).await.unwrap().is_none());
    assert!(
        component_token::access_token(&mut tx, &vault(), &component_appid(), at(0)).await.unwrap().is_none()
    );
});

on_both_databases!(a_token_lane_has_one_holder_at_a_time, |db| async {
    a_component(db.store()).await;

    let first = claim(db.store(), 0, "one").await;
    assert_eq!((first.len(), first[0].failures, first[0].token_expires_at), (1, 0, None));
    assert!(claim(db.store(), 19, "two").await.is_empty(), "the lease lasts");
    let second = claim(db.store(), 20, "two").await;
    assert_eq!(second[0].epoch, first[0].epoch + 1);

    assert_eq!(record(db.store(), &second[0], &new_token("new", 21)).await, (true, Some("new".to_owned())));
    let late = record(db.store(), &first[0], &new_token("late", 22)).await;
    assert_eq!(late, (false, Some("new".to_owned())), "a stale holder never overwrites");
    assert!(claim(db.store(), 5000, "three").await.is_empty(), "not due before its time");
    let third = claim(db.store(), 21 + 5760, "three").await;
    assert_eq!(third[0].token_expires_at, Some(at(21 + 7200)));
});

on_both_databases!(a_lane_is_held_while_its_lease_lasts, |db| async {
    let appid = a_component(db.store()).await;
    let held = async |seconds| {
        let mut tx = db.store().read().await.unwrap();
        component_token::lane_is_held(&mut tx, &appid, at(seconds)).await.unwrap()
    };
    assert!(!held(0).await);
    let lane = claim(db.store(), 0, "one").await.remove(0);
    assert!(held(19).await);
    assert!(!held(20).await, "the lease is over");
    record(db.store(), &lane, &new_token("t", 1)).await;
    assert!(!held(2).await, "given back");
});

on_both_databases!(a_failed_lane_is_tried_again_in_its_time_and_counts, |db| async {
    a_component(db.store()).await;
    let lane = claim(db.store(), 0, "one").await.remove(0);

    let mut tx = db.store().write().await.unwrap();
    component_token::record_token_failure(&mut tx, &lane, at(30)).await.unwrap();
    tx.commit().await.unwrap();

    assert!(claim(db.store(), 29, "one").await.is_empty());
    let again = claim(db.store(), 30, "one").await.remove(0);
    assert_eq!(again.failures, 1);
    record(db.store(), &again, &new_token("t", 31)).await;
    let later = claim(db.store(), 31 + 5760, "one").await.remove(0);
    assert_eq!(later.failures, 0, "a success ends the row of failures");
});

on_both_databases!(a_distrusted_token_ends_at_once_and_only_once, |db| async {
    let appid = a_component(db.store()).await;
    let lane = claim(db.store(), 0, "one").await.remove(0);
    record(db.store(), &lane, &new_token("t", 1)).await;

    let mut tx = db.store().write().await.unwrap();
    let held = component_token::access_token(&mut tx, &vault(), &appid, at(2)).await.unwrap().unwrap();
    assert_eq!(held.expires_at, at(7201));
    assert!(component_token::distrust_token(&mut tx, &held, at(3)).await.unwrap());
    assert!(!component_token::distrust_token(&mut tx, &held, at(3)).await.unwrap());
    assert!(component_token::access_token(&mut tx, &vault(), &appid, at(3)).await.unwrap().is_none());
    tx.commit().await.unwrap();

    let again = claim(db.store(), 3, "one").await.remove(0);
    record(db.store(), &again, &new_token("newer", 4)).await;
    let mut tx = db.store().write().await.unwrap();
    assert!(!component_token::distrust_token(&mut tx, &held, at(5)).await.unwrap(), "a newer one is stored");
    assert!(
        component_token::access_token(&mut tx, &vault(), &appid, at(7204)).await.unwrap().is_none(),
        "over"
    );
});

on_both_databases!(a_token_of_no_use_is_ended_and_fetched_anew, |db| async {
    let appid = a_component(db.store()).await;
    let lane = claim(db.store(), 0, "one").await.remove(0);
    record(db.store(), &lane, &new_token("t", 1)).await;

    let mut tx = db.store().write().await.unwrap();
    component_token::end_token(&mut tx, &appid, at(9)).await.unwrap();
    tx.commit().await.unwrap();

    let mut tx = db.store().read().await.unwrap();
    assert!(component_token::access_token(&mut tx, &vault(), &appid, at(9)).await.unwrap().is_none());
    drop(tx);
    assert_eq!(claim(db.store(), 9, "one").await.len(), 1);
});

on_both_databases!(a_ticket_wakes_a_lane_that_starves_and_no_other, |db| async {
    let appid = a_component(db.store()).await;
    let lane = claim(db.store(), 0, "one").await.remove(0);
    let mut tx = db.store().write().await.unwrap();
    component_token::record_token_failure(&mut tx, &lane, at(300)).await.unwrap();
    component_token::wake_starved_lane(&mut tx, &appid, at(10)).await.unwrap();
    tx.commit().await.unwrap();

    let woken = claim(db.store(), 10, "one").await.remove(0);
    record(db.store(), &woken, &new_token("t", 11)).await;
    let mut tx = db.store().write().await.unwrap();
    component_token::wake_starved_lane(&mut tx, &appid, at(12)).await.unwrap();
    tx.commit().await.unwrap();
    assert!(claim(db.store(), 12, "one").await.is_empty(), "a ticket is no reason to refresh a good token");
});

on_both_databases!(the_comparison_with_wechats_list_is_claimed_once_and_planned, |db| async {
    let appid = a_component(db.store()).await;
    let mut tx = db.store().write().await.unwrap();
    let again = Duration::from_secs(600);
    assert!(component::claim_reconciles(&mut tx, at(1), again).await.unwrap().is_empty(), "no token yet");
    tx.commit().await.unwrap();
    let lane = claim(db.store(), 1, "one").await.remove(0);
    record(db.store(), &lane, &new_token("t", 1)).await;

    let mut tx = db.store().write().await.unwrap();
    assert_eq!(
        component::claim_reconciles(&mut tx, at(2), again).await.unwrap(),
        std::slice::from_ref(&appid)
    );
    assert!(component::claim_reconciles(&mut tx, at(601), again).await.unwrap().is_empty());
    component::plan_reconcile(&mut tx, &appid, at(700), Some(at(3))).await.unwrap();
    component::plan_reconcile(&mut tx, &appid, at(800), None).await.unwrap();
    assert!(component::claim_reconciles(&mut tx, at(799), again).await.unwrap().is_empty());
    assert_eq!(component::claim_reconciles(&mut tx, at(800), again).await.unwrap().len(), 1);
    assert_eq!(component::list(&mut tx).await.unwrap()[0].last_reconciled_at, Some(at(3)));
});

on_both_databases!(a_report_counts_all_names_some_and_keeps_what_is_learned_between, |db| async {
    let component = a_component(db.store()).await;
    let appid = |number: usize| AuthorizerAppid::parse(&format!("wx{number}")).unwrap();
    let tally = |finding, accounts: usize| Tally {
        finding,
        accounts: i64::try_from(accounts).unwrap(),
        examples: (0..accounts.min(EXAMPLES)).map(appid).collect(),
    };
    let report = |seconds, tallies| Report { at: at(seconds), listed: 9, known: 8, tallies };
    let mut tx = db.store().write().await.unwrap();
    assert_eq!(reconcile_report::find(&mut tx, &component).await.unwrap(), None);

    let first = report(1, vec![tally(Finding::MissingHere, 2), tally(Finding::OtherToken, 30)]);
    reconcile_report::put(&mut tx, &component, &first).await.unwrap();
    assert_eq!(reconcile_report::find(&mut tx, &component).await.unwrap(), Some(first));

    for number in 0..40 {
        let example = appid(number);
        reconcile_report::add(&mut tx, &component, Finding::StatusChanged, &example).await.unwrap();
    }
    let second = report(2, vec![tally(Finding::NeverExchanged, 1)]);
    reconcile_report::put(&mut tx, &component, &second).await.unwrap();
    reconcile_report::add(&mut tx, &component, Finding::StatusChanged, &appid(99)).await.unwrap();
    let found = reconcile_report::find(&mut tx, &component).await.unwrap().unwrap();
    assert_eq!((found.at, found.tallies[0].clone()), (at(2), tally(Finding::NeverExchanged, 1)));
    let changed = &found.tallies[1];
    assert_eq!((changed.finding, changed.accounts), (Finding::StatusChanged, 41));
    assert_eq!((found.tallies.len(), changed.examples.len()), (2, EXAMPLES));

    reconcile_report::put(&mut tx, &component, &report(3, vec![])).await.unwrap();
    let found = reconcile_report::find(&mut tx, &component).await.unwrap().unwrap();
    assert_eq!(found.tallies, [tally_of_one(Finding::StatusChanged, &appid(99))]);
});

fn tally_of_one(finding: Finding, appid: &AuthorizerAppid) -> Tally {
    Tally { finding, accounts: 1, examples: vec![appid.clone()] }
}

on_both_databases!(wechats_answer_to_a_push_request_is_kept, |db| async {
    let appid = a_component(db.store()).await;
    let mut tx = db.store().write().await.unwrap();
    component::set_push_requested(&mut tx, &appid, at(4), "in a normal state").await.unwrap();
    let listed = component::list(&mut tx).await.unwrap().remove(0);
    assert_eq!(
        (listed.push_requested_at, listed.push_answer.as_deref()),
        (Some(at(4)), Some("in a normal state"))
    );
});

on_both_databases!(the_heartbeat_only_moves_forward, |db| async {
    let mut tx = db.store().write().await.unwrap();
    assert_eq!(pulse::last(&mut tx, pulse::SCHEDULER).await.unwrap(), None);
    pulse::beat(&mut tx, pulse::SCHEDULER, at(5), "a").await.unwrap();
    pulse::beat(&mut tx, pulse::SCHEDULER, at(4), "b").await.unwrap();
    assert_eq!(pulse::last(&mut tx, pulse::SCHEDULER).await.unwrap(), Some(at(5)));
    pulse::beat(&mut tx, pulse::SCHEDULER, at(6), "c").await.unwrap();
    assert_eq!(pulse::told(&mut tx, pulse::SCHEDULER).await.unwrap(), Some((at(6), "c".to_owned())));
    assert_eq!(pulse::told(&mut tx, "nobody").await.unwrap(), None);
    assert_eq!(pulse::last(&mut tx, pulse::SCHEDULER).await.unwrap(), Some(at(6)));
});

on_both_databases!(schedulers_that_beat_lately_are_counted_and_dead_ones_forgotten, |db| async {
    let mut tx = db.store().write().await.unwrap();
    for (holder, seconds) in [("one", 5), ("two", 9)] {
        pulse::beat(&mut tx, &pulse::scheduler_of(holder), at(seconds), "").await.unwrap();
    }
    pulse::beat(&mut tx, pulse::SCHEDULER, at(9), "two").await.unwrap();
    assert_eq!(pulse::count_schedulers(&mut tx, at(5)).await.unwrap(), 2);
    assert_eq!(pulse::count_schedulers(&mut tx, at(6)).await.unwrap(), 1);
    assert_eq!(pulse::forget_schedulers(&mut tx, at(9)).await.unwrap(), 1);
    assert_eq!(pulse::count_schedulers(&mut tx, at(0)).await.unwrap(), 1);
    assert_eq!(pulse::last(&mut tx, pulse::SCHEDULER).await.unwrap(), Some(at(9)));
});

on_both_databases!(the_check_of_the_master_key_is_written_once, |db| async {
    let mut tx = db.store().write().await.unwrap();
    assert_eq!(vault_check::find(&mut tx, "check").await.unwrap(), None);
    vault_check::insert_if_absent(&mut tx, "check", "first").await.unwrap();
    vault_check::insert_if_absent(&mut tx, "check", "second").await.unwrap();
    assert_eq!(vault_check::find(&mut tx, "check").await.unwrap().as_deref(), Some("first"));
});

on_both_databases!(nothing_lasts_without_a_commit, |db| async {
    let mut tx = db.store().write().await.unwrap();
    vault_check::insert_if_absent(&mut tx, "check", "text").await.unwrap();
    drop(tx);
    let mut tx = db.store().read().await.unwrap();
    assert_eq!(vault_check::find(&mut tx, "check").await.unwrap(), None);
});
