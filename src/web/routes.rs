//! Every address of the portal, in one table. A line names its policy and its handler's signature has to agree
//! (`policy.rs`): `verb "pattern" => handler: access, effect, what else is needed;`

use actix_session::SessionMiddleware;
use actix_web::middleware::Compress;
use actix_web::web::{self, ServiceConfig, resource};

use super::error::WebError;
use super::page::Answer;
use super::policy::{self, Access, Area, Effect, Policy, Route, Verb};
use super::session_store::SessionRows;
use super::viewer::{
    Grants, ManageAuthorizers, ManageKeys, ManageLinks, ManageMembers, ManageSecurity, ManageTenant,
    SeeAudit, SeeAuthorizers, SignedIn,
};
use super::{
    admin, api, api_keys, assets, audit, authorize, authorizer, authorizers, connect, health, invitation,
    language, links, logo, members, overview, passkeys, password, profile, push, second, security, set_up,
    sign_in, sign_out, sign_up, step_up, switch_tenant, tenant_export,
};
use api::caller::{MayReadHealth, MayReadToken, MayReport, Needs};

macro_rules! verb {
    (get) => {
        Verb::Get
    };
    (head) => {
        Verb::Head
    };
    (post) => {
        Verb::Post
    };
}

macro_rules! access {
    (open) => {
        Access::Open
    };
    (signed) => {
        Access::Signed
    };
    (key $scope:ident) => {
        Access::Key(<$scope as Needs>::SCOPE)
    };
    (public) => {
        Access::Public
    };
    (signed_in) => {
        Access::SignedIn
    };
    (member $permission:ident) => {
        Access::Member(<$permission as Grants>::PERMISSION)
    };
    (platform_reader) => {
        Access::PlatformReader
    };
    (platform_admin) => {
        Access::PlatformAdmin
    };
}

macro_rules! effect {
    (reads) => {
        Effect::Reads
    };
    (changes) => {
        Effect::Changes
    };
}

/// A route without access and effect, or with a handler that asks for less, does not compile.
macro_rules! table {
    ($($area:ident { $(
        $verb:ident $pattern:literal => $($handler:ident)::+:
            $access:ident $(($what:ident))?, $effect:ident $(, $need:ident)*;
    )* })*) => {
        /// For tests and documents; the router is made of the same lines.
        pub const TABLE: &[Route] = &[$($(Route {
            area: Area::$area,
            verb: verb!($verb),
            pattern: $pattern,
            handler: concat!($("::", stringify!($handler)),+),
            policy: {
                let policy = Policy {
                    access: access!($access $($what)?),
                    effect: effect!($effect),
                    ..NOTHING_ELSE
                };
                $(let policy = Policy { $need: true, ..policy };)*
                policy
            },
        }),*),*];

        const HANDLERS: &[fn() -> actix_web::Route] = &[$($(
            || web::$verb().to(policy::$access::<$($what,)? _, _>($($handler)::+)),
        )*)*];
    };
}

const NOTHING_ELSE: Policy =
    Policy { access: Access::Open, effect: Effect::Reads, form: false, recent: false };

