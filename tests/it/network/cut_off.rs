//! Slow, huge, half-open and ambiguous requests are cut off, and nobody else notices.

use std::time::Duration;

use futures_util::future::join_all;
use tokio::io::AsyncWriteExt as _;

use super::wire::House;
use crate::patience::{PROMISE, eventually, within};

const FORM: &str = "content-type: application/x-www-form-urlencoded\r\n";

#[tokio::test]
async fn who_never_finishes_is_cut_off_and_hinders_nobody() {
    let house = House::open().await;
    let form = format!("POST /sign-in HTTP/1.1\r\nhost: x\r\n{FORM}content-length: 60000\r\n\r\ncsrf=");
    let push = "POST /wechat/wx1/events HTTP/1.1\r\nhost: x\r\ncontent-length: 60000\r\n\r\n<xml>";
    let chunked = |line: &str| format!("{line} HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\n");
    // What is never finished, and what is answered before the connection ends.
    let trials: [(&str, String, &str, &[u16]); 8] = [
        ("says nothing", String::new(), "", &[408]),
        ("drips its head", "GET /sign-in HTTP/1.1\r\nhost: x\r\n".into(), "x: y\r\n", &[408]),
        ("drips a form", form, "a", &[408]),
        ("drips a push", push.into(), "a", &[408]),
        ("drips a report", chunked("POST /api/v1/authorizers/wx1/access-token/report"), "1\r\na\r\n", &[408]),
        ("drips chunks at a page", chunked("GET /sign-in"), "1\r\na\r\n", &[408]),
        ("drips chunks at a file", chunked("GET /static/app.css"), "1\r\na\r\n", &[408]),
        ("drips chunks at nothing", chunked("DELETE /nowhere"), "1\r\na\r\n", &[408]),
    ];

    let house = &house;
    let heard = join_all(trials.iter().map(|(_, beginning, endless, _)| async move {
        if endless.is_empty() { house.say(beginning).await } else { house.drip(beginning, endless).await }
    }));
    let (heard, served) = tokio::join!(heard, house.serves());

    assert!(served, "somebody else is served meanwhile");
    for ((what, _, _, statuses), heard) in trials.iter().zip(heard) {
        assert!(heard.ended_after.is_some(), "who {what} is never cut off: {heard:?}");
        assert_eq!(heard.statuses(), *statuses, "who {what}: {heard:?}");
        assert!(!heard.text.contains("panicked") && !heard.text.contains("/root"), "{heard:?}");
    }
}

#[tokio::test]
async fn what_is_too_large_is_refused_before_it_is_read() {
    let house = House::open().await;
    let get =
        |path: &str, head: &str| format!("GET {path} HTTP/1.1\r\nhost: x\r\n{head}connection: close\r\n\r\n");
    let long = "a".repeat(9_000);
    let many = format!("x-filler: {long}\r\n").repeat(4);
    let huge = "a".repeat(300_000);
    let post = |path: &str, head: &str, body: &str| {
        format!("POST {path} HTTP/1.1\r\nhost: x\r\n{FORM}{head}\r\n\r\n{body}")
    };
    let chunk = format!("4e20\r\n{}\r\n", "a".repeat(20_000)).repeat(20);
    let kept = "a".repeat(100_000);
    let trials: [(&str, String, u16); 10] = [
        ("a long address", get(&format!("/{long}"), ""), 414),
        ("a long query of the API", get(&format!("/api/v1/authorizers?q={long}"), ""), 414),
        ("large headers", get("/sign-in", &many), 431),
        ("headers beyond all measure", get("/sign-in", &format!("x: {huge}\r\n")), 431),
        ("a hundred headers", get("/sign-in", &"x: y\r\n".repeat(120)), 431),
        ("an announced gigabyte", post("/sign-in", "content-length: 1073741824", "csrf="), 413),
        (
            "an announced gigabyte for WeChat's door",
            post("/wechat/wx1/events", "content-length: 1073741824", "<"),
            413,
        ),
        ("endless chunks", post("/sign-in", "transfer-encoding: chunked", &chunk), 413),
        ("more than a form", post("/sign-in", "content-length: 100000\r\nconnection: close", &kept), 413),
        (
            "more than a push",
            post("/wechat/wx1/events", "content-length: 100000\r\nconnection: close", &kept),
            413,
        ),
    ];

    for (what, words, status) in trials {
        let heard = house.say(words).await;
        assert!(heard.ended_after.is_some(), "{what}: {heard:?}");
        // A kernel may throw an answer away together with a connection whose words nobody has read to the end.
        let statuses = heard.statuses();
        let lost = statuses.is_empty() && matches!(status, 413 | 431);
        assert!(lost || statuses == [status] || (status == 431 && statuses == [400]), "{what}: {heard:?}");
    }
    assert!(house.serves().await);
}

