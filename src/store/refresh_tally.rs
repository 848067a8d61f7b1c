//! How refreshes ended, added up by the hour, so that a chart of a day reads a few hundred rows and not a million
//! attempts.

use std::collections::BTreeMap;
use std::time::Duration;

use crate::clock::Timestamp;
use crate::domain::errcode::Class;
use crate::domain::ids::{ComponentAppid, TenantId};
use crate::domain::lateness::Lateness;

use super::attempt::Outcome;
use super::{Reader, StoreError, Writer};

const HOUR: i64 = 3600;
/// 16 values each; both databases take more than 30,000 in one statement.
const ROWS_AT_ONCE: usize = 500;

/// One attempt that ended.
#[derive(Clone, Debug)]
pub struct Tally {
    pub tenant: TenantId,
    pub component: ComponentAppid,
    pub ended_at: Timestamp,
    pub outcome: Outcome,
    pub class: Option<Class>,
    /// How long after its plan it began, when that is known.
    pub late: Option<Duration>,
}

/// Adds attempts to their hours. The rows are shared by all processes: call it last in a transaction, so that nobody
/// waits for them longer than a commit takes. They are touched in one order, so that no two callers block each other.
pub async fn add(tx: &mut Writer, tallies: &[Tally]) -> Result<(), StoreError> {
    let sums: Vec<_> = sums(tallies).into_iter().collect();
    for rows in sums.chunks(ROWS_AT_ONCE) {
        upsert(tx, rows).await?;
    }
    Ok(())
}

type Key<'a> = (&'a str, i64, &'a str, &'static str, &'static str);

fn sums(tallies: &[Tally]) -> BTreeMap<Key<'_>, (i64, Lateness)> {
    let mut sums = BTreeMap::new();
    for one in tallies {
        let hour = one.ended_at.unix().div_euclid(HOUR) * HOUR;
        let class = one.class.map_or(NO_CLASS, Class::as_str);
        let key = (one.tenant.as_str(), hour, one.component.as_str(), one.outcome.as_str(), class);
        let (count, late): &mut (i64, Lateness) = sums.entry(key).or_default();
        *count += 1;
        late.add(&one.late.map(Lateness::of).unwrap_or_default());
    }
    sums
}

