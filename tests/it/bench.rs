//! `hufu bench`, small: each bench runs to its end on either database, names its ceiling, and leaves nothing behind.
//! The figures themselves are judged by nobody: this is a debug build on a busy machine.

use std::process::{Command, Output};

use serde_json::Value;

use crate::harness::{Database, Kind};

fn bench(db: &Database, arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_hufu"));
    command.env_clear().arg("bench").args(arguments).args(["--seconds", "1", "--json", "-"]);
    if db.kind == Kind::Postgres {
        // The server alone: the bench makes a database of its own.
        command.args(["--database-url", db.url().split('?').next().unwrap()]);
    }
    command.output().unwrap()
}

/// What it found, after it has ended well.
async fn found(db: &Database, arguments: &'static [&'static str]) -> Value {
    let db = db.clone();
    let output = tokio::task::spawn_blocking(move || bench(&db, arguments)).await.unwrap();
    let (out, err) = (String::from_utf8(output.stdout).unwrap(), String::from_utf8(output.stderr).unwrap());
    assert!(output.status.success(), "{err}{out}");
    serde_json::from_str(&out).unwrap_or_else(|error| panic!("{error}: {out}"))
}

fn above_nothing(line: &Value) {
    assert!(line["figure"].as_f64().unwrap() > 0.0, "{line}");
}

on_both_databases!(refreshes_are_measured_against_the_bare_client, |db| async {
    let json = found(&db, &["refresh", "--accounts", "200", "--latency-ms", "0,20"]).await;

    assert_eq!(json["setup"]["concurrency"], 32);
    assert_eq!(json["setup"]["database"].as_str().unwrap().starts_with("sqlite"), db.kind == Kind::Sqlite);
    assert_eq!(json["meaningful"], false, "a debug build means nothing: {json}");
    for (line, what) in [(0, "refreshes, 0 ms latency"), (1, "refreshes, 20 ms latency")] {
        let line = &json["lines"][line];
        assert_eq!(line["what"], what);
        above_nothing(line);
        assert!(line["ceiling"].as_f64().unwrap() > 0.0, "{line}");
    }
});

/// The line that begins so.
fn line<'j>(json: &'j Value, what: &str) -> &'j Value {
    let lines = json["lines"].as_array().unwrap();
    lines
        .iter()
        .find(|line| line["what"].as_str().unwrap().starts_with(what))
        .unwrap_or_else(|| panic!("{json}"))
}

on_both_databases!(pushes_are_taken_in_and_their_cost_is_set_against_the_cryptography, |db| async {
    let json = found(&db, &["push", "--pushes", "300", "--concurrency", "4"]).await;

    above_nothing(line(&json, "tickets taken in"));
    assert!(line(&json, "processor time of a push")["ceiling"].as_f64().unwrap() > 0.0);
});

on_both_databases!(pages_of_every_size_are_measured_against_the_smallest, |db| async {
    let json = found(&db, &["list", "--rows", "60,2500"]).await;

    for what in
        ["60 rows: overview", "2500 rows: page at 90 %", "2500 rows: state retrying", "2560 rows: platform"]
    {
        above_nothing(line(&json, what));
    }
    assert_eq!(line(&json, "60 rows: first page")["ratio"], 1.0);
});

on_both_databases!(an_audit_of_every_length_is_measured_against_the_shortest, |db| async {
    let json = found(&db, &["audit", "--records", "60,1300"]).await;

    for what in ["1300 of a tenant: page at 90 %", "1360 in all: subject", "1300 of 1360: who and action"] {
        above_nothing(line(&json, what));
    }
    above_nothing(line(&json, "1360 in all: export as CSV"));
    above_nothing(line(&json, "1360 in all: verify"));
});

on_both_databases!(a_full_database_is_set_against_an_empty_one, |db| async {
    let json = found(&db, &["size", "--accounts", "2000"]).await;

    above_nothing(line(&json, "on the disk, of each account"));
    above_nothing(line(&json, "from its start to ready"));
});

#[tokio::test]
async fn a_day_in_virtual_time_keeps_every_token_alive_on_time_and_without_needless_calls() {
    let json = tokio::task::spawn_blocking(|| {
        let arguments = ["bench", "plan", "--accounts", "100", "--hours", "24", "--json", "-"];
        let output = Command::new(env!("CARGO_BIN_EXE_hufu")).env_clear().args(arguments).output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        serde_json::from_slice::<Value>(&output.stdout).unwrap()
    })
    .await
    .unwrap();

    let ratio = |what| line(&json, what)["ratio"].as_f64().unwrap();
    assert!(ratio("least life") >= 1.0, "{json}");
    assert!((0.95..1.05).contains(&ratio("calls")), "{json}");
    assert!(ratio("lateness, p99") < 1.0, "{json}");
    assert_eq!(line(&json, "accounts that are not healthy")["figure"], 0.0, "{json}");
}

on_both_databases!(tokens_handed_out_are_set_against_a_plain_answer, |db| async {
    let json = found(&db, &["hand-out", "--accounts", "20", "--concurrency", "4"]).await;

    above_nothing(line(&json, "tokens handed out"));
    assert!(line(&json, "tokens handed out")["ceiling"].as_f64().unwrap() > 0.0);
    above_nothing(line(&json, "p99"));
});
