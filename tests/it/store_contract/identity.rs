//! Tenants, people, memberships, sessions, the set-up link.

use std::time::Duration;

use hufu::clock::Timestamp;
use hufu::domain::role::{PlatformRole, Role};
use hufu::domain::tenant::Slug;
use hufu::domain::text::Lang;
use hufu::domain::user::{SessionEpoch, User};
use hufu::store::session::{Marks, Owner};
use hufu::store::{StoreError, app_user, membership, session, session_epoch, setup_link, tenant};

use super::fixtures::{a_tenant, a_user, at, tenant_id, user_id};

on_both_databases!(a_tenant_is_found_by_id_and_slug_and_listed_oldest_first, |db| async {
    let young = a_tenant(db.store(), "young", at(2)).await;
    a_tenant(db.store(), "old", at(1)).await;

    let mut tx = db.store().write().await.unwrap();
    assert!(tenant::rename(&mut tx, &young.id, "新名字").await.unwrap());
    assert!(!tenant::rename(&mut tx, &tenant_id("nobody"), "x").await.unwrap());

    assert_eq!(tenant::find(&mut tx, &young.id).await.unwrap().unwrap().name, "新名字");
    assert!(tenant::find(&mut tx, &tenant_id("nobody")).await.unwrap().is_none());
    let by_slug = tenant::find_by_slug(&mut tx, &Slug::parse("old").unwrap()).await.unwrap().unwrap();
    assert_eq!((by_slug.id, by_slug.created_at), (tenant_id("old"), at(1)));
    let listed = tenant::list(&mut tx, 10).await.unwrap();
    assert_eq!(listed.iter().map(|one| one.tenant.slug.as_str()).collect::<Vec<_>>(), ["old", "young"]);
    assert_eq!((listed[0].members, listed[0].authorizers), (0, 0));
    assert_eq!(tenant::list(&mut tx, 1).await.unwrap().len(), 1);
});

on_both_databases!(a_slug_and_an_address_are_given_once, |db| async {
    let mut tenant = a_tenant(db.store(), "acme", at(0)).await;
    let mut user = a_user(db.store(), "ann", false).await;
    tenant.id = tenant_id("other");
    user.id = user_id("other");

    let mut tx = db.store().write().await.unwrap();
    let slug = tenant::insert(&mut tx, &tenant).await;
    assert!(matches!(slug, Err(StoreError::Conflict(_))), "{slug:?}");
    drop(tx);
    let mut tx = db.store().write().await.unwrap();
    let address = app_user::insert(&mut tx, &user, "hash").await;
    assert!(matches!(address, Err(StoreError::Conflict(_))), "{address:?}");
});

on_both_databases!(a_user_keeps_what_was_put, |db| async {
    let ann = a_user(db.store(), "ann", true).await;
    a_user(db.store(), "bob", true).await;
    a_user(db.store(), "cat", false).await;

    let mut tx = db.store().write().await.unwrap();
    app_user::put_language(&mut tx, &ann.id, Lang::En).await.unwrap();
    app_user::put_password_hash(&mut tx, &ann.id, "$argon2id$new").await.unwrap();
    app_user::touch_sign_in(&mut tx, &ann.id, at(5)).await.unwrap();
    app_user::put_disabled(&mut tx, &user_id("bob"), Some(at(6))).await.unwrap();
    tx.commit().await.unwrap();

    let mut tx = db.store().read().await.unwrap();
    let (found, hash) = app_user::find_by_email(&mut tx, &ann.email).await.unwrap().unwrap();
    assert_eq!((found.language, found.last_sign_in_at), (Some(Lang::En), Some(at(5))));
    assert_eq!(
        (hash.as_str(), found.platform, found.disabled_at),
        ("$argon2id$new", Some(PlatformRole::Admin), None)
    );
    let bob = app_user::find(&mut tx, &user_id("bob")).await.unwrap().unwrap();
    assert_eq!(bob.disabled_at, Some(at(6)));
    assert!(app_user::find(&mut tx, &user_id("nobody")).await.unwrap().is_none());
    assert_eq!(app_user::count_platform_admins(&mut tx).await.unwrap(), 1, "a disabled one does not count");
    let all = app_user::list(&mut tx, 10).await.unwrap();
    assert_eq!(all.iter().map(|user| user.name.as_str()).collect::<Vec<_>>(), ["ann", "bob", "cat"]);
    assert_eq!(app_user::list(&mut tx, 2).await.unwrap().len(), 2);
});