async fn upsert(tx: &mut Writer, rows: &[(Key<'_>, (i64, Lateness))]) -> Result<(), StoreError> {
    on!(tx, |c| {
        let mut query = sqlx::QueryBuilder::new(
            "INSERT INTO refresh_tally (tenant_id, hour, component_appid, outcome, class, count, late_1, late_2, \
             late_5, late_10, late_30, late_60, late_300, late_1800, late_more, late_max) ",
        );
        query.push_values(rows, |mut row, ((tenant, hour, component, outcome, class), (count, late))| {
            row.push_bind(*tenant).push_bind(*hour).push_bind(*component).push_bind(*outcome);
            row.push_bind(*class).push_bind(*count);
            for bucket in late.counts {
                row.push_bind(bucket);
            }
            row.push_bind(late.max);
        });
        query.push(
            " ON CONFLICT (tenant_id, hour, component_appid, outcome, class) DO UPDATE SET \
             count = refresh_tally.count + excluded.count, late_1 = refresh_tally.late_1 + excluded.late_1, \
             late_2 = refresh_tally.late_2 + excluded.late_2, late_5 = refresh_tally.late_5 + excluded.late_5, \
             late_10 = refresh_tally.late_10 + excluded.late_10, \
             late_30 = refresh_tally.late_30 + excluded.late_30, \
             late_60 = refresh_tally.late_60 + excluded.late_60, \
             late_300 = refresh_tally.late_300 + excluded.late_300, \
             late_1800 = refresh_tally.late_1800 + excluded.late_1800, \
             late_more = refresh_tally.late_more + excluded.late_more, late_max = \
             CASE WHEN excluded.late_max > refresh_tally.late_max THEN excluded.late_max ELSE refresh_tally.late_max END",
        );
        // Every number of rows is a text of its own: not worth a place among the prepared ones.
        query.build().persistent(false).execute(c).await.map(|_| ())
    })?;
    Ok(())
}

/// What ended in one way within one hour.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hour {
    /// Its beginning.
    pub at: Timestamp,
    pub outcome: Outcome,
    pub class: Option<Class>,
    pub count: i64,
    pub late: Lateness,
}

macro_rules! hours {
    ($which:literal) => {
        concat!(
            "SELECT hour, outcome, class, CAST(SUM(count) AS BIGINT) AS count, ",
            "CAST(SUM(late_1) AS BIGINT) AS late_1, CAST(SUM(late_2) AS BIGINT) AS late_2, ",
            "CAST(SUM(late_5) AS BIGINT) AS late_5, CAST(SUM(late_10) AS BIGINT) AS late_10, ",
            "CAST(SUM(late_30) AS BIGINT) AS late_30, CAST(SUM(late_60) AS BIGINT) AS late_60, ",
            "CAST(SUM(late_300) AS BIGINT) AS late_300, CAST(SUM(late_1800) AS BIGINT) AS late_1800, ",
            "CAST(SUM(late_more) AS BIGINT) AS late_more, MAX(late_max) AS late_max FROM refresh_tally WHERE ",
            $which,
            " GROUP BY hour, outcome, class ORDER BY hour, outcome, class"
        )
    };
}

/// The hours of one tenant that began at `since` or later, oldest first; hours without refreshes are left out.
pub async fn of_tenant(
    tx: &mut Reader,
    tenant: &TenantId,
    since: Timestamp,
) -> Result<Vec<Hour>, StoreError> {
    let rows: Vec<Row> = on!(tx, |c| {
        sqlx::query_as(hours!("tenant_id = $1 AND hour >= $2"))
            .bind(tenant.as_str())
            .bind(since.unix())
            .fetch_all(c)
            .await
    })?;
    rows.into_iter().map(Hour::try_from).collect()
}

/// As [`of_tenant`] over all tenants.
pub async fn of_all(tx: &mut Reader, since: Timestamp) -> Result<Vec<Hour>, StoreError> {
    let rows: Vec<Row> =
        on!(tx, |c| sqlx::query_as(hours!("hour >= $1")).bind(since.unix()).fetch_all(c).await)?;
    rows.into_iter().map(Hour::try_from).collect()
}

/// Forgets hours that began before `before`. Returns how many rows there were.
pub async fn forget_old(tx: &mut Writer, before: Timestamp) -> Result<u64, StoreError> {
    Ok(on!(tx, |c| {
        sqlx::query("DELETE FROM refresh_tally WHERE hour < $1")
            .bind(before.unix())
            .execute(c)
            .await
            .map(|done| done.rows_affected())
    })?)
}

const NO_CLASS: &str = "none";

#[derive(sqlx::FromRow)]
struct Row {
    hour: i64,
    outcome: String,
    class: String,
    count: i64,
    late_1: i64,
    late_2: i64,
    late_5: i64,
    late_10: i64,
    late_30: i64,
    late_60: i64,
    late_300: i64,
    late_1800: i64,
    late_more: i64,
    late_max: i64,
}

impl TryFrom<Row> for Hour {
    type Error = StoreError;

    fn try_from(row: Row) -> Result<Self, StoreError> {
        let corrupt = |column| StoreError::corrupt("refresh_tally", column, row.hour.to_string());
        let class = match row.class.as_str() {
            NO_CLASS => None,
            name => Some(Class::from_name(name).ok_or_else(|| corrupt("class"))?),
        };
        Ok(Self {
            at: Timestamp::from_unix(row.hour),
            outcome: Outcome::from_name(&row.outcome).ok_or_else(|| corrupt("outcome"))?,
            class,
            count: row.count,
            late: Lateness {
                counts: [
                    row.late_1,
                    row.late_2,
                    row.late_5,
                    row.late_10,
                    row.late_30,
                    row.late_60,
                    row.late_300,
                    row.late_1800,
                    row.late_more,
                ],
                max: row.late_max,
            },
        })
    }
}
