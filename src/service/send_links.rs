//! Sends merchants their links by e-mail.

use std::collections::BTreeMap;

use crate::clock::Timestamp;
use crate::domain::audit::{Action, Actor, Detail, Entry, Kind, Subject};
use crate::domain::ids::{AuthorizerAppid, MerchantLinkId, TenantId};
use crate::domain::letter::LetterKind;
use crate::domain::merchant_link::Standing;
use crate::domain::tenant::Tenant;
use crate::domain::text::Lang;
use crate::domain::user::Email;
use crate::store::merchant_link::{self, Opened};
use crate::store::{StoreError, Writer, audit, merchant_link_list, tenant};

use super::admit_letter::TooManyLetters;
use super::create_link::Handed;
use super::letter::{self, Draft};
use super::{Context, ServiceError, admit_letter};

/// Lines of one paste.
pub const MOST_LINES: usize = 500;

/// What became of a paste.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Posted {
    pub sent: usize,
    /// Accounts without an open link of this tenant.
    pub without_link: Vec<AuthorizerAppid>,
    /// Accounts whose letter would have been one too many; their links are as they were.
    pub held: Vec<AuthorizerAppid>,
}

/// Sends one link, or says why that would be one letter too many.
///
/// # Errors
/// `NotFound` when the tenant has no such link, `Conflict` when it is not open any more or no mail server is set, `Store`.
pub async fn one(
    cx: &Context,
    now: Timestamp,
    by: &Actor,
    (of, link): (&TenantId, &MerchantLinkId),
    (to, lang): (&Email, Lang),
) -> Result<Result<(), TooManyLetters>, ServiceError> {
    let mut tx = cx.store.write().await?;
    let tenant = tenant::find(&mut tx, of).await?.ok_or(ServiceError::NotFound)?;
    let opened = merchant_link::find(&mut tx, &cx.vault, of, link).await?.ok_or(ServiceError::NotFound)?;
    if opened.link.standing(now) != Standing::Open {
        return Err(ServiceError::Conflict("the link cannot be used any more"));
    }
    if let Err(refused) = admit_letter::run(cx, &mut tx, now, of, (LetterKind::MerchantLink, to)).await? {
        return Ok(Err(refused));
    }
    let subject = Subject::new(Kind::MerchantLink, &opened.link.id).named(&opened.link.label);
    post(cx, &mut tx, now, &tenant, (opened, to, lang)).await?;
    let entry = Entry::of(of, Action::LinkSent, subject).with(Detail::none().fact("to", to));
    audit::append(&mut tx, now, by, &entry).await?;
    tx.commit().await?;
    cx.wake.ring();
    Ok(Ok(()))
}

/// Sends each account's link to its address, as many as may be sent now, in one transaction.
///
/// # Errors
/// `NotFound` when there is no such tenant, `Conflict` when no mail server is set, `Store`.
pub async fn many(
    cx: &Context,
    now: Timestamp,
    by: &Actor,
    of: &TenantId,
    (lines, lang): (&BTreeMap<AuthorizerAppid, Email>, Lang),
) -> Result<Posted, ServiceError> {
    let mut tx = cx.store.write().await?;
    let tenant = tenant::find(&mut tx, of).await?.ok_or(ServiceError::NotFound)?;
    let mut posted = Posted::default();
    for (appid, to) in in_order(lines) {
        let found = merchant_link_list::locked(&mut tx, &cx.vault, of, (appid, appid), now).await?;
        let Some(opened) = found.into_iter().next() else {
            posted.without_link.push(appid.clone());
            continue;
        };
        if admit_letter::run(cx, &mut tx, now, of, (LetterKind::MerchantLink, to)).await?.is_err() {
            posted.held.push(appid.clone());
            continue;
        }
        post(cx, &mut tx, now, &tenant, (opened, to, lang)).await?;
        posted.sent += 1;
    }
    posted.without_link.sort();
    posted.held.sort();
    if posted.sent > 0 {
        let detail = Detail::none().fact("letters", i64::try_from(posted.sent).unwrap_or(i64::MAX));
        let entry = Entry::of(of, Action::LinkSent, Subject::tenant_id(of)).with(detail);
        audit::append(&mut tx, now, by, &entry).await?;
    }
    tx.commit().await?;
    cx.wake.ring();
    Ok(posted)
}

/// See `admit_letter::place`.
fn in_order(lines: &BTreeMap<AuthorizerAppid, Email>) -> Vec<(&AuthorizerAppid, &Email)> {
    let mut lines: Vec<_> = lines.iter().collect();
    lines.sort_by_cached_key(|(_, to)| admit_letter::place(LetterKind::MerchantLink, to));
    lines
}

async fn post(
    cx: &Context,
    tx: &mut Writer,
    now: Timestamp,
    tenant: &Tenant,
    (opened, to, lang): (Opened, &Email, Lang),
) -> Result<(), ServiceError> {
    let handed = Handed::of(cx, opened);
    let lang = handed.link.lang.unwrap_or(lang);
    let draft = draft(&handed, tenant, to, lang);
    if letter::queue(cx, tx, now, &draft).await?.is_none() {
        return Err(ServiceError::Conflict("no mail server is set up"));
    }
    Ok::<(), StoreError>(merchant_link::mark_sent(tx, &handed.link.id, to, now).await?).map_err(Into::into)
}

fn draft<'a>(handed: &Handed, tenant: &'a Tenant, to: &'a Email, lang: Lang) -> Draft<'a> {
    let name = &tenant.name;
    let again = handed.link.locked.as_ref();
    let (subject, mut paragraphs, button, small) = match lang {
        Lang::Zh => (
            format!("{name} 邀请你授权微信账号"),
            vec![
                "你好：".to_owned(),
                format!(
                    "{name} 邀请你把公众号或小程序授权给他们的服务平台。授权在微信的官方页面完成，不需要告诉任何人密码。"
                ),
                "请由账号的管理员打开下面的链接，按提示扫码并确认。".to_owned(),
            ],
            "打开授权页",
            vec!["如果你不认识这家公司，或没有约好授权，请忽略这封邮件。".to_owned()],
        ),
        Lang::En => (
            format!("{name} invites you to grant your WeChat account"),
            vec![
                "Hello,".to_owned(),
                format!(
                    "{name} invites you to grant your official account or mini program to their platform. You confirm on WeChat's own page and tell nobody a password."
                ),
                "The account's administrator opens the link below, scans the code and confirms.".to_owned(),
            ],
            "Open the page",
            vec!["If you do not know this company or did not expect this, ignore this letter.".to_owned()],
        ),
    };
    if let Some(appid) = again {
        paragraphs.push(match lang {
            Lang::Zh => format!("这次需要重新授权的账号是“{}”（{appid}）。", handed.link.label),
            Lang::En => format!("The account to be granted again is “{}” ({appid}).", handed.link.label),
        });
    }
    Draft {
        to,
        lang,
        kind: LetterKind::MerchantLink,
        tenant: Some(&tenant.id),
        subject,
        paragraphs,
        link: Some((button.to_owned(), handed.url.to_string())),
        small,
    }
}
