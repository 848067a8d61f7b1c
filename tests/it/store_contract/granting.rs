//! Attempts at granting, the code broker, and what waits for a platform admin.

use std::time::Duration;

use hufu::clock::Timestamp;
use hufu::domain::authorization::{AuthType, AuthorizationStatus, GrantProblem};
use hufu::domain::ids::{AuthorizationId, AuthorizerAppid, GrantId};
use hufu::random::Random;
use hufu::secret::{AuthorizationCode, OneTimeToken, PreAuthCode, SealedBody, Secret as _};
use hufu::store::authorization::{NewAuthorization, Opened};
use hufu::store::grant_code::{Brought, Code, Status};
use hufu::store::grant_ending::{self, Ending};
use hufu::store::{Store, StoreError, authorization, authorization_ending, grant_code, grant_list};

use super::fixtures::{
    a_platform, a_tenant, an_account, appid, at, component_appid, tenant_id, user_id, vault,
};

const LEASE: Duration = Duration::from_secs(20);

fn id(name: &str) -> AuthorizationId {
    AuthorizationId::parse(name).unwrap()
}

/// An attempt of `acme` whose state, entry token and pre_auth_code carry its name.
async fn begin(store: &Store, name: &str, code_expires_at: Timestamp) -> Result<(), StoreError> {
    let (state, entry) =
        (OneTimeToken::new(format!("state-{name}")), OneTimeToken::new(format!("entry-{name}")));
    let new = NewAuthorization {
        id: &id(name),
        component: &component_appid(),
        tenant: &tenant_id("acme"),
        user: Some(&user_id("ann")),
        session_hash: Some("session"),
        device_hash: None,
        state: &state,
        entry: &entry,
        auth_type: AuthType::Both,
        expected_appid: Some(&appid("wxa")),
        pre_auth_code: &PreAuthCode::new(format!("preauthcode-{name}")),
        code_expires_at,
        link: None,
        asked_at: at(-7),
    };
    let mut tx = store.write().await.unwrap();
    authorization::insert(&mut tx, &vault(), at(0), &new).await?;
    tx.commit().await
}

async fn look(store: &Store, name: &str) -> Opened {
    let mut tx = store.read().await.unwrap();
    authorization::find(&mut tx, &vault(), &id(name)).await.unwrap().unwrap()
}

on_both_databases!(an_attempt_is_found_by_each_of_its_names, |db| async {
    a_platform(db.store()).await;
    begin(db.store(), "one", at(600)).await.unwrap();

    let mut tx = db.store().read().await.unwrap();
    let by_entry = authorization::find_by_entry(&mut tx, &vault(), "entry-one").await.unwrap().unwrap();
    let state = OneTimeToken::new("state-one");
    let by_state = authorization::find_by_state(&mut tx, &vault(), &state).await.unwrap().unwrap();
    let code = PreAuthCode::new("preauthcode-one").fingerprint();
    let (vault, component) = (vault(), component_appid());
    let by_code = authorization::find_by_pre_auth_code(&mut tx, &vault, &component, &code);
    let by_code = by_code.await.unwrap().unwrap();

    for found in [&by_entry, &by_state, &by_code] {
        assert_eq!(found.authorization.id, id("one"));
    }
    let found = by_entry.authorization;
    assert_eq!(
        (found.tenant, found.user, found.auth_type),
        (tenant_id("acme"), Some(user_id("ann")), AuthType::Both)
    );
    assert_eq!((found.created_at, found.asked_at), (at(0), at(-7)));
    assert_eq!((found.expected_appid, found.status), (Some(appid("wxa")), AuthorizationStatus::Started));
    assert_eq!((by_entry.state.expose(), by_entry.entry.expose()), ("state-one", "entry-one"));
    assert_eq!(by_entry.pre_auth_code.expose(), "preauthcode-one");
    assert!(authorization::find_by_entry(&mut tx, &vault, "entry-two").await.unwrap().is_none());
    assert!(authorization::find_by_state(&mut tx, &vault, &by_entry.entry).await.unwrap().is_none());
    assert!(authorization::find(&mut tx, &vault, &id("two")).await.unwrap().is_none());
});

on_both_databases!(a_state_is_given_once_and_used_once, |db| async {
    a_platform(db.store()).await;
    begin(db.store(), "one", at(600)).await.unwrap();
    assert!(begin(db.store(), "one", at(600)).await.is_err(), "the same state twice");

    let mut tx = db.store().write().await.unwrap();
    assert!(authorization_ending::use_state(&mut tx, &id("one"), at(5)).await.unwrap());
    assert!(!authorization_ending::use_state(&mut tx, &id("one"), at(6)).await.unwrap());
    tx.commit().await.unwrap();

    let found = look(db.store(), "one").await;
    assert_eq!(
        (found.returned_at, found.authorization.status),
        (Some(at(5)), AuthorizationStatus::Exchanging)
    );
});

