//! How a grant finds its tenant, whoever brings it.

use hufu::domain::audit::Actor;
use hufu::domain::authorization::{AuthorizationStatus, GrantProblem};
use hufu::domain::health::Health;
use hufu::domain::reason::Reason;
use hufu::sandbox::{Fault, FaultKind, GrantRequest};
use hufu::secret::{AuthorizationCode, Secret as _};
use hufu::service::assign_grant::{self, Decision};
use hufu::service::finish_authorization::ReturnRefused;
use hufu::service::receive_notice::{self, PushQuery, PushRefused};
use hufu::service::{apply_grant, process_notices};
use hufu::store::grant_code::{self, Brought};
use hufu::store::{component_token, grant_list};
use hufu::wechat::api::api_query_auth;

use super::world::{EXCHANGE, SHOP, World};

on_both_databases!(a_press_and_a_consent_make_a_healthy_account, |db| async move {
    let world = World::new(&db).await;

    world.authorize(&world.acme, SHOP).await;

    let row = world.row(&world.acme, SHOP).await.unwrap();
    assert_eq!(row.profile.nick_name.as_deref(), Some("店 wxa0000000000000s1"), "its profile was fetched");
    assert!(!row.func_info.is_empty());
    assert!(world.row(&world.rival, SHOP).await.is_none(), "and nobody else's");
    assert!(world.holds_a_live_token(SHOP).await);
    assert_eq!(world.calls(EXCHANGE, ""), 1, "browser and push brought one code");
    assert_eq!(world.events(&world.acme, SHOP).await, ["authorized"]);
    world.end().await;
});

on_both_databases!(the_push_alone_is_enough, |db| async move {
    let world = World::new(&db).await;
    let pressed = world.press(&world.acme, None).await;

    world.consent(&pressed, SHOP, true).await;

    assert_eq!(world.health(SHOP).await, Health::Healthy);
    let attempt = world.look(&pressed).await;
    assert_eq!(attempt.status, AuthorizationStatus::Finished);
    assert_eq!(attempt.authorizer.unwrap().as_str(), SHOP);
    world.end().await;
});

on_both_databases!(the_browser_alone_is_enough, |db| async move {
    let world = World::new(&db).await;
    let pressed = world.press(&world.acme, None).await;
    let code = world.consent(&pressed, SHOP, false).await;

    world.come_back(&pressed, &code).await.unwrap();

    assert_eq!(world.health(SHOP).await, Health::Healthy, "without a tick: the person sees it at once");
    let name = world.row(&world.acme, SHOP).await.unwrap().profile.nick_name;
    assert_eq!(name.as_deref(), Some("店 wxa0000000000000s1"), "and by its name");
    assert_eq!(world.look(&pressed).await.status, AuthorizationStatus::Finished);
    world.end().await;
});

on_both_databases!(a_doubled_return_is_the_same_return_and_another_code_is_not, |db| async move {
    let world = World::new(&db).await;
    let pressed = world.press(&world.acme, None).await;
    let code = world.consent(&pressed, SHOP, false).await;

    let first = world.come_back(&pressed, &code).await.unwrap();
    let again = world.come_back(&pressed, &code).await.unwrap();

    assert_eq!(first.expose(), again.expose());
    assert_eq!(world.come_back(&pressed, "queryauthcode@@@other").await, Err(ReturnRefused::StateUsed));
    assert_eq!(world.calls(EXCHANGE, ""), 1);
    world.end().await;
});

on_both_databases!(push_and_redirect_may_carry_different_codes, |db| async move {
    let world = World::new(&db).await;
    world.control.switch(|switches| switches.push_carries_same_code = false);

    world.authorize(&world.acme, SHOP).await;

    assert!(world.holds_a_live_token(SHOP).await);
    world.end().await;
});

