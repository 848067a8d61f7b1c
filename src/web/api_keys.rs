//! `/api-keys`: the keys of the tenant's business servers. A new one is shown once, in the answer to the form that made
//! it.

use std::time::Duration;

use actix_web::web::{Data, Path};
use serde::Deserialize;

use crate::domain::api_key::{Allowed, Scope, Sources, parse_network};
use crate::domain::ids::{ApiKeyId, AuthorizerAppid};
use crate::domain::text::Text;
use crate::domain::user::parse_label;
use crate::secret::Secret as _;
use crate::service::create_api_key::{self, NewKey};
use crate::service::{Context, ServiceError, revoke_api_key};
use crate::store::{StoreError, api_key, authorizer_list};

use super::error::WebError;
use super::form::{Form, Nothing};
use super::page::{Answer, Page, see_other};
use super::recent::Recent;
use super::shell::{FlashKind, Nav};
use super::viewer::ReadOnly;
use super::viewer::{ManageKeys, Viewer};
use super::words::{Words, fill};

pub mod view;

use view::{ApiKeysView, Found, KeyForm, MadeKey};

const MOST_SHOWN: i64 = 200;
const DAY: u64 = 24 * 3600;
/// Accounts or ranges of one key.
const MOST_ENTRIES: usize = 200;

/// The form as it came. A box that is not ticked is not sent.
#[derive(Clone, Debug, Default, Deserialize)]
pub(super) struct Entered {
    #[serde(default)]
    name: String,
    read_token: Option<String>,
    read_health: Option<String>,
    report: Option<String>,
    manage: Option<String>,
    #[serde(default)]
    accounts: String,
    #[serde(default)]
    networks: String,
    #[serde(default)]
    days: String,
}

impl Entered {
    fn scopes(&self) -> Vec<Scope> {
        let ticked = |scope: &Scope| match scope {
            Scope::ReadHealth => self.read_health.is_some(),
            Scope::ReadToken => self.read_token.is_some(),
            Scope::Report => self.report.is_some(),
            Scope::Manage => self.manage.is_some(),
        };
        Scope::ALL.into_iter().filter(ticked).collect()
    }
}

/// `GET /api-keys`.
pub(super) async fn list(viewer: Viewer<ManageKeys>, cx: Data<Context>, db: Data<ReadOnly>) -> Answer {
    page(&viewer, &cx, &db, (KeyForm::default(), None)).await?.ok()
}

/// `POST /api-keys`: makes a key and shows it. Asked for again, it makes another: nothing keeps the first.
pub(super) async fn create(
    viewer: Viewer<ManageKeys>,
    _: Recent,
    cx: Data<Context>,
    db: Data<ReadOnly>,
    Form(entered): Form<Entered>,
) -> Answer {
    let w = &Words::of(viewer.lang).api_keys;
    let new = match read(&entered, w) {
        Ok(new) => new,
        Err(form) => return page(&viewer, &cx, &db, (*form, None)).await?.unprocessable(),
    };
    match create_api_key::run(&cx, viewer.now, &viewer.actor(), &viewer.tenant.id, new).await {
        Ok(made) => {
            let made = MadeKey { name: made.key.name, secret: made.secret.expose().to_owned() };
            page(&viewer, &cx, &db, (KeyForm::default(), Some(made))).await?.ok()
        }
        Err(ServiceError::Conflict(_)) => {
            let form = KeyForm { bad_name: w.too_many.to_owned(), ..form_of(&entered) };
            page(&viewer, &cx, &db, (form, None)).await?.unprocessable()
        }
        Err(error) => Err(error.into()),
    }
}