on_both_databases!(another_device_may_be_bound_to_an_attempt, |db| async {
    a_platform(db.store()).await;
    begin(db.store(), "one", at(600)).await.unwrap();
    let device = OneTimeToken::new("device");
    let mut tx = db.store().write().await.unwrap();
    authorization::bind_device(&mut tx, &id("one"), &device).await.unwrap();
    tx.commit().await.unwrap();
    let found = look(db.store(), "one").await;
    assert_eq!(
        (found.device_hash, found.session_hash.as_deref()),
        (Some(device.fingerprint()), Some("session"))
    );
});

on_both_databases!(a_success_is_never_turned_into_a_failure, |db| async {
    a_platform(db.store()).await;
    begin(db.store(), "one", at(600)).await.unwrap();
    let mut tx = db.store().write().await.unwrap();
    authorization_ending::set_exchanging(&mut tx, &id("one")).await.unwrap();
    authorization_ending::end(&mut tx, &id("one"), at(1), (None, Some(GrantProblem::CodeExpired)))
        .await
        .unwrap();
    tx.commit().await.unwrap();
    let failed = look(db.store(), "one").await.authorization;
    assert_eq!(
        (failed.status, failed.problem),
        (AuthorizationStatus::Failed, Some(GrantProblem::CodeExpired))
    );

    let mut tx = db.store().write().await.unwrap();
    let account = appid("wxa");
    authorization_ending::end(&mut tx, &id("one"), at(2), (Some(&account), None)).await.unwrap();
    authorization_ending::end(&mut tx, &id("one"), at(3), (None, Some(GrantProblem::CodeInvalid)))
        .await
        .unwrap();
    tx.commit().await.unwrap();

    let found = look(db.store(), "one").await.authorization;
    assert_eq!((found.status, found.problem), (AuthorizationStatus::Finished, None));
    assert_eq!((found.authorizer, found.finished_at), (Some(account), Some(at(2))));
});

on_both_databases!(an_attempt_nobody_finished_lapses_and_may_still_come_back, |db| async {
    a_platform(db.store()).await;
    begin(db.store(), "short", at(100)).await.unwrap();
    begin(db.store(), "long", at(600)).await.unwrap();
    let mut tx = db.store().write().await.unwrap();
    assert_eq!(authorization_ending::lapse(&mut tx, at(101)).await.unwrap(), 1);
    tx.commit().await.unwrap();
    assert_eq!(look(db.store(), "short").await.authorization.status, AuthorizationStatus::Lapsed);
    assert_eq!(look(db.store(), "long").await.authorization.status, AuthorizationStatus::Started);

    let mut tx = db.store().write().await.unwrap();
    authorization_ending::set_exchanging(&mut tx, &id("short")).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(look(db.store(), "short").await.authorization.status, AuthorizationStatus::Exchanging);
});

/// Brings the code `text` at `seconds`, as a push that names the account when there is one, else as a browser.
async fn bring(store: &Store, text: &str, seconds: i64, account: Option<&AuthorizerAppid>) -> GrantId {
    let attempt = id("one");
    let code = AuthorizationCode::new(text);
    let brought = Brought {
        component: &component_appid(),
        code: &code,
        authorization: account.is_none().then_some(&attempt),
        pre_auth_code_hash: account.map(|_| "hash".to_owned()),
        authorizer: account,
        create_time: account.map(|_| at(1)),
        expires_at: at(3600),
    };
    let random = Random::seeded(seconds.unsigned_abs());
    let mut tx = store.write().await.unwrap();
    let grant = grant_code::bring(&mut tx, (&vault(), &random), at(seconds), &brought).await.unwrap();
    tx.commit().await.unwrap();
    grant
}

async fn claim(store: &Store, seconds: i64, only: Option<&GrantId>) -> Vec<Code> {
    let mut tx = store.write().await.unwrap();
    let codes =
        grant_code::claim_due(&mut tx, &vault(), (at(seconds), "me"), (only, 10, LEASE)).await.unwrap();
    tx.commit().await.unwrap();
    codes
}

async fn end(store: &Store, code: &Code, seconds: i64, ending: Ending<'_>) {
    let mut tx = store.write().await.unwrap();
    grant_ending::end(&mut tx, code, at(seconds), &ending).await.unwrap();
    tx.commit().await.unwrap();
}

