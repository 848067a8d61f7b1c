//! Adds a third-party platform or changes what an operator entered of one. A changed Token or key stays valid as the
//! previous one, because WeChat goes on using the old value for a while.

use crate::clock::Timestamp;
use crate::domain::audit::{Action, Actor, Detail, Entry, Said, Subject};
use crate::domain::component::ComponentConfig;
use crate::domain::ids::ComponentAppid;
use crate::domain::user::parse_label;
use crate::secret::{ComponentAppsecret, EncodingAesKey, PushToken, Secret};
use crate::store::{audit, component};
use crate::wechat::crypt::AesKey;

use super::{Context, ServiceError};

/// Whether the component must be there already.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    Add,
    Update,
    /// Whichever it is; for scripts that run twice.
    AddOrUpdate,
}

/// What the operator entered. `None` and blank texts leave a stored value as it is.
#[derive(Clone, Debug)]
pub struct Input {
    pub appid: ComponentAppid,
    pub name: Option<String>,
    pub appsecret: Option<ComponentAppsecret>,
    pub token: Option<PushToken>,
    pub aes_key: Option<EncodingAesKey>,
    /// What WeChat still uses besides; without it a changed value's predecessor takes this place.
    pub previous_token: Option<PushToken>,
    pub previous_aes_key: Option<EncodingAesKey>,
}

/// Why the input was not accepted. Nothing was changed then.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PutRefused {
    #[error("there is a component with this appid already")]
    Exists,
    #[error("a name has 1 to 80 characters, on one line")]
    BadName,
    #[error("a new component needs its AppSecret")]
    NoAppsecret,
    #[error("a new component needs its message Token")]
    NoToken,
    #[error("the message Token has 3 to 32 letters and digits")]
    BadToken,
    #[error("a new component needs its EncodingAESKey")]
    NoAesKey,
    #[error("the EncodingAESKey has exactly 43 letters and digits")]
    BadAesKey,
}

/// # Errors
/// `NotFound` when the component to update does not exist, `Store`.
pub async fn run(
    cx: &Context,
    now: Timestamp,
    by: &Actor,
    mode: Mode,
    input: Input,
) -> Result<Result<(), PutRefused>, ServiceError> {
    let mut tx = cx.store.write().await?;
    let stored = component::config(&mut tx, &cx.vault, &input.appid).await?;
    match (mode, &stored) {
        (Mode::Add, Some(_)) => return Ok(Err(PutRefused::Exists)),
        (Mode::Update, None) => return Err(ServiceError::NotFound),
        _ => {}
    }
    let before = stored.clone();
    let config = match merge(stored, input) {
        Ok(config) => config,
        Err(refused) => return Ok(Err(refused)),
    };
    component::put(&mut tx, &cx.vault, now, &config).await?;
    let action = if before.is_some() { Action::ComponentChanged } else { Action::ComponentAdded };
    let entry = Entry::platform(action, Subject::component(&config.appid).named(&config.name));
    audit::append(&mut tx, now, by, &entry.with(changes(before.as_ref(), &config))).await?;
    tx.commit().await?;
    cx.push_keys.forget(&config.appid);
    cx.wake.ring();
    Ok(Ok(()))
}

/// Which of the secrets have another value now, and what the name was.
fn changes(before: Option<&ComponentConfig>, after: &ComponentConfig) -> Detail {
    let name = before.map(|before| Said(&before.name));
    let same =
        |one: fn(&ComponentConfig, &ComponentConfig) -> bool| before.is_some_and(|before| one(before, after));
    let secrets = [
        ("appsecret", same(|before, after| before.appsecret == after.appsecret)),
        ("token", same(|before, after| before.token == after.token)),
        ("aes_key", same(|before, after| before.aes_key == after.aes_key)),
    ];
    let changed = secrets.into_iter().filter(|(_, same)| !same);
    changed.fold(Detail::none().change("name", name, Said(&after.name)), |detail, (name, _)| {
        detail.replaced(name)
    })
}

