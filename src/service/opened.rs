//! Tokens that were opened a moment ago. Opening one takes longer than anything else about handing it out, so an account
//! that is asked for often is opened once in two seconds. What is kept elsewhere in memory stays sealed, and what was
//! opened is wiped within seconds, asked for or not.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError, RwLock, Weak};
use std::time::Duration;

use crate::clock::{Clock, Stopwatch};
use crate::secret::AuthorizerAccessToken;
use crate::store::StoreError;

use super::report_token::name_of;

/// The engine wipes at each of its ticks, twice a second.
const LIFE: Duration = Duration::from_secs(2);

/// A token in clear, and its name in public. Wiped when the last one who hands it out is done.
#[derive(Debug)]
pub struct OpenToken {
    pub token: AuthorizerAccessToken,
    pub name: String,
}

/// Room for one opened token, beside its sealed row.
#[derive(Debug, Default)]
pub(super) struct Room(RwLock<Option<Arc<OpenToken>>>);

/// The rooms in the order in which they were filled. Clones share them.
#[derive(Clone, Debug, Default)]
pub(super) struct Rooms(Arc<Mutex<Filled>>);

type Filled = VecDeque<(Stopwatch, Weak<Room>)>;

impl Room {
    fn look(&self) -> Option<Arc<OpenToken>> {
        self.0.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn put(&self, token: Option<Arc<OpenToken>>) {
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = token;
    }
}

impl Rooms {
    /// What is in the room, or what `open` finds: then it is kept for a moment.
    pub(super) fn opened(
        &self,
        room: &Arc<Room>,
        open: impl FnOnce() -> Result<Option<AuthorizerAccessToken>, StoreError>,
    ) -> Result<Option<Arc<OpenToken>>, StoreError> {
        if let Some(token) = room.look() {
            return Ok(Some(token));
        }
        let Some(token) = open()? else { return Ok(None) };
        let token = Arc::new(OpenToken { name: name_of(&token), token });
        room.put(Some(Arc::clone(&token)));
        let filled = (Clock::stopwatch(), Arc::downgrade(room));
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push_back(filled);
        Ok(Some(token))
    }

    /// Wipes what was opened some seconds ago.
    pub(super) fn wipe_old(&self) {
        self.wipe_older_than(LIFE);
    }

    fn wipe_older_than(&self, life: Duration) {
        let mut filled = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        while filled.front().is_some_and(|(at, _)| at.elapsed() >= life) {
            if let Some(room) = filled.pop_front().and_then(|(_, room)| room.upgrade()) {
                room.put(None);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::secret::Secret as _;

    fn token() -> Result<Option<AuthorizerAccessToken>, StoreError> {
        Ok(Some(AuthorizerAccessToken::new("token")))
    }

    #[test]
    fn a_token_is_opened_once_and_wiped_when_its_time_is_over() {
        let (rooms, room) = (Rooms::default(), Arc::new(Room::default()));
        let first = rooms.opened(&room, token).unwrap().unwrap();
        let again = rooms.opened(&room, || panic!("it is open")).unwrap().unwrap();
        assert!(Arc::ptr_eq(&first, &again) && first.token.expose() == "token" && first.name.len() == 16);

        rooms.wipe_old();
        assert!(room.look().is_some(), "not yet");
        rooms.wipe_older_than(Duration::ZERO);
        assert!(room.look().is_none() && rooms.0.lock().unwrap().is_empty());
        drop(again);
        assert_eq!(Arc::strong_count(&first), 1, "nobody else holds it");
    }

    #[test]
    fn what_has_no_token_or_does_not_open_is_not_kept() {
        let (rooms, room) = (Rooms::default(), Arc::new(Room::default()));
        assert!(rooms.opened(&room, || Ok(None)).unwrap().is_none());
        assert!(room.look().is_none() && rooms.0.lock().unwrap().is_empty());
    }
}
