//! The accounts of the demo: authorised the way a merchant does it, then each left in the state it is to show.

use std::time::Duration;

use crate::clock::{Clock, Stopwatch};
use crate::domain::audit::Actor;
use crate::domain::authorization::AuthType;
use crate::domain::health::Health;
use crate::domain::ids::{AuthorizerAppid, AuthorizerKey, ComponentAppid, TenantId};
use crate::jobs::Engine;
use crate::sandbox::{AccountKind, AccountPatch, Control, Fault, FaultKind, GrantRequest, NEWCOMER_APPID};
use crate::secret::Secret;
use crate::service::manage_authorizer::{self, Action};
use crate::service::{Context, start_authorization};
use crate::store::{authorization, authorizer, authorizer_token};

use super::Failure;

/// The second platform, whose address list lacks this server.
pub(super) const BLOCKED_APPID: &str = "wx7c1f0e5d2b3a4968";
/// An account of the first tenant that stays healthy.
pub(super) const HEALTHY: &str = "wx3f01a8c94be27d10";
const REFRESH: &str = "/cgi-bin/component/api_authorizer_token";
const INFO: &str = "/cgi-bin/component/api_get_authorizer_info";

/// What becomes of an account after it was authorised.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fate {
    Healthy,
    Retrying,
    Expired,
    Recovering,
    NotExchanged,
    Lost,
    Cancelled,
    Blocked,
    Paused,
}

struct Sample {
    appid: &'static str,
    kind: AccountKind,
    name: &'static str,
    principal: &'static str,
    /// Index of the tenant.
    tenant: usize,
    fate: Fate,
}

const fn sample(
    appid: &'static str,
    kind: AccountKind,
    (name, principal): (&'static str, &'static str),
    tenant: usize,
    fate: Fate,
) -> Sample {
    Sample { appid, kind, name, principal, tenant, fate }
}

const OFFICIAL: AccountKind = AccountKind::OfficialAccount;
const MINI: AccountKind = AccountKind::MiniProgram;
const SHANYE: &str = "杭州山野餐饮管理有限公司";
const QINGHE: &str = "青禾文化传播（北京）有限公司";

const SAMPLES: [Sample; 13] = [
    sample(HEALTHY, OFFICIAL, ("山野小馆", SHANYE), 0, Fate::Healthy),
    sample("wx3f01a8c94be27d11", MINI, ("山野点单", SHANYE), 0, Fate::Healthy),
    sample("wx3f01a8c94be27d12", OFFICIAL, ("山野火锅·西湖店", SHANYE), 0, Fate::Lost),
    sample("wx3f01a8c94be27d13", OFFICIAL, ("山野烘焙", SHANYE), 0, Fate::Retrying),
    sample("wx3f01a8c94be27d14", MINI, ("山野会员", SHANYE), 0, Fate::Expired),
    sample("wx3f01a8c94be27d15", MINI, ("山野外卖", SHANYE), 0, Fate::Recovering),
    sample("wx3f01a8c94be27d16", OFFICIAL, ("山野招聘", SHANYE), 0, Fate::NotExchanged),
    sample("wx3f01a8c94be27d17", OFFICIAL, ("山野旧站", SHANYE), 0, Fate::Cancelled),
    sample("wx3f01a8c94be27d18", MINI, ("山野停车", SHANYE), 0, Fate::Paused),
    sample("wx3f01a8c94be27d19", MINI, ("山野商城", SHANYE), 0, Fate::Blocked),
    sample("wx80d2b6e15fa93c40", OFFICIAL, ("青禾读书", QINGHE), 1, Fate::Healthy),
    sample("wx80d2b6e15fa93c41", MINI, ("青禾课堂", QINGHE), 1, Fate::Healthy),
    sample("wx80d2b6e15fa93c42", OFFICIAL, ("青禾票务", QINGHE), 1, Fate::Cancelled),
];

/// Granted without any attempt of ours: waits for the platform's administrator.
const STRANGER: (&str, &str) = ("wx5e77c0d9ab134f20", "城南骑行俱乐部");

/// How many accounts each tenant is to have.
pub(super) fn of_each_tenant(tenants: usize) -> Vec<u64> {
    (0..tenants).map(|tenant| SAMPLES.iter().filter(|one| one.tenant == tenant).map(|_| 1).sum()).collect()
}

