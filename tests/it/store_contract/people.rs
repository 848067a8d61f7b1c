//! Invitations, one-time links, tallies of failures, sessions as their owner sees them.

use std::time::Duration;

use hufu::domain::ids::{InvitationId, LetterId};
use hufu::domain::invitation::Invitation;
use hufu::domain::person_link::{Applicant, LinkKind, PersonLink};
use hufu::domain::role::Role;
use hufu::domain::text::Lang;
use hufu::domain::throttle::{PAIR, Tally};
use hufu::domain::user::{Email, SessionEpoch};
use hufu::domain::zone::Zone;
use hufu::random::Random;
use hufu::store::session::{Marks, Owner};
use hufu::store::{
    StoreError, app_user, invitation, membership, person_link, reset_request, session, sign_up_request,
    throttle,
};

use super::fixtures::{a_tenant, a_user, at, tenant_id};

fn email(name: &str) -> Email {
    Email::parse(&format!("{name}@example.com")).unwrap()
}

fn invited(id: &str, whom: &str) -> Invitation {
    Invitation {
        id: InvitationId::parse(id).unwrap(),
        tenant: tenant_id("acme"),
        email: email(whom),
        role: Role::Operator,
        invited_by: Some("陈晓".to_owned()),
        letter: Some(LetterId::parse("letter").unwrap()),
        created_at: at(0),
        expires_at: at(100),
    }
}

on_both_databases!(an_invitation_is_accepted_once_in_its_time, |db| async {
    let acme = a_tenant(db.store(), "acme", at(0)).await;
    let mut tx = db.store().write().await.unwrap();
    for (id, whom) in [("a", "ann"), ("b", "bob"), ("c", "cat"), ("d", "cat")] {
        invitation::insert(&mut tx, &invited(id, whom), &format!("hash-{id}")).await.unwrap();
    }
    let found = invitation::find_open(&mut tx, "hash-a", at(99)).await.unwrap().unwrap();
    assert_eq!((found.email, found.role, found.expires_at), (email("ann"), Role::Operator, at(100)));
    assert!(invitation::find_open(&mut tx, "hash-a", at(100)).await.unwrap().is_none(), "lapsed");
    assert!(invitation::accept(&mut tx, "hash-a", at(100)).await.unwrap().is_none(), "lapsed");
    assert!(invitation::accept(&mut tx, "hash-a", at(5)).await.unwrap().is_some());
    assert!(invitation::accept(&mut tx, "hash-a", at(6)).await.unwrap().is_none(), "used");

    let b = InvitationId::parse("b").unwrap();
    assert!(invitation::find(&mut tx, &acme.id, &b).await.unwrap().is_some());
    assert!(!invitation::revoke(&mut tx, &tenant_id("other"), &b, at(7)).await.unwrap(), "another tenant's");
    assert!(invitation::revoke(&mut tx, &acme.id, &b, at(7)).await.unwrap());
    assert!(!invitation::revoke(&mut tx, &acme.id, &b, at(7)).await.unwrap());
    assert!(invitation::find(&mut tx, &acme.id, &b).await.unwrap().is_none());
    assert!(invitation::accept(&mut tx, "hash-b", at(8)).await.unwrap().is_none(), "taken back");

    assert_eq!(invitation::list_of_tenant(&mut tx, &acme.id, at(0)).await.unwrap().len(), 2);
    assert!(invitation::list_of_tenant(&mut tx, &acme.id, at(100)).await.unwrap().is_empty());
    invitation::revoke_of_email(&mut tx, &acme.id, &email("cat"), at(9)).await.unwrap();
    assert!(invitation::list_of_tenant(&mut tx, &acme.id, at(0)).await.unwrap().is_empty());
    assert_eq!(invitation::forget_old(&mut tx, at(100)).await.unwrap(), 0);
    assert_eq!(invitation::forget_old(&mut tx, at(101)).await.unwrap(), 4);
});