on_both_databases!(a_push_that_names_no_press_waits_until_the_browser_names_it, |db| async move {
    let world = World::new(&db).await;
    world.control.switch(|switches| switches.push_carries_pre_auth_code = false);
    let pressed = world.press(&world.acme, None).await;
    let code = world.consent(&pressed, SHOP, true).await;
    assert!(world.held(SHOP).await.is_none(), "whose it is, nobody knows yet");

    world.come_back(&pressed, &code).await.unwrap();
    world.tick().await;

    assert_eq!(world.health(SHOP).await, Health::Healthy);
    assert_eq!(world.look(&pressed).await.status, AuthorizationStatus::Finished);
    assert_eq!(grant_list::count_held(&mut world.cx().store.read().await.unwrap()).await.unwrap(), 0);
    world.end().await;
});

on_both_databases!(a_grant_of_unknown_origin_waits_for_an_administrator, |db| async move {
    let world = World::new(&db).await;
    world.control.grant(&GrantRequest::new(SHOP)).unwrap();
    world.pushed().await;
    let held = grant_list::held(&mut world.cx().store.read().await.unwrap(), 10).await.unwrap();
    assert_eq!((held.len(), held[0].problem), (1, GrantProblem::UnknownOrigin));
    assert!(world.held(SHOP).await.is_none());

    let to = Decision::AssignTo(world.rival.clone());
    assign_grant::run(world.cx(), world.now(), &Actor::cli(), &held[0].id, to).await.unwrap();
    world.tick().await;

    assert_eq!(world.row(&world.rival, SHOP).await.unwrap().health, Health::Healthy);
    assert!(world.row(&world.acme, SHOP).await.is_none());
    assert!(world.holds_a_live_token(SHOP).await);
    world.end().await;
});

on_both_databases!(an_account_is_never_moved_silently, |db| async move {
    let world = World::new(&db).await;
    world.authorize(&world.acme, SHOP).await;
    let before = world.held(SHOP).await.unwrap();

    let pressed = world.press(&world.rival, None).await;
    let code = world.consent(&pressed, SHOP, true).await;
    world.come_back(&pressed, &code).await.unwrap();
    world.tick().await;

    let after = world.held(SHOP).await.unwrap();
    assert_eq!(after.tenant, world.acme);
    assert!(after.generation > before.generation, "the owner has the newest tokens");
    assert!(world.holds_a_live_token(SHOP).await);
    let attempt = world.look(&pressed).await;
    assert_eq!(attempt.problem, Some(GrantProblem::BelongsToAnotherTenant));
    assert!(world.events(&world.acme, SHOP).await.contains(&"claimed_by_another".to_owned()));
    assert!(world.events(&world.rival, SHOP).await.is_empty(), "the other learns nothing of its history");

    let held = grant_list::held(&mut world.cx().store.read().await.unwrap(), 10).await.unwrap();
    let to = Decision::AssignTo(world.rival.clone());
    assign_grant::run(world.cx(), world.now(), &Actor::cli(), &held[0].id, to).await.unwrap();
    assert_eq!(world.held(SHOP).await.unwrap().tenant, world.rival);
    assert!(world.holds_a_live_token(SHOP).await);
    world.end().await;
});

on_both_databases!(a_wrong_account_on_a_locked_press_changes_nothing_but_its_own_tokens, |db| async move {
    let world = World::new(&db).await;
    world.account("wxa0000000000000s2");
    world.authorize(&world.acme, SHOP).await;
    world.authorize(&world.acme, "wxa0000000000000s2").await;
    let before = (world.held(SHOP).await.unwrap(), world.held("wxa0000000000000s2").await.unwrap());

    let pressed = world.press(&world.acme, Some(SHOP)).await;
    let code = world.consent(&pressed, "wxa0000000000000s2", true).await;
    world.come_back(&pressed, &code).await.unwrap();

    let attempt = world.look(&pressed).await;
    assert_eq!(attempt.problem, Some(GrantProblem::WrongAccount));
    let after = (world.held(SHOP).await.unwrap(), world.held("wxa0000000000000s2").await.unwrap());
    assert_eq!(before.0.generation, after.0.generation, "what was asked for is as it was");
    assert_eq!((before.1.tenant, before.1.generation + 1), (after.1.tenant, after.1.generation));
    assert!(world.events(&world.acme, SHOP).await.contains(&"wrong_account".to_owned()));
    // WeChat lets the replaced tokens die five minutes after the consent.
    world.after(301).await;
    assert!(world.holds_a_live_token(SHOP).await && world.holds_a_live_token("wxa0000000000000s2").await);
    world.end().await;
});

