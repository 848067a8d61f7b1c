//! Limits, suspension and end of a tenant.

use hufu::domain::tenant_life::{Quota, Usage};
use hufu::store::tenant_export::SHEETS;
use hufu::store::{tenant_export, tenant_life, tenant_purge};

use super::fixtures::{a_platform, a_tenant, an_account, at, tenant_id};

on_both_databases!(a_tenant_is_suspended_and_let_in_again, |db| async {
    a_tenant(db.store(), "acme", at(0)).await;
    let acme = tenant_id("acme");
    let mut tx = db.store().write().await.unwrap();
    assert!(tenant_life::suspend(&mut tx, &acme, at(1)).await.unwrap());
    assert!(!tenant_life::suspend(&mut tx, &acme, at(2)).await.unwrap(), "it is so already");
    assert_eq!(tenant_life::find(&mut tx, &acme).await.unwrap().unwrap().suspended_at, Some(at(1)));
    assert!(tenant_life::resume(&mut tx, &acme).await.unwrap());
    assert!(!tenant_life::resume(&mut tx, &acme).await.unwrap());
    assert_eq!(tenant_life::find(&mut tx, &tenant_id("nobody")).await.unwrap(), None);
});

on_both_databases!(a_quota_is_what_was_set_and_usage_what_there_is, |db| async {
    a_platform(db.store()).await;
    an_account(db.store(), "acme", "wxa", 0).await;
    let acme = tenant_id("acme");
    let mut tx = db.store().write().await.unwrap();
    assert_eq!(tenant_life::quota(&mut tx, &acme).await.unwrap(), Quota::default());
    let quota = Quota { authorizers: Some(2), members: None, keys: Some(0) };
    assert!(tenant_life::set_quota(&mut tx, &acme, &quota).await.unwrap());
    assert_eq!(tenant_life::lock_quota(&mut tx, &acme).await.unwrap(), quota);
    let usage = tenant_life::usage(&mut tx, &acme, at(9)).await.unwrap();
    assert_eq!(usage, Usage { authorizers: 1, members: 0, keys: 0 });
});

on_both_databases!(what_a_tenant_takes_along_comes_in_pages_and_is_its_own, |db| async {
    a_platform(db.store()).await;
    a_tenant(db.store(), "rival", at(0)).await;
    for name in ["wxa", "wxb", "wxc"] {
        an_account(db.store(), "acme", name, 0).await;
    }
    let accounts = SHEETS.iter().find(|sheet| sheet.table == "authorizer").unwrap();
    let appid = accounts.columns.iter().position(|(name, _)| *name == "authorizer_appid").unwrap();
    let mut tx = db.store().read().await.unwrap();

    let (first, place) = tenant_export::page(&mut tx, &tenant_id("acme"), (accounts, None), 2).await.unwrap();
    let (last, end) =
        tenant_export::page(&mut tx, &tenant_id("acme"), (accounts, place.as_ref()), 2).await.unwrap();
    let others = tenant_export::page(&mut tx, &tenant_id("rival"), (accounts, None), 2).await.unwrap();

    let names: Vec<_> =
        first.iter().chain(&last).map(|row| row[appid].as_str().unwrap().to_owned()).collect();
    assert_eq!(names, ["wxa", "wxb", "wxc"]);
    let (nothing, nowhere) =
        tenant_export::page(&mut tx, &tenant_id("acme"), (accounts, end.as_ref()), 2).await.unwrap();
    assert_eq!((nothing.len(), nowhere), (0, None));
    assert_eq!(others.0.len(), 0);
});

on_both_databases!(a_deletion_is_requested_undone_and_done_in_pieces, |db| async {
    a_platform(db.store()).await;
    for name in ["wxa", "wxb", "wxc"] {
        an_account(db.store(), "acme", name, 0).await;
    }
    let acme = tenant_id("acme");
    let mut tx = db.store().write().await.unwrap();
    assert!(!tenant_purge::any_requested(&mut tx).await.unwrap());
    assert!(tenant_purge::request(&mut tx, &acme, (at(1), at(10))).await.unwrap());
    assert!(tenant_purge::any_requested(&mut tx).await.unwrap());
    assert_eq!(tenant_purge::stop_refreshes(&mut tx, 2).await.unwrap(), 2);
    assert_eq!(tenant_purge::stop_refreshes(&mut tx, 9).await.unwrap(), 1);
    assert!(!tenant_life::resume(&mut tx, &acme).await.unwrap(), "it is to be deleted");
    assert!(tenant_purge::undo(&mut tx, &acme, at(2)).await.unwrap());
    assert!(!tenant_purge::undo(&mut tx, &acme, at(2)).await.unwrap());
    assert!(tenant_purge::request(&mut tx, &acme, (at(3), at(10))).await.unwrap());
    assert_eq!(tenant_purge::stop_refreshes(&mut tx, 9).await.unwrap(), 3, "undone without effect");
    assert_eq!(tenant_purge::next_due(&mut tx, at(9)).await.unwrap(), None);
    assert_eq!(tenant_purge::next_due(&mut tx, at(10)).await.unwrap(), Some(acme.clone()));
    tenant_purge::begin(&mut tx, &acme, at(10)).await.unwrap();
    assert!(!tenant_purge::undo(&mut tx, &acme, at(11)).await.unwrap(), "undone too late");
    let mut deleted = 0;
    loop {
        match tenant_purge::delete_some(&mut tx, &acme, 2).await.unwrap() {
            0 => break,
            some => deleted += some,
        }
    }
    assert!(deleted >= 3);
    tenant_purge::finish(&mut tx, &acme, at(12)).await.unwrap();
    let purged = tenant_purge::list_purged(&mut tx, 5).await.unwrap();
    assert_eq!((purged.len(), purged[0].purged_at), (1, at(12)));
    tx.commit().await.unwrap();
});
