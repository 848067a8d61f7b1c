//! Moments by the clock of whoever reads them.

use hufu::domain::role::Role;

use crate::harness::Portal;

on_both_databases!(a_person_reads_times_by_the_clock_of_their_zone, |db| async {
    let portal = Portal::start(&db).await;
    let acme = portal.tenant("acme").await;
    for name in ["chen", "wang"] {
        portal.user(name, Some((&acme, Role::Owner))).await;
    }
    let mut chen = portal.signed_in("chen").await;
    let before = chen.get("/account/sessions").await.body;
    assert!(before.contains("2027-01-15 16:00:00 UTC+8") && before.contains("北京时间"), "{before}");

    chen.get("/account").await;
    let fields = |zone| [("name", "chen"), ("language", "zh"), ("zone", zone)];
    let wrong = chen.post("/account", &fields("Mars/Olympus")).await;
    assert_eq!(wrong.status, 422);
    assert!(wrong.body.contains("没有这个时区"), "{}", wrong.body);
    assert_eq!(chen.post("/account", &fields("America/New_York")).await.status, 303);
    chen.get("/account").await;
    assert_eq!(chen.post("/account", &fields("")).await.status, 303, "a form without it changes nothing");

    let after = chen.get("/account/sessions").await.body;
    assert!(after.contains("2027-01-15 03:00:00 UTC-5") && after.contains("America/New_York"), "{after}");
    assert!(after.contains("datetime=\"2027-01-15T03:00:00-05:00\""));
    let csv = chen.post("/audit/export", &[("format", "csv")]).await.body;
    assert!(csv.contains("\"2027-01-15T03:00:00-05:00\""), "{csv}");
    let json = chen.post("/audit/export", &[("format", "json")]).await.body;
    assert!(json.contains("\"at\":1800000000") && !json.contains("-05:00"), "{json}");
    let page = chen.get("/account").await.body;
    assert!(page.contains("<option value=\"America/New_York\" selected>America/New_York (UTC-5)"), "{page}");
    assert_eq!(page.matches(" selected>").count(), 2, "one language and one zone");
    let colleague = portal.signed_in("wang").await.get("/account/sessions").await.body;
    assert!(colleague.contains("UTC+8"), "everybody has a clock of their own");
    portal.stop().await;
});