on_both_databases!(a_persons_link_works_once_for_what_it_is, |db| async {
    let ann = a_user(db.store(), "ann", false).await;
    let mut tx = db.store().write().await.unwrap();
    let link = |kind| PersonLink { kind, user: Some(ann.id.clone()), email: email("ann"), applicant: None };
    let (reset, sign_up) = (LinkKind::PasswordReset, LinkKind::SignUp);
    for hash in ["one", "two"] {
        person_link::insert(&mut tx, hash, &link(reset), (at(0), at(100))).await.unwrap();
    }
    let applicant = Applicant { name: "新".to_owned(), company: "新公司".to_owned() };
    let nobody = PersonLink { kind: sign_up, user: None, email: email("new"), applicant: Some(applicant) };
    person_link::insert(&mut tx, "three", &nobody, (at(0), at(50))).await.unwrap();
    assert_eq!(person_link::find(&mut tx, sign_up, "three", at(9)).await.unwrap(), Some(nobody));

    assert_eq!(person_link::find(&mut tx, reset, "one", at(99)).await.unwrap(), Some(link(reset)));
    let pending = person_link::find_of_user(&mut tx, reset, &ann.id, at(99)).await.unwrap();
    assert_eq!(pending, Some((email("ann"), at(100))));
    assert_eq!(person_link::find_of_user(&mut tx, sign_up, &ann.id, at(9)).await.unwrap(), None);
    assert_eq!(person_link::find_of_user(&mut tx, reset, &ann.id, at(100)).await.unwrap(), None, "lapsed");
    assert_eq!(person_link::find(&mut tx, reset, "one", at(100)).await.unwrap(), None, "lapsed");
    assert_eq!(person_link::claim(&mut tx, sign_up, "one", at(5)).await.unwrap(), None, "another kind");
    assert_eq!(person_link::claim(&mut tx, reset, "one", at(5)).await.unwrap(), Some(link(reset)));
    assert_eq!(person_link::claim(&mut tx, reset, "one", at(5)).await.unwrap(), None, "used");
    person_link::forget_of_user(&mut tx, reset, &ann.id).await.unwrap();
    assert_eq!(person_link::claim(&mut tx, reset, "two", at(5)).await.unwrap(), None);
    assert_eq!(person_link::forget_lapsed(&mut tx, at(49)).await.unwrap(), 0);
    assert_eq!(person_link::forget_lapsed(&mut tx, at(50)).await.unwrap(), 1);
});

on_both_databases!(a_request_for_another_password_is_taken_once, |db| async {
    let mut tx = db.store().write().await.unwrap();
    for name in ["ann", "nobody"] {
        reset_request::insert(&mut tx, &Random::system(), at(0), (&email(name), Lang::En)).await.unwrap();
    }
    let mut taken = reset_request::take(&mut tx, 10).await.unwrap();
    taken.sort_by(|a, b| a.0.cmp(&b.0));
    assert_eq!(taken, [(email("ann"), Lang::En), (email("nobody"), Lang::En)]);
    assert!(reset_request::take(&mut tx, 10).await.unwrap().is_empty());
});

on_both_databases!(a_request_to_sign_up_is_taken_once, |db| async {
    let mut tx = db.store().write().await.unwrap();
    let applicant = Applicant { name: "安".to_owned(), company: "安茶".to_owned() };
    let asked = (email("ann"), Lang::En, applicant);
    let random = Random::system();
    sign_up_request::insert(&mut tx, &random, at(0), (&asked.0, asked.1, &asked.2)).await.unwrap();
    assert_eq!(sign_up_request::take(&mut tx, 10).await.unwrap(), [asked]);
    assert!(sign_up_request::take(&mut tx, 10).await.unwrap().is_empty());
});

on_both_databases!(an_address_and_a_zone_are_changed_and_no_address_is_there_twice, |db| async {
    let ann = a_user(db.store(), "ann", false).await;
    a_user(db.store(), "bob", false).await;
    let mut tx = db.store().write().await.unwrap();
    let zone = Zone::parse("Europe/Berlin").unwrap();
    app_user::put_zone(&mut tx, &ann.id, zone).await.unwrap();
    app_user::put_email(&mut tx, &ann.id, &email("anna")).await.unwrap();
    let found = app_user::find(&mut tx, &ann.id).await.unwrap().unwrap();
    assert_eq!((found.email, found.zone), (email("anna"), Some(zone)));
    let taken = app_user::put_email(&mut tx, &ann.id, &email("bob")).await;
    assert!(matches!(taken, Err(StoreError::Conflict(_))), "{taken:?}");
});

