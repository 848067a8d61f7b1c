//! Records in bulk: a chain that verifies, of ten people who did the same few things over a hundred days.

use std::fmt::Write as _;

use time::OffsetDateTime;
use time::macros::{format_description, offset};

use crate::domain::audit::{Action, Record};
use crate::domain::ids::TenantId;
use crate::store::audit;

use super::super::failure::Failure;
use super::house::House;
use super::scratch::Raw;

/// Records in one statement: SQLite takes a million bytes.
const AT_ONCE: usize = 500;
const DAY: i64 = 24 * 3600;
const DAYS: i64 = 100;
const PEOPLE: u64 = 10;
/// Records of one account.
const OF_ONE: u64 = 100;
/// What they did.
const DEEDS: [Action; 4] = [
    Action::AuthorizerPaused,
    Action::AuthorizerResumed,
    Action::RefreshRequested,
    Action::ReauthorizationStarted,
];

/// What can be asked of the records of a tenant, as it stands in a page's address.
pub(super) struct Written {
    pub(super) after: String,
    pub(super) who: String,
    pub(super) subject: String,
    pub(super) since: String,
    pub(super) until: String,
}

/// Adds so many records of a tenant to the chain.
pub(super) async fn records(house: &House, of: &TenantId, count: u64) -> Result<Written, Failure> {
    let cx = house.cx();
    let mut tx = cx.store.read().await?;
    let (mut seq, mut hash) = audit::head(&mut tx).await?;
    drop(tx);
    let began = cx.clock.now().unix() - DAYS * DAY;
    let mut raw = house.scratch.connect().await?;
    if matches!(raw, Raw::Sqlite(_)) {
        raw.execute("PRAGMA synchronous = OFF; PRAGMA cache_size = -200000".to_owned()).await?;
    }
    let mut rows: Vec<String> = Vec::with_capacity(AT_ONCE);
    raw.execute("BEGIN".to_owned()).await?;
    for number in 0..count {
        seq += 1;
        let record = record(of, (seq, hash), (number, count), began);
        rows.push(row(&record));
        hash = record.hash;
        if rows.len() == AT_ONCE || number + 1 == count {
            raw.execute(format!("INSERT INTO audit VALUES {}", rows.join(","))).await?;
            rows.clear();
        }
    }
    raw.execute(format!("UPDATE audit_head SET seq = {seq}, hash = '{hash}'; COMMIT")).await?;
    if house.scratch.is_postgres() {
        // As autovacuum would have left it.
        raw.execute("VACUUM (ANALYZE) audit".to_owned()).await?;
    }
    let deep = began + DAYS * DAY / 10;
    Ok(Written {
        after: format!("{deep}.{seq}"),
        who: person(of, 3),
        subject: account(of, count / OF_ONE / 2),
        since: day(began + 45 * DAY),
        until: day(began + 54 * DAY),
    })
}

/// A record's columns, in the order of the table.
fn row(record: &Record) -> String {
    let text = |text: &Option<String>| text.as_ref().map_or("NULL".to_owned(), |text| format!("'{text}'"));
    let Record {
        seq, at, actor_kind, trace, action, subject_kind, subject_id, detail, prev_hash, hash, ..
    } = record;
    let mut sql = format!("({seq},{at},{},'{actor_kind}',{},", text(&record.tenant), text(&record.actor_id));
    let _ = write!(sql, "{},{},'{trace}','{action}',", text(&record.actor_name), text(&record.address));
    let _ = write!(sql, "'{subject_kind}','{subject_id}',{},", text(&record.subject_name));
    let _ = write!(sql, "'{detail}','{prev_hash}','{hash}')");
    sql
}

fn record(of: &TenantId, (seq, prev_hash): (i64, String), (number, count): (u64, u64), began: i64) -> Record {
    let at =
        |number: u64| i64::try_from(number).unwrap_or(0) * DAYS * DAY / i64::try_from(count).unwrap_or(1);
    let deed = usize::try_from(number / PEOPLE).unwrap_or(0) % DEEDS.len();
    // One thing is done once, by nobody in particular.
    let action = if number == 0 { Action::TenantRenamed } else { DEEDS[deed] };
    let mut record = Record {
        seq,
        at: began + at(number),
        tenant: Some(of.to_string()),
        actor_kind: "user".to_owned(),
        actor_id: Some(person(of, number % PEOPLE)),
        actor_name: Some(format!("person{}@example.com", number % PEOPLE)),
        address: Some("203.0.113.7".to_owned()),
        trace: format!("{number:016x}"),
        action: action.as_str().to_owned(),
        subject_kind: "authorizer".to_owned(),
        subject_id: account(of, number / OF_ONE),
        subject_name: None,
        detail: r#"{"state":"healthy"}"#.to_owned(),
        prev_hash,
        hash: String::new(),
    };
    record.hash = record.computed_hash();
    record
}

fn person(of: &TenantId, number: u64) -> String {
    format!("u-{of}-{number}")
}

fn account(of: &TenantId, number: u64) -> String {
    format!("wx-{of}-{number}")
}

/// As browsers write days.
fn day(at: i64) -> String {
    let at = OffsetDateTime::from_unix_timestamp(at).unwrap_or(OffsetDateTime::UNIX_EPOCH);
    at.to_offset(offset!(+8)).format(format_description!("[year]-[month]-[day]")).unwrap_or_default()
}
