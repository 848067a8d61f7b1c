//! Whatever answers at WeChat's address: `cargo +nightly fuzz run wechat_answers fuzz/seeds/wechat_answers`.
#![no_main]

use hufu::domain::ids::AuthorizerAppid;
use hufu::wechat::WechatError;
use hufu::wechat::api::{
    api_authorizer_token, api_component_token, api_create_preauthcode, api_get_authorizer_info,
    api_get_authorizer_list, api_query_auth,
};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let text = String::from_utf8_lossy(bytes);
    let Ok(authorizer) = AuthorizerAppid::parse("wx2authorizer") else { return };
    check(api_component_token::parse(&text).err());
    check(api_create_preauthcode::parse(&text).err());
    check(api_query_auth::parse(&text).err());
    check(api_authorizer_token::parse(&text).err());
    check(api_get_authorizer_info::parse(&text, &authorizer).err());
    check(api_get_authorizer_list::parse(&text).err());
});

/// An error can always be classified and printed, shortly.
fn check(error: Option<WechatError>) {
    let Some(error) = error else { return };
    let _ = (error.class(), error.reason(), error.rid(), error.request_ip(), error.is_platform_level());
    assert!(error.to_string().len() < 2000);
}