table! {
    Programs {
        get "/api/v1/authorizers/{authorizer_appid}/access-token" => api::access_token: key(MayReadToken), reads;
        post "/api/v1/authorizers/{authorizer_appid}/access-token/report" => api::report: key(MayReport), changes;
        get "/api/v1/authorizers" => api::accounts::list: key(MayReadHealth), reads;
        get "/api/v1/authorizers/{authorizer_appid}" => api::accounts::show: key(MayReadHealth), reads;
    }
    Machines {
        get "/healthz" => health::alive: open, reads;
        head "/healthz" => health::alive: open, reads;
        get "/readyz" => health::ready: open, reads;
        get "/metrics" => health::metrics: open, reads;
        get "/static/{name:.*}" => assets::serve: open, reads;
        get "/logo/{name}" => logo::serve: open, reads;
        post "/wechat/{component_appid}/events" => push::events: signed, changes;
        post "/wechat/{component_appid}/messages/{authorizer_appid}" => push::messages: signed, changes;
    }
    People {
        // The tenant's accounts.
        get "/" => overview::show: member(SeeAuthorizers), reads;
        get "/authorizers" => authorizers::list: member(SeeAuthorizers), reads;
        get "/authorizers/{authorizer_appid}" => authorizer::show: member(SeeAuthorizers), reads;
        post "/authorizers/{authorizer_appid}/refresh" => authorizer::refresh: member(ManageAuthorizers), changes, form;
        post "/authorizers/{authorizer_appid}/pause" => authorizer::pause: member(ManageAuthorizers), changes, form;
        post "/authorizers/{authorizer_appid}/resume" => authorizer::resume: member(ManageAuthorizers), changes, form;
        get "/api-keys" => api_keys::list: member(ManageKeys), reads;
        post "/api-keys" => api_keys::create: member(ManageKeys), changes, form, recent;
        post "/api-keys/{key}/revoke" => api_keys::revoke: member(ManageKeys), changes, form, recent;

        // Links for merchants, and the page they lead to.
        get "/links" => links::list: member(ManageLinks), reads;
        post "/links" => links::create: member(ManageLinks), changes, form;
        get "/links/bulk" => links::bulk::show: member(ManageLinks), reads;
        post "/links/bulk" => links::bulk::create: member(ManageLinks), changes, form;
        get "/links/bulk.csv" => links::bulk::download: member(ManageLinks), reads;
        post "/links/bulk/send" => links::bulk::send: member(ManageLinks), changes, form;
        get "/links/logo" => logo::show: member(ManageTenant), reads;
        post "/links/logo" => logo::upload: member(ManageTenant), changes, form;
        post "/links/logo/remove" => logo::remove: member(ManageTenant), changes, form;
        get "/links/{link}" => links::show: member(ManageLinks), reads;
        post "/links/{link}/send" => links::send: member(ManageLinks), changes, form;
        post "/links/{link}/revoke" => links::revoke: member(ManageLinks), changes, form;
        get "/connect/{token}" => connect::show: public, changes;
        post "/connect/{token}" => connect::press: public, changes, form;
        // The tenant's people.
        get "/members" => members::list: member(ManageMembers), reads;
        post "/members" => members::invite: member(ManageMembers), changes, form, recent;
        post "/members/invitations/{invitation}/resend" => members::resend: member(ManageMembers), changes, form, recent;
        post "/members/invitations/{invitation}/revoke" => members::revoke: member(ManageMembers), changes, form;
        post "/members/{user}/role" => members::change_role: member(ManageMembers), changes, form, recent;
        post "/members/{user}/remove" => members::remove: member(ManageMembers), changes, form, recent;

        get "/audit" => audit::list: member(SeeAudit), reads;
        post "/audit/export" => audit::export: member(SeeAudit), changes, form, recent;
        post "/export" => tenant_export::own: member(ManageTenant), changes, form, recent;

        // Coming and going.
        get "/sign-in" => sign_in::form: public, reads;
        post "/sign-in" => sign_in::submit: public, changes, form;
        get "/sign-in/second" => second::form: public, reads;
        post "/sign-in/second" => second::submit: public, changes, form;
        post "/sign-in/passkey/start" => passkeys::start_sign_in: public, reads, form;
        post "/sign-in/passkey" => passkeys::sign_in: public, changes, form;
        post "/sign-out" => sign_out::submit: public, reads, form;
        get "/sign-up" => sign_up::form: public, reads;
        post "/sign-up" => sign_up::ask: public, changes, form;
        get "/sign-up/{token}" => sign_up::choose: public, reads;
        post "/sign-up/{token}" => sign_up::finish: public, changes, form;
        get "/setup/{token}" => set_up::form: public, reads;
        post "/setup/{token}" => set_up::submit: public, changes, form;
        get "/language" => language::choose: public, changes;
        get "/password/forgot" => password::form: public, reads;
        post "/password/forgot" => password::ask: public, changes, form;
        get "/password/reset/{token}" => password::choose: public, reads;
        post "/password/reset/{token}" => password::save: public, changes, form;
        get "/invitation/{token}" => invitation::show: public, reads;
        post "/invitation/{token}" => invitation::accept: public, changes, form;

        // One's own account.
        get "/account" => profile::show: signed_in, reads;
        post "/account" => profile::save: signed_in, changes, form;
        post "/account/password" => profile::password: signed_in, changes, form;
        post "/account/email" => profile::email::ask: signed_in, changes, form, recent;
        post "/account/email/revoke" => profile::email::revoke: signed_in, changes, form;
        get "/account/email/{token}" => profile::email::show: signed_in, reads;
        post "/account/email/{token}" => profile::email::confirm: signed_in, changes, form;
        get "/account/sessions" => profile::sessions: signed_in, reads;
        post "/account/sessions/end" => profile::end: signed_in, changes, form;
        post "/account/sessions/end-others" => profile::end_others: signed_in, changes, form;
        post "/tenant" => switch_tenant::submit: signed_in, reads, form;
        get "/step-up" => step_up::form: signed_in, reads;
        post "/step-up/passkey/start" => passkeys::start_step_up: signed_in, reads, form;
        post "/step-up/passkey" => passkeys::step_up: signed_in, changes, form;
        post "/step-up" => step_up::submit: signed_in, changes, form;

        // Second factors of one's own, and whether a tenant asks for them.
        get "/account/security" => security::show: signed_in, reads;
        post "/account/security/app" => security::start_app: signed_in, changes, form, recent;
        get "/account/security/app" => security::app: signed_in, reads, recent;
        post "/account/security/app/confirm" => security::add_app: signed_in, changes, form, recent;
        post "/account/security/app/remove" => security::remove_app: signed_in, changes, form, recent;
        post "/account/security/passkeys/start" => passkeys::start_new: signed_in, reads, form, recent;
        post "/account/security/passkeys" => passkeys::add: signed_in, changes, form, recent;
        post "/account/security/passkeys/{passkey}/remove" => passkeys::remove: signed_in, changes, form, recent;
        post "/account/security/recovery-codes" => security::renew_codes: signed_in, changes, form, recent;
        post "/security" => security::set_rule: member(ManageSecurity), changes, form, recent;

        // The authorisation flow. The callback stands before the entry page, whose pattern would take it.
        get "/authorize" => authorize::choose: member(ManageAuthorizers), reads;
        post "/authorize" => authorize::start: member(ManageAuthorizers), changes, form;
        get "/authorize/callback" => authorize::callback::back: public, changes;
        get "/authorize/{entry}" => authorize::entry::show: public, changes;
        get "/authorize/{entry}/result" => authorize::entry::result: public, changes;
        post "/authorize/{entry}/renew" => authorize::entry::renew: public, changes, form;
        post "/authorizers/{authorizer_appid}/reauthorize" => authorize::reauthorize: member(ManageAuthorizers), changes, form;

        // The platform.
        get "/admin" => admin::overview::show: platform_reader, reads;
        get "/admin/components" => admin::components::list: platform_reader, reads;
        post "/admin/components" => admin::components::add: platform_admin, changes, form, recent;
        get "/admin/components/{component_appid}" => admin::components::show: platform_reader, reads;
        post "/admin/components/{component_appid}" => admin::components::update: platform_admin, changes, form, recent;
        post "/admin/components/{component_appid}/push" => admin::components::push: platform_admin, changes, form;
        get "/admin/components/{component_appid}/reveal" => admin::reveal::form: platform_admin, reads, recent;
        post "/admin/components/{component_appid}/reveal" => admin::reveal::show: platform_admin, changes, form, recent;
        get "/admin/authorizers" => admin::authorizers::list: platform_reader, reads;
        get "/admin/authorizers/{component_appid}/{authorizer_appid}" => admin::authorizers::show: platform_reader, reads;
        get "/admin/tenants" => admin::tenants::list: platform_reader, reads;
        post "/admin/tenants" => admin::tenants::create: platform_admin, changes, form;
        get "/admin/tenants/{tenant}" => admin::tenants::show: platform_reader, reads;
        post "/admin/tenants/{tenant}/name" => admin::tenants::rename: platform_admin, changes, form;
        post "/admin/tenants/{tenant}/members" => admin::tenants::add_member: platform_admin, changes, form, recent;
        post "/admin/tenants/{tenant}/members/{user}/remove" => admin::tenants::remove_member: platform_admin, changes, form, recent;
        post "/admin/tenants/{tenant}/suspend" => admin::tenant_life::suspend: platform_admin, changes, form;
        post "/admin/tenants/{tenant}/resume" => admin::tenant_life::resume: platform_admin, changes, form;
        post "/admin/tenants/{tenant}/limits" => admin::tenant_life::limit: platform_admin, changes, form;
        post "/admin/tenants/{tenant}/export" => tenant_export::of_tenant: platform_admin, changes, form, recent;
        post "/admin/tenants/{tenant}/delete" => admin::tenant_life::delete: platform_admin, changes, form, recent;
        post "/admin/tenants/{tenant}/keep" => admin::tenant_life::keep: platform_admin, changes, form;
        get "/admin/users" => admin::users::list: platform_reader, reads;
        post "/admin/users" => admin::users::create: platform_admin, changes, form, recent;
        get "/admin/users/{user}" => admin::user::show: platform_reader, reads;
        post "/admin/users/{user}/reset" => admin::user::reset: platform_admin, changes, form, recent;
        post "/admin/users/{user}/email" => admin::user::put_email: platform_admin, changes, form, recent;
        post "/admin/users/{user}/sessions/end" => admin::user::end: platform_admin, changes, form;
        post "/admin/users/{user}/disable" => admin::users::disable: platform_admin, changes, form, recent;
        post "/admin/users/{user}/enable" => admin::users::enable: platform_admin, changes, form, recent;
        post "/admin/users/{user}/reset-factors" => admin::users::reset_factors: platform_admin, changes, form, recent;
        get "/admin/audit" => audit::list_all: platform_reader, reads;
        post "/admin/audit/export" => audit::export_all: platform_admin, changes, form, recent;
        get "/admin/unclaimed" => admin::unclaimed::list: platform_reader, reads;
        post "/admin/unclaimed/{grant}" => admin::unclaimed::decide: platform_admin, changes, form;
    }
}

