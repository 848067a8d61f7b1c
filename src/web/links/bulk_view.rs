//! Accounts that wait for their administrators, with the link of each: as rows, as text to copy, as CSV.

use askama::Template;

use crate::clock::Timestamp;
use crate::domain::merchant_link::USUAL_DAYS;
use crate::domain::text::Lang;
use crate::service::bulk_links::Waiting;
use crate::web::csv;
use crate::web::parts::{Avatar, Badge, Pager, name};
use crate::web::samples::{self, NOW};
use crate::web::shell::{Nav, Shell};
use crate::web::when::{Locale, Moment, exact};
use crate::web::words::{Words, fill};

use super::view::{Choice, languages, lives};

pub const PATH: &str = "/links/bulk";

/// What the page is made of.
#[derive(Clone, Debug)]
pub struct Found {
    pub rows: Vec<Waiting>,
    /// The place this page starts after.
    pub here: Option<String>,
    pub next: Option<String>,
    pub has_mail: bool,
}

/// What was pasted, and what is wrong with it.
#[derive(Clone, Debug, Default)]
pub struct Paste {
    pub lines: String,
    pub bad: String,
}

#[derive(Debug, Template)]
#[template(path = "links/bulk.html")]
pub struct BulkView {
    pub shell: Shell,
    pub rows: Vec<BulkRow>,
    pub with_link: usize,
    pub missing: usize,
    pub made: String,
    /// One line each: account, appid, link.
    pub text: String,
    pub csv: String,
    pub lives: Vec<Choice>,
    pub languages: Vec<Choice>,
    pub has_mail: bool,
    pub paste: Paste,
    pub pager: Pager,
}

#[derive(Clone, Debug)]
pub struct BulkRow {
    pub name: String,
    pub appid: String,
    pub href: String,
    pub avatar: Avatar,
    pub badge: Badge,
    pub link: Option<RowLink>,
}

#[derive(Clone, Debug)]
pub struct RowLink {
    pub href: String,
    pub url: String,
    pub ends: Moment,
    pub sent: Option<String>,
}

impl BulkView {
    pub fn new(shell: Shell, now: Timestamp, found: &Found, paste: Paste) -> Self {
        let w = &shell.w.links;
        let with_link = found.rows.iter().filter(|row| row.handed.is_some()).count();
        let at = |after: &Option<String>, path: &str| match after {
            Some(after) => format!("{path}?after={after}"),
            None => path.to_owned(),
        };
        Self {
            rows: found.rows.iter().map(|row| BulkRow::of(row, now, shell.locale())).collect(),
            with_link,
            missing: found.rows.len() - with_link,
            made: fill(w.bulk_state, &[&found.rows.len().to_string(), &with_link.to_string()]),
            text: lines(&found.rows),
            csv: at(&found.here, "/links/bulk.csv"),
            lives: lives(USUAL_DAYS, w),
            languages: languages(None, w),
            has_mail: found.has_mail,
            paste,
            pager: Pager {
                first: found.here.as_ref().map(|_| PATH.to_owned()),
                next: found.next.as_ref().map(|_| at(&found.next, PATH)),
            },
            shell,
        }
    }

    pub fn samples(lang: Lang) -> Vec<(&'static str, Self)> {
        let shell = || Shell { nav: Nav::Links, ..Shell::sample(lang) };
        let links = super::samples::links();
        let accounts = samples::authorizers().into_iter().filter(|one| one.health.needs_a_person());
        let rows: Vec<Waiting> = accounts
            .enumerate()
            .map(|(number, account)| Waiting {
                account,
                handed: links.get(number).filter(|_| number < 2).map(|link| link.handed.clone()),
            })
            .collect();
        let found =
            |rows: &[Waiting], has_mail| Found { rows: rows.to_vec(), here: None, next: None, has_mail };
        let bad = Paste {
            lines: "wxaaaaaaaaaaaaaaaa wang".to_owned(),
            bad: fill(Words::of(lang).links.bulk_bad_line, &["wxaaaaaaaaaaaaaaaa wang"]),
        };
        vec![
            ("none", Self::new(shell(), NOW, &found(&[], true), Paste::default())),
            ("some", Self::new(shell(), NOW, &found(&rows, false), Paste::default())),
            ("refused", Self::new(shell(), NOW, &found(&rows, true), bad)),
        ]
    }
}

impl BulkRow {
    fn of(row: &Waiting, now: Timestamp, locale: Locale) -> Self {
        let account = &row.account;
        let link = row.handed.as_ref().map(|handed| RowLink {
            href: format!("/links/{}", handed.link.id),
            url: handed.url.to_string(),
            ends: Moment::left(handed.link.expires_at, now, locale),
            sent: handed
                .link
                .email
                .as_ref()
                .filter(|_| handed.link.sent_at.is_some())
                .map(ToString::to_string),
        });
        Self {
            name: name(account).to_owned(),
            appid: account.key.authorizer.to_string(),
            href: format!("/authorizers/{}", account.key.authorizer),
            avatar: Avatar::of_authorizer(account),
            badge: Badge::of(account.health, locale.lang),
            link,
        }
    }
}

fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn lines(rows: &[Waiting]) -> String {
    let with_link = rows.iter().filter_map(|row| Some((&row.account, row.handed.as_ref()?)));
    let line = with_link.map(|(account, handed)| {
        format!("{} {} {}", one_line(name(account)), account.key.authorizer, handed.url)
    });
    line.collect::<Vec<_>>().join("\n")
}

/// The same for a spreadsheet.
pub(super) fn sheet(rows: &[Waiting], Locale { lang, zone }: Locale) -> String {
    let w = &Words::of(lang).links;
    let head = [w.csv_name, "AppID", w.state, w.link, w.ends].map(str::to_owned);
    let mut text = format!("{}{}", csv::MARK, csv::line(&head));
    for row in rows {
        let link = row.handed.as_ref();
        text.push_str(&csv::line(&[
            name(&row.account).to_owned(),
            row.account.key.authorizer.to_string(),
            row.account.health.label().get(lang).to_owned(),
            link.map_or_else(String::new, |handed| handed.url.to_string()),
            link.map_or_else(String::new, |handed| exact(handed.link.expires_at, zone)),
        ]));
    }
    text
}
