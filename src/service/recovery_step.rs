//! The places a newer refresh token may be, and how each is looked at. What to do with what was found is the ladder's
//! business: `recover_authorizer.rs`.

use std::collections::HashSet;

use crate::clock::Stopwatch;
use crate::domain::health::Health;
use crate::domain::ids::AuthorizerKey;
use crate::domain::reason::Reason;
use crate::secret::{AuthorizerRefreshToken, Secret as _};
use crate::store::attempt;
use crate::store::authorizer_token::{self, Held};
use crate::wechat::WechatError;
use crate::wechat::api::{api_authorizer_token, api_get_authorizer_info};

use super::call_component::{self, CallError};
use super::{Context, listing};

/// The places a newer refresh token may be, in order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Step {
    ReRead,
    Journal,
    Previous,
    Info,
    List,
}

impl Step {
    pub(super) const ALL: [Self; 5] = [Self::ReRead, Self::Journal, Self::Previous, Self::Info, Self::List];

    pub(super) const fn as_str(self) -> &'static str {
        match self {
            Self::ReRead => "re_read",
            Self::Journal => "journal",
            Self::Previous => "previous",
            Self::Info => "info",
            Self::List => "list",
        }
    }
}

/// What a step found.
pub(super) enum Found {
    Token(AuthorizerRefreshToken),
    Nothing,
    /// WeChat's list has the last word.
    Verdict(Health, Reason),
}

/// Looks in one place. `began`: since when the climb lasts; `tried`: the fingerprints of the tokens that were refused.
pub(super) async fn look(
    cx: &Context,
    held: &Held,
    (step, began): (Step, Stopwatch),
    tried: &HashSet<String>,
) -> Result<Found, CallError> {
    let found = match step {
        Step::ReRead => {
            let mut tx = cx.store.read().await?;
            let row = authorizer_token::find(&mut tx, &cx.vault, &held.key).await?;
            row.and_then(|row| row.refresh_token)
        }
        Step::Journal => {
            let mut tx = cx.store.read().await?;
            let answers = attempt::unapplied_answers(&mut tx, &cx.vault, &held.key).await?;
            answers.iter().find_map(|raw| api_authorizer_token::parse(raw.expose()).ok()?.refresh_token)
        }
        Step::Previous => held.previous_refresh_token.clone(),
        Step::Info => ask_info(cx, held).await?,
        Step::List => return ask_list(cx, held, began, tried).await,
    };
    Ok(found.map_or(Found::Nothing, Found::Token))
}

async fn ask_info(cx: &Context, held: &Held) -> Result<Option<AuthorizerRefreshToken>, CallError> {
    let info = call_component::ask(cx, &held.key.component, |component_token| {
        let (cx, key) = (cx.clone(), held.key.clone());
        async move {
            let bearer = &component_token.token;
            api_get_authorizer_info::call(&cx.wechat, &key.component, bearer, &key.authorizer).await
        }
    })
    .await?;
    Ok(info.refresh_token)
}

/// A list of the last seconds may hold a token to try; the last word needs one that began after the refusal.
async fn ask_list(
    cx: &Context,
    held: &Held,
    began: Stopwatch,
    tried: &HashSet<String>,
) -> Result<Found, CallError> {
    let key = &held.key;
    if let Some(token) = recent_token(cx, key, tried) {
        return Ok(Found::Token(token));
    }
    // Somebody may be turning its pages at this moment.
    listing::settled(cx, &key.component).await;
    if let Some(token) = recent_token(cx, key, tried) {
        return Ok(Found::Token(token));
    }
    let listing = listing::fetch(cx, &key.component, began).await?;
    Ok(match listing.entries.get(&key.authorizer) {
        None if !listing.is_whole => return Err(WechatError::Incomplete("list").into()),
        None => Found::Verdict(Health::Unauthorized, Reason::AbsentFromList),
        Some(entry) => match &entry.refresh_token {
            None => Found::Verdict(Health::NotExchanged, Reason::CodeNotExchanged),
            Some(token) => Found::Token(token.clone()),
        },
    })
}

/// A token in a list of the last seconds that was not tried yet.
fn recent_token(
    cx: &Context,
    key: &AuthorizerKey,
    tried: &HashSet<String>,
) -> Option<AuthorizerRefreshToken> {
    let entry = listing::recent_entry(cx, &key.component, &key.authorizer)?;
    entry.refresh_token.filter(|token| !tried.contains(&token.fingerprint()))
}