/// A line that contradicts itself does not compile.
const _: () = {
    let mut line = 0;
    while line < TABLE.len() {
        if let Some(flaw) = TABLE[line].flaw() {
            panic!("{}", flaw);
        }
        line += 1;
    }
};

/// Probes, static files and pushes.
pub(super) fn machines(cfg: &mut ServiceConfig) {
    mount(cfg, Area::Machines);
}

/// What business servers ask. What is no address of theirs is a problem as well, not a page.
pub(super) fn programs(cfg: &mut ServiceConfig) {
    mount(cfg, Area::Programs);
    cfg.service(resource("/api/{rest:.*}").to(api::nowhere));
}

fn people(cfg: &mut ServiceConfig) {
    mount(cfg, Area::People);
}

/// Everything that has a session. It takes all addresses that are left, so it comes last.
pub(super) fn ui(session: SessionMiddleware<SessionRows>) -> impl actix_web::dev::HttpServiceFactory {
    web::scope("").wrap(session).configure(people).default_service(web::to(nowhere))
}

/// Who is signed in keeps the frame of the portal around the 404.
async fn nowhere(_: Option<SignedIn>) -> Answer {
    Err(WebError::NotFound)
}

/// One resource for each pattern, in the order of the table, with all verbs of the pattern.
fn mount(cfg: &mut ServiceConfig, area: Area) {
    let lines = || TABLE.iter().zip(HANDLERS).filter(|(line, _)| line.area == area);
    for (at, (first, _)) in lines().enumerate() {
        if lines().take(at).any(|(line, _)| line.pattern == first.pattern) {
            continue;
        }
        let same = lines().filter(|(line, _)| line.pattern == first.pattern);
        let all = same.fold(resource(first.pattern), |resource, (_, handler)| resource.route(handler()));
        if first.pattern.starts_with("/static/") {
            cfg.service(all.wrap(Compress::default()));
        } else {
            cfg.service(all);
        }
    }
}
