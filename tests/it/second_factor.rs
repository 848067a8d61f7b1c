//! Authenticator apps, recovery codes, the second step of signing in, and who must have it.

use std::time::Duration;

use hufu::domain::audit::Actor;
use hufu::domain::role::Role;
use hufu::domain::second_factor::{Purpose, Typed};
use hufu::domain::user::User;
use hufu::secret::{Password, Secret as _, TotpSecret};
use hufu::service::prove_identity::{self, Proof, Shown};
use hufu::service::{authenticator_app, reset_password};

use crate::harness::{Answer, Browser, Database, Kind, PASSWORD, Portal};
use crate::people::{address, path_of, tick, with_mail};

const STEP: Duration = Duration::from_secs(30);
const LATER: Duration = Duration::from_secs(5 * 60 + 1);

/// The code of the app at the portal's moment.
fn code(portal: &Portal, secret: &TotpSecret) -> String {
    authenticator_app::code(secret, portal.clock.now()).unwrap()
}

/// Adds an app as a person does; returns its secret, as read by hand, and the recovery codes.
async fn enrol(portal: &Portal, browser: &mut Browser) -> (TotpSecret, Vec<String>) {
    browser.get("/account/security").await;
    assert_eq!(browser.post("/account/security/app", &[]).await.location(), "/account/security/app");
    let page = browser.get("/account/security/app").await;
    assert!(page.body.contains(r#"class="qr""#), "{}", page.body);
    let shown = page.body.split(r#"<span class="copy"><code>"#).nth(1).unwrap().split('<').next().unwrap();
    let secret = TotpSecret::new(shown.replace(' ', ""));
    let done = browser.post("/account/security/app/confirm", &[("code", &code(portal, &secret))]).await;
    assert_eq!(done.status, 200, "{}", done.body);
    (secret, codes_of(&done.body))
}

fn codes_of(page: &str) -> Vec<String> {
    let list = page.split(r#"<ol class="codes">"#).nth(1).unwrap().split("</ol>").next().unwrap();
    list.split("<code>").skip(1).map(|part| part.split('<').next().unwrap().to_owned()).collect()
}

/// A browser whose password was right, in front of the second step.
async fn half_way(portal: &Portal, name: &str) -> Browser {
    let mut browser = portal.browser();
    let answer = browser.sign_in(&format!("{name}@example.com"), PASSWORD).await;
    assert_eq!((answer.status, answer.location()), (303, "/sign-in/second"));
    browser.get("/sign-in/second").await;
    browser
}

async fn second(browser: &mut Browser, code: &str) -> Answer {
    browser.post("/sign-in/second", &[("code", code)]).await
}

async fn with_owner(db: &Database) -> (Portal, Browser) {
    let portal = Portal::start(db).await;
    let acme = portal.tenant("acme").await;
    portal.user("chen", Some((&acme, Role::Owner))).await;
    let browser = portal.signed_in("chen").await;
    (portal, browser)
}

on_both_databases!(the_password_alone_opens_nothing_and_no_code_works_twice, |db| async {
    let (portal, mut browser) = with_owner(&db).await;
    let (secret, _) = enrol(&portal, &mut browser).await;

    let mut half = half_way(&portal, "chen").await;
    assert_eq!(half.get("/authorizers").await.status, 303, "nobody is signed in yet");
    assert_eq!(half.post("/api-keys", &[("name", "x")]).await.location(), "/sign-in");
    let enrolled_with = code(&portal, &secret);
    assert_eq!(second(&mut half, &enrolled_with).await.status, 422, "used up by the enrolment");
    portal.clock.advance(STEP);
    let fresh = code(&portal, &secret);
    let before = half.cookies["hufu_session"].clone();
    assert_eq!(second(&mut half, &fresh).await.location(), "/");
    assert_ne!(half.cookies["hufu_session"], before, "a new key");
    assert_eq!(half.get("/authorizers").await.status, 200);

    let mut again = half_way(&portal, "chen").await;
    assert_eq!(second(&mut again, &fresh).await.status, 422, "the same code again");
    let other = portal.beside().await;
    let mut elsewhere = half_way(&other, "chen").await;
    assert_eq!(second(&mut elsewhere, &fresh).await.status, 422, "the same code at another process");
    other.stop().await;
    portal.stop().await;
});

on_both_databases!(one_code_sent_many_times_at_once_signs_in_once, |db| async {
    let (portal, mut browser) = with_owner(&db).await;
    let (secret, _) = enrol(&portal, &mut browser).await;
    portal.clock.advance(STEP);
    let mut halves = Vec::new();
    for _ in 0..4 {
        halves.push(half_way(&portal, "chen").await);
    }
    let fresh = code(&portal, &secret);

    let answers = futures_util::future::join_all(halves.iter_mut().map(|half| second(half, &fresh))).await;

    assert_eq!(answers.iter().filter(|answer| answer.status == 303).count(), 1);
    portal.stop().await;
});

on_both_databases!(a_recovery_code_works_once_in_any_spelling, |db| async {
    let (portal, mut browser) = with_owner(&db).await;
    let (_, codes) = enrol(&portal, &mut browser).await;
    assert_eq!(codes.len(), 10);

    let sloppy = codes[3].to_lowercase().replace('-', " ");
    assert_eq!(second(&mut half_way(&portal, "chen").await, &sloppy).await.location(), "/");
    assert_eq!(second(&mut half_way(&portal, "chen").await, &codes[3]).await.status, 422, "twice");
    let wrong = format!("4{}", &codes[5][1..]);
    assert_eq!(second(&mut half_way(&portal, "chen").await, &wrong).await.status, 422, "another slot");
    assert!(browser.get("/account/security").await.body.contains("还剩 9 个"));

    let renewed = codes_of(&browser.post("/account/security/recovery-codes", &[]).await.body);
    assert_eq!(second(&mut half_way(&portal, "chen").await, &codes[6]).await.status, 422, "replaced");
    assert_eq!(second(&mut half_way(&portal, "chen").await, &renewed[6]).await.location(), "/");
    portal.stop().await;
});

on_both_databases!(after_five_wrong_codes_even_the_right_one_has_to_wait, |db| async {
    let (portal, mut browser) = with_owner(&db).await;
    let (secret, _) = enrol(&portal, &mut browser).await;
    portal.clock.advance(STEP);
    let mut half = half_way(&portal, "chen").await;
    for _ in 0..5 {
        assert_eq!(second(&mut half, "000000").await.status, 422);
    }
    let fresh = code(&portal, &secret);
    let waits = second(&mut half, &fresh).await;
    assert_eq!(waits.status, 429);
    assert!(waits.body.contains("1 分钟后"), "{}", waits.body);
    assert_eq!(second(&mut half_way(&portal, "chen").await, &fresh).await.status, 429, "in any browser");

    portal.clock.advance(Duration::from_secs(60));
    assert_eq!(second(&mut half, &code(&portal, &secret)).await.location(), "/");
    portal.stop().await;
});

on_both_databases!(the_second_step_waits_ten_minutes_and_for_nobody_who_was_shut_out, |db| async {
    let (portal, mut browser) = with_owner(&db).await;
    let (secret, _) = enrol(&portal, &mut browser).await;
    let mut half = half_way(&portal, "chen").await;
    portal.clock.advance(Duration::from_secs(10 * 60 + 1));
    assert_eq!(second(&mut half, &code(&portal, &secret)).await.location(), "/sign-in");
    let mut nobody = portal.browser();
    nobody.get("/sign-in").await;
    assert_eq!(nobody.get("/sign-in/second").await.location(), "/sign-in");

    portal.admin("boss").await;
    let mut half = half_way(&portal, "chen").await;
    let mut boss = portal.signed_in("boss").await;
    let users = boss.get("/admin/users").await.body;
    let path = users.split(r#"action=""#).find(|part| part.contains("/disable")).unwrap();
    boss.post(path.split('"').next().unwrap(), &[]).await;
    assert_eq!(second(&mut half, &code(&portal, &secret)).await.status, 403, "the form's session is over");
    assert_eq!(half.get("/sign-in/second").await.location(), "/sign-in");
    portal.stop().await;
});

on_both_databases!(a_reset_ends_a_sign_in_that_waits_for_its_second_step, |db| async {
    let portal = Portal::start(&db).await;
    let chen = portal.user("chen", None).await;
    let (secret, _) = enrol(&portal, &mut portal.signed_in("chen").await).await;
    portal.clock.advance(STEP);
    let mut half = half_way(&portal, "chen").await;
    let new = Password::new("nine kites over the lake");
    reset_password::run(portal.cx(), portal.clock.now(), &Actor::system(), &chen.id, new).await.unwrap();

    assert_eq!(second(&mut half, &code(&portal, &secret)).await.status, 403, "the form's session is over");

    assert_eq!(half.get("/sign-in/second").await.location(), "/sign-in");
    assert_eq!(half.get("/account").await.status, 303);
    portal.stop().await;
});

on_both_databases!(the_first_factor_and_the_loss_of_one_end_every_other_session, |db| async {
    let (portal, mut here) = with_owner(&db).await;
    let mut there = portal.signed_in("chen").await;
    let (secret, _) = enrol(&portal, &mut here).await;
    assert_eq!(here.get("/account").await.status, 200, "the present one stays");
    assert_eq!(there.get("/account").await.status, 303, "it was begun with the password alone");

    portal.clock.advance(STEP);
    let mut there = half_way(&portal, "chen").await;
    assert_eq!(second(&mut there, &code(&portal, &secret)).await.location(), "/");
    here.get("/account/security").await;
    assert_eq!(here.post("/account/security/app/remove", &[]).await.status, 303);
    assert_eq!(here.get("/account").await.status, 200, "the present one stays");
    assert_eq!(there.get("/account").await.status, 303, "what it was begun with is gone");
    portal.stop().await;
});

/// A wrong code in the second step, from an address.
async fn guess(portal: &Portal, user: &User, last: u8) -> Proof {
    let asked = (user, Purpose::SignIn, Shown::Factor(Typed::parse("000000")));
    let by = Actor::nobody(address(last), "");
    prove_identity::run(portal.cx(), portal.clock.now(), &by, asked).await.unwrap()
}

on_both_databases!(whoever_has_the_password_does_not_keep_its_owner_from_signing_in, |db| async {
    let portal = Portal::start(&db).await;
    let chen = portal.user("chen", None).await;
    let (secret, _) = enrol(&portal, &mut portal.signed_in("chen").await).await;
    portal.clock.advance(STEP);
    for machine in 1..=5 {
        assert_eq!(guess(&portal, &chen, machine).await, Proof::Wrong);
    }
    assert!(matches!(guess(&portal, &chen, 6).await, Proof::Wait(_)), "at any address");

    let mut known = half_way(&portal, "chen").await;
    assert_eq!(second(&mut known, &code(&portal, &secret)).await.location(), "/", "where chen is known");

    assert!(matches!(guess(&portal, &chen, 6).await, Proof::Wait(_)), "and nowhere else");
    let new = Password::new("nine kites over the lake");
    reset_password::run(portal.cx(), portal.clock.now(), &Actor::system(), &chen.id, new).await.unwrap();
    assert_eq!(guess(&portal, &chen, 6).await, Proof::Wrong, "whose password counts no more waits no more");
    portal.stop().await;
});

/// Whether a text stands in any column of any table.
async fn stands_anywhere(db: &Database, text: &str) -> Option<String> {
    let hex: String = text.bytes().map(|byte| format!("{byte:02x}")).collect();
    for (table, column) in db.columns().await {
        // PostgreSQL writes bytes in hex; SQLite has no text for bytes that are none.
        let value = match db.kind {
            Kind::Sqlite => format!("lower(hex(\"{column}\"))"),
            Kind::Postgres => format!("CAST(\"{column}\" AS TEXT)"),
        };
        let query = format!("SELECT {value} FROM \"{table}\" WHERE \"{column}\" IS NOT NULL");
        if db.texts(&query).await.iter().any(|value| value.contains(text) || value.contains(&hex)) {
            return Some(format!("{table}.{column}"));
        }
    }
    None
}

on_both_databases!(the_way_to_an_invitation_leads_through_the_second_step_and_stands_nowhere, |db| async {
    let (portal, office) = with_mail(&db).await;
    let acme = portal.tenant("acme").await;
    portal.user("boss", Some((&acme, Role::Owner))).await;
    portal.user("chen", None).await;
    let (secret, _) = enrol(&portal, &mut portal.signed_in("chen").await).await;
    let mut boss = portal.signed_in("boss").await;
    boss.get("/members").await;
    boss.post("/members", &[("email", "chen@example.com"), ("role", "viewer")]).await;
    tick(&portal).await;
    let path = path_of(&office.newest("chen@example.com").link());
    let token = path.rsplit('/').next().unwrap();
    portal.clock.advance(STEP);
    let mut browser = portal.browser();
    browser.get(&format!("/sign-in?next={path}")).await;
    let fields = [("email", "chen@example.com"), ("password", PASSWORD), ("next", path.as_str())];
    assert_eq!(browser.post("/sign-in", &fields).await.location(), "/sign-in/second");

    assert_eq!(stands_anywhere(&db, token).await, None);

    browser.get("/sign-in/second").await;
    assert_eq!(second(&mut browser, &code(&portal, &secret)).await.location(), path);
    assert_eq!(browser.get(&path).await.status, 200);
    portal.stop().await;
});

on_both_databases!(who_has_a_second_factor_shows_that_one_to_step_up, |db| async {
    let (portal, mut browser) = with_owner(&db).await;
    let (secret, _) = enrol(&portal, &mut browser).await;
    portal.clock.advance(LATER);
    let asked = browser.get("/account/security/app").await;
    assert_eq!(asked.location(), "/step-up?next=%2Faccount%2Fsecurity%2Fapp");
    assert!(browser.get(asked.location()).await.body.contains(r#"name="code""#));

    let with_password = browser.post("/step-up", &[("password", PASSWORD), ("next", "/")]).await;
    assert_eq!(with_password.status, 422, "the password may be what was stolen");
    let fresh = code(&portal, &secret);
    let done = browser.post("/step-up", &[("code", &fresh), ("next", "/account/security")]).await;
    assert_eq!((done.status, done.location()), (303, "/account/security"));
    let removed = browser.post("/account/security/app/remove", &[]).await;
    assert_eq!(removed.location(), "/account/security");
    let answer = portal.browser().sign_in("chen@example.com", PASSWORD).await;
    assert_eq!(answer.location(), "/", "the password alone again");
    portal.stop().await;
});

on_both_databases!(the_secret_is_sealed_and_the_codes_are_hashed, |db| async {
    let (portal, mut browser) = with_owner(&db).await;
    let (secret, codes) = enrol(&portal, &mut browser).await;
    let dump = db
        .texts(
            "SELECT secret_sealed FROM totp UNION ALL SELECT code_hash FROM recovery_code \
             UNION ALL SELECT state FROM session UNION ALL SELECT detail FROM audit",
        )
        .await
        .join("\n");
    assert_eq!(dump.matches("$argon2id$").count(), 10);
    assert!(!dump.contains(secret.expose()));
    for code in codes {
        assert!(!dump.contains(&code) && !dump.contains(&code.replace('-', "")), "{code}");
    }
    portal.stop().await;
});

on_both_databases!(an_admin_without_a_second_factor_adds_one_before_anything_else, |db| async {
    let portal = Portal::start_with(&db, &[("HUFU_REQUIRE_ADMIN_MFA", "true")]).await;
    portal.admin("boss").await;
    let mut boss = portal.signed_in("boss").await;
    for path in ["/", "/admin", "/admin/users", "/authorizers"] {
        let answer = boss.get(path).await;
        assert_eq!((answer.status, answer.location()), (303, "/account/security"), "{path}");
    }
    let nowhere = boss.get("/nowhere").await;
    assert_eq!(nowhere.status, 404);
    assert!(nowhere.body.contains("action=\"/sign-out\""), "in the frame, with a way out: {}", nowhere.body);
    let page = boss.get("/account/security").await;
    assert!(page.body.contains("你需要先启用两步验证"), "{}", page.body);
    assert_eq!(
        boss.post("/admin/users", &[("email", "x@example.com")]).await.location(),
        "/account/security"
    );

    enrol(&portal, &mut boss).await;

    assert_eq!(boss.get("/admin").await.status, 200);
    portal.stop().await;
});

on_both_databases!(an_owner_asks_for_a_second_factor_of_every_member, |db| async {
    let (portal, mut owner) = with_owner(&db).await;
    let other = portal.tenant("other").await;
    portal.user("lin", Some((&other, Role::Operator))).await;
    let mut operator = portal.signed_in("lin").await;
    operator.get("/account/security").await;
    assert_eq!(operator.post("/security", &[("rule", "required")]).await.status, 403, "owners only");

    enrol(&portal, &mut owner).await;
    owner.get("/account/security").await;
    assert_eq!(owner.post("/security", &[("rule", "required")]).await.location(), "/account/security");
    assert_eq!(owner.get("/authorizers").await.status, 200, "who has one notices nothing");
    assert_eq!(operator.get("/authorizers").await.status, 200, "another tenant's members neither");
    owner.post("/account/security/app/remove", &[]).await;
    assert_eq!(owner.get("/authorizers").await.location(), "/account/security");
    portal.stop().await;
});

on_both_databases!(an_admin_resets_what_somebody_lost, |db| async {
    let (portal, mut browser) = with_owner(&db).await;
    enrol(&portal, &mut browser).await;
    portal.admin("boss").await;
    let mut boss = portal.signed_in("boss").await;
    let users = boss.get("/admin/users").await.body;
    let path = users.split(r#"action=""#).find(|part| part.contains("/reset-factors")).unwrap();
    let path = path.split('"').next().unwrap().to_owned();
    portal.clock.advance(LATER);
    assert!(boss.post(&path, &[]).await.location().starts_with("/step-up"), "asks who is there");
    boss.get("/step-up").await;
    boss.post("/step-up", &[("password", PASSWORD), ("next", "/")]).await;

    assert_eq!(boss.post(&path, &[]).await.location(), "/admin/users");

    assert_eq!(browser.get("/authorizers").await.status, 303, "the sessions are over");
    assert_eq!(portal.browser().sign_in("chen@example.com", PASSWORD).await.location(), "/");
    assert_eq!(boss.post(&path, &[]).await.status, 404, "there is nothing left");
    portal.stop().await;
});
