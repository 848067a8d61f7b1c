//! Takes a push of WeChat's in: verified, decrypted and durable before `success` is answered. What it means is worked
//! out afterwards, by `process_notices`.

use std::sync::{Arc, OnceLock};

use crate::clock::Timestamp;
use crate::domain::component::ComponentConfig;
use crate::domain::ids::{AuthorizerAppid, ComponentAppid};
use crate::secret::{EncodingAesKey, PushToken, SealedBody, Secret, fingerprint};
use crate::store::notice::{self, NewNotice};
use crate::store::{StoreError, push_refusal};
use crate::wechat::crypt::{self, AesKey, CryptError};
use crate::wechat::notice::{Envelope, GrantNotice, Notice, NoticeBody};

use super::Context;
use super::store_tickets::{self, Pushed};

/// The query of a push, as received. `signature` is left out: it does not cover the body and proves nothing.
#[derive(Clone, Debug, Default)]
pub struct PushQuery {
    pub timestamp: Option<String>,
    pub nonce: Option<String>,
    pub msg_signature: Option<String>,
    pub encrypt_type: Option<String>,
}

/// Why a push was not accepted. WeChat gets no detail; the admin page counts these.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum PushRefused {
    UnknownComponent,
    MissingSignature,
    BadEnvelope,
    BadSignature,
    BadEncryption,
    WrongAppid,
    BadMessage,
    /// Not refused for its content: the database did not take it, so WeChat has to send it again.
    NotStored,
}

impl PushRefused {
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::UnknownComponent => "unknown_component",
            Self::MissingSignature => "missing_signature",
            Self::BadEnvelope => "bad_envelope",
            Self::BadSignature => "bad_signature",
            Self::BadEncryption => "bad_encryption",
            Self::WrongAppid => "wrong_appid",
            Self::BadMessage => "bad_message",
            Self::NotStored => "not_stored",
        }
    }
}

/// Looked up once: this is what happens nearly always.
static ACCEPTED: OnceLock<metrics::Counter> = OnceLock::new();

/// # Errors
/// See [`PushRefused`].
pub async fn run(
    cx: &Context,
    now: Timestamp,
    component: &str,
    query: &PushQuery,
    body: &[u8],
) -> Result<(), PushRefused> {
    let (config, opened) = open_with_keys(cx, component, query, body).await.inspect_err(|refused| {
        // Only in the metrics: anyone can make names up, and each would be a row.
        metrics::counter!("hufu_pushes_total", "outcome" => refused.as_str()).increment(1);
    })?;
    let taken = match opened.and_then(|message| read(&config, &message)) {
        Ok((notice, message)) => store(cx, now, &config.appid, &notice, message).await,
        Err(refused) => Err(refused),
    };
    match taken {
        Ok(()) => {
            ACCEPTED
                .get_or_init(|| metrics::counter!("hufu_pushes_total", "outcome" => "accepted"))
                .increment(1);
            cx.wake.ring();
            Ok(())
        }
        Err(refused) => Err(count(cx, now, &config.appid, refused).await),
    }
}

/// Opens a push with the keys of the component that its path names: those read lately, or, when they do not fit, those
/// that are stored now.
///
/// # Errors
/// `UnknownComponent`, `NotStored`.
pub(super) async fn open_with_keys(
    cx: &Context,
    appid: &str,
    query: &PushQuery,
    body: &[u8],
) -> Result<(Arc<ComponentConfig>, Result<Vec<u8>, PushRefused>), PushRefused> {
    let appid = ComponentAppid::parse(appid).map_err(|_| PushRefused::UnknownComponent)?;
    if let Some(config) = cx.push_keys.recent(&appid)
        && let Ok(message) = open(&config, query, body)
    {
        return Ok((config, Ok(message)));
    }
    let found = cx.push_keys.read(cx, &appid).await.map_err(|error| not_stored(&error))?;
    let config = found.ok_or(PushRefused::UnknownComponent)?;
    let opened = open(&config, query, body);
    Ok((config, opened))
}

/// Checks the signature and decrypts: the text inside the envelope.
fn open(config: &ComponentConfig, query: &PushQuery, body: &[u8]) -> Result<Vec<u8>, PushRefused> {
    let (Some(timestamp), Some(nonce), Some(signature)) =
        (&query.timestamp, &query.nonce, &query.msg_signature)
    else {
        return Err(PushRefused::MissingSignature);
    };
    let envelope = Envelope::parse(body).map_err(|_| PushRefused::BadEnvelope)?;
    let tokens: [Option<&PushToken>; 2] = [Some(&config.token), config.previous_token.as_ref()];
    // Some break the base64 into lines after they have signed it.
    let compact: String = envelope.encrypt.split_ascii_whitespace().collect();
    let unbroken = |token: &PushToken| {
        (compact != envelope.encrypt)
            .then(|| crypt::msg_signature(token.expose(), timestamp, nonce, &compact))
    };
    let signed = tokens.into_iter().flatten().any(|token| {
        let computed = crypt::msg_signature(token.expose(), timestamp, nonce, &envelope.encrypt);
        crypt::signature_matches(&computed, signature)
            || unbroken(token).is_some_and(|one| crypt::signature_matches(&one, signature))
    });
    if !signed {
        return Err(PushRefused::BadSignature);
    }
    let keys: [Option<&EncodingAesKey>; 2] = [Some(&config.aes_key), config.previous_aes_key.as_ref()];
    let keys: Vec<AesKey> =
        keys.into_iter().flatten().filter_map(|key| AesKey::parse(key.expose()).ok()).collect();
    match crypt::decrypt_any(&keys, &envelope.encrypt, config.appid.as_str()) {
        Ok((opened, _)) => Ok(opened.message),
        Err(CryptError::WrongAppid) => Err(PushRefused::WrongAppid),
        Err(_) => Err(PushRefused::BadEncryption),
    }
}

