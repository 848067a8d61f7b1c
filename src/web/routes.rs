//! Every address of the portal, in one list.

use actix_session::SessionMiddleware;
use actix_web::middleware::Compress;
use actix_web::web::{self, ServiceConfig, get, head, post, resource};

use super::admin::{self, components, tenants, unclaimed, users};
use super::error::WebError;
use super::page::Answer;
use super::session_store::SessionRows;
use super::viewer::SignedIn;
use super::{
    api, api_keys, assets, authorize, authorizer, authorizers, health, language, overview, push, set_up,
    sign_in, sign_out, switch_tenant,
};

/// Probes, static files and pushes: no session is read for them.
pub(super) fn machines(cfg: &mut ServiceConfig) {
    cfg.service(resource("/healthz").route(get().to(health::alive)).route(head().to(health::alive)))
        .service(resource("/readyz").route(get().to(health::ready)).route(head().to(health::ready)))
        .service(resource("/metrics").route(get().to(health::metrics)))
        .service(resource("/static/{name:.*}").route(get().to(assets::serve)).wrap(Compress::default()))
        .service(resource("/wechat/{component_appid}/events").route(post().to(push::events)))
        .service(
            resource("/wechat/{component_appid}/messages/{authorizer_appid}")
                .route(post().to(push::messages)),
        );
}

/// What business servers ask, with a key instead of a session.
pub(super) fn programs(cfg: &mut ServiceConfig) {
    cfg.service(
        resource("/api/v1/authorizers/{authorizer_appid}/access-token").route(get().to(api::access_token)),
    )
    .service(
        resource("/api/v1/authorizers/{authorizer_appid}/access-token/report").route(post().to(api::report)),
    )
    .service(resource("/api/v1/authorizers").route(get().to(api::accounts::list)))
    .service(resource("/api/v1/authorizers/{authorizer_appid}").route(get().to(api::accounts::show)))
    .service(resource("/api/{rest:.*}").to(api::nowhere));
}

/// Pages and forms of people.
fn people(cfg: &mut ServiceConfig) {
    cfg.configure(accounts)
        .service(resource("/sign-in").route(get().to(sign_in::form)).route(post().to(sign_in::submit)))
        .service(resource("/sign-out").route(post().to(sign_out::submit)))
        .service(resource("/setup/{token}").route(get().to(set_up::form)).route(post().to(set_up::submit)))
        .service(resource("/language").route(get().to(language::choose)))
        .service(resource("/tenant").route(post().to(switch_tenant::submit)))
        .configure(authorization);
}

/// The authorisation flow. The callback stands before the entry page, whose pattern would take it.
fn authorization(cfg: &mut ServiceConfig) {
    cfg.service(resource("/authorize").route(get().to(authorize::choose)).route(post().to(authorize::start)))
        .service(resource("/authorize/callback").route(get().to(authorize::callback::back)))
        .service(resource("/authorize/{entry}").route(get().to(authorize::entry::show)))
        .service(resource("/authorize/{entry}/result").route(get().to(authorize::entry::result)))
        .service(resource("/authorize/{entry}/renew").route(post().to(authorize::entry::renew)))
        .service(
            resource("/authorizers/{authorizer_appid}/reauthorize").route(post().to(authorize::reauthorize)),
        );
}

/// The tenant's accounts.
fn accounts(cfg: &mut ServiceConfig) {
    cfg.service(resource("/").route(get().to(overview::show)))
        .service(resource("/authorizers").route(get().to(authorizers::list)))
        .service(resource("/authorizers/{authorizer_appid}").route(get().to(authorizer::show)))
        .service(resource("/authorizers/{authorizer_appid}/refresh").route(post().to(authorizer::refresh)))
        .service(resource("/authorizers/{authorizer_appid}/pause").route(post().to(authorizer::pause)))
        .service(resource("/authorizers/{authorizer_appid}/resume").route(post().to(authorizer::resume)))
        .service(resource("/api-keys").route(get().to(api_keys::list)).route(post().to(api_keys::create)))
        .service(resource("/api-keys/{key}/revoke").route(post().to(api_keys::revoke)));
}

/// What a platform admin sees besides.
fn platform(cfg: &mut ServiceConfig) {
    cfg.service(resource("/admin").route(get().to(admin::overview::show)))
        .service(
            resource("/admin/components").route(get().to(components::list)).route(post().to(components::add)),
        )
        .service(
            resource("/admin/components/{component_appid}")
                .route(get().to(components::show))
                .route(post().to(components::update)),
        )
        .service(resource("/admin/components/{component_appid}/push").route(post().to(components::push)))
        .service(resource("/admin/authorizers").route(get().to(admin::authorizers::list)))
        .service(
            resource("/admin/authorizers/{component_appid}/{authorizer_appid}")
                .route(get().to(admin::authorizers::show)),
        )
        .service(resource("/admin/tenants").route(get().to(tenants::list)).route(post().to(tenants::create)))
        .service(resource("/admin/tenants/{tenant}").route(get().to(tenants::show)))
        .service(resource("/admin/tenants/{tenant}/name").route(post().to(tenants::rename)))
        .service(resource("/admin/tenants/{tenant}/members").route(post().to(tenants::add_member)))
        .service(
            resource("/admin/tenants/{tenant}/members/{user}/remove")
                .route(post().to(tenants::remove_member)),
        )
        .service(resource("/admin/users").route(get().to(users::list)).route(post().to(users::create)))
        .service(resource("/admin/users/{user}/disable").route(post().to(users::disable)))
        .service(resource("/admin/users/{user}/enable").route(post().to(users::enable)))
        .service(resource("/admin/unclaimed").route(get().to(unclaimed::list)))
        .service(resource("/admin/unclaimed/{grant}").route(post().to(unclaimed::decide)));
}

/// Everything that has a session. It takes all addresses that are left, so it comes last.
pub(super) fn ui(session: SessionMiddleware<SessionRows>) -> impl actix_web::dev::HttpServiceFactory {
    web::scope("").wrap(session).configure(people).configure(platform).default_service(web::to(nowhere))
}

/// Who is signed in keeps the frame of the portal around the 404.
async fn nowhere(_: Option<SignedIn>) -> Answer {
    Err(WebError::NotFound)
}