on_both_databases!(a_membership_has_one_role_and_can_end, |db| async {
    let acme = a_tenant(db.store(), "acme", at(0)).await;
    let other = a_tenant(db.store(), "other", at(0)).await;
    let ann = a_user(db.store(), "ann", false).await;

    let mut tx = db.store().write().await.unwrap();
    membership::put(&mut tx, &other.id, &ann.id, Role::Owner, at(2)).await.unwrap();
    membership::put(&mut tx, &acme.id, &ann.id, Role::Viewer, at(1)).await.unwrap();
    membership::put(&mut tx, &acme.id, &ann.id, Role::Operator, at(9)).await.unwrap();
    tx.commit().await.unwrap();

    let mut tx = db.store().write().await.unwrap();
    assert_eq!(membership::find(&mut tx, &acme.id, &ann.id).await.unwrap(), Some(Role::Operator));
    let mine = membership::list_of_user(&mut tx, &ann.id).await.unwrap();
    let mine: Vec<_> = mine.iter().map(|one| (one.tenant.slug.as_str(), one.role)).collect();
    assert_eq!(mine, [("acme", Role::Operator), ("other", Role::Owner)], "the first joined first");
    let members = membership::list_of_tenant(&mut tx, &acme.id).await.unwrap();
    assert_eq!((members.len(), members[0].user.name.as_str(), members[0].since), (1, "ann", at(1)));
    assert_eq!(tenant::list(&mut tx, 10).await.unwrap()[0].members, 1);
    assert!(membership::forget(&mut tx, &acme.id, &ann.id).await.unwrap());
    assert!(!membership::forget(&mut tx, &acme.id, &ann.id).await.unwrap());
    assert_eq!(membership::find(&mut tx, &acme.id, &ann.id).await.unwrap(), None);
});

on_both_databases!(a_membership_needs_its_tenant_and_its_user, |db| async {
    let ann = a_user(db.store(), "ann", false).await;
    let mut tx = db.store().write().await.unwrap();
    let refused = membership::put(&mut tx, &tenant_id("nobody"), &ann.id, Role::Owner, at(0)).await;
    assert!(refused.is_err());
});

/// A session of somebody whose sessions were never ended.
fn of(user: &User) -> Owner {
    Owner::SignedIn(user.id.clone(), SessionEpoch::FIRST)
}

on_both_databases!(a_session_lives_while_it_is_used_but_not_for_ever, |db| async {
    let ann = a_user(db.store(), "ann", false).await;
    let mut tx = db.store().write().await.unwrap();
    session::insert(&mut tx, "key", &of(&ann), "{}", at(0)).await.unwrap();

    assert!(session::update(&mut tx, "key", "{1}", at(10)).await.unwrap());
    assert!(!session::update(&mut tx, "nobody", "{}", at(10)).await.unwrap());
    let found = session::find(&mut tx, "key", at(11)).await.unwrap().unwrap();
    assert_eq!((found.state.as_str(), found.created_at, found.last_seen_at), ("{1}", at(0), at(10)));

    let idle_end = at(10).plus(session::IDLE);
    assert!(session::find(&mut tx, "key", idle_end).await.unwrap().is_none(), "idle for too long");
    let mut now = at(10);
    while now < at(0).plus(session::LONGEST) {
        assert!(session::find(&mut tx, "key", now).await.unwrap().is_some(), "ended early at {now}");
        session::touch(&mut tx, "key", now).await.unwrap();
        now = now.plus(session::IDLE - Duration::from_secs(1));
    }
    assert!(session::find(&mut tx, "key", at(0).plus(session::LONGEST)).await.unwrap().is_none());
});

on_both_databases!(sessions_end_by_key_by_user_and_by_time, |db| async {
    let ann = a_user(db.store(), "ann", false).await;
    let mut tx = db.store().write().await.unwrap();
    let nobody = Owner::Nobody;
    for (key, owner, start) in
        [("a", &of(&ann), 0), ("b", &of(&ann), 0), ("c", &nobody, 0), ("d", &nobody, 50)]
    {
        session::insert(&mut tx, key, owner, "{}", at(start)).await.unwrap();
    }

    session::forget(&mut tx, "a").await.unwrap();
    assert!(session::find(&mut tx, "a", at(1)).await.unwrap().is_none());
    assert!(session::find(&mut tx, "b", at(1)).await.unwrap().is_some());
    session::forget_of_user(&mut tx, &ann.id).await.unwrap();
    assert!(session::find(&mut tx, "b", at(1)).await.unwrap().is_none());
    assert_eq!(session::forget_lapsed(&mut tx, at(20).plus(session::IDLE)).await.unwrap(), 1);
    assert!(session::find(&mut tx, "d", at(51)).await.unwrap().is_some());
});

on_both_databases!(what_ends_sessions_ends_also_one_that_is_written_later, |db| async {
    let ann = a_user(db.store(), "ann", false).await;
    let mut tx = db.store().write().await.unwrap();
    let before = session_epoch::find(&mut tx, &ann.id).await.unwrap().unwrap();
    let awaited = Owner::Awaited(ann.id.clone(), before);
    session::insert(&mut tx, "half", &awaited, "{}", at(0)).await.unwrap();
    assert!(session::find(&mut tx, "half", at(1)).await.unwrap().is_some());

    session::forget_of_user(&mut tx, &ann.id).await.unwrap();

    assert!(session::find(&mut tx, "half", at(1)).await.unwrap().is_none(), "in front of the second step");
    for (key, late) in [("half", &awaited), ("late", &of(&ann))] {
        session::insert(&mut tx, key, late, "{}", at(1)).await.unwrap();
        assert!(session::find(&mut tx, key, at(1)).await.unwrap().is_none(), "{key}");
    }
    assert!(session::list_of_user(&mut tx, &ann.id, at(1)).await.unwrap().is_empty(), "nor is it shown");
    let epoch = session_epoch::find(&mut tx, &ann.id).await.unwrap().unwrap();
    session::insert(&mut tx, "new", &Owner::SignedIn(ann.id.clone(), epoch), "{}", at(1)).await.unwrap();
    assert_eq!(session::find(&mut tx, "new", at(1)).await.unwrap().unwrap().epoch, epoch);
});

