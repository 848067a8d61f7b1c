//! Takes an API call from HTTP to its answer: journal, faults, the endpoint, and WeChat's way of writing answers.

use std::sync::Arc;

use actix_web::http::StatusCode;
use actix_web::web::{Bytes, Data};
use actix_web::{HttpRequest, HttpResponse};
use futures_util::stream;
use serde_json::{Value, json};

use super::call::Call;
use crate::sandbox::caller::Caller;
use crate::sandbox::faults::{FaultKind, Plan, wait, wait_for_caller};
use crate::sandbox::ids;
use crate::sandbox::journal::{Ending, Entry};
use crate::sandbox::state::{Shared, World};
use crate::sandbox::switches::{ContentType, Switches};
use std::time::Duration;

/// Everything that is not a page of the sandbox itself.
pub async fn api(request: HttpRequest, body: Bytes, shared: Data<Shared>) -> HttpResponse {
    let shared = shared.into_inner();
    let caller = request.conn_data::<Caller>().cloned().unwrap_or_default();
    let call = Call::new(
        request.path(),
        request.query_string(),
        request.method() == actix_web::http::Method::POST,
        &body,
        request.peer_addr().map_or_else(String::new, |address| address.ip().to_canonical().to_string()),
    );
    let (running, plan, latency) = Running::begin(&shared, &call);
    let plan = Plan { before: plan.before + latency, ..plan };
    if plan.before.is_zero() && plan.after.is_zero() {
        return work(running, call, plan, caller).await;
    }
    // On its own, so that a caller who hangs up does not stop it.
    let working = actix_web::rt::spawn(work(running, call, plan, caller));
    working.await.unwrap_or_else(|_| HttpResponse::InternalServerError().finish())
}

async fn work(mut running: Running, call: Call, plan: Plan, caller: Caller) -> HttpResponse {
    running.wait(plan.before, &caller).await;
    let reply = reply(&running.shared, &call, &running.rid, plan.fault.as_ref());
    running.wait(plan.after, &caller).await;
    running.end(&reply, plan.fault.as_ref());
    reply.http
}

/// A call in flight. Dropping it ends it in the journal.
struct Running {
    shared: Arc<Shared>,
    seq: u64,
    path: String,
    account: String,
    rid: String,
    /// The caller hung up: for the journal the call was over then, and it stays in doubt.
    abandoned_at: Option<u64>,
    ended: bool,
}

impl Running {
    fn begin(shared: &Arc<Shared>, call: &Call) -> (Self, Plan, Duration) {
        let started_ms = shared.elapsed_ms();
        shared.with(|world| {
            let account = call.account(world);
            let path = if super::is_known(&call.path) { call.path.clone() } else { "(unknown)".to_owned() };
            let rid = ids::rid(world.now(), &world.random);
            let entry = Entry {
                seq: 0,
                path: path.clone(),
                account: account.clone(),
                at: world.now().unix(),
                started_ms,
                ended_ms: None,
                errcode: None,
                fault: None,
                in_doubt: false,
                rid: rid.clone(),
                client_ip: call.client_ip.clone(),
                url: call.url.clone(),
                request: call.raw.clone(),
                response: String::new(),
            };
            let seq = world.journal.begin(entry);
            let plan = world.faults.plan(&call.path, &account, &world.random);
            let latency = Duration::from_millis(world.switches.latency_ms);
            (
                Self {
                    shared: Arc::clone(shared),
                    seq,
                    path,
                    account,
                    rid,
                    abandoned_at: None,
                    ended: false,
                },
                plan,
                latency,
            )
        })
    }

    /// A server goes on working for a caller who hung up; only the journal knows the difference.
    async fn wait(&mut self, span: Duration, caller: &Caller) {
        if let Some(rest) = wait_for_caller(span, caller).await {
            self.abandoned();
            wait(rest).await;
        }
    }

    fn abandoned(&mut self) {
        if self.abandoned_at.is_some() {
            return;
        }
        let now = self.shared.elapsed_ms();
        self.abandoned_at = Some(now);
        let ending = Ending { in_doubt: true, ended_ms: now, ..Ending::default() };
        self.shared.with(|world| world.journal.end(self.seq, &self.path, &self.account, &ending));
    }

    fn end(&mut self, reply: &Reply, fault: Option<&FaultKind>) {
        self.ended = true;
        let ending = Ending {
            errcode: reply.errcode,
            fault: fault.map(FaultKind::code),
            in_doubt: reply.in_doubt || self.abandoned_at.is_some(),
            response: reply.text.clone(),
            ended_ms: self.abandoned_at.unwrap_or_else(|| self.shared.elapsed_ms()),
        };
        self.shared.with(|world| match self.abandoned_at {
            Some(_) => world.journal.write(self.seq, &ending),
            None => world.journal.end(self.seq, &self.path, &self.account, &ending),
        });
        self.shared.with(|world| world.journal.done(&self.path, &self.account));
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        if !self.ended {
            self.abandoned();
            self.shared.with(|world| world.journal.done(&self.path, &self.account));
        }
    }
}

