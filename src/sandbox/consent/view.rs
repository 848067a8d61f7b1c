//! The consent pages as HTML. They work without scripts; names and ids of the form's parts are stable.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use askama::Template;

use super::Variant;
use super::check::{Offer, OfferedSet};
use super::problem::Problem;
use super::words::{CHINESE, ENGLISH, Words};
use crate::sandbox::account::AccountKind;
use crate::sandbox::sets;

#[derive(Template)]
#[template(path = "sandbox/consent.html")]
struct ConsentPage<'a> {
    words: &'a Words,
    lang: &'a str,
    phone: bool,
    offer: &'a Offer,
    accounts: Vec<AccountRow<'a>>,
    groups: Vec<SetGroup>,
}

struct AccountRow<'a> {
    appid: &'a str,
    name: &'a str,
    kind: &'a str,
    kind_code: &'a str,
    principal: &'a str,
    granted: bool,
    first: bool,
}

/// The sets of one kind of account; only the group of the chosen account's kind is shown.
struct SetGroup {
    kind_code: &'static str,
    title: &'static str,
    sets: Vec<SetRow>,
}

struct SetRow {
    id: u32,
    name: String,
    exclusive: bool,
}

#[derive(Template)]
#[template(path = "sandbox/consent_end.html")]
struct EndPage<'a> {
    words: &'a Words,
    lang: &'a str,
    good: bool,
    title: &'a str,
    text: &'a str,
    hint: &'a str,
}

const fn words(english: bool) -> (&'static Words, &'static str) {
    if english { (&ENGLISH, "en") } else { (&CHINESE, "zh-CN") }
}

pub fn offer(offer: &Offer) -> HttpResponse {
    let (words, lang) = words(offer.english);
    let kinds =
        AccountKind::ALL.into_iter().filter(|kind| offer.accounts.iter().any(|row| row.kind == *kind));
    let accounts = offer.accounts.iter().enumerate().map(|(at, row)| AccountRow {
        appid: &row.appid,
        name: &row.name,
        kind: kind_name(row.kind, offer.english),
        kind_code: row.kind.code(),
        principal: &row.principal,
        granted: row.granted,
        first: at == 0,
    });
    html(&ConsentPage {
        words,
        lang,
        phone: offer.variant == Variant::H5,
        offer,
        accounts: accounts.collect(),
        groups: kinds.map(|kind| group(kind, &offer.sets, offer.english)).collect(),
    })
}

fn group(kind: AccountKind, offered: &[OfferedSet], english: bool) -> SetGroup {
    let fits = |set: &&OfferedSet| sets::fits(set.id, kind);
    let row =
        |set: &OfferedSet| SetRow { id: set.id, name: set_name(set.id, english), exclusive: set.exclusive };
    SetGroup {
        kind_code: kind.code(),
        title: kind_name(kind, english),
        sets: offered.iter().filter(fits).map(row).collect(),
    }
}

const fn kind_name(kind: AccountKind, english: bool) -> &'static str {
    if english { kind.en() } else { kind.zh() }
}

pub fn set_name(id: u32, english: bool) -> String {
    match sets::find(id) {
        Some(set) => (if english { set.en } else { set.zh }).to_owned(),
        None if english => format!("Permission set {id}"),
        None => format!("权限集 {id}"),
    }
}

pub fn problem(problem: &Problem, english: bool) -> HttpResponse {
    let (words, _) = words(english);
    end(english, false, words.refused_title, &problem.words(english), words.refused_hint)
}

pub fn rejected(english: bool) -> HttpResponse {
    let (words, _) = words(english);
    end(english, false, words.rejected_title, words.rejected_text, "")
}

/// The grant is made, and the browser is not sent back on purpose.
pub fn stayed(account: &str, taken: &str, english: bool) -> HttpResponse {
    let (words, _) = words(english);
    let hint = if taken.is_empty() { String::new() } else { format!("{}{taken}", words.taken) };
    end(english, true, words.stayed_title, &format!("{}{}", words.stayed_text, account), &hint)
}

fn end(english: bool, good: bool, title: &str, text: &str, hint: &str) -> HttpResponse {
    let (words, lang) = words(english);
    html(&EndPage { words, lang, good, title, text, hint })
}

fn html(page: &impl Template) -> HttpResponse {
    match page.render() {
        Ok(body) => HttpResponse::Ok()
            .content_type("text/html; charset=utf-8")
            .insert_header(("Cache-Control", "no-store"))
            .insert_header(("X-Content-Type-Options", "nosniff"))
            .body(body),
        Err(error) => {
            tracing::error!(%error, "a consent page could not be rendered");
            HttpResponse::build(StatusCode::INTERNAL_SERVER_ERROR).finish()
        }
    }
}
