//! `hufu bench audit`: the audit's pages, its export and its verification through the real web server, for audits of very
//! different length. Every figure is set against the same of the shortest.

use std::net::SocketAddr;
use std::time::Duration;

use clap::Args;

use crate::clock::Clock;
use crate::domain::ids::TenantId;
use crate::service::verify_audit;

use super::super::failure::Failure;
use super::audit_seed::{self, Written};
use super::house::House;
use super::http::{self, Connection};
use super::list::{page, sign_in};
use super::report::{Line, Report, number, per_second};
use super::{Common, process};

#[derive(Args, Clone, Debug)]
pub(in crate::cli) struct Audit {
    #[command(flatten)]
    pub(super) common: Common,
    /// How many records a tenant has, the fewest first.
    #[arg(long, value_name = "RECORDS", value_delimiter = ',', default_values_t = [1_000, 100_000, 1_000_000])]
    records: Vec<u64>,
}

/// What is asked for: what it is called, and the query. Words in capitals stand for something that was written.
const QUERIES: [(&str, &str); 13] = [
    ("first page", ""),
    ("page at 90 %", "after=AFTER"),
    ("action", "action=authorizer.paused"),
    ("action, one found", "action=tenant.renamed"),
    ("action, none found", "action=tenant.purged"),
    ("who", "who=WHO"),
    ("who, nobody", "who=nobody-has-this-id"),
    ("who and action", "who=WHO&action=authorizer.paused"),
    ("who and action, none found", "who=WHO&action=tenant.renamed"),
    ("subject", "subject=SUBJECT"),
    ("subject and action, none found", "subject=SUBJECT&action=tenant.renamed"),
    ("ten days", "since=SINCE&until=UNTIL"),
    ("who, in ten days", "who=WHO&since=SINCE&until=UNTIL"),
];

pub(super) async fn run(args: Audit) -> Result<Report, Failure> {
    let house = House::build(args.common.database_url.as_deref(), &[]).await?;
    let mut report = Report::new("audit", house.scratch.describe());
    report.setup("records", args.records.clone());
    report.setup("concurrency", 1);
    report.setup("ceiling", "the same of the shortest audit");
    house.inhabit(async |house| measure(&mut report, house, &args).await).await?;
    Ok(report)
}

/// Figures of the shortest audit, in the order in which they are taken.
#[derive(Default)]
struct First(Vec<f64>);

impl First {
    fn of(&mut self, place: usize, figure: f64) -> f64 {
        if self.0.len() <= place {
            self.0.push(figure);
        }
        self.0.get(place).copied().unwrap_or(figure)
    }
}

async fn measure(report: &mut Report, house: &House, args: &Audit) -> Result<(), Failure> {
    let (address, span) = (house.address()?, args.common.span() / 10);
    let (mut first, mut all) = (First::default(), 0);
    sign_in(house, address, ("admin", None)).await?;
    for records in &args.records {
        let slug = format!("records-{records}");
        let tenant = house.tenant(&slug).await?;
        let written = audit_seed::records(house, &tenant, *records).await?;
        all += records;
        let member = sign_in(house, address, (&slug, Some(&tenant))).await?;
        let admin = http::sign_in(address, ("admin@example.com", super::list::PASSWORD)).await?;
        let mut place = 0;
        for (path, cookie, of) in places(&tenant, (&member, &admin), (*records, all)) {
            for (what, query) in QUERIES {
                let took = page(address, (&written.fill(path.as_str(), query), cookie), span).await?;
                let line = Line::new(format!("{of}: {what}"), took, "ms");
                report.line(line.against(first.of(place, took), "≤ 1.5"));
                place += 1;
            }
        }
        let export = export(address, &admin).await?;
        let verify = verify(house).await?;
        for (what, figure, unit, aim) in [
            ("export as CSV", export.rate, "/s", "≥ 0.67"),
            ("export, memory besides", export.memory, "MB", ""),
            ("verify", verify, "/s", "≥ 0.67"),
        ] {
            let line = Line::new(format!("{all} in all: {what}"), figure, unit);
            report.line(line.against(first.of(place, figure), aim));
            place += 1;
        }
    }
    Ok(())
}

/// Each page whose list is asked for, with who asks and what it is called.
fn places<'c>(
    tenant: &TenantId,
    (member, admin): (&'c str, &'c str),
    (records, all): (u64, u64),
) -> [(String, &'c str, String); 3] {
    [
        ("/audit?".to_owned(), member, format!("{records} of a tenant")),
        ("/admin/audit?".to_owned(), admin, format!("{all} in all")),
        (format!("/admin/audit?tenant={tenant}&"), admin, format!("{records} of {all}")),
    ]
}

impl Written {
    fn fill(&self, path: &str, query: &str) -> String {
        let query = query.replace("AFTER", &self.after).replace("WHO", &self.who);
        let query = query.replace("SUBJECT", &self.subject);
        format!("{path}{}", query.replace("SINCE", &self.since).replace("UNTIL", &self.until))
    }
}

struct Exported {
    /// Records a second.
    rate: f64,
    /// The most that the process grew by, in megabytes.
    memory: f64,
}

/// The whole audit as a file that nobody keeps.
async fn export(address: SocketAddr, cookie: &str) -> Result<Exported, Failure> {
    let mut connection = Connection::open(address).await?;
    let page = connection.send(&http::get("/admin/audit", cookie)).await?;
    let csrf = http::csrf(&page.body).ok_or_else(|| Failure::sentence("the audit's page has no form"))?;
    let headers = format!("{cookie}content-type: application/x-www-form-urlencoded\r\n");
    let request = http::post("/admin/audit/export", &headers, &format!("csrf={csrf}&format=csv"));
    let before = process::memory("self").unwrap_or(0);
    let (mut lines, mut most, watch) = (0, before, Clock::stopwatch());
    let status = connection
        .swallow(&request, |chunk| {
            lines += u64::try_from(chunk.iter().filter(|byte| **byte == b'\n').count()).unwrap_or(0);
            most = most.max(process::memory("self").unwrap_or(0));
        })
        .await?;
    if status != 200 || lines < 2 {
        return Err(Failure::sentence(format!("the export answers {status} with {lines} lines")));
    }
    let memory = number(most.saturating_sub(before)) / 1e6;
    Ok(Exported { rate: per_second(lines - 1, watch.elapsed()), memory })
}

/// Records a second; every one has to be in order.
async fn verify(house: &House) -> Result<f64, Failure> {
    let watch = Clock::stopwatch();
    let verdict = verify_audit::run(house.cx()).await.map_err(Failure::other)?;
    let took: Duration = watch.elapsed();
    match verdict.faults.first() {
        Some(fault) => Err(Failure::sentence(format!("the bench wrote a broken audit: {fault}"))),
        None => Ok(per_second(verdict.records, took)),
    }
}