/// Counts a refusal where the admin page and the metrics find it, and hands it on.
pub(super) async fn count(
    cx: &Context,
    now: Timestamp,
    component: &ComponentAppid,
    refused: PushRefused,
) -> PushRefused {
    metrics::counter!("hufu_pushes_total", "outcome" => refused.as_str()).increment(1);
    tracing::warn!(%component, reason = refused.as_str(), "push refused");
    let counted = async {
        let mut tx = cx.store.write().await?;
        push_refusal::count(&mut tx, component.as_str(), refused.as_str(), now).await?;
        tx.commit().await
    };
    if let Err(error) = counted.await {
        tracing::error!(%error, "a refused push could not be counted");
    }
    refused
}

pub(super) fn not_stored(error: &StoreError) -> PushRefused {
    tracing::error!(error = error as &dyn std::error::Error, "a push could not be stored");
    PushRefused::NotStored
}

fn read(config: &ComponentConfig, message: &[u8]) -> Result<(Notice, SealedBody), PushRefused> {
    let notice = Notice::parse(message).map_err(|_| PushRefused::BadMessage)?;
    // Two components must never share one URL: the sender names itself inside the encrypted text.
    if notice.app_id != config.appid {
        return Err(PushRefused::WrongAppid);
    }
    let text = String::from_utf8(message.to_vec()).map_err(|_| PushRefused::BadMessage)?;
    Ok((notice, SealedBody::new(text)))
}

async fn store(
    cx: &Context,
    now: Timestamp,
    component: &ComponentAppid,
    notice: &Notice,
    message: SealedBody,
) -> Result<(), PushRefused> {
    // Without a CreateTime the push is as new as its arrival.
    let created = if notice.create_time > 0 { Timestamp::from_unix(notice.create_time) } else { now };
    if let NoticeBody::ComponentVerifyTicket { ticket } = &notice.body {
        let pushed = Pushed { component: component.clone(), ticket: ticket.clone(), created };
        return store_tickets::run(cx, now, pushed).await.map_err(|error| not_stored(&error));
    }
    let new = NewNotice {
        component,
        dedupe_key: dedupe_key(notice, &message),
        info_type: &notice.info_type,
        authorizer: authorizer(&notice.body),
        create_time: created,
        body: Some(message),
    };
    let stored = async {
        let mut tx = cx.store.write().await?;
        if !notice::insert(&mut tx, (&cx.vault, &cx.random), now, new).await? {
            tracing::info!(%component, info_type = notice.info_type, "a push came again");
        }
        tx.commit().await
    };
    stored.await.map_err(|error| not_stored(&error))
}

fn authorizer(body: &NoticeBody) -> Option<&AuthorizerAppid> {
    match body {
        NoticeBody::ComponentVerifyTicket { .. } => None,
        NoticeBody::Authorized(grant)
        | NoticeBody::UpdateAuthorized(grant)
        | NoticeBody::FastRegistered(grant) => Some(&grant.authorizer),
        NoticeBody::Unauthorized { authorizer } => Some(authorizer),
        NoticeBody::Other { authorizer } => authorizer.as_ref(),
    }
}

/// The same event sent again has the same key. Known events are told apart by type, account, time and code; others by
/// their whole text.
fn dedupe_key(notice: &Notice, message: &SealedBody) -> String {
    let code = |grant: &GrantNotice| grant.code.as_ref().map_or(String::new(), Secret::fingerprint);
    match &notice.body {
        NoticeBody::Authorized(grant)
        | NoticeBody::UpdateAuthorized(grant)
        | NoticeBody::FastRegistered(grant) => {
            format!("{}/{}/{}/{}", notice.info_type, grant.authorizer, notice.create_time, code(grant))
        }
        NoticeBody::Unauthorized { authorizer } => {
            format!("{}/{authorizer}/{}", notice.info_type, notice.create_time)
        }
        NoticeBody::ComponentVerifyTicket { .. } | NoticeBody::Other { .. } => {
            format!("{}/{}", notice.info_type, fingerprint(message.expose()))
        }
    }
}
