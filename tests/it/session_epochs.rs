//! Nothing that was proved before a reset, a disabling or an ending of sessions signs in after it.

use std::pin::pin;
use std::time::Duration;

use hufu::domain::audit::Actor;
use hufu::domain::user::User;
use hufu::secret::{Password, Secret as _};
use hufu::service::reset_password;
use hufu::service::sign_in::{self, Outcome};
use hufu::store::{Writer, app_user, session, throttle};

use crate::harness::{Browser, Database, Kind, PASSWORD, Portal};
use crate::people::{address, attempt};

const NEW: &str = "nine kites over the lake";
const LATER: Duration = Duration::from_secs(5 * 60 + 1);
/// Longer than a password is looked at.
const A_WHILE: Duration = Duration::from_secs(3);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Ending {
    Reset,
    Disabling,
}

/// An ending that nobody sees yet.
async fn ended(db: &Database, user: &User, ending: Ending) -> Writer {
    let mut tx = db.store().write().await.unwrap();
    match ending {
        Ending::Reset => app_user::put_password_hash(&mut tx, &user.id, "$argon2id$another").await.unwrap(),
        Ending::Disabling => app_user::put_disabled(&mut tx, &user.id, Some(user.created_at)).await.unwrap(),
    }
    session::forget_of_user(&mut tx, &user.id).await.unwrap();
    tx
}

/// What becomes of a proof that has seen what was there before the ending, and is written after it.
async fn across<T>(
    db: &Database,
    user: &User,
    ending: Ending,
    first_row: &str,
    proof: impl Future<Output = T>,
) -> T {
    let mut proof = pin!(proof);
    // SQLite has one writer: the proof writes its first row before the ending begins. On PostgreSQL it is not held up by
    // the ending until its last row, and would have written that too before we had seen the first.
    let tx = match db.kind {
        Kind::Postgres => ended(db, user, ending).await,
        Kind::Sqlite => {
            let begun = async { while db.texts(first_row).await.is_empty() {} };
            tokio::select! {
                _ = &mut proof => panic!("it was too fast"),
                () = begun => ended(db, user, ending).await,
            }
        }
    };
    assert!(tokio::time::timeout(A_WHILE, &mut proof).await.is_err(), "it waits for the {ending:?}");

    tx.commit().await.unwrap();

    proof.await
}

async fn in_flight(db: &Database, ending: Ending) -> Outcome {
    let portal = Portal::start(db).await;
    let chen = portal.user("chen", None).await;
    let (cx, now, nobody) = (portal.cx(), portal.clock.now(), Actor::nobody(address(1), ""));
    let pair = ("chen@example.com", Password::new(PASSWORD));
    let signing_in = sign_in::run(cx, now, &nobody, pair);

    let outcome = across(db, &chen, ending, "SELECT key FROM throttle", signing_in).await.unwrap();

    assert!(db.texts("SELECT action FROM audit WHERE action = 'session.sign_in'").await.is_empty());
    assert!(!throttle_knows(&portal).await, "nobody signed in at the address");
    portal.stop().await;
    outcome
}

async fn throttle_knows(portal: &Portal) -> bool {
    let key = hufu::secret::fingerprint("known\0chen@example.com\x00203.0.113.1");
    let mut tx = portal.cx().store.read().await.unwrap();
    throttle::is_known(&mut tx, &key, portal.clock.now()).await.unwrap()
}

on_both_databases!(a_sign_in_under_way_is_refused_when_the_password_is_reset, |db| async {
    assert!(matches!(in_flight(&db, Ending::Reset).await, Outcome::Refused));
});

on_both_databases!(a_sign_in_under_way_is_refused_when_the_user_is_disabled, |db| async {
    assert!(matches!(in_flight(&db, Ending::Disabling).await, Outcome::Refused));
});