/// `POST /api-keys/{key}/revoke`.
pub(super) async fn revoke(
    viewer: Viewer<ManageKeys>,
    _: Recent,
    cx: Data<Context>,
    path: Path<String>,
    _: Form<Nothing>,
) -> Answer {
    let key = ApiKeyId::parse(&path).map_err(|_| WebError::NotFound)?;
    revoke_api_key::run(&cx, viewer.now, &viewer.actor(), &viewer.tenant.id, &key).await?;
    viewer.flash(FlashKind::Good, REVOKED)?;
    Ok(see_other("/api-keys"))
}

const REVOKED: Text = Text::new(Words::ZH.api_keys.was_revoked, Words::EN.api_keys.was_revoked);

async fn page(
    viewer: &Viewer<ManageKeys>,
    cx: &Context,
    db: &ReadOnly,
    (form, made): (KeyForm, Option<MadeKey>),
) -> Result<Page<ApiKeysView>, WebError> {
    let found = find(viewer, cx, db).await?;
    Ok(Page(ApiKeysView::new(viewer.shell(Nav::ApiKeys), viewer.now, &found, (form, made))))
}

async fn find(viewer: &Viewer<ManageKeys>, cx: &Context, db: &ReadOnly) -> Result<Found, StoreError> {
    let tenant = &viewer.tenant.id;
    let mut tx = viewer.read(db).await?;
    let keys = api_key::list(&mut tx, tenant, MOST_SHOWN).await?;
    let some =
        authorizer_list::of_tenant(&mut tx, tenant, &authorizer_list::Filter::default(), (None, 1)).await?;
    let example = some.rows.first().map(|account| account.key.authorizer.to_string());
    Ok(Found { keys, example, public_url: cx.settings.public_url.to_string() })
}

/// The key that was asked for, or the form with its mistakes.
fn read(entered: &Entered, w: &super::words::api_keys::ApiKeyWords) -> Result<NewKey, Box<KeyForm>> {
    let name = parse_label(&entered.name);
    let scopes = entered.scopes();
    let appids = entries(&entered.accounts, |text| AuthorizerAppid::parse(text).ok());
    let networks = entries(&entered.networks, parse_network);
    if let (Ok(name), false, Ok(appids), Ok(networks)) = (&name, scopes.is_empty(), &appids, &networks) {
        return Ok(NewKey {
            name: name.clone(),
            scopes,
            authorizers: if appids.is_empty() { Allowed::All } else { Allowed::Only(appids.clone()) },
            sources: if networks.is_empty() {
                Sources::Anywhere
            } else {
                Sources::Networks(networks.clone())
            },
            lives_for: days(&entered.days).map(|days| Duration::from_secs(days * DAY)),
        });
    }
    let wrong =
        |phrase, entry: Option<&String>| entry.map_or_else(String::new, |entry| fill(phrase, &[entry]));
    Err(Box::new(KeyForm {
        bad_name: if name.is_err() { w.bad_name.to_owned() } else { String::new() },
        bad_scopes: if scopes.is_empty() { w.bad_scopes } else { "" },
        bad_accounts: wrong(w.bad_accounts, appids.as_ref().err()),
        bad_networks: wrong(w.bad_networks, networks.as_ref().err()),
        ..form_of(entered)
    }))
}

fn form_of(entered: &Entered) -> KeyForm {
    KeyForm {
        name: entered.name.clone(),
        scopes: entered.scopes(),
        accounts: entered.accounts.clone(),
        networks: entered.networks.clone(),
        days: days(&entered.days),
        ..KeyForm::default()
    }
}

/// `None`: for ever.
fn days(text: &str) -> Option<u64> {
    text.parse().ok().filter(|days| view::DAYS.contains(days))
}

/// What stands on the lines, or the entry that makes no sense.
fn entries<T>(text: &str, read: impl Fn(&str) -> Option<T>) -> Result<Vec<T>, String> {
    text.split(|c: char| c.is_whitespace() || c == ',')
        .filter(|entry| !entry.is_empty())
        .take(MOST_ENTRIES)
        .map(|entry| read(entry).ok_or_else(|| entry.chars().take(60).collect()))
        .collect()
}
