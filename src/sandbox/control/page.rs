//! The control page: five plain pages of forms, for people who want to see what WeChat sees and to make it misbehave.

use actix_web::cookie::Cookie;
use actix_web::web::{self, Bytes, Data, Path, Query, ServiceConfig};
use actix_web::{HttpRequest, HttpResponse};
use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::api::perform;
use super::view::{self, Frame};
use super::{Control, ControlError};

const LANG_COOKIE: &str = "sandbox_lang";

pub fn routes(config: &mut ServiceConfig) {
    config
        .route("/", web::get().to(accounts))
        .route("/sandbox", web::get().to(accounts))
        .route("/sandbox/switches", web::get().to(switches))
        .route("/sandbox/faults", web::get().to(faults))
        .route("/sandbox/pushes", web::get().to(pushes))
        .route("/sandbox/calls", web::get().to(calls))
        .route("/sandbox/do/{verb}", web::post().to(press));
}

/// What a page may be asked for.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Wanted {
    pub q: String,
    pub offset: usize,
    lang: String,
    done: String,
    error: String,
}

async fn accounts(request: HttpRequest, wanted: Query<Wanted>, control: Data<Control>) -> HttpResponse {
    let frame = frame(&request, &wanted, &control, "/");
    send(&wanted, view::accounts(&control, frame, &wanted))
}

async fn switches(request: HttpRequest, wanted: Query<Wanted>, control: Data<Control>) -> HttpResponse {
    let frame = frame(&request, &wanted, &control, "/sandbox/switches");
    send(&wanted, view::switches(&control, frame))
}

async fn faults(request: HttpRequest, wanted: Query<Wanted>, control: Data<Control>) -> HttpResponse {
    let frame = frame(&request, &wanted, &control, "/sandbox/faults");
    send(&wanted, view::faults(&control, frame))
}

async fn pushes(request: HttpRequest, wanted: Query<Wanted>, control: Data<Control>) -> HttpResponse {
    let frame = frame(&request, &wanted, &control, "/sandbox/pushes");
    send(&wanted, view::pushes(&control, frame))
}

async fn calls(request: HttpRequest, wanted: Query<Wanted>, control: Data<Control>) -> HttpResponse {
    let frame = frame(&request, &wanted, &control, "/sandbox/calls");
    send(&wanted, view::calls(&control, frame, &wanted))
}

/// A button: does the verb and goes back to the page it was on.
async fn press(
    request: HttpRequest,
    verb: Path<String>,
    body: Bytes,
    control: Data<Control>,
) -> HttpResponse {
    if is_foreign(&request) {
        return HttpResponse::Forbidden().body("The control page's buttons work on its own pages only.");
    }
    let (values, back) = read_form(&body);
    let (name, said) = match perform(&control, &verb, values).await {
        Ok(answer) => ("done", told(&verb, &answer)),
        Err(ControlError(sentence)) => ("error", sentence),
    };
    let joint = if back.contains('?') { '&' } else { '?' };
    let said: String = url::form_urlencoded::byte_serialize(said.as_bytes()).collect();
    HttpResponse::SeeOther().insert_header(("Location", format!("{back}{joint}{name}={said}"))).finish()
}

/// The verb, and what came of it when that is a short text.
fn told(verb: &str, answer: &Value) -> String {
    let fields = answer.as_object().into_iter().flatten();
    let news = fields.filter_map(|(name, value)| value.as_str().map(|text| format!("{name}: {text}")));
    let outcome = answer.pointer("/push/outcome").and_then(Value::as_str).map(str::to_owned);
    let news: Vec<String> = news.chain(outcome).collect();
    if news.is_empty() { verb.to_owned() } else { format!("{verb} → {}", news.join(", ")) }
}

/// Another site's page must not press our buttons; programs without a browser may.
fn is_foreign(request: &HttpRequest) -> bool {
    let site = request.headers().get("sec-fetch-site").and_then(|value| value.to_str().ok());
    site.is_some_and(|site| site != "same-origin" && site != "none")
}

/// Form fields are texts; a suffix says what they mean: `:n` number, `:b` yes or no, `:l` list, `:ln` list of numbers, `:e`
/// a text that may be empty. Other empty fields count as left out.
fn read_form(body: &[u8]) -> (Value, String) {
    let mut values = Map::new();
    let mut back = "/".to_owned();
    for (name, text) in url::form_urlencoded::parse(body) {
        let (name, meaning) = name.split_once(':').unwrap_or((&name, ""));
        let parts = || text.split([',', '，', ' ', '|']).map(str::trim).filter(|part| !part.is_empty());
        let value = match meaning {
            "n" => text.trim().parse::<i64>().map_or(Value::Null, Value::from),
            "b" => json!(text == "true"),
            "l" => parts().collect(),
            "ln" => parts().filter_map(|part| part.parse::<u32>().ok()).collect(),
            "e" => json!(text.trim()),
            _ if text.trim().is_empty() => continue,
            _ => json!(text.trim()),
        };
        match name {
            // Never off this site.
            "back" if text.starts_with('/') && !text.starts_with("//") => back = text.into_owned(),
            "back" => {}
            _ if value.is_null() => {}
            _ => {
                values.insert(name.to_owned(), value);
            }
        }
    }
    (Value::Object(values), back)
}

fn frame(request: &HttpRequest, wanted: &Wanted, control: &Control, here: &'static str) -> Frame {
    let cookie = request.cookie(LANG_COOKIE).map(|cookie| cookie.value().to_owned());
    let accepted = || {
        let header = request.headers().get("accept-language").and_then(|value| value.to_str().ok());
        header.unwrap_or("").to_owned()
    };
    let asked = if wanted.lang.is_empty() { cookie.unwrap_or_else(accepted) } else { wanted.lang.clone() };
    let english = asked.get(..2).is_some_and(|two| two.eq_ignore_ascii_case("en"));
    Frame::new(control, here, english, wanted.done.clone(), wanted.error.clone())
}

fn send(wanted: &Wanted, page: Result<String, askama::Error>) -> HttpResponse {
    let body = match page {
        Ok(body) => body,
        Err(error) => {
            tracing::error!(%error, "the control page could not be rendered");
            return HttpResponse::InternalServerError().finish();
        }
    };
    let mut answer = HttpResponse::Ok();
    answer.content_type("text/html; charset=utf-8").insert_header(("Cache-Control", "no-store"));
    if matches!(wanted.lang.as_str(), "zh" | "en") {
        answer.cookie(Cookie::build(LANG_COOKIE, wanted.lang.clone()).path("/").http_only(true).finish());
    }
    answer.body(body)
}
