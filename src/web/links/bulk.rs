//! `/links/bulk`: links for every account that waits for its administrator: made at once, copied, downloaded, sent.

use std::collections::BTreeMap;

use actix_web::HttpResponse;
use actix_web::http::header::{CACHE_CONTROL, CONTENT_DISPOSITION};
use actix_web::web::{Data, Query};
use serde::Deserialize;

use crate::domain::ids::{AuthorizerAppid, ComponentAppid};
use crate::domain::merchant_link::{DAYS, USUAL_DAYS};
use crate::domain::text::{Lang, Text};
use crate::domain::user::Email;
use crate::service::bulk_links::{self, After, Wanted};
use crate::service::send_links::{self, MOST_LINES};
use crate::service::{Context, ServiceError};
use crate::web::error::WebError;
use crate::web::form::Form;
use crate::web::page::{Answer, Page, see_other};
use crate::web::shell::{FlashKind, Nav};
use crate::web::viewer::{ManageLinks, Viewer};
use crate::web::words::{Words, fill};

use super::bulk_view::{BulkView, Found, Paste, sheet};

#[derive(Clone, Debug, Default, Deserialize)]
pub(in crate::web) struct Asked {
    /// `<appid>.<component>`.
    #[serde(default)]
    after: String,
}

#[derive(Clone, Debug, Deserialize)]
pub(in crate::web) struct Chosen {
    #[serde(default)]
    days: String,
    #[serde(default)]
    language: String,
}

#[derive(Clone, Debug, Deserialize)]
pub(in crate::web) struct Pasted {
    #[serde(default)]
    lines: String,
}

/// `GET /links/bulk`.
pub(in crate::web) async fn show(
    viewer: Viewer<ManageLinks>,
    cx: Data<Context>,
    asked: Query<Asked>,
) -> Answer {
    page(&viewer, &cx, (&asked, Paste::default())).await?.ok()
}

/// `POST /links/bulk`: makes the links that are missing.
pub(in crate::web) async fn create(
    viewer: Viewer<ManageLinks>,
    cx: Data<Context>,
    Form(chosen): Form<Chosen>,
) -> Answer {
    let days = chosen.days.parse().ok().filter(|days| DAYS.contains(days)).unwrap_or(USUAL_DAYS);
    let wanted = Wanted { days, lang: Lang::from_code(&chosen.language) };
    let w = &Words::of(viewer.lang).links;
    match bulk_links::run(&cx, viewer.now, &viewer.actor(), &viewer.tenant.id, wanted).await {
        Ok(made) => {
            let phrase = if made.left { w.bulk_made_more } else { w.bulk_made };
            viewer.flash_text(FlashKind::Good, &fill(phrase, &[&made.made.to_string()]))?;
        }
        Err(ServiceError::Conflict(_)) => viewer.flash(FlashKind::Bad, TOO_MANY)?,
        Err(error) => return Err(error.into()),
    }
    Ok(see_other("/links/bulk"))
}

/// `GET /links/bulk.csv`: the page as a file.
pub(in crate::web) async fn download(
    viewer: Viewer<ManageLinks>,
    cx: Data<Context>,
    asked: Query<Asked>,
) -> Answer {
    let after = place(&asked.after);
    let (rows, _) = bulk_links::list(&cx, viewer.now, &viewer.tenant.id, after.as_ref()).await?;
    Ok(HttpResponse::Ok()
        .content_type("text/csv; charset=utf-8")
        .insert_header((CONTENT_DISPOSITION, "attachment; filename=\"hufu-links.csv\""))
        .insert_header((CACHE_CONTROL, "no-store"))
        .body(sheet(&rows, viewer.locale())))
}

