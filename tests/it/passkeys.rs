//! Passkeys without a device: what a visitor leaves behind, what counts once, and who has to wait.

use hufu::domain::audit::Record;
use hufu::domain::role::Role;
use hufu::store::audit;

use crate::harness::{Answer, Authenticator, Browser, Database, PASSWORD, Portal};

const ORIGIN: &str = "http://localhost:8080";

/// Passkeys work here, and a browser says itself from where it comes.
async fn start(db: &Database) -> Portal {
    Portal::start_with(db, &[("HUFU_PUBLIC_URL", ORIGIN), ("HUFU_TRUSTED_PROXIES", "127.0.0.1")]).await
}

/// `chen`, who has a passkey.
async fn with_passkey(db: &Database) -> (Portal, Authenticator) {
    let portal = start(db).await;
    let acme = portal.tenant("acme").await;
    portal.user("chen", Some((&acme, Role::Owner))).await;
    let mut browser = portal.signed_in("chen").await;
    let mut device = Authenticator::new(ORIGIN);
    browser.get("/account/security").await;
    let options = browser.post("/account/security/passkeys/start", &[]).await;
    let made = device.create(&options.body);
    let done = browser.post("/account/security/passkeys", &[("name", "手机"), ("credential", &made)]).await;
    assert_eq!(done.status, 200, "{}", done.body);
    (portal, device)
}

/// A visitor in front of the sign-in page, at this address.
async fn visitor(portal: &Portal, address: &str) -> Browser {
    let mut browser = portal.browser();
    browser.headers = vec![("x-forwarded-for", address.to_owned())];
    browser.get("/sign-in").await;
    browser
}

async fn ask(browser: &mut Browser) -> String {
    let answer = browser.post("/sign-in/passkey/start", &[]).await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    answer.body
}

async fn show(browser: &mut Browser, credential: &str) -> Answer {
    browser.post("/sign-in/passkey", &[("credential", credential), ("next", "/authorizers")]).await
}

async fn sessions(db: &Database) -> usize {
    db.texts("SELECT key_hash FROM session").await.len()
}

/// What was written down since.
async fn records(portal: &Portal, since: usize) -> Vec<Record> {
    audit::chain(&mut portal.cx().store.read().await.unwrap(), 0, 1000).await.unwrap().split_off(since)
}

on_both_databases!(a_passkey_signs_in_once_and_asking_leaves_nothing_behind, |db| async {
    let (portal, device) = with_passkey(&db).await;
    let (rows, before) = (sessions(&db).await, records(&portal, 0).await.len());
    let mut visitor = visitor(&portal, "203.0.113.1").await;
    for _ in 0..20 {
        ask(&mut visitor).await;
    }
    assert_eq!(show(&mut visitor, "nonsense").await.status, 422);
    assert_eq!(sessions(&db).await, rows, "whoever asks gets no row");
    let failed = records(&portal, before).await;
    assert_eq!((failed.len(), failed[0].action.as_str()), (1, "session.sign_in_failed"));

    let credential = device.get(&ask(&mut visitor).await);
    let mut thief = portal.browser();
    (thief.cookies, thief.csrf) = (visitor.cookies.clone(), visitor.csrf.clone());
    let done = show(&mut visitor, &credential).await;
    assert_eq!((done.status, done.location()), (303, "/authorizers"), "{}", done.body);
    assert_eq!(visitor.get("/authorizers").await.status, 200);
    let told = records(&portal, before + 1).await;
    assert_eq!((told.len(), told[0].action.as_str()), (1, "session.sign_in"), "{told:?}");
    assert_eq!(told[0].actor_name.as_deref(), Some("chen@example.com"));
    assert!(told[0].detail.contains("passkey"));
    assert_eq!(show(&mut thief, &credential).await.status, 422, "the same answer to the same question");

    let mut late = self::visitor(&portal, "203.0.113.1").await;
    let credential = device.get(&ask(&mut late).await);
    portal.clock.advance(std::time::Duration::from_secs(301));
    assert_eq!(show(&mut late, &credential).await.status, 422, "five minutes");
    late.cookies.insert("hufu_passkey".to_owned(), "1800000000 {}".to_owned());
    assert_eq!(show(&mut late, &credential).await.status, 422, "a question that we did not ask");
    portal.stop().await;
});