async fn find(store: &Store, grant: &GrantId) -> Option<Code> {
    let mut tx = store.read().await.unwrap();
    grant_code::find(&mut tx, &vault(), grant).await.unwrap()
}

on_both_databases!(browser_and_push_bring_one_code_together, |db| async {
    a_platform(db.store()).await;
    let account = appid("wxa");

    let browser = bring(db.store(), "code", 10, None).await;
    let push = bring(db.store(), "code", 11, Some(&account)).await;
    assert_eq!(browser, push);

    let codes = claim(db.store(), 11, None).await;
    assert_eq!(codes.len(), 1);
    let code = &codes[0];
    assert_eq!(code.code.as_ref().map(AuthorizationCode::expose), Some("code"));
    assert_eq!((&code.authorization, &code.authorizer), (&Some(id("one")), &Some(account)));
    assert_eq!((code.pre_auth_code_hash.as_deref(), code.create_time), (Some("hash"), Some(at(1))));
    assert_eq!((code.status, code.received_at, code.tries), (Status::Waiting, at(10), 1));
    assert!(claim(db.store(), 30, None).await.is_empty(), "somebody has it");
    assert_eq!(claim(db.store(), 31, None).await[0].epoch, code.epoch + 1, "its holder has vanished");
});

on_both_databases!(who_lost_a_code_can_bring_its_grant_but_not_its_failure, |db| async {
    a_platform(db.store()).await;
    let grant = bring(db.store(), "code", 10, None).await;
    let late = claim(db.store(), 10, None).await.remove(0);
    let successor = claim(db.store(), 100, None).await.remove(0);

    end(db.store(), &late, 101, Ending { status: Status::Failed, ..Ending::settled(None) }).await;
    let mut tx = db.store().write().await.unwrap();
    let now = grant_code::lock(&mut tx, &vault(), &grant).await.unwrap().unwrap();
    tx.commit().await.unwrap();
    assert_eq!((now.status, now.epoch), (Status::Waiting, successor.epoch));

    end(db.store(), &late, 102, Ending::settled(None)).await;
    assert_eq!(find(db.store(), &grant).await.unwrap().status, Status::Settled);
});

on_both_databases!(one_code_can_be_claimed_by_name, |db| async {
    a_platform(db.store()).await;
    bring(db.store(), "other", 10, None).await;
    let mine = bring(db.store(), "mine", 11, None).await;
    let codes = claim(db.store(), 11, Some(&mine)).await;
    assert_eq!(codes.iter().map(|code| &code.id).collect::<Vec<_>>(), [&mine]);
});

on_both_databases!(a_settled_code_keeps_no_secret_and_stays_settled, |db| async {
    a_platform(db.store()).await;
    let account = appid("wxa");
    let grant = bring(db.store(), "code", 10, None).await;
    let code = claim(db.store(), 10, None).await.remove(0);
    let answer = SealedBody::new("{answer}");
    let mut tx = db.store().write().await.unwrap();
    assert!(grant_code::answer(&mut tx, &vault(), &code, &answer).await.unwrap());
    tx.commit().await.unwrap();
    let exchanged = find(db.store(), &grant).await.unwrap();
    assert_eq!((exchanged.status, exchanged.answer), (Status::Exchanged, Some(answer.clone())));

    end(db.store(), &code, 12, Ending::settled(Some(&account))).await;

    assert_eq!(bring(db.store(), "code", 13, Some(&account)).await, grant, "the push comes late");
    assert!(claim(db.store(), 100, None).await.is_empty(), "exchanged once");
    let settled = find(db.store(), &grant).await.unwrap();
    assert_eq!((settled.status, settled.code, settled.answer), (Status::Settled, None, None));
    let mut tx = db.store().write().await.unwrap();
    assert!(
        !grant_code::answer(&mut tx, &vault(), &code, &answer).await.unwrap(),
        "nothing to answer any more"
    );
    let component = component_appid();
    assert!(grant_ending::settled_since(&mut tx, &component, &account, at(12)).await.unwrap());
    assert!(!grant_ending::settled_since(&mut tx, &component, &account, at(13)).await.unwrap());
    assert_eq!(grant_ending::forget_old(&mut tx, at(12)).await.unwrap(), 0);
    assert_eq!(grant_ending::forget_old(&mut tx, at(13)).await.unwrap(), 1);
    tx.commit().await.unwrap();
    assert!(find(db.store(), &grant).await.is_none());
});

