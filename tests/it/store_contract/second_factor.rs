//! Second factors, recovery codes, wrong proofs in a row, and who must have a second factor.

use std::time::Duration;

use hufu::domain::ids::PasskeyId;
use hufu::domain::second_factor::{FREE_TRIES, Factors, Passkey, Purpose, TRIES_FADE};
use hufu::secret::{Secret as _, TotpSecret};
use hufu::store::proof_try::{self, Bucket};
use hufu::store::{StoreError, passkey, recovery_code, second_factor, totp};

use super::fixtures::{a_tenant, a_user, at, vault};

on_both_databases!(an_app_counts_once_confirmed_and_no_step_counts_twice, |db| async {
    let ann = a_user(db.store(), "ann", false).await;
    let (vault, secret) = (vault(), TotpSecret::new("GEZDGNBVGY3TQOJQ"));
    let mut tx = db.store().write().await.unwrap();
    assert!(totp::put(&mut tx, &vault, &ann.id, &TotpSecret::new("FIRST"), at(0)).await.unwrap());
    assert!(totp::put(&mut tx, &vault, &ann.id, &secret, at(1)).await.unwrap(), "replaced while it waits");
    assert!(!totp::claim_step(&mut tx, &ann.id, 5).await.unwrap(), "not confirmed yet");
    assert_eq!(second_factor::of_user(&mut tx, &ann.id).await.unwrap(), Factors::default());
    assert!(second_factor::holders(&mut tx, 10).await.unwrap().is_empty());

    assert!(totp::confirm(&mut tx, &ann.id, 10, at(2)).await.unwrap());
    assert!(!totp::confirm(&mut tx, &ann.id, 11, at(3)).await.unwrap(), "confirmed already");
    assert!(!totp::put(&mut tx, &vault, &ann.id, &TotpSecret::new("OTHER"), at(4)).await.unwrap());
    assert!(!totp::claim_step(&mut tx, &ann.id, 10).await.unwrap(), "used up by the confirmation");
    assert!(totp::claim_step(&mut tx, &ann.id, 12).await.unwrap());
    assert!(!totp::claim_step(&mut tx, &ann.id, 12).await.unwrap(), "twice");
    assert!(!totp::claim_step(&mut tx, &ann.id, 11).await.unwrap(), "an earlier one");

    let app = totp::find(&mut tx, &vault, &ann.id).await.unwrap().unwrap();
    assert_eq!((app.secret, app.confirmed_at, app.last_step), (secret, Some(at(2)), 12));
    assert_eq!(second_factor::of_user(&mut tx, &ann.id).await.unwrap().app_since, Some(at(2)));
    assert_eq!(second_factor::holders(&mut tx, 10).await.unwrap(), std::slice::from_ref(&ann.id));
    assert!(totp::forget(&mut tx, &ann.id).await.unwrap());
    assert!(!totp::forget(&mut tx, &ann.id).await.unwrap());
    assert!(totp::find(&mut tx, &vault, &ann.id).await.unwrap().is_none());
});

on_both_databases!(a_recovery_code_is_claimed_once_and_ends_with_its_batch, |db| async {
    let ann = a_user(db.store(), "ann", false).await;
    let batch = |name: &str| (0..3).map(|slot| format!("{name}{slot}")).collect::<Vec<_>>();
    let mut tx = db.store().write().await.unwrap();
    recovery_code::replace(&mut tx, &ann.id, &batch("a"), at(0)).await.unwrap();
    assert_eq!(recovery_code::find(&mut tx, &ann.id, 1).await.unwrap().as_deref(), Some("a1"));
    assert!(recovery_code::claim(&mut tx, &ann.id, 1, "a1", at(1)).await.unwrap());
    assert!(!recovery_code::claim(&mut tx, &ann.id, 1, "a1", at(1)).await.unwrap(), "twice");
    assert_eq!(recovery_code::find(&mut tx, &ann.id, 1).await.unwrap(), None);
    assert_eq!(second_factor::of_user(&mut tx, &ann.id).await.unwrap().codes_left, 2);

    recovery_code::replace(&mut tx, &ann.id, &batch("b"), at(2)).await.unwrap();
    assert!(!recovery_code::claim(&mut tx, &ann.id, 2, "a2", at(3)).await.unwrap(), "of the batch before");
    assert!(recovery_code::claim(&mut tx, &ann.id, 2, "b2", at(3)).await.unwrap());
    recovery_code::forget(&mut tx, &ann.id).await.unwrap();
    assert_eq!(second_factor::of_user(&mut tx, &ann.id).await.unwrap().codes_left, 0);
});

