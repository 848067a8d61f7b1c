//! Faults, and the journal that tells what they hit.

use hufu::sandbox::{Fault, FaultKind, Rotation};
use serde_json::json;

use super::bench::{Bench, COMPONENT, REFRESH, RIDE, TEA, errcode, text};

#[tokio::test]
async fn a_reset_before_breaks_the_connection_and_changes_nothing() {
    let bench = Bench::start().await;
    let token = bench.component_token().await;
    let tea = bench.granted(&token, TEA).await;
    bench.control.fault(Fault::on(REFRESH, FaultKind::ResetBefore).for_account(TEA).times(1));
    let body = json!({
        "component_appid": COMPONENT, "authorizer_appid": TEA, "authorizer_refresh_token": tea.refresh,
    });

    let broken = bench.send(&format!("{REFRESH}?component_access_token={token}"), &body).await;

    assert!(broken.is_err_and(|error| error.is_request()), "no status, no byte");
    assert_eq!(bench.control.access_token(COMPONENT, TEA), Some(tea.access));
    assert_eq!(errcode(&bench.refresh(&token, TEA, &tea.refresh).await), 0, "once only");
}

#[tokio::test]
async fn a_reset_after_loses_the_reply_of_a_call_that_was_processed() {
    let bench = Bench::start().await;
    let token = bench.component_token().await;
    let tea = bench.granted(&token, TEA).await;
    bench.control.switch(|switches| switches.rotation = Rotation::SingleUse);
    bench.control.fault(Fault::on(REFRESH, FaultKind::ResetAfter).times(1));
    let body = json!({
        "component_appid": COMPONENT, "authorizer_appid": TEA, "authorizer_refresh_token": tea.refresh,
    });

    let broken = bench.send(&format!("{REFRESH}?component_access_token={token}"), &body).await;

    assert!(broken.is_err());
    assert_ne!(bench.control.access_token(COMPONENT, TEA), Some(tea.access));
    assert_eq!(errcode(&bench.refresh(&token, TEA, &tea.refresh).await), 61023, "it was used");
    assert_eq!(bench.control.count(REFRESH, TEA).in_doubt, 1);
    assert_ne!(text(&bench.list(&token).await, "/list/0/refresh_token"), tea.refresh);
}

#[tokio::test]
async fn bodies_are_spoiled_in_every_way() {
    let bench = Bench::start().await;
    let spoiled = async |kind: FaultKind| {
        bench.control.clear_faults(None);
        bench.control.fault(Fault::on("/cgi-bin/component/*", kind));
        let response = bench.send("/cgi-bin/component/api_start_push_ticket", &json!({})).await.unwrap();
        (response.status().as_u16(), response.text().await.unwrap())
    };

    let (status, body) = spoiled(FaultKind::Html502).await;
    assert!(status == 502 && body.contains("<html>"));
    assert_eq!(spoiled(FaultKind::Empty).await, (200, String::new()));
    let (status, body) = spoiled(FaultKind::Truncated).await;
    assert!(
        status == 200 && body.starts_with('{') && serde_json::from_str::<serde_json::Value>(&body).is_err()
    );
    let (status, body) = spoiled(FaultKind::Garbage).await;
    assert!(status == 200 && serde_json::from_str::<serde_json::Value>(&body).is_err());
    let (status, body) = spoiled(FaultKind::Errcode { errcode: -1 }).await;
    assert!(status == 200 && body.contains("\"errcode\":-1") && body.contains("system error rid: "));
}

#[tokio::test]
async fn a_fault_for_one_account_spares_the_others() {
    let bench = Bench::start().await;
    let token = bench.component_token().await;
    let (tea, ride) = (bench.granted(&token, TEA).await, bench.granted(&token, RIDE).await);
    bench
        .verb("fault", &json!({"path": "*", "account": TEA, "kind": "errcode", "errcode": -1, "times": 2}))
        .await;

    assert_eq!(errcode(&bench.refresh(&token, RIDE, &ride.refresh).await), 0);
    assert_eq!(errcode(&bench.refresh(&token, TEA, &tea.refresh).await), -1);
    assert_eq!(bench.merchant(&tea.access).await, -1);
    assert_eq!(errcode(&bench.refresh(&token, TEA, &tea.refresh).await), 0);
}