on_both_databases!(a_tally_is_kept_until_it_has_faded_and_the_table_stays_small, |db| async {
    let mut tx = db.store().write().await.unwrap();
    assert_eq!(throttle::lock(&mut tx, "a", at(0)).await.unwrap(), Tally::none(at(0)));
    let tally = Tally::none(at(0)).counted(&PAIR, at(0));
    throttle::put(&mut tx, "a", &PAIR, tally).await.unwrap();
    assert_eq!(throttle::lock(&mut tx, "a", at(9)).await.unwrap(), tally);
    throttle::forget(&mut tx, "a").await.unwrap();
    assert_eq!(throttle::lock(&mut tx, "a", at(9)).await.unwrap(), Tally::none(at(9)));

    throttle::put_known(&mut tx, "home", at(0), at(100)).await.unwrap();
    throttle::put_known(&mut tx, "home", at(10), at(110)).await.unwrap();
    assert!(throttle::is_known(&mut tx, "home", at(109)).await.unwrap());
    assert!(!throttle::is_known(&mut tx, "home", at(110)).await.unwrap());
    assert!(!throttle::is_known(&mut tx, "a", at(0)).await.unwrap(), "a tally is no address");

    for key in ["b", "c", "d"] {
        throttle::lock(&mut tx, key, at(20)).await.unwrap();
        throttle::put(&mut tx, key, &PAIR, Tally::none(at(20)).counted(&PAIR, at(20))).await.unwrap();
    }
    assert_eq!(throttle::forget_old(&mut tx, at(20), 2).await.unwrap(), 2, "the faded one and one too many");
    assert!(throttle::is_known(&mut tx, "home", at(30)).await.unwrap());
    let faded = at(20).plus(PAIR.fades + Duration::from_secs(2));
    assert_eq!(throttle::forget_old(&mut tx, faded, 2).await.unwrap(), 3);
});

on_both_databases!(sessions_are_listed_and_ended_by_their_names, |db| async {
    let ann = a_user(db.store(), "ann", false).await;
    let bob = a_user(db.store(), "bob", false).await;
    let marks = |name: &str| Marks {
        name_hash: Some(name.to_owned()),
        agent: Some("Firefox".to_owned()),
        address: Some("203.0.113.9".to_owned()),
    };
    let mut tx = db.store().write().await.unwrap();
    for (key, user, start) in [("k1", &ann, 0), ("k2", &ann, 5), ("k3", &ann, 3), ("k4", &bob, 0)] {
        let owner = Owner::SignedIn(user.id.clone(), SessionEpoch::FIRST);
        session::insert(&mut tx, key, &owner, "{}", at(start)).await.unwrap();
        session::put_marks(&mut tx, key, &marks(&format!("name-{key}"))).await.unwrap();
    }
    let listed = session::list_of_user(&mut tx, &ann.id, at(6)).await.unwrap();
    let names: Vec<_> = listed.iter().filter_map(|one| one.marks.name_hash.as_deref()).collect();
    assert_eq!(names, ["name-k2", "name-k3", "name-k1"], "the one used last first");
    assert_eq!((listed[0].marks.clone(), listed[0].created_at), (marks("name-k2"), at(5)));

    assert!(!session::forget_one(&mut tx, &ann.id, "name-k4").await.unwrap(), "somebody else's");
    assert!(session::forget_one(&mut tx, &ann.id, "name-k3").await.unwrap());
    assert_eq!(session::forget_others(&mut tx, &ann.id, "name-k2").await.unwrap(), 1);
    assert!(session::find(&mut tx, "k2", at(6)).await.unwrap().is_some());
    assert!(session::find(&mut tx, "k1", at(6)).await.unwrap().is_none());
    assert!(session::find(&mut tx, "k4", at(6)).await.unwrap().is_some());
});

on_both_databases!(names_hashes_and_owners_are_kept_right, |db| async {
    let acme = a_tenant(db.store(), "acme", at(0)).await;
    let ann = a_user(db.store(), "ann", true).await;
    let bob = a_user(db.store(), "bob", false).await;
    let mut tx = db.store().write().await.unwrap();
    app_user::put_name(&mut tx, &ann.id, "安").await.unwrap();
    assert_eq!(app_user::find(&mut tx, &ann.id).await.unwrap().unwrap().name, "安");
    app_user::put_password_hash(&mut tx, &ann.id, "old").await.unwrap();
    assert!(!app_user::exchange_password_hash(&mut tx, &ann.id, ("other", "new")).await.unwrap());
    assert!(app_user::exchange_password_hash(&mut tx, &ann.id, ("old", "new")).await.unwrap());
    app_user::lock_admins(&mut tx).await.unwrap();

    membership::lock(&mut tx, &acme.id).await.unwrap();
    membership::put(&mut tx, &acme.id, &ann.id, Role::Owner, at(0)).await.unwrap();
    membership::put(&mut tx, &acme.id, &bob.id, Role::Operator, at(0)).await.unwrap();
    assert_eq!(membership::count_other_owners(&mut tx, &acme.id, &ann.id).await.unwrap(), 0);
    assert_eq!(membership::count_other_owners(&mut tx, &acme.id, &bob.id).await.unwrap(), 1);
    app_user::put_disabled(&mut tx, &ann.id, Some(at(1))).await.unwrap();
    assert_eq!(
        membership::count_other_owners(&mut tx, &acme.id, &bob.id).await.unwrap(),
        0,
        "cannot sign in"
    );
});
