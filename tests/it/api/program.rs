//! A business server: a key, an address, and nothing of ours.

use std::future::Future;
use std::time::Duration;

use hufu::clock::Clock;
use hufu::domain::api_key::{Allowed, Scope, Sources};
use hufu::domain::audit::Actor;
use hufu::domain::ids::{ApiKeyId, TenantId};
use hufu::secret::Secret as _;
use hufu::service::Context;
use hufu::service::create_api_key::{self, NewKey};
use serde_json::{Value, json};

use crate::engine::world::World;
use crate::harness::Portal;

#[derive(Clone)]
pub(super) struct Program {
    http: reqwest::Client,
    base: String,
    pub(super) key: String,
    pub(super) id: Option<ApiKeyId>,
}

#[derive(Debug)]
pub(super) struct Answer {
    pub(super) status: u16,
    pub(super) headers: reqwest::header::HeaderMap,
    pub(super) json: Value,
}

impl Answer {
    pub(super) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    /// The text in this field; panics where there is none.
    pub(super) fn text(&self, field: &str) -> &str {
        self.json[field].as_str().unwrap_or_else(|| panic!("no {field} in {self:?}"))
    }

    /// What kind of problem it is: `no-token`; the type of the content is checked on the way.
    pub(super) fn problem(&self) -> &str {
        assert_eq!(self.header("content-type"), "application/problem+json", "{self:?}");
        assert_eq!(self.json["status"], self.status, "{self:?}");
        assert_eq!(self.header("cache-control"), "no-store", "{self:?}");
        self.text("type").strip_prefix("urn:hufu:problem:").unwrap()
    }
}

/// A key that may do everything.
pub(super) fn wide() -> NewKey {
    NewKey {
        name: "订单服务".to_owned(),
        scopes: Scope::ALL.to_vec(),
        authorizers: Allowed::All,
        sources: Sources::Anywhere,
        lives_for: None,
    }
}

impl Program {
    pub(super) async fn of(world: &World, tenant: &TenantId) -> Self {
        Self::with(&world.portal, tenant, wide()).await
    }

    pub(super) async fn with(portal: &Portal, tenant: &TenantId, new: NewKey) -> Self {
        let made = make(portal.cx(), tenant, new).await;
        Self { id: Some(made.key.id), ..Self::at(portal.running.url.as_str(), made.secret.expose()) }
    }

    /// With any text for a key.
    pub(super) fn at(url: &str, key: &str) -> Self {
        let _ = rustls::crypto::ring::default_provider().install_default();
        let http = reqwest::Client::new();
        Self { http, base: url.trim_end_matches('/').to_owned(), key: key.to_owned(), id: None }
    }

    /// The same program at another portal's address.
    pub(super) fn moved_to(&self, portal: &Portal) -> Self {
        Self { id: self.id.clone(), ..Self::at(portal.running.url.as_str(), &self.key) }
    }

    /// `query` begins with `?` unless it is empty.
    pub(super) async fn token(&self, account: &str, query: &str) -> Answer {
        self.get(&format!("/api/v1/authorizers/{account}/access-token{query}")).await
    }

    pub(super) async fn report(&self, account: &str, fingerprint: &str, errcode: i64) -> Answer {
        let body = json!({ "fingerprint": fingerprint, "errcode": errcode });
        self.post(&format!("/api/v1/authorizers/{account}/access-token/report"), &body.to_string()).await
    }

    pub(super) async fn get(&self, path: &str) -> Answer {
        answer(self.http.get(format!("{}{path}", self.base)).bearer_auth(&self.key)).await
    }

    pub(super) async fn post(&self, path: &str, body: &str) -> Answer {
        let request = self.http.post(format!("{}{path}", self.base)).bearer_auth(&self.key);
        answer(request.body(body.to_owned())).await
    }
}

pub(super) async fn make(cx: &Context, tenant: &TenantId, new: NewKey) -> create_api_key::Made {
    create_api_key::run(cx, cx.clock.now(), &Actor::cli(), tenant, new).await.unwrap()
}

pub(super) async fn answer(request: reqwest::RequestBuilder) -> Answer {
    let response = request.send().await.unwrap();
    let (status, headers) = (response.status().as_u16(), response.headers().clone());
    let body = response.text().await.unwrap();
    let json = serde_json::from_str(&body).unwrap_or(Value::Null);
    Answer { status, headers, json }
}

/// Asks as a business server does: again, while a new token is still on its way or the database is slow. An answer waits
/// 4.5 s at most, whatever happens, so that no client gives up first; on a machine that is busy with other tests a
/// refresh may take longer. Only the two answers that docs/api.md tells programs to repeat are repeated, and not for ever.
pub(super) async fn insist(ask: impl AsyncFn() -> Answer) -> Answer {
    let watch = Clock::stopwatch();
    loop {
        let answer = ask().await;
        let on_its_way = answer.status == 424 && answer.text("whose_move") == "hufu";
        let is_slow = answer.status == 503 && !answer.header("retry-after").is_empty();
        if !(on_its_way || is_slow) || watch.elapsed() > INSISTING {
            return answer;
        }
        Clock::pause(Duration::from_millis(100)).await;
    }
}

/// Six answers of the longest kind.
const INSISTING: Duration = Duration::from_secs(27);

/// The engine ticks as its alarm clock would, while something waits for it.
pub(crate) async fn while_ticking<T>(world: &World, waiting: impl Future<Output = T>) -> T {
    let ticking = async {
        loop {
            world.tick().await;
            Clock::pause(Duration::from_millis(20)).await;
        }
    };
    tokio::select! {
        done = waiting => done,
        () = ticking => unreachable!("the engine never ends"),
    }
}