#[tokio::test]
async fn the_journal_counts_calls_in_flight_for_each_account() {
    let bench = Bench::start().await;
    let token = bench.component_token().await;
    let (tea, ride) = (bench.granted(&token, TEA).await, bench.granted(&token, RIDE).await);
    bench.control.fault(Fault::on(REFRESH, FaultKind::Delay { ms: 150 }));

    let refresh = |account, refresh: &str| {
        let (bench, token, refresh) = (&bench, &token, refresh.to_owned());
        async move { bench.refresh(token, account, &refresh).await }
    };
    tokio::join!(
        refresh(TEA, &tea.refresh),
        refresh(TEA, &tea.refresh),
        refresh(TEA, &tea.refresh),
        refresh(RIDE, &ride.refresh),
    );

    let (of_tea, of_ride) = (bench.control.count(REFRESH, TEA), bench.control.count(REFRESH, RIDE));
    assert_eq!((of_tea.calls, of_tea.max_in_flight, of_tea.in_flight), (3, 3, 0));
    assert_eq!((of_ride.calls, of_ride.max_in_flight), (1, 1));
    assert_eq!(bench.control.max_refresh_concurrency(), 3);
    let entry = &bench.control.journal(REFRESH, RIDE, 1)[0];
    assert!(entry.ended_ms.unwrap() - entry.started_ms >= 150);
    let counts = bench.get(&format!("/sandbox/api/counts?path={REFRESH}")).await;
    assert_eq!(counts["max_refresh_concurrency"], 3);
    assert_eq!(counts["calls"], 4);
}

#[tokio::test]
async fn a_caller_that_hangs_up_is_no_longer_in_flight() {
    let bench = Bench::start().await;
    let token = bench.component_token().await;
    bench.control.fault(Fault::on(REFRESH, FaultKind::Delay { ms: 60_000 }));

    let impatient = bench
        .http
        .post(bench.url(&format!("{REFRESH}?component_access_token={token}")))
        .body(json!({"component_appid": COMPONENT, "authorizer_appid": TEA}).to_string())
        .timeout(std::time::Duration::from_millis(100))
        .send()
        .await;
    assert!(impatient.is_err_and(|error| error.is_timeout()));

    let mut count = bench.control.count(REFRESH, TEA);
    for _ in 0..2000 {
        if count.in_flight == 0 {
            break;
        }
        bench.get("/sandbox/api/clock").await;
        count = bench.control.count(REFRESH, TEA);
    }
    assert_eq!((count.in_flight, count.in_doubt), (0, 1));
    assert_eq!((count.at_work, count.max_at_work), (1, 1), "WeChat goes on with it");
}

#[tokio::test]
async fn a_call_whose_caller_hung_up_is_processed_and_overlaps_with_the_next() {
    let bench = Bench::start().await;
    let token = bench.component_token().await;
    let tea = bench.granted(&token, TEA).await;
    bench.control.fault(Fault::on(REFRESH, FaultKind::Delay { ms: 400 }).times(1));
    let body = json!({
        "component_appid": COMPONENT, "authorizer_appid": TEA, "authorizer_refresh_token": tea.refresh,
    });
    let url = bench.url(&format!("{REFRESH}?component_access_token={token}"));
    let impatient = bench.http.post(url).body(body.to_string());
    let gone = impatient.timeout(std::time::Duration::from_millis(100)).send().await;
    assert!(gone.is_err_and(|error| error.is_timeout()));

    let second = bench.refresh(&token, TEA, &tea.refresh).await;

    let issued = text(&second, "/authorizer_access_token");
    while bench.control.count(REFRESH, TEA).at_work > 0 {
        bench.get("/sandbox/api/clock").await;
    }
    assert_ne!(bench.control.access_token(COMPONENT, TEA), Some(issued), "the first came last");
    assert_eq!(bench.control.max_refreshes_at_work(), 2);
}

#[tokio::test]
async fn a_random_delay_takes_no_longer_than_it_says_and_hinders_nothing() {
    let bench = Bench::start().await;
    let token = bench.component_token().await;
    let tea = bench.granted(&token, TEA).await;
    bench.control.fault(Fault::on(REFRESH, FaultKind::RandomDelay { ms: 60 }));

    for _ in 0..5 {
        assert_eq!(errcode(&bench.refresh(&token, TEA, &tea.refresh).await), 0);
    }

    let taken: Vec<u64> = bench
        .control
        .journal(REFRESH, TEA, 5)
        .iter()
        .map(|entry| entry.ended_ms.unwrap() - entry.started_ms)
        .collect();
    assert!(taken.iter().any(|ms| *ms != taken[0]), "by chance: {taken:?}");
}

#[tokio::test]
async fn the_journal_forgets_old_calls_and_keeps_the_counts() {
    let config = hufu::sandbox::SandboxConfig { journal_capacity: 5, ..Default::default() };
    let sandbox = hufu::sandbox::start(config).await.unwrap();
    let http = reqwest::Client::builder().no_proxy().build().unwrap();
    let url = sandbox.url().join("/cgi-bin/token").unwrap();
    for _ in 0..9 {
        http.get(url.clone()).send().await.unwrap();
    }

    let control = sandbox.control();
    assert_eq!(control.journal("", "", 100).len(), 5);
    assert_eq!(control.counts("/cgi-bin/token", "")[0].count.calls, 9);
    sandbox.stop().await;
}
