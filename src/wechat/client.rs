//! The HTTP client towards WeChat: one address, one deadline, every failure typed. What a call sends and what it
//! reads is in `api/`, one file per endpoint.

use std::time::Duration;

use reqwest::redirect;
use serde_json::Value;
use url::Url;

use crate::clock::Clock;
use crate::domain::errcode;
use crate::secret::SealedBody;
use crate::wechat::address;
use crate::wechat::error::WechatError;
use crate::wechat::reply::{self, Reply};

/// From the first byte sent to the last byte read.
pub const DEADLINE: Duration = Duration::from_secs(8);
const CONNECT: Duration = Duration::from_secs(3);
const IDLE: Duration = Duration::from_secs(30);
/// A full page of api_get_authorizer_list is about 350 KiB.
const LONGEST_ANSWER: usize = 1024 * 1024;

/// Talks to WeChat, or to anything that speaks its protocol at the same paths. Clones share its connections.
#[derive(Clone)]
pub struct Client {
    base: Url,
    http: reqwest::Client,
}

impl std::fmt::Debug for Client {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Client").field("host", &self.base.host_str()).finish_non_exhaustive()
    }
}

/// An answer that was read, and its text for the attempt journal: `parse` of the same endpoint reads it again.
#[derive(Debug)]
pub struct Answer<T> {
    pub value: T,
    pub raw: SealedBody,
}

/// One call: everything but the address it goes to.
pub(super) struct Call<'a> {
    /// WeChat's name for it.
    pub(super) api: &'static str,
    pub(super) path: &'static str,
    /// The query parameter's name, and the token.
    pub(super) token: Option<(&'static str, &'a str)>,
    pub(super) body: Value,
}

impl Client {
    /// # Errors
    /// `Setup` when TLS cannot be set up: no list of trusted authorities on this machine.
    pub fn new(api_url: Url) -> Result<Self, WechatError> {
        Self::with_deadline(api_url, DEADLINE)
    }

    /// Like [`Client::new`] with another deadline; `api_url` may be `http` and may have a path.
    ///
    /// # Errors
    /// As [`Client::new`].
    pub fn with_deadline(api_url: Url, deadline: Duration) -> Result<Self, WechatError> {
        if !matches!(api_url.scheme(), "http" | "https") {
            return Err(WechatError::Setup("the address is neither http nor https"));
        }
        // A second installation is refused: somebody else chose a provider first, which is as good.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let http = reqwest::Client::builder()
            .timeout(deadline)
            .connect_timeout(CONNECT.min(deadline))
            .pool_idle_timeout(IDLE)
            .redirect(redirect::Policy::none())
            .user_agent(concat!("hufu/", env!("CARGO_PKG_VERSION")))
            .build()
            .map_err(|_| WechatError::Setup("no usable TLS configuration on this machine"))?;
        Ok(Self { base: api_url, http })
    }

    /// Asks for nothing in particular, to see whether anyone answers. The header `Date` of the answer, whatever its
    /// status.
    ///
    /// # Errors
    /// When nobody answers in time.
    pub async fn reach(&self) -> Result<Option<String>, WechatError> {
        let answer = self.http.get(self.base.clone()).send().await.map_err(|error| transport(&error))?;
        Ok(answer.headers().get("date").and_then(|date| date.to_str().ok()).map(str::to_owned))
    }

    /// Sends one call and reads its answer. The call is counted and timed, whatever comes of it.
    ///
    /// # Errors
    /// Any [`WechatError`] but `Incomplete`, which the endpoint's own reader finds.
    pub(super) async fn send(&self, call: Call<'_>) -> Result<Reply, WechatError> {
        let watch = Clock::stopwatch();
        let outcome = self.exchange(&call).await;
        let elapsed = watch.elapsed();
        let labels = [("api", call.api.to_owned()), ("errcode", outcome_label(&outcome))];
        metrics::histogram!("hufu_wechat_call_seconds", &labels).record(elapsed.as_secs_f64());
        metrics::counter!("hufu_wechat_calls_total", &labels).increment(1);
        match &outcome {
            Ok(_) => tracing::debug!(api = call.api, ?elapsed, "WeChat answered"),
            Err(error) => tracing::debug!(api = call.api, ?elapsed, %error, "a call to WeChat failed"),
        }
        outcome
    }

    async fn exchange(&self, call: &Call<'_>) -> Result<Reply, WechatError> {
        let mut url = address::under(&self.base, call.path);
        if let Some((name, token)) = call.token {
            url.query_pairs_mut().append_pair(name, token);
        }
        let mut response =
            self.http.post(url).json(&call.body).send().await.map_err(|error| transport(&error))?;
        let status = response.status().as_u16();
        let mut body = Vec::new();
        while let Some(chunk) = response.chunk().await.map_err(|error| transport(&error))? {
            if body.len() + chunk.len() > LONGEST_ANSWER {
                return Err(WechatError::TooLong);
            }
            body.extend_from_slice(&chunk);
        }
        reply::read(call.api, status, &body, &call.secrets())
    }
}

impl Call<'_> {
    /// Every text that was sent and is not an appid, so that no error can repeat one.
    fn secrets(&self) -> Vec<&str> {
        let fields = self.body.as_object().into_iter().flatten();
        fields
            .filter(|(name, _)| !name.ends_with("appid") && !name.starts_with("option_"))
            .filter_map(|(_, value)| value.as_str())
            .chain(self.token.map(|(_, token)| token))
            .collect()
    }
}

/// reqwest's own error is dropped: it holds the address, and the address holds a token.
fn transport(error: &reqwest::Error) -> WechatError {
    if error.is_connect() {
        WechatError::Connect
    } else if error.is_timeout() {
        WechatError::Timeout
    } else {
        WechatError::Broken
    }
}

/// A label with a bounded number of values.
fn outcome_label(outcome: &Result<Reply, WechatError>) -> String {
    match outcome {
        Ok(_) => "0".to_owned(),
        Err(WechatError::Refused(refusal)) => errcode::explain(refusal.errcode)
            .errcode
            .map_or_else(|| "other".to_owned(), |code| code.to_string()),
        Err(WechatError::Timeout) => "timeout".to_owned(),
        Err(WechatError::Connect) => "connect".to_owned(),
        Err(WechatError::Broken) => "broken".to_owned(),
        Err(WechatError::HttpStatus(_)) => "http_status".to_owned(),
        Err(WechatError::Empty) => "empty".to_owned(),
        Err(
            WechatError::NotJson | WechatError::TooLong | WechatError::Incomplete(_) | WechatError::Setup(_),
        ) => "unreadable".to_owned(),
    }
}
