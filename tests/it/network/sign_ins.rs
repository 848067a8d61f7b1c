//! Many people sign in at once: that is work for the processor, and everybody else's pages go on.

use std::time::Duration;

use futures_util::future::join_all;
use hufu::clock::Clock;

use super::wire::{House, OWNER};
use crate::harness::{Browser, PASSWORD};

const PEOPLE: usize = 200;

/// How long it took to see this page so many times, the slowest last.
async fn look(browser: &mut Browser, times: usize) -> Vec<Duration> {
    let mut took = Vec::new();
    for _ in 0..times {
        let watch = Clock::stopwatch();
        assert_eq!(browser.get("/authorizers").await.status, 200);
        took.push(watch.elapsed());
    }
    took.sort_unstable();
    took
}

fn p99(took: &[Duration]) -> Duration {
    took[took.len() * 99 / 100]
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_hundred_sign_ins_at_once_keep_no_page_waiting() {
    // Each from an address of their own: nobody is slowed down for what others do.
    let house = House::open_with(&[("HUFU_TRUSTED_PROXIES", "127.0.0.1")]).await;
    let mut reader = Browser::new(&house.at(""));
    reader.sign_in(OWNER, PASSWORD).await;
    look(&mut reader, 50).await;
    let calm = look(&mut reader, 200).await;
    let mut forms = Vec::new();
    for person in 0..PEOPLE {
        let mut browser = Browser::new(&house.at(""));
        browser.headers.push(("x-forwarded-for", format!("203.0.113.{person}")));
        browser.get("/sign-in").await;
        forms.push(browser);
    }

    let watch = Clock::stopwatch();
    let crowd: Vec<_> = forms
        .into_iter()
        .enumerate()
        .map(|(person, mut browser)| {
            tokio::spawn(async move {
                // The first is known here; the others cost as much to refuse.
                let stranger = format!("person{person}@example.com");
                let email = if person == 0 { OWNER } else { &stranger };
                let fields = [("email", email), ("password", PASSWORD), ("next", "/")];
                browser.post("/sign-in", &fields).await.status
            })
        })
        .collect();
    let mut busy = Vec::new();
    while !crowd.iter().all(tokio::task::JoinHandle::is_finished) {
        busy.extend(look(&mut reader, 1).await);
    }
    let all = watch.elapsed();
    let answers: Vec<u16> = join_all(crowd).await.into_iter().map(Result::unwrap).collect();

    busy.sort_unstable();
    let words = format!(
        "{} pages while {PEOPLE} signed in within {all:?}: p99 {:?}, without them {:?}",
        busy.len(),
        p99(&busy),
        p99(&calm)
    );
    // Who waits too long is asked to come again, and is not left without an answer.
    assert!(matches!(answers[0], 303 | 503), "{answers:?}");
    assert!(answers[1..].iter().all(|status| matches!(status, 422 | 503)), "{answers:?}");
    assert!(answers.contains(&422), "{answers:?}");
    // A page that waited for its turn behind the sign-ins would take as long as many of them.
    assert!(busy.len() >= 20, "{words}");
    assert!(p99(&busy) < all / 8 && p99(&busy) < p99(&calm).max(Duration::from_millis(2)) * 60, "{words}");
}
