//! Letters on their way: a real conversation with a mail server, its refusals, and what the letters say.

use std::time::Duration;

use hufu::domain::ids::LetterId;
use hufu::domain::letter::{LetterKind, LetterState};
use hufu::domain::text::Lang;
use hufu::domain::user::Email;
use hufu::jobs::Engine;
use hufu::service::letter::{self, Draft};

use crate::harness::{Portal, PostOffice};

const FROM: (&str, &str) = ("HUFU_MAIL_FROM", "虎符 <hufu@example.com>");
const HOUR: Duration = Duration::from_secs(3600);

fn draft(to: &Email, lang: Lang) -> Draft<'_> {
    Draft {
        to,
        lang,
        kind: LetterKind::Invitation,
        tenant: None,
        subject: "山野餐饮 <邀请> 您".to_owned(),
        paragraphs: vec!["王敏邀请您加入“山野餐饮”。".to_owned(), "A & B".to_owned()],
        link: Some(("接受邀请".to_owned(), "https://hufu.example.com/invitation/x?a=1&b=2".to_owned())),
        small: vec!["链接 7 天内有效，只能使用一次。".to_owned()],
    }
}

async fn queue(portal: &Portal) -> LetterId {
    let to = Email::parse("ann@example.com").unwrap();
    let mut tx = portal.cx().store.write().await.unwrap();
    let id = letter::queue(portal.cx(), &mut tx, portal.clock.now(), &draft(&to, Lang::Zh)).await.unwrap();
    tx.commit().await.unwrap();
    id.unwrap()
}

async fn tick(portal: &Portal) {
    Engine::new(portal.cx().clone()).tick(portal.clock.now()).await;
}

async fn state(portal: &Portal, id: &LetterId) -> LetterState {
    let mut tx = portal.cx().store.read().await.unwrap();
    hufu::store::letter::find(&mut tx, id).await.unwrap().unwrap()
}

on_both_databases!(a_letter_arrives_in_its_language_as_text_and_html, |db| async {
    let office = PostOffice::open().await;
    let portal = Portal::start_with(&db, &[("HUFU_SMTP_URL", &office.url), FROM]).await;
    let id = queue(&portal).await;
    tick(&portal).await;

    let letter = office.newest("ann@example.com");
    assert!(letter.raw.contains(&format!("Message-ID: <{id}@example.com>")), "{}", letter.raw);
    assert!(letter.raw.contains("Date: Fri, 15 Jan 2027 08:00:00 +0000"), "{}", letter.raw);
    assert_eq!(letter.link(), "https://hufu.example.com/invitation/x?a=1&b=2");
    assert!(letter.text().contains("王敏邀请您加入“山野餐饮”。\n\nA & B"), "{}", letter.text());
    assert!(
        letter.html().contains("A &#38; B") && letter.html().contains("&#60;邀请&#62;"),
        "{}",
        letter.html()
    );
    assert_eq!(state(&portal, &id).await, LetterState::Sent(portal.clock.now()));
    tick(&portal).await;
    assert_eq!(office.arrived().len(), 1, "a letter goes out once");
    portal.stop().await;
});

on_both_databases!(a_busy_server_is_tried_again_for_a_day_and_a_refusal_is_final, |db| async {
    let office = PostOffice::open().await;
    let portal = Portal::start_with(&db, &[("HUFU_SMTP_URL", &office.url), FROM]).await;
    let busy = queue(&portal).await;
    office.refuse_next("451 4.3.0 busy");
    tick(&portal).await;
    let LetterState::Waiting { tries: 1, problem: Some(problem) } = state(&portal, &busy).await else {
        panic!("{:?}", state(&portal, &busy).await);
    };
    assert!(problem.contains("451") || problem.contains("busy"), "{problem}");
    tick(&portal).await;
    assert!(office.arrived().is_empty(), "not before a minute is over");
    portal.clock.advance(Duration::from_secs(60));
    tick(&portal).await;
    assert_eq!(office.arrived().len(), 1);

    let refused = queue(&portal).await;
    office.refuse_next("550 5.1.1 nobody of this name");
    tick(&portal).await;
    let state_now = state(&portal, &refused).await;
    assert!(
        matches!(&state_now, LetterState::Failed { problem, .. } if problem.contains("nobody")),
        "{state_now:?}"
    );

    let hopeless = queue(&portal).await;
    for _ in 0..26 {
        office.refuse_next("421 4.3.2 closed");
        tick(&portal).await;
        portal.clock.advance(HOUR);
    }
    assert!(matches!(state(&portal, &hopeless).await, LetterState::Failed { .. }));
    portal.stop().await;
});

on_both_databases!(a_wrong_password_loses_no_letter, |db| async {
    let office = PostOffice::with_password("hufu", "right").await;
    let wrong = office.url.replace("right", "wrong");
    let portal = Portal::start_with(&db, &[("HUFU_SMTP_URL", &wrong), FROM]).await;
    let id = queue(&portal).await;
    tick(&portal).await;
    assert!(matches!(state(&portal, &id).await, LetterState::Waiting { tries: 1, .. }));
    assert!(portal.cx().settings.mail.as_ref().unwrap().knock().await.is_err());
    portal.stop().await;
    hufu::mail::Mailer::new(&office.url, FROM.1).unwrap().knock().await.unwrap();
});

on_both_databases!(without_a_mail_server_nothing_is_queued, |db| async {
    let portal = Portal::start(&db).await;
    let to = Email::parse("ann@example.com").unwrap();
    let mut tx = portal.cx().store.write().await.unwrap();
    let queued =
        letter::queue(portal.cx(), &mut tx, portal.clock.now(), &draft(&to, Lang::En)).await.unwrap();
    assert_eq!(queued, None);
    drop(tx);
    portal.stop().await;
});
