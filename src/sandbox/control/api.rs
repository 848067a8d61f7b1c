//! The control API: `POST /sandbox/api/<verb>` with a JSON object, `GET /sandbox/api/<what>`. Answers are JSON; a refusal
//! is a 422 with `{"error": "…"}`.

use std::time::Duration;

use actix_web::web::{self, Bytes, Data, Path, Query, ServiceConfig};
use actix_web::{HttpResponse, http::StatusCode};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use super::requests::GrantRequest;
use super::{Control, ControlError};
use crate::sandbox::account::AccountStatus;

pub fn routes(config: &mut ServiceConfig) {
    config
        .route("/sandbox/api/state", web::get().to(state))
        .route("/sandbox/api/switches", web::get().to(switches))
        .route("/sandbox/api/counts", web::get().to(counts))
        .route("/sandbox/api/journal", web::get().to(journal))
        .route("/sandbox/api/pushes", web::get().to(pushes))
        .route("/sandbox/api/pushes/{id}", web::get().to(push))
        .route("/sandbox/api/tokens", web::get().to(tokens))
        .route("/sandbox/api/messages", web::get().to(messages))
        .route("/sandbox/api/clock", web::get().to(clock))
        .route("/sandbox/api/{verb}", web::post().to(verb));
}

async fn verb(verb: Path<String>, body: Bytes, control: Data<Control>) -> HttpResponse {
    let body = match serde_json::from_slice(&body) {
        _ if body.is_empty() => json!({}),
        Ok(body @ Value::Object(_)) => body,
        Ok(_) | Err(_) => return refused(&ControlError("the body must be a JSON object".to_owned())),
    };
    match perform(&control, &verb, body).await {
        Ok(answer) => HttpResponse::Ok().json(answer),
        Err(error) => refused(&error),
    }
}

fn refused(error: &ControlError) -> HttpResponse {
    HttpResponse::build(StatusCode::UNPROCESSABLE_ENTITY).json(json!({"error": error.to_string()}))
}

/// What most verbs are about.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct About {
    component: Option<String>,
    #[serde(default)]
    account: String,
    status: Option<AccountStatus>,
    push: Option<bool>,
    refused: Option<bool>,
    outage: Option<bool>,
    seconds: Option<u64>,
    id: Option<u64>,
    info_type: Option<String>,
    xml: Option<String>,
    #[serde(default)]
    ip_list: Vec<String>,
}

fn parse<T: DeserializeOwned>(body: Value) -> Result<T, ControlError> {
    serde_json::from_value(body).map_err(|error| ControlError(error.to_string()))
}

/// Does one verb. The page's buttons come here too.
pub(super) async fn perform(control: &Control, verb: &str, body: Value) -> Result<Value, ControlError> {
    match verb {
        "component" => Ok(json!({"component": control.component(parse(body)?)})),
        "account" => Ok(json!({"account": control.account(parse(body)?)})),
        "accounts" => Ok(json!({"accounts": control.accounts(&parse(body)?)?})),
        "grant" => Ok(json!({"authorization_code": control.grant(&parse::<GrantRequest>(body)?)?})),
        "switches" => Ok(json!({"switches": control.patch_switches(&body)?})),
        "fault" => Ok(json!({"id": control.fault(parse(body)?)})),
        "push_fault" => {
            control.push_fault(parse(body)?);
            Ok(done(()))
        }
        "quota" => {
            control.quota(parse(body)?);
            Ok(done(()))
        }
        "message" => pushed(control, control.message(&parse(body)?)?).await,
        _ => perform_about(control, verb, parse(body)?).await,
    }
}

async fn perform_about(control: &Control, verb: &str, about: About) -> Result<Value, ControlError> {
    let (component, account) = (about.component.as_deref(), about.account.as_str());
    match verb {
        "cancel" => control.cancel(component, account, about.push.unwrap_or(true)).map(done),
        "status" => control.status(account, about.status.unwrap_or_default()).map(done),
        "kill_access_token" => control.kill_access_token(component, account).map(done),
        "foreign_refresh" => control.foreign_refresh(component, account).map(done),
        "kill_component_token" => control.kill_component_token(component).map(done),
        "lose_refresh_token" => control.lose_refresh_token(component, account).map(done),
        "refuse_refresh_token" => {
            control.refuse_refresh_token(component, account, about.refused.unwrap_or(true)).map(done)
        }
        "never_exchanged" => control.never_exchanged(component, account).map(done),
        "clear_faults" => {
            control.clear_faults(about.id);
            Ok(done(()))
        }
        "push_ticket" => pushed(control, control.push_ticket(component)?).await,
        "ticket_outage" => control.ticket_outage(component, about.outage.unwrap_or(true)).map(done),
        "stop_tickets" => control.stop_tickets(component).map(done),
        "reset_secret" => Ok(json!({"secret": control.reset_secret(component)?})),
        "rotate_aes_key" => Ok(json!({"aes_key": control.rotate_aes_key(component)?})),
        "rotate_token" => Ok(json!({"token": control.rotate_token(component)?})),
        "restrict_ip" => control.restrict_ip(component, about.ip_list).map(done),
        "advance" => {
            let seconds = about.seconds.ok_or_else(|| ControlError("say how many seconds".to_owned()))?;
            Ok(json!({"now": control.advance(Duration::from_secs(seconds)).unix()}))
        }
        "notice" => {
            let id = control.notice(
                component,
                about.info_type.as_deref().unwrap_or("unnamed"),
                about.xml.unwrap_or_default(),
            )?;
            pushed(control, id).await
        }
        "reset" => {
            control.reset();
            Ok(done(()))
        }
        "clear_journal" => {
            control.clear_journal();
            Ok(done(()))
        }
        unknown => Err(ControlError(format!("there is no verb `{unknown}`"))),
    }
}

