//! A whole portal for a bench: its own database, its own key, the real web server on a free port. The scheduler ticks
//! when the bench says so.

use std::collections::BTreeMap;
use std::net::SocketAddr;

use url::Url;

use crate::app::{self, Running, Ticking};
use crate::clock::{Clock, Timestamp};
use crate::config::Config;
use crate::domain::audit::Actor;
use crate::domain::ids::{ComponentAppid, TenantId};
use crate::domain::tenant::Slug;
use crate::random::Random;
use crate::secret::{
    ComponentAccessToken, ComponentAppsecret, ComponentVerifyTicket, EncodingAesKey, PushToken, Secret,
};
use crate::service::put_component::{self, Input, Mode};
use crate::service::{Context, create_tenant};
use crate::store::component_ticket;
use crate::store::component_token::{self, NewToken};

use super::super::failure::Failure;
use super::super::logging;
use super::scratch::Scratch;

pub(super) const PUSH_TOKEN: &str = "hufubench";
pub(super) const AES_KEY: &str = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG";

/// A portal that answers, and its database.
pub(super) struct House {
    pub(super) scratch: Scratch,
    pub(super) running: Running,
}

impl House {
    /// `server` as `--database-url`; `settings` besides the usual ones, as `("HUFU_REFRESH_PARALLEL", "64")`.
    pub(super) async fn build(server: Option<&str>, settings: &[(&str, String)]) -> Result<Self, Failure> {
        let scratch = Scratch::make(server).await?;
        let started = async {
            let config = configuration(&scratch, settings)?;
            logging::start(&config);
            Ok(app::start(&config, Clock::system(), Random::system(), Ticking::ByHand).await?)
        };
        match started.await {
            Ok(running) => Ok(Self { scratch, running }),
            Err(failure) => {
                scratch.discard().await?;
                Err(failure)
            }
        }
    }

    pub(super) const fn cx(&self) -> &Context {
        &self.running.context
    }

    /// Where the web server listens.
    pub(super) fn address(&self) -> Result<SocketAddr, Failure> {
        let found = self.running.url.socket_addrs(|| None).map_err(Failure::other)?;
        found.first().copied().ok_or_else(|| Failure::sentence("the portal has no address"))
    }

    /// Hands what it made to a bench and takes everything down afterwards, whatever came of it.
    pub(super) async fn inhabit<T>(
        self,
        bench: impl AsyncFnOnce(&Self) -> Result<T, Failure>,
    ) -> Result<T, Failure> {
        let outcome = bench(&self).await;
        self.running.stop().await;
        self.scratch.discard().await?;
        outcome
    }

    pub(super) async fn tenant(&self, slug: &str) -> Result<TenantId, Failure> {
        let (cx, name) = (self.cx(), format!("Bench {slug}"));
        let slug = Slug::parse(slug).map_err(Failure::other)?;
        Ok(create_tenant::run(cx, cx.clock.now(), &Actor::cli(), slug, name).await?.id)
    }

    /// A component with a ticket and a token that last longer than any bench.
    pub(super) async fn component(&self, appid: &str) -> Result<ComponentAppid, Failure> {
        let (cx, now) = (self.cx(), self.cx().clock.now());
        let appid = ComponentAppid::parse(appid).map_err(Failure::other)?;
        let input = Input {
            appid: appid.clone(),
            name: None,
            appsecret: Some(ComponentAppsecret::new("0123456789abcdef0123456789abcdef")),
            token: Some(PushToken::new(PUSH_TOKEN)),
            aes_key: Some(EncodingAesKey::new(AES_KEY)),
            previous_token: None,
            previous_aes_key: None,
        };
        put_component::run(cx, now, &Actor::cli(), Mode::Add, input).await?.map_err(Failure::other)?;
        let mut tx = cx.store.write().await?;
        let ticket = ComponentVerifyTicket::new(format!("ticket@@@{}", cx.random.base62(80)));
        component_ticket::put(&mut tx, &cx.vault, &appid, &ticket, (now, now)).await?;
        for lane in
            component_token::claim_token_lanes(&mut tx, now, "bench", std::time::Duration::ZERO).await?
        {
            component_token::record_token(&mut tx, &cx.vault, &lane, &token(cx)).await?;
        }
        tx.commit().await?;
        // The nightly comparison would ask WeChat for a list.
        let far = Timestamp::FAR_FUTURE.unix();
        let mut raw = self.scratch.connect().await?;
        raw.execute(format!("UPDATE component SET next_reconcile_at = {far}")).await?;
        Ok(appid)
    }

    /// The same house with a WeChat at `url`.
    pub(super) fn with_wechat(&self, url: &str) -> Result<Context, Failure> {
        let url = Url::parse(url).map_err(Failure::other)?;
        Ok(Context { wechat: crate::wechat::Client::new(url).map_err(Failure::other)?, ..self.cx().clone() })
    }
}

fn token(cx: &Context) -> NewToken {
    NewToken {
        token: ComponentAccessToken::new(cx.random.base62(157)),
        obtained_at: cx.clock.now(),
        expires_at: Timestamp::FAR_FUTURE,
        next_refresh_at: Timestamp::FAR_FUTURE,
    }
}

fn configuration(scratch: &Scratch, settings: &[(&str, String)]) -> Result<Config, Failure> {
    let mut values: BTreeMap<String, String> = BTreeMap::from([
        ("HUFU_LISTEN".to_owned(), "127.0.0.1:0".to_owned()),
        ("HUFU_DATABASE_URL".to_owned(), scratch.url.expose().to_owned()),
        ("HUFU_MASTER_KEY_FILE".to_owned(), scratch.folder().join("hufu.key").display().to_string()),
        // Nobody is there: a bench names its own WeChat, or calls none.
        ("HUFU_WECHAT_API_URL".to_owned(), "http://127.0.0.1:9/".to_owned()),
        ("HUFU_LOG".to_owned(), "warn,sqlx=error".to_owned()),
        // The admin of a bench looks at lists.
        ("HUFU_REQUIRE_ADMIN_MFA".to_owned(), "false".to_owned()),
    ]);
    values.extend(settings.iter().map(|(name, value)| ((*name).to_owned(), value.clone())));
    Ok(Config::from_variables(&values)?)
}