on_both_databases!(a_code_that_failed_without_its_account_gets_another_chance_from_the_push, |db| async {
    a_platform(db.store()).await;
    let account = appid("wxa");
    let grant = bring(db.store(), "code", 10, None).await;
    let code = claim(db.store(), 10, None).await.remove(0);
    let failed =
        Ending { status: Status::Failed, problem: Some(GrantProblem::CodeInvalid), ..Ending::settled(None) };
    end(db.store(), &code, 12, failed).await;
    assert!(claim(db.store(), 13, None).await.is_empty());

    bring(db.store(), "code", 14, Some(&account)).await;

    assert_eq!(claim(db.store(), 14, None).await.iter().map(|code| &code.id).collect::<Vec<_>>(), [&grant]);
});

on_both_databases!(a_held_grant_is_seen_by_the_platform_and_half_seen_by_each_tenant, |db| async {
    a_platform(db.store()).await;
    a_tenant(db.store(), "rival", at(0)).await;
    an_account(db.store(), "acme", "wxa", 0).await;
    let account = appid("wxa");
    bring(db.store(), "code", 10, Some(&account)).await;
    let code = claim(db.store(), 10, None).await.remove(0);
    let rival = tenant_id("rival");
    let held = Ending {
        status: Status::Held,
        problem: Some(GrantProblem::BelongsToAnotherTenant),
        held_for: Some(&rival),
        ..Ending::settled(Some(&account))
    };
    end(db.store(), &code, 12, held).await;

    let mut tx = db.store().write().await.unwrap();
    let component = component_appid();
    let stranger = appid("wxstranger");
    let random = Random::seeded(9);
    assert!(grant_ending::hold_listed(&mut tx, &random, at(20), (&component, &stranger)).await.unwrap());
    assert!(!grant_ending::hold_listed(&mut tx, &random, at(21), (&component, &stranger)).await.unwrap());
    assert!(
        !grant_ending::hold_listed(&mut tx, &random, at(21), (&component, &account)).await.unwrap(),
        "held already"
    );

    assert_eq!(grant_list::count_held(&mut tx).await.unwrap(), 2);
    let all = grant_list::held(&mut tx, 10).await.unwrap();
    assert_eq!((all[0].account.as_ref(), all[0].problem), (Some(&stranger), GrantProblem::UnknownOrigin));
    assert_eq!((&all[0].asked_by, &all[0].owned_by), (&None, &None));
    assert_eq!(all[1].asked_by.as_ref().map(|party| &party.tenant), Some(&rival));
    assert_eq!(all[1].owned_by.as_ref().map(|party| &party.tenant), Some(&tenant_id("acme")));
    assert_eq!(grant_list::held(&mut tx, 1).await.unwrap().len(), 1);
    let asked = grant_list::held_for_tenant(&mut tx, &rival).await.unwrap();
    assert_eq!((asked.len(), asked[0].received_at), (1, at(10)));
    assert!(grant_list::held_for_tenant(&mut tx, &tenant_id("acme")).await.unwrap().is_empty());
    assert_eq!(grant_list::claims_on_tenant(&mut tx, &tenant_id("acme")).await.unwrap(), asked);
    assert!(grant_list::claims_on_tenant(&mut tx, &rival).await.unwrap().is_empty());
    assert_eq!(grant_ending::forget_old(&mut tx, at(9000)).await.unwrap(), 0, "what is held stays");
});

on_both_databases!(a_code_is_found_by_itself_and_nothing_else, |db| async {
    a_platform(db.store()).await;
    let grant = bring(db.store(), "code", 10, None).await;
    let component = component_appid();
    let mut tx = db.store().read().await.unwrap();

    let find = async |tx: &mut hufu::store::Reader, text: &str| {
        let code = hufu::secret::AuthorizationCode::new(text);
        grant_code::find_by_code(tx, &vault(), &component, &code).await.unwrap().map(|code| code.id)
    };

    assert_eq!(find(&mut tx, "code").await, Some(grant));
    assert_eq!(find(&mut tx, "another").await, None);
});

on_both_databases!(an_account_that_found_its_tenant_waits_no_longer, |db| async {
    a_platform(db.store()).await;
    let (component, stranger) = (component_appid(), appid("wxstranger"));
    let mut tx = db.store().write().await.unwrap();
    let random = Random::seeded(9);
    grant_ending::hold_listed(&mut tx, &random, at(20), (&component, &stranger)).await.unwrap();
    assert_eq!(grant_list::count_held(&mut tx).await.unwrap(), 1);

    grant_ending::settle_unknown(&mut tx, (&component, &stranger), at(21)).await.unwrap();

    assert_eq!(grant_list::count_held(&mut tx).await.unwrap(), 0);
});