on_both_databases!(two_sign_ins_at_once_both_succeed_while_the_hash_is_made_anew, |db| async {
    use argon2::{Algorithm, Argon2, Params, PasswordHasher as _, Version};
    let portal = Portal::start(&db).await;
    let chen = portal.user("chen", None).await;
    let cheap = Argon2::new(Algorithm::Argon2id, Version::V0x13, Params::new(8, 1, 1, None).unwrap());
    let old = cheap.hash_password_with_salt(PASSWORD.as_bytes(), &[7; 16]).unwrap().to_string();
    let mut tx = db.store().write().await.unwrap();
    app_user::put_password_hash(&mut tx, &chen.id, &old).await.unwrap();
    tx.commit().await.unwrap();

    let go = |last| attempt(&portal, "chen@example.com", PASSWORD, address(last));
    let both = tokio::join!(go(1), go(2));

    assert!(matches!(both, (Outcome::Welcome(_), Outcome::Welcome(_))), "{both:?}");
    let hash = db.texts("SELECT password_hash FROM app_user").await;
    assert!(hash[0].starts_with("$argon2id$v=19$m=19456,"), "{hash:?}");
    portal.stop().await;
});

on_both_databases!(a_step_up_under_way_does_not_bring_an_ended_session_back, |db| async {
    let portal = Portal::start(&db).await;
    let chen = portal.user("chen", None).await;
    let mut browser = portal.signed_in("chen").await;
    portal.clock.advance(LATER);
    browser.get("/step-up").await;
    let fields = [("password", PASSWORD), ("next", "/account")];
    let stepping_up = browser.post("/step-up", &fields);

    let answer = across(&db, &chen, Ending::Reset, "SELECT what FROM proof_try", stepping_up).await;

    assert_eq!(answer.status, 303, "the password was right when it was looked at");
    assert!(browser.get("/account").await.location().starts_with("/sign-in"), "and the session is over");
    portal.stop().await;
});

on_both_databases!(the_session_that_stays_goes_on_after_its_next_new_key, |db| async {
    let portal = Portal::start(&db).await;
    portal.user("chen", None).await;
    let (mut here, mut there) = (portal.signed_in("chen").await, portal.signed_in("chen").await);
    here.get("/account/sessions").await;
    assert_eq!(here.post("/account/sessions/end-others", &[]).await.status, 303);
    assert_eq!(there.get("/account").await.status, 303, "ended");
    portal.clock.advance(LATER);
    here.get("/step-up").await;

    here.post("/step-up", &[("password", PASSWORD), ("next", "/")]).await;

    assert_eq!(here.get("/account").await.status, 200, "with a new key");
    let mut anew = portal.signed_in("chen").await;
    assert_eq!(anew.get("/account").await.status, 200, "whoever signs in afterwards is in");
    end_one(&mut here).await;
    assert_eq!((here.get("/account").await.status, anew.get("/account").await.status), (200, 303));
    portal.stop().await;
});

/// Ends the one other session that the list shows.
async fn end_one(browser: &mut Browser) {
    let list = browser.get("/account/sessions").await.body;
    let mut rows = list.split("<tr>").filter(|row| row.contains("name=\"session\" value=\""));
    let other = rows.find(|row| !row.contains("当前会话")).unwrap();
    let name = other.split("name=\"session\" value=\"").nth(1).unwrap().split('"').next().unwrap();
    let answer = browser.post("/account/sessions/end", &[("session", name)]).await;
    assert_eq!(answer.location(), "/account/sessions");
}

on_both_databases!(a_reset_frees_nobody_who_was_admitted_with_the_old_password, |db| async {
    let portal = Portal::start(&db).await;
    let chen = portal.user("chen", None).await;
    let mut before = portal.signed_in("chen").await;
    let by = Actor::system();
    let new = Password::new(NEW);
    reset_password::run(portal.cx(), portal.clock.now(), &by, &chen.id, new).await.unwrap();
    assert_eq!(before.get("/account").await.status, 303);
    let mut after = portal.browser();
    assert_eq!(after.sign_in("chen@example.com", NEW).await.location(), "/");
    assert_eq!(after.get("/account").await.status, 200);
    portal.stop().await;
});
