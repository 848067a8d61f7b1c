//! One press of 授权: fetches a fresh pre_auth_code and writes down who asked for what.

use std::time::Duration;

use crate::clock::Timestamp;
use crate::domain::audit::{Action, Actor, Detail, Entry, Subject};
use crate::domain::authorization::AuthType;
use crate::domain::ids::{
    AuthorizationId, AuthorizerAppid, ComponentAppid, MerchantLinkId, TenantId, UserId,
};
use crate::domain::tenant_life::Counted;
use crate::secret::{OneTimeToken, Secret};
use crate::store::authorization::{self, NewAuthorization};
use crate::store::{StoreError, audit, authorizer, component, tenant, tenant_life};
use crate::wechat::api::api_create_preauthcode::{self, PreAuth};

use super::{Context, ServiceError, call_component};

/// WeChat's pages disagree on 600 and 1800 seconds; nobody is promised more than the shorter.
const LONGEST: Duration = Duration::from_secs(600);

#[derive(Clone, Debug)]
pub struct Request {
    pub tenant: TenantId,
    pub user: Option<UserId>,
    /// SHA-256 of the browser's session key: only that browser, or one that opened the entry page, may return.
    pub session_hash: Option<String>,
    /// `None`: the component of the expected account, or the oldest.
    pub component: Option<ComponentAppid>,
    pub auth_type: AuthType,
    /// Set for a re-authorisation: only this account is accepted.
    pub expected_appid: Option<AuthorizerAppid>,
    /// The merchant's link it is begun with.
    pub link: Option<MerchantLinkId>,
    /// `None`: it is asked for now.
    pub asked_at: Option<Timestamp>,
}

#[derive(Clone, Debug)]
pub struct Started {
    pub id: AuthorizationId,
    /// Finds the entry page: `/authorize/{entry}`.
    pub entry: OneTimeToken,
}

/// # Errors
/// `NoComponent`, `PlatformNotReady`, `Wechat`, `NotFound` (the expected account is not this tenant's), `Conflict` (the
/// tenant is suspended), `Full` (for one more account), `Store`.
pub async fn run(
    cx: &Context,
    now: Timestamp,
    by: &Actor,
    request: Request,
) -> Result<Started, ServiceError> {
    let component = choose_component(cx, now, &request).await?;
    let code = call_component::ask(cx, &component, |held| {
        let (cx, component) = (cx.clone(), component.clone());
        async move { api_create_preauthcode::call(&cx.wechat, &component, &held.token).await }
    })
    .await?;
    Ok(write_down(cx, (now, by), &request, &component, &code).await?)
}

async fn choose_component(
    cx: &Context,
    now: Timestamp,
    request: &Request,
) -> Result<ComponentAppid, ServiceError> {
    let mut tx = cx.store.read_for(&request.tenant).await?;
    // Every page on the way here asks this too; this is the place that none of them goes around.
    let of = tenant::find(&mut tx, &request.tenant).await?.ok_or(ServiceError::NotFound)?;
    if of.suspended_at.is_some() {
        return Err(ServiceError::Conflict("the tenant is suspended"));
    }
    if let Some(expected) = &request.expected_appid {
        let account = authorizer::find(&mut tx, &request.tenant, expected).await?;
        return account.map(|account| account.key.component).ok_or(ServiceError::NotFound);
    }
    let quota = tenant_life::quota(&mut tx, &request.tenant).await?.authorizers;
    if let Some(most) = quota
        && tenant_life::usage(&mut tx, &request.tenant, now).await?.authorizers >= most
    {
        return Err(ServiceError::Full(Counted::Authorizers));
    }
    if let Some(asked) = &request.component {
        let known = component::list(&mut tx).await?.into_iter().any(|status| status.appid == *asked);
        return if known { Ok(asked.clone()) } else { Err(ServiceError::NotFound) };
    }
    component::first(&mut tx).await?.ok_or(ServiceError::NoComponent)
}

async fn write_down(
    cx: &Context,
    (now, by): (Timestamp, &Actor),
    request: &Request,
    component: &ComponentAppid,
    code: &PreAuth,
) -> Result<Started, StoreError> {
    let id = cx.random.id(now);
    let id = AuthorizationId::parse(&id).map_err(|_| StoreError::corrupt("authorization", "id", id))?;
    let state = OneTimeToken::new(cx.random.base62(32));
    let entry = OneTimeToken::new(cx.random.base62(32));
    let new = NewAuthorization {
        id: &id,
        component,
        tenant: &request.tenant,
        user: request.user.as_ref(),
        session_hash: request.session_hash.as_deref(),
        device_hash: None,
        state: &state,
        entry: &entry,
        auth_type: request.auth_type,
        expected_appid: request.expected_appid.as_ref(),
        pre_auth_code: &code.code,
        code_expires_at: now.plus(code.expires_in.min(LONGEST)),
        link: request.link.as_ref(),
        asked_at: request.asked_at.unwrap_or(now),
    };
    let mut tx = cx.store.write_for(&request.tenant).await?;
    authorization::insert(&mut tx, &cx.vault, now, &new).await?;
    let (action, subject) = match &request.expected_appid {
        Some(expected) => (Action::ReauthorizationStarted, Subject::authorizer(expected)),
        None => (Action::AuthorizationStarted, Subject::authorization(&id)),
    };
    let detail = Detail::none().fact("component", component).fact("authorization", &id);
    audit::append(&mut tx, now, by, &Entry::of(&request.tenant, action, subject).with(detail)).await?;
    tx.commit().await?;
    Ok(Started { id, entry })
}