on_both_databases!(a_code_whose_answer_was_lost_still_ends_in_a_healthy_account, |db| async move {
    let world = World::new(&db).await;
    world.control.fault(Fault::on(EXCHANGE, FaultKind::ResetAfter).times(1));
    let pressed = world.press(&world.acme, None).await;
    let code = world.consent(&pressed, SHOP, true).await;
    world.come_back(&pressed, &code).await.unwrap();

    for _ in 0..10 {
        world.after(5).await;
    }

    assert_eq!(
        world.health(SHOP).await,
        Health::Healthy,
        "WeChat calls the code spent and still tells the token"
    );
    assert!(world.holds_a_live_token(SHOP).await);
    assert_eq!(world.look(&pressed).await.status, AuthorizationStatus::Finished);
    world.end().await;
});

on_both_databases!(a_code_that_nobody_can_exchange_says_so, |db| async move {
    let world = World::new(&db).await;
    let pressed = world.press(&world.acme, None).await;

    world.come_back(&pressed, "queryauthcode@@@never-issued").await.unwrap();

    let attempt = world.look(&pressed).await;
    assert_eq!(
        (attempt.status, attempt.problem),
        (AuthorizationStatus::Failed, Some(GrantProblem::CodeInvalid))
    );
    world.end().await;
});

on_both_databases!(a_cancellation_ends_the_tokens_and_a_stale_one_does_not, |db| async move {
    let world = World::new(&db).await;
    world.authorize(&world.acme, SHOP).await;
    world.skip(100);

    world.control.cancel(None, SHOP, true).unwrap();
    let cancelled = world.pushed().await;
    assert_eq!(world.health(SHOP).await, Health::Unauthorized);
    assert!(!world.holds_a_live_token(SHOP).await);
    assert_eq!(world.held(SHOP).await.unwrap().next_refresh_at, None);

    world.skip(100);
    world.authorize(&world.acme, SHOP).await;
    let stale = cancelled.xml.replace("</CreateTime>", "</CreateTime><Again>1</Again>");
    let earlier =
        stale.replace(&world.now().minus(std::time::Duration::from_secs(100)).to_string(), "1800000001");
    world.control.notice(None, "unauthorized", earlier).unwrap();
    world.pushed().await;

    assert_eq!(world.health(SHOP).await, Health::Healthy);
    assert!(world.events(&world.acme, SHOP).await.contains(&"stale_notice".to_owned()));
    world.end().await;
});

on_both_databases!(a_changed_grant_replaces_both_tokens_at_once, |db| async move {
    let world = World::new(&db).await;
    world.authorize(&world.acme, SHOP).await;
    let before = world.held(SHOP).await.unwrap();
    world.skip(60);

    let mut change = GrantRequest::new(SHOP);
    change.sets = Some([1, 2].into());
    world.control.grant(&change).unwrap();
    world.pushed().await;

    let after = world.held(SHOP).await.unwrap();
    assert!(after.generation > before.generation);
    assert!(world.holds_a_live_token(SHOP).await, "the old one died with the change");
    assert_eq!(world.row(&world.acme, SHOP).await.unwrap().func_info, [1, 2]);
    assert!(world.events(&world.acme, SHOP).await.contains(&"updated".to_owned()));
    world.end().await;
});

on_both_databases!(an_account_without_api_rights_is_shown_with_its_reason, |db| async move {
    let world = World::new(&db).await;
    world.control.account(hufu::sandbox::AccountPatch {
        appid: Some(SHOP.to_owned()),
        api_rights: Some(false),
        ..hufu::sandbox::AccountPatch::default()
    });
    let pressed = world.press(&world.acme, None).await;

    world.consent(&pressed, SHOP, true).await;

    let row = world.row(&world.acme, SHOP).await.unwrap();
    assert_eq!((row.health, row.reason), (Health::NeedsReauthorization, Reason::NoApiRights));
    assert_eq!(world.look(&pressed).await.problem, Some(GrantProblem::NoApiRights));
    world.end().await;
});