on_both_databases!(a_passkey_is_one_users_and_its_credential_is_there_once, |db| async {
    let (ann, bob) = (a_user(db.store(), "ann", false).await, a_user(db.store(), "bob", false).await);
    let key = |id: &str, user: &hufu::domain::user::User| passkey::Stored {
        passkey: Passkey {
            id: PasskeyId::parse(id).unwrap(),
            name: "手机".to_owned(),
            created_at: at(0),
            last_used_at: None,
        },
        user: user.id.clone(),
        credential_id: format!("credential-{id}"),
        credential: "{}".to_owned(),
    };
    let mut tx = db.store().write().await.unwrap();
    passkey::insert(&mut tx, &key("one", &ann)).await.unwrap();
    passkey::insert(&mut tx, &key("two", &ann)).await.unwrap();
    tx.commit().await.unwrap();
    let mut tx = db.store().write().await.unwrap();
    let twice = passkey::Stored { credential_id: "credential-one".to_owned(), ..key("three", &bob) };
    assert!(matches!(passkey::insert(&mut tx, &twice).await, Err(StoreError::Conflict(_))));
    drop(tx);

    let mut tx = db.store().write().await.unwrap();
    let one = PasskeyId::parse("one").unwrap();
    assert!(passkey::put_use(&mut tx, &one, "{\"counter\":1}", at(5)).await.unwrap());
    assert!(!passkey::put_use(&mut tx, &PasskeyId::parse("none").unwrap(), "{}", at(5)).await.unwrap());
    let found = passkey::find_by_credential(&mut tx, "credential-one").await.unwrap().unwrap();
    assert_eq!((found.user, found.passkey.last_used_at), (ann.id.clone(), Some(at(5))));
    assert_eq!(found.credential, "{\"counter\":1}");
    assert!(passkey::find_by_credential(&mut tx, "none").await.unwrap().is_none());
    assert_eq!(second_factor::of_user(&mut tx, &ann.id).await.unwrap().passkeys, 2);
    assert!(!passkey::forget(&mut tx, &bob.id, &one).await.unwrap(), "somebody else's");
    assert!(passkey::forget(&mut tx, &ann.id, &one).await.unwrap());
    let left = passkey::list_of_user(&mut tx, &ann.id).await.unwrap();
    assert_eq!(left.iter().map(|key| key.passkey.id.as_str()).collect::<Vec<_>>(), ["two"]);
    assert_eq!(second_factor::holders(&mut tx, 10).await.unwrap(), std::slice::from_ref(&ann.id));
    passkey::forget_of_user(&mut tx, &ann.id).await.unwrap();
    assert!(passkey::list_of_user(&mut tx, &ann.id).await.unwrap().is_empty());
});

on_both_databases!(a_question_is_answered_once_and_forgotten_when_it_is_over, |db| async {
    let mut tx = db.store().write().await.unwrap();
    assert!(passkey::claim_question(&mut tx, "one", at(300)).await.unwrap());
    assert!(passkey::claim_question(&mut tx, "two", at(400)).await.unwrap());
    assert!(!passkey::claim_question(&mut tx, "one", at(500)).await.unwrap(), "twice");
    passkey::forget_questions(&mut tx, at(301)).await.unwrap();
    assert!(passkey::claim_question(&mut tx, "one", at(600)).await.unwrap(), "it is over, and so is its row");
    assert!(!passkey::claim_question(&mut tx, "two", at(600)).await.unwrap());
});

