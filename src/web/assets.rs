//! The files of `static/`, part of the binary and served under a name that changes with their content, so that a
//! browser may keep them for ever.

use std::collections::HashMap;
use std::sync::LazyLock;

use actix_web::http::header::CACHE_CONTROL;
use actix_web::{HttpResponse, web};
use rust_embed::Embed;

use super::error::WebError;
use super::page::Answer;

#[derive(Embed)]
#[folder = "static/"]
struct Files;

/// Address by file name.
static HASHED: LazyLock<HashMap<String, String>> = LazyLock::new(|| {
    Files::iter()
        .filter_map(|name| {
            let hash = hex::encode(&Files::get(&name)?.metadata.sha256_hash()[..6]);
            let (stem, ending) = name.rsplit_once('.')?;
            Some((name.to_string(), format!("{stem}.{hash}.{ending}")))
        })
        .collect()
});

/// File name by hashed name.
static NAMES: LazyLock<HashMap<&'static str, &'static str>> =
    LazyLock::new(|| HASHED.iter().map(|(name, hashed)| (hashed.as_str(), name.as_str())).collect());

/// Where a file of `static/` is served: `asset("app.css")` is `/static/app.<hash>.css`. A name that does not exist
/// leads to a 404.
pub fn asset(name: &str) -> String {
    format!("/static/{}", HASHED.get(name).map_or(name, String::as_str))
}

/// `GET /static/{name}`.
pub(super) async fn serve(path: web::Path<String>) -> Answer {
    let asked = path.into_inner();
    let (name, caching) = match NAMES.get(asked.as_str()) {
        Some(name) => (*name, "public, max-age=31536000, immutable"),
        None => (asked.as_str(), "no-cache"),
    };
    let file = Files::get(name).ok_or(WebError::NotFound)?;
    let kind = mime_guess::from_path(name).first_or_octet_stream();
    Ok(HttpResponse::Ok()
        .content_type(kind.as_ref())
        .insert_header((CACHE_CONTROL, caching))
        .body(file.data.into_owned()))
}
