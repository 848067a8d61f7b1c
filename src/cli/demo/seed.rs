//! What the demo starts with: two components that both sides know, two tenants, three logins, and accounts in every
//! state.

use url::Url;

use crate::app::Running;
use crate::domain::api_key::{Allowed, Scope, Sources};
use crate::domain::audit::Actor;
use crate::domain::ids::{ComponentAppid, TenantId};
use crate::domain::role::{PlatformRole, Role};
use crate::domain::tenant::Slug;
use crate::domain::user::Email;
use crate::sandbox::{
    ComponentPatch, Control, NEWCOMER_AES_KEY, NEWCOMER_APPID, NEWCOMER_SECRET, NEWCOMER_TOKEN,
};
use crate::secret::{ApiKeySecret, ComponentAppsecret, EncodingAesKey, Password, PushToken, Secret};
use crate::service::create_api_key::{self, NewKey};
use crate::service::create_user::{self, NewUser};
use crate::service::put_component::{self, Input, Mode};
use crate::service::{Context, create_tenant};

use super::{Failure, accounts, day, links};

/// Somebody who can sign in to the demo.
pub(super) struct Login {
    pub(super) email: &'static str,
    pub(super) password: &'static str,
    pub(super) meaning: &'static str,
    name: &'static str,
    /// Index into [`TENANTS`]; `None` for the platform's administrator.
    member: Option<(usize, Role)>,
}

const TENANTS: [(&str, &str); 2] = [("shanye", "山野餐饮集团"), ("qinghe", "青禾文化")];

pub(super) const LOGINS: [Login; 3] = [
    Login {
        email: "owner@example.com",
        password: "copper-teapot-lantern",
        meaning: "客户（山野餐饮集团的所有者）/ customer, owner",
        name: "陈晓",
        member: Some((0, Role::Owner)),
    },
    Login {
        email: "viewer@example.com",
        password: "paper-kites-in-the-rain",
        meaning: "客户（青禾文化的只读成员）/ customer, viewer",
        name: "林青",
        member: Some((1, Role::Viewer)),
    },
    Login {
        email: "admin@example.com",
        password: "granite-window-eleven",
        meaning: "平台管理员 / platform administrator",
        name: "平台管理员",
        member: None,
    },
];

/// What the demo tells at its start.
pub(super) struct Seeded {
    /// The key of the first tenant's business server.
    pub(super) key: ApiKeySecret,
    /// A link for a merchant of that tenant.
    pub(super) merchant: Url,
}

pub(super) async fn run(running: &Running, control: &Control) -> Result<Seeded, Failure> {
    let cx = &running.context;
    component(cx, control, (NEWCOMER_APPID, "山海开放平台")).await?;
    component(cx, control, (accounts::BLOCKED_APPID, "山海开放平台（旧机房）")).await?;
    let mut tenants = Vec::with_capacity(TENANTS.len());
    for (slug, name) in TENANTS {
        let slug = Slug::parse(slug).map_err(Failure::other)?;
        tenants.push(create_tenant::run(cx, cx.clock.now(), &Actor::cli(), slug, name.to_owned()).await?.id);
    }
    for login in &LOGINS {
        user(cx, login, &tenants).await?;
    }
    day::run(cx, &tenants, &accounts::of_each_tenant(tenants.len())).await?;
    accounts::run(cx, control, &tenants).await?;
    Ok(Seeded { merchant: links::run(cx, &tenants).await?, key: key(cx, &tenants).await? })
}

async fn key(cx: &Context, tenants: &[TenantId]) -> Result<ApiKeySecret, Failure> {
    let [first, ..] = tenants else { return Err(Failure::sentence("the demo has no tenant")) };
    let new = NewKey {
        name: "订单服务".to_owned(),
        scopes: vec![Scope::ReadHealth, Scope::ReadToken, Scope::Report],
        authorizers: Allowed::All,
        sources: Sources::Anywhere,
        lives_for: None,
    };
    Ok(create_api_key::run(cx, cx.clock.now(), &Actor::cli(), first, new).await?.secret)
}

/// The sandbox's component learns where the portal is, and the portal learns its secrets; then the first ticket comes.
async fn component(cx: &Context, control: &Control, (appid, name): (&str, &str)) -> Result<(), Failure> {
    let portal = &cx.settings.public_url;
    let input = Input {
        appid: ComponentAppid::parse(appid).map_err(Failure::other)?,
        name: Some(name.to_owned()),
        appsecret: Some(ComponentAppsecret::new(NEWCOMER_SECRET)),
        token: Some(PushToken::new(NEWCOMER_TOKEN)),
        aes_key: Some(EncodingAesKey::new(NEWCOMER_AES_KEY)),
        previous_token: None,
        previous_aes_key: None,
    };
    put_component::run(cx, cx.clock.now(), &Actor::cli(), Mode::Add, input).await?.map_err(Failure::other)?;
    control.component(ComponentPatch {
        appid: Some(appid.to_owned()),
        name: Some(name.to_owned()),
        secret: Some(NEWCOMER_SECRET.to_owned()),
        token: Some(NEWCOMER_TOKEN.to_owned()),
        aes_key: Some(NEWCOMER_AES_KEY.to_owned()),
        event_url: Some(format!("{portal}wechat/{appid}/events")),
        message_url: Some(format!("{portal}wechat/{appid}/messages/$APPID$")),
        entry_domain: Some(portal.host_str().unwrap_or_default().to_owned()),
        ..ComponentPatch::default()
    });
    let push = control.push_ticket(Some(appid)).map_err(Failure::other)?;
    control.wait_for_push(push).await;
    Ok(())
}

async fn user(cx: &Context, login: &Login, tenants: &[TenantId]) -> Result<(), Failure> {
    let membership = login.member.and_then(|(tenant, role)| Some((tenants.get(tenant)?.clone(), role)));
    let new = NewUser {
        email: Email::parse(login.email).map_err(Failure::other)?,
        name: login.name.to_owned(),
        password: Password::new(login.password),
        platform: login.member.is_none().then_some(PlatformRole::Admin),
        membership,
    };
    create_user::run(cx, cx.clock.now(), &Actor::cli(), new).await?;
    Ok(())
}
