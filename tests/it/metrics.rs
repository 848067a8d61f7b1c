//! What `/metrics` says, what docs/metrics.md promises and what the sources count are one list.

use std::collections::{BTreeMap, BTreeSet};

use hufu::app::instruments::{self, ALL, Kind};
use hufu::domain::lateness;
use hufu::sandbox::{Fault, FaultKind, NEWCOMER_APPID};

use crate::architecture::sources;
use crate::engine::world::{REFRESH, SHOP, World};

#[test]
fn the_page_of_metrics_has_the_programs_own_table() {
    let page = std::fs::read_to_string("docs/metrics.md").unwrap();
    assert!(
        page.contains(&instruments::table()),
        "docs/metrics.md should have this table:\n{}",
        instruments::table()
    );
}

#[test]
fn instruments_are_in_order_and_named_as_prometheus_wants_it() {
    for pair in ALL.windows(2) {
        assert!(pair[0].name < pair[1].name, "{} stands before {}", pair[0].name, pair[1].name);
    }
    for one in ALL {
        assert!(one.name.starts_with("hufu_") && !one.meaning.is_empty(), "{one:?}");
        assert_eq!(one.name.ends_with("_total"), one.kind == Kind::Counter, "{}", one.name);
        if one.kind.unit() == "seconds" {
            assert!(one.name.ends_with("_seconds"), "{}", one.name);
        }
        let account = |label: &&str| ["account", "authorizer", "appid", "tenant", "user"].contains(label);
        assert!(!one.labels.iter().any(account), "{}: one series for each account", one.name);
        if let Kind::Histogram(buckets) = one.kind {
            assert!(buckets.is_sorted(), "{}", one.name);
        }
    }
}

#[test]
fn lateness_has_the_same_buckets_everywhere() {
    let one = ALL.iter().find(|one| one.name == "hufu_refresh_lateness_seconds").unwrap();
    let Kind::Histogram(buckets) = one.kind else { panic!("{one:?}") };
    let bounds = lateness::BOUNDS.map(|bound| f64::from(u32::try_from(bound).unwrap()));
    assert_eq!(buckets, bounds);
}

/// `counter!("hufu_x"` in the sources.
fn counted() -> BTreeMap<String, BTreeSet<String>> {
    let mut found: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for (path, text) in sources().into_iter().filter(|(path, _)| path != "app/meter.rs") {
        for kind in ["counter", "gauge", "histogram"] {
            for rest in text.split(&format!("{kind}!(")).skip(1) {
                let name = rest.trim_start().strip_prefix('"').and_then(|rest| rest.split('"').next());
                let name = name.unwrap_or_else(|| panic!("src/{path}: a {kind} without a name in the code"));
                found.entry(name.to_owned()).or_default().insert(kind.to_owned());
            }
        }
    }
    found
}

#[test]
fn what_the_sources_count_is_listed_and_what_is_listed_is_counted() {
    let listed: BTreeMap<String, BTreeSet<String>> =
        ALL.iter().map(|one| (one.name.to_owned(), BTreeSet::from([one.kind.as_str().to_owned()]))).collect();
    let counted = counted();
    let missing: Vec<_> = counted.keys().filter(|name| !listed.contains_key(*name)).collect();
    assert!(missing.is_empty(), "not in src/app/instruments.rs: {missing:?}");
    assert_eq!(listed, counted);
}

/// Names and kinds from the lines `# TYPE name kind`.
fn scraped(text: &str) -> BTreeMap<&str, &str> {
    text.lines().filter_map(|line| line.strip_prefix("# TYPE ")?.split_once(' ')).collect()
}

on_both_databases!(the_running_portal_tells_every_metric_that_is_listed_and_no_other, |db| async move {
    let world = World::new(&db).await;
    world.authorize(&world.acme, SHOP).await;
    world.after(6200).await;
    world.control.fault(Fault::on(REFRESH, FaultKind::Errcode { errcode: -1 }).times(1));
    world.after(6200).await;
    world.after(120).await;
    world.control.lose_refresh_token(Some(NEWCOMER_APPID), SHOP).unwrap();
    world.after(6200).await;

    let text = world.portal.browser().get("/metrics").await.body;
    let told: BTreeMap<_, _> =
        scraped(&text).into_iter().filter(|(name, _)| name.starts_with("hufu_")).collect();
    let listed: BTreeMap<_, _> = ALL.iter().map(|one| (one.name, one.kind.as_str())).collect();
    assert_eq!(told, listed);
    for one in ALL {
        assert!(
            text.contains(&format!("# HELP {} {}", one.name, one.meaning)),
            "{} is not described",
            one.name
        );
    }
    let lines = || text.lines().filter(|line| line.starts_with("hufu_"));
    for line in lines() {
        assert!(!line.contains(SHOP) && !line.contains(world.acme.as_str()), "names an account: {line}");
    }
    let late = "hufu_refresh_lateness_seconds_bucket{le=\"1800\"}";
    assert!(lines().any(|line| line.starts_with(late)), "lateness has buckets of its own");
    world.end().await;
});