on_both_databases!(a_session_that_stays_goes_along_and_one_that_was_over_does_not, |db| async {
    let ann = a_user(db.store(), "ann", false).await;
    let mut tx = db.store().write().await.unwrap();
    let named = |name: &str| Marks { name_hash: Some(name.to_owned()), ..Marks::default() };
    session::insert(&mut tx, "over", &of(&ann), "{}", at(0)).await.unwrap();
    session::put_marks(&mut tx, "over", &named("mine")).await.unwrap();
    session::forget_others(&mut tx, &ann.id, "mine").await.unwrap();
    let second = session::find(&mut tx, "over", at(1)).await.unwrap().unwrap().epoch;
    assert_eq!(Some(second), session_epoch::find(&mut tx, &ann.id).await.unwrap());
    session::forget_of_user(&mut tx, &ann.id).await.unwrap();
    session::insert(&mut tx, "over", &of(&ann), "{}", at(1)).await.unwrap();
    session::put_marks(&mut tx, "over", &named("mine")).await.unwrap();
    session::forget_others(&mut tx, &ann.id, "mine").await.unwrap();
    assert!(session::find(&mut tx, "over", at(1)).await.unwrap().is_none(), "its name does not revive it");

    let epoch = session_epoch::find(&mut tx, &ann.id).await.unwrap().unwrap();
    let owners = [Owner::SignedIn(ann.id.clone(), epoch), Owner::Awaited(ann.id.clone(), epoch)];
    for (key, owner) in [("one", &owners[0]), ("two", &owners[0]), ("half", &owners[1])] {
        session::insert(&mut tx, key, owner, "{}", at(2)).await.unwrap();
        session::put_marks(&mut tx, key, &named(key)).await.unwrap();
    }
    assert!(session::forget_one(&mut tx, &ann.id, "one").await.unwrap());
    session::insert(&mut tx, "one", &owners[0], "{}", at(2)).await.unwrap();
    assert!(session::find(&mut tx, "one", at(2)).await.unwrap().is_none(), "renewed when it was over");
    for key in ["two", "half"] {
        assert!(session::find(&mut tx, key, at(2)).await.unwrap().is_some(), "{key} goes on");
    }
});

on_both_databases!(a_sign_in_counts_for_the_hash_that_was_looked_at, |db| async {
    let ann = a_user(db.store(), "ann", false).await;
    let mut tx = db.store().write().await.unwrap();
    app_user::put_password_hash(&mut tx, &ann.id, "old").await.unwrap();
    assert_eq!(session_epoch::claim(&mut tx, &ann.id, ("other", "other")).await.unwrap(), None);
    let epoch = Some(SessionEpoch::FIRST);
    assert_eq!(session_epoch::claim(&mut tx, &ann.id, ("old", "old")).await.unwrap(), epoch);
    assert_eq!(session_epoch::claim(&mut tx, &ann.id, ("old", "new")).await.unwrap(), epoch);
    assert_eq!(session_epoch::claim(&mut tx, &ann.id, ("old", "old")).await.unwrap(), None);
    app_user::put_disabled(&mut tx, &ann.id, Some(at(1))).await.unwrap();
    assert_eq!(session_epoch::claim(&mut tx, &ann.id, ("new", "new")).await.unwrap(), None);
    assert_eq!(session_epoch::find(&mut tx, &ann.id).await.unwrap(), None, "shut out");
    assert_eq!(session_epoch::hold(&mut tx, &ann.id).await.unwrap(), None);
    app_user::put_disabled(&mut tx, &ann.id, None).await.unwrap();
    assert_eq!(session_epoch::hold(&mut tx, &ann.id).await.unwrap(), epoch);
});

on_both_databases!(a_set_up_link_works_once_in_its_time_and_replaces_earlier_ones, |db| async {
    let mut tx = db.store().write().await.unwrap();
    let end: Timestamp = at(60);
    setup_link::put(&mut tx, "first", at(0), end).await.unwrap();
    setup_link::put(&mut tx, "second", at(0), end).await.unwrap();

    assert!(!setup_link::is_open(&mut tx, "first", at(1)).await.unwrap(), "replaced");
    assert!(setup_link::is_open(&mut tx, "second", at(59)).await.unwrap());
    assert!(!setup_link::is_open(&mut tx, "second", end).await.unwrap(), "lapsed");
    assert!(!setup_link::claim(&mut tx, "second", end).await.unwrap(), "lapsed");
    assert!(setup_link::claim(&mut tx, "second", at(5)).await.unwrap());
    assert!(!setup_link::claim(&mut tx, "second", at(6)).await.unwrap(), "used");
    assert!(!setup_link::is_open(&mut tx, "second", at(6)).await.unwrap(), "used");
});