fn done((): ()) -> Value {
    json!({"done": true})
}

async fn pushed(control: &Control, id: u64) -> Result<Value, ControlError> {
    Ok(json!({"push": control.wait_for_push(id).await}))
}

#[derive(Deserialize)]
#[serde(default)]
struct Filter {
    path: String,
    account: String,
    component: String,
    offset: usize,
    limit: usize,
}

impl Default for Filter {
    fn default() -> Self {
        let none = String::new;
        Self { path: none(), account: none(), component: none(), offset: 0, limit: 1000 }
    }
}

async fn state(filter: Query<Filter>, control: Data<Control>) -> HttpResponse {
    let answer = control.with(|world| {
        let accounts = world
            .accounts
            .values()
            .filter(|known| filter.account.is_empty() || known.appid == filter.account);
        let grants = world.grants.iter().filter(|((component, account), _)| {
            (filter.account.is_empty() || *account == filter.account)
                && (filter.component.is_empty() || *component == filter.component)
        });
        json!({
            "now": world.now().unix(),
            "url": world.base_url,
            "switches": world.switches,
            "components": world.components.values().collect::<Vec<_>>(),
            "accounts_total": world.accounts.len(),
            "accounts": accounts.skip(filter.offset).take(filter.limit).collect::<Vec<_>>(),
            "grants_total": world.grants.len(),
            "grants": grants.skip(filter.offset).take(filter.limit).map(|((component, account), grant)| {
                let mut line = json!(grant);
                line["component"] = json!(component);
                line["account"] = json!(account);
                line
            }).collect::<Vec<_>>(),
            "faults": world.faults.rules(),
            "push_faults": world.push_faults,
            "quotas": world.quotas.limits(),
        })
    });
    HttpResponse::Ok().json(answer)
}

async fn switches(control: Data<Control>) -> HttpResponse {
    HttpResponse::Ok().json(control.switches())
}

async fn counts(filter: Query<Filter>, control: Data<Control>) -> HttpResponse {
    let counts = control.counts(&filter.path, &filter.account);
    let total = |of: fn(&super::reads::PathCount) -> u64| counts.iter().map(of).sum::<u64>();
    HttpResponse::Ok().json(json!({
        "calls": total(|line| line.count.calls),
        "errors": total(|line| line.count.errors),
        "in_doubt": total(|line| line.count.in_doubt),
        "max_refresh_concurrency": control.max_refresh_concurrency(),
        "lines": counts.iter().skip(filter.offset).take(filter.limit).collect::<Vec<_>>(),
    }))
}

async fn journal(filter: Query<Filter>, control: Data<Control>) -> HttpResponse {
    HttpResponse::Ok().json(json!({"entries": control.journal(&filter.path, &filter.account, filter.limit)}))
}

async fn pushes(filter: Query<Filter>, control: Data<Control>) -> HttpResponse {
    HttpResponse::Ok().json(json!({"pushes": control.pushes(filter.limit)}))
}

async fn push(id: Path<u64>, control: Data<Control>) -> HttpResponse {
    match control.push(*id) {
        Some(record) => HttpResponse::Ok().json(record),
        None => HttpResponse::NotFound().json(json!({"error": "no such push"})),
    }
}

/// The tokens issued last, for looking over WeChat's shoulder.
async fn tokens(filter: Query<Filter>, control: Data<Control>) -> HttpResponse {
    let lines = control.token_lines(&filter.component, &filter.account, filter.offset, filter.limit);
    HttpResponse::Ok().json(json!({"tokens": lines}))
}

async fn messages(control: Data<Control>) -> HttpResponse {
    HttpResponse::Ok().json(json!({"messages": control.sent_messages()}))
}

async fn clock(control: Data<Control>) -> HttpResponse {
    HttpResponse::Ok().json(json!({"now": control.now().unix()}))
}