#[tokio::test]
async fn what_can_be_read_in_two_ways_is_not_read_at_all() {
    let house = House::open().await;
    let hidden = "GET /metrics HTTP/1.1\r\nhost: x\r\n\r\n";
    let trials = [
        (
            "two lengths",
            "POST /sign-in HTTP/1.1\r\nhost: x\r\ncontent-length: 4\r\ncontent-length: 40\r\n\r\nabcd",
        ),
        (
            "length and chunks",
            "POST /sign-in HTTP/1.1\r\nhost: x\r\ncontent-length: 4\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n",
        ),
        (
            "chunks and length",
            "GET /healthz HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\ncontent-length: 4\r\n\r\n0\r\n\r\n",
        ),
        (
            "two encodings",
            "POST /sign-in HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\ntransfer-encoding: identity\r\n\r\n0\r\n\r\n",
        ),
        (
            "an encoding nobody knows",
            "POST /sign-in HTTP/1.1\r\nhost: x\r\ntransfer-encoding: xchunked\r\n\r\n0\r\n\r\n",
        ),
        ("chunks of old", "POST /sign-in HTTP/1.0\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n"),
        ("a signed length", "POST /sign-in HTTP/1.1\r\nhost: x\r\ncontent-length: +4\r\n\r\nabcd"),
        ("a negative length", "POST /sign-in HTTP/1.1\r\nhost: x\r\ncontent-length: -4\r\n\r\nabcd"),
        (
            "a length beyond numbers",
            "POST /sign-in HTTP/1.1\r\nhost: x\r\ncontent-length: 99999999999999999999\r\n\r\nabcd",
        ),
        ("a space before the colon", "GET /sign-in HTTP/1.1\r\nhost: x\r\ncontent-length : 4\r\n\r\nabcd"),
        ("a folded header", "GET /sign-in HTTP/1.1\r\nhost: x\r\nx: y\r\n z\r\n\r\n"),
        ("a null byte in a header", "GET /sign-in HTTP/1.1\r\nhost: x\r\nx: \0\r\n\r\n"),
        ("a null byte in the address", "GET /sign-in\0 HTTP/1.1\r\nhost: x\r\n\r\n"),
        ("a lone return in a header", "GET /sign-in HTTP/1.1\r\nhost: x\r\nx: y\rz: a\r\n\r\n"),
        ("two hosts", "GET /sign-in HTTP/1.1\r\nhost: x\r\nhost: y\r\n\r\n"),
        ("no HTTP", "EHLO example.com\r\n\r\n"),
        ("another HTTP", "GET /sign-in HTTP/9.9\r\nhost: x\r\n\r\n"),
        (
            "a false chunk",
            "POST /sign-in HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\nzz\r\nabcd\r\n0\r\n\r\n",
        ),
    ];

    let heard = join_all(trials.iter().map(|(_, words)| house.say(format!("{words}{hidden}")))).await;

    for ((what, _), heard) in trials.iter().zip(heard) {
        assert_eq!(heard.statuses(), [400], "{what}: {heard:?}");
        assert!(heard.ended_after.is_some() && !heard.text.contains("hufu_"), "{what}: {heard:?}");
    }
}

#[tokio::test]
async fn who_asks_and_never_reads_is_cut_off() {
    let house = House::open().await;
    let page = reqwest::get(house.at("/sign-in")).await.unwrap().text().await.unwrap();
    let css = page.split("/static/app").nth(1).unwrap().split('"').next().unwrap();
    // Answers of a hundred megabytes: more than the buffers of both ends hold.
    let ask = format!("GET /static/app{css} HTTP/1.1\r\nhost: x\r\n\r\n").repeat(3_000);
    let mut deaf = house.connect().await;
    let _ = tokio::time::timeout(Duration::from_secs(2), deaf.write_all(ask.as_bytes())).await;

    let cut = within(PROMISE, async || house.counts("not_read").await.then_some(())).await;
    assert!(cut.is_some(), "the connection is never cut off");

    assert!(house.serves().await);
    let heard = house.listen(&mut deaf).await;
    assert!(heard.ended_after.is_some() && heard.statuses().len() < 3_000, "{}", heard.statuses().len());
}

#[tokio::test]
async fn one_address_has_its_share_of_the_connections_and_no_more() {
    let house = House::open_with(&[("HUFU_CONNECTIONS_PER_ADDRESS", "8")]).await;
    let get = "GET /healthz HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n";
    let mut held = Vec::new();
    // Those of before may still be on their way out.
    while held.len() < 8 {
        held.push(eventually("there is room", async || house.rest().await).await);
    }
    assert_eq!(house.say(get).await.text, "", "the ninth");
    let elsewhere = house.say_from([127, 0, 0, 2], get).await;
    assert_eq!(elsewhere.statuses(), [200], "another address is served");

    drop(held);

    eventually("there is room again", async || (house.say(get).await.statuses() == [200]).then_some(()))
        .await;
    assert!(house.counts("too_many").await);
}

#[tokio::test]
async fn hundreds_of_idle_connections_keep_nobody_out() {
    let house = House::open().await;
    let idle = join_all((0..400).map(|_| house.connect())).await;

    assert!(house.serves().await);
    drop(idle);
}
