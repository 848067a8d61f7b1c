//! What the last comparison with WeChat's list found, ready to print.

use crate::clock::Timestamp;
use crate::domain::finding::Finding;
use crate::domain::ids::{AuthorizerAppid, ComponentAppid};
use crate::domain::text::Lang;
use crate::store::reconcile_report::{Report, Tally};
use crate::web::samples::{NOW, ago};
use crate::web::when::{Locale, Moment};
use crate::web::words::{Words, fill};

/// The card on a component's page.
#[derive(Clone, Debug)]
pub struct ReportCard {
    pub at: Moment,
    /// `微信列表 200 个，本系统 198 个`.
    pub counts: String,
    pub rows: Vec<ReportRow>,
}

/// One finding.
#[derive(Clone, Debug)]
pub struct ReportRow {
    pub label: &'static str,
    pub note: &'static str,
    pub accounts: i64,
    /// AppID and the page of the account.
    pub examples: Vec<(String, String)>,
    /// `另有 12 个`.
    pub more: Option<String>,
}

impl ReportCard {
    pub fn of(report: &Report, component: &ComponentAppid, now: Timestamp, locale: Locale) -> Self {
        let (lang, w) = (locale.lang, &Words::of(locale.lang).admin.component);
        let counts = fill(w.report_counts, &[&report.listed.to_string(), &report.known.to_string()]);
        let row = |tally: &Tally| ReportRow::of(tally, component, lang);
        Self {
            at: Moment::of(report.at, now, locale),
            counts,
            rows: report.tallies.iter().filter(|tally| tally.accounts > 0).map(row).collect(),
        }
    }

    /// With a difference of each kind, or with none.
    pub fn sample(differs: bool, lang: Lang) -> Option<Self> {
        let component = ComponentAppid::parse("wx2222222222222222").ok()?;
        let tally = |(finding, count): (&Finding, usize)| {
            let appid = |number| AuthorizerAppid::parse(&format!("wx00000000000000{number:02}")).ok();
            Tally {
                finding: *finding,
                accounts: i64::try_from(count).unwrap_or(0),
                examples: (1..=count.min(10)).filter_map(appid).collect(),
            }
        };
        let counts = [3, 1, 2, 1, 4, 23, 1];
        let tallies = Finding::ALL.iter().zip(counts).map(tally).collect();
        let report = Report {
            at: ago(400),
            listed: 1204,
            known: 1201,
            tallies: if differs { tallies } else { Vec::new() },
        };
        Some(Self::of(&report, &component, NOW, Locale { lang, ..Locale::default() }))
    }
}

impl ReportRow {
    fn of(tally: &Tally, component: &ComponentAppid, lang: Lang) -> Self {
        let w = &Words::of(lang).admin.component;
        // Accounts that we do not know have no page.
        let place = |appid: &AuthorizerAppid| match tally.finding {
            Finding::MissingHere => "/admin/unclaimed".to_owned(),
            _ => format!("/admin/authorizers/{component}/{appid}"),
        };
        let more = tally.accounts - i64::try_from(tally.examples.len()).unwrap_or(0);
        Self {
            label: tally.finding.label().get(lang),
            note: tally.finding.note().get(lang),
            accounts: tally.accounts,
            examples: tally.examples.iter().map(|appid| (appid.to_string(), place(appid))).collect(),
            more: (more > 0).then(|| fill(w.report_more, &[&more.to_string()])),
        }
    }
}