/// `POST /links/bulk/send`: a line `appid,address` for each account.
pub(in crate::web) async fn send(
    viewer: Viewer<ManageLinks>,
    cx: Data<Context>,
    Form(pasted): Form<Pasted>,
) -> Answer {
    let w = &Words::of(viewer.lang).links;
    let lines = match read(&pasted.lines) {
        Ok(lines) if !lines.is_empty() => lines,
        Ok(_) => {
            let paste = Paste { lines: String::new(), bad: w.bulk_nothing.to_owned() };
            return page(&viewer, &cx, (&Asked::default(), paste)).await?.unprocessable();
        }
        Err(line) => {
            let paste = Paste { bad: fill(w.bulk_bad_line, &[&line]), lines: pasted.lines };
            return page(&viewer, &cx, (&Asked::default(), paste)).await?.unprocessable();
        }
    };
    let by = viewer.actor();
    match send_links::many(&cx, viewer.now, &by, &viewer.tenant.id, (&lines, viewer.lang)).await {
        Ok(posted) => {
            let without: Vec<&str> =
                posted.without_link.iter().map(AuthorizerAppid::as_str).take(20).collect();
            let sent = posted.sent.to_string();
            let mut text = match without.is_empty() {
                true => fill(w.bulk_sent, &[&sent]),
                false => fill(w.bulk_sent_but, &[&sent, &without.join(", ")]),
            };
            if !posted.held.is_empty() {
                let held: Vec<&str> = posted.held.iter().map(AuthorizerAppid::as_str).take(20).collect();
                text.push_str(if viewer.lang == Lang::En { " " } else { "" });
                text.push_str(&fill(w.bulk_held, &[&posted.held.len().to_string(), &held.join(", ")]));
            }
            viewer.flash_text(if posted.sent > 0 { FlashKind::Good } else { FlashKind::Bad }, &text)?;
        }
        Err(ServiceError::Conflict(_)) => viewer.flash(FlashKind::Bad, NO_MAIL)?,
        Err(error) => return Err(error.into()),
    }
    Ok(see_other("/links/bulk"))
}

const TOO_MANY: Text = Text::new(Words::ZH.links.too_many, Words::EN.links.too_many);
pub(super) const NO_MAIL: Text = Text::new(Words::ZH.links.no_mail, Words::EN.links.no_mail);

async fn page(
    viewer: &Viewer<ManageLinks>,
    cx: &Context,
    (asked, paste): (&Asked, Paste),
) -> Result<Page<BulkView>, WebError> {
    let after = place(&asked.after);
    let (rows, next) = bulk_links::list(cx, viewer.now, &viewer.tenant.id, after.as_ref()).await?;
    let here = after.is_some().then(|| asked.after.clone());
    let next = next.map(|(appid, component)| format!("{appid}.{component}"));
    let found = Found { rows, here, next, has_mail: cx.settings.mail.is_some() };
    Ok(Page(BulkView::new(viewer.shell(Nav::Links), viewer.now, &found, paste)))
}

fn place(text: &str) -> Option<After> {
    let (appid, component) = text.split_once('.')?;
    Some((AuthorizerAppid::parse(appid).ok()?, ComponentAppid::parse(component).ok()?))
}

/// `appid,address` on each line, also with a semicolon or a tab; or the line that makes no sense.
fn read(text: &str) -> Result<BTreeMap<AuthorizerAppid, Email>, String> {
    let lines = text.lines().map(str::trim).filter(|line| !line.is_empty()).take(MOST_LINES);
    lines
        .map(|line| {
            let bad = || line.chars().take(80).collect::<String>();
            let (appid, address) = line.split_once([',', ';', '\t', '，']).ok_or_else(bad)?;
            let unquote = |text: &str| text.trim().trim_matches('"').trim().to_owned();
            let appid = AuthorizerAppid::parse(&unquote(appid)).map_err(|_| bad())?;
            Ok((appid, Email::parse(&unquote(address)).map_err(|_| bad())?))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::read;

    #[test]
    fn a_paste_is_read_leniently_and_a_bad_line_is_named() {
        let lines = read(" wxa,Ann@Example.com \n\n\"wxb\";\"bob@example.com\"\nwxc\tc@example.com").unwrap();
        let told: Vec<String> = lines.iter().map(|(appid, to)| format!("{appid} {to}")).collect();
        assert_eq!(told, ["wxa ann@example.com", "wxb bob@example.com", "wxc c@example.com"]);
        assert_eq!(read("wxa,a@example.com\nwxb no address").unwrap_err(), "wxb no address");
        assert!(read("").unwrap().is_empty());
    }
}
