//! Pictures of accounts, drawn on request: an avatar from the name, a QR code from the appid.

use std::sync::Arc;

use actix_web::HttpResponse;
use actix_web::web::{self, Data, Path, ServiceConfig};
use qrcode::QrCode;
use qrcode::render::svg;

use super::state::Shared;

const COLOURS: [(&str, &str); 8] = [
    ("#0f9d58", "#38c172"),
    ("#3367d6", "#5e97f6"),
    ("#c2410c", "#fb923c"),
    ("#7c3aed", "#a78bfa"),
    ("#be185d", "#f472b6"),
    ("#0e7490", "#22d3ee"),
    ("#4d7c0f", "#a3e635"),
    ("#334155", "#94a3b8"),
];

pub fn routes(config: &mut ServiceConfig) {
    // Browsers ask for it on their own; it must not end up in the journal.
    config.route("/favicon.ico", web::get().to(HttpResponse::NoContent));
    config.route("/sandbox/avatar/{appid}.svg", web::get().to(avatar));
    config.route("/sandbox/qrcode/{appid}.svg", web::get().to(qr_code));
}

async fn avatar(appid: Path<String>, shared: Data<Shared>) -> HttpResponse {
    let shared: Arc<Shared> = shared.into_inner();
    let name =
        shared.with(|world| world.accounts.get(appid.as_str()).map(|account| account.nick_name.clone()));
    svg_answer(draw(&appid, name.as_deref().unwrap_or("?")))
}

fn draw(appid: &str, name: &str) -> String {
    let sum: usize = appid.bytes().map(usize::from).sum();
    let (from, to) = COLOURS[sum % COLOURS.len()];
    let first = match name.chars().next() {
        Some('<' | '>' | '&') | None => '?',
        Some(letter) => letter,
    };
    format!(
        r##"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 96 96" width="96" height="96"><defs><linearGradient id="g" x1="0" y1="0" x2="1" y2="1"><stop offset="0" stop-color="{to}"/><stop offset="1" stop-color="{from}"/></linearGradient></defs><rect width="96" height="96" fill="url(#g)"/><text x="48" y="50" font-family="system-ui,'Noto Sans CJK SC','PingFang SC',sans-serif" font-size="46" font-weight="600" fill="#fff" text-anchor="middle" dominant-baseline="central">{first}</text></svg>"##
    )
}

async fn qr_code(appid: Path<String>) -> HttpResponse {
    match QrCode::new(format!("http://weixin.qq.com/r/{appid}")) {
        Ok(code) => svg_answer(code.render::<svg::Color<'_>>().min_dimensions(200, 200).build()),
        Err(_) => HttpResponse::NotFound().finish(),
    }
}

fn svg_answer(body: String) -> HttpResponse {
    HttpResponse::Ok()
        .content_type("image/svg+xml")
        .insert_header(("Cache-Control", "max-age=3600"))
        .body(body)
}
