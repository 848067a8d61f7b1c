//! What people and programs enter: names, addresses, keys, networks, ways back:
//! `cargo +nightly fuzz run entries`.
#![no_main]

use hufu::domain::api_key::{self, parse_network};
use hufu::domain::ids::{AuthorizerAppid, TenantId};
use hufu::domain::tenant::Slug;
use hufu::domain::user::{Email, parse_name};
use hufu::secret::Secret as _;
use hufu::web::request::is_own_path;
use libfuzzer_sys::fuzz_target;
use url::Url;

fuzz_target!(|bytes: &[u8]| {
    let text = String::from_utf8_lossy(bytes);
    let _ = (Slug::parse(&text).is_ok(), parse_name(&text).is_ok(), TenantId::parse(&text).is_ok());
    let _ = (AuthorizerAppid::parse(&text).is_ok(), parse_network(&text));
    if let Ok(email) = Email::parse(&text) {
        assert_eq!(Email::parse(email.as_str()).as_ref(), Ok(&email), "reading twice changes nothing");
    }
    if is_own_path(&text) {
        let base = Url::parse("https://portal.example.com/sign-in").expect("a good address");
        let there = base.join(&text).expect("an own path is a path");
        assert_eq!(there.origin(), base.origin(), "{text:?} leads away");
    }
    if text.len() == api_key::RANDOM_LENGTH && text.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
        assert!(api_key::is_well_formed(api_key::compose(&text).expose()), "a key of ours is well formed");
    }
    let _ = api_key::is_well_formed(&text);
});
