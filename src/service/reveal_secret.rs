//! Shows one stored secret of a third-party platform to an administrator who says why: the exception to “written only”.
//! It is told in the audit before it is shown. Nothing else that is sealed is ever shown to a person: an account's access
//! token is read with an API key, and its refresh token is of no use to anybody who is in the right.

use crate::clock::Timestamp;
use crate::domain::audit::{Action, Actor, Detail, Entry, Said, Subject};
use crate::domain::component::SecretName;
use crate::domain::ids::ComponentAppid;
use crate::domain::stated_reason::StatedReason;
use crate::secret::{ComponentAppsecret, EncodingAesKey, PushToken, Secret};
use crate::store::{audit, component};

use super::{Context, ServiceError};

/// The secret, on its way to the page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Revealed {
    Appsecret(ComponentAppsecret),
    Token(PushToken),
    AesKey(EncodingAesKey),
}

impl Revealed {
    pub fn expose(&self) -> &str {
        match self {
            Self::Appsecret(secret) => secret.expose(),
            Self::Token(secret) => secret.expose(),
            Self::AesKey(secret) => secret.expose(),
        }
    }
}

/// # Errors
/// `NotFound`, `Store`; nothing is shown then.
pub async fn run(
    cx: &Context,
    now: Timestamp,
    by: &Actor,
    of: &ComponentAppid,
    (name, reason): (SecretName, &StatedReason),
) -> Result<Revealed, ServiceError> {
    let mut tx = cx.store.write().await?;
    let config = component::config(&mut tx, &cx.vault, of).await?.ok_or(ServiceError::NotFound)?;
    let detail = Detail::none().fact("secret", name.as_str()).fact("reason", Said(reason.as_str()));
    let subject = Subject::component(of).named(&config.name);
    let entry = Entry::platform(Action::SecretRevealed, subject).with(detail);
    audit::append(&mut tx, now, by, &entry).await?;
    tx.commit().await?;
    tracing::warn!(by = %by.who, component = %of, secret = name.as_str(), "a stored secret was shown");
    Ok(match name {
        SecretName::Appsecret => Revealed::Appsecret(config.appsecret),
        SecretName::Token => Revealed::Token(config.token),
        SecretName::AesKey => Revealed::AesKey(config.aes_key),
    })
}
