//! Keeps actix-session's sessions as rows. The cookie carries the key, the row only its hash; use is noted at most
//! every five minutes, so that reading a page is not writing to the database.

use std::collections::HashMap;
use std::time::Duration;

use actix_session::storage::{LoadError, SaveError, SessionKey, SessionStore, UpdateError};
use actix_web::cookie::time::Duration as CookieDuration;

use crate::clock::Clock;
use crate::domain::ids::UserId;
use crate::domain::user::SessionEpoch;
use crate::random::Random;
use crate::secret::fingerprint;
use crate::store::session::Owner;
use crate::store::{Store, StoreError, session};

use super::session::{ADDRESS, AGENT, EPOCH, PENDING, SID, USER};

const TOUCH_EVERY: Duration = Duration::from_secs(5 * 60);

type State = HashMap<String, String>;

/// Sessions are the one thing the web floor writes itself.
#[derive(Clone, Debug)]
pub struct SessionRows {
    store: Store,
    clock: Clock,
    random: Random,
}

impl SessionRows {
    pub const fn new(store: Store, clock: Clock, random: Random) -> Self {
        Self { store, clock, random }
    }

    async fn find(&self, key: &SessionKey) -> Result<Option<session::Session>, StoreError> {
        let (hash, now) = (fingerprint(key.as_ref()), self.clock.now());
        let found = session::find(&mut self.store.read().await?, &hash, now).await?;
        if let Some(row) = &found
            && now.since(row.last_seen_at) > TOUCH_EVERY
        {
            let mut tx = self.store.write().await?;
            session::touch(&mut tx, &hash, now).await?;
            tx.commit().await?;
        }
        Ok(found)
    }

    async fn insert(&self, state: &State, text: &str) -> Result<SessionKey, anyhow::Error> {
        let key = self.random.url_safe(43);
        let mut tx = self.store.write().await?;
        session::insert(&mut tx, &fingerprint(&key), &owner_of(state), text, self.clock.now()).await?;
        session::put_marks(&mut tx, &fingerprint(&key), &marks_of(state)).await?;
        tx.commit().await?;
        Ok(SessionKey::try_from(key)?)
    }

    async fn replace(&self, key: &SessionKey, text: &str) -> Result<bool, StoreError> {
        let hash = fingerprint(key.as_ref());
        let mut tx = self.store.write().await?;
        let there = session::update(&mut tx, &hash, text, self.clock.now()).await?;
        tx.commit().await?;
        Ok(there)
    }
}

impl SessionStore for SessionRows {
    async fn load(&self, key: &SessionKey) -> Result<Option<State>, LoadError> {
        let found = self.find(key).await.map_err(|error| LoadError::Other(error.into()))?;
        let Some(row) = found else { return Ok(None) };
        let mut state: State =
            serde_json::from_str(&row.state).map_err(|error| LoadError::Deserialization(error.into()))?;
        // The row's own, which is raised when the session outlives the others; a renewed key takes it along.
        state.insert(EPOCH.to_owned(), as_json(row.epoch));
        Ok(Some(state))
    }

    async fn save(&self, state: State, _: &CookieDuration) -> Result<SessionKey, SaveError> {
        let text = serde_json::to_string(&state).map_err(|error| SaveError::Serialization(error.into()))?;
        self.insert(&state, &text).await.map_err(SaveError::Other)
    }

    /// A session that ended meanwhile stays ended: the state of a signed-out browser is not brought back.
    async fn update(
        &self,
        key: SessionKey,
        state: State,
        _: &CookieDuration,
    ) -> Result<SessionKey, UpdateError> {
        let text = serde_json::to_string(&state).map_err(|error| UpdateError::Serialization(error.into()))?;
        self.replace(&key, &text).await.map_err(|error| UpdateError::Other(error.into()))?;
        Ok(key)
    }

    /// Use is noted by `load`.
    async fn update_ttl(&self, _: &SessionKey, _: &CookieDuration) -> Result<(), anyhow::Error> {
        Ok(())
    }

    async fn delete(&self, key: &SessionKey) -> Result<(), anyhow::Error> {
        let mut tx = self.store.write().await?;
        session::forget(&mut tx, &fingerprint(key.as_ref())).await?;
        tx.commit().await?;
        Ok(())
    }
}

/// Whose session it is.
fn owner_of(state: &State) -> Owner {
    let user = |key| text_of(state, key).and_then(|text| UserId::parse(&text).ok());
    let epoch = text_of(state, EPOCH).and_then(|text| text.parse().ok());
    let epoch = epoch.map_or(SessionEpoch::FIRST, SessionEpoch::of_number);
    match (user(USER), user(PENDING)) {
        (Some(user), _) => Owner::SignedIn(user, epoch),
        (None, Some(awaited)) => Owner::Awaited(awaited, epoch),
        (None, None) => Owner::Nobody,
    }
}

/// What its owner recognises it by.
fn marks_of(state: &State) -> session::Marks {
    session::Marks {
        name_hash: text_of(state, SID).map(|name| fingerprint(&name)),
        agent: text_of(state, AGENT).filter(|text| !text.is_empty()),
        address: text_of(state, ADDRESS).filter(|text| !text.is_empty()),
    }
}

fn as_json(epoch: SessionEpoch) -> String {
    format!("\"{}\"", epoch.number())
}

/// Values are JSON texts.
fn text_of(state: &State, key: &str) -> Option<String> {
    serde_json::from_str(state.get(key)?).ok()
}
