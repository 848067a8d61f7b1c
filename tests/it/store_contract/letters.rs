//! Letters: queued, claimed once, recorded by whoever holds them, wiped when over.

use std::time::Duration;

use hufu::domain::ids::LetterId;
use hufu::domain::letter::{LetterKind, LetterState};
use hufu::domain::text::Lang;
use hufu::domain::user::Email;
use hufu::random::Random;
use hufu::secret::{LetterContent, Secret as _};
use hufu::store::Store;
use hufu::store::letter::{self, Letter, Outcome};

use super::fixtures::{a_tenant, at, tenant_id, vault};

const LEASE: Duration = Duration::from_secs(100);

async fn queue(store: &Store, seconds: i64) -> LetterId {
    let mut tx = store.write().await.unwrap();
    let (to, tenant) = (Email::parse("ann@example.com").unwrap(), tenant_id("acme"));
    let content = LetterContent::new("canary-letter");
    let kind = LetterKind::Invitation;
    let owed = Letter { to: &to, lang: Lang::Zh, kind, tenant: Some(&tenant), content: &content };
    let id = letter::queue(&mut tx, (&vault(), &Random::system()), at(seconds), &owed).await.unwrap();
    tx.commit().await.unwrap();
    id
}

on_both_databases!(a_letter_is_claimed_once_and_wiped_when_it_is_over, |db| async {
    a_tenant(db.store(), "acme", at(0)).await;
    let id = queue(db.store(), 0).await;
    let raw = db.execute("UPDATE letter SET kind = kind WHERE content_sealed LIKE '%canary%'").await.unwrap();
    assert_eq!(raw, 0, "the letter lies open");

    let mut tx = db.store().write().await.unwrap();
    assert!(letter::is_due(&mut tx, at(0)).await.unwrap());
    let first = letter::claim_due(&mut tx, &vault(), at(0), (8, LEASE)).await.unwrap();
    assert_eq!((first.len(), first[0].tries), (1, 1));
    assert_eq!((first[0].content.expose(), first[0].to.as_str()), ("canary-letter", "ann@example.com"));
    assert!(!letter::is_due(&mut tx, at(99)).await.unwrap(), "somebody is at it");
    assert!(letter::claim_due(&mut tx, &vault(), at(99), (8, LEASE)).await.unwrap().is_empty());

    let second = letter::claim_due(&mut tx, &vault(), at(100), (8, LEASE)).await.unwrap();
    assert_eq!(second[0].tries, 2, "its holder has vanished");
    assert!(!letter::record(&mut tx, (&id, 1), at(101), &Outcome::Sent).await.unwrap(), "not its any more");
    let later = Outcome::Later(at(200), "451 busy".to_owned());
    assert!(letter::record(&mut tx, (&id, 2), at(101), &later).await.unwrap());
    let waiting = LetterState::Waiting { tries: 2, problem: Some("451 busy".to_owned()) };
    assert_eq!(letter::find(&mut tx, &id).await.unwrap(), Some(waiting));

    assert_eq!(letter::claim_due(&mut tx, &vault(), at(200), (8, LEASE)).await.unwrap()[0].tries, 3);
    assert!(letter::record(&mut tx, (&id, 3), at(201), &Outcome::Sent).await.unwrap());
    assert_eq!(letter::find(&mut tx, &id).await.unwrap(), Some(LetterState::Sent(at(201))));
    assert!(letter::claim_due(&mut tx, &vault(), at(9_999), (8, LEASE)).await.unwrap().is_empty());
    tx.commit().await.unwrap();
    let left = db.execute("UPDATE letter SET kind = kind WHERE content_sealed IS NOT NULL").await.unwrap();
    assert_eq!(left, 0, "a letter that is over is wiped");
});

on_both_databases!(letters_are_given_up_withdrawn_and_forgotten, |db| async {
    a_tenant(db.store(), "acme", at(0)).await;
    let lost = queue(db.store(), 0).await;
    let mut tx = db.store().write().await.unwrap();
    letter::claim_due(&mut tx, &vault(), at(0), (8, LEASE)).await.unwrap();
    let given_up = Outcome::GivenUp("550 nobody".to_owned());
    assert!(letter::record(&mut tx, (&lost, 1), at(1), &given_up).await.unwrap());
    let failed = LetterState::Failed { at: at(1), problem: "550 nobody".to_owned() };
    assert_eq!(letter::find(&mut tx, &lost).await.unwrap(), Some(failed));
    assert_eq!(letter::count_failed(&mut tx, at(1)).await.unwrap(), 1);
    assert_eq!(letter::count_failed(&mut tx, at(2)).await.unwrap(), 0);
    assert!(!letter::withdraw(&mut tx, &lost).await.unwrap(), "it is over");
    tx.commit().await.unwrap();

    let untrue = queue(db.store(), 2).await;
    let waiting = queue(db.store(), 3).await;
    let mut tx = db.store().write().await.unwrap();
    assert!(letter::withdraw(&mut tx, &untrue).await.unwrap());
    assert_eq!(letter::find(&mut tx, &untrue).await.unwrap(), None);
    assert_eq!(letter::forget_old(&mut tx, at(0)).await.unwrap(), 0);
    assert_eq!(letter::forget_old(&mut tx, at(9_999)).await.unwrap(), 1, "one that waits stays");
    assert!(letter::find(&mut tx, &waiting).await.unwrap().is_some());
});

on_both_databases!(many_who_claim_get_each_letter_once, |db| async {
    a_tenant(db.store(), "acme", at(0)).await;
    for _ in 0..40 {
        queue(db.store(), 0).await;
    }
    let claims = (0..8).map(|_| async {
        let mut mine = Vec::new();
        loop {
            let mut tx = db.store().write().await.unwrap();
            let some = letter::claim_due(&mut tx, &vault(), at(1), (3, LEASE)).await.unwrap();
            tx.commit().await.unwrap();
            if some.is_empty() {
                return mine;
            }
            mine.extend(some.into_iter().map(|one| one.id));
        }
    });
    let mut all = futures_util::future::join_all(claims).await.concat();
    all.sort();
    all.dedup();
    assert_eq!(all.len(), 40);
});