on_both_databases!(a_push_that_was_not_signed_changes_nothing, |db| async move {
    let world = World::new(&db).await;
    let component = hufu::sandbox::NEWCOMER_APPID;
    let query = PushQuery {
        timestamp: Some("1".to_owned()),
        nonce: Some("2".to_owned()),
        msg_signature: Some("0".repeat(40)),
        encrypt_type: Some("aes".to_owned()),
    };
    let body = b"<xml><AppId>x</AppId><Encrypt>AAAA</Encrypt></xml>";

    let now = world.now();
    let refused = receive_notice::run(world.cx(), now, component, &query, body).await;
    assert_eq!(refused, Err(PushRefused::BadSignature));
    let refused = receive_notice::run(world.cx(), now, component, &PushQuery::default(), body).await;
    assert_eq!(refused, Err(PushRefused::MissingSignature));
    let refused = receive_notice::run(world.cx(), now, "wxnobody", &query, body).await;
    assert_eq!(refused, Err(PushRefused::UnknownComponent));
    world.end().await;
});

on_both_databases!(push_and_browser_may_come_at_the_same_instant, |db| async move {
    let world = World::new(&db).await;
    for number in 0..16 {
        let account = format!("wxa00000000000t{number:03}");
        world.account(&account);
        let pressed = world.press(&world.acme, None).await;
        let grant = GrantRequest {
            pre_auth_code: Some(pressed.pre_auth_code.clone()),
            ..GrantRequest::new(&account)
        };
        let code = world.control.grant(&grant).unwrap();
        let push = world.control.pushes(1).remove(0).id;
        world.control.wait_for_push(push).await.unwrap();

        // The browser starts a little later each time: one of these moments is the worst one.
        let browser = async {
            for _ in 0..number {
                world.cx().store.read().await.unwrap();
            }
            world.come_back(&pressed, &code).await
        };
        let (returned, processed) = tokio::join!(browser, process_notices::run(world.cx(), world.now()));

        returned.unwrap();
        processed.unwrap();
        world.tick().await;
        assert_eq!(world.look(&pressed).await.status, AuthorizationStatus::Finished, "{account}");
        assert_eq!(world.health(&account).await, Health::Healthy, "{account}");
    }
    assert_eq!(world.calls(EXCHANGE, ""), 16);
    world.end().await;
});

on_both_databases!(a_press_that_only_a_push_answered_ends_when_its_code_does, |db| async move {
    let world = World::new(&db).await;
    world.control.fault(Fault::on(EXCHANGE, FaultKind::Errcode { errcode: 61010 }));
    let pressed = world.press(&world.acme, None).await;

    let code = world.consent(&pressed, SHOP, true).await;
    let attempt = world.look(&pressed).await;
    assert_eq!(
        (attempt.status, attempt.problem),
        (AuthorizationStatus::Failed, Some(GrantProblem::CodeExpired))
    );

    world.come_back(&pressed, &code).await.unwrap();
    world.after(60).await;
    assert_eq!(world.look(&pressed).await.status, AuthorizationStatus::Failed, "the browser changes nothing");
    world.end().await;
});

on_both_databases!(a_browser_that_comes_after_its_code_has_failed_hears_so, |db| async move {
    let world = World::new(&db).await;
    world.control.switch(|switches| switches.push_carries_pre_auth_code = false);
    world.control.fault(Fault::on(EXCHANGE, FaultKind::Errcode { errcode: 61010 }));
    let pressed = world.press(&world.acme, None).await;
    let code = world.consent(&pressed, SHOP, true).await;

    world.come_back(&pressed, &code).await.unwrap();
    world.tick().await;

    assert_eq!(world.look(&pressed).await.status, AuthorizationStatus::Failed);
    world.end().await;
});