pub(super) async fn run(cx: &Context, control: &Control, tenants: &[TenantId]) -> Result<(), Failure> {
    let engine = Engine::new(cx.clone());
    control.switch(|switches| switches.push_attempts = 1);
    // First those whose tokens are short: the sandbox has one life for all.
    let short_first = SAMPLES.iter().filter(|one| one.fate == Fate::Expired);
    for one in short_first.chain(SAMPLES.iter().filter(|one| one.fate != Fate::Expired)) {
        let Some(tenant) = tenants.get(one.tenant) else { continue };
        create(control, one.appid, one.kind, (one.name, one.principal));
        authorize(cx, control, tenant, one).await?;
    }
    create(control, STRANGER.0, OFFICIAL, (STRANGER.1, STRANGER.1));
    let mut stranger = GrantRequest::new(STRANGER.0);
    stranger.component = Some(NEWCOMER_APPID.to_owned());
    control.grant(&stranger).map_err(Failure::other)?;
    let everyone = SAMPLES.iter().filter_map(|one| Some((one, tenants.get(one.tenant)?)));
    let arrived = |one: &Sample, health| one.fate == Fate::Expired || health == Health::Healthy;
    settle(cx, &engine, everyone.clone(), arrived).await?;
    for (one, tenant) in everyone.clone() {
        meet_fate(cx, control, tenant, one).await?;
    }
    settle(cx, &engine, everyone, |one, health| health == shown(one.fate)).await?;
    if let Some(tenant) = tenants.first() {
        // One attempt that nobody has finished.
        start_authorization::run(
            cx,
            cx.clock.now(),
            &Actor::cli(),
            request(tenant, NEWCOMER_APPID, OFFICIAL)?,
        )
        .await?;
    }
    control.switch(|switches| switches.push_attempts = 3);
    Ok(())
}

fn create(control: &Control, appid: &str, kind: AccountKind, (name, principal): (&str, &str)) {
    control.account(AccountPatch {
        appid: Some(appid.to_owned()),
        kind: Some(kind),
        nick_name: Some(name.to_owned()),
        principal: Some(principal.to_owned()),
        ..AccountPatch::default()
    });
}

/// A press of the button, then the merchant's consent; the push brings the grant home.
async fn authorize(cx: &Context, control: &Control, tenant: &TenantId, one: &Sample) -> Result<(), Failure> {
    let component = if one.fate == Fate::Blocked { BLOCKED_APPID } else { NEWCOMER_APPID };
    let started =
        start_authorization::run(cx, cx.clock.now(), &Actor::cli(), request(tenant, component, one.kind)?)
            .await?;
    let mut tx = cx.store.read().await?;
    let opened = authorization::find(&mut tx, &cx.vault, &started.id).await?;
    drop(tx);
    let short = one.fate == Fate::Expired;
    if short {
        control.switch(|switches| switches.access_token_seconds = 3);
        control.fault(Fault::on(REFRESH, FaultKind::Errcode { errcode: -1 }).for_account(one.appid));
    }
    let mut grant = GrantRequest::new(one.appid);
    grant.component = Some(component.to_owned());
    grant.pre_auth_code = opened.map(|opened| opened.pre_auth_code.expose().to_owned());
    control.grant(&grant).map_err(Failure::other)?;
    if short {
        let key = key(one, component)?;
        let engine = Engine::new(cx.clone());
        let deadline = Deadline::new();
        while health(cx, &key).await?.is_none() && deadline.waits().await {
            engine.tick(cx.clock.now()).await;
        }
        control.switch(|switches| switches.access_token_seconds = 7200);
    }
    Ok(())
}

fn request(
    tenant: &TenantId,
    component: &str,
    kind: AccountKind,
) -> Result<start_authorization::Request, Failure> {
    Ok(start_authorization::Request {
        tenant: tenant.clone(),
        user: None,
        session_hash: None,
        component: Some(ComponentAppid::parse(component).map_err(Failure::other)?),
        auth_type: if kind == OFFICIAL { AuthType::OfficialAccount } else { AuthType::MiniProgram },
        expected_appid: None,
        link: None,
        asked_at: None,
    })
}

