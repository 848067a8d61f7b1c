//! The consent pages: for a computer, and for a phone (H5, new and old address). What was checked when the page was
//! opened is kept under a short-lived key that the form carries.

mod check;
mod decide;
mod problem;
mod view;
mod words;

use actix_web::web::{self, Data, Query, ServiceConfig};
use actix_web::{HttpRequest, HttpResponse};

use self::check::Params;
use super::control::Control;
use super::state::Shared;

/// Which page was opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Variant {
    Pc,
    H5,
}

pub fn routes(config: &mut ServiceConfig) {
    config
        .route("/cgi-bin/componentloginpage", web::get().to(open_pc))
        .route("/wxaopen/safe/bindcomponent", web::get().to(open_h5))
        .route("/safe/bindcomponent", web::get().to(open_h5))
        .route("/sandbox/consent", web::post().to(decide::decide));
}

async fn open_pc(request: HttpRequest, params: Query<Params>, shared: Data<Shared>) -> HttpResponse {
    open(Variant::Pc, &request, &params, shared)
}

async fn open_h5(request: HttpRequest, params: Query<Params>, shared: Data<Shared>) -> HttpResponse {
    open(Variant::H5, &request, &params, shared)
}

fn open(variant: Variant, request: &HttpRequest, params: &Params, shared: Data<Shared>) -> HttpResponse {
    let header = |name: &str| request.headers().get(name).and_then(|value| value.to_str().ok()).unwrap_or("");
    let english = speaks_english(&params.lang, header("accept-language"));
    let referer = header("referer").to_owned();
    let opened = shared.into_inner().with(|world| check::open(world, variant, params, &referer, english));
    match opened {
        Ok(offer) => view::offer(&offer),
        Err(problem) => view::problem(&problem, english),
    }
}

/// `lang` decides, then the browser's first language; Chinese when neither says anything.
fn speaks_english(lang: &str, accept_language: &str) -> bool {
    let wanted = if lang.is_empty() { accept_language } else { lang };
    wanted.get(..2).is_some_and(|two| two.eq_ignore_ascii_case("en"))
}

/// The verbs are needed to send the push that goes before the redirect.
type Verbs = Data<Control>;