on_both_databases!(an_answer_found_after_a_long_outage_is_as_old_as_its_code, |db| async move {
    let world = World::new(&db).await;
    let pressed = world.press(&world.acme, None).await;
    let code = AuthorizationCode::new(world.consent(&pressed, SHOP, false).await);
    let (cx, platform, began) = (world.cx(), super::world::key(SHOP).component, world.now());
    let mut tx = cx.store.write().await.unwrap();
    let brought = Brought {
        component: &platform,
        code: &code,
        authorization: Some(&pressed.authorization.id),
        pre_auth_code_hash: None,
        authorizer: None,
        create_time: None,
        expires_at: began.plus(std::time::Duration::from_secs(600)),
    };
    grant_code::bring(&mut tx, (&cx.vault, &cx.random), began, &brought).await.unwrap();
    let who = (began, "a process that dies");
    let lease = std::time::Duration::from_secs(30);
    let claimed = grant_code::claim_due(&mut tx, &cx.vault, who, (None, 1, lease)).await.unwrap().remove(0);
    let token = component_token::access_token(&mut tx, &cx.vault, &platform, began).await.unwrap().unwrap();
    tx.commit().await.unwrap();
    let answer = api_query_auth::call(&cx.wechat, &platform, &token.token, &code).await.unwrap();
    let mut tx = cx.store.write().await.unwrap();
    assert!(grant_code::answer(&mut tx, &cx.vault, &claimed, &answer.raw).await.unwrap());
    tx.commit().await.unwrap();

    world.skip(2400);
    hufu::service::exchange_grants::run(cx, world.now()).await.unwrap();

    let held = world.held(SHOP).await.unwrap();
    assert_eq!(held.token_expires_at, Some(began.plus(answer.value.expires_in)), "not 40 minutes more");
    world.end().await;
});

on_both_databases!(a_browser_that_names_the_press_during_the_exchange_is_heard, |db| async move {
    let world = World::new(&db).await;
    world.control.switch(|switches| switches.push_carries_pre_auth_code = false);
    let pressed = world.press(&world.acme, None).await;
    let consent =
        GrantRequest { pre_auth_code: Some(pressed.pre_auth_code.clone()), ..GrantRequest::new(SHOP) };
    let code = world.control.grant(&consent).unwrap();
    let newest = world.control.pushes(1).remove(0);
    world.control.wait_for_push(newest.id).await.unwrap();
    process_notices::run(world.cx(), world.now()).await.unwrap();
    let cx = world.cx();
    let mut tx = cx.store.write().await.unwrap();
    let lease = std::time::Duration::from_secs(30);
    let who = (world.now(), "another process");
    let claimed = grant_code::claim_due(&mut tx, &cx.vault, who, (None, 1, lease)).await.unwrap().remove(0);
    tx.commit().await.unwrap();
    let platform = super::world::key(SHOP).component;
    let mut tx = cx.store.read().await.unwrap();
    let token =
        component_token::access_token(&mut tx, &cx.vault, &platform, world.now()).await.unwrap().unwrap();
    drop(tx);
    let secret = claimed.code.clone().unwrap();
    let answer = api_query_auth::call(&cx.wechat, &platform, &token.token, &secret).await.unwrap();

    world.come_back(&pressed, &code).await.unwrap();
    apply_grant::run(cx, world.now(), &claimed, answer.value).await.unwrap();
    world.tick().await;

    assert_eq!(world.health(SHOP).await, Health::Healthy);
    assert_eq!(world.look(&pressed).await.status, AuthorizationStatus::Finished);
    world.end().await;
});

on_both_databases!(an_account_whose_only_code_was_lost_waits_for_an_admin_within_minutes, |db| async move {
    let world = World::new(&db).await;
    let pressed = world.press(&world.acme, None).await;
    let code = world.consent(&pressed, SHOP, false).await;
    // WeChat uses the code up, its answer is lost, and no push ever tells whose it was.
    world.control.fault(Fault::on(EXCHANGE, FaultKind::ResetAfter).times(1));
    world.come_back(&pressed, &code).await.unwrap();
    world.after(30).await;
    assert!(world.held(SHOP).await.is_none(), "nobody may guess whose account it is");

    for _ in 0..12 {
        world.after(60).await;
    }

    let mut tx = world.cx().store.read().await.unwrap();
    let waiting = grant_list::held(&mut tx, 10).await.unwrap();
    assert_eq!(waiting.len(), 1, "and it does not have to wait for the night");
    drop(tx);
    world.end().await;
});