on_both_databases!(wrong_passkeys_count_like_wrong_passwords, |db| async {
    let (portal, device) = with_passkey(&db).await;
    let mut guesser = visitor(&portal, "203.0.113.2").await;
    for _ in 0..5 {
        // An answer to another question.
        let old = device.get(&ask(&mut guesser).await);
        ask(&mut guesser).await;
        assert_eq!(show(&mut guesser, &old).await.status, 422);
    }
    let before = records(&portal, 0).await.len();
    let right = device.get(&ask(&mut guesser).await);
    let waits = show(&mut guesser, &right).await;
    assert_eq!(waits.status, 422);
    assert!(waits.body.contains("15 秒"), "{}", waits.body);
    let password = guesser.post("/sign-in", &[("email", "chen@example.com"), ("password", PASSWORD)]).await;
    assert_eq!(password.status, 422, "one count for both");
    assert!(records(&portal, before).await.is_empty(), "nothing was looked at");

    let mut chen = visitor(&portal, "198.51.100.7").await;
    let right = device.get(&ask(&mut chen).await);
    assert_eq!(show(&mut chen, &right).await.status, 303, "the person is not kept out elsewhere");
    let mut spammer = visitor(&portal, "203.0.113.3").await;
    let mut answers = Vec::new();
    for _ in 0..42 {
        answers.push(show(&mut spammer, "{}").await.body.contains("尝试次数过多"));
    }
    assert!(!answers[39] && answers[41], "an address that tries nothing sensible waits as well");
    portal.stop().await;
});

on_both_databases!(a_passkey_is_a_second_step_and_steps_up_and_wrong_ones_wait, |db| async {
    let (portal, device) = with_passkey(&db).await;
    let mut chen = visitor(&portal, "198.51.100.7").await;
    let before = records(&portal, 0).await.len();
    let first = chen.post("/sign-in", &[("email", "chen@example.com"), ("password", PASSWORD)]).await;
    assert_eq!(first.location(), "/sign-in/second");
    let told = records(&portal, before).await;
    assert_eq!((told.len(), told[0].action.as_str()), (1, "session.first_step"));
    assert_eq!(
        (told[0].actor_kind.as_str(), told[0].subject_name.as_deref()),
        ("nobody", Some("chen@example.com"))
    );
    chen.get("/sign-in/second").await;
    for _ in 0..5 {
        assert_eq!(show(&mut chen, "{}").await.status, 422);
    }
    let told = records(&portal, before + 1).await;
    assert_eq!(told.len(), 5);
    assert!(told.iter().all(|one| one.action == "session.second_step_failed"), "{told:?}");
    let right = device.get(&ask(&mut chen).await);
    assert!(show(&mut chen, &right).await.body.contains("1 分钟"), "as with codes");
    portal.clock.advance(std::time::Duration::from_secs(61));
    let right = device.get(&ask(&mut chen).await);
    assert_eq!(show(&mut chen, &right).await.status, 303);
    let told = records(&portal, before + 6).await;
    assert_eq!((told.len(), told[0].action.as_str()), (1, "session.sign_in"));

    portal.clock.advance(std::time::Duration::from_secs(301));
    chen.get("/step-up").await;
    let options = chen.post("/step-up/passkey/start", &[]).await;
    let fields = [("credential", &*device.get(&options.body)), ("next", "/api-keys")];
    assert_eq!(chen.post("/step-up/passkey", &fields).await.location(), "/api-keys");
    let told = records(&portal, before + 7).await;
    assert_eq!((told.len(), told[0].action.as_str()), (1, "session.step_up"));
    portal.stop().await;
});