async fn meet_fate(cx: &Context, control: &Control, tenant: &TenantId, one: &Sample) -> Result<(), Failure> {
    let refuse =
        || control.fault(Fault::on(REFRESH, FaultKind::Errcode { errcode: -1 }).for_account(one.appid));
    let done = match one.fate {
        Fate::Healthy => return Ok(()),
        Fate::Paused => return act(cx, tenant, one, Action::Pause).await,
        Fate::Cancelled => {
            return control.cancel(Some(NEWCOMER_APPID), one.appid, true).map_err(Failure::other);
        }
        Fate::Expired => return Ok(()),
        Fate::Retrying => {
            refuse();
            Ok(())
        }
        Fate::Recovering => {
            control.fault(Fault::on(INFO, FaultKind::Errcode { errcode: -1 }).for_account(one.appid));
            control.lose_refresh_token(Some(NEWCOMER_APPID), one.appid)
        }
        Fate::NotExchanged => control.never_exchanged(Some(NEWCOMER_APPID), one.appid),
        Fate::Lost => control.refuse_refresh_token(Some(NEWCOMER_APPID), one.appid, true),
        // An address of the documentation range: nobody's.
        Fate::Blocked => control.restrict_ip(Some(BLOCKED_APPID), vec!["203.0.113.7".to_owned()]),
    };
    done.map_err(Failure::other)?;
    act(cx, tenant, one, Action::RefreshNow).await
}

async fn act(cx: &Context, tenant: &TenantId, one: &Sample, action: Action) -> Result<(), Failure> {
    let appid = AuthorizerAppid::parse(one.appid).map_err(Failure::other)?;
    Ok(manage_authorizer::run(cx, cx.clock.now(), &Actor::cli(), tenant, &appid, action).await?)
}

const fn shown(fate: Fate) -> Health {
    match fate {
        Fate::Healthy => Health::Healthy,
        Fate::Retrying => Health::Retrying,
        Fate::Expired => Health::ExpiredRetrying,
        Fate::Recovering => Health::Recovering,
        Fate::NotExchanged => Health::NotExchanged,
        Fate::Lost => Health::NeedsReauthorization,
        Fate::Cancelled => Health::Unauthorized,
        Fate::Blocked => Health::BlockedUpstream,
        Fate::Paused => Health::Paused,
    }
}

/// Ticks until every account is as it should be, or for a quarter of a minute: a demo that is not quite complete is
/// better than none.
async fn settle<'a>(
    cx: &Context,
    engine: &Engine,
    everyone: impl Iterator<Item = (&'a Sample, &'a TenantId)> + Clone,
    right: impl Fn(&Sample, Health) -> bool,
) -> Result<(), Failure> {
    let deadline = Deadline::new();
    loop {
        engine.tick(cx.clock.now()).await;
        let mut settled = true;
        for (one, tenant) in everyone.clone() {
            let appid = AuthorizerAppid::parse(one.appid).map_err(Failure::other)?;
            let account = authorizer::find(&mut cx.store.read().await?, tenant, &appid).await?;
            settled &= account.is_some_and(|account| right(one, account.health));
        }
        if settled || !deadline.waits().await {
            return Ok(());
        }
    }
}

async fn health(cx: &Context, key: &AuthorizerKey) -> Result<Option<Health>, Failure> {
    let held = authorizer_token::find(&mut cx.store.read().await?, &cx.vault, key).await?;
    Ok(held.map(|held| held.health))
}

fn key(one: &Sample, component: &str) -> Result<AuthorizerKey, Failure> {
    Ok(AuthorizerKey {
        component: ComponentAppid::parse(component).map_err(Failure::other)?,
        authorizer: AuthorizerAppid::parse(one.appid).map_err(Failure::other)?,
    })
}

/// A quarter of a minute, in steps of a tenth of a second.
struct Deadline(Stopwatch);

impl Deadline {
    fn new() -> Self {
        Self(Clock::stopwatch())
    }

    /// Waits a step; `false` when the time is over.
    async fn waits(&self) -> bool {
        Clock::pause(Duration::from_millis(100)).await;
        self.0.elapsed() < Duration::from_secs(15)
    }
}
