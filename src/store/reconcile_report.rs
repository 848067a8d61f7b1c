//! What the last comparison with WeChat's list found, and what was learned since.

use crate::clock::Timestamp;
use crate::domain::finding::Finding;
use crate::domain::ids::{AuthorizerAppid, ComponentAppid};

use super::{Reader, StoreError, Writer};

/// So many accounts are named for each finding; all are counted.
pub const EXAMPLES: usize = 10;
/// As long as the examples' text may become.
const LONGEST: i64 = 300;

/// One comparison.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Report {
    pub at: Timestamp,
    /// Accounts in WeChat's list.
    pub listed: i64,
    /// Accounts in ours.
    pub known: i64,
    pub tallies: Vec<Tally>,
}

/// How many accounts a finding concerns.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tally {
    pub finding: Finding,
    pub accounts: i64,
    pub examples: Vec<AuthorizerAppid>,
}

/// Replaces a component's report. What was learned since the one before belongs to the new one.
pub async fn put(tx: &mut Writer, component: &ComponentAppid, report: &Report) -> Result<(), StoreError> {
    on!(tx, |c| {
        sqlx::query(
            "INSERT INTO reconcile_report (component_appid, at, listed, known) VALUES ($1, $2, $3, $4) \
             ON CONFLICT (component_appid) DO UPDATE SET at = excluded.at, listed = excluded.listed, \
             known = excluded.known",
        )
        .bind(component.as_str())
        .bind(report.at.unix())
        .bind(report.listed)
        .bind(report.known)
        .execute(c)
        .await
        .map(|_| ())
    })?;
    on!(tx, |c| {
        sqlx::query("DELETE FROM reconcile_finding WHERE component_appid = $1 AND NOT is_new")
            .bind(component.as_str())
            .execute(c)
            .await
            .map(|_| ())
    })?;
    on!(tx, |c| {
        sqlx::query("UPDATE reconcile_finding SET is_new = FALSE WHERE component_appid = $1")
            .bind(component.as_str())
            .execute(c)
            .await
            .map(|_| ())
    })?;
    for tally in &report.tallies {
        insert(tx, component, tally).await?;
    }
    Ok(())
}

async fn insert(tx: &mut Writer, component: &ComponentAppid, tally: &Tally) -> Result<(), StoreError> {
    let examples: Vec<&str> = tally.examples.iter().map(AuthorizerAppid::as_str).collect();
    on!(tx, |c| {
        sqlx::query(
            "INSERT INTO reconcile_finding (component_appid, finding, is_new, accounts, examples) \
             VALUES ($1, $2, FALSE, $3, $4) ON CONFLICT (component_appid, finding, is_new) DO UPDATE SET \
             accounts = reconcile_finding.accounts + excluded.accounts, examples = excluded.examples",
        )
        .bind(component.as_str())
        .bind(tally.finding.as_str())
        .bind(tally.accounts)
        .bind(examples.join(" "))
        .execute(c)
        .await
        .map(|_| ())
    })?;
    Ok(())
}

/// Adds what was learned about one account between two comparisons.
pub async fn add(
    tx: &mut Writer,
    component: &ComponentAppid,
    finding: Finding,
    example: &AuthorizerAppid,
) -> Result<(), StoreError> {
    on!(tx, |c| {
        sqlx::query(
            "INSERT INTO reconcile_finding (component_appid, finding, is_new, accounts, examples) \
             VALUES ($1, $2, TRUE, 1, $3) ON CONFLICT (component_appid, finding, is_new) DO UPDATE SET \
             accounts = reconcile_finding.accounts + 1, examples = CASE WHEN LENGTH(reconcile_finding.examples) > $4 \
             THEN reconcile_finding.examples ELSE reconcile_finding.examples || ' ' || excluded.examples END",
        )
        .bind(component.as_str())
        .bind(finding.as_str())
        .bind(example.as_str())
        .bind(LONGEST)
        .execute(c)
        .await
        .map(|_| ())
    })?;
    Ok(())
}

/// The last comparison of a component, with what was learned since.
pub async fn find(tx: &mut Reader, component: &ComponentAppid) -> Result<Option<Report>, StoreError> {
    let head: Option<(i64, i64, i64)> = on!(tx, |c| {
        sqlx::query_as("SELECT at, listed, known FROM reconcile_report WHERE component_appid = $1")
            .bind(component.as_str())
            .fetch_optional(c)
            .await
    })?;
    let Some((at, listed, known)) = head else { return Ok(None) };
    let rows: Vec<(String, i64, String)> = on!(tx, |c| {
        sqlx::query_as(
            "SELECT finding, accounts, examples FROM reconcile_finding WHERE component_appid = $1 \
             ORDER BY finding, is_new",
        )
        .bind(component.as_str())
        .fetch_all(c)
        .await
    })?;
    let mut tallies: Vec<Tally> = Vec::new();
    for (finding, accounts, examples) in rows {
        // One that an older version does not know is left out.
        let Some(finding) = Finding::from_name(&finding) else { continue };
        let named = examples.split(' ').filter_map(|appid| AuthorizerAppid::parse(appid).ok());
        match tallies.last_mut().filter(|last| last.finding == finding) {
            Some(last) => {
                last.accounts += accounts;
                last.examples.extend(named);
            }
            None => tallies.push(Tally { finding, accounts, examples: named.collect() }),
        }
    }
    for tally in &mut tallies {
        tally.examples.truncate(EXAMPLES);
    }
    tallies.sort_by_key(|tally| tally.finding);
    Ok(Some(Report { at: Timestamp::from_unix(at), listed, known, tallies }))
}
