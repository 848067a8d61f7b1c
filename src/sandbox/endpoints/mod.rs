//! WeChat's HTTP API, one file per endpoint or small family, in WeChat's own names.

mod api_authorizer_token;
mod api_component_token;
mod api_create_preauthcode;
mod api_get_authorizer_info;
mod api_get_authorizer_list;
mod api_query_auth;
mod api_start_push_ticket;
mod authorizer_option;
pub mod call;
mod clear_quota;
mod diagnosis;
mod func_info;
mod gate;
mod merchant;
mod own_token;
pub mod serve;
mod sns;

use serde_json::Value;

use self::call::Call;
use super::refusal::Refusal;
use super::state::World;

type Endpoint = fn(&mut World, &Call) -> Result<Value, Refusal>;

/// The method that an endpoint wants.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Wants {
    Post,
    Get,
    Either,
}

/// Every path of the API. What is not listed here and looks like a merchant's API goes to the echo.
fn find(path: &str) -> Option<(Wants, Endpoint)> {
    use Wants::{Either, Get, Post};
    Some(match path {
        "/cgi-bin/component/api_start_push_ticket" => (Post, api_start_push_ticket::run),
        "/cgi-bin/component/api_component_token" => (Post, api_component_token::run),
        "/cgi-bin/component/api_create_preauthcode" => (Post, api_create_preauthcode::run),
        "/cgi-bin/component/api_query_auth" => (Post, api_query_auth::run),
        "/cgi-bin/component/api_authorizer_token" => (Post, api_authorizer_token::run),
        "/cgi-bin/component/api_get_authorizer_info" => (Post, api_get_authorizer_info::run),
        "/cgi-bin/component/api_get_authorizer_list" => (Post, api_get_authorizer_list::run),
        "/cgi-bin/component/get_authorizer_option" | "/cgi-bin/component/api_get_authorizer_option" => {
            (Post, authorizer_option::get)
        }
        "/cgi-bin/component/set_authorizer_option" | "/cgi-bin/component/api_set_authorizer_option" => {
            (Post, authorizer_option::set)
        }
        "/cgi-bin/component/clear_quota" => (Post, clear_quota::of_component),
        "/cgi-bin/component/clear_quota/v2" => (Post, clear_quota::by_component_secret),
        "/cgi-bin/clear_quota" => (Post, clear_quota::of_token),
        "/cgi-bin/clear_quota/v2" => (Post, clear_quota::by_own_secret),
        "/cgi-bin/openapi/quota/clear" => (Post, clear_quota::of_path),
        "/cgi-bin/openapi/quota/get" => (Post, diagnosis::quota),
        "/cgi-bin/openapi/rid/get" => (Post, diagnosis::rid),
        "/cgi-bin/token" => (Get, own_token::token),
        "/cgi-bin/stable_token" => (Post, own_token::stable_token),
        "/cgi-bin/getcallbackip" => (Either, diagnosis::callback_ips),
        "/cgi-bin/get_api_domain_ip" => (Either, diagnosis::api_ips),
        "/cgi-bin/callback/check" => (Post, diagnosis::callback_check),
        "/sns/component/jscode2session" => (Get, sns::jscode2session),
        _ if merchant::knows(path) => (Either, merchant::run),
        _ => return None,
    })
}

/// Whether a path belongs to the API at all, for the journal's counts.
pub fn is_known(path: &str) -> bool {
    find(path).is_some()
}

/// Answers one call.
///
/// # Errors
/// The refusal that WeChat would give.
pub fn answer(world: &mut World, call: &Call) -> Result<Value, Refusal> {
    let (wants, endpoint) = find(&call.path).ok_or(40066)?;
    match wants {
        Wants::Post if !call.is_post => return Err(43002.into()),
        Wants::Get if call.is_post => return Err(43001.into()),
        Wants::Post | Wants::Get | Wants::Either => {}
    }
    if wants == Wants::Post {
        call.check_body()?;
    }
    endpoint(world, call)
}
