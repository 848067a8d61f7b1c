//! `/api/v1/authorizers`: the health of the accounts a key is for.

use actix_web::HttpRequest;
use actix_web::web::Data;
use serde::Serialize;
use serde_json::json;

use crate::clock::Timestamp;
use crate::domain::api_key::Allowed;
use crate::domain::authorizer::Authorizer;
use crate::domain::health::{self, Health, Heartbeat};
use crate::domain::ids::{AuthorizerAppid, TenantId};
use crate::service::Context;
use crate::store::authorizer_list::{self, Cursor, Filter};
use crate::store::{Reader, StoreError, authorizer, pulse};
use crate::web::parts;
use crate::web::viewer::ReadOnly;

use super::caller::{Caller, MayReadHealth};
use super::problem::Problem;
use super::query::Query;
use super::{Answer, heartbeat, json};

const USUAL_PAGE: usize = 100;
const LONGEST_PAGE: usize = 500;

/// An account as programs see it.
#[derive(Serialize)]
struct AccountAnswer {
    authorizer_appid: String,
    component_appid: String,
    name: String,
    kind: &'static str,
    state: &'static str,
    state_since: i64,
    reason: &'static str,
    whose_move: &'static str,
    errcode: Option<i64>,
    generation: i64,
    token_expires_at: Option<i64>,
    last_success_at: Option<i64>,
    next_refresh_at: Option<i64>,
    reauthorize_url: String,
}

/// `GET /api/v1/authorizers`: the most urgent first, page by page. A key that is limited to some accounts gets these on
/// one page.
pub(in crate::web) async fn list(
    caller: Caller<MayReadHealth>,
    cx: Data<Context>,
    db: Data<ReadOnly>,
    req: HttpRequest,
) -> Answer {
    let query = Query::read(req.query_string(), &["state", "limit", "after"])?;
    let (limit, after) = (limit(&query)?, after(&query)?);
    let now = cx.clock.now();
    let mut tx = caller.read(&db).await?;
    let beat = heartbeat(pulse::last(&mut tx, pulse::SCHEDULER).await?, now);
    let filter = Filter { health: state(&query)?, ..Filter::default() };
    let (rows, next) = match &caller.known.key().authorizers {
        Allowed::All => {
            let page = authorizer_list::of_tenant(&mut tx, caller.tenant(), &filter, (after.as_ref(), limit))
                .await?;
            (page.rows, page.next)
        }
        Allowed::Only(appids) => (some(&mut tx, caller.tenant(), appids, &filter).await?, None),
    };
    let accounts: Vec<AccountAnswer> = rows.iter().map(|row| account(&cx, row, (beat, now))).collect();
    let next = next.map(|cursor| cursor.to_string());
    Ok(json(&json!({ "authorizers": accounts, "next": next }), false))
}

/// `GET /api/v1/authorizers/{authorizer_appid}`.
pub(in crate::web) async fn show(
    caller: Caller<MayReadHealth>,
    cx: Data<Context>,
    db: Data<ReadOnly>,
    req: HttpRequest,
) -> Answer {
    Query::read(req.query_string(), &[])?;
    let appid = caller.account(&req)?;
    let now = cx.clock.now();
    let mut tx = caller.read(&db).await?;
    let beat = heartbeat(pulse::last(&mut tx, pulse::SCHEDULER).await?, now);
    let row = authorizer::find(&mut tx, caller.tenant(), &appid).await?;
    let row = row.ok_or_else(Problem::no_such_account)?;
    Ok(json(&account(&cx, &row, (beat, now)), false))
}

async fn some(
    tx: &mut Reader,
    tenant: &TenantId,
    appids: &[AuthorizerAppid],
    filter: &Filter,
) -> Result<Vec<Authorizer>, StoreError> {
    let mut rows = Vec::new();
    for appid in appids {
        rows.extend(authorizer::find(tx, tenant, appid).await?);
    }
    rows.retain(|row| filter.health.is_none_or(|wanted| row.health == wanted));
    Ok(rows)
}

fn state(query: &Query<'_>) -> Result<Option<Health>, Problem> {
    let bad = || Problem::bad_parameter("state", "a state's name");
    query.get("state").map(|name| Health::from_name(name).ok_or_else(bad)).transpose()
}

fn limit(query: &Query<'_>) -> Result<usize, Problem> {
    let Some(text) = query.get("limit") else { return Ok(USUAL_PAGE) };
    let limit = text.parse().ok().filter(|limit| (1..=LONGEST_PAGE).contains(limit));
    limit.ok_or_else(|| Problem::bad_parameter("limit", "a number from 1 to 500"))
}

fn after(query: &Query<'_>) -> Result<Option<Cursor>, Problem> {
    let bad = || Problem::bad_parameter("after", "what the page before gave as `next`");
    query.get("after").map(|text| Cursor::parse(text).ok_or_else(bad)).transpose()
}

fn account(cx: &Context, row: &Authorizer, (beat, now): (Heartbeat, Timestamp)) -> AccountAnswer {
    let appid = row.key.authorizer.as_str();
    let page = cx.settings.public_url.join(&format!("authorizers/{appid}"));
    AccountAnswer {
        authorizer_appid: appid.to_owned(),
        component_appid: row.key.component.to_string(),
        name: parts::name(row).to_owned(),
        kind: row.kind.as_str(),
        state: health::shown(row.health, beat, row.token_expires_at, now).as_str(),
        state_since: row.health_since.unix(),
        reason: row.reason.code(),
        whose_move: row.reason.mover().as_str(),
        errcode: row.errcode,
        generation: row.generation,
        token_expires_at: row.token_expires_at.map(Timestamp::unix),
        last_success_at: row.last_success_at.map(Timestamp::unix),
        next_refresh_at: row.next_refresh_at.map(Timestamp::unix),
        reauthorize_url: page.map(|url| url.to_string()).unwrap_or_default(),
    }
}
