//! Who asks, as far as a browser says: the address it comes from and its own words about itself.

use std::future::{Ready, ready};
use std::net::IpAddr;

use actix_web::dev::Payload;
use actix_web::http::header::USER_AGENT;
use actix_web::web::Data;
use actix_web::{FromRequest, HttpRequest};

use crate::service::Context;

use super::client_address;
use super::error::WebError;

/// Of a browser's words, so many bytes are kept.
const WORDS: usize = 300;

#[derive(Clone, Debug, Default)]
pub struct Client {
    pub from: Option<IpAddr>,
    pub agent: Option<String>,
}

impl FromRequest for Client {
    type Error = WebError;
    type Future = Ready<Result<Self, WebError>>;

    fn from_request(req: &HttpRequest, _: &mut Payload) -> Self::Future {
        let trusted = req.app_data::<Data<Context>>().map(|cx| cx.settings.trusted_proxies.clone());
        let agent = req.headers().get(USER_AGENT).and_then(|value| value.to_str().ok());
        ready(Ok(Self {
            from: client_address::of(req, &trusted.unwrap_or_default()),
            agent: agent.map(|text| text.chars().take(WORDS).collect()),
        }))
    }
}