fn merge(stored: Option<ComponentConfig>, input: Input) -> Result<ComponentConfig, PutRefused> {
    let appsecret = entered(input.appsecret);
    let token = entered(input.token).map(check_token).transpose()?;
    let aes_key = entered(input.aes_key).map(check_key).transpose()?;
    let older_token = entered(input.previous_token).map(check_token).transpose()?;
    let older_key = entered(input.previous_aes_key).map(check_key).transpose()?;
    let name = input.name.filter(|name| !name.trim().is_empty());
    let name = name.map(|name| parse_label(&name)).transpose().map_err(|_| PutRefused::BadName)?;
    let Some(stored) = stored else {
        return Ok(ComponentConfig {
            name: name.unwrap_or_else(|| input.appid.to_string()),
            appid: input.appid,
            appsecret: appsecret.ok_or(PutRefused::NoAppsecret)?,
            token: token.ok_or(PutRefused::NoToken)?,
            previous_token: older_token,
            aes_key: aes_key.ok_or(PutRefused::NoAesKey)?,
            previous_aes_key: older_key,
        });
    };
    let (token, previous_token) = replaced(stored.token, stored.previous_token, token);
    let (aes_key, previous_aes_key) = replaced(stored.aes_key, stored.previous_aes_key, aes_key);
    Ok(ComponentConfig {
        appid: stored.appid,
        name: name.unwrap_or(stored.name),
        appsecret: appsecret.unwrap_or(stored.appsecret),
        token,
        previous_token: older_token.or(previous_token),
        aes_key,
        previous_aes_key: older_key.or(previous_aes_key),
    })
}

/// The value as it counts: blanks around it dropped, nothing when nothing is left.
fn entered<S: Secret>(secret: Option<S>) -> Option<S> {
    secret.and_then(|secret| S::non_empty(secret.expose().trim()))
}

fn check_token(token: PushToken) -> Result<PushToken, PutRefused> {
    let text = token.expose();
    let fits = (3..=32).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_alphanumeric());
    if fits { Ok(token) } else { Err(PutRefused::BadToken) }
}

fn check_key(key: EncodingAesKey) -> Result<EncodingAesKey, PutRefused> {
    AesKey::parse(key.expose()).map(|_| key).map_err(|_| PutRefused::BadAesKey)
}

/// A different new value takes the place; the one it replaces becomes the previous one.
fn replaced<S: PartialEq>(current: S, previous: Option<S>, new: Option<S>) -> (S, Option<S>) {
    match new {
        Some(new) if new != current => (new, Some(current)),
        _ => (current, previous),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEY: &str = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG";

    fn input(token: &str, key: &str) -> Input {
        Input {
            appid: ComponentAppid::parse("wx0123456789abcdef").unwrap(),
            name: Some("平台".to_owned()),
            appsecret: Some(ComponentAppsecret::new("secret")),
            token: Some(PushToken::new(token)),
            aes_key: Some(EncodingAesKey::new(key)),
            previous_token: None,
            previous_aes_key: None,
        }
    }

    #[test]
    fn a_new_component_needs_all_three_secrets() {
        let without = Input { appsecret: Some(ComponentAppsecret::new("  ")), ..input("token", KEY) };
        assert_eq!(merge(None, without).unwrap_err(), PutRefused::NoAppsecret);
        assert_eq!(merge(None, input("", KEY)).unwrap_err(), PutRefused::NoToken);
        assert_eq!(merge(None, input("to ken", KEY)).unwrap_err(), PutRefused::BadToken);
        assert_eq!(merge(None, input("token", "short")).unwrap_err(), PutRefused::BadAesKey);
    }

    #[test]
    fn a_changed_token_keeps_the_old_one_as_previous() {
        let stored = merge(None, input("first", KEY)).unwrap();
        let changed = merge(Some(stored), input(" second ", KEY)).unwrap();
        assert!(changed.token.matches("second"));
        assert!(changed.previous_token.is_some_and(|token| token.matches("first")));
        assert!(changed.previous_aes_key.is_none(), "the key was entered again unchanged");
    }

    #[test]
    fn blank_fields_leave_everything_as_it_is() {
        let stored = merge(None, input("first", KEY)).unwrap();
        let blank = Input { name: None, appsecret: None, token: None, aes_key: None, ..input("x", KEY) };
        let same = merge(Some(stored.clone()), blank).unwrap();
        assert!(same.token == stored.token && same.appsecret == stored.appsecret && same.name == stored.name);
    }
}