on_both_databases!(who_is_wrong_too_often_waits_and_each_purpose_counts_for_itself, |db| async {
    let ann = a_user(db.store(), "ann", false).await;
    let mut tx = db.store().write().await.unwrap();
    for try_ in 0..FREE_TRIES {
        let wait =
            proof_try::count(&mut tx, &ann.id, &Bucket::anywhere(Purpose::SignIn), at(try_)).await.unwrap();
        assert_eq!(wait, None, "try {try_}");
    }
    let until = at(FREE_TRIES - 1).plus(Duration::from_secs(60));
    assert_eq!(
        proof_try::count(&mut tx, &ann.id, &Bucket::anywhere(Purpose::SignIn), at(10)).await.unwrap(),
        Some(until)
    );
    assert_eq!(
        proof_try::count(&mut tx, &ann.id, &Bucket::anywhere(Purpose::StepUp), at(10)).await.unwrap(),
        None
    );

    assert_eq!(
        proof_try::count(&mut tx, &ann.id, &Bucket::anywhere(Purpose::SignIn), until).await.unwrap(),
        None
    );
    let twice = until.plus(Duration::from_secs(120));
    let next = proof_try::count(&mut tx, &ann.id, &Bucket::anywhere(Purpose::SignIn), until).await.unwrap();
    assert_eq!(next, Some(twice), "ever longer");
    let faded = twice.plus(TRIES_FADE);
    for _ in 0..FREE_TRIES {
        assert_eq!(
            proof_try::count(&mut tx, &ann.id, &Bucket::anywhere(Purpose::SignIn), faded).await.unwrap(),
            None
        );
    }
    assert!(
        proof_try::count(&mut tx, &ann.id, &Bucket::anywhere(Purpose::SignIn), faded)
            .await
            .unwrap()
            .is_some()
    );
    proof_try::forget(&mut tx, &ann.id, &Bucket::anywhere(Purpose::SignIn)).await.unwrap();
    assert_eq!(
        proof_try::count(&mut tx, &ann.id, &Bucket::anywhere(Purpose::SignIn), faded).await.unwrap(),
        None
    );
});

on_both_databases!(a_known_place_counts_for_itself_and_a_new_password_forgets_every_place, |db| async {
    let ann = a_user(db.store(), "ann", false).await;
    let mut tx = db.store().write().await.unwrap();
    let (home, anywhere) = (Bucket::at(Purpose::SignIn, "home"), Bucket::anywhere(Purpose::SignIn));
    let step_up = Bucket::anywhere(Purpose::StepUp);
    for bucket in [&home, &anywhere, &step_up] {
        for _ in 0..FREE_TRIES {
            assert_eq!(proof_try::count(&mut tx, &ann.id, bucket, at(0)).await.unwrap(), None);
        }
        assert!(proof_try::count(&mut tx, &ann.id, bucket, at(1)).await.unwrap().is_some());
    }
    proof_try::forget_sign_in(&mut tx, &ann.id).await.unwrap();
    for bucket in [&home, &anywhere] {
        assert_eq!(proof_try::count(&mut tx, &ann.id, bucket, at(1)).await.unwrap(), None);
    }
    assert!(proof_try::count(&mut tx, &ann.id, &step_up, at(1)).await.unwrap().is_some());
});

on_both_databases!(a_tenant_asks_for_a_second_factor_until_it_does_not, |db| async {
    let acme = a_tenant(db.store(), "acme", at(0)).await;
    let mut tx = db.store().write().await.unwrap();
    assert_eq!(second_factor::required_since(&mut tx, &acme.id).await.unwrap(), None);
    second_factor::require(&mut tx, &acme.id, at(1)).await.unwrap();
    second_factor::require(&mut tx, &acme.id, at(2)).await.unwrap();
    assert_eq!(second_factor::required_since(&mut tx, &acme.id).await.unwrap(), Some(at(1)));
    second_factor::waive(&mut tx, &acme.id).await.unwrap();
    assert_eq!(second_factor::required_since(&mut tx, &acme.id).await.unwrap(), None);
});