struct Reply {
    http: HttpResponse,
    errcode: Option<i64>,
    /// The call was processed and the caller will not learn it.
    in_doubt: bool,
    text: String,
}

fn reply(shared: &Arc<Shared>, call: &Call, rid: &str, fault: Option<&FaultKind>) -> Reply {
    if let Some(fault) = fault
        && !fault.is_processed()
    {
        return refused_by(shared, fault, rid);
    }
    let (errcode, text, content_type) = shared.with(|world| {
        let (errcode, body) = process(world, call, rid);
        (errcode, body.to_string(), content_type(&world.switches))
    });
    let spoiled = match fault {
        Some(FaultKind::ResetAfter) => Some(cut()),
        Some(FaultKind::Truncated) => Some(plain(content_type, half(&text))),
        Some(FaultKind::Empty) => Some(plain(content_type, String::new())),
        Some(FaultKind::Garbage) => Some(plain(content_type, "\u{0}\u{1}��{\"errcode\":,,".to_owned())),
        _ => None,
    };
    let in_doubt = spoiled.is_some();
    let http = spoiled.unwrap_or_else(|| plain(content_type, text.clone()));
    Reply { http, errcode: Some(errcode), in_doubt, text }
}

fn refused_by(shared: &Arc<Shared>, fault: &FaultKind, rid: &str) -> Reply {
    let (content_type, hint) =
        shared.with(|world| (content_type(&world.switches), world.switches.errmsg_hint));
    match fault {
        FaultKind::Errcode { errcode } => {
            let refusal = crate::sandbox::refusal::Refusal::from(*errcode);
            let text = json!({"errcode": errcode, "errmsg": errmsg(&refusal.text, rid, hint)}).to_string();
            Reply { http: plain(content_type, text.clone()), errcode: Some(*errcode), in_doubt: false, text }
        }
        FaultKind::Html502 => {
            let text = "<html>\r\n<head><title>502 Bad Gateway</title></head>\r\n<body>\r\n<center><h1>502 Bad \
                        Gateway</h1></center>\r\n<hr><center>nginx</center>\r\n</body>\r\n</html>\r\n";
            let http = HttpResponse::build(StatusCode::BAD_GATEWAY).content_type("text/html").body(text);
            Reply { http, errcode: None, in_doubt: false, text: text.to_owned() }
        }
        _ => Reply { http: cut(), errcode: None, in_doubt: false, text: String::new() },
    }
}

fn process(world: &mut World, call: &Call, rid: &str) -> (i64, Value) {
    let (errcode, mut body) = match super::answer(world, call) {
        Ok(body) => (0, body),
        Err(refusal) => {
            let errmsg = errmsg(&refusal.text, rid, world.switches.errmsg_hint);
            (refusal.errcode, json!({"errcode": refusal.errcode, "errmsg": errmsg}))
        }
    };
    let switches = &world.switches;
    if switches.errcode_zero && body.get("errcode").is_none() {
        body["errcode"] = json!(0);
        body["errmsg"] = json!("ok");
    }
    if switches.unknown_fields && errcode == 0 {
        body["sandbox_unknown_field"] = json!({"added": "to keep clients tolerant"});
    }
    if switches.string_numbers {
        write_numbers_as_texts(&mut body);
    }
    (errcode, body)
}

/// Old answers end with a hint, new ones with the rid: never compare the whole sentence.
fn errmsg(text: &str, rid: &str, hint: bool) -> String {
    if hint { format!("{text} hint: [{}]", rid.replace('-', "_")) } else { format!("{text} rid: {rid}") }
}

fn write_numbers_as_texts(body: &mut Value) {
    let Some(fields) = body.as_object_mut() else { return };
    for (name, value) in fields {
        match value {
            Value::Number(number) if matches!(name.as_str(), "errcode" | "expires_in" | "total_count") => {
                *value = json!(number.to_string());
            }
            Value::Object(_) => write_numbers_as_texts(value),
            _ => {}
        }
    }
}

const fn content_type(switches: &Switches) -> &'static str {
    match switches.content_type {
        ContentType::Json => "application/json; encoding=utf-8",
        ContentType::TextPlain => "text/plain",
    }
}

fn plain(content_type: &'static str, body: String) -> HttpResponse {
    HttpResponse::Ok().content_type(content_type).body(body)
}

fn half(text: &str) -> String {
    text.chars().take(text.chars().count() / 2).collect()
}

/// A response whose body fails before its first byte: the server drops the connection without having written anything.
fn cut() -> HttpResponse {
    let failing = stream::once(std::future::ready(Err::<Bytes, _>(std::io::Error::other("cut by a fault"))));
    HttpResponse::Ok().streaming(failing)
}
